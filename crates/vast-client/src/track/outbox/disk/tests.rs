//! Tests of the file: disk failures, other processes and other versions.

mod files;
mod power;
mod records;
mod salvage;
