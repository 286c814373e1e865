//! What a document has in place of its trackers, and what the trackers receive of it.

use vast_client::track::outbox::{DiskOutbox, LedgerQuery, Outbox};

use crate::beacons::{PLAYER, SECRET, impression, is_sink, received, sealed, servers, start, text, wait, with_secrets};
use crate::support::{Running, on_free_ports};

/// A configuration whose ads stand in the file: each of `bodies` is one source, tried in order.
fn inline_text(own: &str, body: &str) -> String {
    format!(
        "[placement.ad]\n{own}\n[[placement.ad.source]]\nname = \"east\"\nallow_private = true\nxml = '''{body}'''\n"
    )
}

/// A document with these trackers of `start`.
fn document(id: &str, trackers: &[String]) -> String {
    let tracking = trackers.iter().map(|url| format!("<Tracking event=\"start\"><![CDATA[{url}]]></Tracking>"));
    format!(
        "<VAST version=\"4.2\"><Ad id=\"{id}\"><InLine><AdSystem>A</AdSystem><AdTitle>{id}</AdTitle><AdServingId>{id}</AdServingId>\
         <Creatives><Creative><UniversalAdId idRegistry=\"r\">{id}</UniversalAdId><Linear><Duration>00:00:20</Duration><TrackingEvents>{}\
         </TrackingEvents><MediaFiles><MediaFile delivery=\"progressive\" type=\"video/mp4\" width=\"640\" height=\"360\">https://cdn.example/a.mp4</MediaFile>\
         </MediaFiles></Linear></Creative></Creatives></InLine></Ad></VAST>",
        tracking.collect::<String>()
    )
}

