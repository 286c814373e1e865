//! A cache of documents, off by default: each answer of an ad server is an opportunity for one impression, and an ad server counts
//! its answers. Use it where an ad server answers many requests alike, for example with house ads.
//!
//! PARSE, RESOLVE and SELECT are done again for each request with a cached document. Only FETCH is left out.

mod key;
mod lifetime;
mod rules;
mod store;

pub(crate) use key::CacheKey;
pub use rules::CacheRules;
pub(crate) use store::{CacheLookup, DocumentCache};
