//! Results as VAST and VMAP documents.

use vast_client::FetchResult;
use vast_xml::Document;
use vast_xml::model::Vast;
use vast_xml::vmap::VmapDocument;

/// One resolved document: the wrappers merged into the ads. Without an ad an empty VAST, which is how an ad server says
/// so.
pub(super) fn request(result: &FetchResult) -> Vec<u8> {
    print(&vast_client::flatten(result))
}

/// The document as read.
pub(super) fn document(document: &Document) -> Vec<u8> {
    print(&document.vast)
}

/// The playlist as read.
pub(super) fn playlist(document: &VmapDocument) -> Vec<u8> {
    vast_xml::vmap::write(&document.vmap).into_bytes()
}

fn print(vast: &Vast) -> Vec<u8> {
    vast_xml::write(vast).into_bytes()
}
