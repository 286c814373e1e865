//! What a disk, another process and another version can do to the file.

mod files;
mod power;
mod records;
