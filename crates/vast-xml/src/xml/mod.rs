//! XML as a stream of named elements: the only module that knows which XML library is used.
//!
//! [`Cursor`] reads the document, the tables in `names` identify its elements and attributes, and [`Notes`] collects warnings.

mod attributes;
mod blanks;
mod charset;
mod content;
mod cursor;
mod emit;
mod ends;
mod entities;
mod markup;
mod names;
mod notes;
mod pieces;
mod rewritten;
mod scanner;
mod schema;
mod sink;
mod start_tag;
mod tag;
mod tokens;

pub(crate) use attributes::decoded;
pub(crate) use blanks::{trim, with_line_feeds};
pub use charset::{Decoded, decode};
pub(crate) use charset::{declared, is_allowed, with_forbidden_dropped};
pub(crate) use cursor::{Cursor, Markup};
pub(crate) use emit::{Emit, UNDECLARED, escape, is_name};
pub(crate) use entities::{resolve, unescape};
pub(crate) use markup::is_well_formed;
pub(crate) use names::{Key, Name, NameSet};
pub(crate) use notes::{Counted, Notes, Parsed, Stop, clipped, into_warnings};
pub(crate) use pieces::{Pieces, Spacing};
pub(crate) use rewritten::Rewritten;
pub(crate) use scanner::{Scanned, Scanner};
pub(crate) use schema::{children, is_group};
pub(crate) use sink::{Content, ScalarValue, TreeSink, XmlSink};
pub(crate) use start_tag::RawAttribute;
pub(crate) use tokens::{Token, Tokens};
