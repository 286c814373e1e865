//! The TOML form of a configuration. Every key has the name of the command line flag, with `_` for `-`.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::arm_table::ArmTable;
use super::break_table::BreakTable;
use super::breaker_table::BreakerTable;
use super::filter_table::FilterTable;
use super::profile_table::ProfileTable;
use super::record_table::RecordTable;
use super::value::{DimensionsValue, DurationValue, OneOrMany, TextValue, foreign_macros};
use super::{ClientConfig, FetchConfig, FetchMode, SourceConfig};
use crate::error::{ConfigError, ConfigTable};
use crate::policy::{BreakerSettings, SourceOrder};
use crate::request::{AdRequest, Consent};
use crate::request::{IfaPolicy, IpPolicy, Privacy, UserAgentPolicy};
use crate::transport::EgressProxy;

impl ClientConfig {
    /// Reads TOML. Relative paths in it are taken from `base`.
    ///
    /// # Errors
    /// A [`ConfigError`] for the first unknown key or wrong value, with its line and the accepted values.
    pub fn parse(text: &str, base: &Path) -> Result<Self, ConfigError> {
        let table = toml::de::DeTable::parse(text).map_err(|error| ConfigError::of_toml(text, &error))?;
        Self::from_table(text, table, base)
    }

    /// Reads a table that is part of a larger file with the text `text`. Relative paths in it are taken from `base`.
    ///
    /// # Errors
    /// See [`parse`](Self::parse). The line is that of the whole text.
    pub fn from_table(
        text: &str,
        table: toml::Spanned<toml::de::DeTable<'_>>,
        base: &Path,
    ) -> Result<Self, ConfigError> {
        let root = RootTable::deserialize(toml::Deserializer::from(table));
        root.map_err(|error| ConfigError::of_toml(text, &error))?.into_file(base)
    }
}

impl TryFrom<&str> for ClientConfig {
    type Error = ConfigError;

    /// Reads TOML. Relative paths in it are taken from the working directory.
    fn try_from(text: &str) -> Result<Self, ConfigError> {
        Self::parse(text, Path::new(""))
    }
}

#[derive(Debug, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct RootTable {
    mode: Option<FetchMode>,
    fallback_mode: Option<FetchMode>,
    order: Option<SourceOrder>,
    timeout: Option<DurationValue>,
    fallback_reserve: Option<DurationValue>,
    #[serde(alias = "per_source_timeout")]
    source_timeout: Option<DurationValue>,
    attempt_timeout: Option<DurationValue>,
    hop_timeout: Option<DurationValue>,
    connect_timeout: Option<DurationValue>,
    idle_timeout: Option<DurationValue>,
    min_useful: Option<DurationValue>,
    #[serde(alias = "max_retries")]
    retries: Option<u32>,
    retry_delay: Option<DurationValue>,
    retry_max_delay: Option<DurationValue>,
    retry_timeouts: Option<bool>,
    patience: Option<DurationValue>,
    stagger: Option<DurationValue>,
    resolve_ahead: Option<usize>,
    allow_multiple_ads: Option<bool>,
    max_exchanges: Option<u32>,
    max_redirects: Option<u32>,
    max_source_bytes: Option<u64>,
    max_request_bytes: Option<u64>,
    max_breaks: Option<usize>,
    #[serde(alias = "param")]
    params: BTreeMap<String, OneOrMany<TextValue>>,
    #[serde(alias = "header")]
    headers: BTreeMap<String, String>,
    #[serde(alias = "macro")]
    macros: BTreeMap<String, TextValue>,
    #[serde(alias = "foreign_macro")]
    foreign_macros: BTreeMap<String, TextValue>,
    #[serde(alias = "auto_track")]
    track: Option<bool>,
    report_errors: Option<bool>,
    report_not_used: bool,
    max_beacons: Option<usize>,
    raw: bool,
    record: Option<RecordTable>,
    user_agent: Option<String>,
    ca_file: Option<PathBuf>,
    proxy: Option<EgressProxy>,
    allow_private: bool,
    device_ip: Option<IpAddr>,
    device_ua: Option<String>,
    device_referer: Option<String>,
    device_language: Option<String>,
    device_requested_with: Option<String>,
    device_ifa: Option<String>,
    device_ifa_type: Option<String>,
    device_headers: BTreeMap<String, String>,
    gdpr: Option<bool>,
    coppa: Option<bool>,
    gdpr_consent: Option<String>,
    gpp: Option<String>,
    gpp_sections: Vec<u16>,
    limit_ad_tracking: Option<bool>,
    #[serde(alias = "api_framework")]
    api_frameworks: Vec<String>,
    #[serde(alias = "mime_type")]
    mime_types: Vec<String>,
    device_profile: Option<String>,
    profile: BTreeMap<String, ProfileTable>,
    companion_sizes: Option<Vec<DimensionsValue>>,
    non_linear_size: Option<DimensionsValue>,
    variable_duration: bool,
    accept_pods: Option<bool>,
    max_ads: Option<usize>,
    break_duration: Option<DurationValue>,
    #[serde(rename = "break")]
    ad_break: BreakTable,
    breaker: BreakerTable,
    split_key: Option<String>,
    seed: Option<u64>,
    filter: FilterTable,
    source: Vec<SourceTable>,
    fallback: Vec<SourceTable>,
    arm: Vec<ArmTable>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceTable {
    name: Option<String>,
    url: Option<String>,
    file: Option<PathBuf>,
    xml: Option<String>,
    #[serde(default, alias = "param")]
    params: BTreeMap<String, OneOrMany<TextValue>>,
    #[serde(default)]
    raw_params: Vec<String>,
    #[serde(default, alias = "header")]
    headers: BTreeMap<String, String>,
    #[serde(alias = "timeout")]
    source_timeout: Option<DurationValue>,
    weight: Option<u32>,
    breaker: Option<BreakerTable>,
    max_concurrent: Option<u32>,
    max_rate: Option<f64>,
    ip: Option<IpPolicy>,
    ua: Option<UserAgentPolicy>,
    ifa: Option<IfaPolicy>,
    ifa_salt: Option<String>,
    require_consent: Option<bool>,
    forward_for: Option<bool>,
    allow_private: Option<bool>,
    cache_ttl: Option<DurationValue>,
    cache_negative: Option<DurationValue>,
    #[serde(default)]
    cache_shared: bool,
    #[serde(default)]
    cache_wrappers: bool,
    client_certificate: Option<PathBuf>,
    client_key: Option<PathBuf>,
}

