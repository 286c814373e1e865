//! Cases that scenario files cannot express: sources that panic, callers that drop the request, many sources, state between
//! requests.

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use crate::scenario::file::Names;
use crate::scenario::network::Network;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::time::Instant;
use vast_client::env::Env;
use vast_client::fetch::{FetchContext, Fetched, Prepared, Source};
use vast_client::journal::Fact;
use vast_client::select::{Candidate, Selection, Selector, TierProgress};
use vast_client::transport::{ExchangeSettings, Linger};
use vast_client::{AdRequest, Failure, FetchConfig, FetchMode, FetchResult, Outcome, Slot, SourceConfig, VastClient};
use vast_mock::{Answer, Fault, Script};

const INLINE: &str = include_str!("../../../../scenarios/ads/inline.xml");
const WRAPPER: &str = include_str!("../../../../scenarios/ads/wrapper.xml");
const ALL_AT_ONCE: [FetchMode; 3] = [FetchMode::Parallel, FetchMode::Race, FetchMode::Collect];

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn filled(delay: u64) -> Answer {
    Answer::new().delay(millis(delay)).body(INLINE)
}

/// `east` responds immediately, `slow` after 300 ms, `hang` never. `wrapper` leads to the URL of its query's `to`.
/// `beacons` is a sink.
fn network() -> Network {
    let script = Script::builder()
        .server("east")
        .answer(filled(0))
        .server("slow")
        .answer(filled(300))
        .server("wrapper")
        .answer(Answer::new().body(WRAPPER))
        .server("hang")
        .answer(Answer::new().fault(Fault::Hang))
        .server("beacons")
        .sink(vast_mock::Sink::NoContent)
        .build()
        .expect("a script");
    Network::new(&script, Names::default(), 1)
}

fn client(network: &Network, config: FetchConfig) -> VastClient {
    client_with(network, config, vast_client::select::DefaultSelector)
}

fn client_with(network: &Network, config: FetchConfig, selector: impl Selector) -> VastClient {
    VastClient::builder()
        .transport(network.clone())
        .lookup(network.lookup())
        .env(Env::fixed(UNIX_EPOCH, 1))
        .selector(selector)
        .exchange(ExchangeSettings { linger: Linger::OFF, ..ExchangeSettings::default() })
        .build(config)
        .expect("a configuration")
}

fn outcomes(result: &FetchResult) -> Vec<(&str, Outcome)> {
    result.sources.iter().map(|source| (&*source.name, source.outcome)).collect()
}

fn ads(result: &FetchResult) -> Vec<&str> {
    result.ads.iter().map(|ad| ad.ad.id.as_deref().unwrap_or_default()).collect()
}

/// A source that panics or never responds.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fiend {
    PanicsInPrepare,
    PanicsAtOnce,
    PanicsLater,
    IgnoresItsDeadline,
}

impl Source for Fiend {
    fn url(&self) -> &str {
        "fiend"
    }

    fn prepare(&self, _context: &FetchContext<'_>) -> Result<Prepared, Failure> {
        assert_ne!(*self, Self::PanicsInPrepare, "a bug of the source");
        Ok(Prepared { url: "fiend".into(), target: None })
    }

    fn fetch<'a>(
        &'a self,
        _prepared: &'a Prepared,
        _context: &'a FetchContext<'a>,
    ) -> BoxFuture<'a, Result<Fetched, Failure>> {
        assert_ne!(*self, Self::PanicsAtOnce, "a bug of the source");
        async move {
            tokio::time::sleep(millis(100)).await;
            assert_ne!(*self, Self::PanicsLater, "a bug of the source");
            std::future::pending().await
        }
        .boxed()
    }
}

