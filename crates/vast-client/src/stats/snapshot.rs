//! The numbers of a plan and of a client at one moment, as plain values.

use std::sync::Arc;

use super::histogram::Histogram;
use super::interval::{Interval, Proportion};
use crate::error::ErrorType;
use crate::journal::SkipReason;
use crate::policy::BreakerState;

/// The numbers of a client: those of its own plan, and those of its tracker.
///
/// Numbers only grow. For the numbers of an interval take the [`difference`](Self::difference) of two snapshots.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct ClientStats {
    /// The requests that the client's own plan has run, and its sources.
    pub plan: PlanStats,
    /// The beacons of all requests and sessions of the client.
    pub beacons: BeaconStats,
}

/// The numbers of a plan: the requests that it has run, and its sources.
///
/// A request is counted when it has its answer, or when the caller drops it. [`Plan`](crate::Plan) says which plans share numbers.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct PlanStats {
    /// The requests.
    pub requests: RequestStats,
    /// The sources, in configured order, fallbacks last.
    pub sources: Vec<SourceStats>,
    /// The arms, as listed; none if every request asks all sources.
    pub arms: Vec<ArmStats>,
}

/// The requests of a plan.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct RequestStats {
    /// Requests with a usable ad.
    pub filled: u64,
    /// Requests without one.
    pub unfilled: u64,
    /// Requests that the caller dropped before they had an answer.
    pub cancelled: u64,
    /// The times from the start of a request to its answer. Requests that were dropped do not count.
    pub latency: Histogram,
}

/// The numbers of a source. A request counts exactly once in `filled` to `not_started` of each source that it may ask: all sources of
/// the plan, or those of its arm.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct SourceStats {
    /// The name of the source.
    pub name: Arc<str>,
    /// The source had a usable ad.
    pub filled: u64,
    /// The source had no ad.
    pub no_ad: u64,
    /// All ads of the source were rejected.
    pub rejected: u64,
    /// The source failed, by the type of the failure that ended its lane.
    pub failed: Tally<ErrorType>,
    /// Another source won before the response was read to its end. It is not known whether the source had an ad.
    pub unread: u64,
    /// The caller dropped the request while the source was asked.
    pub cancelled: u64,
    /// A rule excluded the source before it was asked.
    pub skipped: Tally<SkipReason>,
    /// The request was complete before it was the source's turn.
    pub not_started: u64,
    /// The state of the circuit breaker at the time of the snapshot; `None` if it is not known.
    pub breaker: Option<BreakerState>,
    /// How often the circuit breaker has ejected the source. With `simulate_only`, how often it would have.
    pub ejections: u64,
    /// Requests whose answer has an ad of this source.
    pub wins: u64,
    /// The attempts to fetch the source's own document.
    pub attempts: u64,
    /// The attempts to fetch the documents that its wrappers and breaks lead to.
    pub followed_attempts: u64,
    /// How many of all these attempts were retries.
    pub retries: u64,
    /// The size of the source's own documents as sent.
    pub bytes: u64,
    /// The size of the documents that its wrappers and breaks led to, as sent.
    pub followed_bytes: u64,
    /// Responses that came from a cache.
    pub cache_hits: u64,
    /// The running times of the lanes. The lane of a request that another source has won counts with the time until it was cut,
    /// so it is shorter than the latency of the source.
    pub latency: Histogram,
    /// FETCH: the times from the start of a lane until the source's own document had arrived, retries included.
    pub fetch: Histogram,
    /// PARSE: the times that reading the source's own document took.
    pub parse: Histogram,
    /// RESOLVE: the times from then to the end of the lane, for lanes that followed a wrapper.
    pub resolve: Histogram,
}

/// The numbers of an arm. Its sources have their numbers over all arms.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct ArmStats {
    /// The name of the arm.
    pub name: Arc<str>,
    /// The requests of the arm.
    pub requests: RequestStats,
    /// How often a source failed in these requests, by the type of the failure.
    pub failed: Tally<ErrorType>,
    /// The requests in which at least one source failed.
    pub requests_with_errors: u64,
}

