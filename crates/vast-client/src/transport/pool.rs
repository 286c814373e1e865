//! The connection pool: connections that wait for their next request, and requests that wait for a connection.
//!
//! hyper-util's client has a pool too. It costs twice as many instructions per request as this one: it starts a task for each
//! response, and its connections are found in the extensions of a request. Each connection itself is hyper's.

use std::collections::{BTreeMap, VecDeque};
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::uri::{PathAndQuery, Scheme};
use http::{HeaderValue, Request, Response, Uri};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::{TrySendError, http1, http2};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::connect::{Connector, MAX_CONNECTIONS_PER_HOST};
use super::stream::{CONNECTION_WINDOW, ConnectionState, MAX_HEAD, STREAM_WINDOW, transport_error};
use super::{Cancellation, TransportError, TransportErrorKind};
use crate::policy::TimeLimit;

/// How long an idle connection is kept. Load balancers close theirs after 60 s (AWS) or 75 s (nginx). The client closes
/// earlier, so that it does not write a request to a connection that the server is closing.
const IDLE: Duration = Duration::from_secs(50);
/// The idle time is counted in this many steps, so that no clock is read for a request.
const IDLE_STEPS: u32 = 10;
/// The largest number of idle connections per origin: the same as that of all connections. With 64, a client with 256
/// requests at a time opened up to 154 connections per 1,000 requests.
const IDLE_PER_ORIGIN: usize = MAX_CONNECTIONS_PER_HOST;
/// A request may get an idle connection while its own is still being opened. The opened one is then a spare. It is kept only if fewer than
/// this many connections are idle, because each takes 25 kB, and all requests in flight have a connection already.
const SPARE_PER_ORIGIN: usize = 8;
/// After this time without a frame, an HTTP/2 connection that has open requests is checked with a PING. Without the check,
/// all requests on a dead connection would wait for their time limits until TCP gives up.
const PING_AFTER: Duration = Duration::from_secs(5);
/// How long the answer to the PING may take.
const PING_TIMEOUT: Duration = Duration::from_secs(2);

/// A request without a body.
pub(super) type OutgoingRequest = Request<Full<Bytes>>;

/// The connections of one [`AddressScope`](super::AddressScope). All clones are one pool.
#[derive(Clone)]
pub(super) struct ConnectionPool(Arc<PoolState>);

struct PoolState {
    connector: Connector,
    origins: Mutex<Origins>,
}

/// Origins by their authority. A hash map would need a slow hash function here, because strangers choose the names of their servers.
type OriginMap = BTreeMap<Box<str>, Arc<OriginPool>>;

#[derive(Default)]
struct Origins {
    http: OriginMap,
    https: OriginMap,
    /// The task that closes connections which were idle for too long. It runs while there are origins.
    closer: Option<JoinHandle<()>>,
}

/// The connections to one origin.
pub(super) struct OriginPool {
    /// The origin as a URI.
    uri: Uri,
    /// The value of the header `Host`.
    host: HeaderValue,
    connections: Mutex<Connections>,
}

#[derive(Default)]
struct Connections {
    /// HTTP/1.1 connections, each with the step at which it became idle. The one that was used last is the last.
    idle: Vec<(u32, Http1Connection)>,
    /// The HTTP/2 connection, with the step at which it was used last.
    shared: Option<(u32, Http2Connection)>,
    /// Requests that wait for a connection.
    waiters: VecDeque<oneshot::Sender<PooledConnection>>,
    /// How many of `waiters` wait no longer, but are still in the queue.
    gone: usize,
    /// The number of steps of the idle time so far.
    step: u32,
}

/// A connection that carries one exchange at a time.
pub(super) struct Http1Connection {
    sender: http1::SendRequest<Full<Bytes>>,
    state: ConnectionState,
}

/// A connection that carries many exchanges at a time.
#[derive(Clone)]
pub(super) struct Http2Connection {
    sender: http2::SendRequest<Full<Bytes>>,
    state: ConnectionState,
}

/// A connection for one exchange.
pub(super) enum PooledConnection {
    Http1(Http1Connection),
    Http2(Http2Connection),
}

/// A connection for one exchange, and whether it has carried others before.
pub(super) struct Checkout {
    pub(super) connection: PooledConnection,
    pub(super) is_reused: bool,
}

impl ConnectionPool {
    pub(super) fn new(connector: Connector) -> Self {
        Self(Arc::new(PoolState { connector, origins: Mutex::default() }))
    }

