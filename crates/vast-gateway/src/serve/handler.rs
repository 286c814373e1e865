//! The trait through which the serving layer gets its answers.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use hyper::body::Body;

use super::body::LimitedBody;

/// The other end of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Peer {
    /// The address of the TCP connection, or the address in the PROXY header of a trusted proxy.
    pub(crate) address: SocketAddr,
    /// Whether the connection uses TLS.
    pub(crate) is_tls: bool,
}

/// The future of an answer. In a box, because hyper keeps room for it in every connection, also in idle ones.
pub(crate) type AnswerFuture<B> = Pin<Box<dyn Future<Output = Response<B>> + Send>>;

/// Answers the requests of a port.
pub(crate) trait Handler: Send + Sync + 'static {
    /// The body of its answers. The default is an empty one.
    type Body: Body<Data = Bytes, Error = Infallible> + Default + Send + Unpin + 'static;

    /// The answer to a request. The future is dropped when the client goes away before the answer. If this or the future panics, the
    /// client gets a status 500 without a body.
    ///
    /// The head of the request is a part of the buffer of the connection. hyper reads again as soon as it has the future: into the same
    /// buffer if nothing of the head is left by then, otherwise into a new one.
    fn answer(self: &Arc<Self>, request: Request<LimitedBody>, peer: Peer) -> AnswerFuture<Self::Body>;

    /// The answer (status 400) to a request whose header `Host` is wrong. `problem` says what is wrong with it.
    fn refuse_host(&self, request: &Request<LimitedBody>, problem: &'static str) -> Response<Self::Body>;
}
