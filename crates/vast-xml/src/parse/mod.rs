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
