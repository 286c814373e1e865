//! The cache of documents: what is shared, for how long, and what never is.

use std::time::{Duration, UNIX_EPOCH};

use crate::scenario::file::Names;
use crate::scenario::network::Network;
use futures_util::future::join_all;
use vast_client::cache::CacheRules;
use vast_client::env::Env;
use vast_client::policy::BreakerState;
use vast_client::transport::{ExchangeSettings, Linger};
use vast_client::{
    AdRequest, ClientConfig, Consent, Device, FetchConfig, FetchResult, Outcome, SourceConfig, VastClient,
};
use vast_mock::{Answer, Script};

const INLINE: &str = include_str!("../../../../scenarios/ads/inline.xml");
const WRAPPER: &str = include_str!("../../../../scenarios/ads/wrapper.xml");
const TAG: &str = "http://east.test/vast?ad=shoes&cb=[CACHEBUSTING]&t=[TIMESTAMP]&tx=[TRANSACTIONID]";

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn rules() -> CacheRules {
    CacheRules::default().with_ttl(seconds(60))
}

/// `east` answers with an ad after 200 ms. `expiring` says that its ad may be played for 7 s. `empty` has no ad, `down` fails, and
/// `once` fails from its second request on.
/// `wrapper` leads to the URL of its query's `to`. `beacons` is a sink.
fn network() -> Network {
    let expiring = INLINE.replace("<Creatives>", "<Expires>7</Expires><Creatives>");
    let script = Script::builder()
        .server("east")
        .answer(Answer::new().delay(Duration::from_millis(200)).body(INLINE))
        .server("expiring")
        .answer(Answer::new().body(expiring))
        .server("empty")
        .answer(Answer::new().body("<VAST version=\"4.2\"/>"))
        .server("down")
        .answer(Answer::new().status(404))
        .server("once")
        .answer(Answer::new().body(INLINE))
        .answer(Answer::new().status(404))
        .server("wrapper")
        .answer(Answer::new().body(WRAPPER))
        .server("beacons")
        .sink(vast_mock::Sink::NoContent)
        .build()
        .expect("a script");
    Network::new(&script, Names::default(), 1)
}

fn client(network: &Network, sources: impl IntoIterator<Item = SourceConfig>) -> VastClient {
    VastClient::builder()
        .transport(network.clone())
        .lookup(network.lookup())
        .env(Env::fixed(UNIX_EPOCH, 1))
        .exchange(ExchangeSettings { linger: Linger::OFF, ..ExchangeSettings::default() })
        .build(FetchConfig::new(sources))
        .expect("a configuration")
}

fn cached(url: &str, rules: CacheRules) -> SourceConfig {
    SourceConfig::url(url).named("source").with_cache(rules)
}

/// The exchanges so far with servers that are not sinks.
fn exchanges(network: &Network) -> usize {
    network.log().iter().filter(|seen| !seen.is_sink).count()
}

fn end(result: &FetchResult) -> (Outcome, bool, u32) {
    let source = result.source_report("source").expect("the source");
    (source.outcome, source.from_cache, source.attempts)
}

fn of_device(ip: [u8; 4]) -> AdRequest {
    AdRequest { device: Device { ip: Some(ip.into()), ..Device::default() }, ..AdRequest::default() }
}

#[tokio::test(start_paused = true)]
async fn a_document_is_used_until_its_time_to_live_is_over() {
    let network = network();
    let client = client(&network, [cached(TAG, rules())]);
    let cases = [(0, 1, false), (1, 1, true), (58, 1, true), (1, 2, false), (1, 2, true)];
    for (wait, expected, from_cache) in cases {
        tokio::time::advance(seconds(wait)).await;
        let result = client.request_ad().await;
        assert_eq!(end(&result), (Outcome::Filled, from_cache, u32::from(!from_cache)));
        assert_eq!((exchanges(&network), result.ads[0].ad.is_from_cache()), (expected, from_cache));
    }
}

