//! Documents with other kinds of quotes, with escapes, or inside another format. Either all of their values are read, or
//! the document is refused.

use proptest::prelude::*;
use vast_xml::macros::{Context, Macro, Value, Values, expand_within};
use vast_xml::model::{Event, Vast};
use vast_xml::{ParseErrorKind, ParseOptions, Severity, WarningCode, opened_text, parse};

const PLAIN: &str = r#"<VAST version="3.0"><Ad id="a"><InLine><AdSystem>s</AdSystem><AdTitle>t</AdTitle>
<Impression>https://a.example/i</Impression><Creatives><Creative><Linear skipoffset="00:00:05">
<Duration>00:00:15</Duration><TrackingEvents><Tracking event="start">https://a.example/s?a=1&amp;b=2</Tracking>
<Tracking event="progress" offset="25%">https://a.example/p</Tracking></TrackingEvents>
<MediaFiles><MediaFile delivery="progressive" type="video/mp4" width="640" height="360">https://a.example/m.mp4</MediaFile></MediaFiles>
</Linear></Creative></Creatives></InLine></Ad></VAST>"#;

fn plain() -> Vast {
    parse(PLAIN.as_bytes(), &ParseOptions::default()).expect("VAST").vast
}

/// The text as the content of a JSON string.
fn json(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('/', "\\/").replace('\n', "\\n")
}

