//! The numbers of the gateway at one moment.

use std::collections::BTreeMap;

use tokio::time::Instant;
use vast_client::stats::{Histogram, PlanStats};

use crate::counters::PlacementCounters;
use crate::generation::Placement;
use crate::outcome::AnswerOutcome;
use crate::state::GatewayState;

/// The name under which the answers without a placement are counted. No placement can have it.
const UNPLACED: &str = "";

/// The numbers of the gateway at one moment.
pub(in crate::admin) struct Sample {
    pub(in crate::admin) at: Instant,
    pub(in crate::admin) placements: BTreeMap<String, PlacementSample>,
}

/// The numbers of a placement.
#[derive(Default)]
pub(in crate::admin) struct PlacementSample {
    /// The answers by their outcome, in the order of the outcomes.
    pub(in crate::admin) answers: Vec<u64>,
    pub(in crate::admin) duration: Histogram,
    pub(in crate::admin) stats: PlanStats,
}

impl Sample {
    pub(in crate::admin) fn take(state: &GatewayState) -> Self {
        let generation = state.generation();
        let placements =
            generation.placements().map(|placement| (placement.name.clone(), PlacementSample::take(placement)));
        let mut placements: BTreeMap<_, _> = placements.collect();
        let unplaced = PlacementSample::new(&state.counters.unplaced, PlanStats::default());
        placements.insert(UNPLACED.to_owned(), unplaced);
        Self { at: Instant::now(), placements }
    }

    /// Without the histograms of the stages, which no page shows: they are most of its memory.
    pub(super) fn for_keeping(mut self) -> Self {
        for source in self.placements.values_mut().flat_map(|placement| &mut placement.stats.sources) {
            (source.fetch, source.parse, source.resolve) = Default::default();
        }
        self
    }

    /// What was counted since `older`. A placement that is not in it keeps its numbers.
    pub(in crate::admin) fn since(&self, older: &Self) -> Self {
        let none = PlacementSample::default();
        let one = |(name, placement): (&String, &PlacementSample)| {
            (name.clone(), placement.since(older.placements.get(name).unwrap_or(&none)))
        };
        Self { at: self.at, placements: self.placements.iter().map(one).collect() }
    }
}

impl PlacementSample {
    fn take(placement: &Placement) -> Self {
        Self::new(&placement.counters, placement.stats())
    }

    fn new(counters: &PlacementCounters, stats: PlanStats) -> Self {
        let answers = counters.outcomes().map(|(_, count)| count).collect();
        Self { answers, duration: counters.duration.snapshot(), stats }
    }

    /// The answers with this outcome.
    pub(in crate::admin) fn answered(&self, outcome: AnswerOutcome) -> u64 {
        self.answers.get(outcome as usize).copied().unwrap_or_default()
    }

    fn since(&self, older: &Self) -> Self {
        let before = older.answers.iter().copied().chain(std::iter::repeat(0));
        Self {
            answers: self.answers.iter().zip(before).map(|(now, before)| now.saturating_sub(before)).collect(),
            duration: self.duration.difference(&older.duration),
            stats: self.stats.difference(&older.stats),
        }
    }
}
