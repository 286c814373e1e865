//! Short functions that read small documents.

use std::path::PathBuf;
use vast_xml::model::{Ad, InLine, Linear, Wrapper};
use vast_xml::{Document, ParseErrorKind, ParseOptions, parse};

/// Reads a document that must be readable.
pub(crate) fn document(xml: &str) -> Document {
    parse(xml.as_bytes(), &ParseOptions::default()).unwrap_or_else(|error| panic!("{error}\n{xml}"))
}

/// Reads a document that must not be readable.
pub(crate) fn failure(xml: impl AsRef<[u8]>) -> ParseErrorKind {
    parse(xml.as_ref(), &ParseOptions::default()).expect_err("the document should be refused").kind
}

/// The warnings' codes.
pub(crate) fn codes(document: &Document) -> Vec<&'static str> {
    document.warnings.iter().map(|warning| warning.code.as_str()).collect()
}

/// An `InLine` with its required elements and with `body`.
pub(crate) fn inline_xml(body: &str) -> String {
    let head = "<AdSystem>s</AdSystem><AdTitle>t</AdTitle><Impression>https://x.example/i</Impression>";
    format!("<VAST version=\"4.2\"><Ad><InLine>{head}<Creatives><Creative/></Creatives>{body}</InLine></Ad></VAST>")
}

/// A document with one `Linear` that contains `body`.
pub(crate) fn linear_xml(body: &str) -> String {
    let head = "<AdSystem>s</AdSystem><AdTitle>t</AdTitle><Impression>https://x.example/i</Impression>";
    format!(
        "<VAST version=\"4.2\"><Ad><InLine>{head}<Creatives><Creative><Linear>{body}</Linear></Creative></Creatives></InLine></Ad></VAST>"
    )
}

/// The only ad of a document.
pub(crate) fn only_ad(document: &Document) -> &Ad {
    let [ad] = &document.vast.ads[..] else { panic!("{} ads", document.vast.ads.len()) };
    ad
}

/// The `InLine` of the only ad.
pub(crate) fn only_inline(document: &Document) -> &InLine {
    only_ad(document).inline().expect("an InLine")
}

/// The `Wrapper` of the only ad.
pub(crate) fn only_wrapper(document: &Document) -> &Wrapper {
    only_ad(document).wrapper().expect("a Wrapper")
}

/// The `Linear` of the first creative of the only ad.
pub(crate) fn only_linear(document: &Document) -> &Linear {
    only_inline(document).creatives[0].linear.as_ref().expect("a Linear")
}

/// The `InLine` of [`inline_xml`].
pub(crate) fn inline(body: &str) -> InLine {
    only_inline(&document(&inline_xml(body))).clone()
}

/// The `Linear` of [`linear_xml`].
pub(crate) fn linear(body: &str) -> Linear {
    only_linear(&document(&linear_xml(body))).clone()
}

/// Every fixture, by name.
pub(crate) fn fixtures() -> Vec<(String, Vec<u8>)> {
    let directory = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/xml"));
    let mut paths: Vec<PathBuf> = std::fs::read_dir(directory)
        .expect("the fixtures' directory")
        .map(|entry| entry.expect("a readable directory").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "xml"))
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "no fixtures");
    paths.iter().map(|path| (name(path), content(path))).collect()
}

fn name(path: &std::path::Path) -> String {
    path.file_stem().expect("a file name").to_string_lossy().into_owned()
}

#[allow(clippy::disallowed_methods, reason = "a test reading its own fixtures")]
pub(crate) fn content(path: &std::path::Path) -> Vec<u8> {
    std::fs::read(path).expect("a readable fixture")
}

/// One fixture.
pub(crate) fn fixture(name: &str) -> Vec<u8> {
    content(&PathBuf::from(format!("{}/../../fixtures/xml/{name}.xml", env!("CARGO_MANIFEST_DIR"))))
}

/// One fixture, read.
pub(crate) fn fixture_document(name: &str) -> Document {
    parse(&fixture(name), &ParseOptions::default()).unwrap_or_else(|error| panic!("{name}: {error}"))
}
