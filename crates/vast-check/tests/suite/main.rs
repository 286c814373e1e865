//! Checks of documents through the public API. All tests are in one binary, because linking dominates the time to build
//! them.

mod fixtures;
mod hostile;
mod rules;
#[cfg(feature = "json")]
mod schema;
#[cfg(feature = "vastlint")]
mod vastlint;
