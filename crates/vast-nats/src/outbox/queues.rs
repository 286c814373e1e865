//! The background work: it receives beacons that are due, moves beacons whose wait is over, and keeps received messages from being sent
//! again.

use std::time::Duration;

use futures_util::future::{join, join_all};
use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::time::sleep;
use vast_client::track::outbox::Timestamp;

use super::buffer::UnclaimedBeacon;
use super::{OutboxParts, count};
use crate::broker::{Publication, Received};
use crate::envelope::MessageError;
use crate::message::QueuedBeacon;
use crate::names::{RetryDelay, StreamRole};

/// How often received messages are extended, in units of the shortest delay. The server waits three times as long before it sends one
/// again.
const EXTEND_EVERY: u32 = 10;
/// The wait after the broker failed.
const AFTER_FAILURE: Duration = Duration::from_millis(500);
/// The number of messages that a stream of waiting beacons gives at once.
const MOVED_AT_ONCE: usize = 256;

impl OutboxParts {
    /// Works until the future is dropped.
    pub(super) async fn attend(&self) {
        let movers = join_all(RetryDelay::ALL.map(|delay| self.move_due(delay)));
        join(join(self.receive(), self.extend()), movers).await;
    }

    /// Receives as many beacons as the buffer has room for.
    async fn receive(&self) {
        while !self.is_closing() {
            let room = self.buffer().room();
            if room == 0 {
                tokio::select! {
                    () = self.has_room.notified() => continue,
                    () = self.closes.notified() => return,
                }
            }
            let mut messages = self.broker.receive(StreamRole::Beacons, room);
            loop {
                // The server stops sending to a request whose receiver is gone.
                let message = tokio::select! {
                    message = messages.next() => message,
                    () = self.closes.notified() => return,
                };
                match message {
                    Some(Ok(received)) => self.accept(received).await,
                    Some(Err(_)) => sleep(AFTER_FAILURE).await,
                    None => break,
                }
            }
        }
    }

    async fn accept(&self, received: Received) {
        let Some(beacon) = self.read(&received).await else { return };
        self.buffer().add(UnclaimedBeacon { received, beacon });
        self.arrived.notify_one();
    }

    /// The beacon of a message. A message that nobody can read goes to the dead letters; one of a newer version is left to the gateways
    /// of that version.
    async fn read(&self, received: &Received) -> Option<QueuedBeacon> {
        match QueuedBeacon::from_bytes(&received.payload, &self.seal) {
            Ok(beacon) => Some(beacon),
            Err(MessageError::Newer) => {
                tracing::warn!("a beacon of a newer version waits for a gateway of that version: update this gateway");
                None
            }
            Err(problem) => {
                count(&self.counters.unreadable);
                tracing::warn!(%problem, "a message is no beacon and is kept among the dead letters");
                let payload = received.payload.clone();
                let subject = self.names.unreadable(&payload);
                let kept = self.publish(Publication { subject, id: None, after: None, payload }).await;
                if kept.is_ok() {
                    self.broker.remove(received.receipt.clone()).await;
                }
                None
            }
        }
    }

    /// Moves beacons whose wait in this stream is over.
    async fn move_due(&self, delay: RetryDelay) {
        while !self.is_closing() {
            let mut messages = self.broker.receive(StreamRole::Retry(delay), MOVED_AT_ONCE);
            let mut moves = FuturesUnordered::new();
            loop {
                tokio::select! {
                    message = messages.next() => match message {
                        Some(Ok(received)) => {
                            moves.push(self.move_one(received, delay));
                            continue;
                        }
                        Some(Err(_)) => sleep(AFTER_FAILURE).await,
                        None => break,
                    },
                    Some(()) = moves.next() => {}
                }
            }
            while moves.next().await.is_some() {}
        }
    }

    async fn move_one(&self, received: Received, delay: RetryDelay) {
        let Some(beacon) = self.read(&received).await else { return };
        let due = received.stored_at.after(delay.length(self.second));
        sleep(due.since(self.now())).await;
        let wait = beacon.stored.progress.due.since(self.now());
        let place = RetryDelay::for_wait(wait, self.second).map_or(StreamRole::Beacons, StreamRole::Retry);
        if self.publish(self.in_queue(place, &beacon.moved())).await.is_ok() {
            self.broker.remove(received.receipt).await;
        }
    }

    /// Extends what was received. A claim is extended until its lease ends.
    async fn extend(&self) {
        loop {
            sleep(self.second * EXTEND_EVERY).await;
            let now: Timestamp = self.now();
            let receipts = self.buffer().receipts(now, self.second * EXTEND_EVERY * 3);
            join_all(receipts.into_iter().map(|receipt| self.broker.extend(receipt))).await;
        }
    }
}
