//! The trait [`Source`]: something that gives VAST bytes.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::BoxFuture;

use super::context::FetchContext;
use crate::error::Failure;
use crate::transport::Target;

/// Something that gives VAST bytes. A source makes exactly one attempt. Retries, time limits and all other rules are applied
/// around it.
///
/// [`VastClient::lane_context`](crate::VastClient::lane_context) shows how to test one.
pub trait Source: Send + Sync + 'static {
    /// Its URL template, path or label, as results show it when it was not asked.
    fn url(&self) -> &str;

    /// The name of the source when none is configured: for a tag its host. Default: [`url`](Self::url).
    fn default_name(&self) -> String {
        self.url().to_owned()
    }

    /// What is asked for, macros filled in. It is made once per request; all attempts ask for the same.
    ///
    /// # Errors
    /// A [`Failure`] when what the macros' values make of it cannot be asked for.
    fn prepare(&self, context: &FetchContext<'_>) -> Result<Prepared, Failure> {
        let _ = context;
        Ok(Prepared { url: self.url().into(), target: None })
    }

    /// Makes one attempt.
    ///
    /// # Errors
    /// A [`Failure`]; its type decides whether another attempt is made ([`Failure::is_retried`]).
    fn fetch<'a>(
        &'a self,
        prepared: &'a Prepared,
        context: &'a FetchContext<'a>,
    ) -> BoxFuture<'a, Result<Fetched, Failure>>;
}

/// What an attempt will ask for.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// The URL, path or label.
    pub url: Arc<str>,
    /// The parsed URL of an HTTP source. Its origin is the one that the operator named: it may be private, no other may.
    pub target: Option<Target>,
}

/// What a source gave.
#[derive(Debug, Clone)]
pub struct Fetched {
    /// The document. An empty one means "no ad".
    pub body: Bytes,
    /// The character set that the transport names (`Content-Type`).
    pub charset: Option<String>,
    /// The HTTP status, where there is one.
    pub status: Option<u16>,
    /// Bytes as sent, before decoding.
    pub wire_bytes: u64,
    /// The URL after redirects: the base of relative URLs in the document.
    pub base: Option<Target>,
}

impl Fetched {
    /// A document that did not come by HTTP.
    pub fn local(body: Bytes) -> Self {
        let wire_bytes = body.len() as u64;
        Self { body, charset: None, status: None, wire_bytes, base: None }
    }
}
