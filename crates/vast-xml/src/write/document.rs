//! Writes whole documents, and single parts as element trees.

use super::writer::{Part, Writer};
use crate::edition::Edition;
use crate::model::{Element, Vast};
use crate::xml::{Emit, Name, TreeSink};

/// Writes a document in canonical form: UTF-8 with an XML declaration, indented by two spaces, URIs and texts in CDATA. The
/// elements are in the order of the 4.2 schema; elements that later versions added come after them.
///
/// Everything in the model is written, including unknown parts. Only two things are added, which the reader does not store:
/// the namespace `http://www.iab.com/VAST` for documents from 4.0 on, and a namespace for each prefix that is not declared.
/// Reading the result gives the same model, except that characters which XML forbids are dropped and names which it forbids
/// are changed. Comments are kept in extensions and in unknown elements. Control characters from U+007F to U+009F are written
/// as references. A CDATA section cannot contain references, so the section is split and they become text between its parts.
///
/// The version does not restrict the elements: an element of the model is written even if the version does not have it. Use
/// [`convert`](crate::convert) to get a document that conforms to a version. A `Vast` without ads gives a valid "no ad"
/// response (VAST 4.3, section 3.2.1). To change a document and leave the rest of it unchanged, use [`edit`](crate::edit).
///
/// ```
/// use vast_xml::model::Vast;
///
/// let mut vast = Vast::new("4.2");
/// vast.errors.push("https://ads.example/none".into());
/// assert_eq!(vast_xml::write(&vast), r#"<?xml version="1.0" encoding="UTF-8"?>
/// <VAST version="4.2" xmlns="http://www.iab.com/VAST">
///   <Error><![CDATA[https://ads.example/none]]></Error>
/// </VAST>
/// "#);
/// ```
pub fn write(vast: &Vast) -> String {
    write_in_order(vast, None)
}

/// Like [`write()`], but the document is appended to `out`. A program that writes many documents saves time with one text for all of
/// them: the memory of a large document is then requested from the system only once.
///
/// ```
/// use vast_xml::model::Vast;
///
/// let mut out = String::new();
/// for version in ["3.0", "4.2"] {
///     out.clear();
///     vast_xml::write_into(&Vast::new(version), &mut out);
///     assert_eq!(out, vast_xml::write(&Vast::new(version)));
/// }
/// ```
pub fn write_into(vast: &Vast, out: &mut String) {
    let mut emit = Emit::after(std::mem::take(out), "");
    Writer::new(&mut emit, None).part(Name::Vast, vast);
    *out = emit.finish();
}

/// Like [`write()`], but with the element order and the names of a version if `edition` is given.
pub(crate) fn write_in_order(vast: &Vast, edition: Option<&'static Edition>) -> String {
    let mut out = Emit::new("");
    Writer::new(&mut out, edition).part(Name::Vast, vast);
    out.finish()
}

/// Writes a part as an element tree whose root has this name.
pub(crate) fn tree(name: Name, part: &dyn Part) -> Option<Element> {
    let mut out = TreeSink::default();
    Writer::new(&mut out, None).part(name, part);
    out.finish().pop()
}
