//! A server: its listeners, its connections, and how it stops.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::future::{join_all, pending};
use rustls::ServerConfig;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_util::task::TaskTracker;

use super::connection::Host;
use super::counts::{ConnectionEnd, ServeCounts};
use super::end_moment::EndMoment;
use super::exchange::RequestService;
use super::handler::Handler;
use super::listener::{Listener, PortStream};
use super::settings::ListenSettings;
use super::stop::StopSignal;
use super::tls::{ServerCertificate, TlsError};
use crate::config::ListenAddress;

/// The wait after the first error of `accept`; it doubles with each further error.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
/// The longest wait after an error of `accept`. Without a wait, a process without free file descriptors would use all of
/// its CPU for failing calls.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Why a server cannot begin.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BindError {
    #[error("there is no address to listen on")]
    NoAddress,
    #[error("cannot listen on {address}")]
    Listen { address: ListenAddress, source: io::Error },
    #[error(transparent)]
    Tls(#[from] TlsError),
}

/// What happened to the requests of a server from the beginning of its stop to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Drained {
    /// Requests whose answers were taken whole.
    pub(crate) answered: u64,
    /// Requests whose answers were not taken whole when the time was over.
    pub(crate) aborted: usize,
}

/// A server that listens but does not accept connections yet.
#[derive(Debug)]
pub(crate) struct HttpServer {
    listeners: Vec<Listener>,
    addresses: Vec<ListenAddress>,
    settings: Arc<ListenSettings>,
    tls: Option<(Arc<ServerCertificate>, Arc<ServerConfig>)>,
    counts: Arc<ServeCounts>,
}

impl HttpServer {
    /// Listens. It must be called in a tokio runtime. `counts` are the counters of this server.
    ///
    /// # Errors
    /// If an address cannot be used, or the certificate cannot be read.
    pub(crate) fn bind(settings: ListenSettings, counts: Arc<ServeCounts>) -> Result<Self, BindError> {
        if settings.addresses.is_empty() {
            return Err(BindError::NoAddress);
        }
        let listen = |address: &ListenAddress| {
            let bound = Listener::bind(address).and_then(|listener| Ok((listener.address()?, listener)));
            bound.map_err(|source| BindError::Listen { address: address.clone(), source })
        };
        let bound: Result<Vec<_>, _> = settings.addresses.iter().map(listen).collect();
        let (addresses, listeners) = bound?.into_iter().unzip();
        let tls = settings.tls.as_ref().map(ServerCertificate::load).transpose()?;
        Ok(Self { listeners, addresses, settings: Arc::new(settings), tls, counts })
    }

    /// Whether connections begin with a TLS handshake.
    pub(crate) fn is_tls(&self) -> bool {
        self.tls.is_some()
    }

    /// The addresses with their real ports, in the order of [`ListenSettings::addresses`].
    pub(crate) fn addresses(&self) -> &[ListenAddress] {
        &self.addresses
    }

    /// The TCP addresses: sockets of the file system are left out.
    pub(crate) fn tcp_addresses(&self) -> impl Iterator<Item = SocketAddr> {
        self.addresses.iter().filter_map(ListenAddress::tcp)
    }

    /// Serves until the stop has ended.
    pub(crate) async fn run<H: Handler>(self, handler: Arc<H>, stop: StopSignal) -> Drained {
        let Self { listeners, settings, tls, counts, .. } = self;
        let (certificate, rules) = tls.unzip();
        let service = RequestService { handler, settings: Arc::clone(&settings), counts, stop: stop.clone() };
        let running = Arc::new(RunningServer {
            host: Host { service: Arc::new(service), tls: rules.map(TlsAcceptor::from), closing: EndMoment::default() },
            aborting: EndMoment::default(),
            places: Arc::new(Semaphore::new(settings.max_connections)),
            connections: TaskTracker::new(),
        });
        let serving = async {
            // The listeners are closed as soon as this future is dropped or complete.
            let accepting = join_all(listeners.into_iter().map(|listener| running.accept(listener)));
            let stopping = running.stop(&stop);
            tokio::join!(accepting, stopping).1
        };
        let watching = async {
            match &certificate {
                Some(certificate) => certificate.watch().await,
                None => pending().await,
            }
        };
        tokio::select! {
            drained = serving => drained,
            never = watching => match never {},
        }
    }
}

/// A server that accepts connections.
struct RunningServer<H> {
    host: Host<H>,
    /// When connections must end at once.
    aborting: EndMoment,
    places: Arc<Semaphore>,
    connections: TaskTracker,
}

impl<H: Handler> RunningServer<H> {
    /// Accepts connections until the server closes its listeners.
    async fn accept(self: &Arc<Self>, listener: Listener) {
        let counts = &self.host.service.counts;
        let mut pause = FIRST_PAUSE;
        loop {
            let accepted = tokio::select! {
                biased;
                () = self.host.closing.wait() => break,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, address)) => {
                    pause = FIRST_PAUSE;
                    self.begin(stream, address);
                }
                // The client was gone before it was accepted.
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
                Err(error) => {
                    counts.accept_errors.fetch_add(1, Ordering::Relaxed);
                    tracing::error!(%error, "cannot accept connections");
                    sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
        // Clients whose connections wait in the queue of the listener believe that they are connected.
        listener.accept_waiting(|stream, address| self.begin(stream, address));
    }

    /// Serves a connection in a task of its own.
    fn begin(self: &Arc<Self>, stream: PortStream, address: SocketAddr) {
        let counts = &self.host.service.counts;
        counts.accepted.fetch_add(1, Ordering::Relaxed);
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
            counts.over_limit.fetch_add(1, Ordering::Relaxed);
            return;
        };
        counts.open.fetch_add(1, Ordering::Relaxed);
        let running = Arc::clone(self);
        self.connections.spawn(async move {
            let open = OpenConnection { counts: Arc::clone(&running.host.service.counts), _place: place };
            let end = tokio::select! {
                biased;
                end = running.host.serve(stream, address) => end,
                () = running.aborting.wait() => ConnectionEnd::Stopped,
            };
            open.counts.count_end(end);
        });
    }

    /// Waits for the stop and carries it out.
    async fn stop(&self, stop: &StopSignal) -> Drained {
        let counts = &self.host.service.counts;
        let times = self.host.service.settings.drain;
        stop.draining().await;
        let before = counts.answered.load(Ordering::Relaxed);
        let _ = timeout(times.announce, stop.aborting()).await;
        self.host.closing.come();
        self.connections.close();
        tokio::select! {
            _ = timeout(times.requests, self.connections.wait()) => {}
            () = stop.aborting() => {}
        }
        let aborted = counts.open_requests.load(Ordering::Relaxed);
        let answered = counts.answered.load(Ordering::Relaxed) - before;
        self.aborting.come();
        self.connections.wait().await;
        Drained { answered, aborted }
    }
}

/// A connection that is open. Dropping it makes room for another one.
struct OpenConnection {
    counts: Arc<ServeCounts>,
    _place: OwnedSemaphorePermit,
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.counts.open.fetch_sub(1, Ordering::Relaxed);
    }
}
