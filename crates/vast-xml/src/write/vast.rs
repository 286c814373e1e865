//! The root and its ads (VAST 4.3, sections 3.2 and 3.3).

use super::extra::{Rest, attributes};
use super::inline::inline;
use super::leaf::urls;
use super::wrapper::wrapper;
use crate::model::{Ad, AdKind, Vast};
use crate::xml::{Emit, Key, Name};

/// The version written for a document that states none: the schema that the order of the elements follows.
const VERSION: (&str, u16) = ("4.2", 4);
/// The namespace of the schemas since 4.0.
const NAMESPACE: &str = "http://www.iab.com/VAST";

/// Writes a document: UTF-8 with an XML declaration, indented by two spaces, elements in the order of the 4.2 schema,
/// URIs and texts in CDATA.
///
/// Everything that the model holds is written, unknown parts included, and reading the result gives the same model. The
/// exceptions: characters that XML forbids are dropped, times end at milliseconds (the standard's form), several
/// resources of one creative are grouped by kind (the schema's order), and a part with [`Place::Extension`] is left to
/// its extension as long as that is there. Values that the model keeps as they were spelled are written so.
///
/// A document without a version becomes a 4.2 one. From 4.0 on the namespace `http://www.iab.com/VAST` is declared,
/// unless the model has a default namespace in the root's [`extra`](Vast::extra). A `Vast` without ads gives a valid
/// answer that says "no ad" (VAST 4.3, section 3.2.1). The version says nothing about the elements used: what the model
/// holds is written, also where the version does not have it.
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
    let mut out = Emit::new();
    root(&mut out, vast);
    out.finish()
}

/// Writes the document into another one.
pub(crate) fn root(out: &mut Emit, vast: &Vast) {
    let mut rest = Rest::of(&vast.extra);
    out.start(Name::Vast);
    root_attributes(out, vast);
    for one in &vast.ads {
        ad(out, one);
    }
    urls(out, &mut rest, Name::Error, &vast.errors);
    rest.close(out);
    out.end();
}

fn root_attributes(out: &mut Emit, vast: &Vast) {
    let major = match (&vast.version, vast.version_number()) {
        (None, _) => VERSION.1,
        (Some(_), number) => number.map_or(0, |(major, _)| major),
    };
    out.attribute(Key::Version, Some(vast.version.as_deref().unwrap_or(VERSION.0)));
    attributes(out, &vast.extra);
    if major >= 4 {
        // A second `xmlns` is not written.
        out.attribute_named("xmlns", NAMESPACE);
    }
}

fn ad(out: &mut Emit, ad: &Ad) {
    out.start(Name::Ad);
    out.attribute(Key::Id, ad.id.as_ref());
    out.attribute(Key::Sequence, ad.sequence);
    out.attribute(Key::ConditionalAd, ad.conditional_ad);
    out.attribute(Key::AdType, ad.ad_type.as_ref().map(|ad_type| ad_type.as_str()));
    attributes(out, &ad.extra);
    match &ad.kind {
        AdKind::InLine(content) => inline(out, content),
        AdKind::Wrapper(content) => wrapper(out, content),
    }
    Rest::of(&ad.extra).close(out);
    out.end();
}
