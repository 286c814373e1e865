//! From the model to a document, as in `crate::write`.

mod ad_break;
mod ad_source;
mod playlist;
mod tracking;

pub use playlist::{write, write_as_read};
