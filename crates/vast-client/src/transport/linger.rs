//! Exchanges whose response is no longer wanted. They are read to their end, within limits, so that their connections can
//! be used again.

use std::future::poll_fn;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use tokio::runtime::Handle;

use super::linger_task::{LingerPlace, LingerQueue, LingerTask};
use super::next_part::{NextPart, OptionalLog, UnwantedExchange, poll_head, poll_piece};
use super::observer::ExchangeLog;
use super::request::ResponseHead;
use super::{BackgroundTasks, Body, Cancellation, HttpResponse, TransportError};

/// How much of a response is read when it is no longer wanted.
///
/// An HTTP/1.1 connection can carry the next exchange only after the last response was read to its end. Without lingering,
/// every race would close the connections of its losers, and each new connection costs a TCP and a TLS handshake. The data
/// that is read is discarded. HTTP/2 exchanges are dropped immediately, because that leaves their connection open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Linger {
    /// For how long an exchange is read at most; zero turns lingering off. Default 1 s, because reading for a longer
    /// time costs more than a new connection.
    pub time: Duration,
    /// How many bytes of the body are read at most. Default 64 KiB, the size of several VAST documents.
    pub bytes: usize,
    /// How many exchanges linger at the same time at most; the others are dropped. Default 1,024: with 64, a client that
    /// runs 16 races of five sources at a time opens twelve times as many connections.
    pub exchanges: usize,
}

impl Default for Linger {
    fn default() -> Self {
        Self { time: Duration::from_secs(1), bytes: 64 * 1024, exchanges: 1024 }
    }
}

impl Linger {
    /// The connections of exchanges that are no longer wanted are closed.
    pub const OFF: Self = Self { time: Duration::ZERO, bytes: 0, exchanges: 0 };
}

/// The limits, and the exchanges that linger now.
pub(super) struct Lingering {
    limits: Linger,
    /// How many exchanges linger.
    taken: Arc<AtomicUsize>,
    background: BackgroundTasks,
    /// The way to the task that reads them; `None` before the first one.
    queue: Mutex<Option<Arc<LingerQueue>>>,
}

/// An exchange that was sent. When it is dropped before its end, it is read on in the background.
pub(super) struct PendingExchange<'a> {
    next: NextPart,
    multiplexed: bool,
    /// How many bytes the server sent, if a recording says so.
    wire_bytes: Option<u64>,
    cancellation: Cancellation,
    lingering: &'a Lingering,
    log: OptionalLog,
}

impl Lingering {
    pub(super) fn new(limits: Linger, background: BackgroundTasks) -> Self {
        Self { limits, taken: Arc::default(), background, queue: Mutex::default() }
    }

    /// The cancellation of a new exchange. It is needed only if an exchange can continue after its request was dropped.
    pub(super) fn cancellation(&self) -> Cancellation {
        if self.limits.time.is_zero() { Cancellation::default() } else { Cancellation::new() }
    }

    fn read_on(&self, next: NextPart, log: OptionalLog) {
        let Ok(runtime) = Handle::try_current() else { return };
        let mut exchange = UnwantedExchange::new(next, self.limits.bytes, log);
        if exchange.has_arrived() {
            return;
        }
        let Some(place) = LingerPlace::take(&self.taken, self.limits.exchanges) else { return };
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let left = match &*queue {
            Some(queue) => queue.add(runtime.id(), (exchange, place)),
            None => Some((exchange, place)),
        };
        if let Some(first) = left {
            let (begun, task) = LingerTask::new(runtime.id(), self.limits.time, first);
            // Tokio stops a task after 128 operations in one poll. This task has up to `exchanges` of them to do, so it would be
            // polled many times in vain, and connections would be free late. Its work has a limit of its own: `exchanges` times
            // `bytes`.
            *queue = self.background.spawn(tokio::task::unconstrained(task)).then_some(begun);
        }
    }
}

/// Reads a body to its end, but not more than one piece beyond `bytes`. Returns whether the end was reached.
async fn drain(body: &mut Body, bytes: usize, log: &mut OptionalLog) -> bool {
    let mut left = bytes;
    while let Some(piece) = poll_fn(|context| poll_piece(body, log, context)).await {
        match piece.ok().and_then(|piece| left.checked_sub(piece.len())) {
            Some(rest) => left = rest,
            None => return false,
        }
    }
    true
}

impl<'a> PendingExchange<'a> {
    /// An exchange whose request has this cancellation.
    pub(super) fn new(head: ResponseHead, cancellation: Cancellation, lingering: &'a Lingering) -> Self {
        Self { next: NextPart::Head(head), multiplexed: false, wire_bytes: None, cancellation, lingering, log: None }
    }

    /// Gives the events of the exchange to `log` from now on.
    pub(super) fn set_log(&mut self, log: Option<Box<dyn ExchangeLog>>) {
        self.log = log;
        if let Some(log) = &mut self.log {
            log.sent();
        }
    }

