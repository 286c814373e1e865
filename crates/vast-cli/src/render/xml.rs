//! Results as VAST documents.

use vast_client::FetchResult;
use vast_xml::Document;
use vast_xml::model::Vast;

/// One resolved document: the wrappers merged into the ads. Without an ad an empty VAST, which is how an ad server says
/// so.
pub(super) fn request(result: &FetchResult) -> Vec<u8> {
    print(&vast_client::flatten(result))
}

/// The document as read.
pub(super) fn document(document: &Document) -> Vec<u8> {
    print(&document.vast)
}

/// With a line feed at the end.
fn print(vast: &Vast) -> Vec<u8> {
    let mut xml = vast_xml::write(vast).into_bytes();
    if xml.last() != Some(&b'\n') {
        xml.push(b'\n');
    }
    xml
}
