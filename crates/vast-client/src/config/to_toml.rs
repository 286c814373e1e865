//! Writes a configuration as TOML, as [`ClientConfig::parse`] reads it.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;
use toml::{Table, Value};

use super::{ArmConfig, ClientConfig, FetchConfig, FetchStrategy, Location, RecordConfig, SourceConfig};
use crate::error::ConfigKey as Key;
use crate::policy::BreakerSettings;
use crate::request::{AdRequest, BreakRules, DeviceProfile, Privacy, Rate, Slot};
use crate::select::ParseFilter;

impl ClientConfig {
    /// The configuration as TOML that [`parse`](Self::parse) reads. Only settings that differ from their defaults are written.
    ///
    /// A file cannot have everything that code can set. It has parameters and headers sorted by name, and a source that the host
    /// implements is written as `xml` without content. [`Slot::non_linear`], [`Slot::any_creative`], [`Slot::break_types`],
    /// [`Slot::max_ad_duration`], [`AdRequest::timeout`] and [`AdRequest::break_id`] are missing.
    pub fn to_toml(&self) -> String {
        let mut table = root(self);
        let default = root(&Self::default());
        table.retain(|key, value| default.get(key) != Some(value));
        toml::to_string(&table).unwrap_or_default()
    }
}

/// Adds the value of `key`. `None` adds nothing.
fn put<T: Serialize>(table: &mut Table, key: Key, value: T) {
    if let Ok(value) = Value::try_from(value) {
        table.insert(key.as_str().to_owned(), value);
    }
}

/// Adds the value of `key` if there is one.
fn put_some<T: Serialize>(table: &mut Table, key: Key, value: Option<T>) {
    value.into_iter().for_each(|value| put(table, key, value));
}

/// Adds the entries of `key` that differ from those of `default`, if there are any.
fn put_changed(table: &mut Table, key: Key, mut entries: Table, default: &Table) {
    entries.retain(|name, value| default.get(name) != Some(value));
    if !entries.is_empty() {
        put(table, key, entries);
    }
}

/// Adds the durations of these keys.
fn put_durations(table: &mut Table, durations: impl IntoIterator<Item = (Key, Option<Duration>)>) {
    durations.into_iter().for_each(|(key, duration)| put_some(table, key, duration.map(text_of_duration)));
}

fn text_of_duration(duration: Duration) -> String {
    match duration.subsec_nanos() {
        0 => format!("{}s", duration.as_secs()),
        nanos if nanos % 1_000_000 == 0 => format!("{}ms", duration.as_millis()),
        _ => format!("{}ns", duration.as_nanos()),
    }
}

fn text_of_size((width, height): (u32, u32)) -> String {
    format!("{width}x{height}")
}

/// The values of each name. A name may be there more than once in a query.
fn lists(pairs: &[(String, String)]) -> BTreeMap<&str, Vec<&str>> {
    let mut lists: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, value) in pairs {
        lists.entry(name).or_default().push(value);
    }
    lists
}

