//! Sealed trackers: what a player gets, what comes back, and what the trackers of the ad servers receive.

use std::path::Path;
use std::time::{Duration, SystemTime};

use vast_client::env::Env;
use vast_client::track::outbox::{DiskOutbox, LedgerQuery, Outbox, Quota};
use vast_gateway::config::GatewayConfig;
use vast_gateway::{Gateway, GatewayError};
use vast_mock::{Exchange, Mock, Script};

use crate::support::{Answer, Running, on_free_ports};

pub(crate) const SECRET: &str = "a-secret-of-at-least-32-bytes-for-tests";
const OTHER_SECRET: &str = "another-secret-of-32-bytes-for-tests-";

/// An ad server below a wrapper, and the server of their trackers.
pub(crate) async fn servers() -> Mock {
    let inline = r#"<VAST version="4.2"><Ad id="shoes"><InLine><AdSystem>Acme</AdSystem><AdTitle>Shoes</AdTitle>
<AdServingId>serving-1</AdServingId><Impression><![CDATA[{{sink}}/own/seen?cb=[CACHEBUSTING]&side=[SERVERSIDE]&ip=[DEVICEIP]]]></Impression>
<Error><![CDATA[{{sink}}/own/error?code=[ERRORCODE]]]></Error><Creatives><Creative id="c"><UniversalAdId idRegistry="ad-id.org">C1</UniversalAdId>
<Linear><Duration>00:00:20</Duration><TrackingEvents><Tracking event="start"><![CDATA[{{sink}}/own/start?at=[ADPLAYHEAD]]]></Tracking>
<Tracking event="pause"><![CDATA[{{sink}}/own/pause]]></Tracking><Tracking event="firstQuartile">/relative</Tracking></TrackingEvents>
<VideoClicks><ClickThrough><![CDATA[https://shop.example/shoes?x=[CLICKPOS]]]></ClickThrough><ClickTracking><![CDATA[{{sink}}/own/click]]></ClickTracking></VideoClicks>
<MediaFiles><MediaFile delivery="progressive" type="video/mp4" width="1280" height="720"><![CDATA[https://cdn.example/shoes.mp4]]></MediaFile>
</MediaFiles></Linear></Creative></Creatives></InLine></Ad></VAST>"#;
    let wrapper = r#"<VAST version="4.2"><Ad id="w"><Wrapper><AdSystem>Reseller</AdSystem><VASTAdTagURI>{{self}}/inline</VASTAdTagURI>
<Impression>{{sink}}/above/seen</Impression><Creatives><Creative><Linear><TrackingEvents><Tracking event="start">{{sink}}/above/start</Tracking>
</TrackingEvents><VideoClicks><ClickTracking>{{sink}}/above/click</ClickTracking></VideoClicks></Linear></Creative></Creatives></Wrapper></Ad></VAST>"#;
    let script = format!(
        "[[server]]\nname = \"ads\"\nanswer = [\n{{ path = \"/inline\", body = '''{inline}''' }},\n\
         {{ path = \"/wrapper\", body = '''{wrapper}''' }},\n{{ path = \"/empty\", body = '<VAST version=\"4.2\"/>' }},\n]\n\
         [[server]]\nname = \"sink\"\nsink = true\n"
    );
    let script = Script::parse(&script, Path::new("")).unwrap_or_else(|error| panic!("{error}"));
    Mock::start(script).await.expect("loopback")
}

/// A configuration with one placement `ad` per test. `own` are lines of the placement.
pub(crate) fn text(mock: &Mock, path: &str, own: &str) -> String {
    let ads = mock.url("ads");
    format!("[placement.ad]\n{own}\nsource = [{{ name = \"east\", url = \"{ads}{path}\", allow_private = true }}]\n")
}

pub(crate) fn with_secrets(config: &mut GatewayConfig, secrets: &[(char, &str)]) {
    use vast_gateway::config::{SecretText, TokenSecret};
    let secret = |(id, value): &(char, &str)| TokenSecret::new(*id, SecretText::new(*value).expect("long enough"));
    config.secrets = secrets.iter().map(|pair| secret(pair).expect("a secret")).collect();
}

pub(crate) async fn start(mock: &Mock, text: &str) -> Running {
    Running::start_with(mock, text, |config| with_secrets(config, &[('1', SECRET)])).await
}

/// The paths of the sealed URLs in a document, each with its parameters, in order.
pub(crate) fn sealed(answer: &Answer, kind: &str) -> Vec<String> {
    let parts = answer.body.split(kind).skip(1);
    parts.map(|part| format!("{kind}{}", part.split(['<', ']', '"']).next().unwrap_or_default())).collect()
}

/// The path of the sealed impression.
pub(crate) fn impression(answer: &Answer) -> String {
    let (_, rest) = answer.body.split_once("<Impression>").unwrap_or_else(|| panic!("{answer:?}"));
    let rest = &rest[rest.find("/b/").unwrap_or_else(|| panic!("{answer:?}"))..];
    rest.split([']', '<']).next().unwrap_or_default().to_owned()
}

pub(crate) fn is_sink(seen: &Exchange) -> bool {
    &*seen.server == "sink"
}

/// The paths and queries that the server of the trackers received, sorted.
pub(crate) fn received(log: &[Exchange]) -> Vec<String> {
    let mut targets: Vec<String> =
        log.iter().filter(|seen| is_sink(seen)).map(|seen| seen.request.path_and_query.clone()).collect();
    targets.sort();
    targets
}

pub(crate) async fn wait(mock: &Mock, count: usize) -> Vec<String> {
    received(&mock.wait_for(|log| log.iter().filter(|seen| is_sink(seen)).count() >= count).await.expect("beacons"))
}

pub(crate) const PLAYER: &str = "User-Agent: Player/1\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn relayed_events_reach_the_trackers_of_all_levels_once() {
    let mock = servers().await;
    let gateway = start(&mock, &text(&mock, "/wrapper", "track = \"relay\"")).await;
    let answer = gateway.get_with("/v1/ad/vast", PLAYER).await;
    assert!(!answer.body.contains(mock.url("sink")), "no tracker is left: {}", answer.body);
    let urls = sealed(&answer, "/b/");
    // Impression, error, start, pause, firstQuartile, click.
    assert_eq!(urls.len(), 6, "{}", answer.body);
    assert_eq!(urls.iter().filter(|url| url.ends_with("?p=[ADPLAYHEAD")).count(), 1, "{urls:#?}");
    assert_eq!(urls.iter().filter(|url| url.ends_with("?e=[ERRORCODE")).count(), 1, "{urls:#?}");

    let url = impression(&answer);
    let impression = gateway.get_with(&url, PLAYER).await;
    assert_eq!((impression.status, impression.outcome()), (200, "queued"));
    assert_eq!(impression.header("content-type"), Some("image/gif"));
    assert_eq!(impression.header("cache-control"), Some("no-store"));
    let again = gateway.get_with(&url, PLAYER).await;
    assert_eq!((again.status, again.outcome()), (200, "known"));
    let seen = wait(&mock, 2).await;
    assert!(seen[0] == "/above/seen" && seen[1].starts_with("/own/seen?cb="), "{seen:?}");
    assert!(seen[1].ends_with("&side=1&ip=127.0.0.1"), "{seen:?}");

    let start = urls.iter().find(|url| url.contains("?p=")).expect("the start");
    let start = start.replace("[ADPLAYHEAD", "00%3A00%3A00.040");
    assert_eq!(gateway.post(&start, PLAYER, "").await.status, 204, "sendBeacon");
    let error = urls.iter().find(|url| url.contains("?e=")).expect("the error").replace("[ERRORCODE", "402");
    assert_eq!(gateway.get_with(&error, PLAYER).await.outcome(), "queued");
    let seen = wait(&mock, 5).await;
    assert!(seen.contains(&"/own/start?at=00%3A00%3A00.040".to_owned()) && seen.contains(&"/above/start".to_owned()));
    assert!(seen.contains(&"/own/error?code=402".to_owned()), "{seen:?}");

    let metrics = gateway.admin("/metrics").await.body;
    for line in ["vast_gateway_beacon_hits_total{end=\"queued\"} 3", "vast_gateway_beacon_hits_total{end=\"known\"} 1"]
    {
        assert!(metrics.lines().any(|one| one == line), "{line}\n{metrics}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_reports_at_once_count_once() {
    let mock = servers().await;
    let gateway = start(&mock, &text(&mock, "/inline", "track = \"relay\"")).await;
    let urls = sealed(&gateway.get("/v1/ad/vast").await, "/b/");
    let ends = futures_util::future::join_all((0..100).map(|_| gateway.get_with(&urls[0], PLAYER))).await;
    assert!(ends.iter().all(|end| end.status == 200));
    assert_eq!(ends.iter().filter(|end| end.outcome() == "queued").count(), 1);
    wait(&mock, 1).await;
    drop(gateway.stop().await);
    assert_eq!(received(&mock.log()).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_click_opens_the_sealed_page_and_counts_once_with_its_trackers() {
    let mock = servers().await;
    let gateway = start(&mock, &text(&mock, "/wrapper", "track = \"relay\"")).await;
    let answer = gateway.get("/v1/ad/vast").await;
    let page = sealed(&answer, "/c/").remove(0).replace("[CLICKPOS", "3,4");
    let click = gateway.get_with(&page, PLAYER).await;
    assert_eq!((click.status, click.outcome()), (302, "queued"));
    assert_eq!(click.header("location"), Some("https://shop.example/shoes?x=3,4"));
    assert_eq!(click.header("referrer-policy"), Some("no-referrer"));
    assert_eq!(wait(&mock, 2).await, ["/above/click", "/own/click"]);
    // The player also calls the click trackers, which are another token of the same event.
    let all =
        futures_util::future::join_all(sealed(&answer, "/b/").iter().map(|url| gateway.get_with(url, PLAYER))).await;
    assert_eq!(all.iter().filter(|hit| hit.outcome() == "known").count(), 1);
    let again = gateway.get_with(&page, PLAYER).await;
    assert_eq!((again.status, again.outcome()), (302, "known"), "the viewer gets the page each time");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_a_report_of_an_event_is_not_delivered() {
    let mock = servers().await;
    let gateway = start(&mock, &text(&mock, "/inline", "track = \"relay\"")).await;
    let other = Running::start_with(&mock, &text(&mock, "/inline", "track = \"relay\""), |config| {
        with_secrets(config, &[('1', OTHER_SECRET)]);
    })
    .await;
    let url = impression(&gateway.get("/v1/ad/vast").await);
    let click = sealed(&gateway.get("/v1/ad/vast").await, "/c/").remove(0);
    let foreign = impression(&other.get("/v1/ad/vast").await);
    let changed = format!("{}{}", &url[..url.len() - 1], if url.ends_with('A') { 'B' } else { 'A' });
    let unknown =
        ["/b/", "/b/1", "/b/1Kxyz", "/b/https://evil.example/", &foreign, &changed, &click.replace("/c/", "/b/")];
    let mut answers = Vec::new();
    for url in unknown {
        let answer = gateway.get_with(url, PLAYER).await;
        assert_eq!((answer.status, answer.outcome()), (404, "unknown"), "{url}");
        answers.push((answer.header("content-type").map(str::to_owned), answer.body));
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "one answer for all of them");
    assert_eq!(gateway.get_with(&url.replace("/b/", "/c/"), PLAYER).await.status, 404);
    for headers in [
        "Sec-Purpose: prefetch\r\n",
        "Purpose: preview\r\n",
        "X-Moz: prefetch\r\n",
        "Sec-Purpose: prefetch;prerender\r\n",
    ] {
        let answer = gateway.get_with(&url, &format!("{PLAYER}{headers}")).await;
        assert_eq!((answer.status, answer.outcome()), (200, "prefetch"), "{headers}");
    }
    let head = crate::support::exchange(gateway.address, "HEAD", &url, PLAYER, "").await;
    assert_eq!((head.status, head.outcome(), head.body.as_str()), (200, "prefetch", ""));
    assert_eq!(gateway.get_with(&url, PLAYER).await.outcome(), "queued", "it did not count before");
    wait(&mock, 1).await;
    drop(gateway.stop().await);
    assert_eq!(received(&mock.log()).len(), 1);
}

/// A gateway whose clock shows this many seconds.
async fn at_time(mock: &Mock, seconds: u64, secrets: &[(char, &str)]) -> Running {
    let text = format!("[server]\nbeacon_ttl = \"10m\"\n{}", text(mock, "/inline", "track = \"relay\""));
    let mut config = crate::support::config(mock, &text);
    on_free_ports(&mut config);
    with_secrets(&mut config, secrets);
    let env = Env::fixed(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds), 1);
    Running::of(Gateway::builder().env(env).bind(config).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_gateway_with_the_secret_opens_a_token_until_it_expires() {
    const ISSUED: u64 = 1_795_000_000;
    let mock = servers().await;
    let old = [('1', SECRET)];
    let issuer = at_time(&mock, ISSUED, &old).await;
    let url = impression(&issuer.get("/v1/ad/vast").await);
    let both = [('2', OTHER_SECRET), ('1', SECRET)];
    let newer = [('2', OTHER_SECRET)];
    let later = ISSUED + 600;
    for (seconds, secrets, status, outcome) in [
        (ISSUED - 90, &old[..], 404, "unknown"),
        (ISSUED - 30, &old[..], 200, "queued"),
        (later + 30, &old[..], 200, "queued"),
        (later + 90, &old[..], 410, "expired"),
        (ISSUED, &both[..], 200, "queued"),
        (ISSUED, &newer[..], 404, "unknown"),
    ] {
        let gateway = at_time(&mock, seconds, secrets).await;
        let answer = gateway.get_with(&url, PLAYER).await;
        let expected = (status, outcome, Some("image/gif"));
        assert_eq!((answer.status, answer.outcome(), answer.header("content-type")), expected, "{seconds}");
        let own = sealed(&gateway.get("/v1/ad/vast").await, "/b/").remove(0);
        assert!(own.starts_with(&format!("/b/1{}", secrets[0].0)), "the first secret seals");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_trackers_see_the_device_that_the_placement_says() {
    let mock = servers().await;
    for (identity, address, user_agent) in [("request", "198.51.100.9", "Other/2"), ("token", "192.0.2.7", "Player/1")]
    {
        let own = format!("track = \"relay\"\nidentity = \"{identity}\"");
        let text = format!("[server]\ntrusted_proxies = [\"127.0.0.1\"]\n{}", text(&mock, "/inline", &own));
        let text = text.replace("\"127.0.0.1\"", "\"127.0.0.1/32\"");
        let gateway = start(&mock, &text).await;
        let asked = gateway.get_with("/v1/ad/vast", &format!("{PLAYER}X-Forwarded-For: 192.0.2.7\r\n")).await;
        let url = impression(&asked);
        let reporter = "User-Agent: Other/2\r\nX-Forwarded-For: 198.51.100.9\r\n";
        assert_eq!(gateway.get_with(&url, reporter).await.outcome(), "queued");
        drop(gateway.stop().await);
        let log = mock.log();
        let last = log.iter().rfind(|seen| is_sink(seen)).expect("a beacon");
        assert_eq!(last.request.header("x-device-ip"), Some(address), "{identity}");
        assert_eq!(last.request.header("x-device-user-agent"), Some(user_agent), "{identity}");
        assert!(last.request.path_and_query.ends_with("ip=192.0.2.7"), "macros have the values of the answer");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_outbox_never_says_that_it_took_a_beacon() {
    let (mock, folder) = (servers().await, tempfile::tempdir().expect("a folder"));
    let mut quota = Quota::DISK;
    quota.max_waiting = 0;
    let outbox = DiskOutbox::with_quota(folder.path().join("outbox"), quota).expect("an outbox");
    let mut config = crate::support::config(&mock, &text(&mock, "/inline", "track = \"relay\""));
    on_free_ports(&mut config);
    with_secrets(&mut config, &[('1', SECRET)]);
    let client = vast_client::VastClient::builder().outbox(outbox);
    let gateway = Running::of(Gateway::builder().client(client).bind(config).await);
    let answer = gateway.get("/v1/ad/vast").await;
    let (url, page) = (impression(&answer), sealed(&answer, "/c/").remove(0));
    let refused = gateway.get_with(&url, PLAYER).await;
    assert_eq!((refused.status, refused.outcome(), refused.header("retry-after")), (503, "refused", Some("1")));
    let click = gateway.get_with(&page, PLAYER).await;
    assert_eq!((click.status, click.outcome()), (302, "refused"), "the viewer gets the page");
    let ready = gateway.admin("/readyz").await;
    assert!(ready.status == 503 && ready.body.contains("its outbox refuses beacons"), "{ready:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn acknowledged_beacons_are_in_the_file_of_the_outbox() {
    let (mock, folder) = (servers().await, tempfile::tempdir().expect("a folder"));
    let path = folder.path().join("outbox");
    let text = text(&mock, "/inline", "track = \"relay\"");
    let gateway = Running::start_with(&mock, &text, |config| {
        with_secrets(config, &[('1', SECRET)]);
        config.outbox = Some(path.clone());
    })
    .await;
    let url = impression(&gateway.get("/v1/ad/vast").await);
    assert_eq!(gateway.get_with(&url, PLAYER).await.outcome(), "queued");
    wait(&mock, 1).await;
    drop(gateway.stop().await);
    let rows = DiskOutbox::open(&path).expect("it was closed").rows(LedgerQuery::default()).await.expect("rows");
    assert_eq!(rows.len(), 1);
    assert!(rows[0].key.ends_with(".0.0") && rows[0].group.len() == 32, "{rows:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn injected_events_stand_beside_the_trackers() {
    let mock = servers().await;
    let gateway = start(&mock, &text(&mock, "/inline", "track = \"inject\"")).await;
    let answer = gateway.get("/v1/ad/vast").await;
    assert_eq!(sealed(&answer, mock.url("sink")).len(), 5, "the trackers stay: {}", answer.body);
    // Impression, error, start and the other quartiles, also those without a tracker.
    let urls = sealed(&answer, "/b/");
    assert_eq!(urls.len(), 7, "{}", answer.body);
    for end in ["queued", "known"] {
        assert_eq!(gateway.get_with(&urls[0], PLAYER).await.outcome(), end);
    }
    assert!(answer.body.contains("<![CDATA[https://shop.example/shoes"), "the page stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timeline_has_a_token_for_each_event_and_a_report_takes_them() {
    let mock = servers().await;
    let text = format!(
        "[tenant.acme]\n[tenant.other]\n{}",
        text(&mock, "/wrapper", "track = \"timeline\"\ntenant = \"acme\"")
    );
    let gateway = Running::start_with(&mock, &text, |config| {
        use vast_gateway::config::{AccessKey, SecretText};
        with_secrets(config, &[('1', SECRET)]);
        for (tenant, key) in [("acme", "key-of-acme-long"), ("other", "key-of-other-long")] {
            let key = AccessKey::new("ssai", SecretText::new(key).expect("long enough"));
            config.tenants.get_mut(tenant).expect("a tenant").keys = vec![key];
        }
    })
    .await;
    let key = "Authorization: Bearer key-of-acme-long\r\n";
    let answer = gateway.get_with("/v1/ad/ads.json", key).await.json();
    let timeline = answer["parsed_data"]["ads"][0]["timeline"].as_array().expect("a timeline").clone();
    let events: Vec<_> =
        timeline.iter().map(|row| (row["event"].as_str().unwrap_or_default(), row["offset_ms"].as_u64())).collect();
    assert_eq!(
        events,
        [
            ("impression", Some(0)),
            ("error", None),
            ("start", Some(0)),
            ("pause", None),
            ("firstQuartile", Some(5_000)),
            ("click", None)
        ]
    );
    let token = |at: usize| timeline[at]["token"].as_str().unwrap_or_default();
    let body = serde_json::json!({ "beacons": [
        { "token": token(0), "at": 1_000 }, { "token": token(2), "playhead_ms": 40 }, { "token": token(0) }, { "token": "1x" },
    ] });
    let report = gateway.post("/v1/beacons", key, &body.to_string()).await;
    assert_eq!(
        (report.status, report.json()),
        (200, serde_json::json!({ "beacons": ["queued", "queued", "known", "unknown"] }))
    );
    let seen = wait(&mock, 4).await;
    assert!(seen.contains(&"/own/start?at=00%3A00%3A00.040".to_owned()), "{seen:?}");
    let other = gateway.post("/v1/beacons", "Authorization: Bearer key-of-other-long\r\n", &body.to_string()).await;
    assert_eq!(other.json(), serde_json::json!({ "beacons": ["unknown", "unknown", "unknown", "unknown"] }));
    assert_eq!(gateway.post("/v1/beacons", "", &body.to_string()).await.status, 403);
    assert_eq!(gateway.post("/v1/beacons", key, "{}").await.status, 400);
    let many = serde_json::json!({ "beacons": vec![serde_json::json!({ "token": "" }); 501] });
    assert_eq!(gateway.post("/v1/beacons", key, &many.to_string()).await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_can_repeat_counts_once_per_second_and_not_without_end() {
    const ISSUED: u64 = 1_795_000_000;
    let mock = servers().await;
    let text = format!("[tenant.acme]\n{}", text(&mock, "/inline", "track = \"timeline\"\ntenant = \"acme\""));
    let start = async |seconds| {
        use vast_gateway::config::{AccessKey, SecretText};
        let mut config = crate::support::config(&mock, &text);
        on_free_ports(&mut config);
        with_secrets(&mut config, &[('1', SECRET)]);
        let key = AccessKey::new("ssai", SecretText::new("key-of-acme-long").expect("long enough"));
        config.tenants.get_mut("acme").expect("a tenant").keys = vec![key];
        let env = Env::fixed(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds), 1);
        Running::of(Gateway::builder().env(env).bind(config).await)
    };
    let key = "Authorization: Bearer key-of-acme-long\r\n";
    let answer = start(ISSUED).await.get_with("/v1/ad/ads.json", key).await.json();
    let timeline = answer["parsed_data"]["ads"][0]["timeline"].as_array().expect("a timeline").clone();
    let pause = timeline.iter().find(|row| row["event"] == "pause").expect("a pause")["token"].clone();
    let gateway = start(ISSUED + 600).await;
    let report = async |seconds: &[u64]| {
        let event = |second: &u64| serde_json::json!({ "token": pause, "at": (ISSUED + second) * 1000 });
        let body = serde_json::json!({ "beacons": seconds.iter().map(event).collect::<Vec<_>>() });
        let ends = gateway.post("/v1/beacons", key, &body.to_string()).await.json()["beacons"].take();
        serde_json::from_value::<Vec<String>>(ends).expect("a list")
    };
    assert_eq!(report(&[1, 2, 1]).await, ["queued", "queued", "known"]);
    let ends = report(&(10..50).collect::<Vec<_>>()).await;
    let count = |end: &str| ends.iter().filter(|one| *one == end).count();
    assert_eq!((count("queued"), count("limited")), (29, 11), "32 in all: {ends:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_without_an_ad_can_have_a_sealed_error() {
    let mock = servers().await;
    let own = format!("no_ad_url = \"{}/none?code=[ERRORCODE]\"", mock.url("sink"));
    let gateway = start(&mock, &text(&mock, "/empty", &own)).await;
    let answer = gateway.get("/v1/ad/vast").await;
    let url = sealed(&answer, "/b/").remove(0);
    assert!(answer.body.contains("<Error>") && answer.outcome() == "no_ad", "{answer:?}");
    assert_eq!(gateway.get_with(&url.replace("[ERRORCODE", "900"), PLAYER).await.outcome(), "queued");
    assert_eq!(wait(&mock, 1).await, ["/none?code=303"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_session_cannot_have_any_number_of_hits() {
    let mock = servers().await;
    let gateway = start(&mock, &text(&mock, "/inline", "track = \"relay\"")).await;
    let url = impression(&gateway.get("/v1/ad/vast").await);
    let mut last = gateway.get_with(&url, PLAYER).await;
    // A session earns more than three hits per second, also while the machine stands still.
    for _ in 0..2_000 {
        last = gateway.get_with(&url, PLAYER).await;
        if last.status != 200 {
            break;
        }
    }
    assert_eq!((last.status, last.outcome(), last.header("retry-after")), (429, "limited", Some("1")));
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_without_a_viewer_are_counted_and_left_out_on_request() {
    let mock = servers().await;
    for (drops, end) in [(false, "queued"), (true, "robot")] {
        let text = format!("[server]\ndrop_robots = {drops}\n{}", text(&mock, "/inline", "track = \"relay\""));
        let gateway = start(&mock, &text).await;
        for robot in ["User-Agent: Examplebot/1.0\r\n", ""] {
            let url = impression(&gateway.get("/v1/ad/vast").await);
            assert_eq!(gateway.get_with(&url, robot).await.outcome(), end, "{robot}");
        }
        let metrics = gateway.admin("/metrics").await.body;
        assert!(metrics.lines().any(|line| line == "vast_gateway_robot_hits_total 2"), "{metrics}");
    }
}

#[tokio::test]
async fn sealing_needs_a_secret_and_a_public_url() {
    let mock = servers().await;
    let relay = text(&mock, "/inline", "track = \"relay\"");
    let cases = [
        (relay.clone(), false, "placement.ad.track: needs a secret that seals the trackers"),
        (format!("[server]\nlisten = \"0.0.0.0:0\"\n{relay}"), true, "server.public_url: is needed"),
        (format!("[server]\nbeacon_ttl = \"25h\"\n{relay}"), true, "server.beacon_ttl: is above 24 hours"),
        (format!("[server]\npublic_url = \"ads.example\"\n{relay}"), true, "server.public_url: `ads.example`"),
        (text(&mock, "/inline", "no_ad_url = \"/none\""), true, "placement.ad.no_ad_url: `/none`"),
        (text(&mock, "/inline", "no_ad_url = \"https://t.example/\""), false, "placement.ad.no_ad_url: needs a secret"),
    ];
    for (text, has_secret, problem) in cases {
        let mut config = crate::support::config(&mock, &text);
        with_secrets(&mut config, if has_secret { &[('1', SECRET)] } else { &[] });
        let refused = match Gateway::builder().bind(config).await {
            Err(GatewayError::Config(error)) => error.to_string(),
            _ => "accepted".to_owned(),
        };
        assert!(refused.starts_with(problem), "{refused}");
    }
}
