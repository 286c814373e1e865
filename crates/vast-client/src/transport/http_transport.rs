//! The HTTP transport: HTTP/1.1 and HTTP/2 over TCP and TLS, with a connection pool.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{BoxFuture, Either, lazy, ready};
use futures_util::{FutureExt, Stream};
use http::header::{CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use http::{HeaderMap, Method, Request, Response, Uri, Version};
use hyper::body::{Body as _, Incoming};
use tokio_rustls::TlsConnector;

use super::connect::{Connector, HostConnections};
use super::pool::connections::{Http1Connection, OutgoingRequest, PooledConnection};
use super::pool::outgoing_body::OutgoingBody;
use super::pool::{Checkout, ConnectionPool, OriginPool};
use super::stream::{ConnectionState, OpenExchange, transport_error};
use super::{
    AddressScope, Cancellation, EgressProxy, HttpRequest, HttpResponse, Resolver, TlsSettings, Transport,
    TransportError,
};
use crate::error::ConfigError;

/// HTTP/1.1 and HTTP/2 for `http` and `https` URLs, without redirects, retries, decompression or cookies. It uses no proxy, except one
/// that is given to [`with_proxy`](Self::with_proxy); settings of the environment have no effect.
///
/// Connections are kept and used again. There is one pool for each [`AddressScope`], so that a request that may connect
/// to public addresses only never uses a connection to a private address that another request opened.
///
/// There are at most 256 connections to one host and port; further requests wait, within their connect timeout. A pool keeps an idle connection
/// for 50 s, and at most 1,024 of them, those that were used last: documents of strangers may name a new host each.
///
/// A request is sent twice in one case only: the pooled connection was closed before a byte of the request was written
/// to it. The request is then sent on another connection, because the server cannot have seen it.
pub struct HttpTransport {
    public: ConnectionPool,
    any: ConnectionPool,
}

impl HttpTransport {
    /// A transport that resolves names with `resolver`. It opens nothing before the first request.
    ///
    /// # Errors
    /// A [`ConfigError`] if a file of `tls` cannot be read or has the wrong content.
    pub fn new(resolver: Resolver, tls: &TlsSettings) -> Result<Self, ConfigError> {
        Self::with_proxy(resolver, tls, None)
    }

    /// A transport whose connections a proxy opens.
    ///
    /// # Errors
    /// See [`new`](Self::new).
    #[expect(clippy::needless_pass_by_value, reason = "a resolver is a handle that the transport keeps")]
    pub fn with_proxy(resolver: Resolver, tls: &TlsSettings, proxy: Option<EgressProxy>) -> Result<Self, ConfigError> {
        let tls = TlsConnector::from(Arc::new(tls.client_config()?));
        let connections = HostConnections::default();
        let pool = |scope| {
            let (resolver, tls, connections) = (resolver.clone(), tls.clone(), connections.clone());
            ConnectionPool::new(Connector::new(resolver, scope, tls, connections, proxy.clone()))
        };
        Ok(Self { public: pool(AddressScope::Public), any: pool(AddressScope::Any) })
    }
}

impl Transport for HttpTransport {
    fn send(&self, request: HttpRequest) -> BoxFuture<'static, Result<HttpResponse, TransportError>> {
        let pool = match request.scope {
            AddressScope::Public => self.public.clone(),
            AddressScope::Any => self.any.clone(),
        };
        exchange(pool, request)
    }
}

/// One exchange, up to the head of the response.
fn exchange(pool: ConnectionPool, request: HttpRequest) -> BoxFuture<'static, Result<HttpResponse, TransportError>> {
    let HttpRequest { uri, headers, connect_timeout, cancellation, body, .. } = request;
    let method = if body.is_some() { Method::POST } else { Method::GET };
    let mut request = Request::new(OutgoingBody::new(body));
    *request.method_mut() = method;
    *request.uri_mut() = uri;
    *request.headers_mut() = headers;
    let route = RequestRoute { pool, connect_timeout, cancellation };
    // No async function, whose future would have places for the request and for hyper's future beside each other.
    Box::pin(lazy(move |_| route.begin(request)).flatten())
}

