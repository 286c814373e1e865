//! The exchanges and documents of a recorded request.

use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::recorded_time::{RecordedTime, optional_nanoseconds};
use crate::error::ErrorType;
use crate::policy::TimeLimit;
use crate::transport::{ExchangePlace, TransportErrorKind};

/// One HTTP exchange of a recorded request: what the server answered and when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RecordedExchange {
    /// The place of the exchange in the request.
    pub place: ExchangePlace,
    /// The URL that was requested.
    pub url: String,
    /// The beginning of the exchange: the name is looked up now.
    pub began: RecordedTime,
    /// When the request was given to the transport; `None` if the exchange ended before, for example because the name was not found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<RecordedTime>,
    /// The response; `None` if no head arrived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<RecordedResponse>,
    /// How the exchange ended.
    pub end: ExchangeEnd,
    /// When it ended; `None` if it had not ended when the recording was closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<RecordedTime>,
    /// From this moment on the request did not wait for the response any more: another source had won, a limit had fired, or the
    /// response was complete without its body. Later pieces of the response arrived while the exchange was read to its end. `None` if
    /// the request waited to the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut: Option<RecordedTime>,
}

/// The head of a recorded response, and its body in pieces.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RecordedResponse {
    /// When the head arrived.
    pub head: RecordedTime,
    /// The HTTP status.
    pub status: u16,
    /// The headers, as far as they are recorded, in the order of the response.
    pub headers: Vec<(String, String)>,
    /// Whether the connection could carry other exchanges at the same time (HTTP/2).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub multiplexed: bool,
    /// The pieces of the body in order. Together they are `body`.
    pub pieces: Vec<BodyPiece>,
    /// How many bytes of the body arrived, before decoding. It differs from the length of `body` if a compressed body contained personal
    /// values: such a body is recorded decoded, and without its `Content-Encoding`.
    pub wire_bytes: u64,
    /// The body, as far as it arrived. It is not part of the JSON of a recording: a file has it behind the JSON.
    #[serde(skip)]
    pub body: Bytes,
}

/// A piece of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BodyPiece {
    /// When it arrived.
    pub arrived: RecordedTime,
    /// Its length in bytes.
    pub bytes: usize,
}

/// How a recorded exchange ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ExchangeEnd {
    /// The response was read to its end.
    Complete,
    /// The exchange failed.
    Failed(RecordedError),
    /// The rest of the response was not read.
    Abandoned,
}

/// Why a recorded exchange failed: a [`TransportError`](crate::transport::TransportError).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RecordedError {
    /// The kind of the failure.
    pub kind: TransportErrorKind,
    /// The text for people.
    pub message: String,
    /// Whether a byte of the response had arrived.
    pub answered: bool,
}

/// A document that did not come from an exchange of the request: from the cache, a file, standard input, a text, or a
/// [`Source`](crate::fetch::Source) of the host.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RecordedDocument {
    /// The place of the document. Its `redirect` is 0.
    pub place: ExchangePlace,
    /// The URL, path or label that was requested.
    pub url: String,
    /// The URL that a source of the host requests by itself, if it requests one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// When it was asked for.
    pub began: RecordedTime,
    /// When it, or the failure, was there; `None` if the request did not wait so long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<RecordedTime>,
    /// Its age, if it came from the cache: the time since it was fetched for another request.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_nanoseconds")]
    pub age: Option<Duration>,
    /// The document, or why there was none; `None` if the request did not wait so long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Result<RecordedContent, RecordedFailure>>,
}

/// The content of a recorded document: the values of a [`Fetched`](crate::fetch::Fetched).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RecordedContent {
    /// The HTTP status; absent if the document did not come over HTTP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The character set that the transport named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub charset: Option<String>,
    /// Bytes as sent, before decoding.
    pub wire_bytes: u64,
    /// The URL after redirects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
    /// The redirects that led to `base`: status, URL, location.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub redirects: Vec<(u16, String, String)>,
    /// A deviation of the encoding of the body, which the answer lists as a warning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding_warning: Option<crate::transport::EncodingWarning>,
    /// The length of the body in bytes.
    pub bytes: usize,
    /// The decoded body. It is not part of the JSON of a recording: a file has it behind the JSON.
    #[serde(skip)]
    pub body: Bytes,
}

/// Why there was no document: the values of a [`Failure`](crate::Failure).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RecordedFailure {
    /// The kind of the failure.
    pub error_type: ErrorType,
    /// The text for people.
    pub message: String,
    /// The VAST error code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vast_error_code: Option<u16>,
    /// The time limit that fired.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<TimeLimit>,
    /// The HTTP status, if a response arrived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The wait that the server required.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_nanoseconds")]
    pub retry_after: Option<Duration>,
    /// Whether a byte of the response had arrived.
    pub answered: bool,
}
