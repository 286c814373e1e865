//! From elements to the model: one file per chapter as in `model`, one line per element or attribute.
//!
//! Every handler is called with its element's start tag in hand and leaves the cursor behind its end tag. What a handler
//! does not know it hands to [`keep`](unknown::keep) or [`unknown`](unknown::unknown), so that nothing is lost.

mod ad;
mod addendum;
mod companion;
mod creative;
mod document;
mod extension;
mod icon;
mod inline;
mod leaf;
mod linear;
mod link;
mod media;
mod non_linear;
mod resource;
mod scalar;
mod tracking;
mod universal_ad_id;
mod unknown;
mod vast;
mod verification;
mod video;
mod viewable;
mod wrapper;

pub use document::{Document, parse};
pub use scalar::parse_offset;

// What VMAP is read with, which holds VAST and is made of the same things.
pub(crate) use document::read_document;
pub(crate) use extension::Extensions;
pub(crate) use leaf::{markup, url_content};
pub(crate) use link::{id_attribute, urls};
pub(crate) use scalar::{Understood, boolean, duration, offset, scalar};
pub(crate) use unknown::{Residue, close, container, duplicate, keep, keep_in_vain, unknown};
pub(crate) use vast::{foreign, is_root, read_vast, root};
