//! Compiles a configuration once: checks it and creates its sources. The state of the sources is kept between requests.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};

use super::names::Names;
use super::{arm, check};
use crate::cache::CacheRules;
use crate::config::{ArmConfig, FetchConfig, FetchMode, FetchStrategy, Location, SourceConfig};
use crate::context::{LaneCache, LaneRules, Settings};
use crate::env::stable_hash;
use crate::error::{ConfigError, ConfigKey, ConfigPath, ConfigTable};
use crate::fetch::{FileSource, HttpTag, InlineSource, Source};
use crate::memory::{SourceMemory, SourcePolicy};
use crate::policy::{SourceOrder, TierKind};
use crate::regular_file::FileKind;
use crate::request::{AdRequest, Identity, Privacy};
use crate::schedule::{ArmShare, Rank, Rules, StopRule, arm_of};
use crate::select::ParseFilter;
use crate::stats::{ArmCounters, ArmStats, PlanCounters, RequestCounters};
use crate::transport::{Target, TargetError, Transport};

/// The size limit of a file that is read as a document: that of a decoded HTTP body.
const MAX_FILE_BYTES: u64 = 4 << 20;

/// A checked configuration with its sources and their state. Cheap to clone; clones share the state.
#[derive(Clone)]
pub struct Plan {
    /// All sources, with the rules outside of arms.
    pub(crate) all: Arm,
    /// The arms; empty if every request asks all sources.
    pub(super) arms: Arc<[Arm]>,
    /// The configuration that the plan was compiled from.
    #[cfg(feature = "recording")]
    pub(crate) config: Arc<FetchConfig>,
}

/// The sources and rules of a share of the requests. A plan without arms has one, without a name, for all requests.
#[derive(Clone)]
pub(crate) struct Arm {
    pub(crate) name: Option<Arc<str>>,
    pub(crate) tiers: Arc<[Tier]>,
    pub(crate) settings: Arc<Settings>,
    pub(crate) counters: Arc<PlanCounters>,
    share: ArmShare,
}

impl Arm {
    /// The only arm of a plan without arms.
    fn whole(tiers: Arc<[Tier]>, settings: Arc<Settings>, requests: &Arc<RequestCounters>) -> Self {
        let counters = counters(&tiers, requests, None);
        Self { name: None, tiers, settings, counters, share: ArmShare::new("", 100.0) }
    }

    /// The mode of the primary sources.
    pub(crate) fn mode(&self) -> FetchMode {
        self.tiers.first().map_or_else(FetchMode::default, |tier| tier.mode)
    }

    /// The number of its sources.
    pub(crate) fn source_count(&self) -> usize {
        self.tiers.iter().map(|tier| tier.sources.len()).sum()
    }

    /// Its numbers; `None` for the only arm of a plan without arms.
    pub(super) fn stats(&self) -> Option<ArmStats> {
        Some(self.counters.arm.as_ref()?.snapshot(self.name.as_ref()?))
    }

    /// Its sources, tier by tier.
    pub(crate) fn sources(&self) -> impl Iterator<Item = &PlannedSource> {
        self.tiers.iter().flat_map(|tier| &tier.sources).map(|source| &**source)
    }
}

impl std::fmt::Debug for Plan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (names, arms): (Vec<_>, Vec<_>) = (self.source_names().collect(), self.arm_names().collect());
        let strategy = &self.all.settings.strategy;
        f.debug_struct("Plan").field("sources", &names).field("arms", &arms).field("strategy", strategy).finish()
    }
}

/// A tier: sources with the same rules.
pub(crate) struct Tier {
    pub(crate) kind: TierKind,
    pub(crate) mode: FetchMode,
    /// The arms of a plan share their sources, so that all of them write and read the same memory.
    pub(crate) sources: Vec<Arc<PlannedSource>>,
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
    pub(crate) cache: CacheRules,
    /// A hash of the headers that the source's own requests have by configuration.
    pub(crate) cache_salt: u64,
    /// Where the source's documents come from. A newer plan takes over the memory only if this is the same.
    location: Location,
    pub(crate) policy: SourcePolicy,
    pub(crate) memory: Arc<SourceMemory>,
}

