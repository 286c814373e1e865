//! What gateways tell each other: messages that the server passes on and does not store.

use std::fmt;
use std::time::Duration;

use async_nats::{Client, Subscriber};
use bytes::Bytes;
use futures_util::StreamExt;

use super::connection::{NatsError, NatsSettings, connected, options};
use crate::envelope::{MessageError, MessageMark, opened, sealed};
use crate::seal::RecordSeal;

/// The first bytes of each message.
const MARK: MessageMark = MessageMark(*b"vn");
/// The longest message in bytes. Longer ones are not read.
const MOST_BYTES: usize = 256 << 10;
/// The messages that wait to be read at most. The client drops further ones. A message has at most 1 MiB unless the server allows more.
const WAITING: usize = 64;
/// The longest time that sending takes. The next message is newer anyway.
const SEND_LIMIT: Duration = Duration::from_secs(1);

/// Messages from each gateway to all others, signed with their secrets. It has a connection of its own: however many messages come, they
/// do not delay beacons. Nothing is stored, and while no server answers nothing is sent and nothing comes.
pub struct NewsChannel {
    client: Client,
    subject: String,
    seal: RecordSeal,
}

/// The messages that come. They end with the connection.
pub struct NewsListener {
    messages: Subscriber,
    seal: RecordSeal,
}

/// Why a message that came cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NewsError {
    /// It is longer than 256 KiB.
    #[error("it is too long")]
    TooLong,
    /// It is damaged, newer, or not signed.
    #[error(transparent)]
    Message(#[from] MessageError),
}

impl NewsChannel {
    /// Opens the channel. Does not wait for a server: the connection is made in the background.
    ///
    /// # Errors
    /// An address, a certificate or the credentials cannot be used.
    pub async fn open(settings: NatsSettings, seal: &RecordSeal) -> Result<Self, NatsError> {
        let settings = NatsSettings { connects_later: true, ..settings };
        let options = options(&settings).no_echo().subscription_capacity(WAITING);
        let subject = settings.names.news();
        Ok(Self { client: connected(&settings, options).await?, subject, seal: seal.for_news() })
    }

    /// Whether a server answers now.
    pub fn is_connected(&self) -> bool {
        self.client.connection_state() == async_nats::connection::State::Connected
    }

    /// Sends a message to all others that listen now. Does nothing while no server answers, or if the message is too long.
    pub async fn send(&self, body: &[u8]) {
        // The client would keep the message for the time after the connection works again.
        if !self.is_connected() || body.len() > MOST_BYTES - 64 {
            return;
        }
        let message = sealed(MARK, &self.seal, body.len(), |out| out.extend_from_slice(body));
        drop(tokio::time::timeout(SEND_LIMIT, self.client.publish(self.subject.clone(), message)).await);
    }

    /// The messages of the others from now on, also after the connection was lost and works again.
    ///
    /// # Errors
    /// The connection has ended for good.
    pub async fn listen(&self) -> Result<NewsListener, NatsError> {
        let messages = self.client.subscribe(self.subject.clone()).await;
        let failed = |reason: async_nats::SubscribeError| NatsError::Request {
            server: self.subject.clone(),
            reason: reason.to_string(),
        };
        Ok(NewsListener { messages: messages.map_err(failed)?, seal: self.seal.clone() })
    }
}

impl NewsListener {
    /// The next message as it came; `None` when the connection has ended for good.
    pub async fn next(&mut self) -> Option<Bytes> {
        Some(self.messages.next().await?.payload)
    }

    /// What a message says. Checking its signature takes time in proportion to its length.
    ///
    /// # Errors
    /// Why it cannot be used.
    pub fn open(&self, message: &[u8]) -> Result<Vec<u8>, NewsError> {
        read(message, &self.seal)
    }
}

fn read(bytes: &[u8], seal: &RecordSeal) -> Result<Vec<u8>, NewsError> {
    if bytes.len() > MOST_BYTES {
        return Err(NewsError::TooLong);
    }
    Ok(opened(MARK, seal, bytes)?.to_vec())
}

impl fmt::Debug for NewsChannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewsChannel").field("subject", &self.subject).finish_non_exhaustive()
    }
}

impl fmt::Debug for NewsListener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewsListener")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_messages_of_the_same_secret_and_kind_are_read() {
        let seal = RecordSeal::new([('a', &b"one secret"[..])]);
        let other = RecordSeal::new([('a', &b"another secret"[..])]);
        let write = |seal: &RecordSeal, mark, body: &[u8]| {
            sealed(mark, seal, body.len(), |out| out.extend_from_slice(body)).to_vec()
        };
        let good = write(&seal.for_news(), MARK, b"news");
        let mut changed = good.clone();
        *changed.last_mut().expect("it is not empty") ^= 1;
        let mut newer = good.clone();
        newer[2] = 2;
        let long = |length| write(&seal.for_news(), MARK, &vec![b'x'; length]);
        let message = |error| Err(NewsError::Message(error));
        let cases = [
            (good.clone(), Ok(b"news".to_vec())),
            (changed, message(MessageError::NotSigned)),
            (write(&other.for_news(), MARK, b"news"), message(MessageError::NotSigned)),
            // A record of a stream is no news, although the same secret has signed it.
            (write(&seal, MARK, b"news"), message(MessageError::NotSigned)),
            (write(&seal.for_news(), MessageMark(*b"vb"), b"news"), message(MessageError::Damaged)),
            (newer, message(MessageError::Newer)),
            (good[..10].to_vec(), message(MessageError::Damaged)),
            (Vec::new(), message(MessageError::Damaged)),
            (long(MOST_BYTES - 64), Ok(vec![b'x'; MOST_BYTES - 64])),
            (long(MOST_BYTES), Err(NewsError::TooLong)),
        ];
        for (number, (bytes, expected)) in cases.into_iter().enumerate() {
            assert_eq!(read(&bytes, &seal.for_news()), expected, "case {number}");
        }
    }
}