/// How a request gets a connection.
struct RequestRoute {
    pool: ConnectionPool,
    connect_timeout: Duration,
    cancellation: Cancellation,
}

impl RequestRoute {
    /// Sends the request over an idle HTTP/1.1 connection if there is one, as for most requests, and otherwise over the next connection.
    fn begin(
        self,
        mut request: OutgoingRequest,
    ) -> impl Future<Output = Result<HttpResponse, TransportError>> + Send + 'static {
        let origin = match self.pool.origin(request.uri()) {
            Ok(origin) => origin,
            Err(error) => return Either::Right(ready(Err(error)).boxed()),
        };
        let idle = if self.cancellation.is_cancelled() { None } else { origin.take() };
        let mut connection = match idle {
            Some(PooledConnection::Http1(connection)) => connection,
            other => {
                let checkout = other.map(|connection| Checkout { connection, is_reused: true });
                return Either::Right(self.send(origin, request, checkout).boxed());
            }
        };
        if let Err(error) = address(&mut request, &origin, false) {
            return Either::Right(ready(Err(error)).boxed());
        }
        let (sent, state) = (connection.send(request), connection.state().clone());
        let reusable = connection.unless_closed();
        Either::Left(sent.then(move |sent| match sent {
            Ok(response) => Either::Left(ready(Ok(http_response(response, state, reusable, None, origin)))),
            Err(mut error) => match error.take_message() {
                // hyper returns only requests of which no byte was written.
                Some(unsent) => Either::Right(self.send(origin, unsent, None).boxed()),
                None => Either::Left(ready(Err(send_error(&error.into_error(), &state, false)))),
            },
        }))
    }

    /// Sends the request over the connection of `checkout`, or else over the next one of the pool, and over a further one if it was not written.
    async fn send(
        self,
        origin: Arc<OriginPool>,
        mut request: OutgoingRequest,
        mut checkout: Option<Checkout>,
    ) -> Result<HttpResponse, TransportError> {
        let Self { pool, connect_timeout, cancellation } = self;
        loop {
            let Checkout { connection, is_reused } = match checkout.take() {
                Some(checkout) => checkout,
                None => pool.connection(&origin, connect_timeout, &cancellation).await?,
            };
            address(&mut request, &origin, connection.is_http2())?;
            let state = connection.state().clone();
            let open = connection.is_http2().then(|| state.open_exchange());
            // Awaited in two places, because a future that either version gives would be moved once more.
            let (sent, reusable) = match connection {
                PooledConnection::Http1(mut connection) => {
                    let response = connection.send(request);
                    let connection = connection.unless_closed();
                    (response.await, connection)
                }
                PooledConnection::Http2(mut connection) => {
                    let response = connection.send(request);
                    let connection = connection.unless_closed();
                    if connection.is_none() {
                        origin.forget_closed();
                    }
                    (response.await, None)
                }
            };
            match sent {
                Ok(response) => return Ok(http_response(response, state, reusable, open, origin)),
                Err(mut error) => match error.take_message() {
                    // hyper returns only requests of which no byte was written.
                    Some(unsent) if is_reused => request = unsent,
                    _ => return Err(send_error(&error.into_error(), &state, open.is_some())),
                },
            }
        }
    }
}

/// Sets the parts of a request that depend on the version of HTTP: the origin is in the URI over HTTP/2, and in a header over HTTP/1.1.
fn address(request: &mut OutgoingRequest, origin: &OriginPool, is_http2: bool) -> Result<(), TransportError> {
    // The URI has no origin if the request was meant for an HTTP/1.1 connection before.
    let path = std::mem::take(request.uri_mut()).into_parts().path_and_query;
    if is_http2 {
        *request.uri_mut() = origin.uri_of(path)?;
        request.headers_mut().remove(HOST);
    } else {
        *request.uri_mut() = path.map_or_else(Uri::default, Uri::from);
        request.headers_mut().insert(HOST, origin.host());
    }
    Ok(())
}

