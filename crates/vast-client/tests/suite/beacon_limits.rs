//! The limit on the beacons of an answer, the refusal of further beacons, and the final states of beacons.

use std::time::{Duration, UNIX_EPOCH};

use vast_client::env::Env;
use vast_client::track::outbox::{
    Claim, Claims, DiskOutbox, LedgerQuery, LedgerRow, MemoryOutbox, Outbox, OutboxError, OutboxStats, PutOutcome,
    Quota, Record, Settlement, Timestamp,
};
use vast_client::track::{BeaconState, DeliverySettings, RefusalReason, TrackedBeacon};
use vast_client::transport::{ExchangeSettings, Linger};
use vast_client::{FetchConfig, FetchResult, SourceConfig, VastClient};
use vast_mock::{Answer, Script};

use crate::scenario::file::Names;
use crate::scenario::network::Network;

/// An ad with these impressions.
fn ad(sequence: usize, impressions: &[String]) -> String {
    let impressions: String =
        impressions.iter().map(|url| format!("<Impression><![CDATA[{url}]]></Impression>")).collect();
    format!(
        "<Ad sequence='{sequence}'><InLine><AdSystem>a</AdSystem><AdTitle>t</AdTitle>{impressions}<Creatives><Creative><Linear>
         <Duration>00:00:04</Duration><MediaFiles><MediaFile type='video/mp4' width='1' height='1'>https://cdn.test/a.mp4
         </MediaFile></MediaFiles></Linear></Creative></Creatives></InLine></Ad>"
    )
}

/// A pod whose ads have this number of impressions each: `/seen?1.0`, `/seen?1.1` ...
fn pod(impressions: &[usize]) -> String {
    let urls = |ad: usize, number: usize| -> Vec<String> {
        (0..number).map(|impression| format!("http://east.test/seen?{ad}.{impression}")).collect()
    };
    let ads = (1..).zip(impressions).map(|(number, impressions)| ad(number, &urls(number, *impressions)));
    format!("<VAST version='4.2'>{}</VAST>", ads.collect::<String>())
}

async fn ask(document: String, outbox: impl Outbox, max_beacons: usize) -> (VastClient, FetchResult) {
    let (client, _, result) = ask_with(document, outbox, max_beacons, DeliverySettings::default()).await;
    (client, result)
}

/// The server redirects `/redirect/N` N times, and `/around` in a circle.
async fn ask_with(
    document: String,
    outbox: impl Outbox,
    max_beacons: usize,
    delivery: DeliverySettings,
) -> (VastClient, Network, FetchResult) {
    let redirect = |from: &str, to: &str| Answer::new().path(from).status(302).header("Location", to);
    let script = Script::builder().server("east").answer(Answer::new().path("/gone").status(404));
    let script = (1..=6).fold(script, |script, left| {
        script.answer(redirect(&format!("/redirect/{left}"), &format!("/redirect/{}", left - 1)))
    });
    let script = script.answer(redirect("/around", "/back")).answer(redirect("/back", "/around"));
    let script = script.answer(Answer::new().path("/busy").status(503)).answer(Answer::new().status(204));
    let network = Network::new(&script.build().expect("a script"), Names::default(), 1);
    let config = FetchConfig::new([SourceConfig::inline(document).named("house")]).with_max_beacons(max_beacons);
    let client = VastClient::builder()
        .transport(network.clone())
        .lookup(network.lookup())
        .env(Env::fixed(UNIX_EPOCH, 1))
        .exchange(ExchangeSettings { linger: Linger::OFF, ..ExchangeSettings::default() })
        .outbox(outbox)
        .dispatcher(delivery)
        .build(config)
        .expect("a configuration");
    let result = client.orchestrator().run(client.plan(), &Default::default(), client.run_options()).await;
    (client, network, result)
}

/// The beacons with this state, by the query of their URLs.
fn in_state(tracked: &[TrackedBeacon], state: BeaconState) -> String {
    let urls =
        tracked.iter().filter(|one| one.state == state).map(|one| one.url.rsplit('?').next().unwrap_or_default());
    urls.collect::<Vec<_>>().join(" ")
}

fn quota(change: impl FnOnce(&mut Quota)) -> MemoryOutbox {
    let mut quota = Quota::MEMORY;
    change(&mut quota);
    MemoryOutbox::with_quota(quota)
}

