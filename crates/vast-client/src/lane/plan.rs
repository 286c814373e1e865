//! Compiles a configuration once: checks it and creates its sources. The state of the sources is kept between requests.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};

use super::check;
use crate::config::{FetchConfig, FetchMode, FetchStrategy, Location, SourceConfig};
use crate::context::{LaneRules, Settings};
use crate::error::{ConfigError, ConfigKey, ConfigPath, ConfigTable};
use crate::fetch::{FileSource, HttpTag, InlineSource, Source};
use crate::memory::SourceMemory;
use crate::policy::{Latency, SourceOrder, TierKind};
use crate::regular_file::FileKind;
use crate::request::Identity;
use crate::request::Privacy;
use crate::schedule::{Rank, Rules, StopRule};
use crate::transport::{Target, TargetError, Transport};

/// The size limit of a file that is read as a document: that of a decoded HTTP body.
const MAX_FILE_BYTES: u64 = 4 << 20;

/// A checked configuration with its sources and their state. Cheap to clone; clones share the state.
#[derive(Clone)]
pub struct Plan {
    pub(crate) tiers: Arc<[Tier]>,
    pub(crate) settings: Arc<Settings>,
}

impl std::fmt::Debug for Plan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<_> = self.tiers.iter().flat_map(|tier| &tier.sources).map(|source| &*source.name).collect();
        f.debug_struct("Plan").field("sources", &names).field("strategy", &self.settings.strategy).finish()
    }
}

/// A tier: sources with the same rules.
pub(crate) struct Tier {
    pub(crate) kind: TierKind,
    pub(crate) mode: FetchMode,
    pub(crate) sources: Vec<PlannedSource>,
    /// The number of the lane of the tier's first source.
    pub(crate) first_lane: usize,
}

/// A source, its settings and its state.
pub(crate) struct PlannedSource {
    pub(crate) name: Arc<str>,
    pub(crate) source: Arc<dyn Source>,
    /// The URL of the source before its macros are filled in.
    pub(crate) url: Arc<str>,
    pub(crate) source_timeout: Option<Duration>,
    pub(crate) weight: u32,
    pub(crate) privacy: Privacy,
    pub(crate) allow_private: bool,
    /// Where the source's documents come from. A newer plan takes over the memory only if this is the same.
    location: Location,
    pub(crate) memory: Arc<SourceMemory>,
}

impl PlannedSource {
    /// The settings of the source's lane.
    pub(crate) fn rules(&self) -> LaneRules<'_> {
        LaneRules { source: &self.name, privacy: &self.privacy, allow_private: self.allow_private }
    }

    /// The values that decide the source's place in `order`. The median is only computed where the order needs it.
    pub(crate) fn rank(&self, order: SourceOrder) -> Rank {
        let median = if order == SourceOrder::Fastest { self.memory.latency.p50() } else { None };
        Rank { weight: self.weight, median }
    }
}

impl PlannedSource {
    /// Takes over what the requests of `older` have shown of the same source.
    fn take_over(&mut self, older: Option<&Plan>) {
        let mut sources = older.into_iter().flat_map(Plan::sources);
        let same = sources.find(|old| old.name == self.name && is_same_place(&old.location, &self.location));
        if let Some(same) = same {
            self.memory = Arc::clone(&same.memory);
        }
    }
}

/// Whether documents come from the same place. Sources that the host implements are compared by their URL, because the host may
/// make a new one for each configuration.
fn is_same_place(one: &Location, other: &Location) -> bool {
    match (one, other) {
        (Location::Custom(one), Location::Custom(other)) => one.url() == other.url(),
        (one, other) => one == other,
    }
}

impl Tier {
    /// The settings in which the modes differ.
    pub(crate) fn rules(&self, strategy: &FetchStrategy) -> Rules {
        let all = self.sources.len();
        match self.mode {
            FetchMode::Sequential => Rules { width: 1, stop: StopRule::FirstInTime, stagger: false },
            FetchMode::Parallel => {
                Rules { width: all, stop: StopRule::FirstInOrder { patience: strategy.patience }, stagger: false }
            }
            FetchMode::Race => Rules { width: all, stop: StopRule::FirstInTime, stagger: false },
            FetchMode::Staggered => Rules { width: 1, stop: StopRule::FirstInTime, stagger: true },
            FetchMode::Collect => Rules { width: all, stop: StopRule::All, stagger: false },
        }
    }
}

