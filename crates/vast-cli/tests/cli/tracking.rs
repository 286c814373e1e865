//! Trackers of `vast request`: they are called only if an argument asks for it, after the result was printed.

use std::io::{BufRead, BufReader};

use vast_mock::{Mock, Script};

use crate::binary::vast;
use crate::servers::{asked, at, start};

#[tokio::test(flavor = "multi_thread")]
async fn no_tracker_is_called_by_default() {
    let mock = start().await;
    for path in ["/ad", "/wrapper", "/empty"] {
        let ended = vast(&["request", "--allow-private", "--format", "json", &at(&mock, path)]).run();
        assert_eq!(ended.stderr, "");
        assert_eq!(ended.json()["metadata"]["tracked"], serde_json::json!([]));
    }
    assert!(mock.beacons().is_empty(), "{}", asked(&mock));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_arguments_decide_which_trackers_are_called() {
    let cases: [(&[&str], &str, &str, &str); 5] = [
        (&["--track"], "/wrapper", "/seen?by=inline /seen?by=wrapper", "trackers: 2 of 2 called, 0 failed\n"),
        (&["--report-errors"], "/wrapper", "", "trackers: none to call\n"),
        (&["--report-errors"], "/empty", "/error?code=303", "trackers: 1 of 1 called, 0 failed\n"),
        (&["--track"], "/empty", "/error?code=303", "trackers: 1 of 1 called, 0 failed\n"),
        (
            &["--track", "--mode", "collect"],
            "/ad",
            "",
            "trackers: none to call; in collect mode the player calls the impressions of each ad when it plays\n",
        ),
    ];
    for (arguments, path, expected, said) in cases {
        let mock = start().await;
        let ended = vast(&[&["request", "--allow-private", &at(&mock, path)], arguments].concat()).run();
        let mut called: Vec<_> = mock
            .beacons()
            .iter()
            .map(|beacon| {
                let query: Vec<_> = beacon.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
                format!("{}?{}", beacon.path, query.join("&"))
            })
            .collect();
        called.sort();
        assert_eq!((called.join(" ").as_str(), ended.stderr.as_str()), (expected, said), "{arguments:?} {path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_file_can_switch_tracking_on() {
    let mock = start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let config = folder.path().join("vast.toml");
    std::fs::write(&config, "track = true\nallow_private = true\n").expect("it can be written");
    let config = config.to_str().expect("a path");
    let ended = vast(&["request", "--config", config, "--allow-private", &at(&mock, "/ad")]).run();
    assert_eq!((mock.beacons().len(), ended.code), (1, Some(0)), "{ended:?}");
}

/// The script of an ad server whose ad at `/ad` has these impressions.
pub(crate) fn ad_with(impressions: &str) -> String {
    format!(
        r#"
        [[server]]
        name = "ads"
        [[server.answer]]
        path = "/ad"
        body = '''<VAST version="3.0"><Ad><InLine><AdSystem>a</AdSystem><AdTitle>t</AdTitle>{impressions}
        <Creatives><Creative><Linear><Duration>00:00:05</Duration><MediaFiles><MediaFile type="video/mp4" width="1" height="1">
        https://cdn.example/a.mp4</MediaFile></MediaFiles></Linear></Creative></Creatives></InLine></Ad></VAST>'''
        "#
    )
}

/// An ad server whose tracker never answers.
pub(crate) async fn hanging() -> Mock {
    impressions(&["/hang"]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tracker_without_an_answer_does_not_change_the_exit_code() {
    let mock = hanging().await;
    let ended = vast(&["request", "--track", &at(&mock, "/ad"), "--drain", "2s"]).run();
    let hang = at(&mock, "/hang");
    let said = format!(
        "trackers: 0 of 1 called, 0 failed, 1 lost: not delivered within 2s\n  impression {hang}: lost: called, and no answer yet\n"
    );
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), said.as_str()));
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn the_result_is_printed_before_trackers_are_called() {
    let mock = hanging().await;
    let mut child = vast(&["request", "--track", "--format", "xml", &at(&mock, "/ad"), "--drain", "20s"]).start();
    let mut first = String::new();
    BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut first).expect("text");
    assert!(first.starts_with("<?xml"), "{first}");
    let is_hanging = |log: &[vast_mock::Exchange]| {
        log.last().is_some_and(|last| last.request.path() == "/hang" && last.ended.is_none())
    };
    mock.wait_for(is_hanging).await.expect("the tracker is waited for");
    crate::signals::send("-INT", &child);
    assert_eq!(child.wait().expect("it ends").code(), Some(130));
}

/// An ad server whose ad has one impression for each of these paths.
pub(crate) async fn impressions(paths: &[&str]) -> Mock {
    let urls: String = paths.iter().map(|path| format!("<Impression>{{{{self}}}}{path}</Impression>")).collect();
    let trackers = r#"
        [[server.answer]]
        path = "/ok"
        status = 204
        [[server.answer]]
        path = "/gone"
        status = 404
        [[server.answer]]
        path = "/busy"
        status = 503
        headers = { "Retry-After" = "3600" }
        [[server.answer]]
        path = "/hang"
        fault = "hang"
        "#;
    let script = ad_with(&urls) + trackers;
    Mock::start(Script::parse(&script, std::path::Path::new("")).expect("a good script")).await.expect("it starts")
}

/// `ok delivered 204, gone failed 404`, from the trackers of a JSON result.
pub(crate) fn states(trackers: &serde_json::Value) -> String {
    let one = |tracker: &serde_json::Value| {
        let path = tracker["url"].as_str().and_then(|url| url.rsplit('/').next()).unwrap_or_default().to_owned();
        let status = tracker["status"].as_u64().map_or_else(String::new, |status| format!(" {status}"));
        format!("{path} {}{status}", tracker["state"].as_str().unwrap_or_default())
    };
    trackers.as_array().into_iter().flatten().map(one).collect::<Vec<_>>().join(", ")
}

/// The JSON and the text show each tracker with its final state, and stderr shows lost ones. The exit code is that of the
/// request.
#[tokio::test(flavor = "multi_thread")]
async fn the_result_has_the_final_state_of_every_tracker() {
    let mock = impressions(&["/ok", "/gone", "/busy", "/hang"]).await;
    let expected = "ok delivered 204, gone failed 404, busy queued 503, hang queued";
    let request =
        |format: &str| vast(&["request", "--track", "--drain", "2s", "--format", format, &at(&mock, "/ad")]).run();
    let json = request("json");
    assert_eq!((json.code, states(&json.json()["metadata"]["tracked"]).as_str()), (Some(0), expected), "{json:?}");
    assert!(
        json.stderr.starts_with("trackers: 1 of 4 called, 1 failed, 2 lost: not delivered within 2s\n"),
        "{json:?}"
    );
    for (path, state) in
        [("gone", "failed, status 404"), ("busy", "lost, status 503"), ("hang", "lost: called, and no answer yet")]
    {
        assert!(
            json.stderr.contains(&format!("  impression {}: {state}\n", at(&mock, &format!("/{path}")))),
            "{json:?}"
        );
    }
    assert!(!json.stderr.contains("/ok"), "{json:?}");
    let human = request("human").stdout;
    let (_, table) = human.split_once("\ntracked\n").expect("a table");
    let rows: Vec<_> = table.lines().skip(1).map(|row| row.split_whitespace().collect::<Vec<_>>()).collect();
    assert_eq!((rows.len(), &rows[1][..4]), (4, &["impression", "failed", "404", "0"][..]), "{human}");
    let states: Vec<_> = rows.iter().map(|row| row[1]).collect();
    assert_eq!(states, ["delivered", "failed", "lost", "lost"], "a beacon in memory is lost: {human}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drain_of_zero_counts_what_is_lost() {
    let mock = impressions(&["/hang", "/busy"]).await;
    let result = vast(&["request", "--track", "--drain", "0s", "--format", "json", &at(&mock, "/ad")]).run();
    let states = states(&result.json()["metadata"]["tracked"]);
    assert!(states.starts_with("hang queued, busy queued"), "{states}");
    assert!(
        result.stderr.starts_with("trackers: 0 of 2 called, 0 failed, 2 lost: not delivered within 0s\n"),
        "{result:?}"
    );
    assert_eq!(result.stderr.lines().count(), 3, "{result:?}");
}

/// The trackers beyond the limits of an ad and of an answer are not in the sum, so they are said apart.
#[tokio::test(flavor = "multi_thread")]
async fn trackers_that_are_left_out_are_said() {
    let paths: Vec<String> = (0..510).map(|number| format!("/{number}")).collect();
    let mock = impressions(&paths.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let ad = at(&mock, "/ad");
    let said = "warning: 127.0.0.1: the ad has 510 trackers to call; 500 are kept\n";
    for arguments in [
        &["track", &ad][..],
        &["track", &ad, "--format", "json"],
        &["track", &ad, "--event", "impression", "--fire", "--format", "json"],
        &["request", &ad, "--track", "--drain", "0s"],
        &["request", &ad, "--track", "--drain", "0s", "--format", "json"],
        &["request", &ad, "--track", "--drain", "0s", "--format", "xml"],
    ] {
        let result = vast(arguments).run();
        assert!(result.stderr.contains(said), "{arguments:?}: {}", result.stderr);
    }
    let json = vast(&["track", &ad, "--format", "json"]).run().json();
    assert_eq!(
        (&json["warnings"][0]["code"], &json["warnings"][0]["severity"]),
        (&"trackers_cut".into(), &"error".into())
    );
    for format in ["human", "json", "xml"] {
        let result =
            vast(&["request", &ad, "--track", "--drain", "0s", "--max-beacons", "3", "--format", format]).run();
        assert!(result.stderr.contains(", 497 left out (--max-beacons)\n"), "{format}: {}", result.stderr);
        let is_in_text = result.stdout.contains("497 more trackers left out: an answer has too many (--max-beacons)");
        assert_eq!(is_in_text, format == "human", "{}", result.stdout);
    }
}
