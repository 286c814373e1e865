//! Documents with other kinds of quotes, with escapes, or inside another format. Either all of their values are read, or
//! the document is refused.

use proptest::prelude::*;
use std::collections::BTreeMap;
use vast_xml::macros::{Context, Macro, Value, Values, expand_within};
use vast_xml::model::{Event, Vast};
use vast_xml::vmap::AdData;
use vast_xml::{AnyDocument, ParseErrorKind, ParseOptions, Severity, WarningCode, opened_text, parse, parse_any};

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

/// The document with other quotes around all values.
fn quoted(open: &str, close: &str) -> String {
    let mut parts = PLAIN.split('"');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for (index, part) in parts.enumerate() {
        text.push_str(if index % 2 == 0 { open } else { close });
        text.push_str(part);
    }
    text
}

/// The document with one tracker's start tag written in another way.
fn tracker(tag: &str) -> String {
    PLAIN.replace("<Tracking event=\"start\">", tag)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Each way of writing the document, and the warning for it.
fn ways() -> Vec<(&'static str, String, WarningCode)> {
    use WarningCode::{EscapedDocument, EscapedJson, LeadingJunk, LooseQuotes};
    let inner = json(PLAIN);
    let brackets = |text: &str| text.replace('<', "\\u003c").replace('>', "\\u003E").replace('&', "\\u0026");
    let unicode = brackets(&inner);
    let numbers = PLAIN.replace('"', "\\u0022");
    let declared = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}", json(PLAIN));
    vec![
        ("escaped as a JSON string", inner.clone(), EscapedJson),
        ("quotes escaped only", PLAIN.replace('"', "\\\""), EscapedJson),
        ("escaped twice", json(&inner), EscapedJson),
        ("escaped behind a plain declaration", declared, EscapedJson),
        ("a JSON string", format!("\"{inner}\""), EscapedJson),
        ("in a JSON object", format!(r#" {{"id": 7, "note": "<b>", "vast": "{inner}", "n": [1, "x"]}}"#), EscapedJson),
        ("in nested JSON objects", format!(r#"{{"a": {{"b": [{{"vast": "{inner}"}}]}}, "c": null}}"#), EscapedJson),
        ("in JSON with escaped brackets", format!(r#"{{"vast":"{unicode}"}}"#), EscapedJson),
        ("a JSON string without its quotes, brackets escaped", unicode.clone(), EscapedJson),
        ("the same, escaped twice", json(&unicode), EscapedJson),
        ("the same in JavaScript", inner.replace('<', "\\x3c").replace('>', "\\x3E"), EscapedJson),
        ("escaped line breaks before the root", format!("\\r\\n\\t{inner}"), EscapedJson),
        ("an escaped mark before the root", format!("\\ufeff{inner}"), EscapedJson),
        ("brackets as numbers, plain quotes", brackets(PLAIN), EscapedJson),
        ("brackets and quotes as numbers", brackets(&numbers), EscapedJson),
        ("escaped behind two marks", format!("\u{feff}\u{feff}{inner}"), EscapedJson),
        ("quotes as numbers", numbers.clone(), EscapedJson),
        ("quotes as numbers of JavaScript", PLAIN.replace('"', "\\x27"), EscapedJson),
        ("quotes as numbers behind a plain declaration", format!("<?xml version=\"1.0\"?>{numbers}"), EscapedJson),
        ("in a JSON list, with a declaration", format!(r#"["\u003c?xml version=\"1.0\"?>\n{inner}"]"#), EscapedJson),
        (
            "in JSON with a document type",
            format!(r#"{{"vast": "<?xml version='1.0'?>\n<!DOCTYPE VAST>{inner}"}}"#),
            EscapedJson,
        ),
        ("two left quotes of a text processor", quoted("\u{201c}", "\u{201c}"), LooseQuotes),
        ("in JSON behind a mark", format!("\u{feff}{{\"vast\": \"{inner}\"}}"), EscapedJson),
        ("escaped as XML in JSON", format!(r#"{{"vast": "{}"}}"#, json(&escaped(PLAIN))), EscapedJson),
        ("in a call of JavaScript", format!(r#"/**/ad.loaded_1({{"note": "<b>", "vast": "{inner}"}});"#), EscapedJson),
        ("in a call without an object", format!(r#"loaded("{unicode}")"#), EscapedJson),
        ("in JavaScript's single quotes", format!("var vast = '{}';", PLAIN.replace('\n', "\\n")), EscapedJson),
        ("in JSON behind a guard", format!(")]}}',\n{{\"vast\": \"{inner}\"}}"), EscapedJson),
        ("escaped as XML", escaped(PLAIN), EscapedDocument),
        ("escaped as XML twice", escaped(&escaped(PLAIN)), EscapedDocument),
        ("behind a mark in other characters", format!("\u{ef}\u{bb}\u{bf}{PLAIN}"), LeadingJunk),
        ("behind a notice with quotes", format!("Notice: index 'x' in '/var/a.php'{PLAIN}"), LeadingJunk),
        ("without quotes", quoted("", ""), LooseQuotes),
        ("quotes of a text processor", quoted("\u{201c}", "\u{201d}"), LooseQuotes),
        ("the same quote on both sides", quoted("\u{201d}", "\u{201d}"), LooseQuotes),
        ("low quotes", quoted("\u{201e}", "\u{201c}"), LooseQuotes),
        ("single quotes of a text processor", quoted("\u{2018}", "\u{2019}"), LooseQuotes),
        ("guillemets", quoted("\u{ab}", "\u{bb}"), LooseQuotes),
        ("primes", quoted("\u{2033}", "\u{2033}"), LooseQuotes),
        ("backticks", quoted("`", "`"), LooseQuotes),
        ("references for quotes", quoted("&quot;", "&quot;"), LooseQuotes),
        ("numbers for quotes", quoted("&#x22;", "&#x22;"), LooseQuotes),
        ("references of HTML for quotes", quoted("&ldquo;", "&rdquo;"), LooseQuotes),
        ("quotes of another character set", quoted("\u{fffd}", "\u{fffd}"), LooseQuotes),
        ("a name without a value", tracker("<Tracking async event=\"start\" defer>"), WarningCode::BadAttribute),
    ]
}

#[test]
fn every_value_is_read_with_any_quotes() {
    let mistakes: Vec<String> = ways().into_iter().filter_map(|(way, text, code)| mistake(way, &text, code)).collect();
    assert!(mistakes.is_empty(), "{}", mistakes.join("\n"));
}

/// What is wrong with one way of writing the document.
fn mistake(way: &str, text: &str, code: WarningCode) -> Option<String> {
    let document = match parse(text.as_bytes(), &ParseOptions::default()) {
        Ok(document) => document,
        Err(error) => return Some(format!("{way}: {error}")),
    };
    let strict = ParseOptions { strict: true, ..ParseOptions::default() };
    let refused = parse(text.as_bytes(), &strict).map(drop).map_err(|error| error.kind);
    if document.vast != plain() {
        Some(format!("{way}: another model"))
    } else if document.warnings.iter().all(|warning| warning.code != code) {
        Some(format!("{way}: {:?}", document.warnings))
    } else if code.severity() == Severity::Info {
        Some(format!("{way}: the warning has the severity info"))
    } else if refused != Err(ParseErrorKind::Strict) {
        Some(format!("{way}: strict reading gives {refused:?}"))
    } else {
        None
    }
}

/// An ambiguous text is refused and gives no document, so that a client asks the next source.
#[test]
fn an_ambiguous_text_is_refused() {
    let inner = json(PLAIN);
    let percent: String = PLAIN.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let cases = [
        ("two documents in JSON", format!(r#"{{"a": "{inner}", "b": "{inner}"}}"#)),
        ("JSON without a document", r#"{"error": "<b>no ad</b>"}"#.to_owned()),
        ("JSON in JSON", format!(r#"{{"body": "{}"}}"#, json(&format!("{{\"vast\": \"{inner}\"}}")))),
        ("unescaped in a JSON string", format!("\"{PLAIN}\"")),
        ("half a JSON string", format!(r#"{{"vast": "{}"#, &inner[..inner.len() / 2])),
        ("quotes of two kinds", tracker("<Tracking event=\"start'>")),
        ("no closing quote", tracker("<Tracking event=\"start>")),
        ("no opening quote", tracker("<Tracking event=start\">")),
        ("no closing curly quote", tracker("<Tracking event=\u{201c}start>")),
        ("no opening curly quote", tracker("<Tracking event=start\u{201d}>")),
        ("a curly and a plain quote", tracker("<Tracking event=\u{201c}start\">")),
        ("a curly quote that another value closes", tracker("<Tracking event=\u{201c}start id=\u{201d}>")),
        ("an escaped quote that another value closes", tracker("<Tracking event=\\\"start\" id=\\\">")),
        ("quotes doubled", tracker("<Tracking event=\"\"start\"\">")),
        ("escaped twice in one tag", tracker("<Tracking event=\\\\\"start\\\\\">")),
        ("two words without quotes", tracker("<Tracking event=start it>")),
        ("no value", tracker("<Tracking event= id=\"1\">")),
        ("a value without a name", tracker("<Tracking =\"start\">")),
        ("percent encoded", percent),
        ("in base64", "PFZBU1QgdmVyc2lvbj0iMy4wIj48QWQ+PEluTGluZT48L0luTGluZT48L0FkPjwvVkFTVD4=".to_owned()),
        ("base64 in JSON", r#"{"vast": "PFZBU1QgdmVyc2lvbj0iMy4wIj48L1ZBU1Q+"}"#.to_owned()),
        ("an escaped text that is no document", r"\u003cb\u003eno ad\u003c/b\u003e".to_owned()),
        ("cut inside a tag", PLAIN[..PLAIN.find("event=\"start").unwrap_or(0) + 9].to_owned()),
    ];
    let read = |text: &str| parse(text.as_bytes(), &ParseOptions::default()).map_err(|error| error.kind);
    let wrong = cases.iter().map(|(what, text)| (*what, read(text)));
    let wrong: Vec<_> = wrong.filter(|(_, read)| !matches!(read, Err(ParseErrorKind::NotXml))).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The places of the quotes of all attributes in a document. Quotes in texts and comments are ignored.
fn quotes(text: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(open) = text[at..].find('<').map(|open| at + open) {
        let skipped = [("<![CDATA[", "]]>"), ("<!--", "-->"), ("<?", "?>")];
        if let Some((_, end)) = skipped.iter().find(|(start, _)| text[open..].starts_with(start)) {
            at = text[open..].find(end).map_or(text.len(), |length| open + length);
            continue;
        }
        at = open + 1;
        while let Some(next) = text[at..].find(['"', '\'', '>']).map(|next| at + next) {
            let quote = &text[next..=next];
            at = next + 1;
            if quote == ">" {
                break;
            }
            let Some(length) = text[at..].find(quote) else { break };
            found.push((next, at + length));
            at += length + 1;
        }
    }
    found
}

/// The model without its warnings, and the number of each warning with a severity above `info`.
fn read_any(text: &str) -> Option<(AnyDocument, BTreeMap<String, usize>)> {
    let mut document = parse_any(text.as_bytes(), &ParseOptions::default()).ok()?;
    let warnings = match &mut document {
        AnyDocument::Vast(document) => std::mem::take(&mut document.warnings),
        AnyDocument::Vmap(document) => std::mem::take(&mut document.warnings),
    };
    let mut counts = BTreeMap::new();
    for warning in warnings.iter().filter(|warning| warning.code.severity() > Severity::Info) {
        *counts.entry(format!("{}: {}", warning.code, warning.message)).or_default() += 1;
    }
    Some((document, counts))
}

/// Replaces the quotes of each attribute of each fixture by other quotes. The result must be the same model, an error,
/// or one more warning.
#[test]
fn no_value_with_other_quotes_is_lost_without_a_warning() {
    let ways = [
        ("'", "'"),
        ("", ""),
        ("\"", ""),
        ("", "\""),
        ("\"", "'"),
        ("'", "\""),
        ("\"\"", "\"\""),
        ("\\\"", "\\\""),
        ("\u{201c}", "\u{201d}"),
        ("\u{201c}", "\""),
        ("`", "`"),
        ("\u{ab}", "\u{bb}"),
        ("&quot;", "&quot;"),
        ("\\\\\"", "\\\\\""),
    ];
    let mut checked = 0;
    for (name, bytes) in crate::read::fixtures() {
        let Ok(text) = String::from_utf8(bytes) else { continue };
        let Some((model, before)) = read_any(&text) else { continue };
        for (start, end) in quotes(&text) {
            let with = |open: &str, close: &str| {
                format!("{}{open}{}{close}{}", &text[..start], &text[start + 1..end], &text[end + 1..])
            };
            // In markup that is kept as a text, quotes are part of the value.
            if read_any(&with("'", "'")).is_some_and(|(other, _)| other != model) {
                continue;
            }
            for (open, close) in ways {
                let changed = with(open, close);
                if let Some((other, warnings)) = read_any(&changed) {
                    let is_said =
                        warnings.iter().any(|(said, count)| before.get(said).is_none_or(|before| count > before));
                    assert!(other == model || is_said, "{name}: {open}{}{close}", &text[start + 1..end]);
                }
                checked += 1;
            }
        }
    }
    assert!(checked > 5_000, "{checked}");
}

#[test]
fn only_some_quotes_may_be_escaped() {
    let text = PLAIN.replace("event=\"start\"", "event=\\\"start\\\"");
    let document = parse(text.as_bytes(), &ParseOptions::default()).expect("VAST");
    assert_eq!(document.vast, plain());
    assert_eq!(document.warnings.iter().filter(|one| one.code == WarningCode::LooseQuotes).count(), 1);
}

#[test]
fn the_text_in_an_envelope_can_be_had() {
    assert_eq!(opened_text(&format!("{{\"vast\":\"{}\"}}", json(PLAIN))), PLAIN);
    assert_eq!(opened_text(PLAIN), PLAIN);
    for text in [r#"{"error": "no ad"}"#, "[]", ""] {
        assert_eq!(opened_text(text), text);
    }
}

/// The escaped document is the text of one break in a VMAP.
#[test]
fn a_document_escaped_in_a_playlist_is_read() {
    for text in [json(PLAIN), escaped(PLAIN), format!(r#"{{"vast": "{}"}}"#, json(PLAIN))] {
        let playlist = format!(
            "<vmap:VMAP xmlns:vmap=\"http://www.iab.net/videosuite/vmap\" version=\"1.0\"><vmap:AdBreak timeOffset=\"start\" \
             breakType=\"linear\"><vmap:AdSource><vmap:VASTAdData><![CDATA[{text}]]></vmap:VASTAdData></vmap:AdSource></vmap:AdBreak></vmap:VMAP>"
        );
        let Ok(AnyDocument::Vmap(document)) = parse_any(playlist.as_bytes(), &ParseOptions::default()) else {
            panic!("no playlist")
        };
        assert_eq!(document.vmap.breaks[0].ad_data(), Some(&AdData::Vast(Box::new(plain()))), "{text}");
    }
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
