//! A change of the configuration that would have given another outcome.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use vast_client::FetchMode;
use vast_client::policy::TimeLimit;

use crate::units;

/// A change of the configuration, and the outcome that it would have given.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Alternative {
    /// The change.
    pub change: SettingChange,
    /// The source that would have won.
    pub winner: Arc<str>,
    /// When there would have been the answer.
    pub elapsed: Duration,
}

/// A change of the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SettingChange {
    /// A longer time limit. It is the shortest one that gives the outcome, in whole milliseconds.
    Time {
        /// The limit.
        limit: TimeLimit,
        /// How long it was.
        from: Duration,
        /// How long it would have to be.
        to: Duration,
    },
    /// A bound of the filter. It is the one nearest to the configured one that gives the outcome.
    Bound {
        /// The configuration key.
        key: &'static str,
        /// The unit of both values.
        unit: &'static str,
        /// The value.
        from: u64,
        /// The value that gives the outcome.
        to: u64,
    },
    /// The filter is used without one of its conditions.
    Without {
        /// The configuration key.
        key: &'static str,
    },
    /// Another mode of the primary sources.
    Mode(FetchMode),
}

impl fmt::Display for Alternative {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.change {
            SettingChange::Time { limit, from, to } => {
                let more = units::elapsed(to.saturating_sub(*from));
                write!(
                    f,
                    "With {more} more for `{limit}` ({} instead of {})",
                    units::elapsed(*to),
                    units::elapsed(*from)
                )?;
            }
            SettingChange::Bound { key, unit, from, to } => write!(f, "With `{key}` {to} {unit} instead of {from}")?,
            SettingChange::Without { key } => write!(f, "Without the condition `{key}`")?,
            SettingChange::Mode(mode) => write!(f, "In mode {mode}")?,
        }
        write!(f, " {} would have won after {}.", self.winner, units::elapsed(self.elapsed))
    }
}
