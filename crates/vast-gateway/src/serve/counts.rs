//! What the serving layer counts. The metrics of the gateway read it.

use std::array;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use strum::{EnumCount, VariantArray};

/// Why a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumCount, VariantArray, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum ConnectionEnd {
    /// One side closed it, as HTTP permits.
    Closed,
    /// The client broke the rules of TCP, TLS or HTTP/2, for example with a reset.
    Failed,
    /// The client sent no valid request of HTTP/1.1, or a request whose head is too large. It got the status 400 or 431 without a document.
    BadHead,
    /// A trusted proxy sent no PROXY header, or one that cannot be read.
    BadProxyHeader,
    /// The TLS handshake failed.
    HandshakeFailed,
    /// The TLS handshake took too long.
    HandshakeTimeout,
    /// The headers of a request took too long.
    HeaderTimeout,
    /// There was no request for too long.
    IdleTimeout,
    /// The client did not read an answer.
    WriteTimeout,
    /// The client did not read an answer, and the unread answers of all clients took too much memory.
    UnreadLimit,
    /// The client cancelled most of its requests.
    CancelFlood,
    /// The stop of the server ended it.
    Stopped,
}

/// Counters of one server. All of them only grow, except those in the present tense.
#[derive(Debug)]
pub(crate) struct ServeCounts {
    /// Connections that were accepted.
    pub(crate) accepted: AtomicU64,
    /// Connections that were closed at once because [`max_connections`](super::ListenSettings::max_connections) were open.
    pub(crate) over_limit: AtomicU64,
    /// Errors of the system call `accept`, for example because the process has no file descriptors left.
    pub(crate) accept_errors: AtomicU64,
    /// Connections that are open.
    pub(crate) open: AtomicUsize,
    /// Requests whose answers are not ready, or were not taken whole.
    pub(crate) open_requests: AtomicUsize,
    /// Requests whose answers were taken whole: the operating system has all of their bytes.
    pub(crate) answered: AtomicU64,
    /// The bytes of answers that are in memory because clients have not taken them.
    pub(crate) unread_bytes: AtomicUsize,
    /// Requests whose connection or stream ended before their answers were taken whole.
    pub(crate) torn: AtomicU64,
    /// Requests whose handler panicked.
    pub(crate) panics: AtomicU64,
    ends: [AtomicU64; ConnectionEnd::COUNT],
}

impl Default for ServeCounts {
    fn default() -> Self {
        Self {
            accepted: AtomicU64::default(),
            over_limit: AtomicU64::default(),
            accept_errors: AtomicU64::default(),
            open: AtomicUsize::default(),
            open_requests: AtomicUsize::default(),
            answered: AtomicU64::default(),
            unread_bytes: AtomicUsize::default(),
            torn: AtomicU64::default(),
            panics: AtomicU64::default(),
            ends: array::from_fn(|_| AtomicU64::default()),
        }
    }
}

impl ServeCounts {
    /// How many connections ended for this reason.
    pub(crate) fn ends(&self, end: ConnectionEnd) -> u64 {
        self.ends[end as usize].load(Ordering::Relaxed)
    }

    /// This number of requests is not open any more. `is_whole`: their answers were taken whole; otherwise they never will be.
    pub(super) fn close_requests(&self, requests: usize, is_whole: bool) {
        if requests > 0 {
            let ended = if is_whole { &self.answered } else { &self.torn };
            ended.fetch_add(requests as u64, Ordering::Relaxed);
            self.open_requests.fetch_sub(requests, Ordering::Relaxed);
        }
    }

    pub(super) fn count_end(&self, end: ConnectionEnd) {
        self.ends[end as usize].fetch_add(1, Ordering::Relaxed);
    }
}
