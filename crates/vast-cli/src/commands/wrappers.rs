//! The documents that wrappers and breaks lead to, for `vast check --follow`.

use vast_client::transport::{AddressRule, Target};
use vast_xml::AnyDocument;
use vast_xml::model::{AdKind, Vast};
use vast_xml::vmap::AdData;

use crate::args::{SourceArgument, SourceLocation};

/// The addresses that URLs in wrappers may use: public addresses, and the server that the user named. The user did not
/// write the URLs in wrappers, so private addresses are not permitted.
pub(super) fn rule(input: &SourceArgument) -> AddressRule {
    match &input.location {
        SourceLocation::Given(text) => {
            Target::parse(text, None).map_or_else(|_| AddressRule::default(), |target| AddressRule::of(&target))
        }
        SourceLocation::Stdin => AddressRule::default(),
    }
}

/// The tags of all wrappers of a document, and those of the breaks of a playlist that answer with VAST.
pub(super) fn tags(document: &AnyDocument) -> Vec<String> {
    let of_vast = |vast: &Vast| {
        let wrappers = vast.ads.iter().filter_map(|ad| match &ad.kind {
            AdKind::Wrapper(wrapper) => Some(wrapper.vast_ad_tag_uri.to_string()).filter(|tag| !tag.is_empty()),
            _ => None,
        });
        wrappers.collect::<Vec<_>>()
    };
    match document {
        AnyDocument::Vast(document) => of_vast(&document.vast),
        AnyDocument::Vmap(document) => {
            let data = document.vmap.breaks.iter().filter_map(|one| one.ad_data());
            data.flat_map(|data| match data {
                AdData::Vast(vast) => of_vast(vast),
                AdData::Tag(tag) if tag.is_vast() => vec![tag.uri.to_string()],
                _ => Vec::new(),
            })
            .collect()
        }
    }
}

/// The tags as absolute URLs. A tag that cannot be made absolute is not changed, and is reported when it is fetched.
pub(super) fn absolute(tags: Vec<String>, document: &str) -> impl Iterator<Item = String> {
    let base = Target::parse(document, None).ok();
    tags.into_iter().map(move |tag| match Target::parse(&tag, base.as_ref()) {
        Ok(target) => target.as_str().to_owned(),
        Err(_) => tag,
    })
}
