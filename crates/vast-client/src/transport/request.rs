//! The trait [`Transport`] and what goes in and out of it.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::Stream;
use futures_util::future::BoxFuture;
use http::{HeaderMap, StatusCode, Uri};

use super::Reach;
use crate::policy::TimeLimit;

/// One HTTP exchange. Implement it to send requests another way: through your own client, a recording, a test.
///
/// An implementation makes exactly one exchange: it follows no redirect, repeats nothing, decodes no
/// `Content-Encoding`, keeps no cookies and takes no proxy from the environment. All of that is decided above it.
/// The future is `'static` so that an exchange that lost its purpose can be read to its end in the background.
pub trait Transport: Send + Sync + 'static {
    /// Sends a GET request; ready when the head of the answer has arrived.
    ///
    /// # Errors
    /// See [`TransportError`].
    fn send(&self, request: HttpRequest) -> BoxFuture<'static, Result<HttpResponse, TransportError>>;
}

/// A GET request.
#[derive(Debug, Clone)]
pub struct HttpRequest {
    /// The absolute URI; the path and query are the tag's own bytes.
    pub uri: Uri,
    /// All headers to send. `Host` is the transport's business.
    pub headers: HeaderMap,
    /// Which addresses the request may connect to. The name has been resolved and checked once already; a transport
    /// that resolves it again has to check again.
    pub reach: Reach,
    /// How long name resolution, TCP and TLS may take.
    pub connect_timeout: Duration,
    /// Whether the answer is still wanted. A transport that has not sent the request yet should not send it any more
    /// once it is not.
    pub interest: Interest,
}

/// Whether somebody still waits for an answer. Clones are the same interest.
///
/// An exchange whose answer is no longer wanted may be read to its end for the connection's sake; a request that has
/// not been sent by then must not be: the seller would count it.
#[derive(Debug, Clone, Default)]
pub struct Interest(Option<Arc<AtomicBool>>);

impl Interest {
    /// An interest that can be lost. The default one cannot.
    pub fn new() -> Self {
        Self(Some(Arc::default()))
    }

    /// Nobody waits any more.
    pub fn lose(&self) {
        if let Some(lost) = &self.0 {
            lost.store(true, Ordering::Relaxed);
        }
    }

    /// Whether nobody waits any more.
    pub fn is_lost(&self) -> bool {
        self.0.as_ref().is_some_and(|lost| lost.load(Ordering::Relaxed))
    }
}

/// The head of an answer and its body as it arrives.
pub struct HttpResponse {
    /// The status.
    pub status: StatusCode,
    /// The headers, `Content-Encoding` included.
    pub headers: HeaderMap,
    /// The body as sent, not decoded.
    pub body: Body,
    /// Whether the connection can carry other exchanges meanwhile (HTTP/2): such an exchange is dropped when it is no
    /// longer wanted, since its end costs the connection nothing.
    pub multiplexed: bool,
}

impl fmt::Debug for HttpResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpResponse").field("status", &self.status).field("headers", &self.headers).finish()
    }
}

/// The pieces of a body in order.
pub type Body = Pin<Box<dyn Stream<Item = Result<Bytes, TransportError>> + Send>>;

/// Why an exchange failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TransportError {
    /// What failed.
    pub kind: TransportErrorKind,
    /// Text for people.
    pub message: String,
    /// Whether a byte of the answer had arrived. A request is never repeated after that.
    pub answered: bool,
}

/// What failed in an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// The name could not be resolved.
    Dns,
    /// No connection.
    Connect,
    /// The TLS handshake failed.
    Tls,
    /// The address is not allowed.
    BlockedAddress,
    /// A time limit of the transport.
    Timeout(TimeLimit),
    /// The connection was closed or reset by the other side, or what it sent is not HTTP.
    Reset,
}

impl TransportError {
    /// An error of this kind, before a byte of the answer arrived.
    pub fn new(kind: TransportErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), answered: false }
    }

    /// The same error, known to have come after the answer began.
    #[must_use]
    pub fn after_answer(mut self) -> Self {
        self.answered = true;
        self
    }
}
