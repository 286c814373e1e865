//! The documentation of the configuration keys against the defaults of the types that they fill.

use std::time::Duration;

use vast_client::policy::TimeLimits;
use vast_client::{ConfigKey, FetchConfig, FetchStrategy, ParseFilter, Slot, SourceConfig};

/// `3 s` or `500 ms`.
fn shown(duration: Duration) -> String {
    let millis = duration.as_millis();
    if millis.is_multiple_of(1000) { format!("{} s", millis / 1000) } else { format!("{millis} ms") }
}

#[test]
fn the_documentation_of_a_key_has_the_default_of_the_code() {
    let FetchConfig { strategy, auto_track, report_errors, report_not_used, max_beacons, keep_raw, .. } =
        FetchConfig::default();
    let FetchStrategy { mode, order, limits, retry, resolve_ahead, cost, breaker, .. } = strategy;
    let (slot, filter, source) = (Slot::linear(), ParseFilter::default(), SourceConfig::inline("<VAST/>"));
    let truth = |truth: bool| format!("`{truth}`");
    let cases = [
        (ConfigKey::Mode, format!("`{mode}`")),
        (ConfigKey::Order, format!("`{}`", order.as_str())),
        (ConfigKey::Timeout, shown(limits.timeout)),
        (ConfigKey::SourceTimeout, shown(TimeLimits::DEFAULT_SOURCE_TIMEOUT)),
        (ConfigKey::HopTimeout, shown(limits.hop_timeout)),
        (ConfigKey::ConnectTimeout, shown(limits.connect_timeout)),
        (ConfigKey::IdleTimeout, shown(limits.idle_timeout)),
        (ConfigKey::MinUseful, shown(limits.min_useful)),
        (ConfigKey::Retries, retry.max_retries.to_string()),
        (ConfigKey::RetryDelay, shown(retry.delay)),
        (ConfigKey::RetryMaxDelay, shown(retry.max_delay)),
        (ConfigKey::RetryTimeouts, truth(retry.retry_timeouts)),
        (ConfigKey::ResolveAhead, resolve_ahead.to_string()),
        (ConfigKey::MaxExchanges, cost.max_exchanges.to_string()),
        (ConfigKey::MaxRedirects, cost.max_redirects.to_string()),
        (ConfigKey::MaxSourceBytes, cost.max_source_bytes.to_string()),
        (ConfigKey::MaxRequestBytes, cost.max_request_bytes.to_string()),
        (ConfigKey::MaxBreaks, cost.max_breaks.to_string()),
        (ConfigKey::Track, truth(auto_track)),
        (ConfigKey::ReportErrors, truth(report_errors)),
        (ConfigKey::ReportNotUsed, truth(report_not_used)),
        (ConfigKey::MaxBeacons, max_beacons.to_string()),
        (ConfigKey::Raw, truth(keep_raw)),
        (ConfigKey::AllowPrivate, truth(source.allow_private)),
        (ConfigKey::VariableDuration, truth(slot.variable_duration)),
        (ConfigKey::AcceptPods, truth(slot.accept_pods)),
        (ConfigKey::Tolerance, shown(slot.break_tolerance)),
        (ConfigKey::Rank, format!("`[\"{}\"]`", slot.break_rules.rank[0].as_str())),
        (ConfigKey::Dedup, format!("`{}`", slot.break_rules.dedup.as_str())),
        (ConfigKey::AcceptUnknown, truth(filter.accept_unknown)),
        (ConfigKey::CheckCategories, truth(filter.check_categories)),
        (ConfigKey::RequireCategory, truth(filter.require_category)),
        (ConfigKey::Skippable, format!("`{}`", filter.skippable.as_str())),
        (ConfigKey::AcceptConditional, truth(filter.accept_conditional)),
        (ConfigKey::RequireSecure, truth(filter.require_secure)),
        (ConfigKey::RequireMezzanine, truth(filter.require_mezzanine)),
        (ConfigKey::AcceptWrappers, truth(filter.accept_wrappers)),
        (ConfigKey::MaxWrapperDepth, filter.max_wrapper_depth.to_string()),
        (ConfigKey::Weight, source.weight.to_string()),
        (ConfigKey::Enabled, truth(breaker.enabled)),
        (ConfigKey::Failures, breaker.failures.to_string()),
        (ConfigKey::Eject, shown(breaker.eject)),
        (ConfigKey::EjectMax, shown(breaker.eject_max)),
        (ConfigKey::SimulateOnly, truth(breaker.simulate_only)),
        (ConfigKey::RequireConsent, truth(source.privacy.require_consent)),
        (ConfigKey::ForwardFor, truth(source.privacy.forward_for)),
    ];
    for (key, default) in cases {
        let documentation = key.documentation();
        let (_, after) = documentation.split_once("Default ").unwrap_or_else(|| panic!("{key}: {documentation}"));
        let rest = after.strip_prefix(&default).unwrap_or_else(|| panic!("{key}, {default}: {documentation}"));
        let is_whole = rest.chars().next().is_none_or(|next| !next.is_alphanumeric());
        assert!(is_whole, "{key}, {default}: {documentation}");
    }
}