impl Plan {
    /// Compiles `config`. `transport` makes the transport of a source that has a client certificate. The plan takes over the memory
    /// of the sources of `older` with the same name and location.
    pub(crate) fn compile(
        config: &FetchConfig,
        transport: impl Fn(&SourceConfig, ConfigTable) -> Result<Option<Arc<dyn Transport>>, ConfigError>,
        older: Option<&Self>,
    ) -> Result<Self, ConfigError> {
        check::check(config)?;
        let mut names = Names::default();
        let mut tiers = Vec::with_capacity(2);
        let mut first_lane = 0;
        let fallback_mode = config.strategy.fallback_mode.unwrap_or(config.strategy.mode);
        for (kind, mode, sources) in [
            (TierKind::Primary, config.strategy.mode, &config.sources),
            (TierKind::Fallback, fallback_mode, &config.fallbacks),
        ] {
            if sources.is_empty() {
                continue;
            }
            let sources = sources
                .iter()
                .enumerate()
                .map(|(index, source)| {
                    let table = match kind {
                        TierKind::Primary => ConfigTable::Source(index),
                        TierKind::Fallback => ConfigTable::Fallback(index),
                    };
                    let mut planned = planned(config, source, table, transport(source, table)?, &mut names)?;
                    planned.take_over(older);
                    Ok(planned)
                })
                .collect::<Result<Vec<_>, ConfigError>>()?;
            let tier = Tier { kind, mode, first_lane, sources };
            first_lane += tier.sources.len();
            tiers.push(tier);
        }
        let settings = Settings {
            strategy: config.strategy.clone(),
            filter: config.parse_filter.clone(),
            keep_raw: config.keep_raw,
            identity: Identity::new(header_value(ConfigKey::UserAgent.into(), &config.user_agent)?)
                .with_ad_length(config.parse_filter.min_duration, config.parse_filter.max_duration),
        };
        Ok(Self { tiers: tiers.into(), settings: Arc::new(settings) })
    }

    /// The latencies of the last responses of the source with this name, over all requests with this plan and with the older
    /// plans whose memory it took over.
    pub fn latency(&self, source: &str) -> Option<&Latency> {
        let mut sources = self.sources();
        sources.find(|planned| &*planned.name == source).map(|planned| &planned.memory.latency)
    }

    /// The mode of the primary sources.
    pub(crate) fn mode(&self) -> FetchMode {
        self.tiers.first().map_or_else(FetchMode::default, |tier| tier.mode)
    }

    /// The names of all sources, tier by tier.
    pub fn source_names(&self) -> impl Iterator<Item = &str> {
        self.sources().map(|source| &*source.name)
    }

    /// All sources, tier by tier.
    pub(crate) fn sources(&self) -> impl Iterator<Item = &PlannedSource> {
        self.tiers.iter().flat_map(|tier| &tier.sources)
    }
}

fn planned(
    config: &FetchConfig,
    source: &SourceConfig,
    table: ConfigTable,
    transport: Option<Arc<dyn Transport>>,
    names: &mut Names,
) -> Result<PlannedSource, ConfigError> {
    let made: Arc<dyn Source> = match &source.location {
        Location::Url(url) => Arc::new(tag(config, source, url, table)?.with_transport(transport)),
        Location::File(path) => {
            check_file(path, table)?;
            Arc::new(FileSource::new(path, MAX_FILE_BYTES))
        }
        Location::Inline(xml) if xml.trim().is_empty() => {
            return Err(ConfigError::new(table, "needs one of `url`, `file` and `xml`"));
        }
        Location::Inline(xml) => Arc::new(InlineSource::new("inline", xml.clone())),
        Location::Custom(custom) => Arc::clone(custom),
    };
    let name = names.take(source.name.as_deref(), || made.default_name(), table)?;
    let SourceConfig { source_timeout, weight, allow_private, .. } = *source;
    let privacy = source.privacy.clone();
    Ok(PlannedSource {
        name,
        url: made.url().into(),
        source: made,
        source_timeout,
        weight,
        privacy,
        allow_private,
        location: source.location.clone(),
        memory: Arc::default(),
    })
}

