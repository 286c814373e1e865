//! Circuit breakers over many requests.

use std::time::Duration;

use tracing::Level;
use vast_client::journal::SkipReason;
use vast_client::policy::{BreakerState, FetchMode};
use vast_client::{AdRequest, Consent, FetchResult, SourceConfig, VastClient};

use crate::log_lines::LogLines;

use super::server::{Manner, Server, client, config, is_skipped, millis, outcome, short};

const FAILS: Manner = Manner::Fails(503, 5);
const FILLS: Manner = Manner::Fills(20);

/// Makes a request every 100 ms for so long; returns the results.
async fn requests(client: &VastClient, duration: Duration) -> Vec<FetchResult> {
    let mut results = Vec::new();
    let until = tokio::time::Instant::now() + duration;
    let mut every = tokio::time::interval(millis(100));
    loop {
        every.tick().await;
        if tokio::time::Instant::now() >= until {
            return results;
        }
        results.push(client.request_ad().await);
    }
}

#[tokio::test(start_paused = true)]
async fn a_source_that_fails_is_ejected_probed_and_asked_again_after_it_has_recovered() {
    for mode in [FetchMode::Parallel, FetchMode::Sequential, FetchMode::Race, FetchMode::Staggered, FetchMode::Collect]
    {
        let (dead, live) = (Server::new("dead", FAILS), Server::new("live", FILLS));
        let client = client(config(&[&dead, &live]).with_mode(mode));
        let mut results = requests(&client, millis(8_000)).await;
        // Five failures eject it for 1 s; the probes at about 1.5 s, 3.6 s and 6.7 s fail.
        let asked = dead.take_asked();
        assert_eq!(asked.len(), 8, "{mode}: {asked:?}");
        for (probe, (least, most)) in asked.iter().skip(5).zip([(1.3, 1.7), (3.0, 4.1), (5.6, 7.6)]) {
            assert!((least..most).contains(&probe.as_secs_f64()), "{mode}: {asked:?}");
        }
        assert_eq!(client.plan().breaker("dead"), Some(BreakerState::Open), "{mode}");
        dead.becomes(Manner::Fills(5));
        results.extend(requests(&client, millis(5_000)).await);
        assert_eq!(client.plan().breaker("dead"), Some(BreakerState::Closed), "{mode}");
        let recovered = results.iter().rev().take_while(|result| outcome(result, "dead") == "filled").count();
        assert!(recovered >= 5, "{mode}: {recovered}");
        let skipped = results.iter().filter(|result| is_skipped(result, "dead", SkipReason::BreakerOpen)).count();
        assert_eq!(skipped + 8 + recovered, results.len(), "{mode}");
        assert!(results.iter().all(|result| !result.ads.is_empty()), "{mode}: the other source can fill each request");
    }
}

#[tokio::test(start_paused = true)]
async fn at_most_half_of_the_sources_rounded_up_are_skipped_and_none_if_all_are_ejected() {
    // The sources that fail, the other sources, and the sources that are skipped in a request after the ejections.
    let cases: [(usize, usize, usize); 7] =
        [(1, 0, 0), (2, 0, 0), (1, 1, 1), (2, 1, 2), (3, 1, 2), (4, 1, 3), (5, 0, 0)];
    for (failing, others, expected) in cases {
        let names = ["a", "b", "c", "d", "e"];
        let servers: Vec<_> = (0..failing + others)
            .map(|index| Server::new(names[index], if index < failing { FAILS } else { Manner::IsEmpty(5) }))
            .collect();
        for mode in [FetchMode::Parallel, FetchMode::Sequential] {
            let client = client(config(&servers.iter().collect::<Vec<_>>()).with_mode(mode));
            requests(&client, millis(500)).await;
            servers.iter().for_each(|server| drop(server.take_asked()));
            let result = client.request_ad().await;
            let skipped = names[..failing].iter().filter(|name| is_skipped(&result, name, SkipReason::BreakerOpen));
            assert_eq!(skipped.count(), expected, "{failing} of {} fail, {mode}", servers.len());
            let asked: usize = servers.iter().map(Server::take_count).sum();
            assert_eq!(asked, servers.len() - expected, "{failing} of {} fail, {mode}", servers.len());
        }
    }
}

/// A change of the configuration of a source.
type Change = fn(SourceConfig) -> SourceConfig;

