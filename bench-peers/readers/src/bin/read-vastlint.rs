//! The linter vastlint: its tree, its rules and its report; it has no model. A document counts as read if the linter knows
//! its root and version, whatever the rules find.

#![forbid(unsafe_code)]

use std::hint::black_box;

use peer_readers::{Ads, Failure, serve};
use vastlint_core::InputStatus;

fn main() -> Result<(), Failure> {
    serve(read)
}

fn read(text: &str) -> Ads {
    let result = black_box(vastlint_core::validate(text));
    match result.input_status {
        InputStatus::Supported => Ok(None),
        other => Err(other.as_str().to_owned()),
    }
}
