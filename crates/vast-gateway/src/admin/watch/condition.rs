//! Whether a source is ill, and since when.

use std::collections::BTreeMap;
use std::time::SystemTime;

use vast_client::policy::BreakerState;
use vast_client::stats::SourceStats;

use super::sample::Sample;

/// A source fails only if at least this number of requests has ended in the last seconds.
const ENOUGH: u64 = 3;

/// Whether a source works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::admin) enum SourceCondition {
    /// It answers, or nothing is known.
    #[default]
    Well,
    /// It has failed in half or more of the requests of the last seconds.
    Failing,
    /// Its circuit breaker is open or half open.
    Ejected,
}

/// The condition of a source and its past.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::admin) struct SourceHealth {
    pub(in crate::admin) condition: SourceCondition,
    pub(in crate::admin) breaker: Option<BreakerState>,
    /// Since when the source is ill, or well again. An ejection that follows failures does not begin anew. `None` if it was never ill.
    pub(in crate::admin) since: Option<SystemTime>,
}

/// The conditions of all sources by placement and name.
#[derive(Debug, Default)]
pub(super) struct Conditions(BTreeMap<(String, String), SourceHealth>);

impl Conditions {
    /// The condition of a source.
    fn of(&self, placement: &str, source: &str) -> SourceHealth {
        self.0.get(&(placement.to_owned(), source.to_owned())).copied().unwrap_or_default()
    }

    /// The condition of a source whose numbers since the start are `source` now. `recent` is the sample with which the last seconds
    /// begin.
    pub(super) fn with(
        &self,
        placement: &str,
        source: &SourceStats,
        recent: Option<&Sample>,
        wall: SystemTime,
    ) -> SourceHealth {
        let before = recent.and_then(|recent| recent.placements.get(placement));
        let before = before.and_then(|before| before.stats.source(&source.name));
        self.of(placement, &source.name).changed(source, before, wall)
    }

    /// Takes over what `sample` shows. `recent` is the sample with which the last seconds begin.
    pub(super) fn update(&mut self, sample: &Sample, recent: Option<&Sample>, wall: SystemTime) {
        let mut newer = BTreeMap::new();
        for (name, placement) in &sample.placements {
            for source in &placement.stats.sources {
                let health = self.with(name, source, recent, wall);
                newer.insert((name.clone(), source.name.to_string()), health);
            }
        }
        self.0 = newer;
    }
}

impl SourceHealth {
    fn changed(self, source: &SourceStats, before: Option<&SourceStats>, wall: SystemTime) -> Self {
        let condition = condition(source, before);
        let was_ill = self.condition != SourceCondition::Well;
        let is_same = (condition != SourceCondition::Well) == was_ill;
        Self { condition, breaker: source.breaker, since: if is_same { self.since } else { Some(wall) } }
    }
}

fn condition(source: &SourceStats, before: Option<&SourceStats>) -> SourceCondition {
    if source.breaker.is_some_and(|state| state != BreakerState::Closed) {
        return SourceCondition::Ejected;
    }
    let since = |count: fn(&SourceStats) -> u64| count(source).saturating_sub(before.map_or(0, count));
    let (answered, failed) = (since(SourceStats::answered), since(|source| source.failed.total()));
    if answered >= ENOUGH && failed * 2 >= answered { SourceCondition::Failing } else { SourceCondition::Well }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;
    use vast_client::ErrorType;
    use vast_client::stats::PlanStats;

    use super::super::sample::PlacementSample;
    use super::*;

    fn sample(breaker: BreakerState, filled: u64, failed: u64) -> Sample {
        let mut source = SourceStats::default();
        (source.name, source.breaker, source.filled) = ("east".into(), Some(breaker), filled);
        source.failed = [(ErrorType::Timeout, failed)].into_iter().collect();
        let mut stats = PlanStats::default();
        stats.sources = vec![source];
        let placement = PlacementSample { stats, ..PlacementSample::default() };
        Sample { at: Instant::now(), placements: [("ad".to_owned(), placement)].into_iter().collect() }
    }

    #[test]
    fn an_illness_begins_with_the_first_failures_and_lasts_until_the_source_answers() {
        use BreakerState::{Closed, HalfOpen, Open};
        use SourceCondition::{Ejected, Failing, Well};
        let second = |number: u64| SystemTime::UNIX_EPOCH + Duration::from_secs(number);
        let mut conditions = Conditions::default();
        // Breaker, filled and failed so far, condition, and since which second.
        let steps = [
            (Closed, 10, 2, Well, None),
            (Closed, 10, 4, Well, None),
            (Closed, 10, 5, Failing, Some(2)),
            (Open, 10, 7, Ejected, Some(2)),
            (HalfOpen, 10, 7, Ejected, Some(2)),
            (Open, 10, 8, Ejected, Some(2)),
            (Closed, 11, 8, Well, Some(6)),
            (Closed, 12, 8, Well, Some(6)),
            (Open, 12, 9, Ejected, Some(8)),
        ];
        let mut older = sample(Closed, 10, 2);
        for (number, (breaker, filled, failed, condition, since)) in (0..).zip(steps) {
            let newer = sample(breaker, filled, failed);
            conditions.update(&newer, Some(&older), second(number));
            let health = conditions.of("ad", "east");
            assert_eq!((health.condition, health.since), (condition, since.map(second)), "step {number}");
            if failed != 4 {
                older = newer;
            }
        }
        assert_eq!(conditions.of("ad", "west"), SourceHealth::default());
    }
}
