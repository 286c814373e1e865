//! A document as it was fetched.

use std::borrow::Cow;
use std::time::Duration;

use bytes::Bytes;

use super::response_headers::charset_of;
use super::{EncodingWarning, GetResponse, RedirectStep, Target};

/// The response of a source.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Fetched {
    /// The document. An empty body means "no ad".
    pub body: Bytes,
    /// The character set that the transport names (`Content-Type`).
    pub charset: Option<Cow<'static, str>>,
    /// The HTTP status; `None` if the document did not come over HTTP.
    pub status: Option<u16>,
    /// Bytes as sent, before decoding.
    pub wire_bytes: u64,
    /// The URL after redirects: the base of relative URLs in the document.
    pub base: Option<Target>,
    /// The encoding of the body, if the headers did not name it.
    pub encoding_warning: Option<EncodingWarning>,
    /// The redirects that led to `base`, in order.
    pub redirects: Vec<RedirectStep>,
    /// How long ago the document was fetched for another request; `None` if it was fetched for this one.
    pub age: Option<Duration>,
}

impl Fetched {
    /// A document that did not come over HTTP.
    pub fn local(body: impl Into<Bytes>) -> Self {
        let body = body.into();
        let wire_bytes = body.len() as u64;
        Self {
            body,
            charset: None,
            status: None,
            wire_bytes,
            base: None,
            encoding_warning: None,
            redirects: Vec::new(),
            age: None,
        }
    }

    /// This document with the character set that `content_type`, a value of the header `Content-Type`, names.
    #[must_use]
    pub fn with_content_type(self, content_type: &[u8]) -> Self {
        Self { charset: charset_of(content_type), ..self }
    }
}

impl From<GetResponse> for Fetched {
    fn from(answer: GetResponse) -> Self {
        let GetResponse { status, target, charset, body, wire_bytes, encoding_warning, redirects } = answer;
        let base = Some(target);
        let status = Some(status);
        Self { body, charset, status, wire_bytes, base, encoding_warning, redirects, age: None }
    }
}
