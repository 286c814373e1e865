//! The story as one HTML page.
//!
//! The page loads nothing: it has no script, its style is inside, and its content security policy permits that style only, by its
//! hash. Text of strangers is shown as text. Lists and documents are cut where a page would become too large, with a note.

mod ads;
mod documents;
mod overview;
mod page;
mod part;
mod shown;
mod sources;
mod table;
mod timeline;
mod told;
mod trackers;

pub use page::{page, page_policy, page_with};
