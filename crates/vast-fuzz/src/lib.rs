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
mod config;
mod corpus;
mod drive;
mod edit;
mod facts;
mod macros;
mod merge;
mod mutate;
mod outbox;
mod parse;
mod pipeline;
mod query;
mod recording;
mod request;
mod round_trip;
mod session;
mod target;
mod token;
mod tokens;
mod two_paths;
mod verdict;
mod vmap;

pub use body::Body;
pub use config::config;
pub use corpus::Corpus;
pub use drive::{Failure, drive};
pub use edit::edit;
pub use macros::macros;
pub use merge::merge;
pub use outbox::outbox;
pub use parse::parse;
pub use pipeline::pipeline;
pub use query::query;
pub use recording::recording;
pub use round_trip::round_trip;
pub use session::session;
pub use target::target;
pub use token::token;
pub use two_paths::two_paths;
pub use verdict::verdict;
pub use vmap::vmap;
