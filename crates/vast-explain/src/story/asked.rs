//! When each source was asked, and why then.

use std::fmt;
use std::time::Duration;

use vast_client::journal::{Entry, Fact};
use vast_client::report::SourceReport;
use vast_client::{FetchMode, FetchResult, Outcome, TierKind};

use super::names::source_of;
use crate::units;

/// Lanes that begin within this time began together: the clock is read once for each of them.
const TOGETHER: Duration = Duration::from_millis(1);

/// When a source was asked, and why then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct AskingTime<'a> {
    /// The time since the request began.
    pub at: Duration,
    /// Why at this time.
    pub because: AskedBecause<'a>,
}

/// Why a source was asked at its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum AskedBecause<'a> {
    /// It is the only source of its tier.
    OnlySource,
    /// It is the first in the order of its tier.
    FirstInOrder,
    /// The mode asks all sources of the tier at once.
    AllAtOnce,
    /// The source before it ended without an ad that settles the request.
    PreviousEnded {
        /// The name of that source.
        source: &'a str,
        /// How it ended.
        outcome: Outcome,
    },
    /// The source before it had not answered for this time.
    PreviousSlow {
        /// The name of that source.
        source: &'a str,
        /// How long it had been running.
        running: Duration,
    },
    /// The primary sources gave no answer, so the fallbacks were asked. It is the first of them.
    FallbackNeeded,
}

impl fmt::Display for AskedBecause<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OnlySource => f.write_str("the only source"),
            Self::FirstInOrder => f.write_str("first in order"),
            Self::AllAtOnce => f.write_str("together with the others"),
            Self::PreviousEnded { source, outcome } => write!(f, "{source} ended with {}", outcome_words(*outcome)),
            Self::PreviousSlow { source, running } => {
                write!(f, "{source} had not answered for {}", units::elapsed(*running))
            }
            Self::FallbackNeeded => f.write_str("no primary source had a usable ad in time"),
        }
    }
}

/// An outcome as words, for example `no ad`.
pub(super) fn outcome_words(outcome: Outcome) -> String {
    outcome.as_str().replace('_', " ")
}

/// For each source of the result when it was asked and why then.
pub(super) fn of(result: &FetchResult) -> Vec<Option<AskingTime<'_>>> {
    let mut asked = vec![None; result.sources.len()];
    for (index, entry) in result.journal.iter().enumerate() {
        if let (Fact::Asked, Some(source), Some(place)) =
            (&entry.fact, source_of(result, entry.lane), asked.get_mut(entry.lane))
        {
            let because = because(result, source, &result.journal[..index], entry);
            *place = Some(AskingTime { at: entry.at, because });
        }
    }
    asked
}

/// `before` has the facts before the source was asked.
fn because<'a>(result: &'a FetchResult, source: &SourceReport, before: &[Entry], asked: &Entry) -> AskedBecause<'a> {
    let of_tier = |entry: &&Entry| source_of(result, entry.lane).is_some_and(|one| one.tier == source.tier);
    let changes = before.iter().rev().filter(|entry| matches!(entry.fact, Fact::Asked | Fact::Ended { .. }));
    let Some(last) = changes.into_iter().find(of_tier) else {
        return first_of_tier(result, source.tier);
    };
    let name = source_of(result, last.lane).map_or("", |one| &*one.name);
    match &last.fact {
        Fact::Ended { outcome, .. } if !asks_all_at_once(result, source.tier) => {
            AskedBecause::PreviousEnded { source: name, outcome: *outcome }
        }
        _ if asks_all_at_once(result, source.tier) || asked.at.saturating_sub(last.at) < TOGETHER => {
            AskedBecause::AllAtOnce
        }
        _ => AskedBecause::PreviousSlow { source: name, running: asked.at.saturating_sub(last.at) },
    }
}

fn first_of_tier(result: &FetchResult, tier: TierKind) -> AskedBecause<'_> {
    let of_tier = result.sources.iter().filter(|source| source.tier == tier).count();
    match tier {
        TierKind::Fallback => AskedBecause::FallbackNeeded,
        TierKind::Primary if of_tier == 1 => AskedBecause::OnlySource,
        TierKind::Primary if asks_all_at_once(result, tier) => AskedBecause::AllAtOnce,
        TierKind::Primary => AskedBecause::FirstInOrder,
    }
}

/// Whether the mode of the primary sources asks all of them at once. The result does not name the mode of the fallbacks.
fn asks_all_at_once(result: &FetchResult, tier: TierKind) -> bool {
    tier == TierKind::Primary
        && matches!(result.metadata.mode, FetchMode::Parallel | FetchMode::Race | FetchMode::Collect)
}
