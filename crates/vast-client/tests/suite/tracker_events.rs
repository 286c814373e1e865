//! Events that a host reports during playback: the requests that follow, their number, and the ledger.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::scenario::file::Names;
use crate::scenario::network::Network;
use vast_client::env::Env;
use vast_client::track::outbox::DeliveryState;
use vast_client::track::session::{BreakSession, ReportContext, SessionOptions};
use vast_client::track::{AdEvent, BeaconEvent, BeaconState, Moment, PartIndex};
use vast_client::transport::{ExchangeSettings, Linger};
use vast_client::{FetchConfig, FetchResult, VastClient};
use vast_mock::{Answer, Script};
use vast_xml::model::{Event, Offset};

const SECOND: Duration = Duration::from_secs(1);
const LONG: Duration = Duration::from_secs(3600);

/// A pod of three ads whose ids are equal or missing. The URLs of each ad's trackers contain its index.
fn pod(id: &str) -> String {
    let tracker =
        |event: &str, ad: u32| format!("<Tracking event='{event}'>http://east.test/{event}?ad={ad}</Tracking>");
    let ad = |ad: u32| {
        format!(
            "<Ad {id} sequence='{ad}'><InLine><AdSystem>a</AdSystem><AdTitle>t</AdTitle>
             <Impression>http://east.test/seen?ad={ad}</Impression><Impression>http://east.test/seen?ad={ad}&amp;two</Impression>
             <Creatives><Creative><Linear><Duration>00:00:04</Duration>
             <TrackingEvents>{}{}<Tracking event='progress' offset='00:00:01'>http://east.test/progress?1</Tracking>
             <Tracking event='progress' offset='00:00:02'>http://east.test/progress?2</Tracking></TrackingEvents>
             <MediaFiles><MediaFile type='video/mp4' width='1' height='1'>https://cdn.test/a.mp4</MediaFile></MediaFiles>
             </Linear></Creative><Creative><CompanionAds>
             <Companion width='1' height='1'><StaticResource creativeType='image/png'>https://cdn.test/1.png</StaticResource>
             <TrackingEvents><Tracking event='creativeView'>http://east.test/companion?1</Tracking></TrackingEvents></Companion>
             <Companion width='1' height='1'><StaticResource creativeType='image/png'>https://cdn.test/2.png</StaticResource>
             <TrackingEvents><Tracking event='creativeView'>http://east.test/companion?2</Tracking></TrackingEvents></Companion>
             </CompanionAds></Creative></Creatives></InLine></Ad>",
            tracker("start", ad),
            tracker("complete", ad),
        )
    };
    format!("<VAST version='4.2'>{}{}{}</VAST>", ad(1), ad(2), ad(3))
}

struct Host {
    network: Network,
    client: VastClient,
    result: FetchResult,
}

impl Host {
    /// A host with the result of a request for this document.
    async fn of(document: String, auto_track: bool) -> Self {
        let script = Script::builder().server("east").answer(Answer::new().path("/ad").body(document));
        let script = script.answer(Answer::new().path("/refused").status(404)).answer(Answer::new().status(204));
        let network = Network::new(&script.build().expect("a script"), Names::default(), 1);
        let config = FetchConfig::new(["http://east.test/ad"]).with_auto_track(auto_track);
        let client = VastClient::builder()
            .transport(network.clone())
            .lookup(network.lookup())
            .env(Env::fixed(UNIX_EPOCH, 1))
            .exchange(ExchangeSettings { linger: Linger::OFF, ..ExchangeSettings::default() })
            .build(config)
            .expect("a configuration");
        let result = client.orchestrator().run(client.plan(), &Default::default(), client.run_options()).await;
        Self { network, client, result }
    }

    /// Reports an event of the ad with this index, at a moment with this seed. Returns how many beacons were put.
    async fn say(&self, ad: usize, event: AdEvent, seed: u64) -> usize {
        let ad = &self.result.ads[ad].ad;
        self.client.tracker().track_event(&self.result, ad, &event, &Moment::new(UNIX_EPOCH, seed)).await.len()
    }

    /// The requests of trackers, sorted, after all were called.
    async fn called(&self) -> String {
        assert_eq!(self.client.drain(LONG).await.left, 0);
        let log = self.network.log().into_iter().map(|seen| seen.target).filter(|target| target != "/ad");
        let mut called: Vec<_> = log.collect();
        called.sort();
        called.join(" ")
    }
}

#[tokio::test(start_paused = true)]
async fn ads_of_a_pod_are_distinguished_also_with_equal_ids() {
    for id in ["id='same'", ""] {
        let host = Host::of(pod(id), false).await;
        assert_eq!(host.result.ads.len(), 3);
        for ad in [0, 1, 2, 1] {
            assert_eq!(host.say(ad, AdEvent::Linear(Event::Start), 7).await, 1);
        }
        assert_eq!(host.called().await, "/start?ad=1 /start?ad=2 /start?ad=3", "{id}: each once");
    }
}

#[tokio::test(start_paused = true)]
async fn an_event_at_one_moment_is_called_once_and_at_the_next_moment_again() {
    let host = Host::of(pod(""), false).await;
    for seed in [7, 7, 8] {
        host.say(0, AdEvent::Linear(Event::Start), seed).await;
    }
    assert_eq!(host.called().await, "/start?ad=1 /start?ad=1");
    host.say(0, AdEvent::Linear(Event::Start), 7).await;
    assert_eq!(host.called().await, "/start?ad=1 /start?ad=1", "also after they were called");
}

