//! The configuration of a request: from the plain values that Python gives to a `FetchConfig`.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use vast_client::fetch::{HttpTag, InlineSource, Source};
use vast_client::http::{HeaderMap, HeaderName, HeaderValue};
use vast_client::{FetchConfig, FetchMode, MediaType, ParseFilter, SourceConfig};

use crate::host::{CapturingSource, HostSource};
use crate::port::Port;

/// The longest time that a setting may have: a day.
const LONGEST: f64 = 86_400.0;
/// The bound of a wait between two attempts.
const MAX_RETRY_DELAY: Duration = Duration::from_secs(30);
/// The least remaining time with which a source is asked, where the whole time is long enough.
const MIN_USEFUL: Duration = Duration::from_millis(100);

/// A source as Python gives it. `text` is the URL, the path or the document, for the kinds `url`, `file` and `inline`.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
struct SourceItem {
    name: String,
    kind: String,
    text: String,
    callable: Option<Py<PyAny>>,
    params: Vec<(String, String)>,
    raw_params: Vec<String>,
    headers: Vec<(String, String)>,
    timeout: Option<f64>,
}

/// A strategy as Python gives it, in seconds.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
struct StrategyItem {
    mode: String,
    fallback_mode: Option<String>,
    timeout: f64,
    per_source_timeout: f64,
    max_retries: u32,
    retry_delay: f64,
    patience: Option<f64>,
    stagger: Option<f64>,
}

/// A filter as Python gives it: seconds and kbit/s.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
struct FilterItem {
    media_types: Vec<String>,
    min_duration: Option<f64>,
    max_duration: Option<f64>,
    min_bitrate: Option<u32>,
    max_bitrate: Option<u32>,
    required_dimensions: Option<(u32, u32)>,
    accept_wrappers: bool,
    max_wrapper_depth: u32,
}

/// What belongs to the client and not to one request.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
struct ClientItem {
    ca_file: Option<PathBuf>,
    allow_private: bool,
}

/// A configuration. It is compiled when it is used.
#[pyclass(frozen)]
pub(crate) struct Plan {
    pub(crate) config: FetchConfig,
    /// Whether the document of an answer without a usable ad is kept.
    pub(crate) captures: bool,
}

#[pymethods]
impl Plan {
    /// `port` is the event loop on which sources of the kind `python` run.
    #[expect(clippy::needless_pass_by_value, reason = "PyO3 gives a converted argument by value")]
    #[new]
    #[pyo3(signature = (sources, fallbacks, strategy, filter, client, *, captures=false, port=None))]
    fn new(
        sources: Vec<SourceItem>,
        fallbacks: Vec<SourceItem>,
        strategy: StrategyItem,
        filter: Option<FilterItem>,
        client: ClientItem,
        captures: bool,
        port: Option<&Port>,
    ) -> PyResult<Self> {
        let ClientItem { ca_file, allow_private } = client;
        let source = |item| source(item, allow_private, captures, port);
        let mut config = FetchConfig::default();
        config.sources = sources.into_iter().map(source).collect::<PyResult<_>>()?;
        config.fallbacks = fallbacks.into_iter().map(source).collect::<PyResult<_>>()?;
        set_strategy(&mut config, &strategy)?;
        if let Some(filter) = filter {
            config.parse_filter = parse_filter(&filter)?;
        }
        config.keep_raw = true;
        config.ca_file = ca_file;
        Ok(Self { config, captures })
    }
}

fn source(item: SourceItem, allow_private: bool, captures: bool, port: Option<&Port>) -> PyResult<SourceConfig> {
    let SourceItem { name, kind, text, callable, params, raw_params, headers, timeout } = item;
    let mut source = match (kind.as_str(), callable, port) {
        ("url", _, _) if captures => {
            let tag = HttpTag::new(&text, &params, &raw_params).with_headers(header_map(&headers)?);
            capturing(tag)
        }
        ("url", _, _) => {
            let mut source = SourceConfig::url(text);
            (source.params, source.raw_params, source.headers) = (params, raw_params, headers);
            source
        }
        ("inline", _, _) if captures => capturing(InlineSource::new(&name, text)),
        ("file", _, _) => SourceConfig::file(text),
        ("inline", _, _) => SourceConfig::inline(text),
        ("python", Some(callable), Some(port)) => {
            let (callable, mailbox) = (Arc::new(callable), port.mailbox());
            let source = HostSource { name: name.clone(), callable, mailbox };
            if captures { capturing(source) } else { SourceConfig::custom(source) }
        }
        _ => return Err(PyValueError::new_err(format!("a source of the kind {kind:?} needs an event loop"))),
    };
    source.name = Some(name);
    source.source_timeout = timeout.map(|seconds| duration("timeout of a source", seconds)).transpose()?;
    source.allow_private = allow_private;
    Ok(source)
}

