//! Compares every fixture with its snapshot: the model without absent values and then the warnings, or the error.

use crate::read::fixtures;
use vast_xml::vmap::VmapDocument;
use vast_xml::{AnyDocument, Document, ParseOptions, Warning, parse_any};

#[test]
fn every_fixture_reads_as_its_snapshot_says() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let _scope = settings.bind_to_scope();
    for (name, bytes) in fixtures() {
        let read = match parse_any(&bytes, &ParseOptions::default()) {
            Ok(AnyDocument::Vast(Document { vast, warnings, .. })) => shown(&vast, &warnings),
            Ok(AnyDocument::Vmap(VmapDocument { vmap, warnings, .. })) => shown(&vmap, &warnings),
            Err(error) => format!("{error}\n"),
        };
        insta::assert_snapshot!(name, read);
    }
}

/// The index must name every fixture of the directory, so that each has a description.
#[test]
fn the_index_names_every_fixture() {
    let index = include_str!("../../../../fixtures/xml/README.md");
    for (name, _) in fixtures() {
        assert!(index.contains(&format!("`{name}.xml`")), "{name} is missing in the index");
    }
}

fn shown(model: &impl std::fmt::Debug, warnings: &[Warning]) -> String {
    let model = compact(&format!("{model:#?}"));
    let warnings: String = warnings.iter().map(|warning| format!("{warning}\n")).collect();
    format!("{model}\n---\n{warnings}")
}

/// Removes fields without a value and joins `Some("x")` and similar lines.
fn compact(debug: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in debug.lines() {
        if [": None,", ": [],", ": Extra,", ": Native,", ": \"\","].iter().any(|absent| line.ends_with(absent)) {
            continue;
        }
        lines.push(line.to_owned());
        if line.trim_start() == ")," || line.trim_start() == ")" {
            join_single(&mut lines);
        }
    }
    lines.join("\n")
}

/// Joins `Some(`, one line and `),` to one line.
fn join_single(lines: &mut Vec<String>) {
    let [.., open, inner, close] = &lines[..] else { return };
    if open.ends_with('(') && !inner.ends_with(['{', '[', '(']) {
        let joined = format!("{open}{}{}", inner.trim().trim_end_matches(','), close.trim());
        lines.truncate(lines.len() - 3);
        lines.push(joined);
    }
}