fn pairs(pairs: &[(String, String)]) -> BTreeMap<&str, &str> {
    pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

fn root(config: &ClientConfig) -> Table {
    let ClientConfig { fetch, request, track, report_errors, profiles, record } = config;
    let mut table = Table::new();
    put_strategy(&mut table, &fetch.strategy);
    put_request(&mut table, request);
    put_slot(&mut table, &request.slot);
    put_profiles(&mut table, &request.slot.profile, profiles);
    put_some(&mut table, Key::Track, *track);
    put_some(&mut table, Key::ReportErrors, *report_errors);
    put_fetch(&mut table, fetch);
    put_some(&mut table, Key::Record, record.as_ref().map(record_table));
    table
}

fn put_fetch(table: &mut Table, fetch: &FetchConfig) {
    put(table, Key::ReportNotUsed, fetch.report_not_used);
    put(table, Key::MaxBeacons, fetch.max_beacons);
    put(table, Key::Raw, fetch.keep_raw);
    put(table, Key::UserAgent, &fetch.user_agent);
    put_some(table, Key::CaFile, fetch.ca_file.as_ref());
    put_some(table, Key::Proxy, fetch.proxy.as_ref().map(ToString::to_string));
    put(table, Key::Params, lists(&fetch.params));
    put(table, Key::Headers, pairs(&fetch.headers));
    put_changed(table, Key::Filter, filter(&fetch.parse_filter), &filter(&ParseFilter::default()));
    let breaker = fetch.strategy.breaker;
    put_changed(table, Key::Breaker, breaker_table(breaker), &breaker_table(BreakerSettings::default()));
    for (key, sources) in [(Key::Source, &fetch.sources), (Key::Fallback, &fetch.fallbacks)] {
        put(table, key, sources.iter().map(source).collect::<Vec<_>>());
    }
    put(table, Key::Arm, fetch.arms.iter().map(arm).collect::<Vec<_>>());
}

fn put_strategy(table: &mut Table, strategy: &FetchStrategy) {
    let FetchStrategy { mode, fallback_mode, order, limits, retry, patience, stagger, .. } = strategy;
    put(table, Key::Mode, mode);
    put_some(table, Key::FallbackMode, fallback_mode.as_ref());
    put(table, Key::Order, order);
    put_durations(
        table,
        [
            (Key::Timeout, Some(limits.timeout)),
            (Key::HopTimeout, Some(limits.hop_timeout)),
            (Key::ConnectTimeout, Some(limits.connect_timeout)),
            (Key::IdleTimeout, Some(limits.idle_timeout)),
            (Key::MinUseful, Some(limits.min_useful)),
            (Key::FallbackReserve, limits.fallback_reserve),
            (Key::SourceTimeout, limits.source_timeout),
            (Key::AttemptTimeout, limits.attempt_timeout),
            (Key::RetryDelay, Some(retry.delay)),
            (Key::RetryMaxDelay, Some(retry.max_delay)),
            (Key::Patience, *patience),
            (Key::Stagger, *stagger),
        ],
    );
    put(table, Key::Retries, retry.max_retries);
    put(table, Key::RetryTimeouts, retry.retry_timeouts);
    put(table, Key::ResolveAhead, strategy.resolve_ahead);
    put_some(table, Key::AllowMultipleAds, strategy.allow_multiple_ads);
    let cost = &strategy.cost;
    put(table, Key::MaxExchanges, cost.max_exchanges);
    put(table, Key::MaxRedirects, cost.max_redirects);
    // Integers of TOML have a sign.
    let signed = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
    put(table, Key::MaxSourceBytes, signed(cost.max_source_bytes));
    put(table, Key::MaxRequestBytes, signed(cost.max_request_bytes));
    put(table, Key::MaxBreaks, cost.max_breaks);
}

fn put_request(table: &mut Table, request: &AdRequest) {
    let AdRequest { device, consent, macros, foreign_macros, split_key, seed, .. } = request;
    put_some(table, Key::DeviceIp, device.ip);
    for (key, text) in [
        (Key::DeviceUa, &device.user_agent),
        (Key::DeviceReferer, &device.referer),
        (Key::DeviceLanguage, &device.accept_language),
        (Key::DeviceRequestedWith, &device.requested_with),
        (Key::DeviceIfa, &device.ifa),
        (Key::DeviceIfaType, &device.ifa_type),
        (Key::GdprConsent, &consent.gdpr_consent),
        (Key::Gpp, &consent.gpp),
        (Key::SplitKey, split_key),
    ] {
        put_some(table, key, text.as_ref());
    }
    put(table, Key::DeviceHeaders, pairs(&device.headers));
    put_some(table, Key::Gdpr, consent.gdpr);
    put_some(table, Key::Coppa, consent.coppa);
    put(table, Key::GppSections, &consent.gpp_sections);
    put_some(table, Key::LimitAdTracking, consent.limit_ad_tracking);
    put(table, Key::Macros, pairs(macros));
    put(table, Key::ForeignMacros, foreign_macros.iter().collect::<BTreeMap<_, _>>());
    put_some(table, Key::Seed, seed.and_then(|seed| i64::try_from(seed).ok()));
}

fn put_slot(table: &mut Table, slot: &Slot) {
    put(table, Key::ApiFrameworks, &slot.api_frameworks);
    put(table, Key::MimeTypes, &slot.mime_types);
    let sizes = slot.companion_sizes.as_ref();
    put_some(
        table,
        Key::CompanionSizes,
        sizes.map(|sizes| sizes.iter().copied().map(text_of_size).collect::<Vec<_>>()),
    );
    put_some(table, Key::NonLinearSize, slot.non_linear_size.map(text_of_size));
    put(table, Key::VariableDuration, slot.variable_duration);
    put(table, Key::AcceptPods, slot.accept_pods);
    put_changed(table, Key::Break, break_table(slot), &break_table(&Slot::linear()));
}

fn break_table(slot: &Slot) -> Table {
    let mut table = Table::new();
    put_durations(
        &mut table,
        [(Key::Min, slot.break_min), (Key::Max, slot.break_duration), (Key::Tolerance, Some(slot.break_tolerance))],
    );
    put_some(&mut table, Key::MaxAds, slot.max_ads);
    let BreakRules { rank, dedup, separate, currency, rates } = &slot.break_rules;
    put(&mut table, Key::Rank, rank);
    put(&mut table, Key::Dedup, dedup);
    put(&mut table, Key::Separate, separate);
    put_some(&mut table, Key::Currency, currency.as_ref());
    let rates: BTreeMap<_, _> = rates.iter().map(|(currency, rate)| (currency, units(*rate))).collect();
    put(&mut table, Key::Rates, rates);
    table
}

/// The rate as a number of units.
#[allow(clippy::cast_precision_loss)] // A rate has at most 12 digits.
fn units(rate: Rate) -> f64 {
    rate.millionths() as f64 / 1e6
}

/// The profiles of the file, and the chosen one.
fn put_profiles(table: &mut Table, chosen: &DeviceProfile, profiles: &[DeviceProfile]) {
    let is_built_in = DeviceProfile::built_in(&chosen.name).as_ref() == Some(chosen);
    let is_chosen = *chosen != DeviceProfile::default();
    let mut tables: BTreeMap<&str, Table> =
        profiles.iter().map(|profile| (profile.name.as_str(), profile_table(profile))).collect();
    if is_chosen && !is_built_in {
        tables.insert(&chosen.name, profile_table(chosen));
    }
    if !tables.is_empty() {
        put(table, Key::Profile, tables);
    }
    if is_chosen {
        put(table, Key::DeviceProfile, &chosen.name);
    }
}

fn profile_table(profile: &DeviceProfile) -> Table {
    let mut table = Table::new();
    put_some(&mut table, Key::MaxWidth, profile.max_width);
    put_some(&mut table, Key::MaxHeight, profile.max_height);
    put_some(&mut table, Key::MaxBitrate, profile.max_bitrate);
    put(&mut table, Key::Codecs, &profile.codecs);
    put(&mut table, Key::Delivery, &profile.delivery);
    for (key, list) in [
        (Key::MimeTypes, &profile.mime_types),
        (Key::ApiFrameworks, &profile.api_frameworks),
        (Key::Languages, &profile.languages),
    ] {
        put(&mut table, key, list);
    }
    table
}

fn filter(filter: &ParseFilter) -> Table {
    let mut table = Table::new();
    put(&mut table, Key::MediaTypes, &filter.media_types);
    put_durations(&mut table, [(Key::MinDuration, filter.min_duration), (Key::MaxDuration, filter.max_duration)]);
    put_some(&mut table, Key::MinBitrate, filter.min_bitrate);
    put_some(&mut table, Key::MaxBitrate, filter.max_bitrate);
    put_some(&mut table, Key::RequiredDimensions, filter.required_dimensions.map(text_of_size));
    put(&mut table, Key::BlockedCategories, &filter.blocked_categories);
    put(&mut table, Key::Blocked, &filter.blocked);
    put(&mut table, Key::Skippable, filter.skippable);
    put(&mut table, Key::Versions, &filter.versions);
    put(&mut table, Key::MaxWrapperDepth, filter.max_wrapper_depth);
    for (key, flag) in [
        (Key::AcceptUnknown, filter.accept_unknown),
        (Key::CheckCategories, filter.check_categories),
        (Key::RequireCategory, filter.require_category),
        (Key::AcceptConditional, filter.accept_conditional),
        (Key::RequireSecure, filter.require_secure),
        (Key::RequireMezzanine, filter.require_mezzanine),
        (Key::AcceptWrappers, filter.accept_wrappers),
    ] {
        put(&mut table, key, flag);
    }
    table
}

fn record_table(record: &RecordConfig) -> Table {
    let RecordConfig { dir, sample, always, max_bytes, max_files } = record;
    let mut table = Table::new();
    put(&mut table, Key::Dir, dir);
    put(&mut table, Key::Sample, sample);
    put(&mut table, Key::Always, always);
    put(&mut table, Key::MaxBytes, i64::try_from(*max_bytes).unwrap_or(i64::MAX));
    put(&mut table, Key::MaxFiles, max_files);
    table
}

fn breaker_table(breaker: BreakerSettings) -> Table {
    let BreakerSettings { enabled, failures, eject, eject_max, simulate_only, .. } = breaker;
    let mut table = Table::new();
    put(&mut table, Key::Enabled, enabled);
    put(&mut table, Key::Failures, failures);
    put_durations(&mut table, [(Key::Eject, Some(eject)), (Key::EjectMax, Some(eject_max))]);
    put(&mut table, Key::SimulateOnly, simulate_only);
    table
}

fn source(source: &SourceConfig) -> Table {
    let mut table = source_table(source);
    let default = source_table(&SourceConfig::inline(""));
    let place = [Key::Url, Key::File, Key::Xml].map(Key::as_str);
    table.retain(|key, value| place.contains(&key) || default.get(key) != Some(value));
    table
}

fn source_table(source: &SourceConfig) -> Table {
    let mut table = Table::new();
    match &source.location {
        Location::Url(url) => put(&mut table, Key::Url, url),
        Location::File(path) => put(&mut table, Key::File, path),
        Location::Inline(xml) => put(&mut table, Key::Xml, xml),
        Location::Custom(_) => put(&mut table, Key::Xml, ""),
    }
    put_some(&mut table, Key::Name, source.name.as_ref());
    put(&mut table, Key::Params, lists(&source.params));
    put(&mut table, Key::RawParams, &source.raw_params);
    put(&mut table, Key::Headers, pairs(&source.headers));
    put(&mut table, Key::Weight, source.weight);
    put_some(&mut table, Key::MaxConcurrent, source.max_concurrent);
    put_some(&mut table, Key::MaxRate, source.max_rate);
    put_some(&mut table, Key::Breaker, source.breaker.map(breaker_table));
    let cache = &source.cache;
    put_durations(
        &mut table,
        [(Key::SourceTimeout, source.source_timeout), (Key::CacheTtl, cache.ttl), (Key::CacheNegative, cache.negative)],
    );
    put(&mut table, Key::CacheShared, cache.shared);
    put(&mut table, Key::CacheWrappers, cache.wrappers);
    let Privacy { ip, user_agent, ifa, ifa_salt, require_consent, forward_for } = &source.privacy;
    put(&mut table, Key::Ip, ip);
    put(&mut table, Key::Ua, user_agent);
    put(&mut table, Key::Ifa, ifa);
    put_some(&mut table, Key::IfaSalt, ifa_salt.as_ref());
    put(&mut table, Key::RequireConsent, require_consent);
    put(&mut table, Key::ForwardFor, forward_for);
    put(&mut table, Key::AllowPrivate, source.allow_private);
    put_some(&mut table, Key::ClientCertificate, source.client_certificate.as_ref());
    put_some(&mut table, Key::ClientKey, source.client_key.as_ref());
    table
}

fn arm(arm: &ArmConfig) -> Table {
    let mut table = Table::new();
    put(&mut table, Key::Name, &arm.name);
    put(&mut table, Key::Share, arm.share);
    put(&mut table, Key::Sources, &arm.sources);
    put_some(&mut table, Key::Order, arm.order);
    put_some(&mut table, Key::Mode, arm.mode);
    put_durations(&mut table, [(Key::Timeout, arm.timeout)]);
    let default = filter(&ParseFilter::default());
    if let Some(own) = &arm.parse_filter {
        let mut own = filter(own);
        own.retain(|key, value| default.get(key) != Some(value));
        put(&mut table, Key::Filter, own);
    }
    table
}
