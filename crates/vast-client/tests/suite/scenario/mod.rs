//! The runner of `scenarios/*.toml`: one request on a paused clock against servers in memory, compared as a whole with
//! what the file expects. The form of the files is described in `scenarios/README.md`.
// Each test binary uses a part of this.
#![allow(dead_code, unreachable_pub)]

mod expectation;
pub mod file;
pub mod network;
mod observed;
pub mod run;
