//! The connections to one origin, and the requests that wait for one.

use std::collections::VecDeque;
use std::future::Future;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::client::conn::{TrySendError, http1, http2};
use tokio::sync::oneshot;

use super::outgoing_body::OutgoingBody;
use crate::transport::stream::ConnectionState;

/// An idle connection is closed after this many steps, so that no clock is read for a request.
pub(super) const IDLE_STEPS: u32 = 10;

/// Numbers of idle connections by their age in steps.
pub(super) type IdleByAge = [usize; IDLE_STEPS as usize];

/// A request as hyper gets it.
pub(in crate::transport) type OutgoingRequest = Request<OutgoingBody>;

/// The connections to one origin.
#[derive(Default)]
pub(super) struct Connections {
    /// HTTP/1.1 connections, each with the step at which it became idle. The one that was used last is the last.
    pub(super) idle: Vec<(u32, Http1Connection)>,
    /// The HTTP/2 connection, with the step at which it was used last.
    shared: Option<(u32, Http2Connection)>,
    /// Requests that wait for a connection.
    pub(super) waiters: VecDeque<oneshot::Sender<PooledConnection>>,
    /// How many of `waiters` wait no longer, but are still in the queue.
    pub(super) gone: usize,
    /// The number of steps of the idle time so far.
    step: u32,
}

/// A connection that carries one exchange at a time.
pub(in crate::transport) struct Http1Connection {
    sender: http1::SendRequest<OutgoingBody>,
    state: ConnectionState,
}

/// A connection that carries many exchanges at a time.
#[derive(Clone)]
pub(in crate::transport) struct Http2Connection {
    sender: http2::SendRequest<OutgoingBody>,
    state: ConnectionState,
}

/// A connection for one exchange.
pub(in crate::transport) enum PooledConnection {
    Http1(Http1Connection),
    Http2(Http2Connection),
}

impl Connections {
    /// An open connection, if there is one that can carry an exchange.
    pub(super) fn take(&mut self) -> Option<PooledConnection> {
        if let Some(shared) = self.take_shared() {
            return Some(PooledConnection::Http2(shared));
        }
        while let Some((_, connection)) = self.idle.pop() {
            if connection.is_ready() {
                return Some(PooledConnection::Http1(connection));
            }
        }
        None
    }

    /// A place in the queue of those who wait for a connection.
    pub(super) fn wait(&mut self) -> oneshot::Receiver<PooledConnection> {
        let (sender, connection) = oneshot::channel();
        self.waiters.push_back(sender);
        connection
    }

    /// Gives a connection to the request that waits longest, or keeps it for the next request if fewer than `most_idle` are idle.
    pub(super) fn keep(&mut self, connection: Http1Connection, most_idle: usize) {
        let mut connection = PooledConnection::Http1(connection);
        while let Some(waiter) = self.waiters.pop_front() {
            match waiter.send(connection) {
                Ok(()) => return,
                Err(returned) => connection = returned,
            }
            self.gone = self.gone.saturating_sub(1);
        }
        if let PooledConnection::Http1(connection) = connection
            && self.idle.len() < most_idle
        {
            self.idle.push((self.step, connection));
        }
    }

    /// Makes an HTTP/2 connection that of the origin and gives it to all requests that wait. If the origin has one, that one is
    /// returned, and `false`.
    pub(super) fn share(&mut self, connection: Http2Connection) -> (Http2Connection, bool) {
        if let Some(other) = self.take_shared() {
            return (other, false);
        }
        self.shared = Some((self.step, connection.clone()));
        self.gone = 0;
        for waiter in std::mem::take(&mut self.waiters) {
            // A request that has ended needs no connection.
            let _ = waiter.send(PooledConnection::Http2(connection.clone()));
        }
        (connection, true)
    }

