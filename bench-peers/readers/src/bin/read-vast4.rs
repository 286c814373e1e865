//! The structs of vast4, which are those of VAST 4.2.

#![forbid(unsafe_code)]

use std::hint::black_box;

use peer_readers::{Ads, Failure, serve, words};

fn main() -> Result<(), Failure> {
    serve(read)
}

fn read(text: &str) -> Ads {
    let vast: vast4::Vast<'_> = vast4::from_str(text).map_err(words)?;
    Ok(Some(black_box(vast).ads.len()))
}
