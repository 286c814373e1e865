mod hidden;
pub mod model;

pub use hidden::{Reader, read as parse};
pub use model::Ad;

#[cfg(test)]
pub struct InTests;
