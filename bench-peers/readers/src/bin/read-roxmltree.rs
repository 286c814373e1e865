//! The generic document tree of roxmltree: no VAST, any XML.

#![forbid(unsafe_code)]

use peer_readers::{Ads, Failure, serve, words};

fn main() -> Result<(), Failure> {
    serve(read)
}

fn read(text: &str) -> Ads {
    let tree = roxmltree::Document::parse(text).map_err(words)?;
    Ok(Some(tree.root_element().children().filter(|child| child.has_tag_name("Ad")).count()))
}
