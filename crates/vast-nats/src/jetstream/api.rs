//! The requests to JetStream.

use std::time::Duration;

use async_nats::client::Request;
use async_nats::jetstream::consumer::{AckPolicy, PullConsumer, pull};
use async_nats::jetstream::{self, Context};
use async_nats::{Client, HeaderMap, RequestErrorKind, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, ready};
use futures_util::stream::{self, BoxStream, StreamExt};
use serde::Deserialize;
use serde_json::{Value, json};
use vast_client::env::Env;
use vast_client::track::outbox::Timestamp;

use super::connection::{NatsError, NatsServer, NatsSettings};
use crate::broker::{Broker, BrokerError, Publicated, Publication, Receipt, Received, StoredMessage, StreamCounts};
use crate::names::{CONSUMER, StreamNames, StreamRole};
use crate::outbox::NatsOutbox;
use crate::seal::RecordSeal;

/// The time for which one request for messages is open. After it a new one is sent, so that a request that was lost costs little.
const OPEN: Duration = Duration::from_secs(2);
/// The messages that one request reads from a stream.
const READ_AT_ONCE: usize = 500;

/// The broker on a NATS server.
pub(super) struct JetStreamBroker {
    client: Client,
    context: Context,
    names: StreamNames,
    request_limit: Duration,
}

impl JetStreamBroker {
    pub(super) fn new(server: &NatsServer) -> Self {
        let NatsSettings { names, request_limit, .. } = &server.settings;
        let (client, context) = (server.client.clone(), server.context.clone());
        Self { client, context, names: names.clone(), request_limit: *request_limit }
    }

    async fn request(&self, subject: String, request: Request) -> Result<Value, BrokerError> {
        // The client would keep the request for the time after the connection works again.
        if let Some(problem) = self.problem() {
            return Err(BrokerError::Unavailable(problem));
        }
        let answer = self.client.send_request(subject, request.timeout(Some(self.request_limit))).await;
        let answer = answer.map_err(|error| match error.kind() {
            RequestErrorKind::NoResponders => BrokerError::Unavailable(
                "no stream takes this message: run `vast nats init`, or enable JetStream".to_owned(),
            ),
            _ => unavailable(error),
        })?;
        let answer: ApiAnswer = serde_json::from_slice(&answer.payload).map_err(unavailable)?;
        match answer.error {
            Some(error) => Err(error.into()),
            None => Ok(answer.rest),
        }
    }

    /// A request to the interface of JetStream.
    async fn ask(&self, subject: &str, body: &Value) -> Result<Value, BrokerError> {
        let payload = if body.is_null() { Bytes::new() } else { body.to_string().into() };
        self.request(format!("$JS.API.{subject}"), Request::new().payload(payload)).await
    }

