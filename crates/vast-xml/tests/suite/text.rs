//! How the pieces of an element's text are joined to one value.

use crate::read::{codes, document, fixture_document, inline, inline_xml, linear, only_inline};
use std::collections::HashMap;
use vast_xml::{ParseErrorKind, ParseOptions, Text, WarningCode, parse};

fn url(content: &str) -> String {
    inline(&format!("<Error>{content}</Error>")).errors[0].to_string()
}

#[test]
fn r034_pieces_are_joined_and_urls_lose_blanks_at_the_seams() {
    let cases = [
        ("<![CDATA[https://a.example/]]>", "https://a.example/"),
        ("\n  <![CDATA[  https://a.example/?a=1 ]]>\n  <![CDATA[ &b=2  ]]>\n", "https://a.example/?a=1&b=2"),
        ("<![CDATA[https://a.example/]]]]><![CDATA[>]]>c", "https://a.example/]]>c"),
        ("  https://a.example/  <![CDATA[b]]>  c  ", "https://a.example/bc"),
        ("https://a.example/<!-- x -->b", "https://a.example/b"),
        ("https://a.example/<?x y?>b", "https://a.example/b"),
        ("<![CDATA[https://a.example/a b]]>", "https://a.example/a b"),
    ];
    for (content, joined) in cases {
        assert_eq!(url(content), joined, "{content}");
    }
}

#[test]
fn r035_references_are_decoded_outside_cdata_only() {
    assert_eq!(url("<![CDATA[https://a.example/?a=1&amp;b=2]]>"), "https://a.example/?a=1&amp;b=2");
    assert_eq!(url("https://a.example/?a=1&amp;b=2&#38;c=3&#x26;d=4"), "https://a.example/?a=1&b=2&c=3&d=4");
    assert_eq!(url("https://a.example/?a=1&amp;amp;b=2"), "https://a.example/?a=1&amp;b=2", "once");
}

#[test]
fn lone_ampersands_and_foreign_entities_stay() {
    let cases = [
        ("https://a.example/?a=1&b=2&c=3", "https://a.example/?a=1&b=2&c=3"),
        ("https://a.example/?a=1&b=2;c&", "https://a.example/?a=1&b=2;c&"),
        ("https://a.example/?a=1&copy;=2&#0;", "https://a.example/?a=1&copy;=2&#0;"),
        ("https://a.example/?a=1&amp;b=2&c=3", "https://a.example/?a=1&b=2&c=3"),
    ];
    for (content, kept) in cases {
        assert_eq!(url(content), kept);
    }
    let warned = document(&inline_xml("<Error>https://a.example/?a&b&copy;</Error>"));
    assert_eq!(codes(&warned), ["dangling_ampersand", "unknown_entity"]);
    let junk = document(&inline_xml("<Error>https://a.example/?a&b=2;c</Error>"));
    assert_eq!(codes(&junk), ["dangling_ampersand"]);
}

#[test]
fn r044_ad_parameters_are_decoded_once_more_on_demand() {
    let parameters = |attribute: &str| {
        linear(&format!("<AdParameters {attribute}><![CDATA[ a=1&amp;b=&lt; ]]></AdParameters>"))
            .ad_parameters
            .expect("parameters")
    };
    let encoded = parameters("xmlEncoded=\"true\"");
    assert_eq!((&*encoded.value, &*encoded.raw), (" a=1&b=< ", " a=1&amp;b=&lt; "));
    assert_eq!(parameters("").value, " a=1&amp;b=&lt; ");
    assert_eq!(parameters("xmlEncoded=\"0\"").xml_encoded, Some(false));
}

#[test]
fn r045_verification_parameters_are_handed_on_unchanged() {
    let parameters = |content: &str| {
        let verification =
            format!("<Verification><VerificationParameters>{content}</VerificationParameters></Verification>");
        inline(&format!("<AdVerifications>{verification}</AdVerifications>")).ad_verifications[0].parameters.clone()
    };
    assert_eq!(parameters("\n <![CDATA[ {\"a\": \"&amp;\"} ]]>\n").as_deref(), Some("\n  {\"a\": \"&amp;\"} \n"));
    assert_eq!(parameters(" a &lt; b ").as_deref(), Some(" a < b "));
    assert_eq!(parameters("").as_deref(), Some(""));
}

#[test]
fn markup_without_cdata_is_taken_as_it_stands() {
    let document = fixture_document("companions");
    let companions = &only_inline(&document).creatives[0].companion_ads.as_ref().expect("companions").companions;
    let html = |index: usize| match &companions[index].resources[..] {
        [vast_xml::model::Resource::Html(html)] => html.content.to_string(),
        other => panic!("{other:?}"),
    };
    assert_eq!(html(1), "<b>hi</b>");
    assert_eq!(html(2), "<div class=\"a\">unescaped <b>markup</b></div>");
}

#[test]
fn attribute_values_are_decoded_and_trimmed_and_blank_is_absent() {
    let inline = inline("<Impression id=' a&amp;b &quot;c&quot;\td '>u</Impression><Impression id=' '>u</Impression>");
    assert_eq!(inline.impressions[1].id.as_deref(), Some("a&b \"c\" d"));
    assert_eq!(inline.impressions[2].id, None);
}

