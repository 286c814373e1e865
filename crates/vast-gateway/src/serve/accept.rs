//! The sockets of a port, and the connections that come in.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_util::task::TaskTracker;

use super::connection::{self, ConnectionRules};
use super::{Handler, ServerPhase};
use crate::config::ServerConfig;
use crate::counters::ServerCounters;

/// The wait after a failure to accept. Such a failure is usually the limit of open files, and the next call would fail at once.
const AFTER_FAILURE: Duration = Duration::from_millis(50);

/// A socket that listens.
pub(crate) struct Listener {
    socket: TcpListener,
    address: SocketAddr,
}

/// The limits of the connections of a port.
pub(crate) struct ConnectionLimits {
    rules: Arc<ConnectionRules>,
    /// The largest number of open connections.
    most: usize,
}

impl ConnectionLimits {
    pub(crate) fn new(config: &ServerConfig) -> Self {
        Self { rules: Arc::new(ConnectionRules::new(config)), most: config.max_connections }
    }
}

impl Listener {
    /// Opens the socket.
    ///
    /// # Errors
    /// The error of the operating system, for example that another program has the port.
    pub(crate) async fn bind(address: SocketAddr) -> io::Result<Self> {
        let socket = TcpListener::bind(address).await?;
        let address = socket.local_addr()?;
        Ok(Self { socket, address })
    }

    /// The address, with the port that the system chose for port 0.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Accepts connections until the server drains. `open` counts the connections of all ports with these `limits`; each one is a task
    /// of `tasks`.
    pub(crate) async fn accept<H: Handler>(
        self,
        handler: Arc<H>,
        limits: &ConnectionLimits,
        mut phase: watch::Receiver<ServerPhase>,
        counters: &Arc<ServerCounters>,
        tasks: &TaskTracker,
    ) {
        let connections = phase.clone();
        loop {
            let accepted = tokio::select! {
                biased;
                _ = phase.wait_for(|phase| *phase >= ServerPhase::Draining) => return,
                accepted = self.socket.accept() => accepted,
            };
            let Ok((stream, peer)) = accepted else {
                tokio::time::sleep(AFTER_FAILURE).await;
                continue;
            };
            let Some(open) = OpenConnection::of(stream, limits.most, counters) else { continue };
            let (handler, rules, phase) = (Arc::clone(&handler), Arc::clone(&limits.rules), connections.clone());
            tasks.spawn(async move {
                let OpenConnection { stream, place } = open;
                connection::serve(stream, peer, handler, rules, phase, &place.0).await;
            });
        }
    }
}

/// A connection with its place among the open ones.
struct OpenConnection {
    stream: TcpStream,
    place: ConnectionPlace,
}

struct ConnectionPlace(Arc<ServerCounters>);

impl OpenConnection {
    /// The connection, unless too many are open; then it is closed.
    fn of(stream: TcpStream, most: usize, counters: &Arc<ServerCounters>) -> Option<Self> {
        let open = counters.open_connections.fetch_add(1, Ordering::Relaxed);
        let place = ConnectionPlace(Arc::clone(counters));
        if open >= most {
            counters.refused_connections.add_one();
            return None;
        }
        counters.connections.add_one();
        Some(Self { stream, place })
    }
}

impl Drop for ConnectionPlace {
    fn drop(&mut self) {
        self.0.open_connections.fetch_sub(1, Ordering::Relaxed);
    }
}
