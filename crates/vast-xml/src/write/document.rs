//! Whole documents.

use super::form::Form;
use super::part::Writer;
use super::vast::Root;
use crate::model::Vast;
use crate::xml::Name;

/// Writes a document in canonical form: UTF-8 with an XML declaration, indented by two spaces, elements in the order of the
/// 4.2 schema, URIs and texts in CDATA.
///
/// Everything that the model holds is written, unknown parts included, and reading the result gives the same model but
/// for its [layouts](crate::model::Layout). The exceptions: characters that XML forbids are dropped, times end at
/// milliseconds (the standard's form), several resources of one creative are grouped by kind (the schema's order), empty
/// elements of which nothing came are left out, and a part with [`Place::Extension`] is left to its extension as long as
/// that is there. Values that the model keeps as they were spelled are written so.
///
/// A document without a version becomes a 4.2 one. From 4.0 on the namespace `http://www.iab.com/VAST` is declared,
/// unless the model has a default namespace in the root's [`extra`](Vast::extra). A `Vast` without ads gives a valid
/// answer that says "no ad" (VAST 4.3, section 3.2.1). The version says nothing about the elements used: what the model
/// holds is written, also where the version does not have it. To write a document as it was read, see
/// [`write_as_read`].
///
/// [`Place::Extension`]: crate::model::Place::Extension
///
/// ```
/// use vast_xml::model::Vast;
///
/// let document = vast_xml::write(&Vast { errors: vec!["https://ads.example/none".into()], ..Vast::default() });
/// assert_eq!(document, r#"<?xml version="1.0" encoding="UTF-8"?>
/// <VAST version="4.2" xmlns="http://www.iab.com/VAST">
///   <Error><![CDATA[https://ads.example/none]]></Error>
/// </VAST>
/// "#);
/// ```
pub fn write(vast: &Vast) -> String {
    write_in(Form::Canonical, vast)
}

/// Writes a document as it was read: its version, names, spellings, values and order, with nothing added, dropped or moved.
/// What was changed in the model since is changed, and nothing else. Reading the result gives the same model.
///
/// What the model has and the document had not is written as [`write()`] does, behind the last of its kind or where the
/// schema has it; where one of several is taken away, those behind it move up. A part that was taken from one document into another keeps its ways.
///
/// Outside extensions, blanks between elements, the choice between CDATA and references, quotes around attributes and
/// processing instructions are not kept: the result is UTF-8 with an XML declaration, indented by two spaces, with URIs and
/// texts in CDATA. Comments are kept except outside the root; one within a text comes to stand behind it. Of a document
/// that is not well formed there is what could be read; what is written is well formed.
///
/// ```
/// let document = br#"<VAST version="3.0"><Ad id="a"><Inline><Impression/><AdTitle>Old</AdTitle><AdSystem>s</AdSystem>
///     <vendor:Note/></Inline></Ad></VAST>"#;
/// let mut vast = vast_xml::parse(document, &Default::default())?.vast;
/// if let vast_xml::model::AdKind::InLine(inline) = &mut vast.ads[0].kind {
///     inline.ad_title = Some("New".into());
/// }
/// assert_eq!(vast_xml::write_as_read(&vast), r#"<?xml version="1.0" encoding="UTF-8"?>
/// <VAST version="3.0">
///   <Ad id="a">
///     <Inline>
///       <Impression/>
///       <AdTitle><![CDATA[New]]></AdTitle>
///       <AdSystem><![CDATA[s]]></AdSystem>
///       <vendor:Note/>
///     </Inline>
///   </Ad>
/// </VAST>
/// "#);
/// # Ok::<(), vast_xml::ParseError>(())
/// ```
pub fn write_as_read(vast: &Vast) -> String {
    write_in(Form::AsRead, vast)
}

fn write_in(form: Form, vast: &Vast) -> String {
    let mut writer = Writer::new(form);
    writer.part(Name::Vast, &Root { vast, form });
    writer.out.finish()
}
