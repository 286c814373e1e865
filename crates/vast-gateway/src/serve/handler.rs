//! The trait through which the serving layer gets its answers.

use std::convert::Infallible;
use std::net::SocketAddr;

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

/// Answers the requests of a port.
pub(crate) trait Handler: Send + Sync + 'static {
    /// The body of its answers. The default is an empty one.
    type Body: Body<Data = Bytes, Error = Infallible> + Default + Send + 'static;

    /// The answer to a request. The future is dropped when the client goes away before the answer. If it panics, the
    /// client gets a status 500 without a body.
    fn answer(&self, request: Request<LimitedBody>, peer: Peer) -> impl Future<Output = Response<Self::Body>> + Send;

    /// The answer (status 400) to a request whose header `Host` is wrong. `problem` says what is wrong with it.
    fn refuse_host(&self, request: &Request<LimitedBody>, problem: &'static str) -> Response<Self::Body>;
}
