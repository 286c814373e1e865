pub mod fetch;
pub mod track;
