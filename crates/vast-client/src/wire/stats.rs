//! Numbers over many requests.

use std::collections::BTreeMap;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use super::milliseconds;
use crate::policy::BreakerState;
use crate::stats::{self, ArmStats, BeaconStats, ClientStats, Histogram, RequestStats, SourceStats};

/// The last line of `vast request --repeat --format json`.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct RunSummary<'a> {
    /// The numbers of all requests of the run.
    pub summary: Stats<'a>,
}

/// The numbers of a client.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Stats<'a> {
    /// The version of the JSON form: [`RequestResult::SCHEMA`](super::RequestResult::SCHEMA).
    pub schema: u32,
    /// The time that the requests took together, from the start of the first one to the end of the last one. Absent if it was not measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub elapsed_ms: Option<f64>,
    /// The requests.
    pub requests: RequestNumbers,
    /// The sources, in configured order, fallbacks last.
    pub sources: Vec<SourceNumbers<'a>>,
    /// The arms, as listed; empty if every request asks all sources.
    pub arms: Vec<ArmNumbers<'a>>,
    /// The beacons.
    pub beacons: BeaconNumbers,
}

impl<'a> Stats<'a> {
    /// The same numbers, with the time that the requests took together.
    #[must_use]
    pub fn over(mut self, elapsed: Duration) -> Self {
        self.elapsed_ms = Some(milliseconds::measured(elapsed));
        self
    }
}

impl<'a> From<Stats<'a>> for RunSummary<'a> {
    fn from(summary: Stats<'a>) -> Self {
        Self { summary }
    }
}

impl<'a> From<&'a ClientStats> for Stats<'a> {
    fn from(stats: &'a ClientStats) -> Self {
        let requests = &stats.plan.requests;
        Self {
            schema: super::RequestResult::SCHEMA,
            elapsed_ms: None,
            requests: requests.into(),
            sources: stats.plan.sources.iter().map(|source| SourceNumbers::new(source, requests)).collect(),
            arms: ArmNumbers::of(&stats.plan.arms),
            beacons: stats.beacons.into(),
        }
    }
}

/// The requests.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct RequestNumbers {
    /// The number of requests.
    pub total: u64,
    /// Requests with a usable ad.
    pub filled: u64,
    /// Requests without one.
    pub unfilled: u64,
    /// Requests that were dropped before they had an answer.
    pub cancelled: u64,
    /// `filled` / (`filled` + `unfilled`). Absent if both are zero.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fill_rate: Option<f64>,
    /// The 95 percent confidence interval of the fill rate: its lower and its upper end. Empty without a fill rate.
    pub fill_interval: Vec<f64>,
    /// The times from the start of a request to its answer.
    pub latency: Latency,
}

impl From<&RequestStats> for RequestNumbers {
    fn from(requests: &RequestStats) -> Self {
        Self {
            total: requests.total(),
            filled: requests.filled,
            unfilled: requests.unfilled,
            cancelled: requests.cancelled,
            fill_rate: requests.fill_rate(),
            fill_interval: requests.fill_interval().map(<[f64; 2]>::from).into_iter().flatten().collect(),
            latency: (&requests.latency).into(),
        }
    }
}

/// An arm. Its sources have their numbers over all arms.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct ArmNumbers<'a> {
    /// The name of the arm.
    pub name: &'a str,
    /// The requests of the arm.
    pub requests: RequestNumbers,
    /// How often a source failed in these requests, by the type of the failure.
    pub errors: BTreeMap<&'static str, u64>,
    /// The 95 percent confidence interval of the share of requests in which a source failed. An empty list if there was no request.
    pub error_interval: Vec<f64>,
    /// The 95 percent confidence interval of the median time to the answer. An empty list if there was no request.
    pub median_interval_ms: Vec<f64>,
    /// The 95 percent confidence interval of this fill rate minus that of the first arm: the difference is more than chance if both ends
    /// have the same sign. Empty for the first arm.
    pub fill_difference: Vec<f64>,
}

impl<'a> ArmNumbers<'a> {
    /// The numbers of all arms, each compared with the first one.
    fn of(arms: &'a [ArmStats]) -> Vec<Self> {
        let first = arms.first();
        let one = |(index, arm): (usize, &'a ArmStats)| {
            let compared = first.filter(|_| index > 0);
            let difference = compared.and_then(|first| arm.requests.fill_difference(&first.requests));
            let median = arm.requests.latency.quantile_interval(0.5);
            Self {
                name: &arm.name,
                requests: (&arm.requests).into(),
                errors: arm.failed.iter().map(|(error_type, count)| (error_type.as_str(), count)).collect(),
                error_interval: arm
                    .errors()
                    .interval()
                    .map_or_else(Vec::new, |interval| vec![interval.low, interval.high]),
                median_interval_ms: median
                    .into_iter()
                    .flat_map(|(low, high)| [low, high])
                    .map(milliseconds::measured)
                    .collect(),
                fill_difference: difference.map_or_else(Vec::new, |interval| vec![interval.low, interval.high]),
            }
        };
        arms.iter().enumerate().map(one).collect()
    }
}

