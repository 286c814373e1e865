//! XML as a stream of named elements: the only module that knows which XML library is used.
//!
//! [`Cursor`] walks the document; what it meets is named by the tables in `names`; oddities go to [`Notes`].

mod attributes;
mod blanks;
mod charset;
mod cursor;
mod emit;
mod entities;
mod markup;
mod names;
mod notes;
mod pieces;
mod recording;
mod scanner;
mod schema;
mod shape;
mod tag;
mod tokens;

pub(crate) use attributes::{Attribute, decoded};
pub(crate) use blanks::{trim, with_line_feeds};
pub(crate) use charset::declared;
pub use charset::{Decoded, decode};
pub(crate) use cursor::{Cursor, Part};
pub(crate) use emit::{Emit, escape, is_allowed, is_name};
pub(crate) use entities::{resolve, unescape};
pub(crate) use markup::is_well_formed;
pub(crate) use names::{ELEMENT_COUNT, Key, Name};
pub(crate) use notes::{Notes, Parsed, Stop, clipped};
pub(crate) use pieces::{Pieces, Spacing};
pub(crate) use scanner::{Scanned, Scanner};
pub(crate) use schema::{children, is_group, is_leaf, is_list};
pub(crate) use shape::{OUTSIDE, Script, Step, silent};
pub(crate) use tokens::{Token, Tokens};
