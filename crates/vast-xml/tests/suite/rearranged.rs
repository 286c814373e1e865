//! Whole documents with their elements in another order, with a namespace prefix, in capitals and with many comments. The
//! model must be the same.

use crate::read::{document, fixture};
use std::cmp::Reverse;
use vast_xml::model::{Element, Node};
use vast_xml::{AnyDocument, ParseOptions, parse_any};

/// Documents without unknown elements, because the model keeps the order of those. Their extensions are left out, because
/// the model keeps everything in them.
const FIXTURES: &[&str] = &["inline-2.0", "inline-3.0", "audio-4.3", "wrapper-4.2", "pod-3.0", "vmap-1.0"];

/// How a document is written, as another XML writer might do it.
#[derive(Clone, Copy)]
struct Style {
    prefix: &'static str,
    capitals: bool,
    comments: bool,
    /// Sorts the children by name from Z to A. Children with one name keep their order.
    backwards: bool,
}

const PLAIN: Style = Style { prefix: "", capitals: false, comments: false, backwards: false };

impl Style {
    fn write(self, out: &mut String, element: &Element) {
        let name = self.name(element);
        out.push_str(&format!("<{name}"));
        for attribute in &element.attributes {
            out.push_str(&format!(" {}=\"{}\"", attribute.name, escaped(&attribute.value)));
        }
        out.push('>');
        let mut children: Vec<&Element> = element.elements().filter(|child| !is_extensions(child)).collect();
        if self.backwards {
            children.sort_by_key(|child| Reverse(child.local_name().to_owned()));
        }
        for child in &children {
            self.comment(out);
            self.write(out, child);
        }
        if children.is_empty() {
            self.comment(out);
            self.text(out, element);
        }
        self.comment(out);
        out.push_str(&format!("</{name}>"));
    }

    fn text(self, out: &mut String, element: &Element) {
        let characters: String = element.children.iter().map(text).collect();
        let (head, tail) = characters.split_at(characters.chars().next().map_or(0, char::len_utf8));
        out.push_str(&escaped(head));
        self.comment(out);
        out.push_str(&escaped(tail));
    }

    fn name(self, element: &Element) -> String {
        let local = if self.capitals { element.local_name().to_uppercase() } else { element.local_name().to_owned() };
        match self.prefix {
            "" => local,
            prefix => format!("{prefix}:{local}"),
        }
    }

    fn comment(self, out: &mut String) {
        if self.comments {
            out.push_str("<!-- <x> & -- y -->");
        }
    }
}

fn is_extensions(element: &Element) -> bool {
    matches!(element.local_name(), "Extensions" | "CreativeExtensions")
}

fn text(node: &Node) -> &str {
    match node {
        Node::Text(text) | Node::CData(text) => text,
        _ => "",
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

/// The document as an element tree.
fn tree(name: &str) -> Element {
    let text = String::from_utf8(fixture(name)).expect("UTF-8");
    let text = text.split_once("?>").map_or(&*text, |(_, rest)| rest);
    let around =
        format!("<VAST><Ad><InLine><Extensions><Extension>{text}</Extension></Extensions></InLine></Ad></VAST>");
    let extension = document(&around).vast.ads[0].inline().expect("an InLine").extensions[0].clone();
    extension.element.elements().next().expect("the root").clone()
}

/// The model, and the codes of the warnings.
fn read(style: Style, tree: &Element) -> (AnyDocument, Vec<&'static str>) {
    let mut text = String::new();
    style.write(&mut text, tree);
    let read = parse_any(text.as_bytes(), &ParseOptions::default()).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let codes = read.warnings().iter().map(|warning| warning.code.as_str()).collect();
    let bare = match read {
        AnyDocument::Vast(mut document) => {
            document.warnings.clear();
            AnyDocument::Vast(document)
        }
        AnyDocument::Vmap(mut document) => {
            document.warnings.clear();
            AnyDocument::Vmap(document)
        }
    };
    (bare, codes)
}

fn check(style: Style, also: &str) {
    for name in FIXTURES {
        let tree = tree(name);
        let (plain, codes) = read(PLAIN, &tree);
        let (styled, mut found) = read(style, &tree);
        assert_eq!(styled, plain, "{name}");
        found.retain(|code| *code != also);
        assert_eq!(found.len(), codes.len(), "{name}: {found:?}");
    }
}

#[test]
fn r032_elements_of_whole_documents_may_have_any_order() {
    check(Style { backwards: true, ..PLAIN }, "");
}

#[test]
fn r033_comments_may_stand_between_all_parts_of_a_document() {
    check(Style { comments: true, ..PLAIN }, "");
}

#[test]
fn r031_whole_documents_may_have_a_prefix() {
    check(Style { prefix: "any", ..PLAIN }, "");
}

#[test]
fn r039_whole_documents_may_be_in_capitals() {
    check(Style { capitals: true, ..PLAIN }, "wrong_case");
}
