//! `vast track`: the tracker URLs of an ad at an event.

use crate::binary::vast;
use crate::schema::assert_valid;
use crate::servers::{asked, at, start};

const TRACK: &str = include_str!("../../../../docs/schema/track.json");

#[tokio::test(flavor = "multi_thread")]
async fn the_trackers_of_an_event_are_printed_and_not_called() {
    let mock = start().await;
    let beacons = mock.url("beacons").to_owned();
    let ask = |arguments: &[&str]| {
        let wrapper = at(&mock, "/wrapper");
        let ended = vast(&[&["track", &wrapper, "--format", "json"], arguments].concat()).run();
        let json = ended.json();
        assert_valid(TRACK, &json);
        let trackers = json["trackers"].as_array().cloned().unwrap_or_default();
        let shown = trackers.iter().map(|tracker| {
            let url = tracker["url"].as_str().unwrap_or_default().replace(&beacons, "");
            format!("{} {} {url}", tracker["hop"], tracker["part"].as_str().unwrap_or_default())
        });
        (ended.code, shown.collect::<Vec<_>>().join(", "))
    };
    let cases: [(&[&str], &str); 6] = [
        (&["--event", "start"], "0 linear /start?by=wrapper, 1 linear /start"),
        (&["--event", "impression"], "0 ad /seen?by=wrapper, 1 ad /seen?by=inline"),
        (&["--event", "error"], "1 ad /error?code=900"),
        (&["--event", "error", "--error-code", "405"], "1 ad /error?code=405"),
        (&["--event", "progress"], "1 linear /ten, 1 linear /quarter"),
        (&["--event", "viewable", "--event", "click"], "0 ad /viewable?by=wrapper, 1 ad /viewable, 1 linear /click"),
    ];
    for (arguments, expected) in cases {
        assert_eq!(ask(arguments), (Some(0), expected.to_owned()), "{arguments:?}");
    }
    let (code, all) = ask(&[]);
    assert_eq!((code, all.split(", ").count()), (Some(0), 11), "{all}");
    assert!(!all.contains("/icon?by=wrapper"), "the ad has an icon of that program: {all}");
    assert!(mock.beacons().is_empty(), "{}", asked(&mock));
}

