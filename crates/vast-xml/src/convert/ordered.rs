//! Writing a document in the order and with the names of a version.

use super::tree::{self, is_exact, name_of};
use crate::edition::{Edition, Within, edition};
use crate::model::{Element, Node, Vast};
use crate::xml::{Key, Name};
use crate::{Version, write};

/// Writes a document in the order of elements and with the names that this version's schema has: `Creative@AdID` up to 3.0,
/// `Companion@adSlotID` in 4.0, creative extensions in `Linear` in 3.0, `Creatives` in every wrapper up to 3.0.
///
/// Nothing is left out: what the version does not have stands behind what it has. There is nothing of the kind in documents
/// that [`to_version`](super::to_version) made. Otherwise like [`write`](crate::write).
///
/// ```
/// use vast_xml::{ParseOptions, Version, convert, parse};
///
/// let newer = br#"<VAST version="4.2"><Ad id="1"><Wrapper><Impression>https://a.example/i</Impression><AdSystem>a</AdSystem>
///   <VASTAdTagURI>https://a.example/next</VASTAdTagURI></Wrapper></Ad></VAST>"#;
/// let newer = parse(newer, &ParseOptions::default())?.vast;
/// let older = convert::to_version(&newer, Version::V2_0);
/// assert_eq!(convert::write_version(&older.vast, Version::V2_0), r#"<?xml version="1.0" encoding="UTF-8"?>
/// <VAST version="2.0">
///   <Ad id="1">
///     <Wrapper>
///       <AdSystem><![CDATA[a]]></AdSystem>
///       <VASTAdTagURI><![CDATA[https://a.example/next]]></VASTAdTagURI>
///       <Impression><![CDATA[https://a.example/i]]></Impression>
///       <Creatives/>
///     </Wrapper>
///   </Ad>
/// </VAST>
/// "#);
/// # Ok::<(), vast_xml::ParseError>(())
/// ```
pub fn write_version(vast: &Vast, version: Version) -> String {
    let written = write(vast);
    let Some(mut root) = tree::document(&written) else { return written };
    put_in_order(edition(version), &mut root, Within::Both);
    tree::printed(&root)
}

/// Orders the children of an element of the standard, and of those in it.
fn put_in_order(edition: &'static Edition, element: &mut Element, within: Within) {
    let name = name_of(element);
    let within = match name {
        Name::InLine => Within::InLine,
        Name::Wrapper => Within::Wrapper,
        _ => within,
    };
    spell(edition, element, name);
    if element.elements().next().is_some() {
        element.children.retain(|child| !is_blank(child));
    }
    match name {
        Name::Creative => place_extensions(edition, element, within),
        Name::Wrapper => complete(edition, element),
        _ => {}
    }
    for child in &mut element.children {
        match child {
            Node::Element(child) if !is_exact(child) => put_in_order(edition, child, within),
            _ => {}
        }
    }
    let row = edition.row(name, within);
    let rank = |child: &Node| {
        let name = element_of(child).map_or(Name::Unknown, name_of);
        row.children.iter().position(|known| known.name == name).unwrap_or(row.children.len())
    };
    element.children.sort_by_key(rank);
}

fn element_of(node: &Node) -> Option<&Element> {
    match node {
        Node::Element(element) => Some(element),
        _ => None,
    }
}

fn is_blank(node: &Node) -> bool {
    matches!(node, Node::Text(text) if text.trim().is_empty())
}

fn spell(edition: &Edition, element: &mut Element, name: Name) {
    for attribute in &mut element.attributes {
        let (key, is_exact) = Key::find(&attribute.name);
        let spelling = edition.spelling(name, key);
        if is_exact && key != Key::Unknown && attribute.name != *spelling {
            attribute.name = spelling.into();
        }
    }
}

/// 3.0 has the extensions of a creative in its linear or non-linear ad.
fn place_extensions(edition: &'static Edition, creative: &mut Element, within: Within) {
    let has = |parent: Name| edition.row(parent, within).child(Name::CreativeExtensions).is_some();
    let is_group = |node: &Node| element_of(node).is_some_and(|child| name_of(child) == Name::CreativeExtensions);
    if has(Name::Creative) || !has(Name::Linear) {
        return;
    }
    let Some(at) = creative.children.iter().position(is_group) else { return };
    let group = creative.children.remove(at);
    let ads = creative.children.iter_mut().find_map(|node| child_named(node, &[Name::Linear, Name::NonLinearAds]));
    let ad = match ads {
        Some(ads) if name_of(ads) == Name::NonLinearAds => {
            ads.children.iter_mut().find_map(|node| child_named(node, &[Name::NonLinear]))
        }
        linear => linear,
    };
    match ad {
        Some(ad) => ad.children.push(group),
        None => creative.children.push(group),
    }
}

fn child_named<'a>(node: &'a mut Node, names: &[Name]) -> Option<&'a mut Element> {
    match node {
        Node::Element(element) if names.contains(&name_of(element)) => Some(element),
        _ => None,
    }
}

/// Up to 3.0 a wrapper has `Creatives`, be they empty.
fn complete(edition: &Edition, wrapper: &mut Element) {
    let is_there = wrapper.elements().any(|child| name_of(child) == Name::Creatives);
    if edition.wrapper_has_creatives && !is_there {
        let group = Element { name: Name::Creatives.as_str().into(), ..Element::default() };
        wrapper.children.push(Node::Element(group));
    }
}