fn capturing(source: impl Source) -> SourceConfig {
    SourceConfig::custom(CapturingSource(Box::new(source)))
}

fn header_map(headers: &[(String, String)]) -> PyResult<HeaderMap> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let wrong =
            || PyValueError::new_err(format!("the header {name:?} has a name or a value that HTTP does not allow"));
        let header = HeaderName::try_from(name.as_str()).map_err(|_| wrong())?;
        map.append(header, HeaderValue::try_from(value.as_str()).map_err(|_| wrong())?);
    }
    Ok(map)
}

fn set_strategy(config: &mut FetchConfig, item: &StrategyItem) -> PyResult<()> {
    let strategy = &mut config.strategy;
    strategy.mode = mode(&item.mode)?;
    strategy.fallback_mode = item.fallback_mode.as_deref().map(mode).transpose()?;
    strategy.patience = item.patience.map(|seconds| duration("patience", seconds)).transpose()?;
    strategy.stagger = item.stagger.map(|seconds| duration("stagger", seconds)).transpose()?;
    let timeout = duration("timeout", item.timeout)?;
    let of_source = duration("per_source_timeout", item.per_source_timeout)?.min(timeout);
    let limits = &mut strategy.limits;
    limits.timeout = timeout;
    limits.source_timeout = Some(of_source);
    // The described system has one number for everything that a source does.
    (limits.hop_timeout, limits.connect_timeout, limits.idle_timeout) = (of_source, of_source, of_source);
    limits.min_useful = MIN_USEFUL.min(timeout / 10);
    strategy.retry.max_retries = item.max_retries;
    strategy.retry.delay = duration("retry_delay", item.retry_delay)?;
    strategy.retry.max_delay = MAX_RETRY_DELAY.max(strategy.retry.delay);
    Ok(())
}

fn mode(name: &str) -> PyResult<FetchMode> {
    FetchMode::from_name(name).ok_or_else(|| {
        let names: Vec<&str> = FetchMode::ALL.iter().map(|mode| mode.as_str()).collect();
        PyValueError::new_err(format!("{name:?} is no mode; the modes are {}", names.join(", ")))
    })
}

fn parse_filter(item: &FilterItem) -> PyResult<ParseFilter> {
    let mut filter = ParseFilter::default();
    for name in &item.media_types {
        let media_type = MediaType::ALL.iter().find(|media_type| media_type.as_str() == name);
        filter
            .media_types
            .push(*media_type.ok_or_else(|| PyValueError::new_err(format!("{name:?} is no media type")))?);
    }
    filter.min_duration = item.min_duration.map(|seconds| duration("min_duration", seconds)).transpose()?;
    filter.max_duration = item.max_duration.map(|seconds| duration("max_duration", seconds)).transpose()?;
    (filter.min_bitrate, filter.max_bitrate) = (item.min_bitrate, item.max_bitrate);
    filter.required_dimensions = item.required_dimensions;
    (filter.accept_wrappers, filter.max_wrapper_depth) = (item.accept_wrappers, item.max_wrapper_depth);
    Ok(filter)
}

/// A duration from seconds; longer ones than a day count as a day.
pub(crate) fn duration(name: &str, seconds: f64) -> PyResult<Duration> {
    let is_valid = seconds >= 0.0;
    let wrong = || PyValueError::new_err(format!("{name} is {seconds}; a number of seconds from 0 would be right"));
    if is_valid { Duration::try_from_secs_f64(seconds.min(LONGEST)).map_err(|_| wrong()) } else { Err(wrong()) }
}
