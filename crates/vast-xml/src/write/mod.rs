//! From the model to a document: one file per chapter as in `model`, one line per element or attribute.
//!
//! Children stand in the order of the 4.2 schema, what later versions added behind them, and what the standard does not
//! know last. Nothing here escapes: that is [`Emit`](crate::xml::Emit)'s.

mod addendum;
mod click;
mod companion;
mod creative;
mod element;
mod extension;
mod extra;
mod icon;
mod inline;
mod leaf;
mod linear;
mod media;
mod non_linear;
mod parameters;
mod resource;
mod tracking;
mod vast;
mod verification;
mod viewable;
mod wrapper;

#[cfg(test)]
mod tests;

pub use vast::write;

// What VMAP is written with, which holds VAST and is made of the same things.
pub(crate) use extension::extensions;
pub(crate) use extra::{Rest, attributes};
pub(crate) use leaf::located;
pub(crate) use vast::root;
