//! The numbers of a client are those of its results added up, and each request counts once.

use std::time::{Duration, UNIX_EPOCH};

use crate::scenario::file::Names;
use crate::scenario::network::Network;
use vast_client::env::Env;
use vast_client::journal::SkipReason;
use vast_client::policy::BreakerState;
use vast_client::stats::{PlanStats, SourceStats};
use vast_client::transport::{ExchangeSettings, Linger};
use vast_client::{AdRequest, ClientConfig, ErrorType, FetchConfig, FetchMode, SourceConfig, VastClient};
use vast_mock::{Answer, Fault, Script};

const INLINE: &str = include_str!("../../../../scenarios/ads/inline.xml");
const WRAPPER: &str = include_str!("../../../../scenarios/ads/wrapper.xml");

/// A pod of two ads.
fn pod() -> String {
    let (start, end) = (INLINE.find("<Ad ").expect("an ad"), INLINE.find("</VAST>").expect("an end"));
    let ad = |sequence: u32| INLINE[start..end].replacen("<Ad ", &format!("<Ad sequence=\"{sequence}\" "), 1);
    format!("<VAST version=\"4.2\">{}{}</VAST>", ad(1), ad(2))
}

fn network() -> Network {
    let after = |millis| Answer::new().delay(Duration::from_millis(millis));
    let script = Script::builder()
        .server("east")
        .answer(after(20).body(INLINE))
        .server("empty")
        .answer(after(10).body("<VAST version=\"3.0\"/>"))
        .server("missing")
        .answer(after(10).status(404))
        .server("wrapper")
        .answer(after(30).body(WRAPPER))
        .server("pod")
        .answer(after(10).body(pod()))
        .server("hang")
        .answer(Answer::new().fault(Fault::Hang))
        .build()
        .expect("a script");
    Network::new(&script, Names::default(), 1)
}

fn client(network: &Network, config: impl Into<ClientConfig>) -> VastClient {
    VastClient::builder()
        .transport(network.clone())
        .lookup(network.lookup())
        .env(Env::fixed(UNIX_EPOCH, 1))
        .exchange(ExchangeSettings { linger: Linger::OFF, ..ExchangeSettings::default() })
        .build(config.into())
        .expect("a configuration")
}

fn config(names: &[&str], mode: FetchMode) -> FetchConfig {
    let source = |name: &&str| SourceConfig::url(format!("http://{name}.test/?to=http://east.test/hop")).named(*name);
    FetchConfig::new(names.iter().map(source)).with_mode(mode)
}

/// The outcomes that are not zero, for example `filled 2, failed 1`.
fn outcomes(source: &SourceStats) -> String {
    let all = [
        ("filled", source.filled),
        ("no_ad", source.no_ad),
        ("rejected", source.rejected),
        ("failed", source.failed.total()),
        ("unread", source.unread),
        ("cancelled", source.cancelled),
        ("skipped", source.skipped.total()),
        ("not_started", source.not_started),
    ];
    let used: Vec<_> = all.into_iter().filter(|(_, count)| *count > 0).map(|(name, n)| format!("{name} {n}")).collect();
    used.join(", ")
}

fn source<'a>(stats: &'a PlanStats, name: &str) -> &'a SourceStats {
    stats.source(name).expect(name)
}