    /// The connections to the origin of `uri`.
    ///
    /// # Errors
    /// [`TransportErrorKind::Connect`] if `uri` has no host.
    pub(super) fn origin(&self, uri: &Uri) -> Result<Arc<OriginPool>, TransportError> {
        let authority = uri.authority().ok_or_else(no_host)?.as_str();
        let is_https = uri.scheme_str() == Some("https");
        let mut origins = self.0.origins();
        if origins.closer.as_ref().is_none_or(JoinHandle::is_finished) {
            origins.closer = Some(tokio::spawn(close_idle(Arc::downgrade(&self.0))));
        }
        let origins = origins.of_scheme(is_https);
        if let Some(known) = origins.get(authority) {
            return Ok(Arc::clone(known));
        }
        let host = HeaderValue::from_str(without_default_port(authority, is_https)).map_err(|_| no_host())?;
        // A copy, because a part of `uri` would keep all of its text.
        let scheme = if is_https { Scheme::HTTPS } else { Scheme::HTTP };
        let of_origin = Uri::builder().scheme(scheme).authority(authority).path_and_query("/").build();
        let origin = OriginPool { uri: of_origin.map_err(|_| no_host())?, host, connections: Mutex::default() };
        let origin = Arc::new(origin);
        origins.insert(authority.into(), Arc::clone(&origin));
        Ok(origin)
    }

    /// A connection to `origin` within `limit`: an idle one, or the one that is ready first of a new one and
    /// one that becomes idle.
    ///
    /// # Errors
    /// The failure of the new connection, or [`TransportErrorKind::Timeout`] for the connect timeout. A request that is cancelled
    /// while it waits fails with [`TransportErrorKind::Connect`].
    pub(super) async fn connection(
        &self,
        origin: &Arc<OriginPool>,
        limit: Duration,
        cancellation: &Cancellation,
    ) -> Result<Checkout, TransportError> {
        if cancellation.is_cancelled() {
            return Err(cancelled());
        }
        if let Some(connection) = origin.take() {
            return Ok(Checkout { connection, is_reused: true });
        }
        // Boxed, because the future of every request would be as large as this one.
        self.wait(origin, limit, cancellation).boxed().await
    }

    async fn wait(
        &self,
        origin: &Arc<OriginPool>,
        limit: Duration,
        cancellation: &Cancellation,
    ) -> Result<Checkout, TransportError> {
        let mut waiting = Waiting::new(origin);
        let mut connecting = Self::connect(Arc::clone(&self.0), Arc::clone(origin)).boxed();
        let mut timer = pin!(tokio::time::sleep(limit));
        let first = poll_fn(|cx| {
            if cancellation.is_cancelled() {
                return Poll::Ready(First::Connected(Err(cancelled())));
            }
            if let Poll::Ready(connection) = waiting.poll(cx) {
                return Poll::Ready(First::Idle(connection));
            }
            if let Poll::Ready(connected) = connecting.poll_unpin(cx) {
                return Poll::Ready(First::Connected(connected));
            }
            timer.as_mut().poll(cx).map(|()| First::Connected(Err(connect_timeout())))
        });
        match first.await {
            First::Connected(connected) => connected,
            First::Idle(connection) => {
                finish_in_background(connecting, Arc::clone(origin));
                Ok(Checkout { connection, is_reused: true })
            }
        }
    }

    /// Opens a connection. If it is HTTP/2 and another request has opened one at the same time, that one is used.
    async fn connect(pool: Arc<PoolState>, origin: Arc<OriginPool>) -> Result<Checkout, TransportError> {
        let stream = pool.connector.connect(&origin.uri).await?;
        let state = stream.inner().state();
        let is_http2 = stream.inner().is_http2();
        let failed = |error: hyper::Error| state.failure().unwrap_or_else(|| transport_error(&error));
        if !is_http2 {
            let handshake = http1_builder().handshake(stream).await;
            let (sender, connection) = handshake.map_err(failed)?;
            tokio::spawn(connection.map(drop));
            let connection = PooledConnection::Http1(Http1Connection { sender, state });
            return Ok(Checkout { connection, is_reused: false });
        }
        if let Some(other) = origin.connections().take_shared() {
            return Ok(Checkout { connection: PooledConnection::Http2(other), is_reused: true });
        }
        let (sender, connection) = http2_builder().handshake(stream).await.map_err(failed)?;
        let (shared, is_own) = origin.share(Http2Connection { sender, state });
        if is_own {
            tokio::spawn(connection.map(drop));
        }
        Ok(Checkout { connection: PooledConnection::Http2(shared), is_reused: !is_own })
    }
}

