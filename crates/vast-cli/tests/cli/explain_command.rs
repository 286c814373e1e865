//! `vast explain`: requests an ad, calls no tracker, and tells why there is an ad or none.

use crate::binary::vast;
use crate::servers::{asked, at, start};

#[tokio::test(flavor = "multi_thread")]
async fn the_first_line_says_how_the_request_ended() {
    let mock = start().await;
    let cases = [("/ad", "✓ east won after "), ("/wrapper", "✓ east won after "), ("/empty", "✗ No ad after ")];
    for (path, expected) in cases {
        let source = format!("east={}", at(&mock, path));
        let ended = vast(&["explain", "--allow-private", &source]).run();
        assert!(ended.stdout.starts_with(expected), "{}", ended.stdout);
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{path}");
    }
    assert!(mock.beacons().is_empty(), "{}", asked(&mock));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_tracker_is_called_even_if_the_file_selects_them() {
    let mock = start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let config = folder.path().join("vast.toml");
    std::fs::write(&config, "track = true\nreport_errors = true\n").expect("it can be written");
    for path in ["/ad", "/empty"] {
        let ended =
            vast(&["explain", "--config", config.to_str().expect("a path"), "--allow-private", &at(&mock, path)]).run();
        assert_eq!(ended.code, Some(0), "{ended:?}");
    }
    assert!(mock.beacons().is_empty(), "{}", asked(&mock));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_goes_to_standard_output_or_to_a_file() {
    let mock = start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("why.html");
    let source = format!("east={}", at(&mock, "/wrapper"));
    let arguments = ["explain", "--allow-private", "--format", "html", &source];
    let printed = vast(&arguments).run();
    assert!(
        printed.stdout.starts_with("<!DOCTYPE html>") && printed.stdout.contains("east won after"),
        "{}",
        printed.stdout
    );
    let written = vast(&[&arguments[..], &["--output", file.to_str().expect("a path")]].concat()).run();
    assert_eq!((written.code, written.stdout.as_str(), written.stderr.as_str()), (Some(0), "", ""));
    assert!(std::fs::read_to_string(&file).expect("a page").contains("east won after"));
}

#[test]
fn a_wrong_argument_requests_nothing() {
    let cases: [(&[&str], &str); 3] = [
        (&["explain"], "SOURCE"),
        (&["explain", "https://127.0.0.1/", "--output", "/"], "--output: `/`: is a folder"),
        (&["explain", "https://127.0.0.1/", "--format", "xml"], "--format"),
    ];
    for (arguments, message) in cases {
        let ended = vast(arguments).run();
        assert_eq!(ended.code, Some(2), "{ended:?}");
        assert!(ended.stderr.contains(message), "{ended:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_is_explained_without_a_server() {
    let mock = start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("one.vastrec");
    let file = file.to_str().expect("a path");
    let (east, west) = (format!("east={}", at(&mock, "/empty")), format!("west={}", at(&mock, "/wrapper")));
    let recorded = vast(&["request", "--allow-private", &east, &west, "--record", file]).run();
    assert_eq!(recorded.code, Some(0), "{recorded:?}");
    drop(mock);
    let told = vast(&["explain", file]).run();
    assert!(told.stdout.starts_with("✓ west won after "), "{}", told.stdout);
    assert_eq!((told.code, told.stderr.as_str()), (Some(0), ""));
    let page = vast(&["explain", file, "--format", "html"]).run();
    assert!(page.stdout.contains("Documents as received") && page.stdout.contains("&lt;VAST"), "{}", page.stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_cannot_be_explained_has_a_message() {
    let mock = start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_str().expect("a path").to_owned();
    let (one, two, cut) = (path("one"), path("two"), path("cut"));
    for file in [&one, &two] {
        let recorded = vast(&["request", "--allow-private", &at(&mock, "/ad"), "--record", file]).run();
        assert_eq!(recorded.code, Some(0), "{recorded:?}");
    }
    let whole = vast_client::read_regular_file(one.as_ref(), 1 << 20).expect("a recording");
    std::fs::write(&cut, &whole[..whole.len() / 2]).expect("it can be written");
    std::fs::write(&one, [whole, vast_client::read_regular_file(two.as_ref(), 1 << 20).expect("a recording")].concat())
        .expect("it can be written");
    let cases: [(&[&str], i32, &str); 7] = [
        (&["explain", &cut], 3, "recording 1 at byte 0"),
        (&["explain", &one], 2, "has 2 recordings: select one with --request ID"),
        (&["explain", &one, "--request", "other"], 3, "there is no such recording"),
        (&["explain", &two, "--mode", "race"], 2, "explained as it was"),
        (&["explain", &two, "--insecure"], 2, "explained as it was"),
        (&["explain", &two, "--allow-private"], 2, "explained as it was"),
        (&["explain", "https://127.0.0.1/", "--request", "x"], 2, "--request"),
    ];
    for (arguments, code, message) in cases {
        let ended = vast(arguments).run();
        assert_eq!(ended.code, Some(code), "{ended:?}");
        assert!(ended.stderr.contains(message), "{ended:?}");
    }
}