#[tokio::test(start_paused = true)]
async fn events_with_one_name_at_one_moment_are_distinguished() {
    let host = Host::of(pod(""), false).await;
    let progress = |seconds: u64| AdEvent::Progress(Offset::Time(Duration::from_secs(seconds)));
    let companion = |item: usize| AdEvent::CompanionView(PartIndex { hop: 0, creative: 1, item });
    for event in [progress(1), progress(2), progress(2), companion(0), companion(1), companion(1)] {
        assert_eq!(host.say(0, event.clone(), 7).await, 1, "{event:?}");
    }
    assert_eq!(host.called().await, "/companion?1 /companion?2 /progress?1 /progress?2");
}

#[tokio::test(start_paused = true)]
async fn a_copy_of_an_ad_is_the_ad() {
    let host = Host::of(pod(""), false).await;
    let (tracker, at) = (host.client.tracker(), Moment::new(UNIX_EPOCH, 7));
    for result in [&host.result, &host.result.clone()] {
        let copy = result.ads[1].ad.clone();
        tracker.track_impression(&host.result, &copy, &at).await;
        tracker.track_impression(result, &result.ads[1].ad, &at).await;
    }
    assert_eq!(host.called().await, "/seen?ad=2 /seen?ad=2&two");
}

/// The event names of a document may be longer than a key may be.
#[tokio::test(start_paused = true)]
async fn names_without_end_cost_no_beacon() {
    let long = "e".repeat(4_000);
    let document = pod(&format!("id='{long}'")).replace("event='start'", &format!("event='{long}'"));
    let host = Host::of(document, false).await;
    host.say(0, AdEvent::Linear(Event::from_name(&long)), 7).await;
    host.say(0, AdEvent::Linear(Event::from_name(&long)), 7).await;
    assert_eq!(host.called().await, "/start?ad=1");
}

#[tokio::test(start_paused = true)]
async fn an_impression_that_went_with_the_answer_is_not_put_again() {
    let host = Host::of(pod(""), true).await;
    let with_the_answer = "/seen?ad=1 /seen?ad=1&two /seen?ad=2 /seen?ad=2&two /seen?ad=3 /seen?ad=3&two";
    assert_eq!(host.called().await, with_the_answer);
    assert_eq!(host.say(0, AdEvent::Impression, 7).await, 0);
    assert_eq!(host.called().await, with_the_answer);
    assert_eq!(host.say(0, AdEvent::Linear(Event::Start), 7).await, 1, "all else is");
}

/// The whole sequence of a host: session, events, tracker, ledger.
#[tokio::test(start_paused = true)]
async fn a_break_that_is_played_calls_every_tracker_once() {
    let host = Host::of(pod(""), false).await;
    let mut playing = BreakSession::new(&host.result.ads, &SessionOptions::default(), 42);
    for second in 0..=12 {
        let now = ReportContext::new(SystemTime::UNIX_EPOCH + SECOND * second);
        for happened in playing.playhead(SECOND * second, &now) {
            host.client.tracker().track_session_event(&host.result, &happened).await;
        }
    }
    let called = host.called().await;
    let of = |path: &str| called.split(' ').filter(|target| target.starts_with(path)).collect::<Vec<_>>();
    assert_eq!(of("/start"), ["/start?ad=1", "/start?ad=2", "/start?ad=3"]);
    assert_eq!(of("/complete"), ["/complete?ad=1", "/complete?ad=2", "/complete?ad=3"]);
    assert_eq!((of("/seen").len(), of("/progress").len()), (6, 6));
    let results = host.client.tracker().results(&host.result.metadata.request_id).await.expect("a ledger");
    assert_eq!((results.queued, results.delivered, results.failed), (0, called.split(' ').count(), 0));
}

#[tokio::test(start_paused = true)]
async fn results_are_those_of_one_request_url_by_url() {
    let document = pod("").replace("/start?ad=2", "/refused").replace("/start?ad=3", "/later");
    let host = Host::of(document.replace("east.test/later", "nobody.test/later"), false).await;
    let tracker = host.client.tracker();
    let results = async || tracker.results(&host.result.metadata.request_id).await.expect("a ledger");
    assert_eq!(results().await, Default::default());
    for ad in 0..3 {
        host.say(ad, AdEvent::Linear(Event::Start), 7).await;
    }
    let queued = results().await;
    assert_eq!((queued.queued, queued.delivered, queued.failed, queued.is_settled()), (3, 0, 0, false));
    host.client.drain(SECOND).await;
    let results = results().await;
    assert_eq!((results.queued, results.delivered, results.failed, results.is_settled()), (1, 1, 1, false));
    let rows: Vec<_> = results.rows.iter().map(|row| (row.url.as_str(), row.state, row.last_status)).collect();
    let expected = [
        ("http://east.test/start?ad=1", DeliveryState::Delivered, Some(204)),
        ("http://east.test/refused", DeliveryState::Dead, Some(404)),
        ("http://nobody.test/later", DeliveryState::Waiting, None),
    ];
    assert_eq!(rows, expected);
    assert_eq!(tracker.results("another").await.expect("a ledger").rows, []);
    let refused = tracker.track_impression(&host.result, &host.result.ads[0].ad, &Moment::new(UNIX_EPOCH, 7)).await;
    assert!(refused.iter().all(|one| (&one.event, one.state) == (&BeaconEvent::Impression, BeaconState::Queued)));
}
