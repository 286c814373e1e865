//! What a gateway tells the others once a second: who it is, and what it sees of its sources.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vast_client::policy::BreakerState;

/// The largest number of sources in one message. The ill ones and those that are asked most come first.
pub(crate) const MOST_SOURCES: usize = 500;
/// The longest name in bytes. A source with a longer name, or of a placement with one, is left out.
pub(crate) const LONGEST_NAME: usize = 200;

/// What a gateway tells the others.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct GatewayNews {
    /// Identifies the process: 16 hexadecimal digits.
    pub(crate) id: String,
    /// The name of the gateway.
    pub(crate) name: String,
    /// The version of the program.
    pub(crate) version: String,
    /// Counts the messages of the process.
    pub(crate) sequence: u64,
    /// When it was sent, in milliseconds since 1970.
    pub(crate) sent_ms: u64,
    /// When the process started, in milliseconds since 1970.
    pub(crate) started_ms: u64,
    /// The number of the configuration in use.
    pub(crate) generation: usize,
    /// Whether the gateway is about to end.
    pub(crate) ends: bool,
    /// The answers per second in the last minute.
    pub(crate) rate: f64,
    /// The answers since the start.
    pub(crate) answers: u64,
    /// The answers with an ad since the start.
    pub(crate) filled: u64,
    /// The requests in flight on its public port.
    pub(crate) in_flight: usize,
    /// The beacons that wait in its outbox, or in that of all gateways; null if they are not known.
    pub(crate) beacons_waiting: Option<u64>,
    /// The number of its sources. `sources` has at most 500 of them.
    pub(crate) source_count: usize,
    /// What it sees of its sources: at most 500, the ill ones and those that are asked most first.
    pub(crate) sources: Vec<SourceNews>,
}

/// What a gateway sees of a source, with the numbers of the last minute.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct SourceNews {
    /// The name of the placement.
    pub(crate) placement: String,
    /// The name of the source.
    pub(crate) source: String,
    /// How often it was asked.
    pub(crate) asked: u64,
    /// How often it failed.
    pub(crate) failed: u64,
    /// The most frequent type of the failures.
    pub(crate) most_failures: Option<String>,
    /// The median of its times in milliseconds; null without an answer.
    pub(crate) p50_ms: Option<f64>,
    /// The 95th percentile of its times in milliseconds; null without an answer.
    pub(crate) p95_ms: Option<f64>,
    pub(crate) breaker: BreakerState,
    /// The ejection by the requests of this gateway; null if there is none, or if it is that of another gateway.
    pub(crate) ejection: Option<EjectionNews>,
    /// The name of the gateway whose ejection holds here.
    pub(crate) ejected_by: Option<String>,
}

/// The ejection of a source by the requests of a gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct EjectionNews {
    /// Counts the ejections of the source since the start of the process.
    pub(crate) number: u64,
    /// The time until the source is probed, in milliseconds.
    pub(crate) left_ms: u64,
}

impl GatewayNews {
    /// Keeps the sources that are of most use to others, so that the message has a bounded size.
    pub(crate) fn bounded(mut self) -> Self {
        self.source_count = self.sources.len();
        self.sources.retain(|source| source.placement.len() <= LONGEST_NAME && source.source.len() <= LONGEST_NAME);
        self.sources.sort_by_key(|source| (source.breaker == BreakerState::Closed, std::cmp::Reverse(source.asked)));
        self.sources.truncate(MOST_SOURCES);
        self
    }

    /// The message with these bytes.
    ///
    /// # Errors
    /// It is not JSON of this form, or exceeds a bound.
    #[cfg(any(test, feature = "nats"))]
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, &'static str> {
        /// The longest type of a failure and the longest version, in bytes.
        const SHORT: usize = 64;
        let news: Self = serde_json::from_slice(bytes).map_err(|_| "it is no JSON of this form")?;
        let is_name = |text: &str| text.len() <= LONGEST_NAME;
        let is_source = |source: &SourceNews| {
            is_name(&source.placement)
                && is_name(&source.source)
                && source.most_failures.as_ref().is_none_or(|text| text.len() <= SHORT)
                && source.ejected_by.as_deref().is_none_or(is_name)
        };
        let is_right = news.origin().is_some()
            && is_name(&news.name)
            && news.version.len() <= SHORT
            && news.sources.len() <= MOST_SOURCES
            && news.sources.iter().all(is_source);
        if is_right { Ok(news) } else { Err("it exceeds a bound") }
    }

    /// The process as a number.
    #[cfg(any(test, feature = "nats"))]
    pub(crate) fn origin(&self) -> Option<u64> {
        if self.id.len() == 16 { u64::from_str_radix(&self.id, 16).ok() } else { None }
    }

    /// Whether most of its sources are ill: then the gateway itself may be, and the others do not follow it.
    #[cfg(any(test, feature = "nats"))]
    pub(crate) fn is_ill_itself(&self) -> bool {
        let ejected = self.sources.iter().filter(|source| source.ejection.is_some()).count();
        ejected > 1 && ejected * 2 > self.source_count.max(self.sources.len())
    }
}