impl RootTable {
    fn into_file(self, base: &Path) -> Result<ClientConfig, ConfigError> {
        let mut file = ClientConfig { track: self.track, report_errors: self.report_errors, ..ClientConfig::default() };
        self.fill_limits(&mut file.fetch);
        self.fill_strategy(&mut file.fetch);
        self.fill_request(&mut file.request);
        file.request.foreign_macros = foreign_macros(&self.foreign_macros)?;
        self.ad_break.fill(&mut file.request.slot)?;
        file.profiles = self.profile.into_iter().map(|(name, table)| table.into_profile(name)).collect();
        self.device_profile.map_or(Ok(()), |name| file.choose_profile(&name))?;
        let (allow_private, breaker) = (self.allow_private, file.fetch.strategy.breaker);
        file.record = self.record.map(|table| table.into_config(base));
        check_locations(&self.source, ConfigTable::Source)?;
        check_locations(&self.fallback, ConfigTable::Fallback)?;
        let source = |table: SourceTable| table.into_source(base, allow_private, breaker);
        let fetch = &mut file.fetch;
        fetch.auto_track = self.track.unwrap_or(fetch.auto_track);
        fetch.report_errors = self.report_errors.unwrap_or(fetch.report_errors);
        fetch.report_not_used = self.report_not_used;
        set(&mut fetch.max_beacons, self.max_beacons);
        fetch.keep_raw = self.raw;
        fetch.ca_file = self.ca_file.map(|path| base.join(path));
        fetch.proxy = self.proxy;
        set(&mut fetch.user_agent, self.user_agent);
        fetch.params = pairs(self.params);
        fetch.headers = self.headers.into_iter().collect();
        fetch.parse_filter = self.filter.into_filter();
        fetch.sources = self.source.into_iter().map(source).collect();
        fetch.fallbacks = self.fallback.into_iter().map(source).collect();
        fetch.arms = self.arm.into_iter().map(ArmTable::into_arm).collect();
        Ok(file)
    }

    fn fill_limits(&self, fetch: &mut FetchConfig) {
        let limits = &mut fetch.strategy.limits;
        let span = |span: Option<DurationValue>| span.map(|span| span.0);
        set(&mut limits.timeout, span(self.timeout));
        set(&mut limits.hop_timeout, span(self.hop_timeout));
        set(&mut limits.connect_timeout, span(self.connect_timeout));
        set(&mut limits.idle_timeout, span(self.idle_timeout));
        set(&mut limits.min_useful, span(self.min_useful));
        limits.fallback_reserve = span(self.fallback_reserve);
        limits.source_timeout = span(self.source_timeout);
        limits.attempt_timeout = span(self.attempt_timeout);
    }

    fn fill_strategy(&self, fetch: &mut FetchConfig) {
        let strategy = &mut fetch.strategy;
        set(&mut strategy.mode, self.mode);
        strategy.fallback_mode = self.fallback_mode;
        set(&mut strategy.order, self.order);
        set(&mut strategy.retry.max_retries, self.retries);
        set(&mut strategy.retry.delay, self.retry_delay.map(|span| span.0));
        set(&mut strategy.retry.max_delay, self.retry_max_delay.map(|span| span.0));
        set(&mut strategy.retry.retry_timeouts, self.retry_timeouts);
        strategy.patience = self.patience.map(|span| span.0);
        set(&mut strategy.resolve_ahead, self.resolve_ahead);
        strategy.stagger = self.stagger.map(|span| span.0);
        strategy.allow_multiple_ads = self.allow_multiple_ads;
        set(&mut strategy.cost.max_exchanges, self.max_exchanges);
        set(&mut strategy.cost.max_redirects, self.max_redirects);
        set(&mut strategy.cost.max_source_bytes, self.max_source_bytes);
        set(&mut strategy.cost.max_request_bytes, self.max_request_bytes);
        set(&mut strategy.cost.max_breaks, self.max_breaks);
        strategy.breaker = self.breaker.over(strategy.breaker);
    }

