//! Reads elements into the model: one file for each file of `model`, one line for each element or attribute.
//!
//! Every function is called after the start tag of its element was read, and it reads up to the end of the element. It passes
//! unknown parts to [`keep`](crate::attributes::keep) or [`unknown`](unknown::unknown), so that nothing is lost.

mod addendum;
mod companion;
mod creative;
mod document;
mod envelope;
mod extension;
mod icon;
mod inline;
mod leaf;
mod legacy;
mod linear;
mod link;
mod list;
mod media;
mod non_linear;
mod resource;
mod tracking;
mod unknown;
mod vast;
mod verification;
mod wrapper;

pub use document::{Document, parse};
pub use envelope::opened_text;

// VMAP contains VAST and is read with the same functions.
pub(crate) use document::read_document;
pub(crate) use envelope::opened;
pub(crate) use extension::Extensions;
pub(crate) use leaf::{markup, url_content, without_url};
pub(crate) use link::{id_attribute, urls};
pub(crate) use unknown::{container, duplicate, keep_of_child, keep_unusable, unknown};
pub(crate) use vast::{foreign, is_root, read_vast, root};
