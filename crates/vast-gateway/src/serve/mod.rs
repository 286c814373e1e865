//! Connections: accepting them, HTTP/1.1 and HTTP/2 on them, their limits, and their orderly end. What a request means is not known
//! here: a [`Handler`] answers it.

mod accept;
mod activity;
mod admit;
mod connection;

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;

pub(crate) use accept::{ConnectionLimits, Listener};
pub(crate) use admit::{AdmissionControl, AdmissionLimits, AdmissionPermit};

/// Answers the requests of a port.
pub(crate) trait Handler: Send + Sync + 'static {
    /// The answer to `request` of `peer`. It is dropped if the caller closes the connection.
    fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
        peer: SocketAddr,
    ) -> impl Future<Output = Response<Full<Bytes>>> + Send;
}

/// How far the end of the server has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ServerPhase {
    /// The server answers.
    #[default]
    Serving,
    /// The server says that it is not ready, and still answers.
    Announcing,
    /// No connection is accepted. Requests in flight are answered.
    Draining,
    /// Every connection is closed.
    Ended,
}