/// The event that ends the wait for a connection: another request has returned one, or the own attempt to connect has ended.
enum First {
    Idle(PooledConnection),
    Connected(Result<Checkout, TransportError>),
}

fn no_host() -> TransportError {
    TransportError::new(TransportErrorKind::Connect, "the URI has no host")
}

fn cancelled() -> TransportError {
    TransportError::new(TransportErrorKind::Connect, "the request was cancelled before it was sent")
}

fn connect_timeout() -> TransportError {
    let limit = TimeLimit::Connect;
    TransportError::new(TransportErrorKind::Timeout(limit), limit.message())
}

/// Keeps a connection that is opened for a request which needs it no longer.
fn finish_in_background(connecting: BoxFuture<'static, Result<Checkout, TransportError>>, origin: Arc<OriginPool>) {
    tokio::spawn(async move {
        if let Ok(Checkout { connection: PooledConnection::Http1(connection), .. }) = connecting.await {
            origin.keep(connection, SPARE_PER_ORIGIN);
        }
    });
}

/// The head of a request is one piece, for which a plain write is cheaper than one of several pieces. A body is copied behind it.
fn http1_builder() -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder.max_buf_size(MAX_HEAD).writev(false);
    builder
}

fn http2_builder() -> http2::Builder<TokioExecutor> {
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .keep_alive_interval(PING_AFTER)
        .keep_alive_timeout(PING_TIMEOUT);
    builder
}

/// Closes the connections of a pool that were idle for too long, and forgets the origins without connections.
async fn close_idle(pool: Weak<PoolState>) {
    let mut steps = tokio::time::interval(IDLE / IDLE_STEPS);
    // The first one is over at once.
    steps.tick().await;
    loop {
        steps.tick().await;
        let Some(pool) = pool.upgrade() else { return };
        let mut origins = pool.origins();
        let Origins { http, https, closer } = &mut *origins;
        for origins in [&mut *http, &mut *https] {
            origins.retain(|_, origin| origin.connections().next_step() || Arc::strong_count(origin) > 1);
        }
        if http.is_empty() && https.is_empty() {
            *closer = None;
            return;
        }
    }
}

/// The value of the header `Host` for an authority: without a port that is the default one of its scheme.
fn without_default_port(authority: &str, is_https: bool) -> &str {
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    host.strip_suffix(if is_https { ":443" } else { ":80" }).unwrap_or(host)
}

impl PoolState {
    fn origins(&self) -> MutexGuard<'_, Origins> {
        self.origins.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Origins {
    fn of_scheme(&mut self, is_https: bool) -> &mut OriginMap {
        if is_https { &mut self.https } else { &mut self.http }
    }
}

impl OriginPool {
    /// The value of the header `Host`.
    pub(super) fn host(&self) -> HeaderValue {
        self.host.clone()
    }

    /// The URI of this path at the origin.
    pub(super) fn uri_of(&self, path: Option<PathAndQuery>) -> Result<Uri, TransportError> {
        let mut parts = self.uri.clone().into_parts();
        parts.path_and_query = path.or(parts.path_and_query);
        Uri::from_parts(parts).map_err(|_| no_host())
    }

    fn connections(&self) -> MutexGuard<'_, Connections> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> Option<PooledConnection> {
        let mut connections = self.connections();
        if let Some(shared) = connections.take_shared() {
            return Some(PooledConnection::Http2(shared));
        }
        while let Some((_, connection)) = connections.idle.pop() {
            if connection.sender.is_ready() {
                return Some(PooledConnection::Http1(connection));
            }
        }
        None
    }

    /// Takes back a connection whose exchange has ended.
    pub(super) fn give_back(self: Arc<Self>, mut connection: Http1Connection) {
        if connection.sender.is_ready() {
            self.keep(connection, IDLE_PER_ORIGIN);
        } else if !connection.sender.is_closed() {
            // The task of the connection has not yet noticed that the exchange has ended.
            tokio::spawn(async move {
                if connection.sender.ready().await.is_ok() {
                    self.keep(connection, IDLE_PER_ORIGIN);
                }
            });
        }
    }

