//! Properties that must hold for every document and every pair of versions.

use crate::read::fixtures;
use crate::samples;
use proptest::prelude::*;
use std::collections::BTreeMap;
use vast_xml::convert::{Change, ChangeKind, to_version, write_version};
use vast_xml::model::{Element, Node, Vast};
use vast_xml::{ParseOptions, Version, parse, write};

/// Every fixture and sample that is a VAST document.
fn documents() -> Vec<(String, Vast)> {
    let read = |(name, bytes): (String, Vec<u8>)| Some((name, parse(&bytes, &ParseOptions::default()).ok()?.vast));
    let documents: Vec<_> = fixtures().into_iter().chain(samples::contents()).filter_map(read).collect();
    assert!(documents.len() > 15, "only {} documents", documents.len());
    documents
}

fn reread(vast: &Vast) -> Vast {
    let written = write(vast);
    parse(written.as_bytes(), &ParseOptions::default()).unwrap_or_else(|error| panic!("{error}\n{written}")).vast
}

/// Every value of a document with its path of names, and how often it occurs.
type Values = BTreeMap<(String, String), usize>;

fn values(vast: &Vast) -> Values {
    let written = write(vast);
    let body = written.split_once("?>").expect("a declaration").1;
    let around = format!("<VAST><Ad><InLine><Extensions>{body}</Extensions></InLine></Ad></VAST>");
    let tree = parse(around.as_bytes(), &ParseOptions::default()).expect("what was written").vast;
    let inline = tree.ads[0].inline().expect("an InLine");
    let mut values = Values::new();
    collect(&inline.extensions[0].element, "", &mut values);
    values.into_iter().map(|((path, value), count)| ((in_any_extension(path), value), count)).collect()
}

/// Conversions may move extensions from a creative to its ad.
fn in_any_extension(path: String) -> String {
    match path.rsplit_once("Extension") {
        Some((_, within)) if !within.starts_with('s') => format!("Extension{within}"),
        _ => path,
    }
}

fn collect(element: &Element, above: &str, values: &mut Values) {
    let path = format!("{above}/{}", element.name);
    for attribute in element.attributes.iter().filter(|attribute| !attribute.name.starts_with("xmlns")) {
        // The links of the addendum: only parts in extensions of the ad need them.
        if attribute.name == *"creativeId" || attribute.name == *"mediaFileId" {
            continue;
        }
        let name = attribute.name.replace("apiFramwork", "apiFramework");
        let value = attribute.value.to_ascii_lowercase();
        *values.entry((format!("{path}@{name}"), value)).or_default() += 1;
    }
    let text: String = element
        .children
        .iter()
        .filter_map(|node| match node {
            Node::Text(text) | Node::CData(text) => Some(text.as_str()),
            _ => None,
        })
        .collect();
    if !text.trim().is_empty() {
        *values.entry((path.clone(), text.trim().to_owned())).or_default() += 1;
    }
    element.elements().for_each(|child| collect(child, &path, values));
}

/// The path without numbers such as `[1]`.
fn plain(path: &str) -> String {
    let mut plain = String::from("/");
    let mut is_number = false;
    for character in path.chars() {
        match character {
            '[' => is_number = true,
            ']' => is_number = false,
            _ if !is_number => plain.push(character),
            _ => {}
        }
    }
    plain
}

/// Whether a change says that the value at the path was removed or changed.
fn explains(change: &Change, path: &str, value: &str) -> bool {
    let told = plain(&change.path);
    // A value that was moved to an extension has another path.
    let mut ways = told.match_indices('/').map(|(at, _)| &told[at + 1..]);
    let carried = path.strip_prefix("Extension/").is_some_and(|part| ways.any(|way| is_at(way, part)));
    match &change.kind {
        ChangeKind::Restored { extension } => path == "Extension@type" && value == extension.to_ascii_lowercase(),
        ChangeKind::Dropped | ChangeKind::Decoded | ChangeKind::Renamed { .. } => carried || is_at(&told, path),
        _ => false,
    }
}

