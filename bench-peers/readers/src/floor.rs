//! The reading floor of `vast-bench`: quick-xml's events with every attribute visited and every text decoded, and nothing stored.

#![forbid(unsafe_code)]

// The same source as in `vast-bench`, which counts its instructions.
#[allow(dead_code, reason = "`vast-bench` uses all of it")]
#[path = "../../../crates/vast-bench/src/floor.rs"]
mod floor;

mod effort {
    pub(crate) type Failure = peer_readers::Failure;
}

use peer_readers::{Ads, Failure, serve, words};

fn main() -> Result<(), Failure> {
    serve(read)
}

fn read(text: &str) -> Ads {
    floor::visit(text).map_err(words)?;
    Ok(None)
}