#[test]
fn values_that_the_document_has_are_not_copied() {
    let document = document(&inline_xml("<Error>https://a.example</Error>"));
    let error = &only_inline(&document).errors[0];
    assert_eq!(error.detached(), *error);
}

#[test]
fn r016_character_sets_and_marks() {
    for (name, error) in [
        ("encoding-utf8-mark", "https://é.example/ü"),
        ("encoding-latin1", "https://example/ü"),
        ("encoding-utf16", "https://example/ü"),
        ("encoding-broken", "https://example/\u{fffd}\u{fffd}"),
    ] {
        assert_eq!(fixture_document(name).vast.errors, [error], "{name}");
    }
    let headed = ParseOptions { charset: Some("windows-1252"), ..ParseOptions::default() };
    let document = parse(b"<VAST version=\"3.0\"><Error>\x80</Error></VAST>", &headed).expect("readable");
    assert_eq!(document.vast.errors, ["€"]);
}

#[test]
fn places_count_the_byte_order_mark() {
    let document = fixture_document("encoding-utf8-mark");
    let [warning] = &document.warnings[..] else { panic!("{:?}", document.warnings) };
    let bytes = crate::read::fixture("encoding-utf8-mark");
    assert!(bytes[warning.position.offset..].starts_with(b"<Nonsense/>"));
    assert_eq!((warning.position.line, warning.position.column), (2, 55));
}

/// XML 1.0, section 2.11: a line end becomes a line feed, but a character reference to a carriage return stays a carriage
/// return.
#[test]
fn line_ends_are_line_feeds() {
    let document = "<VAST version=\"3.0\"><Ad><InLine><AdTitle>a\r\nb\rc&#13;d<![CDATA[e\r\nf]]></AdTitle>\r\n\
                    <Extensions><Extension>\r\n<!--\r--><![CDATA[\r\n]]>x\r&amp;\r\n</Extension></Extensions></InLine></Ad></VAST>";
    let vast = vast_xml::parse(document.as_bytes(), &ParseOptions::default()).expect("a document").vast;
    let inline = vast.ads[0].inline().expect("an ad");
    assert_eq!(inline.ad_title.as_deref(), Some("a\nb\nc\rde\nf"));
    let written = vast_xml::write(&vast);
    assert!(written.contains("<Extension>\n<!--\n--><![CDATA[\n]]>x\n&amp;\n</Extension>"), "{written}");
}

#[test]
fn r035_ampersands_are_repaired_in_urls_for_those_who_ask() {
    let cases = [
        ("<![CDATA[https://a.example/?a=1&amp;b=2&c=3]]>", "https://a.example/?a=1&b=2&c=3"),
        ("https://a.example/?a=1&amp;amp;b=2", "https://a.example/?a=1&b=2"),
        ("https://a.example/?a=1&amp;b=2", "https://a.example/?a=1&b=2"),
    ];
    for (content, repaired) in cases {
        let text = inline_xml(&format!("<Error>{content}</Error>"));
        let lenient = ParseOptions { repair_ampersands: true, ..ParseOptions::default() };
        let document = parse(text.as_bytes(), &lenient).expect("VAST");
        assert_eq!(document.vast.ads[0].errors()[0], repaired, "{content}");
        let is_told = document.warnings.iter().any(|warning| warning.code == WarningCode::EscapedAmpersand);
        assert_eq!(is_told, content.contains("CDATA") || content.contains("amp;amp"), "{content}");
        let written = vast_xml::write(&document.vast);
        assert!(written.contains(&format!("<![CDATA[{repaired}]]>")), "{written}");
        let strict = ParseOptions { strict: true, ..lenient };
        let literal = parse(text.as_bytes(), &strict).expect("VAST").vast.ads[0].errors()[0].to_string();
        assert_eq!(literal == repaired, !is_told, "{content} is literal in strict mode");
    }
}

#[test]
fn r035_a_document_that_is_escaped_as_a_whole_is_read() {
    let plain = inline_xml("<Error>https://a.example/?a=1&amp;b=2</Error>");
    let escaped = format!("\n {}", plain.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"));
    let document = parse(escaped.as_bytes(), &ParseOptions::default()).expect("VAST");
    assert_eq!(document.vast, parse(plain.as_bytes(), &ParseOptions::default()).expect("VAST").vast);
    let told: Vec<_> = document.warnings.iter().map(|warning| (warning.code, warning.position.offset)).collect();
    assert_eq!(told[0], (WarningCode::EscapedDocument, 2));
    let error = parse(b" &lt;VAST version=\"3.0\"&gt;&lt;Ad>", &ParseOptions::default()).expect_err("damaged");
    assert_eq!((error.kind, error.position.offset), (ParseErrorKind::NotXml, 1));
    let strict = ParseOptions { strict: true, ..ParseOptions::default() };
    assert_eq!(parse(escaped.as_bytes(), &strict).expect_err("strict").kind, ParseErrorKind::Strict);
}

fn assert_send_sync<T: Send + Sync + 'static>() {}

#[test]
fn a_text_is_shared_between_threads() {
    assert_send_sync::<Text>();
}

#[test]
fn maps_with_texts_as_keys_are_asked_with_plain_strings() {
    let map = HashMap::from([(Text::from("start"), 1)]);
    assert_eq!(map.get("start"), Some(&1));
}
