//! The streams and consumers of an installation: what they must be, how they differ, and how many messages they have.

use std::fmt;
use std::time::Duration;

use async_nats::jetstream::ErrorCode;
use async_nats::jetstream::consumer::{AckPolicy, pull};
use async_nats::jetstream::context::{ConsumerInfoErrorKind, GetStreamErrorKind};
use async_nats::jetstream::stream::{Config, DiscardPolicy, RetentionPolicy, StorageType};

use super::connection::{NatsError, NatsServer};
use crate::names::{CONSUMER, StreamRole};

/// How long the server knows the id of a message.
const ID_WINDOW: Duration = Duration::from_secs(120);
/// The messages that all gateways together may have received from one stream.
const MAX_RECEIVED: i64 = 20_000;
const DAY: Duration = Duration::from_secs(24 * 3600);

/// The sizes of streams. What is `None` stays as it is, and has the default in a new stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct StreamSizes {
    /// The number of servers that store each message: 1, 3 or 5. Default 1.
    pub replicas: Option<usize>,
    /// The bytes of each stream. Default 1 GiB. Above it, beacons are refused; the ledger and the dead letters lose their oldest rows.
    pub bytes: Option<i64>,
    /// The rows of the ledger. Default 1,000,000. A tracker may be reached once more than usual if the row of its beacon is gone.
    pub ledger_rows: Option<i64>,
}

/// What [`NatsServer::setup`] has found out about a stream or a consumer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SetupStep {
    /// The name of the stream, or that of the stream and the consumer.
    pub name: String,
    /// What has to be changed.
    pub change: SetupChange,
}

/// A change of a stream or a consumer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SetupChange {
    /// It is as it must be.
    None,
    /// It does not exist.
    Create,
    /// It has other settings.
    Update {
        /// The settings with their value and the one that they must have.
        differences: Vec<String>,
    },
}

impl SetupStep {
    /// Whether there is nothing to change.
    pub fn is_done(&self) -> bool {
        self.change == SetupChange::None
    }
}

impl fmt::Display for SetupStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.change {
            SetupChange::None => write!(f, "{} is as it must be", self.name),
            SetupChange::Create => write!(f, "{} does not exist", self.name),
            SetupChange::Update { differences } => write!(f, "{} differs: {}", self.name, differences.join(", ")),
        }
    }
}

/// The state of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StreamStatus {
    /// The name.
    pub name: String,
    /// The messages.
    pub messages: u64,
    /// Their bytes.
    pub bytes: u64,
    /// The largest number of bytes; `None` without limit.
    pub max_bytes: Option<u64>,
    /// The number of servers that store each message.
    pub replicas: usize,
    /// The messages that no gateway has received yet; `None` if gateways do not receive from the stream. After a crash of the server,
    /// `messages` may also contain some that were removed before; they go after two days.
    pub waiting: Option<u64>,
    /// The messages that gateways have received and not yet removed; `None` if gateways do not receive from the stream.
    pub received: Option<u64>,
    /// The messages among them that were sent more than once.
    pub repeated: Option<u64>,
}

impl NatsServer {
    /// Compares the streams and consumers with what they must be. Changes nothing.
    ///
    /// # Errors
    /// JetStream is off, or a request failed.
    pub async fn setup(&self, sizes: &StreamSizes) -> Result<Vec<SetupStep>, NatsError> {
        let mut steps = Vec::new();
        for place in StreamRole::ALL {
            let name = self.settings.names.stream(place);
            let wanted = self.stream_config(place, sizes);
            let found = self.stream(&name).await?;
            let exists = found.is_some();
            let change =
                found.map_or(SetupChange::Create, |found| of_differences(stream_differences(&wanted, &found, sizes)));
            steps.push(SetupStep { name: name.clone(), change });
            if let Some(wanted) = self.consumer_config(place) {
                let change = if exists { self.consumer_change(&name, &wanted).await? } else { SetupChange::Create };
                steps.push(SetupStep { name: format!("{name}/{CONSUMER}"), change });
            }
        }
        Ok(steps)
    }

