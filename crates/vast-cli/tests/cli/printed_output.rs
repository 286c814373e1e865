//! Snapshots of the whole output.

use insta::assert_snapshot;

use crate::binary::{RunResult, vast};
use crate::servers::{at, start};

/// Replacements for values that differ between runs. The alignment of the human output depends on times and is tested elsewhere.
const VARIES: [(&str, &str); 7] = [
    (r"127\.0\.0\.1:\d+", "127.0.0.1:PORT"),
    (r#""request_id": "[0-9a-f-]{36}""#, r#""request_id": "ID""#),
    (r#""(elapsed|began)_ms": [0-9.]+"#, r#""${1}_ms": TIME"#),
    (r#""bytes": [0-9]+"#, r#""bytes": SIZE"#),
    (r"(<1|\d+) ms", "TIME"),
    (r"[━┿]+", ""),
    (r"([^ \n]) +", "$1 "),
];

#[track_caller]
fn assert_shown(name: &str, ended: &RunResult, code: i32) {
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(code), ""), "{ended:?}");
    insta::with_settings!({ filters => VARIES, omit_expression => true }, {
        assert_snapshot!(name, ended.stdout);
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ad_in_every_format() {
    let mock = start().await;
    let (wrapper, empty) = (format!("east={}", at(&mock, "/wrapper")), format!("west={}", at(&mock, "/empty")));
    for (format, name) in [("json", "request-json"), ("xml", "request-xml"), ("human", "request-human")] {
        let ended = vast(&["request", "--mode", "sequential", "--format", format, &empty, &wrapper]).run();
        assert_shown(name, &ended, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_ad_in_every_format() {
    let mock = start().await;
    let empty = format!("west={}", at(&mock, "/empty"));
    for (format, name) in [("json", "no-ad-json"), ("xml", "no-ad-xml"), ("human", "no-ad-human")] {
        assert_shown(name, &vast(&["request", "--format", format, &empty]).run(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_in_every_format() {
    let mock = start().await;
    for (format, name) in [("json", "parse-json"), ("xml", "parse-xml"), ("human", "parse-human")] {
        assert_shown(name, &vast(&["parse", "--format", format, &at(&mock, "/wrapper")]).run(), 0);
    }
}

#[test]
fn a_playlist_in_every_format() {
    let playlist = include_str!("../../../../fixtures/xml/vmap-1.0.xml");
    for (format, name) in [("json", "playlist-json"), ("xml", "playlist-xml"), ("human", "playlist-human")] {
        assert_shown(name, &vast(&["parse", "--format", format, "-"]).input(playlist).run(), 0);
    }
}

#[test]
fn a_request_that_gets_a_playlist() {
    let playlist = include_str!("../../../../fixtures/xml/vmap-1.0.xml");
    // The only break whose VAST stands in the playlist, so that nothing is requested.
    let json = vast(&["request", "--format", "json", "--break", "mid-1", "-"]).input(playlist).run();
    assert_eq!(json.code, Some(0));
    let breaks = &json.json()["parsed_data"]["breaks"];
    assert_eq!((&breaks[1]["outcome"], &breaks[1]["result"]["ads"][0]["id"]), (&"filled".into(), &"house".into()));
    assert_eq!(breaks[0]["skip_reason"], "other_break");
}

#[test]
fn help() {
    for (arguments, name) in [
        (&["--help"][..], "help"),
        (&["request", "--help"], "help-request"),
        (&["parse", "--help"], "help-parse"),
        (&["check", "--help"], "help-check"),
        (&["track", "--help"], "help-track"),
        (&["mock", "--help"], "help-mock"),
    ] {
        assert_shown(name, &vast(arguments).run(), 0);
    }
}

#[test]
fn raw_adds_the_document() {
    let run = |arguments: &[&str]| {
        let all = [&["request", "-", "--format", "json"], arguments].concat();
        vast(&all).input(include_str!("house.xml")).run().json()
    };
    assert_eq!(run(&["--raw"])["raw_response"], include_str!("house.xml"));
    assert!(run(&[]).get("raw_response").is_none());
}

#[test]
fn colours_are_off_without_a_terminal() {
    let run = || vast(&["request", "-"]).input(include_str!("house.xml"));
    assert!(!run().run().stdout.contains('\u{1b}'), "stdout is no terminal");
    assert!(run().environment("CLICOLOR_FORCE", "1").run().stdout.contains('\u{1b}'));
}
