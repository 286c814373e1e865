//! The running servers of a script, for tests and the command line.

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::beacon::ReceivedBeacon;
use super::exchange::Exchange;
use super::listener::{self, Service};
use super::log::{Log, Observer, WaitError};
use crate::script::Script;

/// How many exchanges are kept by default; see [`MockBuilder::log_limit`].
const LOG_LIMIT: usize = 100_000;
/// How long [`Mock::wait_for`] waits. Loopback needs microseconds, a loaded machine perhaps seconds.
const WAIT_LIMIT: Duration = Duration::from_secs(60);

/// The servers of a script on 127.0.0.1. Dropping it stops all of them immediately. [`Mock::shutdown`] also waits for their
/// end.
pub struct Mock {
    running: Vec<Running>,
    log: Arc<Log>,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

struct Running {
    address: SocketAddr,
    url: String,
    sink: bool,
    service: Arc<Service>,
}

/// A builder for a mock; created by [`Mock::builder`].
pub struct MockBuilder {
    script: Script,
    log_limit: usize,
    observer: Option<Observer>,
}

impl MockBuilder {
    /// How many exchanges are kept, by default 100 000; older ones are removed. With 0 (for benchmarks) [`Mock::log`] and
    /// [`Mock::beacons`] are empty.
    pub fn log_limit(mut self, exchanges: usize) -> Self {
        self.log_limit = exchanges;
        self
    }

    /// A function that is called with every exchange when it has ended. The task that served the exchange calls it, so it
    /// should not block.
    pub fn observer(mut self, observer: impl Fn(&Exchange) + Send + Sync + 'static) -> Self {
        self.observer = Some(Box::new(observer));
        self
    }

    /// Binds all servers, then starts them on the current tokio runtime.
    ///
    /// # Errors
    /// A port of the script is in use, or no socket can be opened.
    pub async fn start(self) -> io::Result<Mock> {
        let listeners = bind(&self.script).await?;
        let mut mock = Mock {
            running: Vec::new(),
            log: Arc::new(Log::new(self.log_limit, self.observer)),
            stop: watch::Sender::new(false),
            tasks: JoinSet::new(),
        };
        mock.serve(&self.script, listeners);
        Ok(mock)
    }
}

impl Mock {
    /// Starts the script's servers on 127.0.0.1, on their ports or on free ones.
    ///
    /// # Errors
    /// A port of the script is in use, or no socket can be opened.
    pub async fn start(script: Script) -> io::Result<Self> {
        Self::builder(script).start().await
    }

    /// A builder with settings that [`Mock::start`] leaves at their defaults.
    pub fn builder(script: Script) -> MockBuilder {
        MockBuilder { script, log_limit: LOG_LIMIT, observer: None }
    }

    /// The base URL of a server, without a slash at the end: `http://127.0.0.1:41234`.
    ///
    /// # Panics
    /// When the script has no server of that name: the test is wrong.
    #[track_caller]
    pub fn url(&self, server: &str) -> &str {
        match self.find(server) {
            Some(running) => &running.url,
            None => panic!("the script has no server {server:?}"),
        }
    }

    /// The address of a server; `None` if the script has no such server.
    pub fn address(&self, server: &str) -> Option<SocketAddr> {
        self.find(server).map(|running| running.address)
    }

    /// Every server's name and base URL, in the order of the script.
    pub fn servers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.running.iter().map(|running| (running.service.server.name(), running.url.as_str()))
    }

    /// All exchanges in the order in which the requests arrived, also those that have not ended.
    pub fn log(&self) -> Vec<Exchange> {
        self.log.snapshot()
    }

    /// Waits until `holds` accepts the log, for at most a minute, and returns the log. `holds` is called while the log
    /// is locked, so it must not use the mock.
    ///
    /// # Errors
    /// The limit has passed. The error shows the log.
    pub async fn wait_for(&self, holds: impl FnMut(&[Exchange]) -> bool) -> Result<Vec<Exchange>, WaitError> {
        self.log.wait_for(holds, WAIT_LIMIT).await
    }

    /// [`Mock::wait_for`] with another limit.
    ///
    /// # Errors
    /// The limit has passed. The error shows the log.
    pub async fn wait_for_within(
        &self,
        limit: Duration,
        holds: impl FnMut(&[Exchange]) -> bool,
    ) -> Result<Vec<Exchange>, WaitError> {
        self.log.wait_for(holds, limit).await
    }

    /// All requests that reached a sink, in the order in which they arrived.
    pub fn beacons(&self) -> Vec<ReceivedBeacon> {
        self.log().iter().filter(|exchange| self.is_beacon(exchange)).map(ReceivedBeacon::from).collect()
    }

    /// Waits until this number of requests to sinks were answered, for at most a minute, and returns all of them.
    ///
    /// # Errors
    /// The limit has passed. The error shows the log.
    pub async fn wait_for_beacons(&self, count: usize) -> Result<Vec<ReceivedBeacon>, WaitError> {
        let answered = |exchange: &&Exchange| self.is_beacon(exchange) && exchange.ended.is_some();
        self.wait_for(|log| log.iter().filter(answered).count() >= count).await?;
        Ok(self.beacons())
    }

    /// How many connections a server has accepted so far; 0 for an unknown server.
    pub fn connections(&self, server: &str) -> usize {
        let accepted = self.find(server).map_or(0, |running| running.service.accepted.load(Ordering::Relaxed));
        usize::try_from(accepted).unwrap_or(usize::MAX)
    }

    /// Stops listening, ends every connection and waits for all tasks. Exchanges that are running are logged as
    /// [`crate::ExchangeEnding::Stopped`].
    pub async fn shutdown(mut self) -> Vec<Exchange> {
        self.stop.send_replace(true);
        while self.tasks.join_next().await.is_some() {}
        self.log()
    }

    fn serve(&mut self, script: &Script, listeners: Vec<(TcpListener, SocketAddr)>) {
        let pairs = script.servers().iter().zip(&listeners);
        let urls: BTreeMap<&str, String> =
            pairs.map(|(server, (_, address))| (server.name(), format!("http://{address}"))).collect();
        let servers = script.prepare(|name| urls[name].clone());
        for ((server, written), (listener, address)) in servers.into_iter().zip(script.servers()).zip(listeners) {
            let service = Arc::new(Service {
                name: server.name().into(),
                server,
                accepted: AtomicU64::new(0),
                seed: script.seed().wrapping_add((self.running.len() as u64) << 32),
                log: self.log.clone(),
            });
            self.tasks.spawn(listener::run(listener, service.clone(), self.stop.subscribe()));
            let url = urls[written.name()].clone();
            self.running.push(Running { address, url, sink: written.sink().is_some(), service });
        }
    }

    fn find(&self, server: &str) -> Option<&Running> {
        self.running.iter().find(|running| running.service.server.name() == server)
    }

    fn is_beacon(&self, exchange: &Exchange) -> bool {
        self.find(&exchange.server).is_some_and(|running| running.sink)
    }
}

async fn bind(script: &Script) -> io::Result<Vec<(TcpListener, SocketAddr)>> {
    let mut listeners = Vec::new();
    for server in script.servers() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, server.port())).await.map_err(|error| {
            io::Error::new(error.kind(), format!("server {:?}, port {}: {error}", server.name(), server.port()))
        })?;
        let address = listener.local_addr()?;
        listeners.push((listener, address));
    }
    Ok(listeners)
}