    /// One message of a stream; `None` if there is none.
    async fn message(&self, place: StreamRole, which: &Value) -> Result<Option<StoredMessage>, BrokerError> {
        let subject = format!("STREAM.MSG.GET.{}", self.names.stream(place));
        match self.ask(&subject, which).await {
            Ok(answer) => {
                let message: RawAnswer = serde_json::from_value(answer).map_err(unavailable)?;
                let payload = STANDARD.decode(message.message.data).map_err(|error| unavailable(error.to_string()))?;
                Ok(Some(StoredMessage { sequence: message.message.seq, payload: payload.into() }))
            }
            Err(BrokerError::Unavailable(reason)) if reason.starts_with(NO_MESSAGE) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn open(&self, place: StreamRole, limit: usize) -> Result<pull::Batch, BrokerError> {
        if let Some(problem) = self.problem() {
            return Err(BrokerError::Unavailable(problem));
        }
        let stream = self.names.stream(place);
        let consumer = self.context.get_consumer_from_stream(CONSUMER, stream).await;
        let consumer: PullConsumer = consumer.map_err(unavailable)?;
        consumer.batch().max_messages(limit).expires(OPEN).messages().await.map_err(unavailable)
    }

    /// Reads a stream without removing anything, through a consumer that the server forgets.
    async fn scan(&self, place: StreamRole, subjects: String, limit: usize) -> Result<Vec<StoredMessage>, BrokerError> {
        let config = pull::Config {
            ack_policy: AckPolicy::None,
            filter_subject: subjects,
            inactive_threshold: Duration::from_secs(30),
            ..pull::Config::default()
        };
        let consumer = self.context.create_consumer_on_stream(config, self.names.stream(place)).await;
        let consumer: PullConsumer = consumer.map_err(unavailable)?;
        let pending = usize::try_from(consumer.cached_info().num_pending).unwrap_or(usize::MAX).min(limit);
        let mut found = Vec::new();
        while found.len() < pending {
            let at_once = READ_AT_ONCE.min(pending - found.len());
            let batch = consumer.batch().max_messages(at_once).expires(OPEN).messages().await;
            let before = found.len();
            let mut batch = batch.map_err(unavailable)?;
            while let Some(message) = batch.next().await {
                let message = message.map_err(unavailable)?;
                let sequence = message.info().map_err(unavailable)?.stream_sequence;
                found.push(StoredMessage { sequence, payload: message.message.payload.clone() });
            }
            if found.len() == before {
                break;
            }
        }
        let name = &consumer.cached_info().name;
        // The server forgets the consumer anyway after a while.
        drop(self.context.delete_consumer_from_stream(name, self.names.stream(place)).await);
        Ok(found)
    }

    /// Reads a stream from which messages are removed; it can have no second consumer.
    async fn walk(&self, place: StreamRole, subjects: &str, limit: usize) -> Result<Vec<StoredMessage>, BrokerError> {
        let (mut found, mut next) = (Vec::new(), 1_u64);
        while found.len() < limit {
            let which = json!({ "seq": next, "next_by_subj": subjects });
            let Some(message) = self.message(place, &which).await? else { break };
            next = message.sequence + 1;
            found.push(message);
        }
        Ok(found)
    }
}

impl NatsServer {
    /// The outbox in the streams of this server.
    ///
    /// # Errors
    /// The streams do not exist or have other settings. JetStream is off or does not answer, unless the settings say that it connects
    /// later.
    pub async fn outbox(&self, seal: RecordSeal, env: Env) -> Result<NatsOutbox, NatsError> {
        if !self.settings.connects_later || self.is_connected() {
            match self.check().await {
                // Servers that choose a leader refuse requests for a while. Beacons have another outbox meanwhile.
                Err(error @ (NatsError::Request { .. } | NatsError::NoJetStream { .. }))
                    if self.settings.connects_later =>
                {
                    tracing::warn!(%error, "the streams cannot be checked now");
                }
                checked => checked?,
            }
        }
        let broker = JetStreamBroker::new(self);
        let NatsSettings { names, second, .. } = &self.settings;
        Ok(NatsOutbox::with_broker(Box::new(broker), names.clone(), seal, *second, env))
    }
}

/// The beginning of the error of a look-up that found nothing (error 10037).
const NO_MESSAGE: &str = "no message found";

#[derive(Deserialize)]
struct ApiAnswer {
    error: Option<ApiError>,
    #[serde(flatten)]
    rest: Value,
}

#[derive(Deserialize)]
struct ApiError {
    #[serde(default)]
    err_code: u64,
    #[serde(default)]
    description: String,
}

impl From<ApiError> for BrokerError {
    fn from(error: ApiError) -> Self {
        match error.err_code {
            // The newest message of the subject has another number.
            10071 | 10164 => Self::Changed,
            // The stream or the disk is full, or the account has used what it may.
            10077 | 10047 | 10028 | 10023 | 10002 => Self::Full,
            code => Self::Unavailable(format!("{} (error {code} of NATS)", error.description)),
        }
    }
}

#[derive(Deserialize)]
struct RawAnswer {
    message: RawMessage,
}

#[derive(Deserialize)]
struct RawMessage {
    seq: u64,
    #[serde(default)]
    data: String,
}

fn unavailable(error: impl Into<async_nats::Error>) -> BrokerError {
    BrokerError::Unavailable(error.into().to_string())
}

fn received(message: Result<jetstream::Message, async_nats::Error>) -> Result<Received, BrokerError> {
    let message = message.map_err(unavailable)?;
    let info = message.info().map_err(unavailable)?;
    let millis = info.published.unix_timestamp_nanos() / 1_000_000;
    let stored_at = Timestamp::from_millis(u64::try_from(millis).unwrap_or_default());
    let is_repeated = info.delivered > 1;
    let reply = message.message.reply.as_ref().map(ToString::to_string).unwrap_or_default();
    Ok(Received { receipt: Receipt(reply), payload: message.message.payload.clone(), stored_at, is_repeated })
}

impl Broker for JetStreamBroker {
    fn publish(&self, publication: Publication) -> BoxFuture<'_, Result<Publicated, BrokerError>> {
        let Publication { subject, id, after, payload } = publication;
        let mut headers = HeaderMap::new();
        if let Some(id) = id {
            headers.insert(header::NATS_MESSAGE_ID, id);
        }
        if let Some(after) = after {
            headers.insert(header::NATS_EXPECTED_LAST_SUBJECT_SEQUENCE, after.to_string());
        }
        let request = Request::new().headers(headers).payload(payload);
        async move {
            let answer = self.request(subject, request).await?;
            let sequence = answer["seq"].as_u64();
            let sequence = sequence.ok_or_else(|| unavailable("an answer of NATS has no number"))?;
            Ok(Publicated { sequence, is_duplicate: answer["duplicate"].as_bool().unwrap_or(false) })
        }
        .boxed()
    }

    fn newest(&self, place: StreamRole, subject: String) -> BoxFuture<'_, Result<Option<StoredMessage>, BrokerError>> {
        async move { self.message(place, &json!({ "last_by_subj": subject })).await }.boxed()
    }

