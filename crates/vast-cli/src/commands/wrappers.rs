//! The documents that wrappers lead to, for `vast check --follow`.

use std::net::{IpAddr, ToSocketAddrs};

use vast_client::transport::{AddressRule, AddressScope, Origin, Target};
use vast_xml::AnyDocument;
use vast_xml::model::{AdKind, Vast};
use vast_xml::vmap::AdData;

use crate::args::{SourceArgument, SourceLocation};

/// The origin of an input that is a URL. The user named it, so that it may have a private address.
pub(super) fn origin(input: &SourceArgument) -> Option<Origin> {
    match &input.location {
        SourceLocation::Given(text) => Target::parse(text, None).ok().map(|target| target.origin().clone()),
        SourceLocation::Stdin => None,
    }
}

/// The tags of all wrappers of a document.
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
            data.flat_map(|data| if let AdData::Vast(vast) = data { of_vast(vast) } else { Vec::new() }).collect()
        }
    }
}

/// The tags as absolute URLs. A tag that cannot be one stays as it is, and is reported when it is fetched.
pub(super) fn absolute(tags: Vec<String>, document: &str) -> impl Iterator<Item = String> {
    let base = Target::parse(document, None).ok();
    tags.into_iter().map(move |tag| match Target::parse(&tag, base.as_ref()) {
        Ok(target) => target.as_str().to_owned(),
        Err(_) => tag,
    })
}

/// Whether the URL of a wrapper may be requested. A stranger wrote it, so only public addresses are permitted, and those of
/// the server that the user named.
///
/// # Errors
/// Why not.
pub(super) fn permitted(tag: &str, named: Option<&Origin>) -> Result<(), String> {
    let target = Target::parse(tag, None).map_err(|error| error.to_string())?;
    let origin = target.origin();
    let rule = AddressRule { named: named.cloned(), allow_private: false };
    let scope = rule.scope(origin).map_err(|failure| failure.message.to_string())?;
    if scope == AddressScope::Any {
        return Ok(());
    }
    // A name that has no address is reported when it is fetched.
    let host = origin.host.to_string();
    let addresses = (host.as_str(), origin.port).to_socket_addrs().into_iter().flatten();
    let refused: Option<IpAddr> = addresses.map(|address| address.ip()).find(|address| !scope.permits(*address));
    match refused {
        Some(address) => Err(format!("{host} has the address {address}, which is not public")),
        None => Ok(()),
    }
}
