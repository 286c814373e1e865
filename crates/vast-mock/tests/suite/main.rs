//! All integration tests in one binary, because linking dominates the time to build them.

mod client;
mod delays;
mod exchanges;
mod keys;
mod mistakes;
mod sink;
mod wire;