#[tokio::test(flavor = "multi_thread")]
async fn fire_calls_the_trackers() {
    let mock = start().await;
    let wrapper = at(&mock, "/wrapper");
    let arguments = ["track", &wrapper, "--event", "start", "--fire", "--allow-private", "--format", "json"];
    let ended = vast(&arguments).run();
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), "trackers: 2 of 2 called, 0 failed\n"));
    assert_eq!(
        crate::tracking::states(&ended.json()["trackers"]),
        "start?by=wrapper delivered 204, start delivered 204"
    );
    let mut called: Vec<_> = mock.beacons().iter().map(|beacon| format!("{}{:?}", beacon.path, beacon.query)).collect();
    called.sort();
    assert_eq!(called, ["/start[(\"by\", \"wrapper\")]", "/start[]"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_exit_code_shows_why_there_is_no_tracker() {
    let mock = start().await;
    let cases = [
        ("/ad", 1, "no such event; the ad has impression, error, start, progress, click, viewable"),
        ("/empty", 1, "a valid answer without an ad"),
        ("/missing", 3, "404"),
        ("/page", 4, "HTML"),
        ("/broken", 4, "breaks off"),
    ];
    for (path, code, said) in cases {
        let ended = vast(&["track", &at(&mock, path), "--event", "mute"]).run();
        assert!(
            ended.code == Some(code) && ended.stderr.contains(said) && ended.stdout.is_empty(),
            "{path}: {ended:?}"
        );
    }
    for (arguments, code, said) in [
        (&["track", "nowhere.xml", "--event", "start"][..], 3, "nowhere.xml"),
        (&["track", "-", "--fire"], 2, "--event"),
        (&["track", "-", "--event", "start", "--format", "xml"], 2, "[possible values: human, json]"),
        (&["track", "-", "--event", "verificationNotExecuted", "--reason", "4"], 2, "--reason"),
    ] {
        let ended = vast(arguments).input("").run();
        assert!(ended.code == Some(code) && ended.stderr.contains(said), "{ended:?}");
    }
    assert!(mock.beacons().is_empty());
}

#[test]
fn an_ad_from_standard_input_in_human_format() {
    let ended = vast(&["track", "-", "--event", "impression"]).input(include_str!("house.xml")).run();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stdout.starts_with("1 tracker\n\nevent "), "{}", ended.stdout);
    let verbose = vast(&["track", "-", "--event", "impression", "-v"]).input(include_str!("house.xml")).run();
    assert!(verbose.stdout.contains("\ndocuments\n") && !ended.stdout.contains("\ndocuments\n"), "{}", verbose.stdout);
}

/// Exit code 6 means that a beacon is lost. A beacon that waits in a file is not lost.
#[tokio::test(flavor = "multi_thread")]
async fn fire_ends_with_6_when_a_beacon_is_lost() {
    let folder = tempfile::tempdir().expect("a folder");
    let cases: [(&[&str], bool, i32, &str); 6] = [
        (&["/ok"], false, 0, "ok delivered 204"),
        (&["/ok"], true, 0, "ok delivered 204"),
        (&["/ok", "/gone"], false, 6, "ok delivered 204, gone failed 404"),
        (&["/ok", "/gone"], true, 6, "ok delivered 204, gone failed 404"),
        (&["/ok", "/busy"], false, 6, "ok delivered 204, busy queued 503"),
        (&["/ok", "/busy"], true, 0, "ok delivered 204, busy queued 503"),
    ];
    for (number, (paths, has_file, code, expected)) in cases.into_iter().enumerate() {
        let mock = crate::tracking::impressions(paths).await;
        let outbox = folder.path().join(number.to_string());
        let url = at(&mock, "/ad");
        let fire = ["track", &url, "--event", "impression", "--fire", "--drain", "500ms", "--format", "json"];
        let file = ["--outbox", outbox.to_str().expect("a path")];
        let ended = vast(&[&fire[..], if has_file { &file } else { &[] }].concat()).run();
        let states = crate::tracking::states(&ended.json()["trackers"]);
        assert_eq!((ended.code, states.as_str()), (Some(code), expected), "{paths:?} {has_file}: {ended:?}");
        assert_valid(TRACK, &ended.json());
    }
    let mock = crate::tracking::impressions(&["/gone"]).await;
    let human = vast(&["track", &at(&mock, "/ad"), "--event", "impression", "--fire"]).run();
    let row = human.stdout.lines().last().unwrap_or_default().split_whitespace().collect::<Vec<_>>();
    let url = at(&mock, "/gone");
    assert_eq!((human.code, row), (Some(6), vec!["impression", "ad", "failed", "404", "0", &url]), "{human:?}");
}

/// A player that shows nonlinear ads needs their trackers, although such an ad never wins a request.
#[tokio::test(flavor = "multi_thread")]
async fn the_trackers_of_a_nonlinear_ad_are_printed() {
    let document = r#"<VAST version="4.2"><Ad><InLine><AdSystem>a</AdSystem><AdTitle>t</AdTitle>
        <Impression>https://t.example/seen</Impression><Creatives><Creative><NonLinearAds>
        <TrackingEvents><Tracking event="start">https://t.example/start</Tracking></TrackingEvents>
        <NonLinear width="480" height="70"><StaticResource creativeType="image/png">https://c.example/a.png</StaticResource>
        <NonLinearClickTracking>https://t.example/click</NonLinearClickTracking></NonLinear>
        </NonLinearAds></Creative></Creatives></InLine></Ad></VAST>"#;
    for (event, url) in [("impression", "/seen"), ("start", "/start"), ("nonLinearClick", "/click")] {
        let ended = vast(&["track", "-", "--event", event, "--format", "json"]).input(document).run();
        let json = ended.json();
        assert_eq!(
            (ended.code, &json["trackers"][0]["url"]),
            (Some(0), &format!("https://t.example{url}").into()),
            "{ended:?}"
        );
        assert_eq!(json["trackers"].as_array().map(Vec::len), Some(1));
    }
    assert_eq!(vast(&["request", "-"]).input(document).run().code, Some(1), "it is not usable for a request");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ads_of_a_pod_are_numbered_in_adcount() {
    let ad = |number: u8| {
        format!(
            "<Ad sequence=\"{number}\"><InLine><AdSystem>a</AdSystem><AdTitle>t</AdTitle>
            <Impression>{{{{self}}}}/seen?ad={number}&amp;count=[ADCOUNT]</Impression><Creatives><Creative><Linear>
            <Duration>00:00:05</Duration><MediaFiles><MediaFile type=\"video/mp4\" width=\"1\" height=\"1\">https://cdn.example/a.mp4
            </MediaFile></MediaFiles></Linear></Creative></Creatives></InLine></Ad>"
        )
    };
    let script = format!(
        "[[server]]\nname = 'ads'\n[[server.answer]]\npath = '/pod'\nbody = '''<VAST version=\"3.0\">{}{}</VAST>'''\n\
         [[server.answer]]\npath = '/seen'\nstatus = 204\n",
        ad(1),
        ad(2)
    );
    let script = vast_mock::Script::parse(&script, std::path::Path::new("")).expect("a good script");
    let mock = vast_mock::Mock::start(script).await.expect("it starts");
    let expected = [at(&mock, "/seen?ad=1&count=1"), at(&mock, "/seen?ad=2&count=2")];
    let urls = |trackers: &serde_json::Value| {
        let urls = trackers.as_array().into_iter().flatten().map(|tracker| tracker["url"].as_str().unwrap_or_default());
        urls.map(str::to_owned).collect::<Vec<_>>()
    };
    let requested = vast(&["request", "--track", "--format", "json", &at(&mock, "/pod")]).run().json();
    assert_eq!(urls(&requested["metadata"]["tracked"]), expected);
    let tracked = vast(&["track", "--event", "impression", "--format", "json", &at(&mock, "/pod")]).run().json();
    assert_eq!(urls(&tracked["trackers"]), expected);
}

/// The third document of the chain is missing; the first two were read.
#[tokio::test(flavor = "multi_thread")]
async fn the_message_names_the_document_that_failed() {
    let script = r#"
        [[server]]
        name = "ads"
        [[server.answer]]
        path = "/first"
        body = '<VAST version="3.0"><Ad><Wrapper><AdSystem>A</AdSystem><VASTAdTagURI>{{self}}/second</VASTAdTagURI></Wrapper></Ad></VAST>'
        [[server.answer]]
        path = "/second"
        body = '<VAST version="3.0"><Ad><Wrapper><AdSystem>B</AdSystem><VASTAdTagURI>{{self}}/third?key=SECRET</VASTAdTagURI></Wrapper></Ad></VAST>'
        "#;
    let script = vast_mock::Script::parse(script, std::path::Path::new("")).expect("a good script");
    let mock = vast_mock::Mock::start(script).await.expect("it starts");
    let ended = vast(&["track", &at(&mock, "/first"), "--allow-private", "--event", "start"]).run();
    let [first, second, third] = ["/first", "/second", "/third?..."].map(|path| at(&mock, path));
    let lines: Vec<&str> = ended.stderr.lines().collect();
    let expected = format!("error: {first}: the server answered with status 404 (document 2: {third})");
    assert_eq!((ended.code, lines.first().copied()), (Some(3), Some(expected.as_str())), "{ended:?}");
    for read in [format!("  document 0: {first}: status 200"), format!("  document 1: {second}: status 200")] {
        assert!(lines.contains(&read.as_str()), "{read}: {ended:?}");
    }
    let human = vast(&["request", &at(&mock, "/first"), "--allow-private"]).run().stdout;
    let row = human.lines().find(|line| line.starts_with("127.0.0.1")).unwrap_or_default().to_owned();
    assert!(human.contains("document 2") && !row.is_empty(), "{human}");
}

/// `vast track` lists trackers and plays nothing, so it does not matter what a player needs for the ad.
#[test]
fn the_trackers_of_an_ad_that_no_player_can_play_are_printed() {
    let creative = |part: &str| {
        format!(
            "<VAST version=\"3.0\"><Ad><InLine><AdSystem>a</AdSystem><AdTitle>t</AdTitle>\
             <Impression>https://ads.example/seen</Impression><Creatives><Creative>{part}</Creative></Creatives></InLine></Ad></VAST>"
        )
    };
    let linear = |file: &str| creative(&format!("<Linear><Duration>00:00:05</Duration>{file}</Linear>"));
    let files = |attributes: &str| {
        linear(&format!("<MediaFiles><MediaFile {attributes}>https://cdn.example/a</MediaFile></MediaFiles>"))
    };
    let cases = [
        ("VPAID", files("type=\"application/javascript\" apiFramework=\"VPAID\"")),
        ("Flash", files("type=\"application/x-shockwave-flash\"")),
        ("no media file", linear("")),
        ("companions only", creative("<CompanionAds><Companion width=\"1\" height=\"1\"/></CompanionAds>")),
        ("a nonlinear ad", creative("<NonLinearAds><NonLinear width=\"1\" height=\"1\"/></NonLinearAds>")),
        ("an empty creative", creative("")),
    ];
    for (name, document) in cases {
        let result = vast(&["track", "-", "--event", "impression"]).input(document.as_str()).run();
        assert!(result.code == Some(0) && result.stdout.contains("https://ads.example/seen"), "{name}: {result:?}");
        assert_eq!(
            vast(&["request", "-"]).input(document.as_str()).run().code,
            Some(1),
            "{name}: not usable for a request"
        );
    }
}
