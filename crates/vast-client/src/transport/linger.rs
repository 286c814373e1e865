//! Exchanges that nobody waits for any more: read to their end for the connection's sake, within bounds.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use http::{HeaderMap, StatusCode};
use tokio::sync::Semaphore;

use super::{Body, HttpResponse, Interest, TransportError};
use crate::transport::Background;

/// How far an exchange that lost its purpose is read on.
///
/// An HTTP/1.1 connection can carry the next exchange only after the last one was read to its end. Dropping the loser
/// of every race would close a connection per request and cost a new TCP and TLS handshake each time. Nothing of what
/// is read here is used. HTTP/2 exchanges are dropped at once: they cost their connection nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Linger {
    /// For how long at most; zero turns it off. Default 1 s: beyond that a new connection is cheaper than this one.
    pub time: Duration,
    /// How many bytes of the body at most. Default 64 KiB, several VAST documents.
    pub bytes: usize,
    /// How many exchanges at once at most; those beyond it are dropped. Default 1,024: with 64, a client with 16 races of
    /// five under way opens twelve times as many connections.
    pub exchanges: usize,
}

impl Default for Linger {
    fn default() -> Self {
        Self { time: Duration::from_secs(1), bytes: 64 * 1024, exchanges: 1024 }
    }
}

impl Linger {
    /// Connections of exchanges that are no longer wanted are closed.
    pub const OFF: Self = Self { time: Duration::ZERO, bytes: 0, exchanges: 0 };
}

/// The rule together with its count of exchanges.
pub(super) struct Lingering {
    rule: Linger,
    room: Arc<Semaphore>,
    background: Background,
}

/// An answer's head on its way.
pub(super) type Head = BoxFuture<'static, Result<HttpResponse, TransportError>>;

/// What an exchange waits for.
enum Stage {
    Head(Head),
    Body(Body),
    /// Nothing: it is over, or not worth reading on.
    Over,
}

/// An exchange under way. Dropped before its end, it is read on in the background.
pub(super) struct Held<'a> {
    stage: Stage,
    multiplexed: bool,
    interest: Interest,
    lingering: &'a Lingering,
}

impl Lingering {
    pub(super) fn new(rule: Linger, background: Background) -> Self {
        let room = Arc::new(Semaphore::new(rule.exchanges.min(Semaphore::MAX_PERMITS)));
        Self { rule, room, background }
    }

    /// The interest of a new exchange: one that can be lost only where exchanges outlive it.
    pub(super) fn interest(&self) -> Interest {
        if self.rule.time.is_zero() { Interest::default() } else { Interest::new() }
    }

    fn read_on(&self, stage: Stage) {
        let Ok(room) = self.room.clone().try_acquire_owned() else { return };
        let Linger { time, bytes, .. } = self.rule;
        self.background.spawn(async move {
            // Whether it ended or time did: the connection is as it is.
            let _ = tokio::time::timeout(time, stage.read_on(bytes)).await;
            drop(room);
        });
    }
}

impl Stage {
    async fn read_on(self, bytes: usize) {
        let mut body = match self {
            Self::Head(head) => match head.await {
                Ok(HttpResponse { body, multiplexed: false, .. }) => body,
                _ => return,
            },
            Self::Body(body) => body,
            Self::Over => return,
        };
        drain(&mut body, bytes).await;
    }
}

/// Reads a body to its end, or a little beyond `bytes`; says whether the end came.
async fn drain(body: &mut Body, bytes: usize) -> bool {
    let mut left = bytes;
    while let Some(piece) = body.next().await {
        match piece.ok().and_then(|piece| left.checked_sub(piece.len())) {
            Some(rest) => left = rest,
            None => return false,
        }
    }
    true
}

impl<'a> Held<'a> {
    /// Holds an exchange whose request was made with this interest.
    pub(super) fn new(head: Head, interest: Interest, lingering: &'a Lingering) -> Self {
        Self { stage: Stage::Head(head), multiplexed: false, interest, lingering }
    }

    /// Waits for the head; the body stays here.
    pub(super) async fn head(&mut self) -> Result<(StatusCode, HeaderMap), TransportError> {
        let Stage::Head(head) = &mut self.stage else { return std::future::pending().await };
        let answer = head.await;
        self.stage = Stage::Over;
        let HttpResponse { status, headers, body, multiplexed } = answer?;
        self.multiplexed = multiplexed;
        self.stage = Stage::Body(body);
        Ok((status, headers))
    }

    /// The next piece of the body.
    pub(super) async fn piece(&mut self) -> Option<Result<Bytes, TransportError>> {
        let Stage::Body(body) = &mut self.stage else { return None };
        let piece = body.next().await;
        if !matches!(piece, Some(Ok(_))) {
            self.stage = Stage::Over;
        }
        piece
    }

    /// Reads a body that nobody needs to its end if that is within `bytes`.
    pub(super) async fn settle(&mut self, bytes: usize) {
        if let Stage::Body(body) = &mut self.stage
            && drain(body, bytes).await
        {
            self.stage = Stage::Over;
        }
    }

    /// Ends it here: what is left is not worth reading on.
    pub(super) fn abandon(mut self) {
        self.stage = Stage::Over;
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.interest.lose();
        let stage = std::mem::replace(&mut self.stage, Stage::Over);
        if !self.multiplexed && !matches!(stage, Stage::Over) && !self.lingering.rule.time.is_zero() {
            self.lingering.read_on(stage);
        }
    }
}
