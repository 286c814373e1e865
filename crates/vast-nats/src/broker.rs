//! What the outbox needs from a message broker. The tests have a second implementation, which loses, repeats and delays messages.

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use vast_client::track::outbox::Timestamp;

use crate::names::StreamRole;

/// A message to be stored.
#[derive(Debug, Clone)]
pub(crate) struct Publication {
    pub(crate) subject: String,
    /// The server stores a message with an id that it knows only once.
    pub(crate) id: Option<String>,
    /// The message is stored only if the newest message of the subject has this number; 0 if there must be none.
    pub(crate) after: Option<u64>,
    pub(crate) payload: Bytes,
}

/// The result of a publication that was stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Publicated {
    pub(crate) sequence: u64,
    /// The id of the message was known, so nothing was stored.
    pub(crate) is_duplicate: bool,
}

/// Why the broker did not do what it was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BrokerError {
    #[error("another gateway has changed the row")]
    Changed,
    #[error("the stream is full")]
    Full,
    #[error("{0}")]
    Unavailable(String),
}

/// A message in a stream.
#[derive(Debug, Clone)]
pub(crate) struct StoredMessage {
    pub(crate) sequence: u64,
    pub(crate) payload: Bytes,
}

/// A message that was received and has to be removed or is received again.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) receipt: Receipt,
    pub(crate) payload: Bytes,
    pub(crate) stored_at: Timestamp,
    /// Whether the server has sent it before.
    pub(crate) is_repeated: bool,
}

/// Identifies a received message.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Receipt(pub(crate) String);

/// The number of messages in a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct StreamCounts {
    pub(crate) messages: u64,
    pub(crate) bytes: u64,
    /// The messages that were received and are neither removed nor due to be sent again.
    pub(crate) received: u64,
    /// The time of the oldest message if the stream is full and has lost older ones; otherwise zero.
    pub(crate) lost_before: Timestamp,
}

/// A message broker with streams.
pub(crate) trait Broker: Send + Sync + 'static {
    /// Stores a message. It is durable when this returns.
    fn publish(&self, publication: Publication) -> BoxFuture<'_, Result<Publicated, BrokerError>>;

    /// The newest message of a subject.
    fn newest(&self, place: StreamRole, subject: String) -> BoxFuture<'_, Result<Option<StoredMessage>, BrokerError>>;

    /// Receives up to `limit` messages as they come. The stream ends after some seconds.
    fn receive(&self, place: StreamRole, limit: usize) -> BoxStream<'_, Result<Received, BrokerError>>;

    /// Removes a received message. The server may not get this; then it sends the message again.
    fn remove(&self, receipt: Receipt) -> BoxFuture<'_, ()>;

    /// Prevents the server from sending a received message again for a while.
    fn extend(&self, receipt: Receipt) -> BoxFuture<'_, ()>;

    /// The number of messages in a stream.
    fn counts(&self, place: StreamRole) -> BoxFuture<'_, Result<StreamCounts, BrokerError>>;

    /// The messages of these subjects, the oldest first, at most `limit`.
    fn read(
        &self,
        place: StreamRole,
        subjects: String,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<StoredMessage>, BrokerError>>;

    /// Deletes a message of a stream by its number.
    fn delete(&self, place: StreamRole, sequence: u64) -> BoxFuture<'_, Result<(), BrokerError>>;

    /// Waits until everything that was removed and extended has been sent.
    fn flush(&self) -> BoxFuture<'_, ()>;

    /// Why the broker cannot be used now; `None` if it can.
    fn problem(&self) -> Option<String>;
}