/// How often a value occurs at the path, or at the other paths of a part that may be moved.
fn count(values: &Values, path: &str, value: &str) -> usize {
    let part = path.strip_prefix("Extension");
    let is_there = |other: &str| other == path || part.is_some_and(|part| other.ends_with(part));
    values.iter().filter(|((other, same), _)| same == value && is_there(other)).map(|(_, count)| count).sum()
}

/// Whether the path of the change is the path of the value or above it.
fn is_at(told: &str, path: &str) -> bool {
    path == told || path.strip_prefix(told).is_some_and(|rest| rest.starts_with(['/', '@']))
}

fn assert_only_reported_losses(name: &str, vast: &Vast, from: Version, through: Version) {
    let start = to_version(vast, from).vast;
    let there = to_version(&start, through);
    let back = to_version(&reread(&there.vast), from);
    let (before, after) = (values(&start), values(&back.vast));
    for ((path, value), count) in &before {
        let left = self::count(&after, path, value);
        let is_told = there.changes.iter().chain(&back.changes).any(|change| explains(change, path, value));
        // Two extensions of the same type may be merged into one.
        let count = if path.ends_with("Extension@type") { 1 } else { *count };
        assert!(left >= count || is_told, "{name}, {from} to {through} and back: {path} lost {value:?}\n{there:#?}");
    }
}

#[test]
fn converting_to_the_same_version_again_changes_nothing() {
    for (name, vast) in documents() {
        for version in Version::ALL {
            let once = to_version(&vast, version).vast;
            let twice = to_version(&once, version);
            assert_eq!(twice.changes, [], "{name} to {version}");
            assert_eq!(twice.vast, once, "{name} to {version}");
        }
    }
}

#[test]
fn a_document_written_for_a_version_is_read_as_that_version() {
    for (name, vast) in documents() {
        for version in Version::ALL {
            let converted = to_version(&vast, version).vast;
            let written = write_version(&converted, version);
            let read = parse(written.as_bytes(), &ParseOptions::default())
                .unwrap_or_else(|error| panic!("{error}\n{written}"));
            assert_eq!(values(&read.vast), values(&converted), "{name} to {version}: only the order may differ");
            let again = to_version(&read.vast, version);
            assert_eq!(again.changes, [], "{name} to {version}\n{}", write(&converted));
        }
    }
}

#[test]
fn down_and_up_loses_only_what_is_reported() {
    for (name, vast) in documents() {
        for from in Version::ALL {
            for through in Version::ALL {
                assert_only_reported_losses(&name, &vast, from, through);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn documents_with_holes_convert_too(which in 0usize..1000, holes in prop::collection::vec(0usize..2000, 1..6), versions in (0usize..6, 0usize..6)) {
        let documents = fixtures();
        let (name, bytes) = &documents[which % documents.len()];
        let Ok(text) = std::str::from_utf8(bytes) else { return Ok(()) };
        let holed = with_holes(text, &holes);
        let Ok(document) = parse(holed.as_bytes(), &ParseOptions::default()) else { return Ok(()) };
        let (from, through) = (Version::ALL[versions.0], Version::ALL[versions.1]);
        let once = to_version(&document.vast, from).vast;
        prop_assert_eq!(to_version(&once, from).changes, []);
        assert_only_reported_losses(name, &document.vast, from, through);
    }
}

/// The document without the attributes that follow some of its spaces.
fn with_holes(text: &str, holes: &[usize]) -> String {
    let mut text = text.to_owned();
    for hole in holes {
        let starts: Vec<usize> =
            text.match_indices(" ").map(|(at, _)| at).filter(|at| is_attribute(&text[*at..])).collect();
        if starts.is_empty() {
            return text;
        }
        let start = starts[hole % starts.len()];
        let end = text[start..].match_indices('"').nth(1).map_or(text.len(), |(at, _)| start + at + 1);
        text.replace_range(start..end, "");
    }
    text
}

fn is_attribute(behind: &str) -> bool {
    let name: String = behind[1..].chars().take_while(|character| character.is_ascii_alphabetic()).collect();
    !name.is_empty() && behind[1 + name.len()..].starts_with("=\"")
}
