//! What differs between two documents, for example between the answer of a tag yesterday and today, or between the answers to two
//! recorded requests.
//!
//! An ad server writes other random numbers, times and request ids into each answer. URLs are compared without them, and so are
//! ids and other texts; [`DiffOptions::exact`] compares them as they are. The order of ads, trackers and media files does not count.
//! Extensions, `AdServingId`, `Survey` and unknown elements are not compared.

mod answers;
mod comparison;
mod difference;
mod facts;
mod pairs;
mod stable_url;

pub use answers::diff_answers;
pub use comparison::diff;
pub use difference::{DiffOptions, DiffPart, DiffRow};
