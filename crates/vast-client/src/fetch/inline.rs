//! A document in hand.

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, ready};

use super::source::{FetchContext, Fetched, Prepared, Source};
use crate::error::Failure;

/// A document in hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InlineSource {
    label: String,
    body: Bytes,
}

impl InlineSource {
    /// The document `body`, shown as `label`.
    pub fn new(label: impl Into<String>, body: impl Into<Bytes>) -> Self {
        Self { label: label.into(), body: body.into() }
    }
}

impl Source for InlineSource {
    fn url(&self) -> &str {
        &self.label
    }

    fn fetch<'a>(
        &'a self,
        _prepared: &'a Prepared,
        _context: &'a FetchContext<'a>,
    ) -> BoxFuture<'a, Result<Fetched, Failure>> {
        let body = self.body.clone();
        let wire_bytes = body.len() as u64;
        ready(Ok(Fetched { body, charset: None, status: None, wire_bytes, base: None })).boxed()
    }
}
