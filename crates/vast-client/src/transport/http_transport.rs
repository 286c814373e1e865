//! The HTTP transport: HTTP/1.1 and HTTP/2 over TCP and TLS, with a connection pool.

use std::error::Error;
use std::fmt;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, Stream};
use http::{Extensions, Request, Response, Version};
use http_body_util::Empty;
use hyper::body::{Body as _, Incoming};
use hyper_util::client::legacy::connect::{CaptureConnection, Connected, capture_connection};
use hyper_util::client::legacy::{self, Client, ResponseFuture};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::time::Sleep;
use tokio_rustls::TlsConnector;

use super::connect::{Connector, HostConnections, MAX_CONNECTIONS_PER_HOST};
use super::stream::{ConnectionState, stream_failure};
use super::{
    AddressScope, Cancellation, HttpRequest, HttpResponse, Resolver, TlsSettings, Transport, TransportError,
    TransportErrorKind,
};
use crate::error::ConfigError;
use crate::policy::TimeLimit;

/// How long an idle connection is kept. Load balancers close theirs after 60 s (AWS) or 75 s (nginx). The client closes
/// earlier, so that it does not write a request to a connection that the server is closing.
const IDLE: Duration = Duration::from_secs(50);
/// The largest number of idle connections per origin: the same as that of all connections. With 64, a client with 256
/// requests at a time opened up to 154 connections per 1,000 requests.
const IDLE_PER_ORIGIN: usize = MAX_CONNECTIONS_PER_HOST;
/// After this time without a frame, an HTTP/2 connection that has open requests is checked with a PING. Without the check,
/// all requests on a dead connection would wait for their time limits until TCP gives up.
const PING_AFTER: Duration = Duration::from_secs(5);
/// How long the answer to the PING may take.
const PING_TIMEOUT: Duration = Duration::from_secs(2);

/// How large the head of a response may be over HTTP/1.1, and how much of a connection is read ahead. Over HTTP/2 a head may
/// have 16 KiB, hyper's default.
const MAX_HEAD: usize = 64 * 1024;
/// How many bytes of one body an HTTP/2 server may send before the client has read them. With hyper's default of 2 MiB,
/// 64 hostile servers could fill 128 MiB.
const STREAM_WINDOW: u32 = 128 * 1024;
/// How many bytes of all bodies of a connection together an HTTP/2 server may send before the client has read them. An
/// origin has one HTTP/2 connection, so this limits its throughput: 2 MiB per round trip.
const CONNECTION_WINDOW: u32 = 2 * 1024 * 1024;

/// The length of a reason in an error message, in characters.
const MAX_REASON: usize = 200;

/// HTTP/1.1 and HTTP/2 for `http` and `https` URLs, without redirects, retries, decompression, cookies or proxies.
///
/// Connections are kept and used again. There is one pool for each [`AddressScope`], so that a request that may connect
/// to public addresses only never uses a connection to a private address that another request opened.
///
/// There are at most 256 connections to one host and port; further requests wait, within their connect timeout.
///
/// A request is sent twice in one case only: the pooled connection was closed before a byte of the request was written
/// to it. The request is then sent on another connection, because the server cannot have seen it.
pub struct HttpTransport {
    public: Client<Connector, Empty<Bytes>>,
    any: Client<Connector, Empty<Bytes>>,
}

impl HttpTransport {
    /// A transport that resolves names with `resolver`. It opens nothing before the first request.
    ///
    /// # Errors
    /// A [`ConfigError`] if a file of `tls` cannot be read or has the wrong content.
    #[expect(clippy::needless_pass_by_value, reason = "a resolver is a handle that the transport keeps")]
    pub fn new(resolver: Resolver, tls: &TlsSettings) -> Result<Self, ConfigError> {
        let tls = TlsConnector::from(Arc::new(tls.client_config()?));
        let connections = HostConnections::default();
        let connector = |scope| Connector::new(resolver.clone(), scope, tls.clone(), connections.clone());
        let (public, any) = (connector(AddressScope::Public), connector(AddressScope::Any));
        Ok(Self { public: client(public), any: client(any) })
    }
}

fn client(connector: Connector) -> Client<Connector, Empty<Bytes>> {
    Client::builder(TokioExecutor::new())
        .timer(TokioTimer::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE)
        .pool_max_idle_per_host(IDLE_PER_ORIGIN)
        .http1_max_buf_size(MAX_HEAD)
        .http2_initial_stream_window_size(STREAM_WINDOW)
        .http2_initial_connection_window_size(CONNECTION_WINDOW)
        .http2_keep_alive_interval(PING_AFTER)
        .http2_keep_alive_timeout(PING_TIMEOUT)
        // This repeats only requests that were still queued when their connection closed: hyper returns those unwritten.
        .retry_canceled_requests(true)
        .build(connector)
}