impl ArmStats {
    /// The share of requests in which a source failed, with its interval: see [`Proportion`].
    pub fn errors(&self) -> Proportion {
        // A request that runs may be counted in one of the two only.
        let trials = self.requests.total().max(self.requests_with_errors);
        Proportion { hits: self.requests_with_errors, trials }
    }

    fn difference(&self, older: &Self) -> Self {
        Self {
            name: Arc::clone(&self.name),
            requests: self.requests.difference(&older.requests),
            failed: self.failed.difference(&older.failed),
            requests_with_errors: self.requests_with_errors.saturating_sub(older.requests_with_errors),
        }
    }
}

/// The beacons of a client.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct BeaconStats {
    /// Beacons that their tracker accepted.
    pub delivered: u64,
    /// Beacons that get no further attempt.
    pub dead: u64,
    /// Attempts after which another one was scheduled.
    pub retried: u64,
}

impl ClientStats {
    /// What was counted since `older`, an earlier snapshot of the same client.
    #[must_use]
    pub fn difference(&self, older: &Self) -> Self {
        Self { plan: self.plan.difference(&older.plan), beacons: self.beacons.difference(&older.beacons) }
    }
}

impl PlanStats {
    /// What was counted since `older`, an earlier snapshot of the same plan. Sources and arms are compared by name; one that is not
    /// in `older` keeps its numbers.
    #[must_use]
    pub fn difference(&self, older: &Self) -> Self {
        let of_source = |source: &SourceStats| {
            let before = older.sources.iter().find(|before| before.name == source.name);
            before.map_or_else(|| source.clone(), |before| source.difference(before))
        };
        let of_arm = |arm: &ArmStats| {
            let before = older.arms.iter().find(|before| before.name == arm.name);
            before.map_or_else(|| arm.clone(), |before| arm.difference(before))
        };
        Self {
            requests: self.requests.difference(&older.requests),
            sources: self.sources.iter().map(of_source).collect(),
            arms: self.arms.iter().map(of_arm).collect(),
        }
    }

    /// The numbers of the arm with this name.
    pub fn arm(&self, name: &str) -> Option<&ArmStats> {
        self.arms.iter().find(|arm| &*arm.name == name)
    }

    /// The numbers of the source with this name.
    pub fn source(&self, name: &str) -> Option<&SourceStats> {
        self.sources.iter().find(|source| &*source.name == name)
    }
}

impl RequestStats {
    /// The number of requests.
    pub fn total(&self) -> u64 {
        self.filled + self.unfilled + self.cancelled
    }

    /// The share of requests with a usable ad among those that have an answer; `None` without an answer.
    pub fn fill_rate(&self) -> Option<f64> {
        share(self.filled, self.filled + self.unfilled)
    }

    /// The 95 percent confidence interval of the fill rate (Wilson score interval); `None` without an answer. If the intervals of two
    /// arms overlap, their difference may be chance.
    pub fn fill_interval(&self) -> Option<(f64, f64)> {
        self.fills().interval().map(|Interval { low, high, .. }| (low, high))
    }

    /// The 95 percent confidence interval of the difference between this fill rate and that of `other`; `None` if one of them has no
    /// answer. The difference is more than chance if the interval [excludes zero](Interval::excludes_zero).
    pub fn fill_difference(&self, other: &Self) -> Option<Interval> {
        self.fills().minus(other.fills())
    }

    fn fills(&self) -> Proportion {
        Proportion { hits: self.filled, trials: self.filled + self.unfilled }
    }

    fn difference(&self, older: &Self) -> Self {
        Self {
            filled: self.filled.saturating_sub(older.filled),
            unfilled: self.unfilled.saturating_sub(older.unfilled),
            cancelled: self.cancelled.saturating_sub(older.cancelled),
            latency: self.latency.difference(&older.latency),
        }
    }
}

impl SourceStats {
    /// The number of requests whose plan has this source.
    pub fn requests(&self) -> u64 {
        self.answered() + self.unread + self.cancelled + self.skipped.total() + self.not_started
    }

    /// The number of requests that show whether the source had an ad: it was filled, had no ad, was rejected or failed.
    pub fn answered(&self) -> u64 {
        self.filled + self.no_ad + self.rejected + self.failed.total()
    }

