//! The order in which the sources of a tier are asked. How many are asked at the same time is decided elsewhere.

use std::time::Duration;

use fastrand::Rng;

use crate::env::stable_hash;
use crate::policy::SourceOrder;

/// The values on which the place of a source in the order depends.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rank {
    pub(crate) weight: u32,
    /// The time that the source needs for one usable answer; `None` if too little is known.
    pub(crate) answer_time: Option<Duration>,
}

/// The sources of a tier in the order to ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ranking {
    /// The index of each source within its tier.
    pub(crate) sources: Vec<usize>,
    /// Whether the first source was drawn at random, so that its time is measured again.
    pub(crate) is_exploration: bool,
}

/// In how many of 100 requests [`SourceOrder::Fastest`] puts a source that is not the fastest one first. Without it, a source that
/// was slow once would stay last in sequential mode, because its time would not be measured again.
const EXPLORED_PERCENT: u32 = 5;

/// Sorts `sources` into the order to ask.
pub(crate) fn ranked(order: SourceOrder, sources: &[Rank], split_key: Option<&str>, rng: &mut Rng) -> Ranking {
    let mut indices: Vec<usize> = (0..sources.len()).collect();
    let mut is_exploration = false;
    match order {
        SourceOrder::Listed => {}
        SourceOrder::Weighted => indices.sort_by_cached_key(|index| lottery(sources, *index, rng)),
        SourceOrder::Fastest => {
            indices.sort_by_key(|index| sources.get(*index).and_then(|source| source.answer_time));
            is_exploration = explore(&mut indices, rng);
        }
        SourceOrder::Split => {
            let point = split_key.map_or_else(|| rng.f64(), |key| Rng::with_seed(stable_hash(key)).f64());
            let first = share(sources, point);
            indices.sort_by_key(|index| *index != first);
        }
    }
    Ranking { sources: indices, is_exploration }
}

/// In [`EXPLORED_PERCENT`] of the calls: moves one of the sources behind the first one to the front.
fn explore(indices: &mut Vec<usize>, rng: &mut Rng) -> bool {
    if indices.len() < 2 || rng.u32(..100) >= EXPLORED_PERCENT {
        return false;
    }
    let explored = indices.remove(rng.usize(1..indices.len()));
    indices.insert(0, explored);
    true
}

/// Draws a number from the exponential distribution whose rate is the weight: smaller numbers are likelier for heavier
/// sources. Sorting by it shuffles the sources in proportion to their weights.
fn lottery(sources: &[Rank], index: usize, rng: &mut Rng) -> u64 {
    let weight = sources.get(index).map_or(0, |source| source.weight);
    if weight == 0 {
        return u64::MAX;
    }
    let ticket = -(1.0 - rng.f64()).ln() / f64::from(weight);
    // The bits of positive floats have the same order as the floats.
    ticket.to_bits()
}

