//! The units of a break, and the number of ads that are taken from each.

use std::time::Duration;

use super::keys::{AdKeys, KeyNumbers};
use crate::request::{BreakRules, RankKey, Slot};
use crate::select::candidate::Candidate;
use crate::select::filling::{BreakLimits, BreakUnit, Filling, RankValues, UnitAd, fill};
use crate::select::filter::mean_bitrate;
use crate::select::price::price;

/// The ads that are taken for a break.
pub(in crate::select) struct BreakPlan {
    /// The keys of each candidate.
    pub(super) keys: Vec<AdKeys>,
    /// For each unit the end of its range of candidates. The range starts at the end of the previous unit.
    pub(super) ends: Vec<usize>,
    pub(super) limits: BreakLimits,
    tolerance: u64,
    /// The number of ads that are taken from each unit. `None` if the break would be shorter than its minimum.
    pub(super) filling: Option<Filling>,
}

impl BreakPlan {
    /// Fills the break of `slot`, whose longest running time is `longest`, from `candidates` in listed order.
    pub(in crate::select) fn new(candidates: &[&Candidate], longest: Duration, slot: &Slot) -> Self {
        let rules = &slot.break_rules;
        let rank = rules.keys_before_order();
        let mut numbers = KeyNumbers::default();
        let keys: Vec<AdKeys> = candidates.iter().map(|candidate| numbers.of(candidate, rules)).collect();
        let mut units: Vec<BreakUnit> = Vec::new();
        let mut ends = Vec::new();
        for (number, candidate) in candidates.iter().enumerate() {
            let values = rank_values(candidate, &rank, rules);
            let piece = piece(candidate, &keys[number], values);
            let is_next = number > 0 && candidates[number - 1].is_of_same_pod(candidate);
            match (units.last_mut(), ends.last_mut()) {
                (Some(unit), Some(end)) if is_next => {
                    unit.pieces.push(piece);
                    *end = number + 1;
                }
                _ => {
                    units.push(BreakUnit { pieces: vec![piece] });
                    ends.push(number + 1);
                }
            }
        }
        let limits = BreakLimits {
            longest: milliseconds(longest),
            shortest: milliseconds(slot.break_min.unwrap_or_default()),
            ads: slot.max_ads.unwrap_or(usize::MAX),
            length_value: rank.iter().position(|key| *key == RankKey::Fit),
        };
        let filling = fill(&units, &limits);
        Self { keys, ends, limits, tolerance: milliseconds(slot.break_tolerance), filling }
    }

    /// Whether each candidate is taken.
    pub(super) fn taken(&self) -> Vec<bool> {
        let mut taken = vec![false; self.keys.len()];
        let mut begin = 0;
        for (end, count) in self.ends.iter().zip(self.filling.iter().flat_map(|filling| &filling.taken)) {
            taken[begin..begin + count].fill(true);
            begin = *end;
        }
        taken
    }

    /// Whether no further ad could be added.
    pub(in crate::select) fn is_full(&self, candidates: &[&Candidate]) -> bool {
        if self.filling.is_none() {
            return false;
        }
        let taken = self.taken();
        let taken = candidates.iter().zip(&taken).filter(|(_, is_taken)| **is_taken);
        let lengths: Vec<u64> = taken.map(|(candidate, _)| length(candidate).unwrap_or_default()).collect();
        let left = self.limits.longest.saturating_sub(lengths.iter().sum());
        lengths.len() >= self.limits.ads || left <= self.tolerance
    }
}

fn piece(candidate: &Candidate, keys: &AdKeys, values: RankValues) -> UnitAd {
    UnitAd {
        length: length(candidate),
        values,
        marks: [&*keys.same.marks, &*keys.rival.marks].concat(),
        conflicts: [&*keys.same.conflicts, &*keys.rival.conflicts].concat(),
    }
}

/// The running time in milliseconds; `None` if it is unknown or shorter than one millisecond. Such an ad cannot be placed.
pub(super) fn length(candidate: &Candidate) -> Option<u64> {
    candidate.duration().map(milliseconds).filter(|length| *length > 0)
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// The values that `candidate` adds to a set of ads, in the order of `rank`.
pub(in crate::select) fn rank_values(candidate: &Candidate, rank: &[RankKey], rules: &BreakRules) -> RankValues {
    let mut values = RankValues::default();
    for (value, key) in values.iter_mut().zip(rank) {
        *value = match key {
            RankKey::Price => price(candidate, rules).unwrap_or_default(),
            RankKey::Fit => length(candidate).unwrap_or_default(),
            RankKey::Quality => kilobits(candidate),
            RankKey::Order => 0,
        };
    }
    values
}

/// The size of the media file that would be played, in kilobits.
fn kilobits(candidate: &Candidate) -> u64 {
    let bitrate = candidate.media_file().map_or(0, |file| mean_bitrate(file, candidate.duration()));
    bitrate.saturating_mul(length(candidate).unwrap_or_default()) / 1_000
}