#[tokio::test(start_paused = true)]
async fn each_source_of_a_request_has_one_outcome() {
    use FetchMode::{Collect, Race, Sequential};
    let cases: [(&[&str], FetchMode, &[&str]); 6] = [
        (&["empty", "missing", "east", "hang"], Sequential, &["no_ad 1", "failed 1", "filled 1", "not_started 1"]),
        (&["east", "hang", "empty"], Race, &["filled 1", "unread 1", "no_ad 1"]),
        (&["wrapper", "east"], Collect, &["filled 1", "filled 1"]),
        (&["hang", "missing"], Race, &["failed 1", "failed 1"]),
        (&["hang", "east"], Sequential, &["failed 1", "filled 1"]),
        (&["empty"], Race, &["no_ad 1"]),
    ];
    for (names, mode, expected) in cases {
        let network = network();
        let client = client(&network, config(names, mode));
        let result = client.request_ad().await;
        let stats = client.stats().plan;
        assert_eq!(stats.sources.iter().map(outcomes).collect::<Vec<_>>(), expected, "{names:?} {mode}");
        let filled = u64::from(result.success);
        assert_eq!((stats.requests.filled, stats.requests.unfilled), (filled, 1 - filled), "{names:?}");
        assert_eq!(stats.requests.latency.count(), 1);
        for (report, source) in result.sources.iter().zip(&stats.sources) {
            let followed: u64 = report.hops.iter().map(|hop| hop.bytes).sum();
            assert_eq!((source.attempts, source.bytes), (u64::from(report.attempts), report.bytes), "{names:?}");
            assert_eq!(source.followed_bytes, followed, "{names:?}");
            assert_eq!(source.latency.count(), u64::from(report.elapsed.is_some()), "{names:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn wins_and_stages_are_counted() {
    let network = network();
    let client = client(&network, config(&["wrapper", "east", "missing"], FetchMode::Collect));
    for _ in 0..3 {
        client.request_ad().await;
    }
    let stats = client.stats().plan;
    let (wrapper, east, missing) = (source(&stats, "wrapper"), source(&stats, "east"), source(&stats, "missing"));
    assert_eq!([wrapper.wins, east.wins, missing.wins], [3, 0, 0]);
    assert_eq!([wrapper.fill_rate(), missing.fill_rate()], [Some(1.0), Some(0.0)]);
    assert_eq!(missing.failed.get(ErrorType::HttpStatus), 3);
    let counts = |source: &SourceStats| [&source.fetch, &source.parse, &source.resolve].map(|stage| stage.count());
    assert_eq!([counts(wrapper), counts(east), counts(missing)], [[3, 3, 3], [3, 3, 0], [0, 0, 0]]);
    // The wrapper responds after 30 ms, and the ad that it leads to 20 ms later.
    let longest = [&wrapper.fetch, &wrapper.resolve, &wrapper.latency].map(|stage| stage.max());
    assert_eq!(longest, [30, 20, 50].map(|millis| Some(Duration::from_millis(millis))));
    assert_eq!((wrapper.attempts, wrapper.followed_attempts, wrapper.retries), (3, 3, 0));
}

#[tokio::test(start_paused = true)]
async fn an_answer_with_several_ads_of_a_source_is_one_win() {
    let network = network();
    let client = client(&network, config(&["pod", "empty"], FetchMode::Parallel));
    assert_eq!(client.request_ad().await.ads.len(), 2);
    let stats = client.stats().plan;
    assert_eq!((source(&stats, "pod").wins, source(&stats, "empty").wins), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_request_that_the_caller_drops_is_counted() {
    let network = network();
    let client = client(&network, config(&["missing", "hang", "east"], FetchMode::Sequential));
    let dropped = tokio::time::timeout(Duration::from_millis(100), client.request_ad()).await;
    assert!(dropped.is_err());
    let stats = client.stats().plan;
    assert_eq!(stats.sources.iter().map(outcomes).collect::<Vec<_>>(), ["failed 1", "cancelled 1", "not_started 1"]);
    assert_eq!((stats.requests.cancelled, stats.requests.total()), (1, 1));
    assert_eq!(stats.requests.latency.count(), 0);
    drop(client.request_ad());
    assert_eq!(client.stats().plan, stats, "a request that never began");
}

#[tokio::test(start_paused = true)]
async fn retries_are_counted() {
    let script = Script::builder().server("busy").answer(Answer::new().status(503)).build().expect("a script");
    let network = Network::new(&script, Names::default(), 1);
    let client = client(&network, config(&["busy"], FetchMode::Race));
    client.request_ad().await;
    let stats = client.stats().plan;
    let busy = source(&stats, "busy");
    assert_eq!((busy.attempts, busy.retries, outcomes(busy)), (2, 1, "failed 1".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_difference_has_only_the_requests_between_two_snapshots() {
    let network = network();
    let client = client(&network, config(&["east", "missing"], FetchMode::Collect));
    client.request_ad().await;
    let before = client.stats();
    client.request_ad().await;
    client.request_ad().await;
    let since = client.stats().difference(&before).plan;
    assert_eq!((since.requests.total(), source(&since, "east").filled), (2, 2));
    let missing = source(&since, "missing");
    assert_eq!((missing.failed.total(), missing.latency.count()), (2, 2));
    assert_eq!(client.stats().difference(&client.stats()).plan.requests.total(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_newer_plan_goes_on_with_the_numbers() {
    let network = network();
    let client = client(&network, config(&["east", "missing"], FetchMode::Collect));
    client.request_ad().await;
    let newer = config(&["east", "empty"], FetchMode::Collect);
    let plan = client.orchestrator().plan_after(&newer, client.plan()).expect("a plan");
    client.orchestrator().run(&plan, &AdRequest::default(), client.run_options().with_auto_track(false)).await;
    let stats = plan.stats();
    assert_eq!(stats.sources.iter().map(outcomes).collect::<Vec<_>>(), ["filled 2", "no_ad 1"]);
    assert_eq!(stats.requests.total(), 2);
}

#[tokio::test(start_paused = true)]
async fn the_documents_of_the_breaks_of_a_playlist_count_for_its_source() {
    let playlist = r#"<vmap:VMAP xmlns:vmap="http://www.iab.net/videosuite/vmap" version="1.0">
        <vmap:AdBreak breakId="pre" timeOffset="start" breakType="linear"><vmap:AdSource>
        <vmap:AdTagURI templateType="vast3">http://east.test/a</vmap:AdTagURI></vmap:AdSource></vmap:AdBreak>
        <vmap:AdBreak breakId="post" timeOffset="end" breakType="linear"><vmap:AdSource>
        <vmap:AdTagURI templateType="vast3">http://missing.test/b</vmap:AdTagURI></vmap:AdSource></vmap:AdBreak></vmap:VMAP>"#;
    let network = network();
    let client = client(&network, FetchConfig::new([SourceConfig::inline(playlist).named("playlist")]));
    let result = client.request_ad().await;
    let stats = client.stats().plan;
    let source = source(&stats, "playlist");
    assert_eq!((outcomes(source), source.wins, stats.requests.filled), ("filled 1".to_owned(), 1, 1));
    let of_breaks = result.schedule.iter().flat_map(|schedule| schedule.answers()).flat_map(|answer| &answer.sources);
    let bytes: u64 = of_breaks.map(|source| source.bytes).sum();
    assert_eq!((source.attempts, source.followed_attempts, source.followed_bytes), (1, 2, bytes));
    assert!(bytes > 0);
}

#[tokio::test(start_paused = true)]
async fn an_arm_counts_its_own_requests_and_a_source_counts_those_of_its_arms() {
    let text = r#"
        mode = "collect"
        breaker = { enabled = false }
        [[arm]]
        name = "one"
        share = 50
        sources = ["east", "missing"]
        [[arm]]
        name = "other"
        share = 50
        sources = ["empty", "missing"]
        [[source]]
        name = "east"
        url = "http://east.test/"
        [[source]]
        name = "missing"
        url = "http://missing.test/"
        [[source]]
        name = "empty"
        url = "http://empty.test/"
    "#;
    let network = network();
    let client = client(&network, ClientConfig::try_from(text).expect("a configuration"));
    let mut of_one = 0;
    for number in 0..20 {
        let request = AdRequest { split_key: Some(format!("viewer-{number}")), ..AdRequest::default() };
        of_one += u64::from(client.request_ad_for(&request).await.metadata.arm.as_deref() == Some("one"));
    }
    let of_other = 20 - of_one;
    assert!(of_one > 0 && of_other > 0);
    let stats = client.stats().plan;
    let (one, other) = (stats.arm("one").expect("an arm"), stats.arm("other").expect("an arm"));
    assert_eq!([one.requests.filled, one.requests.unfilled], [of_one, 0]);
    assert_eq!([other.requests.filled, other.requests.unfilled], [0, of_other]);
    assert_eq!([one.failed.get(ErrorType::HttpStatus), other.failed.total()], [of_one, of_other]);
    assert_eq!([one.requests_with_errors, other.requests_with_errors], [of_one, of_other]);
    let difference = one.requests.fill_difference(&other.requests).expect("both have answers");
    assert!(difference.low > 0.0 && difference.excludes_zero(), "always filled against never filled: {difference:?}");
    let (low, high) = one.requests.latency.quantile_interval(0.5).expect("requests");
    assert!(low <= high && high <= one.requests.latency.max().expect("requests"));
    let requests = ["east", "missing", "empty"].map(|name| source(&stats, name).requests());
    assert_eq!((requests, stats.requests.total()), ([of_one, 20, of_other], 20));
    let text = client.stats().to_prometheus();
    assert!(text.contains(&format!("vast_arm_requests_total{{arm=\"one\",outcome=\"filled\"}} {of_one}\n")), "{text}");
}

#[tokio::test(start_paused = true)]
async fn a_document_from_a_cache_is_a_hit_and_no_bytes() {
    let text = "[[source]]\nname = \"east\"\nurl = \"http://east.test/\"\ncache_ttl = \"60s\"\ncache_shared = true\n";
    let network = network();
    let client = client(&network, ClientConfig::try_from(text).expect("a configuration"));
    let bytes = client.request_ad().await.sources[0].bytes;
    client.request_ad().await;
    let stats = client.stats().plan;
    let east = source(&stats, "east");
    assert_eq!((east.filled, east.cache_hits, east.attempts, east.bytes), (2, 1, 1, bytes));
    assert_eq!([east.fetch.count(), east.parse.count()], [1, 2]);
}

#[tokio::test(start_paused = true)]
async fn an_ejection_is_counted_and_the_state_of_the_breaker_is_in_the_numbers() {
    let network = network();
    let client = client(&network, config(&["east", "missing"], FetchMode::Collect));
    for _ in 0..7 {
        client.request_ad().await;
    }
    let stats = client.stats().plan;
    let missing = source(&stats, "missing");
    assert_eq!((missing.ejections, missing.breaker), (1, Some(BreakerState::Open)));
    assert_eq!((missing.failed.total(), missing.skipped.get(SkipReason::BreakerOpen)), (5, 2));
    let east = source(&stats, "east");
    assert_eq!((east.ejections, east.breaker), (0, Some(BreakerState::Closed)));
    let text = client.stats().to_prometheus();
    assert!(text.contains("vast_source_breaker_state{source=\"missing\",state=\"open\"} 1\n"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn the_time_for_which_a_document_waits_to_be_read_is_no_time_of_its_source() {
    let network = network();
    let client = client(&network, config(&["hang", "east"], FetchMode::Parallel));
    let result = client.request_ad().await;
    let east = result.source_report("east").expect("the source");
    assert_eq!(east.elapsed, Some(Duration::from_millis(20)));
    let stats = client.plan().stats();
    assert_eq!(source(&stats, "east").latency.sum(), Duration::from_millis(20));
    assert_eq!(source(&stats, "east").parse.count(), 0);
}
