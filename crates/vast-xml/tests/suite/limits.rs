//! The limits on the cost of hostile documents.

use crate::read::inline_xml;
use vast_xml::{Limits, ParseError, ParseErrorKind, ParseOptions, WarningCode, parse};

fn read(xml: &str, limits: Limits) -> Result<vast_xml::Document, ParseError> {
    parse(xml.as_bytes(), &ParseOptions { limits, ..ParseOptions::default() })
}

/// Reads the document with the limit that it needs, then with that limit minus one.
fn check(name: &str, xml: &str, needed: usize, limit: impl Fn(usize) -> Limits) {
    read(xml, limit(needed)).unwrap_or_else(|error| panic!("{name} at the limit: {error}"));
    let error = read(xml, limit(needed - 1)).expect_err(name);
    assert_eq!(error.kind, ParseErrorKind::Limit, "{name}: {error}");
}

#[test]
fn r070_every_limit_holds_exactly() {
    let default = Limits::default;
    let xml = inline_xml(
        "<Error>https://e.example</Error><Extensions><Extension><a><b><c/></b></a></Extension></Extensions>",
    );
    check("bytes", &xml, xml.len(), |bytes| Limits { bytes, ..default() });
    check("depth", &xml, 8, |depth| Limits { depth, ..default() });
    check("elements", &xml, 14, |elements| Limits { elements, ..default() });
    check("trackers", &xml, 2, |trackers| Limits { trackers, ..default() });
    check("text", &xml, 19, |text_bytes| Limits { text_bytes, ..default() });
    let ads = "<VAST version=\"3.0\"><Ad/><Ad/><Ad/></VAST>";
    check("ads", ads, 3, |ads| Limits { ads, ..default() });
    let attributes = "<VAST version=\"3.0\" a=\"1\" b=\"2\" c=\"3\"/>";
    check("attributes", attributes, 4, |attributes_per_element| Limits { attributes_per_element, ..default() });
    let tree = inline_xml("<Extensions><Extension a=\"1\" b=\"2\" c=\"3\"/></Extensions>");
    check("attributes of trees", &tree, 3, |attributes_per_element| Limits { attributes_per_element, ..default() });
}

#[test]
fn r070_text_in_many_pieces_is_bounded_too() {
    let limits = || Limits { text_bytes: 100, ..Limits::default() };
    for piece in ["&amp;", "<![CDATA[x]]>", "&x", "x<!---->"] {
        let error = inline_xml(&format!("<Error>{}</Error>", piece.repeat(101)));
        assert_eq!(read(&error, limits()).expect_err(piece).kind, ParseErrorKind::Limit, "{piece}");
    }
    let tree = inline_xml(&format!("<Extensions><Extension>{}</Extension></Extensions>", "&amp;".repeat(101)));
    assert_eq!(read(&tree, limits()).expect_err("tree").kind, ParseErrorKind::Limit);
}

#[test]
fn r070_no_depth_exhausts_the_stack() {
    let deep = format!("<VAST version=\"3.0\">{}", "<x>".repeat(100_000));
    let unlimited = || Limits { depth: usize::MAX, elements: usize::MAX, ..Limits::default() };
    assert_eq!(read(&deep, unlimited()).expect_err("deep").kind, ParseErrorKind::Limit);
    let urls = format!("<VAST version=\"3.0\"><Error>{}", "<URL>".repeat(100_000));
    assert_eq!(read(&urls, unlimited()).expect_err("deep").kind, ParseErrorKind::Limit);
}

#[test]
fn warnings_are_bounded_and_say_so() {
    let xml = format!("<VAST version=\"3.0\">{}</VAST>", "<x/>".repeat(50));
    let document = read(&xml, Limits { warnings: 10, ..Limits::default() }).expect("readable");
    assert_eq!(document.warnings.len(), 11);
    assert_eq!(document.warnings[10].code, WarningCode::TooManyWarnings);
    assert_eq!(document.vast.extra.elements.len(), 50, "only the warnings are left out");
}

#[test]
fn r070_views_of_every_companion_count_as_trackers() {
    let views = "<URL>v</URL>".repeat(50);
    let companions = "<Companion/>".repeat(50);
    let ads = format!("<CompanionAds><CompanionImpression>{views}</CompanionImpression>{companions}</CompanionAds>");
    let xml = format!("<VideoAdServingTemplate><Ad><Wrapper>{ads}</Wrapper></Ad></VideoAdServingTemplate>");
    assert!(read(&xml, Limits { trackers: 2550, ..Limits::default() }).is_ok());
    assert_eq!(read(&xml, Limits::default()).expect_err("2,550 trackers").kind, ParseErrorKind::Limit);
}
