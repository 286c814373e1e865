//! A byte stream with time limits, so that a slow or silent client cannot hold a connection.
//!
//! hyper has one limit for the headers, which also runs while a connection is idle, and none for writing. Therefore all
//! limits are here, where every byte of a connection passes.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf as _, Bytes};
use strum::VariantArray as _;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

use super::counts::ConnectionEnd;

/// After its answer to a request that it has not read to the end, the server still reads so much input of the client. If it were left
/// unread, the operating system would reset the connection, and a client that sends all of its request first would lose the answer.
const LINGER_BYTES: usize = 16 << 20;
/// The time for which that input is read, and the time without any of it.
const LINGER_TIME: Duration = Duration::from_secs(5);
const LINGER_SILENCE: Duration = Duration::from_secs(1);

/// A client may cancel so many requests of a connection, and more if it lets as many be answered. A request that is
/// cancelled at once costs the client nothing, but the gateway has already asked the ad servers.
const FREE_CANCELS: u64 = 100;

/// What happens on one connection. The requests write it, the stream reads it.
#[derive(Debug)]
pub(super) struct Activity {
    origin: Instant,
    answering: AtomicUsize,
    begun: AtomicU64,
    cancelled: AtomicU64,
    /// The bytes of all answers of HTTP/2.
    owed: AtomicU64,
    /// Whether the client has bytes of answers to take.
    is_unread: AtomicBool,
    /// When the last request ended, in milliseconds after `origin`.
    last_end: AtomicU64,
    /// The time limit that ended the connection: its place in `ConnectionEnd::VARIANTS`.
    cut: AtomicU8,
}

/// No time limit has ended the connection.
const UNCUT: u8 = u8::MAX;

impl Activity {
    pub(super) fn new(origin: Instant) -> Self {
        Self {
            origin,
            answering: AtomicUsize::new(0),
            begun: AtomicU64::new(0),
            cancelled: AtomicU64::new(0),
            owed: AtomicU64::new(0),
            is_unread: AtomicBool::new(false),
            last_end: AtomicU64::new(0),
            cut: AtomicU8::new(UNCUT),
        }
    }