/// The columns are: impressions of each ad, the limit of the answer, the capacity of the outbox, and which beacons are
/// queued, refused and omitted.
#[tokio::test(start_paused = true)]
async fn beacons_beyond_a_limit_are_refused_or_omitted_in_order() {
    type Case = (&'static [usize], usize, u64, &'static str, &'static str, usize);
    let cases: [Case; 6] = [
        (&[2, 2], 1_000, 100, "1.0 1.1 2.0 2.1", "", 0),
        (&[2, 2], 3, 100, "1.0 1.1 2.0", "", 1),
        (&[2, 2], 0, 100, "", "", 4),
        (&[2, 2], 1_000, 3, "1.0 1.1", "2.0 2.1", 0),
        (&[2, 2, 1], 1_000, 3, "1.0 1.1 3.0", "2.0 2.1", 0),
        (&[4, 1], 1_000, 3, "2.0", "1.0 1.1 1.2 1.3", 0),
    ];
    for (impressions, max_beacons, room, queued, refused, omitted) in cases {
        let outbox = quota(|quota| quota.max_waiting = room);
        let (_client, result) = ask(pod(impressions), outbox, max_beacons).await;
        let tracked = &result.tracked;
        let case = format!("{impressions:?}, {max_beacons}, {room}");
        assert_eq!(in_state(tracked, BeaconState::Queued), queued, "{case}");
        assert_eq!(in_state(tracked, BeaconState::Refused), refused, "{case}");
        assert_eq!(result.metadata.beacons_omitted, omitted, "{case}");
        let is_full = |one: &TrackedBeacon| {
            (one.refusal, one.reason.as_deref())
                == (Some(RefusalReason::OutboxFull), Some("the outbox is full: 0 beacons wait"))
        };
        let mut all_refused = tracked.iter().filter(|one| one.state == BeaconState::Refused);
        assert!(all_refused.all(|one| one.refusal == Some(RefusalReason::OutboxFull)), "{case}: {tracked:?}");
        assert!(refused.is_empty() || queued.is_empty() || !tracked.iter().all(is_full), "{case}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_has_at_most_a_thousand_beacons_by_default() {
    assert_eq!(FetchConfig::default().max_beacons, 1_000);
    let (_client, result) = ask(pod(&[80; 24]), MemoryOutbox::default(), 1_000).await;
    assert_eq!((result.tracked.len(), result.metadata.beacons_omitted), (1_000, 24 * 80 - 1_000));
    assert!(result.tracked.iter().all(|one| one.state == BeaconState::Queued));
}

/// A URL that becomes too long when its macros are filled in is refused, with a reason; the others are called.
#[tokio::test(start_paused = true)]
async fn a_url_that_becomes_too_long_is_refused() {
    let long = "[ASSETURI]".repeat(6_000);
    let percent = "%%ASSETURI%%".repeat(5_000);
    let urls = ["/seen?a".to_owned(), format!("/long?{long}"), format!("/long?{percent}"), "/seen?b".to_owned()];
    let urls = urls.map(|path| format!("http://east.test{path}"));
    let document = format!("<VAST version='4.2'>{}</VAST>", ad(1, &urls));
    let (_client, result) = ask(document, MemoryOutbox::default(), 1_000).await;
    assert_eq!(in_state(&result.tracked, BeaconState::Queued), "a b");
    let refused: Vec<_> = result.tracked.iter().filter_map(|one| one.refusal.zip(one.reason.as_deref())).collect();
    assert_eq!(refused, [(RefusalReason::UrlTooLong, "the URL has more than 64 KiB"); 2]);
    assert!(result.tracked.iter().all(|one| one.url.len() <= 1024), "a refused URL is shortened");
}

/// Many URLs of nearly the largest length: the sum of their lengths is limited.
#[tokio::test(start_paused = true)]
async fn the_urls_of_an_answer_have_a_limit_in_sum() {
    let document = |ads: usize| {
        let urls: Vec<_> =
            (0..60).map(|number| format!("http://east.test/{number}?{}", "[ASSETURI]".repeat(2_000))).collect();
        (1..=ads).map(|number| ad(number, &urls)).collect::<String>()
    };
    let document = format!("<VAST version='4.2'>{}</VAST>", document(3));
    let outbox = quota(|quota| (quota.max_record_bytes, quota.max_bytes) = (1 << 20, 1 << 30));
    let (_client, result) = ask(document, outbox, 1_000).await;
    let bytes: usize = result.tracked.iter().map(|one| one.url.len()).sum();
    let queued = result.tracked.iter().filter(|one| one.state == BeaconState::Queued).count();
    let refused = result.tracked.iter().filter(|one| one.refusal == Some(RefusalReason::TooManyBytes)).count();
    assert!(
        bytes <= (8 << 20) + 1024 && queued > 100 && refused > 0,
        "{bytes} bytes, {queued} queued, {refused} refused"
    );
    assert_eq!(queued + refused + result.metadata.beacons_omitted, 180);
}

/// An outbox on a full disk.
struct Failing;

impl Outbox for Failing {
    fn put(
        &self,
        _: Vec<Record>,
        _: Timestamp,
    ) -> futures_util::future::BoxFuture<'_, Result<Vec<PutOutcome>, OutboxError>> {
        Box::pin(async { Err(OutboxError::Unavailable("no space left on device".to_owned())) })
    }

    fn claim(&self, _: Claim) -> futures_util::future::BoxFuture<'_, Result<Claims, OutboxError>> {
        Box::pin(async { Ok(Claims::default()) })
    }

    fn settle(
        &self,
        _: Vec<Settlement>,
        _: Timestamp,
    ) -> futures_util::future::BoxFuture<'_, Result<usize, OutboxError>> {
        Box::pin(async { Ok(0) })
    }

    fn rows(&self, _: LedgerQuery) -> futures_util::future::BoxFuture<'_, Result<Vec<LedgerRow>, OutboxError>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn stats(&self) -> futures_util::future::BoxFuture<'_, OutboxStats> {
        Box::pin(async { OutboxStats::default() })
    }

    fn requeue(&self, _: LedgerQuery, _: Timestamp) -> futures_util::future::BoxFuture<'_, Result<u64, OutboxError>> {
        Box::pin(async { Ok(0) })
    }
}