/// Each form of the document, and its warning.
fn ways() -> Vec<(&'static str, String, WarningCode)> {
    let quoted = |open: &str, close: &str| {
        let mut parts = PLAIN.split('"');
        let mut text = parts.next().unwrap_or_default().to_owned();
        for (index, part) in parts.enumerate() {
            text.push_str(if index % 2 == 0 { open } else { close });
            text.push_str(part);
        }
        text
    };
    let object = format!(r#" {{"id": 7, "note": "<b>", "vast": "{}", "n": [1, "x"]}}"#, json(PLAIN));
    let declared = format!(r#"["\u003c?xml version=\"1.0\"?>\n{}"]"#, json(PLAIN));
    let doctype = format!(r#"{{"vast": "<?xml version='1.0'?>\n<!DOCTYPE VAST>{}"}}"#, json(PLAIN));
    vec![
        ("in a JSON object, with a document type", doctype, WarningCode::EscapedJson),
        ("escaped as a JSON string", json(PLAIN), WarningCode::EscapedJson),
        ("quotes escaped only", PLAIN.replace('"', "\\\""), WarningCode::EscapedJson),
        ("a JSON string", format!("\"{}\"", json(PLAIN)), WarningCode::EscapedJson),
        ("in a JSON object", object, WarningCode::EscapedJson),
        ("in a JSON list, with a declaration", declared, WarningCode::EscapedJson),
        ("without quotes", quoted("", ""), WarningCode::LooseQuotes),
        ("quotes of a text processor", quoted("\u{201c}", "\u{201d}"), WarningCode::LooseQuotes),
        ("two left quotes of a text processor", quoted("\u{201c}", "\u{201c}"), WarningCode::LooseQuotes),
        ("single quotes of a text processor", quoted("\u{2018}", "\u{2019}"), WarningCode::LooseQuotes),
        ("backticks", quoted("`", "`"), WarningCode::LooseQuotes),
        ("references for quotes", quoted("&quot;", "&quot;"), WarningCode::LooseQuotes),
    ]
}

#[test]
fn every_value_is_there_whatever_the_quotes() {
    for (way, text, code) in ways() {
        let document =
            parse(text.as_bytes(), &ParseOptions::default()).unwrap_or_else(|error| panic!("{way}: {error}"));
        assert_eq!(document.vast, plain(), "{way}");
        assert!(document.warnings.iter().any(|warning| warning.code == code), "{way}: {:?}", document.warnings);
        let strict = ParseOptions { strict: true, ..ParseOptions::default() };
        assert_eq!(parse(text.as_bytes(), &strict).map_err(|error| error.kind), Err(ParseErrorKind::Strict), "{way}");
    }
}

#[test]
fn only_some_quotes_may_be_escaped() {
    let text = PLAIN.replace("event=\"start\"", "event=\\\"start\\\"");
    let document = parse(text.as_bytes(), &ParseOptions::default()).expect("VAST");
    assert_eq!(document.vast, plain());
    assert_eq!(document.warnings.iter().filter(|one| one.code == WarningCode::LooseQuotes).count(), 1);
}

#[test]
fn an_envelope_is_opened_only_for_one_document() {
    let inner = json(PLAIN);
    let cases = [
        (format!(r#"{{"a": "{inner}", "b": "{inner}"}}"#), ParseErrorKind::NotXml),
        (r#"{"error": "no ad"}"#.to_owned(), ParseErrorKind::NotXml),
        ("[]".to_owned(), ParseErrorKind::NotXml),
    ];
    for (text, kind) in cases {
        assert_eq!(parse(text.as_bytes(), &ParseOptions::default()).map_err(|error| error.kind), Err(kind), "{text}");
    }
    assert_eq!(opened_text(&format!("{{\"vast\":\"{inner}\"}}")), PLAIN);
    assert_eq!(opened_text(PLAIN), PLAIN);
}

/// A tag that cannot be read may lose other elements, too, so its warning has the severity error.
#[test]
fn a_tag_that_is_not_well_formed_is_an_error() {
    let text = PLAIN.replace("event=\"start\"", "event=\"start\" x=\"");
    match parse(text.as_bytes(), &ParseOptions::default()) {
        Ok(document) => assert!(document.warnings.iter().any(|one| one.code.severity() == Severity::Error)),
        Err(error) => assert_eq!(error.kind, ParseErrorKind::NotXml),
    }
    assert_eq!(WarningCode::BadAttribute.severity(), Severity::Error);
    assert_eq!(WarningCode::LooseQuotes.severity(), Severity::Error);
}

#[test]
fn line_breaks_and_tabs_in_urls_are_removed() {
    for (content, url) in [
        ("https://a.example/x\n  y", "https://a.example/x  y"),
        ("<![CDATA[https://a.example/\r\n\tx]]>", "https://a.example/x"),
        ("https://a.example/&#10;x", "https://a.example/x"),
        ("\n\thttps://a.example/x\n", "https://a.example/x"),
    ] {
        let text = PLAIN.replace("https://a.example/i<", &format!("{content}<"));
        let document = parse(text.as_bytes(), &ParseOptions::default()).expect("VAST");
        assert_eq!(document.vast.ads[0].impressions()[0].url, url, "{content:?}");
        let is_told = document.warnings.iter().any(|warning| warning.code == WarningCode::BrokenUrl);
        assert_eq!(is_told, !content.starts_with('\n'), "{content:?}");
    }
}

#[test]
fn a_doctype_that_declares_nothing_is_ignored() {
    for (doctype, kind) in [
        ("<!DOCTYPE VAST>", None),
        ("<?xml version=\"1.0\"?>\n<!DOCTYPE vast >", None),
        ("<!DOCTYPE VAST [<!ENTITY a \"b\">]>", Some(ParseErrorKind::Doctype)),
        ("<!DOCTYPE VAST SYSTEM \"https://a.example/x.dtd\">", Some(ParseErrorKind::Doctype)),
        ("<!DOCTYPE other>", Some(ParseErrorKind::Doctype)),
        ("<!DOCTYPE html>", Some(ParseErrorKind::Html)),
    ] {
        let read = parse(format!("{doctype}{PLAIN}").as_bytes(), &ParseOptions::default());
        match (read, kind) {
            (Ok(document), None) => {
                assert_eq!(document.vast, plain());
                assert_eq!(document.warnings[0].code, WarningCode::HarmlessDoctype, "{doctype}");
            }
            (read, kind) => assert_eq!(read.err().map(|error| error.kind), kind, "{doctype}"),
        }
    }
}

#[test]
fn an_expansion_ends_at_its_limit() {
    let mut values = Values::new();
    values.set(Macro::PageUrl, Value::text("x".repeat(1_000)));
    let template = format!("https://a.example/?{}", "[PAGEURL]".repeat(100));
    let within = |limit| expand_within(&template, Context::Tracking, &values, limit).map(|url| url.len());
    assert_eq!(within(101_000), Ok(100_019));
    assert_eq!(within(100_019), Ok(100_019));
    assert_eq!(within(100_018).map_err(|error| error.limit), Err(100_018));
    assert!(expand_within("https://a.example", Context::Tracking, &values, 5).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Any mixture of quotes at the attributes of one document.
    #[test]
    fn any_mixture_of_quotes_is_read(kinds in prop::collection::vec(0_usize..6, 12..13)) {
        let quotes = [("\"", "\""), ("'", "'"), ("", ""), ("\u{201c}", "\u{201d}"), ("`", "`"), ("\\\"", "\\\"")];
        let mut text = String::new();
        // The first quote decides whether the whole document is a JSON string.
        for (index, part) in PLAIN.split('"').enumerate() {
            text.push_str(part);
            let (open, close) = if index < 2 { quotes[0] } else { quotes[kinds[index / 2 % kinds.len()]] };
            if index < PLAIN.matches('"').count() {
                text.push_str(if index % 2 == 0 { open } else { close });
            }
        }
        let document = parse(text.as_bytes(), &ParseOptions::default()).expect("VAST");
        prop_assert_eq!(&document.vast, &plain(), "{}", text);
        let linear = document.vast.ads[0].creatives()[0].linear.as_ref().expect("a linear ad");
        prop_assert_eq!(&linear.tracking_events[0].event, &Event::Start);
    }
}
