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
    assert_eq!(ended.json()["trackers"][0]["state"], "queued");
    let mut called: Vec<_> = mock.beacons().iter().map(|beacon| format!("{}{:?}", beacon.path, beacon.query)).collect();
    called.sort();
    assert_eq!(called, ["/start[(\"by\", \"wrapper\")]", "/start[]"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_exit_code_tells_why_there_is_no_tracker() {
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
        (&["track", "-", "--event", "start", "--format", "xml"], 2, "--format xml"),
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
}
