//! The chain that an ad came through, as an extension of the document in which its wrappers are merged.

use vast_xml::model::{Attribute, Element, Extension, Node};

use crate::ad::{Level, ResolvedAd};

/// `@type` of the extension.
const TYPE: &str = "WrapperChain";

/// One `Level` for each document of the chain, outermost first: `hop`, `version`, `adSystem`, `adId` and `url`, as far as
/// known. Of URLs scheme, host and path are given: queries may hold what is the caller's own. Nothing differs from one answer
/// with this chain to the next. None for an ad without wrappers.
pub(crate) fn chain(ad: &ResolvedAd) -> Option<Extension> {
    if ad.wrappers.is_empty() {
        return None;
    }
    let children = ad.levels().map(|level| Node::Element(element(&level))).collect();
    let named = attribute("type", TYPE.to_owned());
    let element = Element { name: "Extension".into(), attributes: vec![named], children };
    Some(Extension { extension_type: Some(TYPE.into()), element })
}

fn element(level: &Level<'_>) -> Element {
    let document = level.document;
    let facts = [
        ("hop", Some(document.hop.to_string())),
        ("version", document.version.as_ref().map(ToString::to_string)),
        ("adSystem", level.ad_system.map(|system| system.name.to_string())),
        ("adId", level.ad_id.map(ToString::to_string)),
        ("url", Some(without_query(&document.url).to_owned())),
    ];
    let known = facts.into_iter().filter_map(|(name, value)| Some(attribute(name, value?)));
    Element { name: "Level".into(), attributes: known.collect(), ..Element::default() }
}

fn attribute(name: &str, value: String) -> Attribute {
    Attribute { name: name.into(), value: value.into() }
}

fn without_query(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or(url)
}
