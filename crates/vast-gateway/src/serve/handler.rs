//! The trait through which the serving layer gets its answers.

use std::net::SocketAddr;

use bytes::Bytes;
use http::header::ORIGIN;
use http::{HeaderValue, Method, Request, Response, Uri};
use http_body_util::Full;

use super::body::LimitedBody;
use super::load::Shed;

/// The other end of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Peer {
    /// The address of the TCP connection, or the address in the PROXY header of a trusted proxy.
    pub(crate) address: SocketAddr,
    /// Whether the connection uses TLS.
    pub(crate) is_tls: bool,
}

/// The parts of a request that are needed to refuse it. They are kept while the request is answered, because the answer
/// may panic.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    /// The header `Origin`: a refusal must be readable for a player in a web page too.
    pub(crate) origin: Option<HeaderValue>,
}

impl Asked {
    pub(super) fn of<B>(request: &Request<B>) -> Self {
        Self {
            method: request.method().clone(),
            uri: request.uri().clone(),
            origin: request.headers().get(ORIGIN).cloned(),
        }
    }
}

/// Why a request gets no regular answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The gateway has too much load.
    Shed(Shed),
    /// The path and query are longer than [`ListenSettings::max_url_bytes`](super::ListenSettings::max_url_bytes).
    UrlTooLong,
    /// [`Handler::answer`] panicked.
    Panicked,
}

/// Answers requests.
pub(crate) trait Handler: Send + Sync + 'static {
    /// The answer to a request. The future is dropped when the client goes away before the answer. If it panics, the
    /// client gets [`refuse`](Self::refuse) instead.
    fn answer(&self, request: Request<LimitedBody>, peer: Peer) -> impl Future<Output = Response<Full<Bytes>>> + Send;

    /// The answer to a request that is refused. It must be cheap: it is called most often when the gateway is overloaded.
    fn refuse(&self, asked: &Asked, refusal: Refusal) -> Response<Full<Bytes>>;
}
