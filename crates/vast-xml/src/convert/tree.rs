//! Parts of the model as XML trees and back, by way of the writer and the reader: so a part has one form, whether it stands
//! at its own place or in an extension.

use crate::model::{Ad, AdKind, Attribute, Element, Extension, InLine, Node, Vast};
use crate::xml::{Emit, Key, Name};
use crate::{Limits, ParseOptions, parse, write};

/// What an extension is made for.
pub(super) struct Wanted<'a> {
    /// The name of the elements that it holds, and its type.
    pub(super) part: Name,
    /// Its own name.
    pub(super) own: Name,
    /// What ties the elements to a creative.
    pub(super) link: Option<Attribute>,
    /// The extensions that are there: what they have already is not put into another.
    pub(super) others: &'a [Extension],
}

/// An extension that holds elements of an ad that has nothing else. None if there is nothing to hold.
pub(super) fn extension(wanted: &Wanted<'_>, kind: AdKind) -> Option<Extension> {
    let Wanted { part, own, link, others } = wanted;
    let tree = tree(kind)?;
    let mut found = Vec::new();
    collect(&tree, *part, &mut found);
    let there: Vec<String> = others.iter().filter(|one| is_of(one, *part)).map(|one| said(&one.element)).collect();
    found.retain(|element| !there.contains(&said(element)));
    found.iter_mut().for_each(|element| element.attributes.extend(link.clone()));
    let is_empty = found.is_empty();
    let named = Attribute { name: Key::Type.as_str().into(), value: part.as_str().into() };
    let children = found.into_iter().map(Node::Element).collect();
    let element = Element { name: own.as_str().into(), attributes: vec![named], children };
    (!is_empty).then(|| Extension { extension_type: Some(part.as_str().into()), element })
}

/// The ad that these elements make where this way of names leads to, which begins with `InLine` or `Wrapper`.
pub(super) fn read(way: &[Name], children: Vec<Element>) -> Option<AdKind> {
    let nest = |children: Vec<Element>, name: &Name| {
        let children = children.into_iter().map(Node::Element).collect();
        vec![Element { name: name.as_str().into(), attributes: Vec::new(), children }]
    };
    let around = [Name::Vast, Name::Ad];
    let root = around.iter().chain(way).rev().fold(children, nest).pop()?;
    Some(parsed(&printed(&root))?.ads.pop()?.kind)
}

/// A document with this root: free XML and what no version knows exactly, the rest on lines of its own.
pub(super) fn printed(root: &Element) -> String {
    let mut out = Emit::new(true);
    print(&mut out, root);
    out.finish()
}

fn print(out: &mut Emit, element: &Element) {
    out.start_named(&element.name);
    for Attribute { name, value } in &element.attributes {
        out.attribute_named(name, value);
    }
    if is_exact(element) {
        out.keep_layout();
    }
    for child in &element.children {
        match child {
            Node::Element(child) => print(out, child),
            Node::Text(text) => out.characters(text),
            Node::CData(text) => out.cdata(text),
            Node::Comment(text) => out.comment(text),
        }
    }
    out.end();
}

/// Free XML, and what no version knows: every blank of it counts.
pub(super) fn is_exact(element: &Element) -> bool {
    matches!(name_of(element), Name::Extension | Name::CreativeExtension | Name::Unknown)
}

pub(super) fn name_of(element: &Element) -> Name {
    Name::find(&element.name).0
}

/// The children of an extension, if it holds elements of this name only.
pub(super) fn content(extension: &Extension, part: Name) -> Option<Vec<Element>> {
    let is_part = |element: &Element| element.local_name().eq_ignore_ascii_case(part.as_str());
    let is_pure = extension.element.children.iter().all(|node| match node {
        Node::Element(element) => is_part(element),
        Node::Text(text) | Node::CData(text) => text.trim().is_empty(),
        Node::Comment(_) => true,
    });
    let has_only_type =
        extension.element.attributes.iter().all(|one| one.name.eq_ignore_ascii_case(Key::Type.as_str()));
    let elements: Vec<Element> = extension.element.elements().cloned().collect();
    (is_pure && has_only_type && !elements.is_empty()).then_some(elements)
}

/// Whether the extension is the one of this part.
pub(super) fn is_of(extension: &Extension, part: Name) -> bool {
    extension.extension_type.as_ref().is_some_and(|own| own.trim().eq_ignore_ascii_case(part.as_str()))
}

fn tree(kind: AdKind) -> Option<Element> {
    let vast = Vast { ads: vec![Ad { kind, ..Ad::default() }], ..Vast::default() };
    document(&write(&vast))
}

/// The root of a document that was just written, with everything in it.
pub(super) fn document(document: &str) -> Option<Element> {
    let body = document.split_once("?>").map_or(document, |(_, body)| body);
    let around = format!("<VAST><Ad><InLine><Extensions>{body}</Extensions></InLine></Ad></VAST>");
    let AdKind::InLine(inline) = parsed(&around)?.ads.pop()?.kind else { return None };
    let InLine { mut extensions, .. } = *inline;
    Some(extensions.pop()?.element)
}

/// Reads what was just written: it has passed the limits already, as far as it comes from outside.
fn parsed(document: &str) -> Option<Vast> {
    let none = usize::MAX;
    let limits = Limits {
        breaks: none,
        bytes: none,
        depth: none,
        elements: none,
        attributes_per_element: none,
        text_bytes: none,
        ads: none,
        trackers: none,
        warnings: 0,
    };
    let options = ParseOptions { limits, ..ParseOptions::default() };
    Some(parse(document.as_bytes(), &options).ok()?.vast)
}

fn collect(element: &Element, part: Name, found: &mut Vec<Element>) {
    if element.name == *part.as_str() {
        found.push(compact(element));
    } else {
        element.elements().for_each(|child| collect(child, part, found));
    }
}

/// All text of an element, without blanks: servers that write a part twice, once for old players, say the same in both.
fn said(element: &Element) -> String {
    let own = element.text();
    let own = own.split_whitespace().map(str::to_owned);
    let text: String = own.chain(element.elements().map(said)).collect();
    let named = || element.attributes.iter().map(|attribute| attribute.value.as_str()).collect();
    if text.is_empty() { named() } else { text }
}

/// How many elements of this name there are, in each other not counted.
pub(super) fn count(element: &Element, name: Name) -> usize {
    let is_one = |child: &Element| child.local_name().eq_ignore_ascii_case(name.as_str());
    element.elements().map(|child| if is_one(child) { 1 } else { count(child, name) }).sum()
}

/// Without the blanks between elements.
fn compact(element: &Element) -> Element {
    let has_elements = element.elements().next().is_some();
    let stays = |node: &&Node| !matches!(node, Node::Text(text) if has_elements && text.trim().is_empty());
    let children = element.children.iter().filter(stays).map(|node| match node {
        Node::Element(child) => Node::Element(compact(child)),
        other => other.clone(),
    });
    Element { name: element.name.clone(), attributes: element.attributes.clone(), children: children.collect() }
}
