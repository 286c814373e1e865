//! Not published: its names are its own.
pub struct Ad;