impl PlannedSource {
    /// The settings of the source's lane.
    pub(crate) fn rules(&self) -> LaneRules<'_> {
        let cache = LaneCache { rules: self.cache, salt: self.cache_salt, source_timeout: self.source_timeout };
        let Self { name, privacy, allow_private, memory, .. } = self;
        let is_tag = self.is_tag();
        LaneRules { source: name, privacy, allow_private: *allow_private, cache, memory, is_tag }
    }

    /// Whether the source is an ad tag.
    pub(crate) fn is_tag(&self) -> bool {
        matches!(self.location, Location::Url(_))
    }

    /// Whether the source is asked only with consent, and the request has none.
    pub(crate) fn lacks_consent(&self, request: &AdRequest) -> bool {
        self.privacy.require_consent && request.lacks_consent()
    }

    /// The values that decide the source's place in `order`. The time is only read where the order needs it.
    pub(crate) fn rank(&self, order: SourceOrder) -> Rank {
        let answer_time = if order == SourceOrder::Fastest { self.memory.answer_time.get() } else { None };
        Rank { weight: self.weight, answer_time }
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
                    Ok(Arc::new(planned))
                })
                .collect::<Result<Vec<_>, ConfigError>>()?;
            if config.arms.is_empty() {
                let first = if kind == TierKind::Primary { ConfigTable::Source(0) } else { ConfigTable::Fallback(0) };
                check_weights(config.strategy.order, &sources, first.key(ConfigKey::Weight))?;
            }
            let tier = Tier { kind, mode, first_lane, sources };
            first_lane += tier.sources.len();
            tiers.push(tier);
        }
        let requests = older.map(|older| Arc::clone(&older.all.counters.requests)).unwrap_or_default();
        let arms = planned_arms(config, &tiers, &requests, older)?;
        let settings = settings(config, config.strategy.clone(), &config.parse_filter)?;
        Ok(Self {
            all: Arm::whole(tiers.into(), Arc::new(settings), &requests),
            arms: arms.into(),
            #[cfg(feature = "recording")]
            config: Arc::new(config.clone()),
        })
    }

    /// The arm of a request with this key. Without a key, `draw` gives the number that decides.
    pub(crate) fn arm_of(&self, split_key: Option<&str>, draw: impl FnOnce() -> u64) -> &Arm {
        if self.arms.is_empty() {
            return &self.all;
        }
        chosen_arm(&self.arms, split_key.map_or_else(draw, stable_hash)).unwrap_or(&self.all)
    }

    /// The arm with this name.
    pub(crate) fn arm_named(&self, name: &str) -> Option<&Arm> {
        self.arms.iter().find(|arm| arm.name.as_deref() == Some(name))
    }

    /// The names of the arms, as listed; none if every request asks all sources.
    pub fn arm_names(&self) -> impl Iterator<Item = &str> {
        self.arms.iter().filter_map(|arm| arm.name.as_deref())
    }

    /// All sources, tier by tier.
    pub(crate) fn sources(&self) -> impl Iterator<Item = &PlannedSource> {
        self.all.sources()
    }
}

/// The settings of all lanes of an arm with this strategy and filter.
fn settings(config: &FetchConfig, strategy: FetchStrategy, filter: &ParseFilter) -> Result<Settings, ConfigError> {
    Ok(Settings {
        strategy,
        filter: filter.clone(),
        keep_raw: config.keep_raw,
        identity: Identity::new(header_value(ConfigKey::UserAgent.into(), &config.user_agent)?)
            .with_ad_length(filter.min_duration, filter.max_duration),
    })
}

/// Refuses weights of 0 for all sources of a tier if the order draws a source by weight.
fn check_weights(order: SourceOrder, sources: &[Arc<PlannedSource>], path: ConfigPath) -> Result<(), ConfigError> {
    let is_drawn = matches!(order, SourceOrder::Weighted | SourceOrder::Split);
    if !is_drawn || sources.iter().any(|source| source.weight > 0) {
        return Ok(());
    }
    let problem = format!(
        "all sources have `weight = 0`, so `order = \"{}\"` draws none: give one of them a weight of 1 or more, or set `order` to \
         listed",
        order.as_str()
    );
    Err(ConfigError::new(path, problem))
}

/// The arm for the key with this hash.
fn chosen_arm(arms: &[Arm], key: u64) -> Option<&Arm> {
    arms.get(arm_of(arms.iter().map(|arm| arm.share), key))
}

/// Compiles the arms of `config`. `tiers` are those of all sources. An arm goes on with the numbers of the arm of `older` that has the
/// same name.
///
/// # Errors
/// An arm names a source that does not exist, or its sources cannot be drawn by weight.
fn planned_arms(
    config: &FetchConfig,
    tiers: &[Tier],
    requests: &Arc<RequestCounters>,
    older: Option<&Plan>,
) -> Result<Vec<Arm>, ConfigError> {
    let arms = config.arms.iter().enumerate().map(|(index, arm)| {
        let mut before = older.into_iter().flat_map(|older| older.arms.iter());
        let same = before.find(|old| old.name.as_deref() == Some(&*arm.name));
        let numbers = same.and_then(|same| same.counters.arm.clone()).unwrap_or_default();
        planned_arm(config, arm, ConfigTable::Arm(index), tiers, |tiers| counters(tiers, requests, Some(numbers)))
    });
    arms.collect()
}