#[tokio::test(start_paused = true)]
async fn a_source_that_panics_ends_its_lane_and_no_other() {
    for fiend in [Fiend::PanicsInPrepare, Fiend::PanicsAtOnce, Fiend::PanicsLater] {
        for &mode in FetchMode::ALL {
            let good = SourceConfig::url("http://slow.test/vast?ad=shoes").named("good");
            let config = FetchConfig::new([SourceConfig::custom(fiend).named("fiend"), good]).with_mode(mode);
            let result = client(&network(), config).request_ad().await;
            let what = format!("{fiend:?} in {mode}");
            assert_eq!(outcomes(&result), [("fiend", Outcome::Failed), ("good", Outcome::Filled)], "{what}");
            assert_eq!(ads(&result), ["shoes"], "{what}");
            let errors = result.errors.iter().map(|error| (&*error.source, error.failure.error_type.as_str()));
            assert_eq!(errors.collect::<Vec<_>>(), [("fiend", "internal")], "{what}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_source_that_ignores_its_deadline_is_cut_by_it() {
    let source = SourceConfig::custom(Fiend::IgnoresItsDeadline).named("fiend").with_source_timeout(millis(250));
    let began = Instant::now();
    let result = client(&network(), FetchConfig::new([source])).request_ad().await;
    assert_eq!(began.elapsed(), millis(250));
    assert_eq!(outcomes(&result), [("fiend", Outcome::Failed)]);
}

#[tokio::test(start_paused = true)]
async fn sixty_four_sources_in_every_mode() {
    // Only the last source has an ad; the other 63 have none.
    let script =
        Script::builder().server("empty").answer(Answer::new().delay(millis(10)).body("<VAST version='4.2'/>"));
    let script = script.server("last").answer(filled(20)).build().expect("a script");
    let mut sources: Vec<_> = (1..64).map(|n| SourceConfig::url(format!("http://empty.test/{n}"))).collect();
    sources.push(SourceConfig::url("http://last.test/vast?ad=shoes"));
    for (mode, answer_at) in [
        (FetchMode::Parallel, 20),
        (FetchMode::Race, 20),
        (FetchMode::Collect, 20),
        (FetchMode::Sequential, 63 * 10 + 20),
        (FetchMode::Staggered, 63 * 10 + 20),
    ] {
        let network = Network::new(&script, Names::default(), 1);
        let began = Instant::now();
        let result = client(&network, FetchConfig::new(sources.clone()).with_mode(mode)).request_ad().await;
        assert_eq!((began.elapsed(), ads(&result)), (millis(answer_at), vec!["shoes"]), "{mode}");
        let no_ad = result.sources.iter().filter(|source| source.outcome == Outcome::NoAd).count();
        assert_eq!((no_ad, network.log().len(), result.metadata.requests_wasted), (63, 64, 63), "{mode}");
        assert_eq!(result.sources[62].name.as_ref(), "empty.test#63");
    }
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_gives_up_lets_every_exchange_go() {
    for mode in ALL_AT_ONCE {
        let network = network();
        let config = FetchConfig::new(["http://hang.test/1", "http://wrapper.test/2?to=http://hang.test/3"]);
        let client = client(&network, config.with_mode(mode));
        let answer = tokio::time::timeout(millis(70), client.request_ad()).await;
        assert!(answer.is_err(), "{mode}");
        tokio::time::sleep(millis(5000)).await;
        let hanging: Vec<_> = network.log().into_iter().filter(|seen| seen.server == "hang").collect();
        assert_eq!(hanging.len(), 2, "{mode}");
        for seen in hanging {
            assert_eq!((seen.ended, &*seen.ending), (Some(millis(70)), "dropped"), "{mode}: {}", seen.target);
        }
        assert!(
            network.log().iter().all(|seen| !seen.is_sink),
            "{mode}: no tracker is called for the ads of lanes that lost"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn the_stagger_learns_from_the_sources_own_answers() {
    // A hundred responses after 60 ms each, then none.
    let mut script = Script::builder().server("first").answer(filled(60));
    for _ in 1..100 {
        script = script.answer(filled(60));
    }
    let script = script.answer(Answer::new().fault(Fault::Hang)).server("second").answer(filled(10)).build();
    let network = Network::new(&script.expect("a script"), Names::default(), 1);
    let config = FetchConfig::new(["http://first.test/v?ad=first", "http://second.test/v?ad=second"]);
    let client = client(&network, config.with_mode(FetchMode::Staggered));
    for _ in 0..100 {
        assert_eq!(ads(&client.request_ad().await), ["first"]);
    }
    let began = Instant::now();
    assert_eq!(ads(&client.request_ad().await), ["second"]);
    assert_eq!(began.elapsed(), millis(60 + 10), "not the 400 ms of a source of which nothing is known");
}

#[tokio::test(start_paused = true)]
async fn one_request_may_have_less_time() {
    let client = client(&network(), FetchConfig::new(["http://hang.test/vast"]));
    let began = Instant::now();
    let result = client.request_ad_for(&AdRequest { timeout: Some(millis(150)), ..AdRequest::default() }).await;
    assert_eq!((began.elapsed(), result.success), (millis(150), false));
}

/// Selects the last candidate.
struct Last;

impl Selector for Last {
    fn enough(&self, candidates: &[&Candidate], _progress: TierProgress, _slot: &Slot) -> bool {
        !candidates.is_empty()
    }

    fn select(&self, mut candidates: Vec<Candidate>, _slot: &Slot) -> Selection {
        let chosen = candidates.split_off(candidates.len().saturating_sub(1));
        Selection::new(chosen, Vec::new())
    }
}

/// The time that is kept for the fallbacks depends on the timeout of the call. Otherwise a short timeout would leave no
/// time for the primary source.
#[tokio::test(start_paused = true)]
async fn a_short_timeout_of_one_call_leaves_both_tiers_their_time() {
    let network = network();
    let config = |primary: &str| FetchConfig::new([primary]).with_fallbacks(["http://east.test/vast?ad=house"]);
    for (primary, winner, answer_at) in
        [("http://slow.test/vast?ad=own", "own", 300), ("http://hang.test/", "house", 400)]
    {
        let request = AdRequest { timeout: Some(millis(600)), ..AdRequest::default() };
        let began = Instant::now();
        let result = client(&network, config(primary)).request_ad_for(&request).await;
        assert_eq!((ads(&result), began.elapsed()), (vec![winner], millis(answer_at)), "{primary}");
    }
}

#[tokio::test(start_paused = true)]
async fn in_collect_every_usable_ad_is_ranked() {
    let sources = ["http://east.test/v?ad=first", "http://slow.test/v?ad=second"];
    let collect = FetchConfig::new(sources).with_mode(FetchMode::Collect);
    assert_eq!(ads(&client_with(&network(), collect, Last).request_ad().await), ["second"]);
    let race = FetchConfig::new(sources).with_mode(FetchMode::Race);
    assert_eq!(
        ads(&client_with(&network(), race, Last).request_ad().await),
        ["first"],
        "a race has only one candidate"
    );
}

#[tokio::test(start_paused = true)]
async fn a_fallback_list_is_a_waterfall_that_cannot_starve_and_tracks() {
    let network = network();
    let client = client(&network, FetchConfig::new(["http://hang.test/unused"]));
    let fallbacks = ["http://hang.test/1", "http://east.test/v?ad=house"];
    let result = client.request_ad_with_fallback("http://wrapper.test/w?to=http://hang.test/0", fallbacks).await;
    let result = result.expect("a configuration");
    client.drain(millis(1000)).await;
    // The hop's limit ends the primary source after 1 s. The stagger of the first fallback ends 400 ms later.
    assert_eq!((result.metadata.elapsed, ads(&result)), (millis(1400), vec!["house"]));
    let outcomes = [Outcome::Failed, Outcome::Cancelled, Outcome::Filled];
    assert_eq!(result.sources.iter().map(|source| source.outcome).collect::<Vec<_>>(), outcomes);
    let beacons: Vec<_> = network.log().into_iter().filter(|seen| seen.is_sink).map(|seen| seen.target).collect();
    assert_eq!(beacons, ["/impression?ad=house", "/error?wrapper=/w&code=301"]);
}

#[tokio::test(start_paused = true)]
async fn request_ad_calls_no_impression_with_any_configuration() {
    let network = network();
    let config = FetchConfig::new(["http://east.test/v?ad=shoes"]).with_auto_track(true);
    let client = client(&network, config);
    assert!(client.request_ad().await.tracked.is_empty());
    client.drain(millis(1000)).await;
    assert_eq!(network.log().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn requests_at_once_do_not_mix() {
    let network = network();
    let client = client(&network, FetchConfig::new(["http://wrapper.test/w?to=http://slow.test/v?ad=shoes"]));
    let requests: Vec<AdRequest> = (1..=20u8)
        .map(|n| {
            let mut request = AdRequest::default();
            request.device.ip = Some(std::net::Ipv4Addr::new(8, 8, 8, n).into());
            request
        })
        .collect();
    let answers =
        requests.iter().map(|request| client.orchestrator().run(client.plan(), request, client.run_options()));
    let answers = futures_util::future::join_all(answers).await;
    client.drain(millis(1000)).await;
    assert!(answers.iter().all(|answer| answer.success));
    let ids: std::collections::BTreeSet<_> = answers.iter().map(|answer| &answer.metadata.request_id).collect();
    assert_eq!(ids.len(), 20, "each request has its own id");
    // Each request sends the tag, the hop and two impressions.
    let mut seen: Vec<_> = network
        .log()
        .iter()
        .map(|seen| seen.headers.get("x-device-ip").and_then(|ip| ip.to_str().ok()).unwrap_or("none").to_owned())
        .collect();
    seen.sort();
    let mut expected: Vec<_> = (1..=20).flat_map(|n| vec![format!("8.8.8.{n}"); 4]).collect();
    expected.sort();
    assert_eq!(seen, expected);
}

#[tokio::test(start_paused = true)]
async fn a_sources_own_headers_stay_with_it() {
    let network = network();
    let mut source = SourceConfig::url("http://wrapper.test/w?to=http://slow.test/v?ad=shoes");
    source.headers.push(("Authorization".to_owned(), "secret".to_owned()));
    let client = client(&network, FetchConfig::new([source]));
    let result = client.orchestrator().run(client.plan(), &AdRequest::default(), client.run_options()).await;
    client.drain(millis(1000)).await;
    assert!(result.success);
    let secrets: Vec<_> =
        network.log().into_iter().map(|seen| (seen.server, seen.headers.contains_key("authorization"))).collect();
    let secrets: Vec<_> = secrets.iter().map(|(server, has)| (server.as_str(), *has)).collect();
    assert_eq!(secrets, [("wrapper", true), ("slow", false), ("beacons", false), ("beacons", false)]);
}

#[tokio::test(start_paused = true)]
async fn after_a_shutdown_there_are_answers_and_no_beacons() {
    let network = network();
    let client = client(&network, FetchConfig::new(["http://east.test/v?ad=shoes"]));
    client.shutdown(millis(100)).await;
    let result = client.orchestrator().run(client.plan(), &AdRequest::default(), client.run_options()).await;
    assert!(result.success);
    tokio::time::sleep(millis(5000)).await;
    assert!(network.log().iter().all(|seen| !seen.is_sink));
}

#[tokio::test(start_paused = true)]
async fn a_client_can_be_drained_and_ended_with_the_longest_limit() {
    let network = network();
    let client = client(&network, FetchConfig::new(["http://east.test/v?ad=shoes"]));
    assert_eq!(client.drain(Duration::MAX).await.left, 0);
    assert_eq!(client.shutdown(Duration::MAX).await.left, 0);
}

#[tokio::test(start_paused = true)]
async fn a_seed_makes_a_request_repeatable() {
    let ask = async |seed| {
        let network = network();
        let tag = "http://slow.test/v?ad=shoes&cb=[CACHEBUSTING]&t=[TRANSACTIONID]";
        let client = client(&network, FetchConfig::new([tag]));
        let request = AdRequest { seed: Some(seed), ..AdRequest::default() };
        client.request_ad_for(&request).await;
        network.log().remove(0).target
    };
    let (one, again, other) = (ask(7).await, ask(7).await, ask(8).await);
    assert_eq!(one, again);
    assert_ne!(one, other);
    assert!(!one.contains('['), "{one}");
}

#[tokio::test(start_paused = true)]
async fn a_tree_of_wrappers_is_bounded() {
    // Thirty wrappers in one document. Each of them leads to an empty document.
    let wrapper = |n| {
        format!("<Ad sequence=\"{n}\"><Wrapper><AdSystem>w</AdSystem><VASTAdTagURI>/{n}</VASTAdTagURI></Wrapper></Ad>")
    };
    let ads: String = (1..=30).map(wrapper).collect();
    let document = format!("<VAST version=\"4.2\">{ads}</VAST>");
    let script = Script::builder().server("wide").answer(Answer::new().path("/0").body(document));
    let script = script.answer(Answer::new().body("<VAST version=\"4.2\"/>")).build().expect("a script");
    let network = Network::new(&script, Names::default(), 1);
    let result = client(&network, FetchConfig::new(["http://wide.test/0"])).request_ad().await;
    assert_eq!(network.log().len(), 1 + 20, "the source's own document and twenty more");
    let count = |name: &str| result.errors.iter().filter(|error| error.failure.error_type.as_str() == name).count();
    assert_eq!((count("wrapper_no_ad"), count("wrapper_limit")), (20, 10));
}

#[test]
fn a_client_can_be_shared_between_threads() {
    fn is_shared<T: Send + Sync + Clone + 'static>() {}
    is_shared::<VastClient>();
    is_shared::<Arc<FetchResult>>();
}

/// The error URLs of a wrapper are due once for every failed ad below it, so a hostile tree could multiply them. Their
/// number must be limited.
#[tokio::test(start_paused = true)]
async fn error_reports_of_one_source_are_bounded() {
    let errors: String = (0..20).map(|n| format!("<Error>http://beacons.test/{n}</Error>")).collect();
    let ads = format!("<Ad sequence='1'><InLine>{errors}<Creatives/></InLine></Ad>").repeat(100);
    let document = format!("<VAST version='4.2'>{ads}</VAST>");
    let result = client(&network(), FetchConfig::new([SourceConfig::inline(document)])).request_ad().await;
    let owed = result.journal.iter().filter(|entry| matches!(entry.fact, Fact::ReportDue { .. })).count();
    assert_eq!((owed, result.tracked.len()), (500, 500), "of 100 ads with 20 error URLs each");
}

/// A source that blocks the thread for a millisecond and then fails.
struct Busy;

impl Source for Busy {
    fn url(&self) -> &str {
        "busy"
    }

    fn fetch<'a>(&'a self, _: &'a Prepared, _: &'a FetchContext<'a>) -> BoxFuture<'a, Result<Fetched, Failure>> {
        async {
            tokio::time::advance(millis(1)).await;
            Err(Failure::new(vast_client::ErrorType::Connect, "refused").after_answer())
        }
        .boxed()
    }
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_dead_sources_do_not_move_the_deadline() {
    for mode in [FetchMode::Parallel, FetchMode::Race, FetchMode::Collect] {
        let sources = (0..10_000).map(|_| SourceConfig::custom(Busy));
        let mut config = FetchConfig::new(sources).with_mode(mode);
        config.strategy.limits.timeout = millis(1000);
        config.strategy.limits.min_useful = Duration::ZERO;
        let client = VastClient::from_config(config).expect("a configuration");
        let result = client.request_ad().await;
        let elapsed = result.metadata.elapsed;
        assert!(elapsed >= millis(1000) && elapsed <= millis(1050), "{mode}: {elapsed:?}");
        let count = |outcome| result.sources.iter().filter(|source| source.outcome == outcome).count();
        let (failed, skipped) = (count(Outcome::Failed), count(Outcome::Skipped));
        // At most 500 sources are asked at the same time, so most of these were not asked.
        assert_eq!(failed + skipped, 10_000, "{mode}");
        assert!(failed >= 1_000, "{mode}: {failed}");
    }
}