    /// Gives a connection to the request that waits longest, or keeps it for the next request if fewer than `most_idle` are idle.
    fn keep(&self, connection: Http1Connection, most_idle: usize) {
        let mut connections = self.connections();
        let mut connection = PooledConnection::Http1(connection);
        while let Some(waiter) = connections.waiters.pop_front() {
            match waiter.send(connection) {
                Ok(()) => return,
                Err(returned) => connection = returned,
            }
            connections.gone = connections.gone.saturating_sub(1);
        }
        let step = connections.step;
        if let PooledConnection::Http1(connection) = connection
            && connections.idle.len() < most_idle
        {
            connections.idle.push((step, connection));
        }
    }

    /// Makes an HTTP/2 connection that of the origin and gives it to all requests that wait. If the origin has one, that one is
    /// returned, and `false`.
    fn share(&self, connection: Http2Connection) -> (Http2Connection, bool) {
        let mut connections = self.connections();
        if let Some(other) = connections.take_shared() {
            return (other, false);
        }
        connections.shared = Some((connections.step, connection.clone()));
        connections.gone = 0;
        for waiter in std::mem::take(&mut connections.waiters) {
            // A request that has ended needs no connection.
            let _ = waiter.send(PooledConnection::Http2(connection.clone()));
        }
        (connection, true)
    }
}

impl Connections {
    /// The HTTP/2 connection of the origin, if it can carry one more exchange.
    fn take_shared(&mut self) -> Option<Http2Connection> {
        let (used, connection) = self.shared.as_mut()?;
        if connection.sender.is_closed() || connection.state.is_broken() {
            self.shared = None;
            return None;
        }
        *used = self.step;
        Some(connection.clone())
    }

    /// Counts a request that waits no longer. Such requests are removed only when they are more than half of the queue: many requests may end
    /// together, and each removal looks at the whole queue.
    fn leave(&mut self) {
        self.gone += 1;
        if 2 * self.gone > self.waiters.len() {
            self.waiters.retain(|waiter| !waiter.is_closed());
            self.gone = 0;
        }
    }

    /// Closes what was idle for too long when a step of the idle time is over. Returns whether anything is left.
    fn next_step(&mut self) -> bool {
        self.step = self.step.wrapping_add(1);
        let step = self.step;
        let is_kept = |since: u32| step.wrapping_sub(since) < IDLE_STEPS;
        self.idle.retain(|(since, connection)| is_kept(*since) && !connection.sender.is_closed());
        let shared = self.shared.take();
        self.shared = shared.filter(|(since, connection)| is_kept(*since) && !connection.sender.is_closed());
        !self.idle.is_empty() || self.shared.is_some() || !self.waiters.is_empty()
    }
}

/// The head of a response, or why there is none.
type SentRequest = Result<Response<Incoming>, TrySendError<OutgoingRequest>>;

impl Http1Connection {
    /// Sends a request. The future is ready when the head of the response has arrived.
    pub(super) fn send(&mut self, request: OutgoingRequest) -> impl Future<Output = SentRequest> + Send + use<> {
        self.sender.try_send_request(request)
    }
}

impl Http2Connection {
    /// [`Http1Connection::send`].
    pub(super) fn send(&mut self, request: OutgoingRequest) -> impl Future<Output = SentRequest> + Send + use<> {
        self.sender.try_send_request(request)
    }
}

impl PooledConnection {
    pub(super) fn state(&self) -> &ConnectionState {
        match self {
            Self::Http1(connection) => &connection.state,
            Self::Http2(connection) => &connection.state,
        }
    }

    pub(super) fn is_http2(&self) -> bool {
        matches!(self, Self::Http2(_))
    }
}

/// A request that waits for a connection to become idle.
struct Waiting<'a> {
    origin: &'a Arc<OriginPool>,
    connection: oneshot::Receiver<PooledConnection>,
    has_ended: bool,
}

impl<'a> Waiting<'a> {
    fn new(origin: &'a Arc<OriginPool>) -> Self {
        let (sender, connection) = oneshot::channel();
        origin.connections().waiters.push_back(sender);
        Self { origin, connection, has_ended: false }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<PooledConnection> {
        if self.has_ended {
            return Poll::Pending;
        }
        match Pin::new(&mut self.connection).poll(cx) {
            Poll::Ready(connection) => {
                self.has_ended = true;
                connection.map_or(Poll::Pending, Poll::Ready)
            }
            Poll::Pending => Poll::Pending,
        }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if self.has_ended {
            return;
        }
        self.connection.close();
        if let Ok(PooledConnection::Http1(connection)) = self.connection.try_recv() {
            self.origin.keep(connection, IDLE_PER_ORIGIN);
        }
        self.origin.connections().leave();
    }
}

#[cfg(test)]
mod tests;
