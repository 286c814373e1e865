//! The repository's own checks, run as `cargo xtask`.
//!
//! [`tidy`] checks what the compiler and Clippy do not check: that modules have no cyclic dependencies, that files are
//! short and have good names, that the architecture document names only what exists. [`conformance`] compares the table of
//! requirements with the tests that prove them, and [`docs`] makes pages of the documentation. All read files and build nothing.

pub mod api;
pub mod arguments;
pub mod conformance;
pub mod docs;
pub mod finding;
pub mod modules;
pub mod repository;
pub mod tidy;
