//! What a configuration means: the settings of a request, the sources, the arms, the filter, and warnings.

use std::time::Duration;

use vast_client::config::{ArmConfig, Location, RecordConfig};
use vast_client::policy::BreakerSettings;
use vast_client::request::{IfaPolicy, IpPolicy, Privacy, UserAgentPolicy};
use vast_client::{ClientConfig, FetchConfig, ParseFilter, Plan, SourceConfig, SourceOrder};

use super::config_warnings::warnings;
use super::units::count;
use crate::render::layout::{Align, HumanOptions, Page, StyledText, TextStyle, TextTable};

/// The configuration of the file `origin`. `plan` has the names of the sources.
pub(crate) fn configuration(config: &ClientConfig, plan: &Plan, origin: &str, options: HumanOptions) -> String {
    let mut page = Page::new(options);
    let names: Vec<&str> = plan.source_names().collect();
    let FetchConfig { sources, fallbacks, arms, parse_filter, .. } = &config.fetch;
    let mut parts = vec![count(sources.len(), "source"), count(fallbacks.len(), "fallback")];
    if !arms.is_empty() {
        parts.push(count(arms.len(), "arm"));
    }
    page.line(&StyledText::new(&format!("✓ {origin}: {}", parts.join(", ")), TextStyle::Success));
    page.section("request", pairs(of_request(&config.fetch)));
    page.section("sources", source_table(&config.fetch, &names));
    page.section("arms", arm_table(&config.fetch));
    page.section("filter", pairs(of_filter(parse_filter)));
    page.section("record", pairs(config.record.as_ref().map(of_record).unwrap_or_default()));
    let mut lines = TextTable::new([("source", Align::Left), ("warning", Align::Left)]);
    for (place, text) in warnings(config, &names) {
        lines.row([StyledText::plain(&place), StyledText::new(&text, TextStyle::Warning)]);
    }
    page.section("warnings", lines);
    page.finish()
}