/// A text that cannot be deflated.
fn noise(seed: u64, length: usize) -> String {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(b"abcdefghijklmnopqrstuvwxyzABCDEF"[(state >> 59) as usize])
    };
    (0..length).map(|_| next()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn urls_that_would_be_too_long_are_split_or_stay() {
    let mock = servers().await;
    let sink = mock.url("sink");
    for (lengths, sealed_urls, direct) in
        [(&[100, 100][..], 1, 0), (&[1_500, 1_500], 2, 0), (&[3_000], 1, 0), (&[8_000], 0, 1), (&[1_500, 8_000], 1, 1)]
    {
        let trackers: Vec<String> =
            (1..).zip(lengths).map(|(seed, length)| format!("{sink}/{}", noise(seed, *length))).collect();
        let gateway = start(&mock, &inline_text("track = \"relay\"", &document("a", &trackers))).await;
        let answer = gateway.get("/v1/ad/vast").await;
        let urls = sealed(&answer, "/b/");
        assert_eq!((urls.len(), answer.body.matches(sink).count()), (sealed_urls, direct), "{lengths:?}");
        assert!(urls.iter().all(|url| url.len() <= 6_000), "{lengths:?}");
        for url in urls {
            assert_eq!(gateway.get_with(&url, PLAYER).await.outcome(), "queued", "{lengths:?}");
        }
        drop(gateway.stop().await);
    }
    assert_eq!(
        received(&mock.log()).len(),
        6,
        "two of the first, two of the second, one each of the third and the last"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn macros_have_the_names_of_the_version_and_the_values_of_the_ad() {
    let mock = servers().await;
    let tracker = format!("{}/t?c=[CONTENTPLAYHEAD]&n=[ADCOUNT]&id=[ADSERVINGID]", mock.url("sink"));
    let gateway = start(&mock, &inline_text("track = \"relay\"", &document("shoes", &[tracker]))).await;
    for (version, name) in
        [("3.0", "CONTENTPLAYHEAD"), ("4.0", "CONTENTPLAYHEAD"), ("4.1", "MEDIAPLAYHEAD"), ("4.3", "MEDIAPLAYHEAD")]
    {
        let answer = gateway.get(&format!("/v1/ad/vast?v={version}")).await;
        let url = sealed(&answer, "/b/").remove(0);
        assert!(url.ends_with(&format!("?c=[{name}")), "{version}: {url}");
    }
    let url = sealed(&gateway.get("/v1/ad/vast").await, "/b/").remove(0).replace("[MEDIAPLAYHEAD", "00:01:00");
    assert_eq!(gateway.get_with(&url, PLAYER).await.outcome(), "queued");
    assert_eq!(wait(&mock, 1).await, ["/t?c=00%3A01%3A00.000&n=1&id=shoes"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ads_of_all_breaks_are_relayed_with_their_own_values() {
    let mock = servers().await;
    let of_break = |id: &str, offset: &str| {
        let ad = document(id, &[format!("{}/t?id=[ADSERVINGID]", mock.url("sink"))]);
        format!(
            "<vmap:AdBreak timeOffset=\"{offset}\" breakType=\"linear\" breakId=\"{id}\"><vmap:AdSource><vmap:VASTAdData>{ad}</vmap:VASTAdData>\
             </vmap:AdSource></vmap:AdBreak>"
        )
    };
    let playlist = format!(
        "<vmap:VMAP xmlns:vmap=\"http://www.iab.net/videosuite/vmap\" version=\"1.0\">{}{}</vmap:VMAP>",
        of_break("pre", "start"),
        of_break("mid", "00:10:00")
    );
    let gateway = start(&mock, &inline_text("track = \"relay\"", &playlist)).await;
    let answer = gateway.get("/v1/ad/vmap").await;
    let urls = sealed(&answer, "/b/");
    assert!(urls.len() == 2 && !answer.body.contains(mock.url("sink")), "{answer:?}");
    for url in &urls {
        assert_eq!(gateway.get_with(url, PLAYER).await.outcome(), "queued");
    }
    assert_eq!(wait(&mock, 2).await, ["/t?id=mid", "/t?id=pre"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rules_of_the_source_hold_for_the_device_that_reports_also_when_the_placement_is_gone() {
    let mock = servers().await;
    let ads = mock.url("ads");
    let source = |privacy: &str| {
        format!("source = [{{ name = \"east\", url = \"{ads}/inline\", allow_private = true{privacy} }}]\n")
    };
    let truncated = format!("[placement.ad]\ntrack = \"relay\"\n{}", source(", ip = \"truncate\", ua = \"none\""));
    let stricter = format!("[placement.ad]\ntrack = \"relay\"\n{}", source(", ip = \"none\""));
    let gone = format!("[placement.other]\ntrack = \"relay\"\n{}", source(""));
    let gateway = start(&mock, &truncated).await;
    for (now, address, user_agent) in
        [(&truncated, Some("127.0.0.0"), None), (&stricter, None, Some("Player/1")), (&gone, Some("127.0.0.0"), None)]
    {
        // The configuration of the answer is the first one.
        let mut config = crate::support::config(&mock, &truncated);
        with_secrets(&mut config, &[('1', SECRET)]);
        on_free_ports(&mut config);
        gateway.handle.replace(&config).expect("a configuration");
        let url = impression(&gateway.get_with("/v1/ad/vast", PLAYER).await);
        let mut config = crate::support::config(&mock, now);
        with_secrets(&mut config, &[('1', SECRET)]);
        on_free_ports(&mut config);
        gateway.handle.replace(&config).expect("a configuration");
        let before = received(&mock.log()).len();
        assert_eq!(gateway.get_with(&url, PLAYER).await.outcome(), "queued", "{now}");
        wait(&mock, before + 1).await;
        let log = mock.log();
        let last = log.iter().rfind(|seen| is_sink(seen)).expect("a beacon");
        assert_eq!(last.request.header("x-device-ip"), address, "{now}");
        assert_eq!(last.request.header("x-device-user-agent"), user_agent, "{now}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ledger_has_the_consent_of_the_request() {
    let (mock, folder) = (servers().await, tempfile::tempdir().expect("a folder"));
    let path = folder.path().join("outbox");
    let gateway = Running::start_with(&mock, &text(&mock, "/inline", "track = \"relay\""), |config| {
        with_secrets(config, &[('1', SECRET)]);
        config.outbox = Some(path.clone());
    })
    .await;
    let url = impression(&gateway.get("/v1/ad/vast?gdpr=1&coppa=0&lmt=1").await);
    assert_eq!(gateway.get_with(&url, PLAYER).await.outcome(), "queued");
    drop(gateway.stop().await);
    let rows = DiskOutbox::open(&path).expect("it was closed").rows(LedgerQuery::default()).await.expect("rows");
    assert_eq!(rows.iter().map(|row| row.consent.as_ref()).collect::<Vec<&str>>(), ["gdpr=1&coppa=0&lmt=1"]);
}
