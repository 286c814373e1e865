//! Checks the settings of a configuration that make no sense alone or together.

use std::time::Duration;

use super::arm;
use crate::cache::CacheRules;
use crate::config::{ArmConfig, FetchConfig, FetchMode, FetchStrategy, Location, SourceConfig};
use crate::error::{ConfigError, ConfigKey, ConfigPath, ConfigTable, check_entries, check_words};
use crate::policy::{BreakerSettings, TimeLimits};
use crate::select::ParseFilter;

/// Checks everything but the sources' locations.
///
/// # Errors
/// The first setting that is wrong.
pub(super) fn check(config: &FetchConfig) -> Result<(), ConfigError> {
    if config.sources.is_empty() {
        let problem = "no source: name at least one URL or file";
        return Err(ConfigError::new(ConfigKey::Source, problem));
    }
    let FetchStrategy { limits, .. } = &config.strategy;
    check_modes(&config.strategy, &config.arms)?;
    check_zeros(limits)?;
    check_timeout(limits, ConfigTable::Root)?;
    check_costs(&config.strategy)?;
    check_breaker(&config.strategy.breaker, &ConfigKey::Breaker.into())?;
    check_sources(&config.sources, ConfigTable::Source)?;
    check_sources(&config.fallbacks, ConfigTable::Fallback)?;
    check_names(&ConfigKey::Params.into(), &config.params)?;
    check_names(&ConfigKey::Headers.into(), &config.headers)?;
    check_filter(&config.parse_filter, |key| ConfigTable::Filter.key(key))?;
    arm::check(&config.arms)?;
    config.arms.iter().enumerate().try_for_each(|(index, arm)| check_arm(config, arm, ConfigTable::Arm(index)))
}

/// Checks the rules of one arm in the same way as those of the configuration.
fn check_arm(config: &FetchConfig, arm: &ArmConfig, table: ConfigTable) -> Result<(), ConfigError> {
    check_entries(&table.key(ConfigKey::Sources), &arm.sources)?;
    not_zero(table.key(ConfigKey::Timeout), arm.timeout, "to ask any source")?;
    if arm.timeout.is_some() {
        check_timeout(&arm::strategy(&config.strategy, arm).limits, table)?;
    }
    let Some(filter) = &arm.parse_filter else { return Ok(()) };
    check_filter(filter, |key| table.key(ConfigKey::Filter).entry(key.as_str()))
}

/// Checks that the time limit of the request leaves time for what the others reserve.
fn check_timeout(limits: &TimeLimits, table: ConfigTable) -> Result<(), ConfigError> {
    if limits.timeout < limits.min_useful {
        let problem = format!(
            "{:?} is shorter than `min_useful` ({:?}), so no source would be asked: raise it, or lower `min_useful`",
            limits.timeout, limits.min_useful
        );
        return Err(ConfigError::new(table.key(ConfigKey::Timeout), problem));
    }
    if limits.fallback_reserve.is_some_and(|reserve| reserve >= limits.timeout) {
        let problem = "must be shorter than `timeout`, or the primary sources have no time";
        return Err(ConfigError::new(ConfigKey::FallbackReserve, problem));
    }
    Ok(())
}

fn check_modes(strategy: &FetchStrategy, arms: &[ArmConfig]) -> Result<(), ConfigError> {
    let FetchStrategy { mode, fallback_mode, patience, stagger, .. } = strategy;
    let of_arms = arms.iter().filter_map(|arm| arm.mode);
    let modes: Vec<FetchMode> = [*mode].into_iter().chain(*fallback_mode).chain(of_arms).collect();
    let uses = |wanted: FetchMode| modes.contains(&wanted);
    if patience.is_some() && !uses(FetchMode::Parallel) {
        let problem = "only parallel mode waits for sources ahead: leave it out, or set `mode` to parallel";
        return Err(ConfigError::new(ConfigKey::Patience, problem));
    }
    if stagger.is_some() && !uses(FetchMode::Staggered) {
        let problem = "only staggered mode uses it: leave it out, or set `mode` to staggered";
        return Err(ConfigError::new(ConfigKey::Stagger, problem));
    }
    Ok(())
}

