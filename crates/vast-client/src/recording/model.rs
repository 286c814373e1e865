//! The content of a recording.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::exchange::{RecordedDocument, RecordedExchange};
use super::policy_fact::PolicyFact;
use super::recorded_time::{nanoseconds, optional_nanoseconds, unix_nanoseconds};
use crate::journal::Outcome;
use crate::request::RunOptions;

/// One request with everything that entered it from outside.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Recording {
    /// The version of `vast-client` that made the recording.
    pub client_version: String,
    /// Whether personal values were replaced.
    pub personal_values: PersonalValues,
    /// The request and the configuration.
    pub request: RecordedRequest,
    /// The exchanges, in the order in which they began.
    pub exchanges: Vec<RecordedExchange>,
    /// The documents that did not come from these exchanges.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<RecordedDocument>,
    /// The decisions that depended on earlier requests or on chance.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policy: Vec<PolicyFact>,
    /// The times of the request's journal.
    pub journal: JournalTimes,
    /// The times of the journals of the breaks that were run, if the answer is a playlist.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub breaks: Vec<JournalTimes>,
    /// The answer in short; `None` if the request was dropped before it had one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<RecordedAnswer>,
    /// The beacons that were called for the answer, and their states. A replay shows them and calls nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deliveries: Vec<DeliveryRecord>,
}

/// Whether the personal values of a recording were replaced.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PersonalValues {
    /// Personal values were replaced by placeholders.
    #[default]
    Replaced,
    /// The recording has the personal values of a viewer.
    Kept,
}

/// The request of a recording, and the configuration that it ran with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// The id of the request.
    pub id: String,
    /// When the request began, on the wall clock.
    #[serde(with = "unix_nanoseconds")]
    pub began: SystemTime,
    /// The seed of its randomness.
    pub seed: u64,
    /// Whether the caller set the seed. The idempotency keys of beacons depend on it.
    pub is_seeded: bool,
    /// The configuration with the values of the request, as a configuration file: [`ClientConfig::parse`](crate::ClientConfig::parse)
    /// reads it. The sources that are no URLs have no content here.
    pub config: String,
    /// The arm of the request, if the configuration has arms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arm: Option<String>,
    /// The names of the sources that are not URLs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub local_sources: Vec<RecordedSource>,
    /// [`AdRequest::timeout`](crate::AdRequest::timeout).
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_nanoseconds")]
    pub timeout: Option<Duration>,
    /// [`Slot::max_ad_duration`](crate::Slot::max_ad_duration).
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_nanoseconds")]
    pub max_ad_duration: Option<Duration>,
    /// [`AdRequest::break_id`](crate::AdRequest::break_id).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub break_id: Option<String>,
    /// [`Slot::non_linear`](crate::Slot::non_linear).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub non_linear: bool,
    /// [`Slot::any_creative`](crate::Slot::any_creative).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub any_creative: bool,
    /// [`Slot::break_types`](crate::Slot::break_types).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub break_types: Vec<String>,
    /// Whether a [`Selector`](crate::select::Selector) of the host chose among the usable ads. Its code is not recorded.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_own_selector: bool,
    /// Which trackers the run called.
    pub options: RunOptions,
}

/// A source that is not a URL. Its documents are in [`Recording::documents`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RecordedSource {
    /// The name.
    pub name: String,
    /// The path or label: [`Source::url`](crate::fetch::Source::url).
    pub label: String,
}

/// The times of a journal. An exact replay gives them to its facts, because a replay takes other times than the request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct JournalTimes {
    /// The number of the break, from 0; `None` for the request itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ad_break: Option<usize>,
    /// How long the request or the break took.
    #[serde(with = "nanoseconds")]
    pub elapsed: Duration,
    /// The facts in their order.
    pub facts: Vec<FactTime>,
}

/// The time of a fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FactTime {
    /// The number of the lane.
    pub lane: usize,
    /// The name of the fact: [`Fact::name`](crate::journal::Fact::name).
    pub fact: Cow<'static, str>,
    /// The time since the request or the break began.
    #[serde(with = "nanoseconds")]
    pub at: Duration,
    /// When the document of the fact was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_nanoseconds")]
    pub began: Option<Duration>,
    /// How long fetching and reading the document of the fact took.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_nanoseconds")]
    pub elapsed: Option<Duration>,
}

/// The answer of a recorded request in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RecordedAnswer {
    /// Whether there was a usable ad.
    pub success: bool,
    /// The name of the source of the first ad.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The outcome of every source, in configured order.
    pub outcomes: Vec<(String, Outcome)>,
}

/// A beacon of the answer and its state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DeliveryRecord {
    /// The idempotency key.
    pub key: String,
    /// The event.
    pub event: String,
    /// The URL.
    pub url: String,
    /// The name of the state: [`BeaconState`](crate::track::BeaconState).
    pub state: String,
    /// The number of attempts.
    pub attempts: u32,
    /// The HTTP status of the last attempt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Why the beacon was not delivered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}