#[tokio::test(start_paused = true)]
async fn r027_an_ad_that_expires_earlier_ends_the_time_to_live() {
    let network = network();
    let client = client(&network, [cached("http://expiring.test/vast?ad=shoes", rules())]);
    for (wait, expected) in [(0, 1), (6, 1), (1, 2)] {
        tokio::time::advance(seconds(wait)).await;
        assert!(client.request_ad().await.success);
        assert_eq!(exchanges(&network), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn without_rules_nothing_is_cached() {
    let network = network();
    let client = client(&network, [cached(TAG, CacheRules::default())]);
    join_all((0..3).map(|_| client.request_ad())).await;
    assert_eq!(exchanges(&network), 3);
}

#[tokio::test(start_paused = true)]
async fn requests_at_the_same_time_share_one_exchange_and_each_calls_its_trackers() {
    let network = network();
    let client = client(&network, [cached(TAG, rules())]);
    let request = AdRequest::default();
    let options = vast_client::RunOptions::default().with_auto_track(true);
    let results = join_all((0..20).map(|_| client.orchestrator().run(client.plan(), &request, options))).await;
    assert_eq!(exchanges(&network), 1);
    assert!(results.iter().all(|result| result.success));
    assert_eq!(results.iter().filter(|result| result.ads[0].ad.is_from_cache()).count(), 19);
    client.drain(seconds(5)).await;
    let impressions = network.log().iter().filter(|seen| seen.target.starts_with("/impression")).count();
    assert_eq!(impressions, 20, "each request has its own beacons");
}

#[tokio::test(start_paused = true)]
async fn a_fetch_goes_on_when_the_request_that_began_it_is_dropped() {
    let network = network();
    let client = client(&network, [cached(TAG, rules())]);
    let dropped = tokio::time::timeout(Duration::from_millis(50), client.request_ad()).await;
    assert!(dropped.is_err());
    let result = client.request_ad().await;
    assert_eq!((end(&result), exchanges(&network)), ((Outcome::Filled, true, 0), 1));
    assert_eq!(network.log()[0].ending, "200");
}

#[tokio::test(start_paused = true)]
async fn a_request_with_less_time_does_not_shorten_the_fetch_for_others() {
    let network = network();
    let client = client(&network, [cached(TAG, rules())]);
    let hasty = AdRequest { timeout: Some(Duration::from_millis(150)), ..AdRequest::default() };
    let patient = AdRequest::default();
    let (hasty, patient) = tokio::join!(client.request_ad_for(&hasty), client.request_ad_for(&patient));
    assert_eq!((end(&hasty), end(&patient)), ((Outcome::Failed, false, 1), (Outcome::Filled, true, 0)));
    assert_eq!(exchanges(&network), 1);
}

#[tokio::test(start_paused = true)]
async fn two_viewers_never_share_an_answer() {
    let consent = |text: &str| AdRequest {
        consent: Consent { gdpr_consent: Some(text.into()), ..Consent::default() },
        ..AdRequest::default()
    };
    // Two viewers each, and the exchanges after each viewer has asked twice.
    let pairs = [
        (of_device([192, 0, 2, 1]), of_device([192, 0, 2, 2])),
        (consent("CPXyz"), consent("CPAbc")),
        (of_device([192, 0, 2, 1]), AdRequest::default()),
    ];
    for (number, (one, other)) in pairs.into_iter().enumerate() {
        for (shared, expected) in [(false, if number == 2 { 3 } else { 4 }), (true, 2)] {
            let network = network();
            let tag = "http://east.test/vast?ad=shoes&gdpr_consent=[GDPRCONSENT]&cb=[CACHEBUSTING]";
            let client = client(&network, [cached(tag, rules().with_shared(shared))]);
            for request in [&one, &other, &one, &other] {
                assert!(client.request_ad_for(request).await.success);
            }
            assert_eq!(exchanges(&network), expected, "pair {number}, shared {shared}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_source_is_sent_is_part_of_the_key() {
    let network = network();
    let client = client(&network, [cached("http://east.test/vast?ad=shoes&zone=[zone]&cb=[CACHEBUSTING]", rules())]);
    let zone = |zone: &str| AdRequest { macros: vec![("zone".into(), zone.into())], ..AdRequest::default() };
    for (name, expected) in [("a", 1), ("b", 2), ("a", 2), ("b", 2)] {
        assert!(client.request_ad_for(&zone(name)).await.success);
        assert_eq!(exchanges(&network), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn failures_and_empty_answers_are_used_for_a_short_time_only_where_the_source_says_so() {
    let negative = rules().with_negative(seconds(2));
    let cases = [
        ("http://down.test/vast", rules(), 3, Outcome::Failed),
        ("http://down.test/vast", negative, 2, Outcome::Failed),
        ("http://empty.test/vast", rules(), 3, Outcome::NoAd),
        ("http://empty.test/vast", negative, 2, Outcome::NoAd),
    ];
    for (url, rules, expected, outcome) in cases {
        let network = network();
        let client = client(&network, [cached(url, rules)]);
        for wait in [0, 1, 2] {
            tokio::time::advance(seconds(wait)).await;
            let result = client.request_ad().await;
            assert_eq!(result.source_report("source").map(|source| source.outcome), Some(outcome));
        }
        assert_eq!(exchanges(&network), expected, "{url} {rules:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_ejected_source_answers_from_the_cache_as_long_as_its_document_is_fresh() {
    let network = network();
    let other = SourceConfig::url("http://empty.test/vast").named("other");
    let client = client(&network, [cached("http://once.test/vast", rules().with_ttl(seconds(20))), other]);
    assert!(client.request_ad().await.success);
    // The cache is not used for a viewer, so these requests ask the source, which fails.
    let viewer = of_device([192, 0, 2, 1]);
    for _ in 0..5 {
        assert_eq!(end(&client.request_ad_for(&viewer).await), (Outcome::Failed, false, 1));
    }
    assert_eq!(client.plan().breaker("source"), Some(BreakerState::Open));
    let skipped = (Outcome::Skipped, false, 0);
    for (wait, of_viewer, expected) in [
        (0, true, skipped),
        (0, false, (Outcome::Filled, true, 0)),
        (19, false, (Outcome::Filled, true, 0)),
        (2, false, skipped),
    ] {
        tokio::time::advance(seconds(wait)).await;
        let request = if of_viewer { viewer.clone() } else { AdRequest::default() };
        assert_eq!(end(&client.request_ad_for(&request).await), expected, "{wait} s later");
        assert_eq!(client.plan().breaker("source"), Some(BreakerState::Open), "the cache shows nothing of the source");
    }
}

#[tokio::test(start_paused = true)]
async fn the_documents_of_wrappers_are_cached_where_the_source_permits_it() {
    for (rules, expected) in [(rules(), 3), (rules().with_wrappers(true), 2)] {
        let network = network();
        let url = "http://wrapper.test/vast?to=http://east.test/vast?ad=[ERRORCODE]shoes";
        let client = client(&network, [cached(url, rules)]);
        for _ in 0..2 {
            assert!(client.request_ad().await.success);
        }
        assert_eq!(exchanges(&network), expected, "{rules:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_cache_holds_a_limited_number_of_bytes() {
    let network = network();
    let client = VastClient::builder().transport(network.clone()).lookup(network.lookup()).cache_bytes(64 << 10);
    let source = cached("http://east.test/vast?ad=[zone]", rules());
    let client = client.build(FetchConfig::new([source])).expect("a configuration");
    let zone = |number: u32| AdRequest { macros: vec![("zone".into(), number.to_string())], ..AdRequest::default() };
    for _ in 0..2 {
        for number in 0..200 {
            client.request_ad_for(&zone(number)).await;
        }
    }
    let hits = 400 - exchanges(&network);
    assert!(hits < 60, "{hits} documents of about 2 kB fit into 64 KiB");
}

#[test]
fn wrong_rules_name_the_key_and_the_remedy() {
    let cases = [
        ("cache_ttl = \"0s\"", "url", "source[0].cache_ttl: zero leaves no time"),
        ("cache_ttl = 60", "url", "has no unit"),
        ("cache_negative = \"6s\"", "url", "source[0].cache_negative: is more than 5s"),
        ("cache_shared = true", "url", "source[0].cache_shared: has no effect without `cache_ttl`"),
        ("cache_wrappers = true", "url", "source[0].cache_wrappers: has no effect without `cache_ttl`"),
        ("cache_ttl = \"1m\"", "xml", "source[0].cache_ttl: only the answers of ad servers are cached"),
    ];
    for (line, location, expected) in cases {
        let text = format!("[[source]]\n{location} = \"http://a/\"\n{line}\n");
        let built = ClientConfig::try_from(&*text).and_then(VastClient::from_config);
        let problem = built.err().map(|error| error.to_string()).unwrap_or_default();
        assert!(problem.contains(expected), "{line}: {problem}");
    }
}