/// Refuses time limits of zero, within which nothing can be done. In all other durations zero has a meaning: no wait, no reserve
/// or no minimum.
fn check_zeros(limits: &TimeLimits) -> Result<(), ConfigError> {
    let given = [
        (ConfigKey::Timeout, Some(limits.timeout), "to ask any source"),
        (ConfigKey::SourceTimeout, limits.source_timeout, "to ask a source"),
        (ConfigKey::AttemptTimeout, limits.attempt_timeout, "to ask a source"),
        (ConfigKey::HopTimeout, Some(limits.hop_timeout), "to follow a wrapper"),
        (ConfigKey::ConnectTimeout, Some(limits.connect_timeout), "to connect"),
        (ConfigKey::IdleTimeout, Some(limits.idle_timeout), "to read an answer"),
    ];
    given.into_iter().try_for_each(|(key, span, purpose)| not_zero(key.into(), span, purpose))
}

fn not_zero(path: ConfigPath, span: Option<Duration>, purpose: &str) -> Result<(), ConfigError> {
    if span.is_some_and(|span| span.is_zero()) {
        return Err(ConfigError::new(path, format!("zero leaves no time {purpose}: write for example `3s`")));
    }
    Ok(())
}

/// Refuses limits of zero that would fail every source. No redirects and no beacons are sensible limits.
fn check_costs(strategy: &FetchStrategy) -> Result<(), ConfigError> {
    let cost = &strategy.cost;
    let given = [
        (ConfigKey::MaxExchanges, u64::from(cost.max_exchanges)),
        (ConfigKey::MaxSourceBytes, cost.max_source_bytes),
        (ConfigKey::MaxRequestBytes, cost.max_request_bytes),
    ];
    match given.into_iter().find(|(_, most)| *most == 0) {
        Some((key, _)) => Err(ConfigError::new(key, "0 lets no source answer: write 1 or more, or leave it out")),
        None => Ok(()),
    }
}

fn check_sources(sources: &[SourceConfig], table: fn(usize) -> ConfigTable) -> Result<(), ConfigError> {
    for (index, source) in sources.iter().enumerate() {
        let path = |key| table(index).key(key);
        not_zero(path(ConfigKey::SourceTimeout), source.source_timeout, "to ask the source")?;
        source.breaker.map_or(Ok(()), |breaker| check_breaker(&breaker, &path(ConfigKey::Breaker)))?;
        check_pace(source, path)?;
        check_cache(source, path)?;
        check_names(&path(ConfigKey::Params), &source.params)?;
        check_names(&path(ConfigKey::Headers), &source.headers)?;
        check_entries(&path(ConfigKey::RawParams), &source.raw_params)?;
    }
    Ok(())
}

/// Refuses a circuit breaker that opens without a failure, never opens or never closes. `path` is that of its table.
fn check_breaker(breaker: &BreakerSettings, path: &ConfigPath) -> Result<(), ConfigError> {
    let wrong = |key: ConfigKey, problem: String| Err(ConfigError::new(path.clone().entry(key.as_str()), problem));
    let BreakerSettings { failures, eject, eject_max, .. } = breaker;
    if *failures == 0 {
        let problem = "0 ejects a source that has not failed: write 1 or more, or set `enabled` to false";
        return wrong(ConfigKey::Failures, problem.to_owned());
    }
    if eject.is_zero() {
        let problem = "zero leaves no time for a source to recover: write for example `30s`, or set `enabled` to false";
        return wrong(ConfigKey::Eject, problem.to_owned());
    }
    if eject_max.is_zero() {
        let problem = "zero leaves no time for a source to recover: write for example `300s`";
        return wrong(ConfigKey::EjectMax, problem.to_owned());
    }
    if eject_max < eject {
        let problem = format!("{eject_max:?} is shorter than `eject` ({eject:?}): raise it, or lower `eject`");
        return wrong(ConfigKey::EjectMax, problem);
    }
    Ok(())
}

/// Refuses limits that keep a source from ever being asked.
fn check_pace(source: &SourceConfig, path: impl Fn(ConfigKey) -> ConfigPath) -> Result<(), ConfigError> {
    if source.max_concurrent == Some(0) {
        let problem = "0 lets nothing ask the source: write 1 or more, or leave it out";
        return Err(ConfigError::new(path(ConfigKey::MaxConcurrent), problem));
    }
    match source.max_rate {
        Some(rate) if !rate.is_finite() || rate <= 0.0 => {
            let problem = format!("`{rate}` requests per second: write a number above 0, or leave it out");
            Err(ConfigError::new(path(ConfigKey::MaxRate), problem))
        }
        _ => Ok(()),
    }
}

