mod hidden;

pub use hidden::*;