fn pairs(rows: Vec<(&'static str, String)>) -> TextTable {
    let mut table = TextTable::new([("", Align::Left), ("", Align::Left)]);
    for (label, value) in rows.into_iter().filter(|(_, value)| !value.is_empty()) {
        table.row([StyledText::new(label, TextStyle::Secondary), StyledText::plain(&value)]);
    }
    table
}

/// A time as it is written in a file, for example `1.5s`.
fn span(duration: Duration) -> String {
    format!("{duration:?}")
}

fn of_record(record: &RecordConfig) -> Vec<(&'static str, String)> {
    let always: Vec<&str> = record.always.iter().map(|reason| reason.as_str()).collect();
    vec![
        ("dir", record.dir.display().to_string()),
        ("sample", record.sample.to_string()),
        ("always", always.join(", ")),
        ("max_bytes", record.max_bytes.to_string()),
        ("max_files", record.max_files.to_string()),
    ]
}

fn of_request(fetch: &FetchConfig) -> Vec<(&'static str, String)> {
    let strategy = &fetch.strategy;
    let limits = &strategy.limits;
    let fallback_mode = strategy.fallback_mode.filter(|mode| *mode != strategy.mode && !fetch.fallbacks.is_empty());
    let of_fallbacks = fallback_mode.map_or_else(String::new, |mode| format!(", fallbacks {mode}"));
    let order = match strategy.order {
        SourceOrder::Split if !fetch.arms.is_empty() => "by arm".to_owned(),
        order => order.as_str().to_owned(),
    };
    let retry = &strategy.retry;
    let retries = match retry.max_retries {
        0 => "none".to_owned(),
        most => format!("{most}, after up to {}", span(retry.delay)),
    };
    vec![
        ("mode", format!("{}{of_fallbacks}", strategy.mode)),
        ("order", order),
        ("timeout", span(limits.timeout)),
        ("of a source", limits.source_timeout.map_or_else(|| "default".to_owned(), span)),
        ("of a wrapper", span(limits.hop_timeout)),
        ("of a connection", span(limits.connect_timeout)),
        ("retries", retries),
        ("breaker", breaker(&strategy.breaker)),
        ("trackers", trackers(fetch)),
    ]
}

fn trackers(fetch: &FetchConfig) -> String {
    let called = [
        (fetch.auto_track, "impressions with the answer"),
        (fetch.report_errors, "error reports"),
        (fetch.report_not_used, "not-used reports"),
    ];
    let called: Vec<_> = called.into_iter().filter(|(is_called, _)| *is_called).map(|(_, what)| what).collect();
    if called.is_empty() { "none".to_owned() } else { format!("{} (library)", called.join(", ")) }
}

fn source_table(fetch: &FetchConfig, names: &[&str]) -> TextTable {
    let columns = [
        ("name", Align::Left),
        ("tier", Align::Left),
        ("weight", Align::Right),
        ("timeout", Align::Right),
        ("limits", Align::Left),
        ("breaker", Align::Left),
        ("cache", Align::Left),
        ("privacy", Align::Left),
        ("from", Align::Left),
    ];
    let mut table = TextTable::new(columns);
    let tiers = fetch.sources.iter().map(|source| ("", source));
    let all = tiers.chain(fetch.fallbacks.iter().map(|source| ("fallback", source)));
    for ((tier, source), name) in all.zip(names) {
        table.row([
            StyledText::plain(name),
            StyledText::new(tier, TextStyle::Secondary),
            StyledText::plain(&if source.weight == 1 { String::new() } else { source.weight.to_string() }),
            StyledText::plain(&source.source_timeout.map_or_else(String::new, span)),
            StyledText::plain(&limits(source)),
            StyledText::plain(&source.breaker.as_ref().map_or_else(String::new, breaker)),
            StyledText::plain(&cache(source)),
            StyledText::plain(&privacy(&source.privacy)),
            StyledText::plain(&from(&source.location)),
        ]);
    }
    table
}

/// How many requests may ask the source.
fn limits(source: &SourceConfig) -> String {
    let at_once = source.max_concurrent.map(|most| format!("{most} at once"));
    let rate = source.max_rate.map(|most| format!("{most}/s"));
    at_once.into_iter().chain(rate).collect::<Vec<_>>().join(", ")
}

fn breaker(settings: &BreakerSettings) -> String {
    let BreakerSettings { enabled, failures, eject, eject_max, simulate_only, .. } = *settings;
    if !enabled {
        return "off".to_owned();
    }
    let simulated = if simulate_only { ", only logged" } else { "" };
    format!("{}, then {} to {}{simulated}", count(failures as usize, "failure"), span(eject), span(eject_max))
}

fn cache(source: &SourceConfig) -> String {
    let rules = &source.cache;
    let mut parts: Vec<String> = rules.ttl.map(span).into_iter().collect();
    parts.extend(rules.negative.map(|time| format!("failures {}", span(time))));
    parts.extend(rules.shared.then(|| "shared".to_owned()));
    parts.extend(rules.wrappers.then(|| "wrappers".to_owned()));
    parts.join(", ")
}

/// The rules that differ from the default: everything is sent.
fn privacy(privacy: &Privacy) -> String {
    let mut parts: Vec<String> = Vec::new();
    let policies = [
        ("ip", format!("{:?}", privacy.ip), format!("{:?}", IpPolicy::default())),
        ("ua", format!("{:?}", privacy.user_agent), format!("{:?}", UserAgentPolicy::default())),
        ("ifa", format!("{:?}", privacy.ifa), format!("{:?}", IfaPolicy::default())),
    ];
    // The values in a file are the names of the variants in small letters.
    let own = policies.into_iter().filter(|(_, policy, default)| policy != default);
    parts.extend(own.map(|(key, policy, _)| format!("{key} {}", policy.to_lowercase())));
    if privacy.require_consent {
        parts.push("with consent only".to_owned());
    }
    parts.join(", ")
}

fn from(location: &Location) -> String {
    match location {
        Location::Url(url) => url.clone(),
        Location::File(path) => path.display().to_string(),
        Location::Inline(_) => "xml".to_owned(),
        _ => String::new(),
    }
}

fn arm_table(fetch: &FetchConfig) -> TextTable {
    let columns = [
        ("name", Align::Left),
        ("share", Align::Right),
        ("order", Align::Left),
        ("mode", Align::Left),
        ("timeout", Align::Right),
        ("filter", Align::Left),
        ("sources", Align::Left),
    ];
    let mut table = TextTable::new(columns);
    for arm in &fetch.arms {
        let ArmConfig { name, share, sources, order, mode, parse_filter, timeout, .. } = arm;
        table.row([
            StyledText::plain(name),
            StyledText::plain(&format!("{share} %")),
            StyledText::plain(order.map_or("", SourceOrder::as_str)),
            StyledText::plain(&mode.map_or_else(String::new, |mode| mode.to_string())),
            StyledText::plain(&timeout.map_or_else(String::new, span)),
            StyledText::plain(if parse_filter.is_some() { "own" } else { "" }),
            StyledText::plain(&sources.join(", ")),
        ]);
    }
    table
}

fn of_filter(filter: &ParseFilter) -> Vec<(&'static str, String)> {
    let range = |low: Option<String>, high: Option<String>| match (low, high) {
        (None, None) => String::new(),
        (Some(low), None) => format!("from {low}"),
        (None, Some(high)) => format!("up to {high}"),
        (Some(low), Some(high)) => format!("{low} to {high}"),
    };
    let rate = |rate: Option<u32>| rate.map(|rate| format!("{rate} kbit/s"));
    let kinds: Vec<_> = filter.media_types.iter().map(|kind| kind.as_str()).collect();
    let default = ParseFilter::default();
    let wrappers = match (filter.accept_wrappers, filter.max_wrapper_depth) {
        (false, _) => "refused".to_owned(),
        (true, depth) if depth == default.max_wrapper_depth => String::new(),
        (true, depth) => format!("at most {depth}"),
    };
    let lists = &filter.blocked;
    let lists = [&lists.creative_ids, &lists.universal_ad_ids, &lists.advertisers, &lists.media_hosts];
    let blocked = lists.into_iter().chain([&filter.blocked_categories]).map(Vec::len).sum();
    vec![
        ("media", kinds.join(", ")),
        ("duration", range(filter.min_duration.map(span), filter.max_duration.map(span))),
        ("bitrate", range(rate(filter.min_bitrate), rate(filter.max_bitrate))),
        ("size", filter.required_dimensions.map_or_else(String::new, |(width, height)| format!("{width}x{height}"))),
        (
            "skippable",
            if filter.skippable == default.skippable { String::new() } else { filter.skippable.as_str().to_owned() },
        ),
        ("media files", if filter.require_secure { "https only".to_owned() } else { String::new() }),
        ("versions", filter.versions.join(", ")),
        ("wrappers", wrappers),
        ("blocked", if blocked == 0 { String::new() } else { count(blocked, "entry") }),
    ]
}
