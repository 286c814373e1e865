//! A byte stream with time limits, so that a slow or silent client cannot hold a connection.
//!
//! hyper has one limit for the headers, which also runs while a connection is idle, and none for writing. Therefore all
//! limits are here, where every byte of a connection passes.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

use super::activity::Activity;
use super::counts::ConnectionEnd;

/// After its answer to a request that it has not read to the end, the server still reads so much input of the client. If it were left
/// unread, the operating system would reset the connection, and a client that sends all of its request first would lose the answer.
pub(super) const LINGER_BYTES: usize = 16 << 20;
/// The same limit for a connection of HTTP/2. It ends with unread input only after an error.
const LINGER_BYTES_OF_HTTP_2: usize = 256 << 10;
/// The time for which that input is read, and the time without any of it.
pub(super) const LINGER_TIME: Duration = Duration::from_secs(5);
const LINGER_SILENCE: Duration = Duration::from_secs(1);

/// More bytes than a stream of TLS can hold in its buffer: that has 64 KiB, and each record of TLS adds some bytes.
const TLS_BUFFER: usize = 128 << 10;

/// How often a connection with unread bytes checks whether all connections together have too many.
const UNREAD_CHECK: Duration = Duration::from_millis(250);

/// After a connection has read this number of bytes, the other connections have their turn. Without it, a client that sends small frames of HTTP/2 as fast
/// as it can keeps a thread for about a megabyte of them at once, which are 10 ms of work. It is the size of a buffer of h2.
const TURN: usize = 8 << 10;

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
    /// The bytes of answers of all connections that may be unread.
    pub(super) unread_bytes: usize,
}

impl StreamLimits {
    /// The time for which a client may leave bytes unread when those of all connections are `unread`. Above half of the limit it is shorter,
    /// and at the limit zero. So the connections that have waited longest end first, and there is always room for those that read.
    fn write_with(self, unread: usize) -> (Duration, ConnectionEnd) {
        let half = self.unread_bytes / 2;
        if unread <= half {
            return (self.write, ConnectionEnd::WriteTimeout);
        }
        let (left, most) = (self.unread_bytes.saturating_sub(unread), self.unread_bytes - half);
        let micros = self.write.as_micros() * left as u128 / most as u128;
        (Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX)), ConnectionEnd::UnreadLimit)
    }
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

/// Whether the client takes the bytes that are ready for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Taking {
    /// It has taken all of them.
    All,
    /// It does not take the bytes of a write, or not all of them.
    NotWrite { since: Instant },
    /// It does not take the bytes that wait in the buffer of TLS. That buffer has accepted `accepted` more bytes since the time `since`.
    NotFlush { since: Instant, accepted: usize },
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
    is_tls: bool,
    limits: StreamLimits,
    activity: Arc<Activity>,
    head: Option<RequestHead>,
    taking: Taking,
    /// The bytes that were read in this turn.
    read_in_turn: usize,
    /// The bytes of answers of HTTP/2 that the client has taken, and those that it must take next.
    taken: u64,
    due: Option<DueBytes>,
    /// `None` before the end of the connection.
    linger: Option<LingerLimits>,
    /// Wakes the connection. It may ring too early, but never too late: the time limits are compared when it rings, so
    /// that a request does not have to set it.
    alarm: Pin<Box<Sleep>>,
    /// Whether the alarm wakes the task of the connection: it was polled, and is polled again only after it has rung.
    is_alarm_set: bool,
}

impl<S> GuardedStream<S> {
    /// `is_tls`: `inner` has a buffer of its own. Without TLS, the first bytes of a request have arrived.
    pub(super) fn new(
        inner: S,
        version: HttpVersion,
        limits: StreamLimits,
        activity: Arc<Activity>,
        is_tls: bool,
    ) -> Self {
        // After a TLS handshake, the client may wait with its first request.
        let has_head = version == HttpVersion::Http1 && !is_tls;
        let head = has_head.then_some(RequestHead { since: activity.origin(), begun: 0 });
        let alarm = Box::pin(sleep_until(activity.origin() + limits.idle));
        Self {
            inner,
            version,
            is_tls,
            limits,
            activity,
            head,
            taking: Taking::All,
            read_in_turn: 0,
            taken: 0,
            due: None,
            linger: None,
            alarm,
            is_alarm_set: false,
        }
    }

