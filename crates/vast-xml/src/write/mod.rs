//! From the model to a document: one file per chapter as in `model`, one line per element or attribute.
//!
//! What a part consists of is said once, by its [`Part`](part::Part); in which order and spelling it is written is decided
//! in `follow` and `plain`, by the [`Form`](form::Form): as the document had it, or canonically, which is the order of the
//! 4.2 schema, what later versions added behind it, and what the standard does not know last. Nothing here escapes: that is
//! [`Emit`](crate::xml::Emit)'s.

mod addendum;
mod click;
mod companion;
mod creative;
mod document;
mod element;
mod extension;
mod follow;
mod form;
mod icon;
mod inline;
mod linear;
mod media;
mod non_linear;
mod parameters;
mod part;
mod plain;
mod resource;
mod rest;
mod tag;
mod template;
mod text;
mod tracking;
mod vast;
mod verification;
mod viewable;
mod wrapper;
mod writer;

#[cfg(test)]
mod tests;

pub use document::{write, write_as_read};

// What VMAP is written with, which holds VAST and is made of the same things.
pub(crate) use extension::extension;
pub(crate) use form::Form;
pub(crate) use part::{Content, Leaf, Part, Writer};
pub(crate) use tag::Tag;
pub(crate) use vast::Root;
