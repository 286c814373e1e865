//! The connection pool: connections that wait for their next request, and requests that wait for a connection.
//!
//! hyper-util's client has a pool too. It costs twice as many instructions per request as this one: it starts a task for each
//! response, and its connections are found in the extensions of a request. Each connection itself is hyper's.

pub(super) mod connections;
pub(super) mod outgoing_body;

use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::uri::{PathAndQuery, Scheme};
use http::{HeaderValue, Uri};
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;

use self::connections::{Connections, Http1Connection, Http2Connection, IDLE_STEPS, IdleByAge, PooledConnection};
use super::connect::{Connector, MAX_CONNECTIONS_PER_HOST};
use super::stream::{CONNECTION_WINDOW, MAX_HEAD, STREAM_WINDOW, transport_error};
use super::{Cancellation, TransportError, TransportErrorKind};
use crate::policy::TimeLimit;

/// How long an idle connection is kept. Load balancers close theirs after 60 s (AWS) or 75 s (nginx). The client closes
/// earlier, so that it does not write a request to a connection that the server is closing.
const IDLE: Duration = Duration::from_secs(50);
/// The largest number of idle connections of a pool. Documents of strangers name the hosts, each of which can be a new one, and each idle
/// connection takes 25 kB and an open file. Those that were used last are kept.
const IDLE_IN_ALL: usize = 1024;
/// The idle connections are counted whenever so many were opened. If at least half as many as permitted are idle then, a step of the idle time is
/// over, so that those of one moment differ in age from those that are used all the time.
const OPENED_PER_LOOK: usize = 128;
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

/// The connections of one [`AddressScope`](super::AddressScope). All clones are one pool.
#[derive(Clone)]
pub(super) struct ConnectionPool(Arc<PoolState>);

struct PoolState {
    connector: Connector,
    origins: Mutex<Origins>,
    opened: Arc<OpenedConnections>,
}

/// Origins by their authority. A hash map would need a slow hash function here, because strangers choose the names of their servers.
type OriginMap = BTreeMap<Box<str>, Arc<OriginPool>>;

#[derive(Default)]
struct Origins {
    http: OriginMap,
    https: OriginMap,
    /// The task that closes idle connections. It runs while there are origins.
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

/// A connection for one exchange, and whether it has carried others before.
pub(super) struct Checkout {
    pub(super) connection: PooledConnection,
    pub(super) is_reused: bool,
}

impl ConnectionPool {
    pub(super) fn new(connector: Connector) -> Self {
        Self(Arc::new(PoolState { connector, origins: Mutex::default(), opened: Arc::default() }))
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
            origins.closer = Some(tokio::spawn(close_idle(Arc::downgrade(&self.0), Arc::clone(&self.0.opened))));
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
        pool.opened.one_more();
        let state = stream.inner().state();
        let is_http2 = stream.inner().is_http2();
        let failed = |error: hyper::Error| state.failure().unwrap_or_else(|| transport_error(&error));
        if !is_http2 {
            let handshake = http1_builder().handshake(stream).await;
            let (sender, connection) = handshake.map_err(failed)?;
            tokio::spawn(connection.map(drop));
            let connection = PooledConnection::Http1(Http1Connection::new(sender, state));
            return Ok(Checkout { connection, is_reused: false });
        }
        if let Some(other) = origin.connections().take_shared() {
            return Ok(Checkout { connection: PooledConnection::Http2(other), is_reused: true });
        }
        let (sender, connection) = http2_builder().handshake(stream).await.map_err(failed)?;
        let (shared, is_own) = origin.connections().share(Http2Connection::new(sender, state));
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

/// Finishes opening a connection whose request does not need it, and keeps it for later requests.
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

/// Counts the connections that a pool has opened.
#[derive(Default)]
struct OpenedConnections {
    count: AtomicUsize,
    many: Notify,
}

impl OpenedConnections {
    fn one_more(&self) {
        if self.count.fetch_add(1, Ordering::Relaxed) % OPENED_PER_LOOK == OPENED_PER_LOOK - 1 {
            self.many.notify_one();
        }
    }
}

/// Closes the connections of a pool that were idle for too long or are too many, and forgets the origins without connections.
async fn close_idle(pool: Weak<PoolState>, opened: Arc<OpenedConnections>) {
    let mut steps = tokio::time::interval(IDLE / IDLE_STEPS);
    // The first one is over at once.
    steps.tick().await;
    loop {
        let is_step = tokio::select! {
            _ = steps.tick() => true,
            () = opened.many.notified() => false,
        };
        let Some(pool) = pool.upgrade() else { return };
        let mut origins = pool.origins();
        if is_step || origins.idle_by_age().iter().sum::<usize>() >= IDLE_IN_ALL / 2 {
            origins.next_step();
            origins.close_excess(IDLE_IN_ALL);
        }
        if origins.http.is_empty() && origins.https.is_empty() {
            origins.closer = None;
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

    fn idle_by_age(&self) -> IdleByAge {
        let mut by_age = IdleByAge::default();
        for origin in self.http.values().chain(self.https.values()) {
            origin.connections().count_idle(&mut by_age);
        }
        by_age
    }

    /// A step of the idle time is over.
    fn next_step(&mut self) {
        for origins in [&mut self.http, &mut self.https] {
            origins.retain(|_, origin| origin.connections().next_step() || Arc::strong_count(origin) > 1);
        }
    }

    /// Closes the oldest idle connections until `most` are left.
    fn close_excess(&self, most: usize) {
        let mut closed = self.idle_by_age();
        let mut excess = closed.iter().sum::<usize>().saturating_sub(most);
        for of_age in closed.iter_mut().rev() {
            *of_age = excess.min(*of_age);
            excess -= *of_age;
        }
        for origin in self.http.values().chain(self.https.values()) {
            origin.connections().close_idle(&mut closed);
        }
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

    /// An open connection, if there is one that can carry an exchange.
    pub(super) fn take(&self) -> Option<PooledConnection> {
        self.connections().take()
    }

    /// Drops the HTTP/2 connection of the origin if it has ended.
    pub(super) fn forget_closed(&self) {
        self.connections().take_shared();
    }

    /// Takes back a connection whose exchange has ended.
    pub(super) fn give_back(self: Arc<Self>, mut connection: Http1Connection) {
        if connection.is_ready() {
            self.keep(connection, IDLE_PER_ORIGIN);
        } else if !connection.is_closed() {
            // The task of the connection has not yet noticed that the exchange has ended.
            tokio::spawn(async move {
                if connection.ready().await.is_ok() {
                    self.keep(connection, IDLE_PER_ORIGIN);
                }
            });
        }
    }

    /// [`Connections::keep`].
    fn keep(&self, connection: Http1Connection, most_idle: usize) {
        self.connections().keep(connection, most_idle);
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
        let connection = origin.connections().wait();
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
