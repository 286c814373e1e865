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
use hyper_util::client::legacy::connect::{CaptureConnection, capture_connection};
use hyper_util::client::legacy::{self, Client, ResponseFuture};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::time::Sleep;
use tokio_rustls::TlsConnector;

use super::connect::Connector;
use super::stream::{Signs, tls_failure};
use super::{
    HttpRequest, HttpResponse, Interest, Reach, Resolver, TlsSettings, Transport, TransportError, TransportErrorKind,
};
use crate::error::ConfigError;
use crate::policy::TimeLimit;

/// How long a connection without work is kept. Load balancers close theirs after 60 s (AWS) or 75 s (nginx): ending
/// before them means that a request is rarely written to a connection that is just being closed.
const IDLE: Duration = Duration::from_secs(50);
/// How many connections without work are kept per origin: a burst's worth, and a bound on file descriptors. With 64, a
/// client with 256 requests under way opened up to 154 connections per 1,000 requests.
const IDLE_PER_ORIGIN: usize = 256;
/// An HTTP/2 connection with requests under way that is silent for this long is asked for a sign of life; requests on
/// a dead one would otherwise all run into their time limits until TCP gives up.
const SILENCE: Duration = Duration::from_secs(5);
/// How long it has to give one.
const SIGN_OF_LIFE: Duration = Duration::from_secs(2);

/// HTTP/1.1 and HTTP/2 for `http` and `https` URLs, without redirects, retries, decompression, cookies or proxies.
///
/// Connections are kept and used again. Those of trees that may go anywhere and those of trees that may not are in
/// separate pools, so that the latter never use a connection to a private address that the former opened.
///
/// A request is sent twice in one case only: a kept connection was found closed before a byte of the request was
/// written to it. It then goes out on another one, since no one can have seen the first.
pub struct HttpTransport {
    public: Client<Connector, Empty<Bytes>>,
    any: Client<Connector, Empty<Bytes>>,
}

impl HttpTransport {
    /// A transport that finds addresses with `resolver`; nothing is opened before the first request.
    ///
    /// # Errors
    /// A [`ConfigError`] for files of `tls` that cannot be read or do not hold what they should.
    pub fn new(resolver: Resolver, tls: &TlsSettings) -> Result<Self, ConfigError> {
        let tls = TlsConnector::from(Arc::new(tls.client_config()?));
        let public = client(Connector::new(resolver.clone(), Reach::Public, tls.clone()));
        Ok(Self { public, any: client(Connector::new(resolver, Reach::Any, tls)) })
    }
}

fn client(connector: Connector) -> Client<Connector, Empty<Bytes>> {
    Client::builder(TokioExecutor::new())
        .timer(TokioTimer::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE)
        .pool_max_idle_per_host(IDLE_PER_ORIGIN)
        .http2_keep_alive_interval(SILENCE)
        .http2_keep_alive_timeout(SIGN_OF_LIFE)
        // Only for requests that hyper gives back unwritten: its dispatcher returns the message of those that were
        // still queued when the connection ended, and the client repeats no other.
        .retry_canceled_requests(true)
        .build(connector)
}

impl Transport for HttpTransport {
    fn send(&self, request: HttpRequest) -> BoxFuture<'static, Result<HttpResponse, TransportError>> {
        let HttpRequest { uri, headers, reach, connect_timeout, interest } = request;
        let mut request = Request::new(Empty::new());
        *request.uri_mut() = uri;
        *request.headers_mut() = headers;
        let connection = capture_connection(&mut request);
        let answer = match reach {
            Reach::Public => self.public.request(request),
            Reach::Any => self.any.request(request),
        };
        let waiting = Waiting { answer, connection, connect_timeout, limit: None, interest };
        Box::pin(async move { waiting.head().await.map(response) })
    }
}

/// A request under way, until its head is there.
struct Waiting {
    answer: ResponseFuture,
    connection: CaptureConnection,
    connect_timeout: Duration,
    /// Runs only while there is no connection: with a kept one there is never a timer.
    limit: Option<Pin<Box<Sleep>>>,
    interest: Interest,
}

impl Waiting {
    async fn head(mut self) -> Result<Response<Incoming>, TransportError> {
        poll_fn(|cx| self.poll(cx)).await
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<Response<Incoming>, TransportError>> {
        if self.interest.is_lost() && !self.is_connected() {
            let message = "given up before it was sent";
            return Poll::Ready(Err(TransportError::new(TransportErrorKind::Connect, message)));
        }
        if let Poll::Ready(answer) = self.answer.poll_unpin(cx) {
            return Poll::Ready(answer.map_err(|error| explain(&error)));
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

    /// Whether the request has been given to a connection.
    fn is_connected(&self) -> bool {
        self.connection.connection_metadata().is_some()
    }
}

fn response(response: Response<Incoming>) -> HttpResponse {
    let (head, body) = response.into_parts();
    let multiplexed = head.version == Version::HTTP_2;
    HttpResponse { status: head.status, headers: head.headers, body: Box::pin(Pieces(body)), multiplexed }
}

/// The data of a body; trailers say nothing of interest.
struct Pieces(Incoming);

impl Stream for Pieces {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            let Some(frame) = std::task::ready!(Pin::new(&mut self.0).poll_frame(cx)) else {
                return Poll::Ready(None);
            };
            match frame.map(hyper::body::Frame::into_data) {
                Ok(Ok(data)) => return Poll::Ready(Some(Ok(data))),
                Ok(Err(_trailers)) => {}
                Err(error) => return Poll::Ready(Some(Err(reason(&error).after_answer()))),
            }
        }
    }
}

fn explain(error: &legacy::Error) -> TransportError {
    let reason = reason(error);
    let Some(connection) = error.connect_info() else { return reason };
    let mut extras = Extensions::new();
    connection.get_extras(&mut extras);
    let signs: Signs = extras.remove().unwrap_or_default();
    if let Some(failure) = signs.tls_failure() {
        return failure;
    }
    // Over HTTP/2 a failed exchange is one whose head has not come; the bytes are other exchanges'.
    let begun = !connection.is_negotiated_h2() && signs.answer_has_begun();
    if begun { reason.after_answer() } else { reason }
}

/// What failed, by the types of the errors underneath, never by their text.
fn reason(error: &(dyn Error + 'static)) -> TransportError {
    let mut innermost = error;
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(ours) = error.downcast_ref::<TransportError>() {
            return ours.clone();
        }
        if let Some(tls) = error.downcast_ref::<io::Error>().and_then(tls_failure) {
            return tls;
        }
        innermost = error;
        next = error.source();
    }
    TransportError::new(TransportErrorKind::Reset, format!("the connection failed: {innermost}"))
}

impl fmt::Debug for HttpTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpTransport").finish_non_exhaustive()
    }
}
