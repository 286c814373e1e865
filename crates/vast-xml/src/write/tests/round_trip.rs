//! What was read, written, and read again is the same.

use crate::model::{Attribute, Vast};
use crate::{ParseOptions, parse, write};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Fixtures in which things move: the schema's order is not the document's. Then the same facts must be there.
const MOVED: &[(&str, &str)] = &[
    ("non-linear-4.4.xml", "the resources are grouped by kind"),
    ("inline-4.2.xml", "the resources of the verification are grouped by kind"),
    ("unknown parts of groups, and a namespace declared there", "two groups of one kind become one"),
    (
        "unknown-parts.xml",
        "unknown parts of known elements come before unknown elements, under the elements' own names",
    ),
];

/// Fixtures with prefixes that nothing declares: the writer declares them, and from then on nothing changes.
const UNDECLARED: &[&str] = &["schema-location.xml"];

pub(super) fn read(input: &[u8]) -> Option<Vast> {
    parse(input, &ParseOptions::default()).ok().map(|document| document.vast)
}

/// Writing gives a document its version and its namespace where it has none.
fn stated(mut vast: Vast) -> Vast {
    vast.version.get_or_insert_with(|| "4.2".into());
    let is_four = vast.version_number().is_some_and(|(major, _)| major >= 4);
    if is_four && !vast.extra.attributes.iter().any(|attribute| attribute.name == "xmlns") {
        let value = "http://www.iab.com/VAST".into();
        vast.extra.attributes.push(Attribute { name: "xmlns".into(), value });
    }
    vast
}

/// A model as text without its layouts and empty unknown elements: those the canonical form does not have.
pub(super) fn without_layouts(vast: &Vast) -> String {
    let text = format!("{vast:#?}");
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("layout: Layout("));
    let lines: Vec<&str> = lines.map(str::trim).collect();
    let mut text = lines.join("\n");
    while let Some(end) = text.find(",\nattributes: [],\nchildren: [],\n},") {
        let start = text[..end].rfind("Element {").unwrap_or_default();
        text.replace_range(start..end + ",\nattributes: [],\nchildren: [],\n},\n".len(), "");
    }
    text.replace("Element(\n),\n", "")
        .replace("elements: [\n],", "elements: [],")
        .replace("ExtraParts {\nattributes: [],\nelements: [],\n}", "Extra")
}

/// All facts of a model without their order.
fn facts(vast: &Vast) -> Vec<String> {
    let text = without_layouts(vast).replace("\"v:", "\"");
    let mut lines: Vec<String> = text.lines().map(|line| line.trim().to_owned()).collect();
    lines.sort();
    lines.dedup();
    lines
}

/// Writes and reads again; gives nothing for what is no VAST document.
fn check(name: &str, input: &[u8]) -> Option<()> {
    let mut first = stated(read(input)?);
    if UNDECLARED.contains(&name) {
        first = read(write(&first).as_bytes())?;
    }
    let document = write(&first);
    let second = read(document.as_bytes()).unwrap_or_else(|| panic!("{name} is not read again:\n{document}"));
    if MOVED.iter().any(|(moved, _)| *moved == name) {
        assert_eq!(facts(&second), facts(&first), "{name} became\n{document}");
        assert_ne!(without_layouts(&second), without_layouts(&first), "{name} is not moved any more");
    } else {
        assert_eq!(without_layouts(&second), without_layouts(&first), "{name} became\n{document}");
    }
    let again = write(&second);
    assert_eq!(again, document, "{name} changes when it is written once more");
    assert_eq!(read(again.as_bytes()), Some(second));
    Some(())
}

pub(super) fn bytes(path: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|mut file| file.read_to_end(&mut bytes))
        .unwrap_or_else(|error| panic!("{path:?}: {error}"));
    bytes
}

/// The XML files under a folder.
pub(super) fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    let mut found = Vec::new();
    for path in entries.map(|entry| entry.expect("an entry").path()) {
        match path.extension().is_some_and(|extension| extension == "xml") {
            true => found.push(path),
            false if path.is_dir() => found.extend(files(&path)),
            false => {}
        }
    }
    found
}

/// Checks every document of a folder; gives how many there were.
fn check_folder(folder: &Path) -> usize {
    let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    files(folder).iter().filter_map(|path| check(&name(path), &bytes(path))).count()
}

#[test]
fn r195_every_fixture_comes_back() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/xml");
    let checked = check_folder(&folder);
    assert!(checked >= 20, "{checked} documents");
}

/// Runs over a folder of other documents when `VAST_SAMPLES` names one.
#[test]
fn r195_every_sample_comes_back() {
    let Some(folder) = std::env::var_os("VAST_SAMPLES") else { return };
    assert!(check_folder(Path::new(&folder)) > 0, "no documents in {folder:?}");
}

#[test]
fn r195_what_was_found_to_be_delicate_comes_back() {
    for (name, document) in super::documents::DELICATE {
        check(name, document.as_bytes()).unwrap_or_else(|| panic!("{name} is not VAST"));
    }
}
