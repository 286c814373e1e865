//! The configuration of one source.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::cache::CacheRules;
use crate::fetch::Source;
use crate::policy::BreakerSettings;
use crate::request::{Privacy, pair_adders, setters};

/// The place from which a source's VAST comes.
#[derive(Clone)]
#[non_exhaustive]
pub enum Location {
    /// An ad tag: a URL template with macros, requested by HTTP.
    Url(String),
    /// A file.
    File(PathBuf),
    /// A document given as text.
    Inline(String),
    /// A source that the caller implements.
    Custom(Arc<dyn Source>),
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(url) => f.debug_tuple("Url").field(url).finish(),
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
            Self::Inline(xml) => f.debug_tuple("Inline").field(&xml.len()).finish(),
            Self::Custom(source) => f.debug_tuple("Custom").field(&source.url()).finish(),
        }
    }
}

impl PartialEq for Location {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Url(one), Self::Url(other)) | (Self::Inline(one), Self::Inline(other)) => one == other,
            (Self::File(one), Self::File(other)) => one == other,
            (Self::Custom(one), Self::Custom(other)) => Arc::ptr_eq(one, other),
            _ => false,
        }
    }
}

/// One source.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SourceConfig {
    /// The name in results (`source`), in metrics and for circuit breakers. Default: the host or the name of the file; a second
    /// source with the same name is `NAME#2`.
    pub name: Option<String>,
    /// The place from which the VAST comes.
    pub location: Location,
    /// Query parameters that are appended to the tag, after those of the configuration. The existing bytes of the tag
    /// do not change.
    pub params: Vec<(String, String)>,
    /// Names of parameters whose values are appended without percent-encoding, for servers that require it.
    pub raw_params: Vec<String>,
    /// Headers of the first request and its same-origin redirects.
    pub headers: Vec<(String, String)>,
    /// The time limit of this source with its retries and wrappers. Default:
    /// [`TimeLimits::source_timeout`](crate::policy::TimeLimits::source_timeout).
    pub source_timeout: Option<Duration>,
    /// The source's share under [`SourceOrder::Weighted`](crate::SourceOrder::Weighted) and
    /// [`SourceOrder::Split`](crate::SourceOrder::Split). Default 1.
    pub weight: u32,
    /// The data about the viewer that the servers of this source receive, and whether the source is asked without
    /// consent. By default, the servers receive all data that the caller gives, and the source is asked.
    pub privacy: Privacy,
    /// Whether the redirects, wrappers and trackers of this source may use private addresses and any port. Default
    /// `false`: only the origin of the source's own URL may be private, because the operator named it.
    pub allow_private: bool,
    /// The settings of the circuit breaker of this source. Default: those of
    /// [`FetchStrategy::breaker`](crate::FetchStrategy::breaker).
    pub breaker: Option<BreakerSettings>,
    /// The number of requests that may ask this source at the same time. A request above it skips the source. Default: any
    /// number.
    pub max_concurrent: Option<u32>,
    /// The number of requests that may ask this source per second, with bursts of what is permitted in one second. A request
    /// above it skips the source. Retries and wrappers do not count. Default: any number.
    pub max_rate: Option<f64>,
    /// What the cache keeps of the source's documents. Default: nothing, because each answer is an opportunity for one impression.
    pub cache: CacheRules,
    /// A PEM file with the client certificate for the source's own origin. It needs `client_key`.
    pub client_certificate: Option<PathBuf>,
    /// A PEM file with the key of `client_certificate`.
    pub client_key: Option<PathBuf>,
}

impl SourceConfig {
    /// A source with defaults.
    pub fn new(location: Location) -> Self {
        Self {
            name: None,
            location,
            params: Vec::new(),
            raw_params: Vec::new(),
            headers: Vec::new(),
            source_timeout: None,
            weight: 1,
            privacy: Privacy::default(),
            allow_private: false,
            breaker: None,
            max_concurrent: None,
            max_rate: None,
            cache: CacheRules::default(),
            client_certificate: None,
            client_key: None,
        }
    }

    /// An ad tag.
    pub fn url(template: impl Into<String>) -> Self {
        Self::new(Location::Url(template.into()))
    }

    /// A file.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self::new(Location::File(path.into()))
    }

    /// A document given as text.
    pub fn inline(xml: impl Into<String>) -> Self {
        Self::new(Location::Inline(xml.into()))
    }

    /// A source that the caller implements.
    pub fn custom(source: impl Source) -> Self {
        Self::new(Location::Custom(Arc::new(source)))
    }

    /// Sets the name.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets [`source_timeout`](Self::source_timeout).
    #[must_use]
    pub fn with_source_timeout(mut self, limit: Duration) -> Self {
        self.source_timeout = Some(limit);
        self
    }

    setters! {
        /// Sets the [`weight`](Self::weight).
        with_weight(weight: u32);
        /// Sets the rules for data about the viewer: [`privacy`](Self::privacy).
        with_privacy(privacy: Privacy);
        /// Sets [`allow_private`](Self::allow_private).
        with_allow_private(allow_private: bool);
        /// Sets the [`breaker`](Self::breaker).
        with_breaker(breaker: Option<BreakerSettings>);
        /// Sets [`max_concurrent`](Self::max_concurrent).
        with_max_concurrent(max_concurrent: Option<u32>);
        /// Sets [`max_rate`](Self::max_rate).
        with_max_rate(max_rate: Option<f64>);
        /// Sets the [`cache`](Self::cache).
        with_cache(cache: CacheRules);
    }

    pair_adders! {
        /// Adds a query parameter.
        with_param(params);
        /// Adds a header to the first request and its same-origin redirects.
        with_header(headers);
    }
}

/// A text that starts with a scheme and `://` is a URL, every other text is the path of a file.
impl From<&str> for SourceConfig {
    fn from(text: &str) -> Self {
        let scheme = text.split_once("://").map_or("", |(scheme, _)| scheme);
        let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.chars().all(|char| char.is_ascii_alphanumeric() || "+-.".contains(char));
        let lower = text.get(..6).unwrap_or(text).to_ascii_lowercase();
        if is_scheme || lower.starts_with("http:") || lower == "https:" { Self::url(text) } else { Self::file(text) }
    }
}

impl From<String> for SourceConfig {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}
