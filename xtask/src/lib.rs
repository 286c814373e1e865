//! The repository's own checks, run as `cargo xtask`.
//!
//! [`tidy`] holds what neither the compiler nor Clippy can hold: that modules do not depend on each other in a circle, that
//! files stay short and are named for their job, that the architecture document names only what exists. [`conformance`] keeps
//! the table of requirements and the tests that prove them together. Both read sources; neither builds anything.

pub mod api;
pub mod arguments;
pub mod conformance;
pub mod finding;
pub mod modules;
pub mod repository;
pub mod tidy;
