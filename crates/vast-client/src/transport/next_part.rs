//! What is read next of a response, and the events of it that are noted.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::{Context, Poll, Waker, ready};

use bytes::Bytes;
use futures_util::{FutureExt, StreamExt};

use super::observer::ExchangeLog;
use super::request::ResponseHead;
use super::{Body, HttpResponse, TransportError};

/// Gets the events of an exchange, if they are noted.
pub(super) type OptionalLog = Option<Box<dyn ExchangeLog>>;

/// The part of the response that is read next.
pub(super) enum NextPart {
    Head(ResponseHead),
    Body(Body),
    /// The exchange has ended, or the rest is not worth reading.
    Nothing,
}

/// The head of the response, which is noted.
pub(super) fn poll_head(
    head: &mut ResponseHead,
    log: &mut OptionalLog,
    context: &mut Context<'_>,
) -> Poll<Result<HttpResponse, TransportError>> {
    let response = ready!(head.poll_unpin(context));
    if let Some(log) = log {
        match &response {
            Ok(response) => log.head(response),
            Err(error) => log.ended(Some(error)),
        }
    }
    Poll::Ready(response)
}

/// The next piece of a body, which is noted.
pub(super) fn poll_piece(
    body: &mut Body,
    log: &mut OptionalLog,
    context: &mut Context<'_>,
) -> Poll<Option<Result<Bytes, TransportError>>> {
    let piece = ready!(body.poll_next_unpin(context));
    if let Some(log) = log {
        match &piece {
            Some(Ok(piece)) => log.piece(piece),
            Some(Err(error)) => log.ended(Some(error)),
            None => log.ended(None),
        }
    }
    Poll::Ready(piece)
}

/// An exchange whose response is no longer wanted.
pub(super) struct UnwantedExchange {
    next: NextPart,
    /// How many bytes of the body may still be read.
    left: usize,
    log: OptionalLog,
}

impl UnwantedExchange {
    /// An exchange. Its body is read until more than `bytes` bytes have arrived.
    pub(super) fn new(next: NextPart, bytes: usize, log: OptionalLog) -> Self {
        Self { next, left: bytes, log }
    }

    /// Reads what has arrived. Returns whether that was the rest, so that its connection is free already for the next exchange, and
    /// nobody has to wait for it. It is called where an exchange is dropped, so that a panic of a transport ends the exchange only.
    pub(super) fn has_arrived(&mut self) -> bool {
        if std::thread::panicking() {
            return false;
        }
        // The work is limited by the bytes that may still be read, and it must not use up the turn of the task that has dropped the exchange.
        let mut end = pin!(tokio::task::coop::unconstrained(poll_fn(|context| self.poll_end(context))));
        let polled = catch_unwind(AssertUnwindSafe(|| end.as_mut().poll(&mut Context::from_waker(Waker::noop()))));
        polled.map_or(true, |poll| poll.is_ready())
    }

    /// Reads it to its end, within its limits.
    pub(super) fn poll_end(&mut self, context: &mut Context<'_>) -> Poll<()> {
        loop {
            match &mut self.next {
                NextPart::Head(head) => match ready!(poll_head(head, &mut self.log, context)) {
                    Ok(HttpResponse { body, multiplexed: false, .. }) => self.next = NextPart::Body(body),
                    _ => return Poll::Ready(()),
                },
                NextPart::Body(body) => match ready!(poll_piece(body, &mut self.log, context)) {
                    Some(Ok(piece)) => match self.left.checked_sub(piece.len()) {
                        Some(left) => self.left = left,
                        None => return Poll::Ready(()),
                    },
                    _ => return Poll::Ready(()),
                },
                NextPart::Nothing => return Poll::Ready(()),
            }
        }
    }
}