/// The source whose share of the total weight contains `point`, a number from 0 to 1.
fn share(sources: &[Rank], point: f64) -> usize {
    let total: u64 = sources.iter().map(|source| u64::from(source.weight)).sum();
    #[allow(clippy::cast_precision_loss)] // Weights are small numbers.
    let mut left = point * total as f64;
    for (index, source) in sources.iter().enumerate() {
        left -= f64::from(source.weight);
        if left < 0.0 {
            return index;
        }
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::chi_square::{CRITICAL, chi_square};

    fn ranks(weights: &[u32]) -> Vec<Rank> {
        weights.iter().map(|weight| Rank { weight: *weight, answer_time: None }).collect()
    }

    fn measured(millis: &[Option<u64>]) -> Vec<Rank> {
        millis.iter().map(|millis| Rank { weight: 1, answer_time: millis.map(Duration::from_millis) }).collect()
    }

    /// How often each source is first in 10,000 requests.
    fn times_first(order: SourceOrder, weights: &[u32], key: impl Fn(u32) -> Option<String>) -> Vec<u32> {
        let (sources, mut rng) = (ranks(weights), Rng::with_seed(1));
        let mut first = vec![0; weights.len()];
        for round in 0..10_000 {
            let ranking = ranked(order, &sources, key(round).as_deref(), &mut rng);
            if let Some(count) = ranking.sources.first().and_then(|index| first.get_mut(*index)) {
                *count += 1;
            }
        }
        first
    }

    #[track_caller]
    fn assert_shares(found: &[u32], expected: &[f64]) {
        let distance = chi_square(found, expected);
        assert!(distance < CRITICAL[found.len() - 1], "{found:?} instead of {expected:?}: {distance}");
    }

    #[test]
    fn weights_are_chances_to_be_first() {
        assert_shares(&times_first(SourceOrder::Weighted, &[1, 3, 6], |_| None), &[0.1, 0.3, 0.6]);
        assert_eq!(times_first(SourceOrder::Weighted, &[0, 1], |_| None), [0, 10_000]);
    }

    /// The chance of each permutation: each next source is drawn by weight from those that are left.
    #[test]
    fn weighted_draws_whole_permutations_by_weight() {
        let (sources, mut rng) = (ranks(&[1, 3, 6]), Rng::with_seed(2));
        let permutations = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
        let expected = [0.1 / 3.0, 0.2 / 3.0, 0.3 / 7.0, 1.8 / 7.0, 0.6 / 4.0, 1.8 / 4.0];
        let mut found = [0; 6];
        for _ in 0..10_000 {
            let ranking = ranked(SourceOrder::Weighted, &sources, None, &mut rng).sources;
            let place = permutations.iter().position(|permutation| *permutation == *ranking).expect("a permutation");
            found[place] += 1;
        }
        assert_shares(&found, &expected);
    }

    #[test]
    fn a_split_follows_the_weights_and_is_sticky() {
        let keys = |round: u32| Some(format!("viewer-{round}"));
        assert_shares(&times_first(SourceOrder::Split, &[1, 3, 6], keys), &[0.1, 0.3, 0.6]);
        let always = times_first(SourceOrder::Split, &[1, 1], |_| Some("viewer".to_owned()));
        assert!(always.contains(&10_000), "{always:?}");
        let by_key = ranked(SourceOrder::Split, &ranks(&[0, 0, 1]), Some("x"), &mut Rng::with_seed(1));
        assert_eq!(by_key.sources, [2, 0, 1]);
    }

    #[test]
    fn the_fastest_known_source_comes_after_sources_that_are_not_measured() {
        let sources = measured(&[Some(300), None, Some(100)]);
        for (order, expected) in [(SourceOrder::Fastest, [1, 2, 0]), (SourceOrder::Listed, [0, 1, 2])] {
            let ranking = ranked(order, &sources, None, &mut Rng::with_seed(1));
            assert_eq!(ranking, Ranking { sources: expected.to_vec(), is_exploration: false });
        }
    }

    #[test]
    fn fastest_puts_another_source_first_in_five_of_a_hundred_requests() {
        let (sources, mut rng) = (measured(&[Some(30), Some(10), Some(20)]), Rng::with_seed(3));
        let mut first = [0; 3];
        for _ in 0..10_000 {
            let Ranking { sources: order, is_exploration } = ranked(SourceOrder::Fastest, &sources, None, &mut rng);
            first[order[0]] += 1;
            assert_eq!(is_exploration, order[0] != 1, "{order:?}");
            let rest: Vec<_> = [1, 2, 0].into_iter().filter(|index| *index != order[0]).collect();
            assert_eq!(order[1..], rest, "the others stay sorted");
        }
        assert_shares(&first, &[0.025, 0.95, 0.025]);
        let only = ranked(SourceOrder::Fastest, &sources[..1], None, &mut rng);
        assert_eq!(only, Ranking { sources: vec![0], is_exploration: false });
    }

    #[test]
    fn the_seed_decides_every_order() {
        let sources = measured(&[Some(30), Some(10), Some(20), None]);
        for order in SourceOrder::ALL {
            let draw = || {
                let mut rng = Rng::with_seed(9);
                (0..100).map(|_| ranked(*order, &sources, None, &mut rng)).collect::<Vec<_>>()
            };
            assert_eq!(draw(), draw(), "{order:?}");
        }
    }
}