fn tag(config: &FetchConfig, source: &SourceConfig, url: &str, table: ConfigTable) -> Result<HttpTag, ConfigError> {
    // A URL may be valid only after its macros are filled in; then only the request itself can show an error.
    let parsed = Target::parse(url, None);
    if let Err(error) = parsed.as_ref().map_err(TargetError::to_string)
        && !url.contains(['[', '%', '$'])
    {
        return Err(ConfigError::new(table.key(ConfigKey::Url), format!("`{url}`: {error}")));
    }
    if url::Url::parse(url).is_ok_and(|url| !url.username().is_empty() || url.password().is_some()) {
        let problem = "holds a user name or password: send them as a header, for example `Authorization`";
        return Err(ConfigError::new(table.key(ConfigKey::Url), problem));
    }
    let params: Vec<_> = config.params.iter().chain(&source.params).cloned().collect();
    let mut headers = HeaderMap::new();
    add_headers(&mut headers, &config.headers, ConfigTable::Root)?;
    add_headers(&mut headers, &source.headers, table)?;
    Ok(HttpTag::new(url, &params, &source.raw_params).with_headers(headers))
}

fn add_headers(headers: &mut HeaderMap, pairs: &[(String, String)], table: ConfigTable) -> Result<(), ConfigError> {
    for (name, value) in pairs {
        let path = table.key(ConfigKey::Headers).entry(name);
        let name = HeaderName::try_from(name.as_str())
            .map_err(|_| ConfigError::new(path.clone(), "is not a header name: letters, digits and dashes"))?;
        headers.insert(name, header_value(path, value)?);
    }
    Ok(())
}

fn header_value(path: ConfigPath, value: &str) -> Result<HeaderValue, ConfigError> {
    HeaderValue::try_from(value).map_err(|_| ConfigError::new(path, "holds a control character: a header is one line"))
}

fn check_file(path: &Path, table: ConfigTable) -> Result<(), ConfigError> {
    let shown = path.display();
    match std::fs::metadata(path) {
        Err(error) => Err(ConfigError::new(table.key(ConfigKey::File), format!("`{shown}`: {error}"))),
        Ok(metadata) if metadata.is_dir() => {
            Err(ConfigError::new(table.key(ConfigKey::File), format!("`{shown}` is a folder")))
        }
        // Devices and pipes are read: `/dev/stdin`, and `<(command)` of a shell.
        Ok(metadata) if FileKind::of(metadata.file_type()) == FileKind::Socket => {
            Err(ConfigError::new(table.key(ConfigKey::File), format!("`{shown}` is a socket")))
        }
        Ok(_) => Ok(()),
    }
}

/// The names that were already given to sources. A name identifies a source in circuit breakers, metrics and results,
/// so it must be unique.
#[derive(Default)]
struct Names {
    taken: HashSet<String>,
    counts: HashMap<String, usize>,
}

impl Names {
    fn take(
        &mut self,
        given: Option<&str>,
        default: impl FnOnce() -> String,
        table: ConfigTable,
    ) -> Result<Arc<str>, ConfigError> {
        let name = match given {
            Some("") => {
                return Err(ConfigError::new(table.key(ConfigKey::Name), "is empty: leave it out, or give a name"));
            }
            Some(name) if self.taken.contains(name) => {
                let problem = format!("`{name}` is used by another source: results distinguish sources by name");
                return Err(ConfigError::new(table.key(ConfigKey::Name), problem));
            }
            Some(name) => name.to_owned(),
            None => self.numbered(&default()),
        };
        self.taken.insert(name.clone());
        Ok(name.into())
    }

    fn numbered(&mut self, name: &str) -> String {
        let count = self.counts.entry(name.to_owned()).or_default();
        loop {
            *count += 1;
            let numbered = if *count == 1 { name.to_owned() } else { format!("{name}#{count}") };
            if !self.taken.contains(&numbered) {
                return numbered;
            }
        }
    }
}
