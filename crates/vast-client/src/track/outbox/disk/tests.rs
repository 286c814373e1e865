//! Tests of the file: disk failures, other processes and other versions.

mod files;
mod folded;
mod journal;
mod power;
pub(super) mod records;
mod salvage;
