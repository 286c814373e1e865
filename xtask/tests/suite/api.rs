//! The listing of a small library against one that is out of date.

use std::path::Path;

use xtask::api;

#[test]
fn every_difference_from_the_listing_is_found() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/trees/api");
    let findings = api::check(&root).expect("the tree can be read");
    let found: Vec<String> = findings.iter().map(ToString::to_string).collect();
    let expected = [
        "- vast_xml::Gone: struct",
        "+ vast_xml::Ad::InLine: variant",
        "+ vast_xml::Ad::Other: variant(u8)",
        "+ vast_xml::Ad::Wrapper: variant { tag: String }",
        "+ vast_xml::Reader: impl fmt::Display [feature = \"json\"]",
        "+ vast_xml::Reader: setters! with_depth depth : usize",
        "+ vast_xml::Reader: setters! with_place place : usize",
        "+ vast_xml::Reader: struct derive(Debug), private fields",
        "+ vast_xml::Reader::depth: usize",
        "+ vast_xml::Reader::new: fn new() -> Self",
        "+ vast_xml::model: mod",
        "+ vast_xml::model::Ad: use vast_xml::Ad",
        "+ vast_xml::model::Duration: use std::time::Duration",
        "+ vast_xml::model::Visit: impl<T: Visit> for Box<T>",
        "+ vast_xml::model::Visit: trait: Send",
        "+ vast_xml::model::Visit::end: fn end(&mut self) { provided }",
        "+ vast_xml::model::Visit::visit: fn visit(&mut self, ad: &Ad)",
        "+ vast_xml::parse: fn read<'a>(text: &'a str, limit: Option<usize>) -> Result<Ad, fmt::Error>",
    ];
    assert_eq!(found, expected.map(|line| format!("docs/api/vast-xml.txt: [api] {line}")));
}