    fn receive(&self, place: StreamRole, limit: usize) -> BoxStream<'_, Result<Received, BrokerError>> {
        let opened = stream::once(self.open(place, limit));
        let messages = opened.map(|opened| match opened {
            Ok(batch) => batch.map(received).boxed(),
            Err(error) => stream::once(ready(Err(error))).boxed(),
        });
        messages.flatten().boxed()
    }

    fn remove(&self, receipt: Receipt) -> BoxFuture<'_, ()> {
        async move { drop(self.client.publish(receipt.0, Bytes::from_static(b"+ACK")).await) }.boxed()
    }

    fn extend(&self, receipt: Receipt) -> BoxFuture<'_, ()> {
        async move { drop(self.client.publish(receipt.0, Bytes::from_static(b"+WPI")).await) }.boxed()
    }

    fn counts(&self, place: StreamRole) -> BoxFuture<'_, Result<StreamCounts, BrokerError>> {
        async move {
            let stream = self.names.stream(place);
            let info = self.ask(&format!("STREAM.INFO.{stream}"), &Value::Null).await?;
            let state = &info["state"];
            let number = |name: &str| state[name].as_u64().unwrap_or_default();
            let (messages, received) = if matches!(place, StreamRole::Beacons | StreamRole::Retry(_)) {
                // After a crash a server may still have messages that were removed. Its consumer knows that they were.
                let consumer = self.ask(&format!("CONSUMER.INFO.{stream}.{CONSUMER}"), &Value::Null).await?;
                let count = |name: &str| consumer[name].as_u64().unwrap_or_default();
                (count("num_pending") + count("num_ack_pending"), count("num_ack_pending"))
            } else {
                (number("messages"), 0)
            };
            let config = &info["config"];
            // A stream drops whole messages, so it is full somewhat below its limit.
            let is_near = |count: u64, limit: &str| {
                config[limit]
                    .as_u64()
                    .is_some_and(|limit| limit > 0 && count.saturating_mul(10) >= limit.saturating_mul(9))
            };
            let bytes = number("bytes");
            let is_full = is_near(messages, "max_msgs") || is_near(bytes, "max_bytes");
            let first = state["first_ts"].as_str().filter(|_| is_full);
            let lost_before = first.and_then(millis_of).map_or(Timestamp::ZERO, Timestamp::from_millis);
            Ok(StreamCounts { messages, bytes, received, lost_before })
        }
        .boxed()
    }

    fn read(
        &self,
        place: StreamRole,
        subjects: String,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<StoredMessage>, BrokerError>> {
        async move {
            match place {
                StreamRole::Dead | StreamRole::Ledger => self.scan(place, subjects, limit).await,
                StreamRole::Beacons | StreamRole::Retry(_) => self.walk(place, &subjects, limit).await,
            }
        }
        .boxed()
    }

    fn delete(&self, place: StreamRole, sequence: u64) -> BoxFuture<'_, Result<(), BrokerError>> {
        async move {
            let subject = format!("STREAM.MSG.DELETE.{}", self.names.stream(place));
            self.ask(&subject, &json!({ "seq": sequence, "no_erase": true })).await.map(drop)
        }
        .boxed()
    }

    fn flush(&self) -> BoxFuture<'_, ()> {
        async move { drop(tokio::time::timeout(self.request_limit, self.client.flush()).await) }.boxed()
    }

    fn problem(&self) -> Option<String> {
        let is_connected = self.client.connection_state() == async_nats::connection::State::Connected;
        (!is_connected).then(|| "there is no connection to NATS".to_owned())
    }
}

/// The milliseconds since 1970 of a time as the server writes it.
fn millis_of(text: &str) -> Option<u64> {
    let time = text.parse::<jiff::Timestamp>().ok()?;
    u64::try_from(time.as_millisecond()).ok()
}
