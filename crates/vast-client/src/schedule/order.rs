//! The order in which the sources of a tier are asked. How many are asked at the same time is decided elsewhere.

use std::time::Duration;

use fastrand::Rng;

use crate::env::stable_hash;
use crate::policy::SourceOrder;

/// The values on which the place of a source in the order depends.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rank {
    pub(crate) weight: u32,
    pub(crate) median: Option<Duration>,
}

/// The indices of `sources` in the order to ask.
pub(crate) fn ranked(order: SourceOrder, sources: &[Rank], split_key: Option<&str>, rng: &mut Rng) -> Vec<usize> {
    let mut indices: Vec<usize> = (0..sources.len()).collect();
    match order {
        SourceOrder::Listed => {}
        SourceOrder::Weighted => indices.sort_by_cached_key(|index| lottery(sources, *index, rng)),
        SourceOrder::Fastest => indices.sort_by_key(|index| sources.get(*index).and_then(|source| source.median)),
        SourceOrder::Split => {
            let point = split_key.map_or_else(|| rng.f64(), |key| Rng::with_seed(stable_hash(key)).f64());
            let first = share(sources, point);
            indices.sort_by_key(|index| *index != first);
        }
    }
    indices
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

    fn ranks(weights: &[u32]) -> Vec<Rank> {
        weights.iter().map(|weight| Rank { weight: *weight, median: None }).collect()
    }

    fn times_first(order: SourceOrder, weights: &[u32], key: impl Fn(u32) -> Option<String>) -> Vec<u32> {
        let (sources, mut rng) = (ranks(weights), Rng::with_seed(1));
        let mut first = vec![0; weights.len()];
        for round in 0..10_000 {
            let order = ranked(order, &sources, key(round).as_deref(), &mut rng);
            if let Some(count) = order.first().and_then(|index| first.get_mut(*index)) {
                *count += 1;
            }
        }
        first
    }

    fn assert_shares(first: &[u32], expected: &[u32]) {
        for (found, expected) in first.iter().zip(expected) {
            assert!(found.abs_diff(*expected) < 250, "{first:?}");
        }
    }

    #[test]
    fn weights_are_chances_to_be_first() {
        assert_shares(&times_first(SourceOrder::Weighted, &[1, 3, 6], |_| None), &[1000, 3000, 6000]);
        assert_eq!(times_first(SourceOrder::Weighted, &[0, 1], |_| None), [0, 10_000]);
    }

    #[test]
    fn a_split_follows_the_weights_and_is_sticky() {
        let keys = |round: u32| Some(format!("viewer-{round}"));
        assert_shares(&times_first(SourceOrder::Split, &[1, 3, 6], keys), &[1000, 3000, 6000]);
        let always = times_first(SourceOrder::Split, &[1, 1], |_| Some("viewer".to_owned()));
        assert!(always.contains(&10_000), "{always:?}");
        assert_eq!(ranked(SourceOrder::Split, &ranks(&[0, 0, 1]), Some("x"), &mut Rng::with_seed(1)), [2, 0, 1]);
    }

    #[test]
    fn the_fastest_known_source_comes_after_sources_without_latencies() {
        let median = |millis: Option<u64>| Rank { weight: 1, median: millis.map(Duration::from_millis) };
        let sources = [median(Some(300)), median(None), median(Some(100))];
        assert_eq!(ranked(SourceOrder::Fastest, &sources, None, &mut Rng::with_seed(1)), [1, 2, 0]);
        assert_eq!(ranked(SourceOrder::Listed, &sources, None, &mut Rng::with_seed(1)), [0, 1, 2]);
    }
}