    /// Creates and changes streams and consumers so that they are what they must be. Returns what was changed.
    ///
    /// # Errors
    /// JetStream is off, or the server refuses a change.
    pub async fn apply_setup(&self, sizes: &StreamSizes) -> Result<Vec<SetupStep>, NatsError> {
        let steps = self.setup(sizes).await?;
        for place in StreamRole::ALL {
            let name = self.settings.names.stream(place);
            let mut wanted = self.stream_config(place, sizes);
            if let Some(found) = self.stream(&name).await? {
                keep_sizes(&mut wanted, &found, sizes);
                if !stream_differences(&wanted, &found, sizes).is_empty() {
                    self.context.update_stream(&wanted).await.map_err(|error| self.refused(&name, &error))?;
                }
            } else {
                self.context.create_stream(&wanted).await.map_err(|error| self.refused(&name, &error))?;
            }
            if let Some(config) = self.consumer_config(place) {
                let change = self.consumer_change(&name, &config).await?;
                if change != SetupChange::None {
                    let created = self.context.create_consumer_on_stream(config, &name).await;
                    created.map_err(|error| self.refused(&format!("{name}/{CONSUMER}"), &error))?;
                }
            }
        }
        Ok(steps.into_iter().filter(|step| !step.is_done()).collect())
    }

    /// The state of each stream.
    ///
    /// # Errors
    /// JetStream is off, a stream does not exist, or a request failed.
    pub async fn status(&self) -> Result<Vec<StreamStatus>, NatsError> {
        let mut all = Vec::new();
        for place in StreamRole::ALL {
            let name = self.settings.names.stream(place);
            let stream =
                self.context.get_stream(&name).await.map_err(|error| self.failed(format!("{name}: {error}")))?;
            let info = stream.cached_info();
            let mut status = StreamStatus {
                name: name.clone(),
                messages: info.state.messages,
                bytes: info.state.bytes,
                max_bytes: u64::try_from(info.config.max_bytes).ok().filter(|bytes| *bytes > 0),
                replicas: info.config.num_replicas,
                waiting: None,
                received: None,
                repeated: None,
            };
            if self.consumer_config(place).is_some() {
                let consumer = stream.consumer_info(CONSUMER).await;
                let consumer = consumer.map_err(|error| self.failed(format!("{name}/{CONSUMER}: {error}")))?;
                status.waiting = Some(consumer.num_pending);
                status.received = Some(consumer.num_ack_pending as u64);
                status.repeated = Some(consumer.num_redelivered as u64);
            }
            all.push(status);
        }
        Ok(all)
    }

    /// Checks that the streams exist and have the settings that the outbox needs.
    pub(super) async fn check(&self) -> Result<(), NatsError> {
        let steps = self.setup(&StreamSizes::default()).await?;
        let wrong: Vec<_> = steps.iter().filter(|step| !step.is_done()).map(SetupStep::to_string).collect();
        if wrong.is_empty() { Ok(()) } else { Err(self.streams(wrong.join("; "))) }
    }

    fn refused(&self, name: &str, error: &dyn fmt::Display) -> NatsError {
        self.failed(format!("{name}: the server refuses it: {error}"))
    }

    async fn stream(&self, name: &str) -> Result<Option<Config>, NatsError> {
        match self.context.get_stream(name).await {
            Ok(stream) => Ok(Some(stream.cached_info().config.clone())),
            Err(error) => match error.kind() {
                GetStreamErrorKind::JetStream(inner) if inner.error_code() == ErrorCode::STREAM_NOT_FOUND => Ok(None),
                _ => Err(self.failed(error_chain(&error))),
            },
        }
    }

    async fn consumer_change(&self, stream: &str, wanted: &pull::Config) -> Result<SetupChange, NatsError> {
        let stream = self.context.get_stream_no_info(stream).await.map_err(|error| self.failed(error))?;
        let found = match stream.consumer_info(CONSUMER).await {
            Ok(found) => found,
            Err(error) if error.kind() == ConsumerInfoErrorKind::NotFound => return Ok(SetupChange::Create),
            // Servers that choose a leader do not answer: that does not mean that there is no consumer.
            Err(error) => return Err(self.failed(error)),
        };
        let mut differences = Vec::new();
        compare(&mut differences, "ack_wait", &found.config.ack_wait, &wanted.ack_wait);
        compare(&mut differences, "max_deliver", &found.config.max_deliver, &wanted.max_deliver);
        compare(&mut differences, "max_ack_pending", &found.config.max_ack_pending, &wanted.max_ack_pending);
        compare(&mut differences, "ack_policy", &found.config.ack_policy, &wanted.ack_policy);
        Ok(of_differences(differences))
    }

