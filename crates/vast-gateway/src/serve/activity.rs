//! What a connection does: whether it sends the head of a request, waits for an answer, reads it, or is idle. A client that is too
//! slow keeps memory and a place among the connections, so every state has a time limit.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Instant;

/// The time limits of the states of a connection.
#[derive(Debug, Clone, Copy)]
pub(super) struct StateLimits {
    /// From the first byte of a head to its last.
    pub(super) header: Duration,
    /// Without reading, while an answer is sent.
    pub(super) write: Duration,
    /// Without a request.
    pub(super) idle: Duration,
}

/// What a connection does. The socket and the requests of the connection write it, its task reads it.
#[derive(Debug)]
pub(super) struct Activity {
    opened: Instant,
    /// When the first byte since the last head came; 0 if none came. Times are milliseconds since `opened`, plus one.
    head_since: AtomicU64,
    /// Since when the client does not read; 0 if it does.
    blocked_since: AtomicU64,
    /// Since when there is no request.
    idle_since: AtomicU64,
    requests: AtomicUsize,
    /// Whether a request came over HTTP/2. Such a connection also gets bytes that belong to no request, so that from then on only its
    /// idle time is limited.
    is_http2: AtomicBool,
}

impl Activity {
    pub(super) fn new() -> Arc<Self> {
        let none = || AtomicU64::new(0);
        Arc::new(Self {
            opened: Instant::now(),
            head_since: none(),
            blocked_since: none(),
            idle_since: none(),
            requests: AtomicUsize::new(0),
            is_http2: AtomicBool::new(false),
        })
    }

    /// Whether the connection has been in its state for too long.
    pub(super) fn is_expired(&self, limits: StateLimits) -> bool {
        let now = self.now();
        let is_over = |since: &AtomicU64, limit: Duration| {
            let since = since.load(Ordering::Relaxed);
            since > 0 && Duration::from_millis(now.saturating_sub(since)) > limit
        };
        let has_request = self.requests.load(Ordering::Relaxed) > 0;
        let idle = Duration::from_millis(now.saturating_sub(self.idle_since.load(Ordering::Relaxed)));
        is_over(&self.blocked_since, limits.write)
            || (!has_request && (is_over(&self.head_since, limits.header) || idle > limits.idle))
    }

    /// A head has arrived: its request lasts until the returned value is dropped.
    pub(super) fn begin_request(self: &Arc<Self>, is_http2: bool) -> RequestInFlight {
        self.is_http2.store(is_http2, Ordering::Relaxed);
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.head_since.store(0, Ordering::Relaxed);
        RequestInFlight(Arc::clone(self))
    }

    fn now(&self) -> u64 {
        u64::try_from(self.opened.elapsed().as_millis()).unwrap_or(u64::MAX).saturating_add(1)
    }

    fn has_read(&self) {
        // Bytes of a body, and of further requests on the connection, come while a request is answered.
        let may_be_head = self.requests.load(Ordering::Relaxed) == 0 && !self.is_http2.load(Ordering::Relaxed);
        if may_be_head && self.head_since.load(Ordering::Relaxed) == 0 {
            self.head_since.store(self.now(), Ordering::Relaxed);
        }
    }

    fn is_blocked(&self, is_blocked: bool) {
        let since = self.blocked_since.load(Ordering::Relaxed);
        match (is_blocked, since) {
            (true, 0) => self.blocked_since.store(self.now(), Ordering::Relaxed),
            (false, 1..) => self.blocked_since.store(0, Ordering::Relaxed),
            _ => {}
        }
    }
}

/// A request that is being answered.
pub(super) struct RequestInFlight(Arc<Activity>);

impl Drop for RequestInFlight {
    fn drop(&mut self) {
        self.0.idle_since.store(self.0.now(), Ordering::Relaxed);
        self.0.requests.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A socket that reports what it does.
pub(super) struct WatchedStream {
    stream: TcpStream,
    activity: Arc<Activity>,
}

impl WatchedStream {
    pub(super) fn new(stream: TcpStream, activity: &Arc<Activity>) -> Self {
        Self { stream, activity: Arc::clone(activity) }
    }

    fn written<T>(&self, poll: Poll<T>) -> Poll<T> {
        self.activity.is_blocked(poll.is_pending());
        poll
    }
}

impl AsyncRead for WatchedStream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let poll = Pin::new(&mut self.stream).poll_read(cx, buf);
        if buf.filled().len() > before {
            self.activity.has_read();
        }
        poll
    }
}

impl AsyncWrite for WatchedStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let poll = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.written(poll)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let poll = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.written(poll)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: StateLimits =
        StateLimits { header: Duration::from_secs(2), write: Duration::from_secs(10), idle: Duration::from_secs(60) };

    /// Whether a connection is expired after each of these steps.
    #[tokio::test(start_paused = true)]
    async fn every_state_has_its_limit() {
        let seconds = |seconds: u64| tokio::time::advance(Duration::from_secs(seconds));
        let activity = Activity::new();
        seconds(59).await;
        assert!(!activity.is_expired(LIMITS), "idle");
        seconds(2).await;
        assert!(activity.is_expired(LIMITS), "idle for too long");

        let activity = Activity::new();
        activity.has_read();
        seconds(1).await;
        activity.has_read();
        assert!(!activity.is_expired(LIMITS), "a head");
        seconds(2).await;
        assert!(activity.is_expired(LIMITS), "one byte per second is no progress");

        let request = activity.begin_request(false);
        seconds(100).await;
        activity.has_read();
        assert!(!activity.is_expired(LIMITS), "a request has its own deadline");
        activity.is_blocked(true);
        seconds(9).await;
        assert!(!activity.is_expired(LIMITS), "the client reads slowly");
        seconds(2).await;
        assert!(activity.is_expired(LIMITS), "the client does not read");
        activity.is_blocked(false);
        drop(request);
        seconds(59).await;
        assert!(!activity.is_expired(LIMITS), "idle again");
    }
}