#[tokio::test(start_paused = true)]
async fn beacons_that_a_full_disk_refuses_are_named_with_the_reason() {
    let (_client, result) = ask(pod(&[1, 1]), Failing, 1_000).await;
    let refused: Vec<_> = result.tracked.iter().filter_map(|one| one.refusal.zip(one.reason.as_deref())).collect();
    let reason = "the outbox cannot be used now: no space left on device";
    assert_eq!(refused, [(RefusalReason::OutboxFailed, reason); 2]);
}

#[tokio::test(start_paused = true)]
async fn after_a_drain_each_beacon_has_its_final_state() {
    let urls = ["/seen", "/gone", "/busy"].map(|path| format!("http://east.test{path}?{}", &path[1..]));
    let document = format!("<VAST version='4.2'>{}</VAST>", ad(1, &urls));
    let (client, mut result) = ask(document, MemoryOutbox::default(), 1_000).await;
    client.drain(Duration::from_secs(1)).await;
    client.tracker().refresh(&result.metadata.request_id, &mut result.tracked).await.expect("the ledger");
    let states: Vec<_> =
        result.tracked.iter().map(|one| (one.state, one.status, one.reason.as_deref(), one.attempts > 0)).collect();
    let expected = [
        (BeaconState::Delivered, Some(204), None, true),
        (BeaconState::Failed, Some(404), Some("the server answered with status 404"), true),
        (BeaconState::Queued, Some(503), Some("the server answered with status 503"), true),
    ];
    assert_eq!(states, expected);
}

/// The ledger's count of beacons with each state and reason, in the order of their names.
async fn ends(client: &VastClient) -> String {
    let mut ends = std::collections::BTreeMap::<_, usize>::new();
    for row in client.tracker().rows(LedgerQuery::default()).await.expect("the ledger") {
        let reason = row.reason.map_or_else(String::new, |reason| format!(" ({})", reason.as_str()));
        *ends.entry(format!("{}{reason}", row.state.as_str())).or_default() += 1;
    }
    ends.iter().map(|(end, number)| format!("{number} {end}")).collect::<Vec<_>>().join(", ")
}

