//! Mirrors the model under the same names.
pub struct Ad;