/// A source. Each request counts in exactly one of `outcomes`.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct SourceNumbers<'a> {
    /// The name of the source.
    pub name: &'a str,
    /// The number of requests.
    pub requests: u64,
    /// The requests by how they ended for this source.
    pub outcomes: OutcomeNumbers,
    /// The failures among the outcomes, by their type.
    pub errors: BTreeMap<&'static str, u64>,
    /// The skipped ones among the outcomes, by the rule that excluded the source.
    pub skipped: BTreeMap<&'static str, u64>,
    /// `filled` / (`filled` + `no_ad` + `rejected` + `failed`). Absent if all are zero.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fill_rate: Option<f64>,
    /// The state of the circuit breaker at the end. Absent if it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub breaker: Option<BreakerState>,
    /// How often the circuit breaker has ejected the source, or would have.
    pub ejections: u64,
    /// Requests whose answer has an ad of this source.
    pub wins: u64,
    /// `wins` / the number of requests with a usable ad. Absent if there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub win_rate: Option<f64>,
    /// The attempts to fetch the source's own document.
    pub attempts: u64,
    /// The attempts to fetch the documents that its wrappers and breaks lead to.
    pub followed_attempts: u64,
    /// How many of all these attempts were retries.
    pub retries: u64,
    /// The size of the source's own documents as sent, in bytes. Those from a cache do not count again.
    pub bytes: u64,
    /// The size of the documents that its wrappers and breaks led to, as sent, in bytes.
    pub followed_bytes: u64,
    /// Responses that came from a cache.
    pub cache_hits: u64,
    /// The running times of the source's lanes. A request that another source has won counts with the time until the lane was cut.
    pub latency: Latency,
    /// The times that the stages took.
    pub stages: Stages,
}

impl<'a> SourceNumbers<'a> {
    fn new(source: &'a SourceStats, requests: &RequestStats) -> Self {
        Self {
            name: &source.name,
            requests: source.requests(),
            outcomes: source.into(),
            errors: source.failed.iter().map(|(error_type, count)| (error_type.as_str(), count)).collect(),
            skipped: source.skipped.iter().map(|(reason, count)| (reason.as_str(), count)).collect(),
            fill_rate: source.fill_rate(),
            breaker: source.breaker,
            ejections: source.ejections,
            wins: source.wins,
            win_rate: stats::share(source.wins, requests.filled),
            attempts: source.attempts,
            followed_attempts: source.followed_attempts,
            retries: source.retries,
            bytes: source.bytes,
            followed_bytes: source.followed_bytes,
            cache_hits: source.cache_hits,
            latency: (&source.latency).into(),
            stages: Stages {
                fetch: (&source.fetch).into(),
                parse: (&source.parse).into(),
                resolve: (&source.resolve).into(),
            },
        }
    }
}

/// Requests by how they ended for a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct OutcomeNumbers {
    /// The source had a usable ad.
    pub filled: u64,
    /// The source had no ad.
    pub no_ad: u64,
    /// All ads of the source were rejected.
    pub rejected: u64,
    /// The source failed.
    pub failed: u64,
    /// Another source won before the response was read to its end. In the result of the request the outcome is `cancelled`.
    pub unread: u64,
    /// The request was dropped while the source was asked.
    pub cancelled: u64,
    /// A rule excluded the source before it was asked.
    pub skipped: u64,
    /// The request was complete before it was the source's turn.
    pub not_started: u64,
}

impl From<&SourceStats> for OutcomeNumbers {
    fn from(source: &SourceStats) -> Self {
        Self {
            filled: source.filled,
            no_ad: source.no_ad,
            rejected: source.rejected,
            failed: source.failed.total(),
            unread: source.unread,
            cancelled: source.cancelled,
            skipped: source.skipped.total(),
            not_started: source.not_started,
        }
    }
}

/// The times that the stages of a source took.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Stages {
    /// FETCH: until the source's own document had arrived, retries included.
    pub fetch: Latency,
    /// PARSE: reading the source's own document.
    pub parse: Latency,
    /// RESOLVE: following wrappers. Sources without a wrapper do not count.
    pub resolve: Latency,
}

/// Times in milliseconds, with two decimals. A percentile differs from the exact one by at most 5 percent.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Latency {
    /// How many times were measured.
    pub count: u64,
    /// The sum.
    pub sum_ms: f64,
    /// The median. Absent if no time was measured, like the values that follow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p50_ms: Option<f64>,
    /// The 90th percentile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p90_ms: Option<f64>,
    /// The 95th percentile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p95_ms: Option<f64>,
    /// The 99th percentile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p99_ms: Option<f64>,
    /// The longest time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_ms: Option<f64>,
    /// The histogram: its buckets that are not empty, shortest times first.
    pub buckets: Vec<Bucket>,
}

impl From<&Histogram> for Latency {
    fn from(histogram: &Histogram) -> Self {
        let quantile = |q| histogram.quantile(q).map(milliseconds::measured);
        Self {
            count: histogram.count(),
            sum_ms: milliseconds::measured(histogram.sum()),
            p50_ms: quantile(0.5),
            p90_ms: quantile(0.9),
            p95_ms: quantile(0.95),
            p99_ms: quantile(0.99),
            max_ms: histogram.max().map(milliseconds::measured),
            buckets: histogram.buckets().map(Bucket::from).collect(),
        }
    }
}

/// A bucket of a histogram.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Bucket {
    /// The longest time of the bucket. Absent for times above 100 s.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub le_ms: Option<f64>,
    /// The number of times.
    pub count: u64,
}

impl From<(Option<Duration>, u64)> for Bucket {
    fn from((upper, count): (Option<Duration>, u64)) -> Self {
        // The bounds below 10 us need three decimals.
        Self { le_ms: upper.map(|upper| upper.as_micros() as f64 / 1e3), count }
    }
}

/// The beacons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct BeaconNumbers {
    /// Beacons that their tracker accepted.
    pub delivered: u64,
    /// Beacons that get no further attempt.
    pub dead: u64,
    /// Attempts after which another one was scheduled.
    pub retried: u64,
}

impl From<BeaconStats> for BeaconNumbers {
    fn from(beacons: BeaconStats) -> Self {
        let BeaconStats { delivered, dead, retried } = beacons;
        Self { delivered, dead, retried }
    }
}