    /// The HTTP/2 connection of the origin, if it can carry one more exchange.
    pub(super) fn take_shared(&mut self) -> Option<Http2Connection> {
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
    pub(super) fn leave(&mut self) {
        self.gone += 1;
        if 2 * self.gone > self.waiters.len() {
            self.waiters.retain(|waiter| !waiter.is_closed());
            self.gone = 0;
        }
    }

    /// Adds the idle connections to the numbers.
    pub(super) fn count_idle(&self, by_age: &mut IdleByAge) {
        let http1 = self.idle.iter().map(|(since, _)| *since);
        for since in http1.chain(self.shared.iter().map(|(since, _)| *since)) {
            by_age[age(self.step, since)] += 1;
        }
    }

    /// Closes so many idle connections of each age, and takes them off the numbers.
    pub(super) fn close_idle(&mut self, numbers: &mut IdleByAge) {
        let step = self.step;
        let mut is_kept = |since: u32| {
            let number = &mut numbers[age(step, since)];
            let is_kept = *number == 0;
            *number = number.saturating_sub(1);
            is_kept
        };
        self.idle.retain(|(since, _)| is_kept(*since));
        self.shared = self.shared.take().filter(|(since, _)| is_kept(*since));
    }

    /// Closes what was idle for too long when a step of the idle time is over. Returns whether anything is left.
    pub(super) fn next_step(&mut self) -> bool {
        self.step = self.step.wrapping_add(1);
        let step = self.step;
        let is_kept = |since: u32| step.wrapping_sub(since) < IDLE_STEPS;
        self.idle.retain(|(since, connection)| is_kept(*since) && !connection.sender.is_closed());
        let shared = self.shared.take();
        self.shared = shared.filter(|(since, connection)| is_kept(*since) && !connection.sender.is_closed());
        !self.idle.is_empty() || self.shared.is_some() || !self.waiters.is_empty()
    }
}

/// The age, in steps, of a connection that was used last at the step `since`.
fn age(step: u32, since: u32) -> usize {
    step.wrapping_sub(since).min(IDLE_STEPS - 1) as usize
}

/// The head of a response, or why there is none.
type SentRequest = Result<Response<Incoming>, TrySendError<OutgoingRequest>>;

impl Http1Connection {
    pub(super) fn new(sender: http1::SendRequest<OutgoingBody>, state: ConnectionState) -> Self {
        Self { sender, state }
    }

    pub(in crate::transport) fn state(&self) -> &ConnectionState {
        &self.state
    }

    /// Whether it can carry an exchange now.
    pub(super) fn is_ready(&self) -> bool {
        self.sender.is_ready()
    }

    pub(super) fn is_closed(&self) -> bool {
        self.sender.is_closed()
    }

    /// Waits until it can carry an exchange.
    pub(super) async fn ready(&mut self) -> hyper::Result<()> {
        self.sender.ready().await
    }

    /// Sends a request. The future is ready when the head of the response has arrived.
    pub(in crate::transport) fn send(
        &mut self,
        request: OutgoingRequest,
    ) -> impl Future<Output = SentRequest> + Send + use<> {
        self.sender.try_send_request(request)
    }

    /// The connection, unless it has ended. To be called after [`send`](Self::send), before the response is awaited: a request that arrives in hyper's
    /// queue while the connection ends may be overlooked there, and would wait until no sender is left.
    pub(in crate::transport) fn unless_closed(self) -> Option<Self> {
        (!self.sender.is_closed()).then_some(self)
    }
}

impl Http2Connection {
    pub(super) fn new(sender: http2::SendRequest<OutgoingBody>, state: ConnectionState) -> Self {
        Self { sender, state }
    }

    /// [`Http1Connection::send`].
    pub(in crate::transport) fn send(
        &mut self,
        request: OutgoingRequest,
    ) -> impl Future<Output = SentRequest> + Send + use<> {
        self.sender.try_send_request(request)
    }

    /// [`Http1Connection::unless_closed`].
    pub(in crate::transport) fn unless_closed(self) -> Option<Self> {
        (!self.sender.is_closed()).then_some(self)
    }
}

impl PooledConnection {
    pub(in crate::transport) fn state(&self) -> &ConnectionState {
        match self {
            Self::Http1(connection) => &connection.state,
            Self::Http2(connection) => &connection.state,
        }
    }

    pub(in crate::transport) fn is_http2(&self) -> bool {
        matches!(self, Self::Http2(_))
    }
}
