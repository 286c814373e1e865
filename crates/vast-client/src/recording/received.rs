//! The documents of a recorded request as they were received.

use std::borrow::Cow;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};

use super::exchange::{RecordedDocument, RecordedExchange};
use super::model::Recording;
use crate::transport::{ExchangePlace, charset, decoded_start};

/// A response with a body, or a document that did not come over HTTP.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ReceivedDocument {
    /// The place of its exchange in the request.
    pub place: ExchangePlace,
    /// The URL, path or label that was requested.
    pub url: String,
    /// The HTTP status, if it came over HTTP.
    pub status: Option<u16>,
    /// The `charset` of the HTTP `Content-Type`, if there was one.
    pub charset: Option<String>,
    /// The bytes after decoding of `Content-Encoding`, as far as they arrived and can be decoded.
    pub bytes: Bytes,
}

impl ReceivedDocument {
    /// The document at this place.
    pub fn new(place: ExchangePlace, url: impl Into<String>, bytes: impl Into<Bytes>) -> Self {
        Self { place, url: url.into(), status: None, charset: None, bytes: bytes.into() }
    }
}

impl Recording {
    /// The documents and other bodies that the request received, in the order in which they were asked for.
    pub fn received(&self) -> Vec<ReceivedDocument> {
        let exchanges = self.exchanges.iter().filter_map(of_exchange);
        let documents = self.documents.iter().filter_map(of_document);
        exchanges.chain(documents).collect()
    }
}

fn of_exchange(exchange: &RecordedExchange) -> Option<ReceivedDocument> {
    let response = exchange.response.as_ref().filter(|response| !response.body.is_empty())?;
    let mut headers = HeaderMap::new();
    for (name, value) in &response.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            headers.append(name, value);
        }
    }
    let bytes = decoded_start(&headers, &response.body).map_or_else(|| response.body.clone(), Bytes::from);
    let charset = charset(&headers).map(Cow::into_owned);
    let (place, url) = (exchange.place.clone(), exchange.url.clone());
    Some(ReceivedDocument { place, url, status: Some(response.status), charset, bytes })
}

fn of_document(document: &RecordedDocument) -> Option<ReceivedDocument> {
    let content = document.content.as_ref()?.as_ref().ok()?;
    let (place, url) = (document.place.clone(), document.url.clone());
    let (status, charset, bytes) = (content.status, content.charset.clone(), content.body.clone());
    Some(ReceivedDocument { place, url, status, charset, bytes })
}