fn check_cache(source: &SourceConfig, path: impl Fn(ConfigKey) -> ConfigPath) -> Result<(), ConfigError> {
    let CacheRules { ttl, negative, shared, wrappers } = source.cache;
    not_zero(path(ConfigKey::CacheTtl), ttl, "to use a document again")?;
    not_zero(path(ConfigKey::CacheNegative), negative, "to leave a failing source alone")?;
    let problem = |key, problem: &str| Err(ConfigError::new(path(key), problem));
    if negative.is_some_and(|span| span > CacheRules::MAX_NEGATIVE) {
        return problem(
            ConfigKey::CacheNegative,
            "is more than 5s: the source would not be asked when it has recovered",
        );
    }
    let given = [
        (ConfigKey::CacheTtl, ttl.is_some()),
        (ConfigKey::CacheNegative, negative.is_some()),
        (ConfigKey::CacheShared, shared),
        (ConfigKey::CacheWrappers, wrappers),
    ];
    match given.into_iter().find(|(_, is_given)| *is_given) {
        Some((key, _)) if !matches!(source.location, Location::Url(_)) => {
            problem(key, "only the answers of ad servers are cached: leave it out, or give the source a `url`")
        }
        Some((key @ (ConfigKey::CacheShared | ConfigKey::CacheWrappers), _)) => {
            problem(key, "has no effect without `cache_ttl` or `cache_negative`: set one, or leave this out")
        }
        _ => Ok(()),
    }
}

fn check_names(path: &ConfigPath, pairs: &[(String, String)]) -> Result<(), ConfigError> {
    check_entries(path, pairs.iter().map(|(name, _)| name))
}

/// Checks the conditions whose keys have these paths.
fn check_filter(filter: &ParseFilter, path: impl Fn(ConfigKey) -> ConfigPath) -> Result<(), ConfigError> {
    if filter.max_duration.is_some_and(|most| most.is_zero()) {
        return Err(ConfigError::new(path(ConfigKey::MaxDuration), "0 takes no ad: write for example `30s`"));
    }
    if filter.max_bitrate == Some(0) {
        return Err(ConfigError::new(path(ConfigKey::MaxBitrate), "0 takes no media file: write for example 2500"));
    }
    ordered(path(ConfigKey::MinDuration), filter.min_duration, filter.max_duration)?;
    ordered(path(ConfigKey::MinBitrate), filter.min_bitrate, filter.max_bitrate)?;
    check_words(&path(ConfigKey::BlockedCategories), &filter.blocked_categories)?;
    check_words(&path(ConfigKey::Versions), &filter.versions)?;
    check_words(&path(ConfigKey::Blocked).entry("media_hosts"), &filter.blocked.media_hosts)?;
    if let Some(problem) = filter.blocked.wrong_host() {
        return Err(ConfigError::new(path(ConfigKey::Blocked).entry("media_hosts"), problem));
    }
    for (name, list) in filter.blocked.lists() {
        check_entries(&path(ConfigKey::Blocked).entry(name), list)?;
    }
    Ok(())
}

fn ordered<T: PartialOrd>(path: ConfigPath, min: Option<T>, max: Option<T>) -> Result<(), ConfigError> {
    match (min, max) {
        (Some(min), Some(max)) if min > max => Err(ConfigError::new(path, "the minimum is above the maximum")),
        _ => Ok(()),
    }
}

#[cfg(all(test, feature = "toml"))]
mod tests {
    use super::*;
    use crate::config::ClientConfig;

    /// The tables that a key may stand in, and what must stand before the key so that only the key can be wrong.
    const TABLES: [&str; 6] = [
        "timeout = \"3s\"\n[[source]]\nurl = \"https://a\"\n",
        "[[source]]\nurl = \"https://a\"\n[filter]\n",
        "[[source]]\nurl = \"https://a\"\n[break]\nmax = \"30s\"\n",
        "[[source]]\nurl = \"https://a\"\n[breaker]\n",
        "[[source]]\nurl = \"https://a\"\n[[arm]]\nname = \"x\"\nshare = 100\nsources = [\"a\"]\n",
        "",
    ];