/// The counters of the requests to these tiers.
fn counters(tiers: &[Tier], requests: &Arc<RequestCounters>, arm: Option<Arc<ArmCounters>>) -> Arc<PlanCounters> {
    let sources = tiers.iter().flat_map(|tier| &tier.sources);
    let lanes = sources.map(|source| Arc::clone(&source.memory.counters)).collect();
    Arc::new(PlanCounters { requests: Arc::clone(requests), arm, lanes })
}

fn planned_arm(
    config: &FetchConfig,
    arm: &ArmConfig,
    table: ConfigTable,
    tiers: &[Tier],
    counters: impl FnOnce(&[Tier]) -> Arc<PlanCounters>,
) -> Result<Arm, ConfigError> {
    let strategy = arm::strategy(&config.strategy, arm);
    let path = || table.key(ConfigKey::Sources);
    let sources = arm.sources.iter().map(|name| source_of_arm(name, tiers, path())).collect::<Result<Vec<_>, _>>()?;
    check_weights(strategy.order, &sources, path())?;
    let first_lane = sources.len();
    let mut own = vec![Tier { kind: TierKind::Primary, mode: strategy.mode, sources, first_lane: 0 }];
    for tier in tiers.iter().filter(|tier| tier.kind == TierKind::Fallback) {
        check_weights(strategy.order, &tier.sources, ConfigTable::Fallback(0).key(ConfigKey::Weight))?;
        let mode = strategy.fallback_mode.unwrap_or(strategy.mode);
        own.push(Tier { kind: TierKind::Fallback, mode, sources: tier.sources.clone(), first_lane });
    }
    let filter = arm.parse_filter.as_ref().unwrap_or(&config.parse_filter);
    Ok(Arm {
        name: Some(arm.name.as_str().into()),
        counters: counters(&own),
        tiers: own.into(),
        settings: Arc::new(settings(config, strategy, filter)?),
        share: ArmShare::new(&arm.name, arm.share),
    })
}

fn source_of_arm(name: &str, tiers: &[Tier], path: ConfigPath) -> Result<Arc<PlannedSource>, ConfigError> {
    let find = |kind: TierKind| {
        let mut sources = tiers.iter().filter(|tier| tier.kind == kind).flat_map(|tier| &tier.sources);
        sources.find(|source| &*source.name == name)
    };
    if let Some(source) = find(TierKind::Primary) {
        return Ok(Arc::clone(source));
    }
    let problem = if find(TierKind::Fallback).is_some() {
        format!("`{name}` is a fallback, and the fallbacks are asked in every arm: leave it out")
    } else {
        let mut names: Vec<&str> = primary_names(tiers).take(SHOWN_NAMES).collect();
        if primary_names(tiers).nth(SHOWN_NAMES).is_some() {
            names.push("...");
        }
        format!("`{name}` is not the name of a source: the names are {}", names.join(", "))
    };
    Err(ConfigError::new(path, problem))
}

/// How many names of sources a message has.
const SHOWN_NAMES: usize = 20;

fn primary_names(tiers: &[Tier]) -> impl Iterator<Item = &str> {
    tiers
        .iter()
        .filter(|tier| tier.kind == TierKind::Primary)
        .flat_map(|tier| &tier.sources)
        .map(|source| &*source.name)
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
    let SourceConfig { source_timeout, weight, allow_private, breaker, max_concurrent, max_rate, .. } = *source;
    let policy = SourcePolicy { breaker: breaker.unwrap_or(config.strategy.breaker), max_concurrent, max_rate };
    let privacy = source.privacy.clone();
    Ok(PlannedSource {
        memory: Arc::new(SourceMemory::new(&name)),
        name,
        url: made.url().into(),
        source: made,
        source_timeout,
        weight,
        privacy,
        allow_private,
        cache: source.cache,
        cache_salt: cache_salt(config, source),
        location: source.location.clone(),
        policy,
    })
}

fn cache_salt(config: &FetchConfig, source: &SourceConfig) -> u64 {
    let headers = config.headers.iter().chain(&source.headers);
    let lines: Vec<String> = headers.map(|(name, value)| format!("{name}: {value}")).collect();
    if lines.is_empty() { 0 } else { stable_hash(&lines.join("\n")) }
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