fn http_response(
    response: Response<Incoming>,
    state: ConnectionState,
    reusable: Option<Http1Connection>,
    open: Option<OpenExchange>,
    origin: Arc<OriginPool>,
) -> HttpResponse {
    state.made_progress();
    let (head, body) = response.into_parts();
    let mut body = BodyStream { body, state, used: None, _open: open };
    body.used = reusable.filter(|_| has_one_length(&head.headers)).map(|connection| (origin, connection));
    if body.body.is_end_stream() {
        body.give_back();
    }
    let multiplexed = head.version == Version::HTTP_2;
    HttpResponse::new(head.status, head.headers, Box::pin(body)).with_multiplexed(multiplexed)
}

/// Whether the headers state the length of the body in one way. A response with `Transfer-Encoding` and `Content-Length` is the last of its
/// connection: another party on the way may have used the other length, and what follows would be taken for the next response
/// (RFC 9112, section 6.3).
fn has_one_length(headers: &HeaderMap) -> bool {
    // To look at the names takes less time than to look one up.
    headers.keys().all(|name| *name != TRANSFER_ENCODING) || !headers.contains_key(CONTENT_LENGTH)
}

/// The data of a body, without its trailers.
struct BodyStream {
    body: Incoming,
    state: ConnectionState,
    /// The connection that carries this body alone, until the body has ended. A body that is dropped before closes it.
    used: Option<(Arc<OriginPool>, Http1Connection)>,
    /// Counts the exchange over HTTP/2 until the body has ended or is dropped.
    _open: Option<OpenExchange>,
}

impl BodyStream {
    fn give_back(&mut self) {
        if let Some((origin, connection)) = self.used.take() {
            origin.give_back(connection);
        }
    }
}

impl Stream for BodyStream {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            let Some(frame) = std::task::ready!(Pin::new(&mut self.body).poll_frame(cx)) else {
                self.give_back();
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

fn send_error(error: &hyper::Error, state: &ConnectionState, is_http2: bool) -> TransportError {
    if is_http2 {
        // The next attempt must not use this connection: a server that has broken the protocol may ignore later requests.
        // Requests that already run on it continue.
        state.set_broken();
    }
    if let Some(failure) = state.failure() {
        return failure;
    }
    let failure = transport_error(error);
    // The bytes on an HTTP/2 connection may belong to other exchanges. An exchange that fails here has no head yet.
    let answered = !is_http2 && state.response_has_begun();
    if answered { failure.after_answer() } else { failure }
}

impl fmt::Debug for HttpTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpTransport").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::room_of_future;

    #[test]
    fn an_exchange_takes_little_room() {
        let exchange = |(route, request): (RequestRoute, OutgoingRequest)| route.begin(request);
        assert!(room_of_future(exchange) <= 360, "{}", room_of_future(exchange));
    }

    /// A request that was not written to one connection is sent over another one, which may have the other version of HTTP.
    #[tokio::test]
    async fn a_request_is_addressed_again_for_each_version_of_http() {
        let resolver = Resolver::system();
        let transport = HttpTransport::new(resolver, &TlsSettings::default()).expect("no file");
        let uri = Uri::from_static("https://ads.example:8443/vast?id=[ID]");
        let origin = transport.public.origin(&uri).expect("a host");
        let mut request = Request::new(OutgoingBody::default());
        *request.uri_mut() = uri;
        for (is_http2, expected) in [
            (false, ("/vast?id=[ID]", Some("ads.example:8443"))),
            (false, ("/vast?id=[ID]", Some("ads.example:8443"))),
            (true, ("https://ads.example:8443/vast?id=[ID]", None)),
            (true, ("https://ads.example:8443/vast?id=[ID]", None)),
            (false, ("/vast?id=[ID]", Some("ads.example:8443"))),
        ] {
            address(&mut request, &origin, is_http2).expect("a URI");
            let host = request.headers().get(HOST).and_then(|host| host.to_str().ok());
            assert_eq!((&*request.uri().to_string(), host), expected, "{is_http2}");
        }
    }
}