    /// A file in which `key` has this value, and the rest is right.
    fn file(table: &str, key: ConfigKey, value: &str) -> String {
        let line = format!("{key} = {value}\n");
        let needed = match key {
            ConfigKey::Stagger => "mode = \"staggered\"\n",
            _ => "",
        };
        match table {
            "" => format!("{needed}{line}[[source]]\nurl = \"https://a\"\n"),
            table if key == ConfigKey::Max => format!("{}{line}", table.replace("max = \"30s\"\n", "")),
            table => format!("{table}{line}"),
        }
    }

    /// What is wrong in the file.
    fn problem(text: &str) -> Option<String> {
        let checked =
            ClientConfig::try_from(text).and_then(|file| file.request.check().and_then(|()| check(&file.fetch)));
        checked.err().map(|error| error.to_string())
    }

    /// The keys of all tables whose values are of this kind: a file in which they have `sample` is read.
    fn keys(
        sample: &str,
        is_kind: impl Fn(Result<ClientConfig, ConfigError>) -> bool,
    ) -> Vec<(&'static str, ConfigKey)> {
        let all = TABLES.into_iter().flat_map(|table| ConfigKey::ALL.iter().map(move |key| (table, *key)));
        all.filter(|(table, key)| is_kind(ClientConfig::try_from(&*file(table, *key, sample)))).collect()
    }

    #[test]
    fn a_duration_of_zero_is_refused_unless_zero_has_a_meaning() {
        const MEANINGFUL: [ConfigKey; 9] = [
            ConfigKey::FallbackReserve,
            ConfigKey::MinUseful,
            ConfigKey::RetryDelay,
            ConfigKey::RetryMaxDelay,
            ConfigKey::Patience,
            ConfigKey::Stagger,
            ConfigKey::MinDuration,
            ConfigKey::Min,
            ConfigKey::Tolerance,
        ];
        let has_no_unit =
            |read: Result<ClientConfig, ConfigError>| read.is_err_and(|error| error.problem.contains("has no unit"));
        let durations = keys("0", has_no_unit);
        assert_eq!(durations.len(), 25, "{durations:?}");
        for (table, key) in durations {
            let text = file(table, key, "\"0s\"");
            let problem = problem(&text);
            // Two keys fill the same setting.
            let name = match key {
                ConfigKey::BreakDuration => ConfigKey::Max,
                ConfigKey::Timeout if table == TABLES[0] => ConfigKey::SourceTimeout,
                key => key,
            };
            let is_refused = problem.as_deref().is_some_and(|problem| {
                problem.contains(&format!("{name}: "))
                    && (problem.contains(": zero leaves no") || problem.contains(": 0 takes no"))
            });
            assert_eq!(is_refused, !MEANINGFUL.contains(&key), "{text}: {problem:?}");
            assert_eq!(problem.is_some(), is_refused, "{text}: {problem:?}");
        }
    }

    #[test]
    fn a_limit_of_zero_is_refused_unless_zero_has_a_meaning() {
        let cases = [
            ("max_exchanges = 0", Some("max_exchanges: 0 lets no source answer: write 1 or more, or leave it out")),
            (
                "max_source_bytes = 0",
                Some("max_source_bytes: 0 lets no source answer: write 1 or more, or leave it out"),
            ),
            (
                "max_request_bytes = 0",
                Some("max_request_bytes: 0 lets no source answer: write 1 or more, or leave it out"),
            ),
            ("filter = { max_bitrate = 0 }", Some("filter.max_bitrate: 0 takes no media file: write for example 2500")),
            ("max_ads = 0", Some("break.max_ads: 0 takes no ad: write 1 or more, or leave it out")),
            (
                "breaker = { failures = 0 }",
                Some(
                    "breaker.failures: 0 ejects a source that has not failed: write 1 or more, or set `enabled` to false",
                ),
            ),
            (
                "breaker = { eject = \"400s\" }",
                Some("breaker.eject_max: 300s is shorter than `eject` (400s): raise it, or lower `eject`"),
            ),
            ("max_redirects = 0", None),
            ("max_beacons = 0", None),
            ("retries = 0", None),
            ("filter = { max_wrapper_depth = 0, min_bitrate = 0 }", None),
        ];
        for (line, expected) in cases {
            let text = format!("{line}\n[[source]]\nurl = \"https://a\"\n");
            assert_eq!(problem(&text).as_deref(), expected, "{line}");
        }
    }

