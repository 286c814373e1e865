//! Tests with texts that would damage the document if the writer did not escape them.

use super::full::Texts;
use crate::model::{AdKind, AdParameters, Creative, Element, InLine, Linear, Node, Vast, Verification};
use crate::options::{Limits, ParseOptions};
use crate::{parse, write};
use proptest::prelude::*;

/// Characters and strings that have a meaning in XML or that XML forbids.
const FRAGMENTS: &[&str] = &[
    "]]>",
    "]]",
    "]",
    ">",
    "&",
    "<",
    "&amp;",
    "&#13;",
    "&bogus;",
    "\"",
    "'",
    " ",
    "  ",
    "\t",
    "\n",
    "\r",
    "\r\n",
    "\0",
    "\u{1}",
    "\u{b}",
    "\u{1f}",
    "\u{fffe}",
    "\u{ffff}",
    "\u{feff}",
    "\u{85}",
    "\u{2028}",
    "é",
    "😀",
    "<!--",
    "--",
    "-->",
    "<![CDATA[",
    "<?xml?>",
    "</VAST>",
    "<!DOCTYPE x>",
    "%20",
    "[ERRORCODE]",
    "x",
];

/// A text made of random fragments.
fn hostile() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(FRAGMENTS), 0..12).prop_map(|parts| parts.concat())
}

/// The text without the characters that XML forbids.
fn allowed(text: &str) -> String {
    text.chars()
        .filter(|character| {
            matches!(character, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
        })
        .collect()
}

fn limits() -> ParseOptions<'static> {
    ParseOptions { limits: Limits { warnings: usize::MAX, ..Limits::default() }, ..ParseOptions::default() }
}

fn read(document: &str) -> Vast {
    parse(document.as_bytes(), &limits()).unwrap_or_else(|error| panic!("{error}\n{document}")).vast
}

/// The full model with these texts in turn. Each text is put between two letters, because the reader trims white space.
fn full(texts: &[String]) -> Vast {
    let mut next = texts.iter().cycle();
    Texts(move || format!("a{}z", next.next().expect("a cycle of one or more"))).vast()
}

#[test]
fn r195_nothing_in_the_model_is_left_out() {
    let mut count = 0;
    let mut vast = Texts(|| {
        count += 1;
        format!("text {count}")
    })
    .vast();
    vast.version = Some("4.2".into());
    let document = write(&vast);
    assert_eq!(read(&document), vast, "{document}");
    let missing: Vec<usize> = (1..=count).filter(|number| !document.contains(&format!("text {number}"))).collect();
    assert_eq!(missing.len(), 1, "the version's only: {missing:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn r178_every_text_is_read_back_unchanged(texts in prop::collection::vec(hostile(), 1..7)) {
        // The reader removes line breaks and tabs from URLs.
        let texts: Vec<String> = texts.iter().map(|text| text.replace(['\n', '\r', '\t'], "")).collect();
        let written = write(&full(&texts));
        let cleaned: Vec<String> = texts.iter().map(|text| allowed(text)).collect();
        let expected = full(&cleaned);
        prop_assert_eq!(read(&written), expected);
    }

    /// Parameters are data for the creative, so their white space must not change, not even at the start and at the end.
    #[test]
    fn r045_parameters_come_back_to_the_last_blank(text in hostile()) {
        let expected = allowed(&text);
        let inline = read(&write(&parameters(&text))).ads.remove(0).inline().expect("an ad").clone();
        let given = inline.ad_verifications[0].parameters.clone().unwrap_or_default();
        prop_assert_eq!(given.as_str(), &expected);
        let given = inline.creatives[0].linear.as_ref().and_then(|linear| linear.ad_parameters.clone());
        let given = given.expect("parameters");
        prop_assert_eq!((given.raw.as_str(), given.value.as_str()), (expected.as_str(), expected.as_str()));
    }

    /// The writer may split CDATA sections and change comments, but the text must stay the same.
    #[test]
    fn r192_element_trees_hold_any_text(cdata in hostile(), comment in hostile(), name in hostile()) {
        let children = vec![Node::CData(cdata.clone().into()), Node::Comment(comment.into())];
        let element = Element { name: name.into(), attributes: vec![], children };
        let mut vast = Vast::default();
        vast.extra.elements.push(element);
        let back = read(&write(&vast));
        let texts = back.extra.elements[0].children.iter().filter_map(|node| match node {
            // Control characters are text between the sections.
            Node::CData(text) | Node::Text(text) => Some(text.as_str()),
            _ => None,
        });
        // A CDATA section cannot contain a reference, so readers turn a carriage return in it into a line feed.
        let expected = allowed(&cdata).replace("\r\n", "\n").replace('\r', "\n");
        prop_assert_eq!(texts.collect::<String>(), expected);
        prop_assert_eq!(back.extra.elements.len(), 1);
    }
}

fn parameters(text: &str) -> Vast {
    let ad_parameters = AdParameters { value: text.into(), ..AdParameters::default() };
    let linear = Linear { ad_parameters: Some(ad_parameters), ..Linear::default() };
    let inline = InLine {
        ad_verifications: vec![Verification { parameters: Some(text.into()), ..Verification::default() }],
        creatives: vec![Creative { linear: Some(linear), ..Creative::default() }],
        ..InLine::default()
    };
    let mut vast = Vast { ads: vec![Default::default()], ..Vast::default() };
    vast.ads[0].kind = AdKind::InLine(Box::new(inline));
    vast
}

#[test]
fn r044_parameters_made_by_hand_are_encoded_where_they_say_so() {
    let mut vast = parameters("<a b=\"1&2\"/>");
    let AdKind::InLine(inline) = &mut vast.ads[0].kind else { panic!("an ad") };
    let linear = inline.creatives[0].linear.as_mut().expect("a linear ad");
    linear.ad_parameters.as_mut().expect("parameters").xml_encoded = Some(true);
    let document = write(&vast);
    assert!(document.contains("<![CDATA[&lt;a b=\"1&amp;2\"/&gt;]]>"), "{document}");
    let back = read(&document);
    let inline = back.ads[0].inline().expect("an ad");
    let parameters = inline.creatives[0].linear.as_ref().and_then(|linear| linear.ad_parameters.as_ref());
    assert_eq!(parameters.map(|parameters| parameters.value.as_str()), Some("<a b=\"1&2\"/>"));
}