    pub(super) fn begin(&self) {
        self.begun.fetch_add(1, Ordering::Relaxed);
        self.answering.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn end(&self, is_cancelled: bool) {
        let now = u64::try_from(self.origin.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last_end.store(now, Ordering::Relaxed);
        self.cancelled.fetch_add(u64::from(is_cancelled), Ordering::Relaxed);
        self.answering.fetch_sub(1, Ordering::Relaxed);
    }

    /// An answer of HTTP/2 with this many bytes is ready. The client decides by its flow control when they are written.
    pub(super) fn owe(&self, bytes: u64) {
        self.owed.fetch_add(bytes, Ordering::Relaxed);
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

    fn is_cancel_flood(&self) -> bool {
        let cancelled = self.cancelled.load(Ordering::Relaxed);
        cancelled > FREE_CANCELS && cancelled * 2 > self.begun()
    }

    fn cut(&self, end: ConnectionEnd) -> io::Error {
        self.cut.store(end as u8, Ordering::Relaxed);
        io::ErrorKind::TimedOut.into()
    }

    /// The limit that ended the connection.
    pub(super) fn cut_by(&self) -> Option<ConnectionEnd> {
        ConnectionEnd::VARIANTS.get(usize::from(self.cut.load(Ordering::Relaxed))).copied()
    }
}

/// The HTTP version of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HttpVersion {
    Http1,
    Http2,
}

/// The time limits of a stream.
#[derive(Debug, Clone, Copy)]
pub(super) struct StreamLimits {
    pub(super) header: Duration,
    pub(super) idle: Duration,
    pub(super) write: Duration,
}

/// The first bytes of a request that has not begun to be answered.
#[derive(Debug, Clone, Copy)]
struct RequestHead {
    since: Instant,
    /// The number of requests that had begun before it.
    begun: u64,
}

/// Bytes of answers that were ready at a time.
#[derive(Debug, Clone, Copy)]
struct DueBytes {
    since: Instant,
    /// All bytes of answers that were ready until then.
    owed: u64,
}

/// The input after the end of a connection that may still be read.
#[derive(Debug, Clone, Copy)]
struct LingerLimits {
    left: usize,
    until: Instant,
}

/// A stream that fails when the client exceeds a time limit.
#[derive(Debug)]
pub(super) struct GuardedStream<S> {
    inner: S,
    version: HttpVersion,
    limits: StreamLimits,
    activity: Arc<Activity>,
    head: Option<RequestHead>,
    /// Since when the client has not taken bytes that were ready for it.
    blocked_since: Option<Instant>,
    /// The bytes of answers of HTTP/2 that the client has taken, and those that it must take next.
    taken: u64,
    due: Option<DueBytes>,
    /// `None` before the end of the connection.
    linger: Option<LingerLimits>,
    /// Wakes the connection. It may ring too early, but never too late: the time limits are compared when it rings, so
    /// that a request does not have to set it.
    alarm: Pin<Box<Sleep>>,
    /// Whether the alarm wakes the task of the connection. It was polled then, and need not be until it rings.
    is_alarm_set: bool,
}

impl<S> GuardedStream<S> {
    /// With `has_head`, `inner` has already received the first bytes of a request.
    pub(super) fn new(
        inner: S,
        version: HttpVersion,
        limits: StreamLimits,
        activity: Arc<Activity>,
        has_head: bool,
    ) -> Self {
        let head = has_head.then_some(RequestHead { since: activity.origin, begun: 0 });
        let alarm = Box::pin(sleep_until(activity.origin + limits.idle));
        Self {
            inner,
            version,
            limits,
            activity,
            head,
            blocked_since: None,
            taken: 0,
            due: None,
            linger: None,
            alarm,
            is_alarm_set: false,
        }
    }

    /// The time at which the connection ends if nothing happens, and why.
    fn deadline(&self) -> Option<(Instant, ConnectionEnd)> {
        if let Some(since) = self.blocked_since {
            return Some((since + self.limits.write, ConnectionEnd::WriteTimeout));
        }
        if let Some(due) = self.due {
            return Some((due.since + self.limits.write, ConnectionEnd::WriteTimeout));
        }
        let idle_since = self.activity.idle_since()?;
        match self.head.filter(|head| head.begun == self.activity.begun()) {
            Some(head) => Some((head.since + self.limits.header, ConnectionEnd::HeaderTimeout)),
            None => Some((idle_since + self.limits.idle, ConnectionEnd::IdleTimeout)),
        }
    }

    /// Fails if a limit is exceeded, otherwise wakes the connection when the next one is.
    fn check(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        if self.activity.is_cancel_flood() {
            return Err(self.activity.cut(ConnectionEnd::CancelFlood));
        }
        self.note_due();
        self.activity.is_unread.store(self.blocked_since.is_some() || self.due.is_some(), Ordering::Relaxed);
        let Some((deadline, end)) = self.deadline() else { return Ok(()) };
        if self.alarm.deadline() > deadline {
            self.alarm.as_mut().reset(deadline);
            self.is_alarm_set = false;
        }
        if self.is_alarm_set && !self.alarm.is_elapsed() {
            return Ok(());
        }
        while self.alarm.as_mut().poll(cx).is_ready() {
            if Instant::now() >= deadline {
                return Err(self.activity.cut(end));
            }
            self.alarm.as_mut().reset(deadline);
        }
        self.is_alarm_set = true;
        Ok(())
    }

    /// Notes which answers of HTTP/2 the client must take. A stream whose client gives it no window holds its answer in memory while
    /// the connection looks idle or busy with other requests.
    fn note_due(&mut self) {
        let owed = self.activity.owed.load(Ordering::Relaxed);
        if self.due.is_some_and(|due| self.taken < due.owed) {
            return;
        }
        if self.taken < owed {
            self.due = Some(DueBytes { since: Instant::now(), owed });
        } else {
            // Frames without an answer are bytes too. They must not count for later answers.
            (self.taken, self.due) = (owed, None);
        }
    }

    /// Bytes of the client have arrived. In HTTP/2 they may be anything, so only the idle limit applies.
    fn received(&mut self) {
        let begun = self.activity.begun();
        let is_head = self.version == HttpVersion::Http1 && self.activity.idle_since().is_some();
        if is_head && self.head.is_none_or(|head| head.begun != begun) {
            self.head = Some(RequestHead { since: Instant::now(), begun });
        }
    }

    fn begin_linger(&mut self) -> LingerLimits {
        let now = Instant::now();
        self.alarm.as_mut().reset(now + LINGER_SILENCE);
        LingerLimits { left: LINGER_BYTES, until: now + LINGER_TIME }
    }

    /// The client has taken `taken` of `offered` bytes.
    fn sent(&mut self, taken: usize, offered: usize) {
        self.taken = self.taken.saturating_add(taken as u64);
        if taken == offered {
            self.blocked_since = None;
        } else if self.blocked_since.is_none() {
            self.blocked_since = Some(Instant::now());
        }
    }

    fn write_end(
        &mut self,
        cx: &mut Context<'_>,
        offered: usize,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        match written {
            Poll::Ready(Ok(taken)) => self.sent(taken, offered),
            Poll::Ready(Err(_)) => return written,
            Poll::Pending => self.sent(0, offered),
        }
        // Also when bytes were written: hyper reads before it has written an answer and not always after it, so the idle
        // time of the connection may begin here.
        self.check(cx)?;
        written
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for GuardedStream<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.inner).poll_read(cx, buffer);
        match &read {
            Poll::Ready(Ok(())) if buffer.filled().len() > before => self.received(),
            Poll::Ready(_) => {}
            Poll::Pending => self.check(cx)?,
        }
        read
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for GuardedStream<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write(cx, bytes);
        self.write_end(cx, bytes.len(), written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write_vectored(cx, parts);
        self.write_end(cx, parts.iter().map(|part| part.len()).sum(), written)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.inner).poll_shutdown(cx))?;
        let mut linger = match self.linger {
            Some(linger) => linger,
            None => self.begin_linger(),
        };
        let mut bytes = [0; 4 << 10];
        while linger.left > 0 && self.alarm.as_mut().poll(cx).is_pending() {
            let mut buffer = ReadBuf::new(&mut bytes);
            let read = Pin::new(&mut self.inner).poll_read(cx, &mut buffer);
            let arrived = buffer.filled().len();
            match read {
                Poll::Ready(Ok(())) if arrived > 0 => {
                    linger.left = linger.left.saturating_sub(arrived);
                    self.alarm.as_mut().reset(linger.until.min(Instant::now() + LINGER_SILENCE));
                }
                Poll::Ready(_) => break,
                Poll::Pending => {
                    self.linger = Some(linger);
                    return Poll::Pending;
                }
            }
        }
        Poll::Ready(Ok(()))
    }
}

/// A stream of which some bytes were read before. Readers get them first.
#[derive(Debug)]
pub(super) struct BegunStream<S> {
    begun: Bytes,
    inner: S,
}

impl<S> BegunStream<S> {
    pub(super) fn new(begun: Bytes, inner: S) -> Self {
        Self { begun, inner }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for BegunStream<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.begun.is_empty() {
            return Pin::new(&mut self.inner).poll_read(cx, buffer);
        }
        let taken = self.begun.len().min(buffer.remaining());
        buffer.put_slice(&self.begun[..taken]);
        self.begun.advance(taken);
        if self.begun.is_empty() {
            // Empty `Bytes` still keep their memory, and a connection may stay open for hours.
            self.begun = Bytes::new();
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for BegunStream<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write_vectored(cx, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt as _;

    use super::*;

    #[tokio::test]
    async fn bytes_that_were_read_are_not_kept() {
        let begun = Bytes::from(b"GET / HTTP/1.1".to_vec());
        let mut stream = BegunStream::new(begun.clone(), tokio::io::empty());
        let mut read = [0; 64];
        assert_eq!(stream.read(&mut read).await.expect("it is in memory"), begun.len());
        assert!(begun.is_unique(), "the stream has let them go");
    }
}
