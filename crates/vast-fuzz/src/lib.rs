//! Properties that must hold for any input: functions for fuzzers, and a driver of seeded mutations that needs no fuzzer.
//!
//! A [`Body`] is a plain function over bytes that panics when something is wrong. The same bodies are called by the
//! tests here, on any toolchain and the same way each time, and by the libFuzzer targets in the folder `fuzz`.
//!
//! ```
//! use vast_fuzz::{Body, Corpus, drive};
//!
//! let corpus = Corpus::of([b"<VAST version='3.0'><Error>https://a.example/e</Error></VAST>".to_vec()]);
//! assert!(drive(Body::Parse, &corpus, 10, 1).is_ok());
//! ```

mod body;
mod corpus;
mod drive;
mod facts;
mod macros;
mod mutate;
mod parse;
mod round_trip;
mod target;
mod vmap;

pub use body::Body;
pub use corpus::Corpus;
pub use drive::{Failure, drive};
pub use macros::macros;
pub use parse::parse;
pub use round_trip::round_trip;
pub use target::target;
pub use vmap::vmap;
