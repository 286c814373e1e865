//! The structs of vast-protocol, which are those of one VAST 4 ad that is not a wrapper.

#![forbid(unsafe_code)]

use std::hint::black_box;

use peer_readers::{Ads, Failure, serve, words};

fn main() -> Result<(), Failure> {
    serve(read)
}

fn read(text: &str) -> Ads {
    let vast: vast_protocol::v4::VAST = vast_protocol::from_str(text).map_err(words)?;
    // It reads a wrapper as an empty struct.
    black_box(vast).ad.in_line.map(|_| Some(1)).ok_or_else(|| "it keeps nothing of a wrapper".to_owned())
}
