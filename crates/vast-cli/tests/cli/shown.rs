//! What is printed, as a whole.

use insta::assert_snapshot;

use crate::run::{Ended, vast};
use crate::servers::{at, start};

/// What differs from run to run. How the human output is aligned depends on how long things took: that is for its own
/// tests.
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
fn assert_shown(name: &str, ended: &Ended, code: i32) {
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(code), ""), "{ended:?}");
    insta::with_settings!({ filters => VARIES, omit_expression => true }, {
        assert_snapshot!(name, ended.stdout);
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_in_every_form() {
    let mock = start().await;
    let (wrapper, empty) = (format!("east={}", at(&mock, "/wrapper")), format!("west={}", at(&mock, "/empty")));
    for (format, name) in [("json", "request-json"), ("xml", "request-xml"), ("human", "request-human")] {
        let ended = vast(&["request", "--mode", "sequential", "--format", format, &empty, &wrapper]).end();
        assert_shown(name, &ended, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_in_every_form() {
    let mock = start().await;
    let empty = format!("west={}", at(&mock, "/empty"));
    for (format, name) in [("json", "no-ad-json"), ("xml", "no-ad-xml"), ("human", "no-ad-human")] {
        assert_shown(name, &vast(&["request", "--format", format, &empty]).end(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_in_every_form() {
    let mock = start().await;
    for (format, name) in [("json", "parse-json"), ("xml", "parse-xml"), ("human", "parse-human")] {
        assert_shown(name, &vast(&["parse", "--format", format, &at(&mock, "/wrapper")]).end(), 0);
    }
}

#[test]
fn a_playlist_in_every_form() {
    let playlist = include_str!("../../../../fixtures/xml/vmap-1.0.xml");
    for (format, name) in [("json", "playlist-json"), ("xml", "playlist-xml"), ("human", "playlist-human")] {
        assert_shown(name, &vast(&["parse", "--format", format, "-"]).input(playlist).end(), 0);
    }
}

#[test]
fn a_request_says_that_the_answer_is_a_playlist() {
    let playlist = include_str!("../../../../fixtures/xml/vmap-1.0.xml");
    let json = vast(&["request", "--format", "json", "-"]).input(playlist).end();
    assert_eq!(json.code, Some(3));
    let error = &json.json()["errors"][0];
    assert_eq!(error["error_type"], "not_vast");
    let said = "the root element is <vmap:VMAP>, not <VAST>: a playlist of ad breaks, not an ad response";
    assert!(error["error"].as_str().is_some_and(|text| text.contains(said)), "{error}");
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
        assert_shown(name, &vast(arguments).end(), 0);
    }
}

#[test]
fn the_raw_document_is_given_when_asked_for() {
    let run = |arguments: &[&str]| {
        let all = [&["request", "-", "--format", "json"], arguments].concat();
        vast(&all).input(include_str!("house.xml")).end().json()
    };
    assert_eq!(run(&["--raw"])["raw_response"], include_str!("house.xml"));
    assert!(run(&[]).get("raw_response").is_none());
}

#[test]
fn colours_are_for_those_who_want_them() {
    let run = || vast(&["request", "-"]).input(include_str!("house.xml"));
    assert!(!run().end().stdout.contains('\u{1b}'), "stdout is no terminal");
    assert!(run().environment("CLICOLOR_FORCE", "1").end().stdout.contains('\u{1b}'));
}
