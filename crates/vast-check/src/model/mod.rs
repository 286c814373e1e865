//! Our rules on the elements of a document. They find mistakes that the parser accepts without a warning and that vastlint-core
//! does not find, or finds less exactly. One file per subject, one function per rule.

mod all;
mod contents;
mod flags;
mod identity;
mod macros;
mod mime_types;
mod namespaces;
mod nearest;
mod offsets;
mod pods;
mod prolog;
mod trackers;
mod url;
mod urls;
mod vpaid;

pub(crate) use all::check;
#[cfg(feature = "vastlint")]
pub(crate) use macros::{is_of_vmap, names};
#[cfg(feature = "vastlint")]
pub(crate) use namespaces::{element_prefix, undeclared};
