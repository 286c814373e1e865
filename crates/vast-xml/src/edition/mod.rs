//! The elements, attributes and events of each version of the standard. Each version has one file, which contains only tables.
//!
//! A table has the elements of the version's schema, with their attributes and with their children in the order of the schema.
//! Some tables have only the elements that differ from the version before. If a table follows the text of its version and not
//! its schema, a comment in the file says so.

mod facts;
mod lookup;
mod row;
mod v2_0;
mod v3_0;
mod v4_0;
mod v4_1;
mod v4_2;
mod v4_3;

pub(crate) use facts::{Edition, Resources};
pub(crate) use lookup::edition;
pub(crate) use row::{Row, Unit, Within};
