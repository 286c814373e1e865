//! Whole documents, and single parts as element trees.

use super::writer::{Part, Writer};
use crate::edition::Edition;
use crate::model::{Element, Vast};
use crate::xml::{Emit, Name, TreeSink};

/// Writes a document in canonical form: UTF-8 with an XML declaration, indented by two spaces, elements in the order of the
/// 4.2 schema and behind them what later versions added, URIs and texts in CDATA.
///
/// Everything that the model holds is written, unknown parts included, and nothing else but two things that the reader
/// leaves out: the namespace `http://www.iab.com/VAST` of documents from 4.0 on, and a namespace for each prefix that
/// nothing declares. Reading the result gives the same model, except that characters which XML forbids are dropped and
/// names which it forbids are changed. Comments are kept in extensions and in unknown elements. Control characters from
/// U+007F to U+009F are written as references, so in a CDATA section of an extension they become text beside it.
///
/// The version says nothing about the elements: what the model holds is written, also where the version does not have it;
/// [`convert`](crate::convert) makes documents of a version. A `Vast` without ads gives a valid answer that says "no ad"
/// (VAST 4.3, section 3.2.1). To change a document and keep the rest of it as it is, use [`edit`](crate::edit).
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

/// The same in the order and with the names of a version.
pub(crate) fn write_in_order(vast: &Vast, edition: Option<&'static Edition>) -> String {
    let mut out = Emit::new("");
    Writer::new(&mut out, edition).part(Name::Vast, vast);
    out.finish()
}

/// A part as an element tree with this name.
pub(crate) fn tree(name: Name, part: &dyn Part) -> Option<Element> {
    let mut out = TreeSink::default();
    Writer::new(&mut out, None).part(name, part);
    out.finish().pop()
}