    fn fill_request(&self, request: &mut AdRequest) {
        request.device.ip = self.device_ip;
        request.device.user_agent.clone_from(&self.device_ua);
        request.device.referer.clone_from(&self.device_referer);
        request.device.accept_language.clone_from(&self.device_language);
        request.device.requested_with.clone_from(&self.device_requested_with);
        request.device.ifa.clone_from(&self.device_ifa);
        request.device.ifa_type.clone_from(&self.device_ifa_type);
        request.device.headers = self.device_headers.clone().into_iter().collect();
        request.consent = Consent {
            gdpr: self.gdpr,
            coppa: self.coppa,
            gdpr_consent: self.gdpr_consent.clone(),
            gpp: self.gpp.clone(),
            gpp_sections: self.gpp_sections.clone(),
            limit_ad_tracking: self.limit_ad_tracking,
        };
        request.slot.api_frameworks.clone_from(&self.api_frameworks);
        request.slot.mime_types.clone_from(&self.mime_types);
        let sizes = self.companion_sizes.as_ref();
        request.slot.companion_sizes = sizes.map(|sizes| sizes.iter().map(|size| size.0).collect());
        request.slot.non_linear_size = self.non_linear_size.map(|size| size.0);
        request.slot.variable_duration = self.variable_duration;
        request.slot.accept_pods = self.accept_pods.unwrap_or(request.slot.accept_pods);
        request.slot.max_ads = self.max_ads;
        request.slot.break_duration = self.break_duration.map(|span| span.0);
        request.split_key.clone_from(&self.split_key);
        request.seed = self.seed;
        request.macros = self.macros.iter().map(|(name, value)| (name.clone(), value.0.clone())).collect();
    }
}

/// Refuses sources with several locations, of which only one could be asked.
fn check_locations(tables: &[SourceTable], place: fn(usize) -> ConfigTable) -> Result<(), ConfigError> {
    for (index, table) in tables.iter().enumerate() {
        let given = [table.url.is_some(), table.file.is_some(), table.xml.is_some()];
        if given.into_iter().filter(|is_given| *is_given).count() > 1 {
            return Err(ConfigError::new(place(index), "has more than one of `url`, `file` and `xml`"));
        }
    }
    Ok(())
}

impl SourceTable {
    fn into_source(self, base: &Path, allow_private: bool, breaker: BreakerSettings) -> SourceConfig {
        let privacy = self.privacy();
        // The plan checks that one is given, so that a file and code get the same message.
        let mut source = match (self.url, self.file, self.xml) {
            (Some(url), _, _) => SourceConfig::url(url),
            (None, Some(path), _) => SourceConfig::file(base.join(path)),
            (None, None, xml) => SourceConfig::inline(xml.unwrap_or_default()),
        };
        source.privacy = privacy;
        source.name = self.name;
        source.params = pairs(self.params);
        source.raw_params = self.raw_params;
        source.headers = self.headers.into_iter().collect();
        source.source_timeout = self.source_timeout.map(|span| span.0);
        source.weight = self.weight.unwrap_or(source.weight);
        source.breaker = self.breaker.map(|table| table.over(breaker));
        source.max_concurrent = self.max_concurrent;
        source.max_rate = self.max_rate;
        source.allow_private = self.allow_private.unwrap_or(allow_private);
        source.cache.ttl = self.cache_ttl.map(|span| span.0);
        source.cache.negative = self.cache_negative.map(|span| span.0);
        source.cache.shared = self.cache_shared;
        source.cache.wrappers = self.cache_wrappers;
        source.client_certificate = self.client_certificate.map(|path| base.join(path));
        source.client_key = self.client_key.map(|path| base.join(path));
        source
    }
}

impl SourceTable {
    fn privacy(&self) -> Privacy {
        let default = Privacy::default();
        Privacy {
            ip: self.ip.unwrap_or(default.ip),
            user_agent: self.ua.unwrap_or(default.user_agent),
            ifa: self.ifa.unwrap_or(default.ifa),
            ifa_salt: self.ifa_salt.clone(),
            require_consent: self.require_consent.unwrap_or(default.require_consent),
            forward_for: self.forward_for.unwrap_or(default.forward_for),
        }
    }
}

fn set<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}

/// One pair per value: a key may be repeated in a query.
fn pairs(table: BTreeMap<String, OneOrMany<TextValue>>) -> Vec<(String, String)> {
    let pair = |key: &String, value: TextValue| (key.clone(), value.0);
    table.into_iter().flat_map(|(key, values)| values.into_iter().map(move |value| pair(&key, value))).collect()
}