#[tokio::test(start_paused = true)]
async fn a_source_is_not_skipped_if_no_other_one_can_be_asked() {
    let (dead, live) = (Server::new("dead", FAILS), Server::new("live", FILLS));
    let needs_consent = |source: SourceConfig| {
        let mut source = source;
        source.privacy.require_consent = true;
        source
    };
    let no_consent = AdRequest { consent: Consent { gdpr: Some(true), ..Consent::default() }, ..AdRequest::default() };
    let slow_rate = |source: SourceConfig| source.with_max_rate(Some(0.001));
    let cases: [(&str, AdRequest, Change, &str); 2] = [
        ("consent", no_consent, needs_consent, "skipped consent"),
        ("rate", AdRequest::default(), slow_rate, "skipped rate"),
    ];
    for (case, request, change, expected) in cases {
        for mode in [FetchMode::Parallel, FetchMode::Sequential] {
            let mut config = config(&[&dead]).with_mode(mode);
            config.sources.push(change(live.source()));
            let client = client(config);
            for _ in 0..6 {
                client.request_ad_for(&request).await;
            }
            let result = client.request_ad_for(&request).await;
            assert_eq!(client.plan().breaker("dead"), Some(BreakerState::Open), "{case} in {mode}");
            let outcomes = (outcome(&result, "dead"), outcome(&result, "live"));
            assert_eq!(outcomes, ("failed http_status".to_owned(), expected.to_owned()), "{case} in {mode}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_fallback_is_asked_instead_of_an_ejected_source() {
    let (dead, house) = (Server::new("dead", FAILS), Server::new("house", FILLS));
    let client = client(config(&[&dead]).with_fallbacks([house.source()]));
    let results = requests(&client, millis(1000)).await;
    assert_eq!(dead.take_count(), 5);
    assert!(results.iter().all(|result| result.source.as_deref() == Some("house")));
    assert_eq!(outcome(results.last().unwrap(), "dead"), "skipped breaker_open");
}

#[tokio::test(start_paused = true)]
async fn only_failures_eject_a_source() {
    let cases = [
        (Manner::IsEmpty(5), "no_ad"),
        // The other source wins long before the end of this one.
        (Manner::Fills(1500), "cancelled"),
        (Manner::Hangs, "cancelled"),
        (Manner::Fails(503, 5), "skipped breaker_open"),
        (Manner::Fails(404, 5), "skipped breaker_open"),
    ];
    for (manner, expected) in cases {
        let (one, live) = (Server::new("one", manner), Server::new("live", FILLS));
        let client = client(config(&[&one, &live]).with_mode(FetchMode::Race));
        let results = requests(&client, millis(900)).await;
        assert_eq!(outcome(results.last().unwrap(), "one"), expected, "{manner:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_source_that_hangs_is_ejected_but_not_one_that_the_request_gave_no_time() {
    let (hangs, live) = (Server::new("hangs", Manner::Hangs), Server::new("live", Manner::IsEmpty(5)));
    for (timeout, mode) in [(300, FetchMode::Parallel), (5_000, FetchMode::Parallel), (5_000, FetchMode::Sequential)] {
        let mut config = config(&[&hangs, &live]).with_mode(mode);
        config.strategy.limits.timeout = millis(timeout);
        let client = client(config);
        for _ in 0..5 {
            client.request_ad().await;
        }
        assert_eq!(client.plan().breaker("hangs"), Some(BreakerState::Open), "{timeout} ms, {mode}");
    }
    // The first source uses up nearly all the time of the request, so the second one cannot show anything.
    let slow = Server::new("slow", Manner::IsEmpty(1900));
    let mut config = config(&[&slow, &hangs]).with_mode(FetchMode::Sequential);
    (config.strategy.limits.timeout, config.strategy.limits.source_timeout) = (millis(2_200), Some(millis(2_000)));
    let client = client(config);
    for _ in 0..10 {
        let result = client.request_ad().await;
        assert_eq!(outcome(&result, "hangs"), "failed timeout");
    }
    assert_eq!(client.plan().breaker("hangs"), Some(BreakerState::Closed));
}

#[tokio::test(start_paused = true)]
async fn the_place_of_a_cancelled_probe_is_free_again() {
    let (dead, live) = (Server::new("dead", FAILS), Server::new("live", FILLS));
    let client = client(config(&[&dead, &live]).with_mode(FetchMode::Race));
    requests(&client, millis(1000)).await;
    assert_eq!(dead.take_count(), 5);
    // It hangs when it is probed, and the other source wins: each request is a probe until one shows something.
    dead.becomes(Manner::Hangs);
    let results = requests(&client, millis(2000)).await;
    let cancelled = results.iter().filter(|result| outcome(result, "dead") == "cancelled").count();
    assert!(cancelled > 5 && cancelled == dead.take_count(), "{cancelled}");
    assert_eq!(client.plan().breaker("dead"), Some(BreakerState::HalfOpen));
    dead.becomes(Manner::IsEmpty(5));
    client.request_ad().await;
    assert_eq!(client.plan().breaker("dead"), Some(BreakerState::Closed));
}

#[tokio::test(start_paused = true)]
async fn one_probe_is_made_at_a_time() {
    let (dead, live) = (Server::new("dead", FAILS), Server::new("live", FILLS));
    let client = client(config(&[&dead, &live]).with_mode(FetchMode::Collect));
    requests(&client, millis(500)).await;
    tokio::time::sleep(millis(1500)).await;
    dead.take_asked();
    dead.becomes(Manner::Fills(100));
    let at_once: Vec<_> = (0..20).map(|_| client.request_ad()).collect();
    let results = futures_util::future::join_all(at_once).await;
    assert_eq!(dead.take_count(), 1);
    let skipped = results.iter().filter(|result| is_skipped(result, "dead", SkipReason::BreakerOpen)).count();
    assert_eq!(skipped, 19);
    assert_eq!(outcome(&client.request_ad().await, "dead"), "filled");
}

#[tokio::test(start_paused = true)]
async fn a_simulated_or_disabled_breaker_skips_nothing() {
    for (enabled, simulate_only, expected) in [(true, true, BreakerState::Open), (false, false, BreakerState::Closed)] {
        let (dead, live) = (Server::new("dead", FAILS), Server::new("live", FILLS));
        let mut config = config(&[&dead, &live]);
        let mut settings = short();
        (settings.enabled, settings.simulate_only) = (enabled, simulate_only);
        config.sources[0].breaker = Some(settings);
        let client = client(config);
        let results = requests(&client, millis(1000)).await;
        assert_eq!(dead.take_count(), results.len());
        assert_eq!(client.plan().breaker("dead"), Some(expected), "simulated: {simulate_only}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_newer_plan_takes_over_what_is_known_of_a_source() {
    let (dead, live) = (Server::new("dead", FAILS), Server::new("live", FILLS));
    let config = config(&[&dead, &live]);
    let old = client(config.clone());
    requests(&old, millis(500)).await;
    let moved = Server::new("elsewhere", FAILS);
    let cases = [
        ("the same", config.sources[0].clone(), "dead", BreakerState::Open),
        ("other settings", config.sources[0].clone().with_source_timeout(millis(700)), "dead", BreakerState::Open),
        ("made again", dead.source(), "dead", BreakerState::Open),
        ("another name", dead.source().named("renamed"), "renamed", BreakerState::Closed),
        ("another place", moved.source().named("dead"), "dead", BreakerState::Closed),
    ];
    for (case, source, name, expected) in cases {
        let mut newer = config.clone();
        newer.sources[0] = source;
        let plan = old.orchestrator().plan_after(&newer, old.plan()).expect("a configuration");
        assert_eq!(plan.breaker(name), Some(expected), "{case}");
        let client = VastClient::builder().after(old.plan()).build(newer).expect("a configuration");
        assert_eq!(client.plan().breaker(name), Some(expected), "{case}");
        assert_eq!(client.plan().latency("live").map(|latency| latency.p50().is_some()), Some(false), "{case}");
    }
    let fresh = old.orchestrator().plan(&config).expect("a configuration");
    assert_eq!(fresh.breaker("dead"), Some(BreakerState::Closed));
    // The plans share the memory: what requests of the newer one show serves the older one.
    let newer = old.orchestrator().plan_after(&config, old.plan()).expect("a configuration");
    tokio::time::sleep(millis(1500)).await;
    dead.becomes(FILLS);
    old.orchestrator().run(&newer, &AdRequest::default(), old.run_options()).await;
    assert_eq!(old.plan().breaker("dead"), Some(BreakerState::Closed));
}

#[tokio::test(start_paused = true)]
async fn each_change_of_the_state_of_a_source_is_one_warning() {
    for (simulate_only, simulated) in [(false, "simulated=false"), (true, "simulated=true")] {
        let (lines, _collecting) = LogLines::collect(Level::WARN);
        let (dead, live) = (Server::new("dead", FAILS), Server::new("live", FILLS));
        let mut config = config(&[&dead, &live]).with_mode(FetchMode::Collect);
        config.strategy.breaker.simulate_only = simulate_only;
        let client = client(config);
        requests(&client, millis(2_500)).await;
        dead.becomes(FILLS);
        requests(&client, millis(5_000)).await;
        let lines = lines.lines();
        let expected = [
            ["source ejected", "source=dead", "state=open", "ejections=1", simulated],
            ["source ejected", "source=dead", "state=open", "ejections=2", simulated],
            ["source asked again", "source=dead", "state=closed", "", simulated],
        ];
        assert_eq!(lines.len(), expected.len(), "{lines:#?}");
        for (line, parts) in lines.iter().zip(expected) {
            assert!(parts.iter().all(|part| line.contains(part)), "{line}: {parts:?}");
        }
    }
}
