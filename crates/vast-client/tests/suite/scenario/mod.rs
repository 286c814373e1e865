//! The runner of `scenarios/*.toml`. It makes one request on a paused clock to servers in memory, and compares the result
//! with the expectation of the file. `scenarios/README.md` describes the files.
// Each test binary uses a part of this.
#![allow(dead_code, unreachable_pub)]

mod expectation;
pub mod file;
pub mod network;
mod observed;
pub mod run;
