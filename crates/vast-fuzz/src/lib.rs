//! Properties that must hold for any input. Fuzzers can call them, and a driver tests them with seeded mutations, without a
//! fuzzer.
//!
//! A [`Body`] is a function of bytes that panics if its property does not hold. The tests of this crate call it on any
//! toolchain, with the same inputs each time. The libFuzzer targets in the folder `fuzz` call it, too.
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
