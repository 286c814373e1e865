//! What a recorded request took from the memory of its sources.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::exchange::RecordedFailure;
use super::recorded_time::nanoseconds;
use crate::journal::SkipReason;
use crate::policy::TierKind;

/// A decision that depended on earlier requests or on chance, in the order in which the request needed them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PolicyFact {
    /// The order in which the sources of a tier were asked.
    Ranked {
        /// The tier.
        tier: TierKind,
        /// The index of each source within its tier, in the order to ask.
        sources: Vec<usize>,
        /// Whether the first source was drawn at random, so that its time is measured again.
        is_exploration: bool,
    },
    /// A source was permitted to be asked, or skipped.
    Turn {
        /// The name of the source.
        source: String,
        /// Why it was skipped; `None` if it was asked.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        skipped: Option<SkipReason>,
    },
    /// The time that a source may run before the next one is asked too (mode `staggered`).
    StaggerAfter {
        /// The name of the source.
        source: String,
        /// The time.
        #[serde(with = "nanoseconds")]
        wait: Duration,
    },
    /// A source of the host could not prepare its request ([`Source::prepare`](crate::fetch::Source::prepare)).
    NotPrepared {
        /// The name of the source.
        source: String,
        /// Why not.
        failure: RecordedFailure,
    },
    /// Whether the retry budget of a source permitted another request.
    ExtraRequest {
        /// The name of the source.
        source: String,
        /// Whether it was permitted.
        is_permitted: bool,
    },
}