    fn stream_config(&self, place: StreamRole, sizes: &StreamSizes) -> Config {
        let names = &self.settings.names;
        let is_queue = self.consumer_config(place).is_some();
        let max_age = match place {
            StreamRole::Dead => DAY * 7,
            StreamRole::Ledger => DAY,
            // No beacon waits that long. It removes what a server still has after a crash although it was removed.
            StreamRole::Beacons | StreamRole::Retry(_) => DAY * 2,
        };
        let rows = if place == StreamRole::Ledger { sizes.ledger_rows.unwrap_or(1_000_000) } else { -1 };
        Config {
            name: names.stream(place),
            subjects: vec![names.subjects(place)],
            retention: if is_queue { RetentionPolicy::WorkQueue } else { RetentionPolicy::Limits },
            // A queue refuses what it cannot keep; a history forgets its oldest rows.
            discard: if is_queue { DiscardPolicy::New } else { DiscardPolicy::Old },
            max_messages_per_subject: if is_queue { -1 } else { 1 },
            max_bytes: sizes.bytes.unwrap_or(1 << 30),
            max_messages: rows,
            max_age,
            storage: StorageType::File,
            num_replicas: sizes.replicas.unwrap_or(1),
            duplicate_window: ID_WINDOW,
            ..Config::default()
        }
    }

    /// The consumer of a stream from which gateways receive.
    fn consumer_config(&self, place: StreamRole) -> Option<pull::Config> {
        let second = self.settings.second;
        let wait = match place {
            StreamRole::Beacons => Duration::ZERO,
            // Gateways keep these messages until they are due.
            StreamRole::Retry(delay) => delay.length(second),
            StreamRole::Dead | StreamRole::Ledger => return None,
        };
        Some(pull::Config {
            durable_name: Some(CONSUMER.to_owned()),
            ack_policy: AckPolicy::Explicit,
            ack_wait: wait + second * 30,
            // A beacon ends by its own limits, never because of the number of messages.
            max_deliver: -1,
            max_ack_pending: MAX_RECEIVED,
            ..pull::Config::default()
        })
    }
}

fn of_differences(differences: Vec<String>) -> SetupChange {
    if differences.is_empty() { SetupChange::None } else { SetupChange::Update { differences } }
}

fn compare<T: PartialEq + fmt::Debug>(differences: &mut Vec<String>, name: &str, found: &T, wanted: &T) {
    if found != wanted {
        differences.push(format!("{name} is {found:?} and must be {wanted:?}"));
    }
}

/// The settings of a stream that differ. Sizes are compared only if they were asked for. The values are those that the server has:
/// an old server ignores settings that it does not know.
fn stream_differences(wanted: &Config, found: &Config, sizes: &StreamSizes) -> Vec<String> {
    let mut differences = Vec::new();
    compare(&mut differences, "subjects", &found.subjects, &wanted.subjects);
    compare(&mut differences, "retention", &found.retention, &wanted.retention);
    compare(&mut differences, "discard", &found.discard, &wanted.discard);
    let per_subject = (found.max_messages_per_subject.max(0), wanted.max_messages_per_subject.max(0));
    compare(&mut differences, "max_msgs_per_subject", &per_subject.0, &per_subject.1);
    compare(&mut differences, "storage", &found.storage, &wanted.storage);
    compare(&mut differences, "max_age", &found.max_age, &wanted.max_age);
    compare(&mut differences, "duplicate_window", &found.duplicate_window, &wanted.duplicate_window);
    if sizes.replicas.is_some() {
        compare(&mut differences, "replicas", &found.num_replicas, &wanted.num_replicas);
    }
    if sizes.bytes.is_some() {
        compare(&mut differences, "max_bytes", &found.max_bytes, &wanted.max_bytes);
    }
    if sizes.ledger_rows.is_some() {
        compare(&mut differences, "max_msgs", &found.max_messages, &wanted.max_messages);
    }
    differences
}

/// Keeps the sizes of a stream that were not asked for.
fn keep_sizes(wanted: &mut Config, found: &Config, sizes: &StreamSizes) {
    if sizes.replicas.is_none() {
        wanted.num_replicas = found.num_replicas;
    }
    if sizes.bytes.is_none() {
        wanted.max_bytes = found.max_bytes;
    }
    if sizes.ledger_rows.is_none() {
        wanted.max_messages = found.max_messages;
    }
}

/// An error with its causes. The client names the cause of a failed request only there.
fn error_chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
