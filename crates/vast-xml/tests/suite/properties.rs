//! Any bytes give a model or an error, never a panic, and the same result each time.

use proptest::prelude::*;
use vast_xml::macros::{Context, Macro, Value, Values, expand};
use vast_xml::{ParseOptions, parse};

fn assert_read(bytes: &[u8]) {
    let strict = ParseOptions { strict: true, ..ParseOptions::default() };
    let _ = parse(bytes, &strict);
    match parse(bytes, &ParseOptions::default()) {
        Ok(document) => drop(format!("{document:?}")),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// Fragments of documents in any order.
fn fragments() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "<VAST version=\"3.0\">",
        "</VAST>",
        "<Ad>",
        "</Ad>",
        "<InLine>",
        "</InLine>",
        "<Wrapper>",
        "</Wrapper>",
        "<Creatives>",
        "</Creatives>",
        "<Creative>",
        "</Creative>",
        "<Linear skipoffset='5%'>",
        "</Linear>",
        "<Error>",
        "</Error>",
        "<URL>",
        "</URL>",
        "<TrackingEvents>",
        "</TrackingEvents>",
        "<Tracking event=\"start\">",
        "</Tracking>",
        "<![CDATA[",
        "]]>",
        "<!--",
        "-->",
        "&amp;",
        "&",
        "&#x",
        ";",
        "é",
        " ",
        "\n",
        "<",
        ">",
        "\"",
        "<x:y z=1>",
        "<Extensions>",
        "<Extension type=\"AdVerifications\">",
        "<AdVerifications>",
        "<HTMLResource>",
        "</HTMLResource>",
        "https://a.example/[X]",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn r070_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        assert_read(&bytes);
    }

    #[test]
    fn r070_any_fragments(text in fragments()) {
        assert_read(text.as_bytes());
        assert_read(format!("<VAST version='3.0'><Ad><InLine>{text}").as_bytes());
    }

    #[test]
    fn reading_twice_gives_the_same(text in fragments()) {
        let twice = [0; 2].map(|_| parse(text.as_bytes(), &ParseOptions::default()));
        prop_assert_eq!(&twice[0], &twice[1]);
    }

    #[test]
    fn r167_a_value_never_brings_in_a_macro_or_a_delimiter(value in ".{0,40}") {
        let mut values = Values::new();
        values.set(Macro::PageUrl, Value::text(value));
        let expanded = expand("https://t.example/?u=[PAGEURL]&x=1", Context::Tracking, &values).into_owned();
        let inserted = expanded.strip_prefix("https://t.example/?u=").and_then(|rest| rest.strip_suffix("&x=1"));
        let inserted = inserted.expect("the template around it stays");
        prop_assert!(inserted.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.!~*'()%".contains(&byte)));
    }

    #[test]
    fn expanding_anything_never_panics(template in "[\\[\\]%5BDbd$\\{\\}A-Zé]{0,60}") {
        let _ = expand(&template, Context::Error, &Values::new());
    }
}
