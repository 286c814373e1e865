//! A change of the configuration that would have given another outcome.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use vast_client::FetchMode;
use vast_client::policy::TimeLimit;

use crate::units;

/// A change of the configuration, and what it would have done.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Alternative {
    /// The change.
    pub change: SettingChange,
    /// What it would have done.
    pub effect: ChangeEffect,
}

/// What a change would have done.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChangeEffect {
    /// Another source would have won.
    Wins {
        /// The source.
        winner: Arc<str>,
        /// When there would have been the answer.
        elapsed: Duration,
    },
    /// It cannot be said, because the recording does not have an answer that the change needs.
    NotRecorded,
}

impl ChangeEffect {
    /// The source that would have won, if it is known.
    pub fn winner(&self) -> Option<&str> {
        match self {
            Self::Wins { winner, .. } => Some(winner),
            Self::NotRecorded => None,
        }
    }
}

/// A change of the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SettingChange {
    /// A longer time limit. If another source wins, it is the shortest one with which it wins, in whole milliseconds.
    Time {
        /// The limit.
        limit: TimeLimit,
        /// How long it was.
        from: Duration,
        /// How long it would have to be.
        to: Duration,
    },
    /// A bound of the filter. If another source wins, it is the one nearest to the configured one with which it wins.
    Bound {
        /// The configuration key.
        key: &'static str,
        /// The unit of both values.
        unit: &'static str,
        /// The value.
        from: u64,
        /// The other value.
        to: u64,
    },
    /// The filter is used without one of its conditions.
    Without {
        /// The configuration key.
        key: &'static str,
    },
    /// Another mode of the primary sources.
    Mode(FetchMode),
    /// Another number of retries: `retries`.
    Retries {
        /// The number.
        from: u32,
        /// The other number.
        to: u32,
    },
    /// No circuit breaker keeps a source from being asked.
    NoBreaker,
}

impl fmt::Display for Alternative {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.effect {
            ChangeEffect::Wins { winner, elapsed } => {
                write!(f, "{} {winner} would have won after {}.", self.change, units::elapsed(*elapsed))
            }
            ChangeEffect::NotRecorded => {
                write!(f, "{} the outcome is not known: the recording does not have the answer.", self.change)
            }
        }
    }
}

/// The beginning of a sentence, such as ``With `retries` 0 instead of 1``.
impl fmt::Display for SettingChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Time { limit, from, to } => {
                let more = units::elapsed(to.saturating_sub(*from));
                write!(
                    f,
                    "With {more} more for `{limit}` ({} instead of {})",
                    units::elapsed(*to),
                    units::elapsed(*from)
                )
            }
            Self::Bound { key, unit, from, to } => write!(f, "With `{key}` {to} {unit} instead of {from}"),
            Self::Without { key } => write!(f, "Without the condition `{key}`"),
            Self::Mode(mode) => write!(f, "In mode {mode}"),
            Self::Retries { from, to } => write!(f, "With `retries` {to} instead of {from}"),
            Self::NoBreaker => f.write_str("Without circuit breakers"),
        }
    }
}
