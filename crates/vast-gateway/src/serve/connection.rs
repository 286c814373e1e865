//! One connection: its requests, its limits and its end.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use http::header::CONNECTION;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use super::activity::{Activity, StateLimits, WatchedStream};
use super::{Handler, ServerPhase};
use crate::config::ServerConfig;
use crate::counters::ServerCounters;

/// The longest head of a request, in bytes.
const MAX_HEAD_BYTES: usize = 16 << 10;
/// The largest number of headers of a request.
const MAX_HEADERS: usize = 100;

/// What all connections of a port have in common.
pub(super) struct ConnectionRules {
    builder: auto::Builder<TokioExecutor>,
    limits: StateLimits,
}

impl ConnectionRules {
    pub(super) fn new(config: &ServerConfig) -> Self {
        let mut builder = auto::Builder::new(TokioExecutor::new());
        // The timer of hyper for heads also runs on an idle connection, so the limit for heads is that of `Activity`.
        builder.http1().timer(TokioTimer::new()).header_read_timeout(None).max_buf_size(MAX_HEAD_BYTES);
        builder.http1().max_headers(MAX_HEADERS);
        builder
            .http2()
            .timer(TokioTimer::new())
            .max_concurrent_streams(config.max_streams)
            .max_header_list_size(u32::try_from(MAX_HEAD_BYTES).unwrap_or(u32::MAX))
            .keep_alive_interval(Some(config.idle_timeout / 2))
            .keep_alive_timeout(config.write_timeout);
        let limits =
            StateLimits { header: config.header_timeout, write: config.write_timeout, idle: config.idle_timeout };
        Self { builder, limits }
    }
}

/// Answers the requests of a connection until it ends, is too slow, or the server drains.
pub(super) async fn serve<H: Handler>(
    stream: TcpStream,
    peer: SocketAddr,
    handler: Arc<H>,
    rules: Arc<ConnectionRules>,
    mut phase: watch::Receiver<ServerPhase>,
    counters: &ServerCounters,
) {
    // Answers are small and complete, so waiting for more bytes only delays them.
    stream.set_nodelay(true).ok();
    let activity = Activity::new();
    let (answered, mut ended) = (phase.clone(), phase.clone());
    let service = service_fn(|request: http::Request<hyper::body::Incoming>| {
        let (handler, answered) = (Arc::clone(&handler), answered.clone());
        let is_http1 = request.version() <= http::Version::HTTP_11;
        let in_flight = activity.begin_request(!is_http1);
        async move {
            let mut response = handler.answer(request, peer).await;
            // HTTP/2 has its own message for this, and does not permit the header.
            if is_http1 && *answered.borrow() > ServerPhase::Serving {
                response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            drop(in_flight);
            Ok::<_, Infallible>(response)
        }
    });
    let io = TokioIo::new(WatchedStream::new(stream, &activity));
    let connection = rules.builder.serve_connection(io, service);
    tokio::pin!(connection);
    let mut look = interval(look_interval(rules.limits));
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut is_draining = false;
    loop {
        tokio::select! {
            // An error is that of the client: it closed the connection, or sent what is not HTTP.
            _ = connection.as_mut() => return,
            _ = look.tick() => {
                if activity.is_expired(rules.limits) {
                    counters.cut_connections.add_one();
                    return;
                }
            }
            _ = phase.wait_for(|phase| *phase >= ServerPhase::Draining), if !is_draining => {
                is_draining = true;
                connection.as_mut().graceful_shutdown();
            }
            _ = ended.wait_for(|phase| *phase == ServerPhase::Ended) => return,
        }
    }
}

/// How often the state of a connection is looked at. Its limits are exact up to this time.
fn look_interval(limits: StateLimits) -> Duration {
    (limits.header / 2).clamp(Duration::from_millis(20), Duration::from_secs(1))
}
