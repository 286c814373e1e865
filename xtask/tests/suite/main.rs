//! All integration tests in one binary, because linking dominates the time to build them.

mod api;
mod conformance;
mod tidy;