impl Transport for HttpTransport {
    fn send(&self, request: HttpRequest) -> BoxFuture<'static, Result<HttpResponse, TransportError>> {
        let HttpRequest { uri, headers, scope, connect_timeout, cancellation } = request;
        let mut request = Request::new(Empty::new());
        *request.uri_mut() = uri;
        *request.headers_mut() = headers;
        let connection = capture_connection(&mut request);
        let response = match scope {
            AddressScope::Public => self.public.request(request),
            AddressScope::Any => self.any.request(request),
        };
        let pending = PendingHead { response, connection, connect_timeout, limit: None, cancellation };
        Box::pin(pending.head())
    }
}

/// A request that waits for the head of its response.
struct PendingHead {
    response: ResponseFuture,
    connection: CaptureConnection,
    connect_timeout: Duration,
    /// The connect timeout. Made only if the request has to wait for a connection.
    limit: Option<Pin<Box<Sleep>>>,
    cancellation: Cancellation,
}

impl PendingHead {
    async fn head(mut self) -> Result<HttpResponse, TransportError> {
        let response = poll_fn(|cx| self.poll(cx)).await?;
        let state = self.connection.connection_metadata().as_ref().map(connection_state);
        Ok(http_response(response, state.unwrap_or_default()))
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<Response<Incoming>, TransportError>> {
        if self.cancellation.is_cancelled() && !self.is_connected() {
            let message = "the request was cancelled before it was sent";
            return Poll::Ready(Err(TransportError::new(TransportErrorKind::Connect, message)));
        }
        if let Poll::Ready(response) = self.response.poll_unpin(cx) {
            return Poll::Ready(response.map_err(|error| send_error(&error)));
        }
        if self.is_connected() {
            self.limit = None;
            return Poll::Pending;
        }
        let limit = self.limit.get_or_insert_with(|| Box::pin(tokio::time::sleep(self.connect_timeout)));
        limit.poll_unpin(cx).map(|()| {
            let limit = TimeLimit::Connect;
            Err(TransportError::new(TransportErrorKind::Timeout(limit), limit.message()))
        })
    }

    /// Whether the request has a connection.
    fn is_connected(&self) -> bool {
        self.connection.connection_metadata().is_some()
    }
}

fn http_response(response: Response<Incoming>, state: ConnectionState) -> HttpResponse {
    state.made_progress();
    let (head, body) = response.into_parts();
    let body = BodyStream { body, state };
    let multiplexed = head.version == Version::HTTP_2;
    HttpResponse::new(head.status, head.headers, Box::pin(body)).with_multiplexed(multiplexed)
}

/// The data of a body, without its trailers.
struct BodyStream {
    body: Incoming,
    state: ConnectionState,
}

impl Stream for BodyStream {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            let Some(frame) = std::task::ready!(Pin::new(&mut self.body).poll_frame(cx)) else {
                return Poll::Ready(None);
            };
            match frame.map(hyper::body::Frame::into_data) {
                // An empty frame is no progress: it must not restart the idle timeout.
                Ok(Ok(data)) if data.is_empty() => {}
                Ok(Ok(data)) => {
                    self.state.received_body(data.len());
                    return Poll::Ready(Some(Ok(data)));
                }
                Ok(Err(_trailers)) => {}
                Err(error) => {
                    let failure = self.state.failure().unwrap_or_else(|| transport_error(&error));
                    return Poll::Ready(Some(Err(failure.after_answer())));
                }
            }
        }
    }
}

fn send_error(error: &legacy::Error) -> TransportError {
    let failure = transport_error(error);
    let Some(connection) = error.connect_info() else { return failure };
    if connection.is_negotiated_h2() {
        // The next attempt must not use this connection: a server that has broken the protocol may ignore later requests.
        // Requests that already run on it continue.
        connection.poison();
    }
    let state = connection_state(connection);
    if let Some(failure) = state.failure() {
        return failure;
    }
    // The bytes on an HTTP/2 connection may belong to other exchanges. An exchange that fails here has no head yet.
    let answered = !connection.is_negotiated_h2() && state.response_has_begun();
    if answered { failure.after_answer() } else { failure }
}

fn connection_state(connection: &Connected) -> ConnectionState {
    let mut extras = Extensions::new();
    connection.get_extras(&mut extras);
    extras.remove().unwrap_or_default()
}

/// Finds out what failed by the types of the error's sources, never by their text.
fn transport_error(error: &(dyn Error + 'static)) -> TransportError {
    let mut innermost = error;
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(own) = error.downcast_ref::<TransportError>() {
            return own.clone();
        }
        if let Some(failure) = error.downcast_ref::<io::Error>().and_then(stream_failure) {
            return failure;
        }
        if error.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_parse_too_large) {
            let message = format!("the head of the response has more than {MAX_HEAD} bytes or 100 headers");
            return TransportError::new(TransportErrorKind::TooLarge, message);
        }
        innermost = error;
        next = error.source();
    }
    // hyper quotes the text of a GOAWAY frame, which may be long.
    let reason: String = innermost.to_string().chars().take(MAX_REASON).collect();
    TransportError::new(TransportErrorKind::Reset, format!("the connection failed: {reason}"))
}

impl fmt::Debug for HttpTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpTransport").finish_non_exhaustive()
    }
}
