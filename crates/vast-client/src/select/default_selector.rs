//! The default selector. It is used when the program gives no other.

use super::ad_break::{BreakPlan, rank_values};
use super::candidate::Candidate;
use super::filling::RankValues;
use super::selection::Selection;
use super::selector::{Selector, TierProgress};
use crate::error::{Rejection, RejectionReason};
use crate::request::Slot;

/// The default selector. If the slot is a break, the answer is the best set of ads that fits; otherwise it is the ads
/// of the best source. The [`break_rules`](Slot::break_rules) of the slot define the best set and the best source; by
/// default it is the first one in listed order.
///
/// In a break, each pod and each stand-alone ad is one unit: a pod is used completely, shortened from its end, or not
/// used (VAST 4.3 section 3.3.1). Units play in listed order. Sets of ads are compared exactly as long as there are at
/// most 128 units and the search takes at most 20,000 steps; beyond that the answer is the best set that was found, and
/// [`is_approximate`](Selection::is_approximate) is set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DefaultSelector;

impl Selector for DefaultSelector {
    fn enough(&self, candidates: &[&Candidate], _: TierProgress, slot: &Slot) -> bool {
        match slot.break_duration {
            Some(longest) => BreakPlan::new(candidates, longest, slot).is_full(candidates),
            None => !candidates.is_empty(),
        }
    }

    fn select(&self, candidates: Vec<Candidate>, slot: &Slot) -> Selection {
        match slot.break_duration {
            Some(longest) => {
                let plan = BreakPlan::new(&candidates.iter().collect::<Vec<_>>(), longest, slot);
                plan.select(candidates)
            }
            None => best_source(candidates, slot),
        }
    }
}

/// The ads of the best source, cut from the end when there are too many (VAST 4.3 section 3.3.1).
fn best_source(candidates: Vec<Candidate>, slot: &Slot) -> Selection {
    let winner = best_lane(&candidates, slot);
    let most = slot.max_ads.unwrap_or(usize::MAX);
    if candidates.len() <= most && candidates.iter().all(|candidate| Some(candidate.lane) == winner) {
        return Selection::new(candidates, Vec::new());
    }
    let mut selection = Selection::default();
    for candidate in candidates {
        let rejection = if Some(candidate.lane) != winner {
            Rejection::new(RejectionReason::SlotFull, "another source's ad was taken")
        } else if selection.chosen.len() >= most {
            Rejection::new(RejectionReason::SlotFull, format!("the slot takes {most} ads"))
        } else {
            selection.chosen.push(candidate);
            continue;
        };
        selection.passed_over.push((candidate, rejection));
    }
    selection
}

/// The source whose ads have the highest sum of values; the first one if several are equal.
fn best_lane(candidates: &[Candidate], slot: &Slot) -> Option<usize> {
    let first = candidates.first()?.lane;
    if candidates.iter().all(|candidate| candidate.lane == first) {
        return Some(first);
    }
    let rules = &slot.break_rules;
    let rank = rules.keys_before_order();
    let mut lanes: Vec<(usize, usize, RankValues)> = Vec::new();
    for candidate in candidates {
        let place = lanes.iter().position(|(lane, ..)| *lane == candidate.lane).unwrap_or_else(|| {
            lanes.push((candidate.lane, 0, RankValues::default()));
            lanes.len() - 1
        });
        let (_, ads, values) = &mut lanes[place];
        if *ads < slot.max_ads.unwrap_or(usize::MAX) {
            *ads += 1;
            let more = rank_values(candidate, &rank, rules);
            values.iter_mut().zip(more).for_each(|(value, more)| *value = value.saturating_add(more));
        }
    }
    // `max_by_key` gives the last of equal ones.
    lanes.into_iter().rev().max_by_key(|(.., values)| *values).map(|(lane, ..)| lane)
}