fn impressions_at(paths: &[&str]) -> String {
    let urls: Vec<_> = (0..).zip(paths).map(|(number, path)| format!("http://east.test/{path}?{number}")).collect();
    format!("<VAST version='4.2'>{}</VAST>", ad(1, &urls))
}

/// The columns are: the trackers of one answer, the limit on their redirects and retries together, the number of
/// exchanges, and the final states of the beacons.
#[tokio::test(start_paused = true)]
async fn redirects_and_retries_of_an_answer_have_a_limit_in_sum() {
    let cases: [(&[&str], u32, usize, &str); 8] = [
        (&["seen", "seen"], 0, 2, "2 delivered"),
        (&["redirect/5"], 5, 6, "1 delivered"),
        (&["redirect/5"], 4, 5, "1 dead (too_many_exchanges)"),
        (&["redirect/5", "redirect/5"], 9, 11, "1 dead (too_many_exchanges), 1 delivered"),
        (&["redirect/6"], 9, 6, "1 dead (refused)"),
        (&["around"], 9, 3, "1 dead (refused)"),
        (&["busy"; 4], 6, 10, "4 dead (too_many_exchanges)"),
        (&["busy", "redirect/3", "gone", "seen"], 6, 10, "1 dead (refused), 1 dead (too_many_exchanges), 2 delivered"),
    ];
    for (paths, limit, exchanges, expected) in cases {
        let mut settings = DeliverySettings::default();
        settings.max_extra_exchanges = limit;
        let document = impressions_at(paths);
        let (client, network, mut result) = ask_with(document, MemoryOutbox::default(), 1_000, settings).await;
        client.drain(Duration::from_secs(24 * 3600)).await;
        let ends = ends(&client).await;
        assert_eq!((network.log().len(), ends.as_str()), (exchanges, expected), "{paths:?}, {limit}");
        client.tracker().refresh(&result.metadata.request_id, &mut result.tracked).await.expect("the ledger");
        let reason = format!("more than {limit} redirects and retries of the beacons of one answer");
        let is_named = |one: &TrackedBeacon| one.reason.as_deref() == Some(&*reason);
        let named = result.tracked.iter().filter(|one| is_named(one) && one.state == BeaconState::Failed).count();
        assert_eq!(named > 0, expected.contains("too_many_exchanges"), "{:?}", result.tracked);
    }
}

/// The largest answer, whose trackers all redirect: 1,000 first exchanges and 2,000 others, in memory and on disk. Events that are
/// reported later get no further redirects.
async fn a_thousand_trackers_that_redirect(outbox: impl Outbox) {
    let settings = DeliverySettings::default();
    let urls =
        |ad: usize| -> Vec<_> { (0..250).map(|number| format!("http://east.test/redirect/5?{ad}.{number}")).collect() };
    let ads = (1..=4).map(|number| ad(number, &urls(number))).collect::<String>();
    let document = format!("<VAST version='4.2'>{ads}</VAST>");
    let (client, network, result) = ask_with(document, outbox, 1_000, settings).await;
    assert_eq!(result.tracked.len(), 1_000);
    client.drain(Duration::from_secs(3600)).await;
    let ends = ends(&client).await;
    assert_eq!(network.log().len(), 3_000, "{ends}");
    assert!(ends.ends_with(" delivered") && ends.contains(" dead (too_many_exchanges), "), "{ends}");
    let ad = &result.ads[0].ad;
    let moment = vast_client::track::Moment::new(UNIX_EPOCH, 7);
    client.tracker().track_event(&result, ad, &vast_client::track::AdEvent::Any, &moment).await;
    client.drain(Duration::from_secs(3600)).await;
    assert_eq!(network.log().len(), 3_250, "one exchange for each of 250 more beacons");
}

#[tokio::test(start_paused = true)]
async fn an_answer_causes_at_most_three_thousand_exchanges_in_memory() {
    a_thousand_trackers_that_redirect(MemoryOutbox::default()).await;
}

#[tokio::test]
async fn an_answer_causes_at_most_three_thousand_exchanges_on_disk() {
    let folder = tempfile::tempdir().expect("a folder");
    a_thousand_trackers_that_redirect(DiskOutbox::open(folder.path().join("beacons")).expect("it opens")).await;
}
