//! What happens on one connection.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use strum::VariantArray as _;
use tokio::time::Instant;

use super::counts::{ConnectionEnd, ServeCounts};

/// A client may cancel so many requests of a connection, and more if it lets as many be answered. A request that is
/// cancelled at once costs the client nothing, but the gateway has already asked the ad servers.
const FREE_CANCELS: u64 = 100;

/// What happens on one connection. The requests write it, the stream reads it.
#[derive(Debug)]
pub(super) struct Activity {
    counts: Arc<ServeCounts>,
    origin: Instant,
    answering: AtomicUsize,
    begun: AtomicU64,
    cancelled: AtomicU64,
    /// The bytes of all answers of HTTP/2.
    owed: AtomicU64,
    /// Whether the client has bytes of answers to take.
    is_unread: AtomicBool,
    /// Whether the stream may have bytes in a buffer of its own.
    is_buffered: AtomicBool,
    /// The answers that the stream got whole while it may have had bytes in that buffer.
    buffered: AtomicUsize,
    /// When the last request ended, in milliseconds after `origin`.
    last_end: AtomicU64,
    /// The time limit that ended the connection: its place in `ConnectionEnd::VARIANTS`.
    cut: AtomicU8,
}

/// No time limit has ended the connection.
const UNCUT: u8 = u8::MAX;

impl Activity {
    pub(super) fn new(origin: Instant, counts: Arc<ServeCounts>) -> Self {
        Self {
            counts,
            origin,
            answering: AtomicUsize::new(0),
            begun: AtomicU64::new(0),
            cancelled: AtomicU64::new(0),
            owed: AtomicU64::new(0),
            is_unread: AtomicBool::new(false),
            is_buffered: AtomicBool::new(false),
            buffered: AtomicUsize::new(0),
            last_end: AtomicU64::new(0),
            cut: AtomicU8::new(UNCUT),
        }
    }

    #[cfg(test)]
    pub(super) fn counts(&self) -> &Arc<ServeCounts> {
        &self.counts
    }

    /// A request has begun.
    pub(super) fn begin(&self) {
        self.counts.open_requests.fetch_add(1, Ordering::Relaxed);
        self.begun.fetch_add(1, Ordering::Relaxed);
        self.answering.fetch_add(1, Ordering::Relaxed);
    }

    /// The answer to a request is ready and has this many bytes. In HTTP/2 the client decides by its flow control when they are written.
    pub(super) fn ready(&self, bytes: u32, is_http2: bool) {
        self.counts.unread_bytes.fetch_add(bytes as usize, Ordering::Relaxed);
        if is_http2 {
            self.owed.fetch_add(u64::from(bytes), Ordering::Relaxed);
        }
        self.end();
    }

    /// This number of bytes of an answer is not in memory any more.
    pub(super) fn dropped(&self, bytes: u32) {
        self.counts.unread_bytes.fetch_sub(bytes as usize, Ordering::Relaxed);
    }

    /// The client went away before the answer to a request was ready.
    pub(super) fn cancelled(&self) {
        self.cancelled.fetch_add(1, Ordering::Relaxed);
        self.end();
    }

    fn end(&self) {
        let now = u64::try_from(self.origin.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last_end.store(now, Ordering::Relaxed);
        self.answering.fetch_sub(1, Ordering::Relaxed);
    }

    /// The stream got an answer whole.
    pub(super) fn handed_over(&self) {
        if self.is_buffered.load(Ordering::Relaxed) {
            self.buffered.fetch_add(1, Ordering::Relaxed);
        } else {
            self.counts.close_requests(1, true);
        }
    }

    /// The answer to a request will never be taken whole.
    pub(super) fn torn(&self) {
        self.counts.close_requests(1, false);
    }

    /// The stream has put bytes into a buffer of its own.
    pub(super) fn buffered(&self) {
        self.is_buffered.store(true, Ordering::Relaxed);
    }

    /// The operating system has all bytes that the stream got.
    pub(super) fn flushed(&self) {
        if self.is_buffered.load(Ordering::Relaxed) {
            self.is_buffered.store(false, Ordering::Relaxed);
            self.counts.close_requests(self.buffered.swap(0, Ordering::Relaxed), true);
        }
    }

    /// Since when no request is being answered; `None` if one is.
    pub(super) fn idle_since(&self) -> Option<Instant> {
        let is_idle = self.answering.load(Ordering::Relaxed) == 0;
        is_idle.then(|| self.origin + Duration::from_millis(self.last_end.load(Ordering::Relaxed)))
    }

    /// Since when no request is being answered and the client has taken every answer; `None` if that is not so.
    pub(super) fn unused_since(&self) -> Option<Instant> {
        self.idle_since().filter(|_| !self.is_unread.load(Ordering::Relaxed))
    }

    /// When the connection began.
    pub(super) fn origin(&self) -> Instant {
        self.origin
    }

    /// The requests that have begun.
    pub(super) fn begun(&self) -> u64 {
        self.begun.load(Ordering::Relaxed)
    }

    /// The client has, or has not, bytes of answers to take.
    pub(super) fn set_unread(&self, is_unread: bool) {
        self.is_unread.store(is_unread, Ordering::Relaxed);
    }

    /// The bytes of the answers of all connections that clients have not taken.
    pub(super) fn unread_of_all(&self) -> usize {
        self.counts.unread_bytes.load(Ordering::Relaxed)
    }

    /// The bytes of all answers of HTTP/2 that were ready.
    pub(super) fn owed(&self) -> u64 {
        self.owed.load(Ordering::Relaxed)
    }

    pub(super) fn is_cancel_flood(&self) -> bool {
        let cancelled = self.cancelled.load(Ordering::Relaxed);
        cancelled > FREE_CANCELS && cancelled * 2 > self.begun()
    }

    /// A time limit ends the connection.
    pub(super) fn cut(&self, end: ConnectionEnd) -> io::Error {
        self.cut.store(end as u8, Ordering::Relaxed);
        io::ErrorKind::TimedOut.into()
    }

    /// The limit that ended the connection.
    pub(super) fn cut_by(&self) -> Option<ConnectionEnd> {
        ConnectionEnd::VARIANTS.get(usize::from(self.cut.load(Ordering::Relaxed))).copied()
    }
}

impl Drop for Activity {
    fn drop(&mut self) {
        self.counts.close_requests(*self.buffered.get_mut(), false);
    }
}
