//! Checks of documents, tested from outside. One binary, because linking dominates the build of the tests.

mod hostile;
mod rules;
#[cfg(feature = "json")]
mod schema;
#[cfg(feature = "vastlint")]
mod vastlint;
