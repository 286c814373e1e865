//! The trait [`Transport`], its request, its response and its errors.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::Stream;
use futures_util::future::BoxFuture;
use http::{HeaderMap, StatusCode, Uri};

use super::{AddressScope, ExchangePlace};
use crate::policy::TimeLimit;

/// Makes HTTP exchanges. Implement it to send requests in another way: through another HTTP client, from a recording, in
/// a test.
///
/// ```
/// use vast_client::BoxFuture;
/// use vast_client::http::{HeaderMap, StatusCode};
/// use vast_client::transport::{HttpRequest, HttpResponse, Transport, TransportError};
///
/// /// Every ad server answers without an ad.
/// struct NoAds;
///
/// impl Transport for NoAds {
///     fn send(&self, _request: HttpRequest) -> BoxFuture<'static, Result<HttpResponse, TransportError>> {
///         let response = HttpResponse::whole(StatusCode::OK, HeaderMap::new(), "<VAST version=\"4.2\"/>");
///         Box::pin(async move { Ok(response) })
///     }
/// }
/// # let _ = vast_client::VastClient::builder().transport(NoAds);
/// ```
///
/// An implementation makes exactly one exchange per call. It follows no redirects, retries nothing, decodes no
/// `Content-Encoding`, keeps no cookies and reads no proxy settings from the environment: the code that uses the trait
/// decides all of that. The future is `'static`, so that an exchange whose result is no longer wanted can be read to
/// its end in the background.
pub trait Transport: Send + Sync + 'static {
    /// Sends a request: GET, or POST if it has a [`body`](HttpRequest::body). The future is ready when the head of the response has arrived.
    ///
    /// # Errors
    /// See [`TransportError`].
    fn send(&self, request: HttpRequest) -> BoxFuture<'static, Result<HttpResponse, TransportError>>;
}

/// A request.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct HttpRequest {
    /// The absolute URI. Its path and query are the bytes of the ad tag.
    pub uri: Uri,
    /// All headers to send, except `Host`, which the transport adds.
    pub headers: HeaderMap,
    /// The addresses that the request may connect to. The host name was resolved and checked before; a transport that
    /// resolves it again has to check again.
    pub scope: AddressScope,
    /// How long name resolution, TCP and TLS may take together.
    pub connect_timeout: Duration,
    /// Whether the response is still wanted. A transport should not send a request that was cancelled before.
    pub cancellation: Cancellation,
    /// The place of the exchange in its request; `None` if the request is not recorded, and for trackers.
    pub place: Option<Arc<ExchangePlace>>,
    /// The body of a POST request. `None` is a GET request: all requests of the pipeline are.
    pub body: Option<Bytes>,
}

impl HttpRequest {
    /// A request for `uri` without headers, which may connect to any address and cannot be cancelled. The connect timeout
    /// is 500 ms.
    pub fn new(uri: Uri) -> Self {
        Self {
            uri,
            headers: HeaderMap::new(),
            scope: AddressScope::Any,
            connect_timeout: Duration::from_millis(500),
            cancellation: Cancellation::default(),
            place: None,
            body: None,
        }
    }
}

/// Whether a response is still wanted. All clones share one state.
///
/// A cancelled exchange that was sent may be read to its end, so that its connection can be used again. An exchange
/// that was not sent yet must not be sent later, because the ad server would count it.
#[derive(Debug, Clone, Default)]
pub struct Cancellation(Option<Arc<AtomicBool>>);

impl Cancellation {
    /// A state that can be cancelled. The state that `default()` returns cannot be cancelled.
    pub fn new() -> Self {
        Self(Some(Arc::default()))
    }

    /// Marks the response as no longer wanted.
    pub fn cancel(&self) {
        if let Some(cancelled) = &self.0 {
            cancelled.store(true, Ordering::Relaxed);
        }
    }

    /// Whether the response is no longer wanted.
    pub fn is_cancelled(&self) -> bool {
        self.0.as_ref().is_some_and(|cancelled| cancelled.load(Ordering::Relaxed))
    }
}

/// The head of a response, and its body as it arrives.
#[non_exhaustive]
pub struct HttpResponse {
    /// The status.
    pub status: StatusCode,
    /// The headers, with `Content-Encoding`.
    pub headers: HeaderMap,
    /// The body as sent, not decoded.
    pub body: Body,
    /// Whether the connection can carry other exchanges at the same time (HTTP/2). Such an exchange is dropped as soon
    /// as its response is no longer wanted, because that leaves the connection open. Default `false`.
    pub multiplexed: bool,
    /// How many bytes of the body the server sent, if that is not the length of `body`: a recording may have a compressed body in its
    /// decoded form. Default: the length of `body`.
    pub wire_bytes: Option<u64>,
}

impl HttpResponse {
    /// A response of a connection that carries one exchange at a time (HTTP/1.1).
    pub fn new(status: StatusCode, headers: HeaderMap, body: Body) -> Self {
        Self { status, headers, body, multiplexed: false, wire_bytes: None }
    }

    /// A response whose body is already known as a whole, for example from a recording.
    pub fn whole(status: StatusCode, headers: HeaderMap, body: impl Into<Bytes>) -> Self {
        let body = body.into();
        Self::new(status, headers, Box::pin(futures_util::stream::once(async move { Ok(body) })))
    }

    /// The same response with this value of [`wire_bytes`](Self::wire_bytes).
    #[must_use]
    pub fn with_wire_bytes(mut self, bytes: u64) -> Self {
        self.wire_bytes = Some(bytes);
        self
    }

    /// The same response with this value of [`multiplexed`](Self::multiplexed).
    #[must_use]
    pub fn with_multiplexed(mut self, multiplexed: bool) -> Self {
        self.multiplexed = multiplexed;
        self
    }
}

impl fmt::Debug for HttpResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpResponse").field("status", &self.status).field("headers", &self.headers).finish()
    }
}

/// The head of a response that has not arrived yet.
pub(super) type ResponseHead = BoxFuture<'static, Result<HttpResponse, TransportError>>;

/// The pieces of a body in order.
pub type Body = Pin<Box<dyn Stream<Item = Result<Bytes, TransportError>> + Send>>;

/// Why an exchange failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
#[non_exhaustive]
pub struct TransportError {
    /// The kind of the failure.
    pub kind: TransportErrorKind,
    /// A description of the failure for people.
    pub message: String,
    /// Whether a byte of the response had arrived. A request is never repeated after that.
    pub answered: bool,
}

/// The kinds of failures of an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// The name could not be resolved.
    Dns,
    /// No connection could be opened.
    Connect,
    /// The TLS handshake failed.
    Tls,
    /// The address is not permitted.
    BlockedAddress,
    /// A time limit of the transport fired.
    Timeout(TimeLimit),
    /// The server closed or reset the connection, or its response is not HTTP.
    Reset,
    /// The server sent more than the transport accepts: a large head, or many bytes that belong to no body.
    TooLarge,
    /// In a replay only: the recording does not have the answer.
    NotRecorded,
}

impl TransportError {
    /// An error that came before a byte of the response arrived.
    pub fn new(kind: TransportErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), answered: false }
    }

    /// The same error with [`answered`](Self::answered) set.
    #[must_use]
    pub fn after_answer(mut self) -> Self {
        self.answered = true;
        self
    }
}
