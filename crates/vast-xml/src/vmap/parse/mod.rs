//! From elements to the model, as in `crate::parse`.

mod ad_break;
mod ad_source;
mod document;
mod playlist;
mod time_offset;
mod tracking;
mod vast_data;

pub use document::{AnyDocument, VmapDocument, parse, parse_any};
