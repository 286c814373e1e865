//! Documents that are broken, truncated, or not VAST.

use crate::read::{codes, failure, fixture, fixture_document};
use vast_xml::ParseErrorKind::{Doctype, Empty, Html, NotVast, NotXml};
use vast_xml::{ParseErrorKind, ParseOptions, parse};

#[test]
fn r013_nothing_is_empty_and_not_an_error_of_xml() {
    for nothing in ["", " \r\n\t", "\u{feff}", "\0\0", "<?xml version=\"1.0\"?>", "<!-- no ad -->"] {
        assert_eq!(failure(nothing), Empty, "{nothing:?}");
    }
    assert_eq!(Empty.vast_error_code(), 303);
}

#[test]
fn r036_document_types_are_refused() {
    assert_eq!(failure(fixture("doctype")), Doctype);
    assert_eq!(failure("<!doctype VAST SYSTEM \"file:///etc/passwd\"><VAST version=\"3.0\"/>"), Doctype);
    assert_eq!(failure("<VAST version=\"3.0\"><!DOCTYPE x></VAST>"), Doctype);
}

#[test]
fn web_pages_are_known_as_such() {
    for page in [
        "<!DOCTYPE html><br>",
        "<!doctype HTML PUBLIC \"x\">",
        "<html>",
        "<HTML lang=\"en\"><br></HTML>",
        "\n<!-- x --><html/>",
    ] {
        assert_eq!(failure(page), Html, "{page}");
    }
}

#[test]
fn r059_damage_before_the_first_ad_is_refused_with_its_place() {
    for text in ["{}", "no ad", "<", "<VAST", "<VAST><Ad>", "<VAST version='3.0'></VAS>", "<a><b></a></b>"] {
        let kind = failure(text);
        assert!(matches!(kind, NotXml | NotVast), "{text}: {kind:?}");
    }
    let error = parse(&fixture("damaged-first-ad"), &ParseOptions::default()).expect_err("damaged");
    assert_eq!((error.kind, error.position.line, error.position.column), (NotXml, 3, 41));
    assert_eq!(error.kind.vast_error_code(), 100);
}

#[test]
fn complete_ads_before_the_damage_are_kept() {
    for name in ["damaged-second-ad", "truncated"] {
        let document = fixture_document(name);
        let ids: Vec<Option<&str>> = document.vast.ads.iter().map(|ad| ad.id.as_deref()).collect();
        assert_eq!(ids, [Some("whole")], "{name}");
        assert_eq!(codes(&document), ["damaged"], "{name}");
    }
}

#[test]
fn a_truncated_document_is_detected_at_every_position() {
    let whole = fixture("no-ad");
    for end in 0..whole.len() - "</VAST>\n".len() {
        let kind = failure(&whole[..end]);
        assert!(matches!(kind, NotXml | Empty), "cut at {end}: {kind:?}");
    }
}

#[test]
fn r060_foreign_roots_are_refused() {
    for root in ["<rss/>", "<Ad/>", "<x:y/>", "<DAAST version=\"1.0\"/>", "<VASTX/>"] {
        assert_eq!(failure(root), NotVast, "{root}");
    }
}

#[test]
fn words_around_the_document_are_ignored() {
    let document = fixture_document("junk-around");
    assert_eq!(document.vast.errors, ["https://j.example/error"]);
    assert_eq!(codes(&document), ["leading_junk", "trailing_content"]);
}

#[test]
fn errors_read_well() {
    let error = parse(b"<rss/>", &ParseOptions::default()).expect_err("foreign");
    assert_eq!(error.to_string(), "not_vast at line 1, column 1: the root element is <rss>, not <VAST>");
    let all = [Empty, Html, NotXml, NotVast, ParseErrorKind::Limit, Doctype, ParseErrorKind::Strict];
    assert_eq!(all.map(ParseErrorKind::vast_error_code), [303, 100, 100, 101, 100, 100, 101]);
}
