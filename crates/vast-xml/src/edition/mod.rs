//! What each version of the standard knows: one file per version, tables only.
//!
//! Each file has the elements that its version's schema has, with their attributes and with their children in the schema's
//! order, or only those that differ from the version before. Where a schema is known to be behind the text of its version,
//! the file says so in its first lines.

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
