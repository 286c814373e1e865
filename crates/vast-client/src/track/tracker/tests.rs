//! The dispatcher over a transport in memory, on a paused clock.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, stream};
use http::header::LOCATION;
use http::{HeaderMap, HeaderValue, StatusCode};
use tokio::time::Instant;

use super::batch::consent_query;
use super::{BeaconBatch, Tracker, TrackerParts};
use crate::env::Env;
use crate::request::Consent;
use crate::track::beacon::{Beacon, BeaconEvent, BeaconState};
use crate::track::delivery::DeliverySettings;
use crate::track::outbox::{DeadReason, DeliveryState, LedgerQuery, LedgerRow, MemoryOutbox, Outbox, Quota};
use crate::transport::{
    AddressRule, BackgroundTasks, ExchangeSettings, HttpClient, HttpRequest, HttpResponse, Resolver, Transport,
    TransportError, TransportErrorKind,
};

/// How a tracker behaves on a request.
#[derive(Clone, Copy)]
enum Does {
    Status(u16),
    /// Answers 503 for this time, then 200.
    BusyFor(Duration),
    /// Answers 200 with a body that never ends.
    Drip,
    Redirect(&'static str),
    /// Reads the request and never answers.
    Hang,
    /// Reads the request and closes the connection without an answer.
    Reset,
    /// Refuses the connection.
    Closed,
}

/// The behaviours of each tracker, by path: one for each request in order; the last one is repeated.
#[derive(Clone, Default)]
struct Trackers(Arc<Seen>);

#[derive(Default)]
struct Seen {
    script: HashMap<&'static str, Vec<Does>>,
    log: Mutex<Vec<(String, Duration, HeaderMap)>>,
    under_way: Mutex<HashMap<String, (u32, u32)>>,
    began: Mutex<Option<Instant>>,
}

impl Trackers {
    fn new(script: &[(&'static str, &[Does])]) -> Self {
        let script = script.iter().map(|(path, does)| (*path, does.to_vec())).collect();
        let trackers = Self(Arc::new(Seen { script, ..Seen::default() }));
        *trackers.0.began.lock().expect("no panic") = Some(Instant::now());
        trackers
    }

    /// The requests to this path, in order.
    fn asked(&self, path: &str) -> Vec<String> {
        let log = self.0.log.lock().expect("no panic");
        log.iter().map(|(url, ..)| url.clone()).filter(|url| url.contains(path)).collect()
    }

    fn times(&self, path: &str) -> Vec<Duration> {
        let log = self.0.log.lock().expect("no panic");
        log.iter().filter(|(url, ..)| url.contains(path)).map(|(_, at, _)| *at).collect()
    }

    /// The largest number of requests that were in flight to a host at once.
    fn most_at_once(&self, host: &str) -> u32 {
        self.0.under_way.lock().expect("no panic").get(host).map_or(0, |(_, most)| *most)
    }

    fn note(&self, request: &HttpRequest) -> Does {
        let (url, path) = (request.uri.to_string(), request.uri.path().to_owned());
        let since = self.0.began.lock().expect("no panic").expect("set").elapsed();
        let mut log = self.0.log.lock().expect("no panic");
        let before = log.iter().filter(|(url, ..)| url.contains(&path)).count();
        log.push((url, since, request.headers.clone()));
        let does = self.0.script.get(&*path).map_or(&[Does::Status(204)][..], Vec::as_slice);
        match does[before.min(does.len() - 1)] {
            Does::BusyFor(time) => Does::Status(if since < time { 503 } else { 200 }),
            does => does,
        }
    }
}

/// A request in flight. It is dropped when the request has ended.
struct UnderWay(Trackers, String);

impl UnderWay {
    fn new(trackers: &Trackers, host: &str) -> Self {
        let mut under_way = trackers.0.under_way.lock().expect("no panic");
        let (now, most) = under_way.entry(host.to_owned()).or_default();
        *now += 1;
        *most = (*most).max(*now);
        Self(trackers.clone(), host.to_owned())
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        if let Some((now, _)) = self.0.0.under_way.lock().expect("no panic").get_mut(&self.1) {
            *now -= 1;
        }
    }
}

impl Transport for Trackers {
    fn send(&self, request: HttpRequest) -> BoxFuture<'static, Result<HttpResponse, TransportError>> {
        let under_way = UnderWay::new(self, request.uri.host().unwrap_or_default());
        let does = self.note(&request);
        async move {
            tokio::time::sleep(Duration::from_millis(10)).await;
            let under_way = under_way;
            let failed = |kind| Err(TransportError::new(kind, "as the script says"));
            let (status, headers) = match does {
                Does::Hang => std::future::pending().await,
                Does::Reset => return failed(TransportErrorKind::Reset),
                Does::Closed => return failed(TransportErrorKind::Connect),
                Does::Redirect(to) => (302, HeaderMap::from_iter([(LOCATION, HeaderValue::from_static(to))])),
                Does::Status(status) => (status, HeaderMap::new()),
                Does::Drip | Does::BusyFor(_) => (200, HeaderMap::new()),
            };
            drop(under_way);
            let body: crate::transport::Body = match does {
                Does::Drip => Box::pin(stream::repeat_with(|| Ok(Bytes::from_static(&[0x1f; 4096])))),
                _ => Box::pin(stream::empty()),
            };
            let status = StatusCode::from_u16(status).expect("a status");
            Ok(HttpResponse::new(status, headers, body))
        }
        .boxed()
    }
}

fn tracker(trackers: &Trackers, outbox: Arc<dyn Outbox>, settings: DeliverySettings) -> (Tracker, BackgroundTasks) {
    let background = BackgroundTasks::default();
    let transport = Arc::new(trackers.clone());
    let http = HttpClient::new(transport, Resolver::system(), ExchangeSettings::default(), background.clone());
    let env = Env::fixed(UNIX_EPOCH + Duration::from_secs(1_795_000_000), 7);
    let parts = TrackerParts { http, background: background.clone(), outbox, env, settings };
    (Tracker::new(parts), background)
}

fn usual(trackers: &Trackers) -> (Tracker, BackgroundTasks) {
    tracker(trackers, Arc::new(MemoryOutbox::default()), DeliverySettings::default())
}

fn beacon(event: BeaconEvent, url: &str) -> Beacon {
    Beacon {
        rule: AddressRule { named: None, allow_private: true },
        headers: Arc::new(HeaderMap::from_iter([(
            http::HeaderName::from_static("x-device-ip"),
            HeaderValue::from_static("203.0.113.9"),
        )])),
        ..Beacon::new(event, url, "east")
    }
}

async fn put(tracker: &Tracker, moment: &str, urls: &[String]) -> Vec<BeaconState> {
    let beacons = urls.iter().map(|url| beacon(BeaconEvent::Impression, url)).collect();
    let consent = Consent::default();
    let tracked = tracker.put(BeaconBatch { group: "g", occurrence: moment, consent: &consent, beacons }).await;
    tracked.into_iter().map(|tracked| tracked.state).collect()
}

async fn put_one(tracker: &Tracker, path: &str) {
    assert_eq!(put(tracker, path, &[format!("http://t.test{path}?id=1")]).await, [BeaconState::Queued]);
}

async fn row(tracker: &Tracker) -> LedgerRow {
    tracker.rows(LedgerQuery::default()).await.expect("rows").remove(0)
}

const DAY: Duration = Duration::from_secs(24 * 3600);

#[tokio::test(start_paused = true)]
async fn r145_only_the_status_of_a_response_is_used() {
    let trackers = Trackers::new(&[("/drip", &[Does::Drip]), ("/to", &[Does::Redirect("http://t.test/drip")])]);
    let (tracker, _) = usual(&trackers);
    put_one(&tracker, "/drip").await;
    put_one(&tracker, "/to").await;
    let drained = tracker.drain(DAY).await;
    assert_eq!((drained.delivered, drained.failed, drained.left), (2, 0, 0));
    assert_eq!(trackers.asked("/to").len(), 1);
    assert_eq!(trackers.asked("/drip").len(), 2);
}

#[tokio::test(start_paused = true)]
async fn r142_all_levels_of_a_moment_are_taken_together_and_go_out_together() {
    let trackers = Trackers::new(&[]);
    let outbox = Arc::new(MemoryOutbox::with_quota(Quota { max_waiting: 5, ..Quota::MEMORY }));
    let (tracker, _) = tracker(&trackers, outbox, DeliverySettings::default());
    let levels: Vec<_> = (0..3).map(|level| format!("http://level-{level}.test/seen")).collect();
    assert_eq!(put(&tracker, "impression", &levels).await, [BeaconState::Queued; 3]);
    assert_eq!(put(&tracker, "start", &levels).await, [BeaconState::Refused; 3], "there is room for two");
    tracker.drain(DAY).await;
    assert_eq!(trackers.times("/seen"), [Duration::ZERO; 3], "none waits for another");
    assert_eq!(put(&tracker, "impression", &levels).await, [BeaconState::Queued; 3], "they are known");
    assert_eq!(tracker.drain(DAY).await.delivered, 3, "and not called again");
    assert_eq!(trackers.asked("/seen").len(), 3);
}

/// For each behaviour of a tracker: how many requests it gets, and the final state of the beacon.
#[tokio::test(start_paused = true)]
async fn r173_how_often_a_tracker_is_reached() {
    type Case = (&'static [Does], u32, usize, DeliveryState, Option<DeadReason>);
    let cases: [Case; 9] = [
        (&[Does::Status(200)], 1, 1, DeliveryState::Delivered, None),
        (&[Does::Status(404)], 1, 1, DeliveryState::Dead, Some(DeadReason::Refused)),
        (&[Does::Status(503), Does::Status(429), Does::Status(200)], 1, 3, DeliveryState::Delivered, None),
        (&[Does::Closed, Does::Closed, Does::Status(200)], 1, 3, DeliveryState::Delivered, None),
        (&[Does::Reset, Does::Status(200)], 1, 2, DeliveryState::Delivered, None),
        (&[Does::Reset, Does::Reset, Does::Status(200)], 1, 2, DeliveryState::Dead, Some(DeadReason::InDoubt)),
        (&[Does::Hang, Does::Hang, Does::Status(200)], 1, 2, DeliveryState::Dead, Some(DeadReason::InDoubt)),
        (&[Does::Reset, Does::Status(200)], 0, 1, DeliveryState::Dead, Some(DeadReason::InDoubt)),
        (&[Does::Reset, Does::Reset, Does::Status(200)], 2, 3, DeliveryState::Delivered, None),
    ];
    for (number, (does, max_in_doubt, reached, state, reason)) in cases.into_iter().enumerate() {
        let trackers = Trackers::new(&[("/seen", does)]);
        let settings = DeliverySettings { max_in_doubt, ..DeliverySettings::default() };
        let (tracker, _) = tracker(&trackers, Arc::new(MemoryOutbox::default()), settings);
        put_one(&tracker, "/seen").await;
        tracker.drain(DAY).await;
        let asked = trackers.asked("/seen");
        assert_eq!(asked.len(), reached, "case {number}");
        assert!(asked.windows(2).all(|pair| pair[0] == pair[1]), "the same bytes, case {number}");
        let row = row(&tracker).await;
        assert_eq!((row.state, row.reason, row.attempts as usize), (state, reason, reached), "case {number}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_tracker_that_is_busy_for_a_minute_gets_all_of_its_beacons() {
    let trackers = Trackers::new(&[("/seen", &[Does::BusyFor(Duration::from_secs(60))])]);
    let (tracker, _) = usual(&trackers);
    let urls: Vec<_> = (0..50).map(|number| format!("http://t.test/seen?id={number}")).collect();
    put(&tracker, "impression", &urls).await;
    let drained = tracker.drain(DAY).await;
    assert_eq!((drained.delivered, drained.failed, drained.left), (50, 0, 0));
    let rows = tracker.rows(LedgerQuery::default()).await.expect("rows");
    assert_eq!(rows.iter().map(|row| row.attempts as usize).sum::<usize>(), trackers.asked("/seen").len());
    assert!(rows.iter().any(|row| row.attempts > 1) && rows.iter().all(|row| row.last_status == Some(200)));
    let last = trackers.times("/seen").pop().expect("they were called");
    assert!(last > Duration::from_secs(60) && last < Duration::from_secs(1200), "{last:?}");
}

#[tokio::test(start_paused = true)]
async fn a_beacon_is_given_up_at_its_age_limit() {
    let trackers = Trackers::new(&[("/down", &[Does::Closed])]);
    let (tracker, _) = usual(&trackers);
    let consent = Consent::default();
    let beacons = vec![beacon(BeaconEvent::Error, "http://t.test/down")];
    tracker.put(BeaconBatch { group: "g", occurrence: "error", consent: &consent, beacons }).await;
    tracker.drain(2 * DAY).await;
    let row = row(&tracker).await;
    assert_eq!((row.state, row.reason), (DeliveryState::Dead, Some(DeadReason::Expired)));
    let last = trackers.times("/down").pop().expect("it was tried");
    assert!(last <= Duration::from_secs(3600) && last > Duration::from_secs(3600 - 1200), "{last:?}");
}

#[tokio::test(start_paused = true)]
async fn a_host_that_hangs_does_not_delay_other_hosts() {
    let trackers = Trackers::new(&[("/hang", &[Does::Hang])]);
    let (tracker, _) = usual(&trackers);
    let hanging: Vec<_> = (0..500).map(|number| format!("http://dead.test/hang?id={number}")).collect();
    put(&tracker, "hang", &hanging).await;
    let others: Vec<_> = (0..1_000).map(|number| format!("http://t{}.test/seen?id={number}", number % 20)).collect();
    put(&tracker, "seen", &others).await;
    let began = Instant::now();
    let drained = tracker.drain(Duration::from_secs(2)).await;
    assert_eq!(drained.delivered, 1_000, "in {:?}", began.elapsed());
    let last = trackers.times("/seen").into_iter().max().expect("they were called");
    assert!(
        last < Duration::from_millis(200),
        "{last:?}: a thousand in turns of at least 8 for each of 20 hosts, 10 ms each"
    );
    assert_eq!(trackers.most_at_once("dead.test"), 8);
    let most = trackers.most_at_once("t0.test");
    assert!((9..=64).contains(&most), "{most}: the limit of a host that accepts beacons grows to a quarter of 256");
}

#[tokio::test(start_paused = true)]
async fn a_dead_host_is_probed_and_not_hammered() {
    let trackers = Trackers::new(&[("/down", &[Does::Closed])]);
    let (tracker, _) = usual(&trackers);
    let urls: Vec<_> = (0..200).map(|number| format!("http://dead.test/down?id={number}")).collect();
    put(&tracker, "down", &urls).await;
    tracker.drain(Duration::from_secs(600)).await;
    let tries = trackers.asked("/down").len();
    assert!((13..40).contains(&tries), "{tries}: eight at first, then one per opening, of 5 s and doubling");
}

#[tokio::test(start_paused = true)]
async fn beacons_in_flight_at_the_end_of_the_process_are_in_doubt() {
    let trackers = Trackers::new(&[("/hang", &[Does::Hang])]);
    let outbox = Arc::new(MemoryOutbox::default());
    let (first, background) = tracker(&trackers, Arc::clone(&outbox) as _, DeliverySettings::default());
    put_one(&first, "/hang").await;
    let drained = first.drain(Duration::from_millis(500)).await;
    assert_eq!((drained.delivered, drained.left), (0, 1));
    first.close();
    background.shutdown(Duration::ZERO).await;
    assert_eq!(put(&first, "late", &["http://t.test/late".to_owned()]).await, [BeaconState::Refused]);
    // Its clock starts at the same time as the first one, so the lease ends a minute later.
    let trackers = Trackers::new(&[]);
    let (second, _) = tracker(&trackers, outbox, DeliverySettings::default());
    second.drain(Duration::from_secs(200)).await;
    let row = row(&second).await;
    assert_eq!((row.state, row.attempts, row.in_doubt), (DeliveryState::Delivered, 2, 1));
}

#[test]
fn consent_is_stored_as_it_was_given() {
    let consent = Consent {
        gdpr: Some(true),
        gdpr_consent: Some("CPx".into()),
        gpp_sections: vec![2, 6],
        limit_ad_tracking: Some(false),
        ..Consent::default()
    };
    assert_eq!(consent_query(&consent), "gdpr=1&lmt=0&gdpr_consent=CPx&gpp_sid=2,6");
    assert_eq!(consent_query(&Consent::default()), "");
}