    #[test]
    fn a_source_that_could_never_be_asked_is_refused() {
        let cases = [
            (
                "max_concurrent = 0",
                Some("source[0].max_concurrent: 0 lets nothing ask the source: write 1 or more, or leave it out"),
            ),
            (
                "max_rate = 0",
                Some("source[0].max_rate: `0` requests per second: write a number above 0, or leave it out"),
            ),
            (
                "max_rate = -2.5",
                Some("source[0].max_rate: `-2.5` requests per second: write a number above 0, or leave it out"),
            ),
            (
                "max_rate = inf",
                Some("source[0].max_rate: `inf` requests per second: write a number above 0, or leave it out"),
            ),
            (
                "breaker = { eject = \"0s\" }",
                Some(
                    "source[0].breaker.eject: zero leaves no time for a source to recover: write for example `30s`, or set `enabled` to false",
                ),
            ),
            (
                "max_concurrent = 1\nmax_rate = 0.1\nbreaker = { failures = 1, eject = \"1ms\", eject_max = \"1ms\" }",
                None,
            ),
        ];
        for (line, expected) in cases {
            assert_eq!(problem(&format!("[[source]]\nurl = \"https://a\"\n{line}\n")).as_deref(), expected, "{line}");
        }
    }

    #[test]
    fn an_empty_entry_of_a_list_is_refused_in_every_table() {
        for sample in ["[\"\"]", "[\" \"]", "[\"a\", \"\"]", "{ \"\" = \"x\" }"] {
            let lists = keys(sample, |read| read.is_ok());
            assert!(!lists.is_empty(), "{sample}");
            for (table, key) in lists {
                let text = file(table, key, sample);
                let problem = problem(&text).unwrap_or_else(|| panic!("{text} is accepted"));
                assert!(problem.contains(key.as_str()), "{text}: {problem}");
            }
        }
        for (line, expected) in [
            (
                "api_frameworks = [\"VPAID,SIMID\"]",
                "api_frameworks: `VPAID,SIMID` is a list: write one entry for each value",
            ),
            ("mime_types = [\"video\"]", "mime_types: `video` is not a MIME type: write for example \"video/mp4\""),
            (
                "filter = { blocked_categories = [\"IAB1,IAB2\"] }",
                "filter.blocked_categories: `IAB1,IAB2` is a list: write one entry for each value",
            ),
            (
                "filter = { blocked = { advertisers = [\"\"] } }",
                "filter.blocked.advertisers: has an empty entry: leave it out, or write a value",
            ),
            (
                "filter = { blocked = { media_hosts = [\"a.example\", \"https://cdn.example/\"] } }",
                "filter.blocked.media_hosts: `https://cdn.example/` is not a host: write \"cdn.example\"",
            ),
            (
                "device_headers = { \"X Y\" = \"z\" }",
                "device_headers.X Y: is not a header name: letters, digits and dashes",
            ),
        ] {
            let text = format!("{line}\n[[source]]\nurl = \"https://a\"\n");
            assert_eq!(problem(&text).as_deref(), Some(expected), "{line}");
        }
        for (text, expected) in [
            (
                "[profile.tv]\nlanguages = [\"\"]",
                "line 2, `languages`: an entry is empty: leave it out, or write a value",
            ),
            (
                "[profile.tv]\napi_frameworks = [\"A,B\"]",
                "line 2, `api_frameworks`: `A,B` is a list: write one entry for each value",
            ),
        ] {
            assert_eq!(problem(text).as_deref(), Some(expected));
        }
        for line in ["filter = { blocked = { advertisers = [\"Shoes, Inc.\"] } }", "api_frameworks = [\"VPAID\"]"] {
            assert_eq!(problem(&format!("{line}\n[[source]]\nurl = \"https://a\"\n")), None, "{line}");
        }
    }
}
