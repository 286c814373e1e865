//! The modules of our crates and the uses between them, read from the sources.
//!
//! An edge `a -> b` means: code of `a` names an item that is *defined* in `b`. Re-exporting an item of a child (`pub use
//! child::Item`) is not an edge, because it only gives the item a second name; a use of the second name is an edge to the
//! child. Code that exists in tests only is ignored. Method calls are not seen, because they name no path.
//!
//! [`scan`] reads files into [`tree`]s, [`resolve`] finds the target of a path, [`graph`] makes the edges, [`cycles`] finds
//! cycles.

pub mod collect;
pub mod configuration;
pub mod cycles;
pub mod graph;
pub mod imports;
pub mod resolve;
pub mod scan;
pub mod tokens;
pub mod tree;
