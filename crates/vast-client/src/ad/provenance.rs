//! The chain that an ad came through, as an extension of the document in which its wrappers are merged.

use vast_xml::Text;
use vast_xml::model::{Attribute, Element, Extension, Node};

use super::{Level, ResolvedAd};

/// `@type` of the extension.
const TYPE: &str = "WrapperChain";

/// One `Level` for each document of the chain, outermost first: `hop`, `version`, `adSystem`, `adId` and `url`, as far as
/// known. Of URLs scheme, host and path are given: queries may hold what is the caller's own. Nothing differs from one answer
/// with this chain to the next. None for an ad without wrappers.
pub(crate) fn chain(ad: &ResolvedAd) -> Option<Extension> {
    if ad.wrappers.is_empty() {
        return None;
    }
    // Made once for all levels: texts are cheap to clone.
    let names = ["hop", "version", "adSystem", "adId", "url"].map(Text::from);
    let children = ad.levels().map(|level| Node::Element(element(&level, &names))).collect();
    let named = Attribute { name: "type".into(), value: TYPE.into() };
    let element = Element { name: "Extension".into(), attributes: vec![named], children };
    Some(Extension { extension_type: Some(TYPE.into()), element })
}

fn element(level: &Level<'_>, names: &[Text; 5]) -> Element {
    let document = level.document;
    let facts = [
        Some(Text::from(document.hop.to_string())),
        document.version.clone(),
        level.ad_system.map(|system| system.name.clone()),
        level.ad_id.cloned(),
        Some(Text::from(without_query(&document.url))),
    ];
    let known =
        names.iter().zip(facts).filter_map(|(name, value)| Some(Attribute { name: name.clone(), value: value? }));
    Element { name: "Level".into(), attributes: known.collect(), ..Element::default() }
}

fn without_query(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or(url)
}