    /// Since when the client has bytes to take.
    fn unread_since(&self) -> Option<Instant> {
        match self.taking {
            Taking::NotWrite { since } | Taking::NotFlush { since, .. } => Some(since),
            Taking::All => self.due.map(|due| due.since),
        }
    }

    /// The time at which the connection ends if nothing happens, and why.
    fn deadline(&self) -> Option<(Instant, ConnectionEnd)> {
        if let Some(since) = self.unread_since() {
            let (write, end) = self.limits.write_with(self.activity.unread_of_all());
            return Some((since + write, end));
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
        let is_unread = self.unread_since().is_some();
        self.activity.set_unread(is_unread);
        let Some((deadline, end)) = self.deadline() else { return Ok(()) };
        let ring = if is_unread { deadline.min(Instant::now() + UNREAD_CHECK) } else { deadline };
        if self.alarm.deadline() > ring {
            self.alarm.as_mut().reset(ring);
            self.is_alarm_set = false;
        }
        if self.is_alarm_set && !self.alarm.is_elapsed() {
            return Ok(());
        }
        while self.alarm.as_mut().poll(cx).is_ready() {
            if Instant::now() >= deadline {
                return Err(self.activity.cut(end));
            }
            self.alarm.as_mut().reset(ring);
        }
        self.is_alarm_set = true;
        Ok(())
    }

    /// Notes which answers of HTTP/2 the client must take. A stream whose client gives it no window holds its answer in memory while
    /// the connection looks idle or busy with other requests.
    fn note_due(&mut self) {
        let owed = self.activity.owed();
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
        let left = match self.version {
            HttpVersion::Http1 => LINGER_BYTES,
            // Bodies that no handler has read to the end are read in the background (`LimitedBody`), so little is left here.
            HttpVersion::Http2 => LINGER_BYTES_OF_HTTP_2,
        };
        LingerLimits { left, until: now + LINGER_TIME }
    }

    /// The client has taken `taken` of `offered` bytes.
    fn sent(&mut self, taken: usize, offered: usize) {
        self.taken = self.taken.saturating_add(taken as u64);
        if self.is_tls && taken > 0 {
            self.activity.buffered();
        }
        self.taking = match self.taking {
            Taking::NotFlush { since, accepted } if taken == offered => {
                let accepted = accepted + taken;
                // The buffer cannot hold so many bytes, so the client has taken some of them.
                if accepted > TLS_BUFFER {
                    Taking::NotFlush { since: Instant::now(), accepted: 0 }
                } else {
                    Taking::NotFlush { since, accepted }
                }
            }
            _ if taken == offered => Taking::All,
            Taking::NotWrite { since } | Taking::NotFlush { since, .. } => Taking::NotWrite { since },
            Taking::All => Taking::NotWrite { since: Instant::now() },
        };
    }

    /// Notes whether the client has taken what was in the buffer of TLS. `flushed` is the result of writing it out.
    fn flush_end(&mut self, cx: &mut Context<'_>, flushed: Poll<io::Result<()>>) -> Poll<io::Result<()>> {
        if let Poll::Ready(Ok(())) = &flushed {
            self.activity.flushed();
        }
        match (&flushed, self.taking) {
            (Poll::Ready(Ok(())), Taking::NotFlush { .. }) => self.taking = Taking::All,
            (Poll::Pending, Taking::All) => self.taking = Taking::NotFlush { since: Instant::now(), accepted: 0 },
            _ => {}
        }
        if flushed.is_pending() {
            self.check(cx)?;
        }
        flushed
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
        if self.read_in_turn >= TURN {
            self.read_in_turn = 0;
            self.check(cx)?;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.inner).poll_read(cx, buffer);
        let arrived = buffer.filled().len() - before;
        match &read {
            Poll::Ready(Ok(())) if arrived > 0 => {
                self.read_in_turn += arrived;
                self.received();
            }
            Poll::Ready(_) => {}
            Poll::Pending => {
                self.read_in_turn = 0;
                self.check(cx)?;
            }
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
        let flushed = Pin::new(&mut self.inner).poll_flush(cx);
        self.flush_end(cx, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let shut_down = Pin::new(&mut self.inner).poll_shutdown(cx);
        ready!(self.flush_end(cx, shut_down))?;
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

#[cfg(test)]
mod tests;
