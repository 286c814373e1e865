//! The modules of our crates and who uses whom, read from the sources.
//!
//! An edge `a -> b` means: code of `a` names an item that is *defined* in `b`. Re-exporting a child (`pub use child::Item`) is
//! no edge, it only gives the item a second name; naming the item through that second name is an edge to the child. Code that
//! exists in tests only is left out. Calls of methods on values are not seen, as they name no path.
//!
//! [`scan`] reads files into [`tree`]s, [`resolve`] finds where a path leads, [`graph`] draws the edges, [`cycles`] finds the
//! circles among them.

pub mod collect;
pub mod configuration;
pub mod cycles;
pub mod graph;
pub mod imports;
pub mod resolve;
pub mod scan;
pub mod tokens;
pub mod tree;
