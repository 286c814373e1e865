//! Results as VAST and VMAP documents.

use vast_client::FetchResult;
use vast_xml::Document;
use vast_xml::vmap::VmapDocument;

/// One resolved document: the wrappers merged into the ads. Without an ad an empty VAST, which is how an ad server says
/// so.
pub(super) fn request(result: &FetchResult) -> Vec<u8> {
    print(vast_xml::write(&vast_client::flatten(result)))
}

/// The document as read.
pub(super) fn document(document: &Document) -> Vec<u8> {
    print(vast_xml::write_as_read(&document.vast))
}

/// The playlist as read.
pub(super) fn playlist(document: &VmapDocument) -> Vec<u8> {
    print(vast_xml::vmap::write_as_read(&document.vmap))
}

/// With a line feed at the end.
fn print(xml: String) -> Vec<u8> {
    let mut xml = xml.into_bytes();
    if xml.last() != Some(&b'\n') {
        xml.push(b'\n');
    }
    xml
}
