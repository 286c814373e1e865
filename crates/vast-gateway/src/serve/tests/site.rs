//! A server for one test.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::super::body::BodyReadError;
use super::super::server::Drained;
use super::super::{
    AnswerFuture, ConnectionEnd, Handler, HttpServer, LimitedBody, ListenSettings, Peer, ServeCounts, StopSignal,
};

/// How long a test waits for something that must happen.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// A clock that stands still while sockets are used, so that no time limit ends a connection too early on a busy machine.
pub(super) struct StoppedClock {
    _runs: mpsc::Sender<()>,
}

impl StoppedClock {
    pub(super) fn stop() -> Self {
        tokio::time::pause();
        // The runtime moves a paused clock when it has nothing else to do, but not while this runs. If a test hangs, this ends, and the
        // limits of the test pass.
        let (runs, ended) = mpsc::channel();
        tokio::task::spawn_blocking(move || ended.recv_timeout(PATIENCE).is_ok());
        Self { _runs: runs }
    }

    /// Lets this time pass.
    pub(super) async fn pass(&self, time: Duration) {
        tokio::time::advance(time).await;
    }

    /// Lets time pass in small steps until `future` is ready, and returns its output.
    pub(super) async fn pass_until<F: Future>(&self, future: F) -> F::Output {
        let mut future = pin!(future);
        loop {
            tokio::select! {
                biased;
                output = &mut future => return output,
                () = self.pass(Duration::from_millis(1)) => {}
            }
        }
    }
}

/// Answers as the path says.
#[derive(Debug, Default)]
pub(super) struct Scripted {
    /// Requests that wait for [`Site::release`].
    waiting: AtomicUsize,
    released: Notify,
}

impl Scripted {
    async fn wait(&self) {
        let released = self.released.notified();
        self.waiting.fetch_add(1, Ordering::Relaxed);
        released.await;
    }
}

impl Handler for Scripted {
    type Body = Full<Bytes>;

    fn answer(self: &Arc<Self>, request: Request<LimitedBody>, peer: Peer) -> AnswerFuture<Full<Bytes>> {
        if request.uri().path() == "/panic-at-once" {
            panic!("a panic of the test");
        }
        let scripted = Arc::clone(self);
        Box::pin(async move { scripted.reply(request, peer).await })
    }

    fn refuse_host(&self, _: &Request<LimitedBody>, problem: &'static str) -> Response<Full<Bytes>> {
        text(StatusCode::BAD_REQUEST, problem)
    }
}

impl Scripted {
    async fn reply(&self, request: Request<LimitedBody>, peer: Peer) -> Response<Full<Bytes>> {
        match request.uri().path() {
            "/peer" => text(StatusCode::OK, &format!("{} {}", peer.address, peer.is_tls)),
            "/wait" => {
                self.wait().await;
                text(StatusCode::OK, "released")
            }
            "/panic" => panic!("a panic of the test"),
            "/large" => Response::new(Full::new(Bytes::from(vec![b'x'; 32 << 20]))),
            "/body" => match request.into_body().read().await {
                Ok(body) => text(StatusCode::OK, &format!("{} bytes", body.len())),
                Err(BodyReadError::TooLarge { .. }) => text(StatusCode::PAYLOAD_TOO_LARGE, "too large"),
                Err(BodyReadError::TimedOut { .. }) => text(StatusCode::REQUEST_TIMEOUT, "timed out"),
                Err(BodyReadError::Incomplete) => text(StatusCode::BAD_REQUEST, "incomplete"),
            },
            _ => text(StatusCode::OK, "hello"),
        }
    }
}

/// Also while the clock of the runtime stands still.
#[expect(clippy::disallowed_methods, reason = "a test that hangs ends in real time")]
fn real_time() -> std::time::Instant {
    std::time::Instant::now()
}

fn text(status: StatusCode, text: &str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(text.to_owned())));
    *response.status_mut() = status;
    response
}

/// A server that runs.
pub(super) struct Site {
    pub(super) address: SocketAddr,
    pub(super) counts: Arc<ServeCounts>,
    pub(super) stop: StopSignal,
    handler: Arc<Scripted>,
    running: JoinHandle<Drained>,
}

impl Site {
    /// Time limits are long, so that only the limits that a test sets can end a connection.
    pub(super) fn patient() -> ListenSettings {
        ListenSettings {
            addresses: vec![SocketAddr::from(([127, 0, 0, 1], 0)).into()],
            header_timeout: PATIENCE,
            handshake_timeout: PATIENCE,
            idle_timeout: PATIENCE,
            body_timeout: PATIENCE,
            write_timeout: PATIENCE,
            ..ListenSettings::default()
        }
    }

    pub(super) fn open(settings: ListenSettings) -> Self {
        let counts = Arc::<ServeCounts>::default();
        let server = HttpServer::bind(settings, Arc::clone(&counts)).unwrap();
        let address = server.tcp_addresses().next().unwrap();
        let (stop, handler) = (StopSignal::default(), Arc::new(Scripted::default()));
        let running = tokio::spawn(server.run(Arc::clone(&handler), stop.clone()));
        Self { address, counts, stop, handler, running }
    }

    /// Waits until `condition` is true.
    #[track_caller]
    pub(super) fn until(&self, condition: impl Fn(&ServeCounts) -> bool) -> impl Future<Output = ()> {
        let place = std::panic::Location::caller();
        async move {
            let start = real_time();
            while !condition(&self.counts) {
                assert!(start.elapsed() < PATIENCE, "{place}: {:?}", self.counts);
                tokio::task::yield_now().await;
            }
        }
    }

    /// Waits until one connection ended for this reason.
    #[track_caller]
    pub(super) fn until_end(&self, end: ConnectionEnd) -> impl Future<Output = ()> {
        self.until(move |counts| counts.ends(end) == 1)
    }

    /// Waits until so many requests wait for [`release`](Self::release).
    #[track_caller]
    pub(super) fn until_waiting(&self, requests: usize) -> impl Future<Output = ()> {
        self.until(move |_| self.handler.waiting.load(Ordering::Relaxed) == requests)
    }

    /// Lets all waiting requests be answered.
    pub(super) fn release(&self) {
        self.handler.released.notify_waiters();
    }

    /// Waits until the server has stopped.
    pub(super) async fn ended(self) -> Drained {
        tokio::time::timeout(PATIENCE, self.running).await.expect("the server ends").unwrap()
    }
}