    /// The share of `filled` among [`answered`](Self::answered); `None` if that is zero.
    pub fn fill_rate(&self) -> Option<f64> {
        share(self.filled, self.answered())
    }

    fn difference(&self, older: &Self) -> Self {
        Self {
            name: Arc::clone(&self.name),
            filled: self.filled.saturating_sub(older.filled),
            no_ad: self.no_ad.saturating_sub(older.no_ad),
            rejected: self.rejected.saturating_sub(older.rejected),
            failed: self.failed.difference(&older.failed),
            unread: self.unread.saturating_sub(older.unread),
            cancelled: self.cancelled.saturating_sub(older.cancelled),
            skipped: self.skipped.difference(&older.skipped),
            not_started: self.not_started.saturating_sub(older.not_started),
            breaker: self.breaker,
            ejections: self.ejections.saturating_sub(older.ejections),
            wins: self.wins.saturating_sub(older.wins),
            attempts: self.attempts.saturating_sub(older.attempts),
            followed_attempts: self.followed_attempts.saturating_sub(older.followed_attempts),
            retries: self.retries.saturating_sub(older.retries),
            bytes: self.bytes.saturating_sub(older.bytes),
            followed_bytes: self.followed_bytes.saturating_sub(older.followed_bytes),
            cache_hits: self.cache_hits.saturating_sub(older.cache_hits),
            latency: self.latency.difference(&older.latency),
            fetch: self.fetch.difference(&older.fetch),
            parse: self.parse.difference(&older.parse),
            resolve: self.resolve.difference(&older.resolve),
        }
    }
}

impl BeaconStats {
    fn difference(&self, older: &Self) -> Self {
        Self {
            delivered: self.delivered.saturating_sub(older.delivered),
            dead: self.dead.saturating_sub(older.dead),
            retried: self.retried.saturating_sub(older.retried),
        }
    }
}

/// The share of `part`; `None` if `whole` is zero.
pub(crate) fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// How often each kind of a closed set was counted. Kinds that were never counted are left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally<K>(Vec<(K, u64)>);

impl<K> Default for Tally<K> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<K: Copy + PartialEq> Tally<K> {
    /// The kinds with their counts, in the order of the closed set.
    pub fn iter(&self) -> impl Iterator<Item = (K, u64)> {
        self.0.iter().copied()
    }

    /// How often this kind was counted.
    pub fn get(&self, kind: K) -> u64 {
        self.iter().find(|(other, _)| *other == kind).map_or(0, |(_, count)| count)
    }

    /// The sum over all kinds.
    pub fn total(&self) -> u64 {
        self.iter().map(|(_, count)| count).sum()
    }

    fn difference(&self, older: &Self) -> Self {
        self.iter().map(|(kind, count)| (kind, count.saturating_sub(older.get(kind)))).collect()
    }
}

impl<K> FromIterator<(K, u64)> for Tally<K> {
    fn from_iter<T: IntoIterator<Item = (K, u64)>>(counts: T) -> Self {
        Self(counts.into_iter().filter(|(_, count)| *count > 0).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The expected values are those of `scipy.stats.binomtest(k, n).proportion_ci(method="wilson")`.
    #[test]
    fn the_interval_of_a_fill_rate() {
        let cases = [
            (0, 0, None),
            (0, 10, Some((0.0, 0.277_53))),
            (10, 10, Some((0.722_47, 1.0))),
            (5, 10, Some((0.236_59, 0.763_41))),
            (900, 1_000, Some((0.879_85, 0.917_10))),
        ];
        for (filled, all, expected) in cases {
            // A request that was dropped has no answer, so it does not count.
            let requests = RequestStats { filled, unfilled: all - filled, cancelled: 7, ..RequestStats::default() };
            let is_near = match (requests.fill_interval(), expected) {
                (Some(found), Some(expected)) => {
                    (found.0 - expected.0).abs() < 1e-4 && (found.1 - expected.1).abs() < 1e-4
                }
                (found, expected) => found.is_none() && expected.is_none(),
            };
            assert!(is_near, "{filled} of {all}: {:?}", requests.fill_interval());
        }
    }
}