    /// The head. The body can then be read with [`poll_piece`](Self::poll_piece).
    pub(super) fn poll_head(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Result<(StatusCode, HeaderMap), TransportError>> {
        let NextPart::Head(head) = &mut self.next else { return Poll::Pending };
        let response = ready!(poll_head(head, &mut self.log, context));
        self.next = NextPart::Nothing;
        let HttpResponse { status, headers, body, multiplexed, wire_bytes } = response?;
        (self.multiplexed, self.wire_bytes) = (multiplexed, wire_bytes);
        self.next = NextPart::Body(body);
        Poll::Ready(Ok((status, headers)))
    }

    /// How many bytes of the body the server sent, if a recording says so.
    pub(super) fn wire_bytes(&self) -> Option<u64> {
        self.wire_bytes
    }

    /// The next piece of the body.
    pub(super) fn poll_piece(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, TransportError>>> {
        let NextPart::Body(body) = &mut self.next else { return Poll::Ready(None) };
        let piece = ready!(poll_piece(body, &mut self.log, context));
        if !matches!(piece, Some(Ok(_))) {
            self.next = NextPart::Nothing;
        }
        Poll::Ready(piece)
    }

    /// Reads a body that is not needed to its end if it is not larger than `bytes`.
    pub(super) async fn discard_body(&mut self, bytes: usize) {
        if let NextPart::Body(body) = &mut self.next
            && drain(body, bytes, &mut self.log).await
        {
            self.next = NextPart::Nothing;
        }
    }

    /// Ends the exchange without reading the rest.
    pub(super) fn abandon(&mut self) {
        self.next = NextPart::Nothing;
    }
}

impl Drop for PendingExchange<'_> {
    fn drop(&mut self) {
        self.cancellation.cancel();
        let next = std::mem::replace(&mut self.next, NextPart::Nothing);
        if let (Some(log), false) = (&mut self.log, matches!(next, NextPart::Nothing)) {
            log.cut();
        }
        if !self.multiplexed && !matches!(next, NextPart::Nothing) && !self.lingering.limits.time.is_zero() {
            self.lingering.read_on(next, self.log.take());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use futures_util::FutureExt;
    use tokio::sync::oneshot;

    use super::super::TransportErrorKind;
    use super::*;

    #[tokio::test]
    async fn of_many_exchanges_that_are_ready_each_is_polled_once() {
        const EXCHANGES: usize = 1_000;
        let limits = Linger { exchanges: EXCHANGES, ..Linger::default() };
        let lingering = Lingering::new(limits, BackgroundTasks::default());
        let polls = Arc::<AtomicUsize>::default();
        for _ in 0..EXCHANGES {
            let (sender, mut receiver) = oneshot::channel();
            sender.send(()).expect("the receiver is here");
            let polls = Arc::clone(&polls);
            let head = poll_fn(move |context| {
                polls.fetch_add(1, Ordering::Relaxed);
                // A channel of tokio has nothing for a task that has used up its budget.
                let _sent = ready!(receiver.poll_unpin(context));
                Poll::Ready(Err(TransportError::new(TransportErrorKind::Reset, "the connection is closed")))
            });
            lingering.read_on(NextPart::Head(head.boxed()), None);
        }
        while lingering.taken.load(Ordering::Relaxed) > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(polls.load(Ordering::Relaxed), EXCHANGES);
    }

    #[tokio::test]
    async fn of_many_exchanges_that_become_ready_each_is_polled_once_more() {
        const EXCHANGES: usize = 1_000;
        let limits = Linger { exchanges: EXCHANGES, ..Linger::default() };
        let lingering = Lingering::new(limits, BackgroundTasks::default());
        let polls = Arc::<AtomicUsize>::default();
        let mut senders = Vec::new();
        for _ in 0..EXCHANGES {
            let (sender, mut receiver) = oneshot::channel();
            senders.push(sender);
            let polls = Arc::clone(&polls);
            let head = poll_fn(move |context| {
                polls.fetch_add(1, Ordering::Relaxed);
                let _sent: Result<(), _> = ready!(receiver.poll_unpin(context));
                Poll::Ready(Err(TransportError::new(TransportErrorKind::Reset, "the connection is closed")))
            });
            lingering.read_on(NextPart::Head(head.boxed()), None);
        }
        assert_eq!(lingering.taken.load(Ordering::Relaxed), EXCHANGES);
        senders.into_iter().for_each(|sender| sender.send(()).expect("the receiver is here"));
        while lingering.taken.load(Ordering::Relaxed) > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(polls.load(Ordering::Relaxed), 2 * EXCHANGES);
    }

    #[tokio::test]
    async fn what_has_arrived_is_read_at_once() {
        let lingering = Lingering::new(Linger::default(), BackgroundTasks::default());
        let is_read = Arc::<AtomicUsize>::default();
        let body = |rest: usize| {
            let is_read = Arc::clone(&is_read);
            let pieces = futures_util::stream::iter((0..rest).map(|_| Ok(Bytes::from_static(&[0; 1024]))));
            let end = futures_util::stream::poll_fn(move |_| {
                is_read.fetch_add(1, Ordering::Relaxed);
                Poll::Ready(None)
            });
            NextPart::Body(Box::pin(futures_util::StreamExt::chain(pieces, end)))
        };
        lingering.read_on(body(3), None);
        assert_eq!((is_read.load(Ordering::Relaxed), lingering.taken.load(Ordering::Relaxed)), (1, 0));
        lingering.read_on(body(1024), None);
        assert_eq!(is_read.load(Ordering::Relaxed), 1, "no more than the limit of bytes is read");
        let broken = poll_fn(|_| -> Poll<Result<HttpResponse, TransportError>> { panic!("a mistake of a transport") });
        lingering.read_on(NextPart::Head(broken.boxed()), None);
        assert_eq!(lingering.taken.load(Ordering::Relaxed), 0, "a panic ends the exchange only");
        lingering.read_on(NextPart::Body(Box::pin(futures_util::stream::pending())), None);
        assert_eq!(lingering.taken.load(Ordering::Relaxed), 1, "the task waits for the rest");
    }
}
