pub struct There;

pub mod inner {}
