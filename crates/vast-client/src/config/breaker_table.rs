//! `[breaker]` of a configuration file, and `breaker` of a source.

use serde::Deserialize;

use super::value::DurationValue;
use crate::policy::BreakerSettings;

/// The settings of a circuit breaker.
#[derive(Debug, Clone, Copy, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct BreakerTable {
    enabled: Option<bool>,
    failures: Option<u32>,
    eject: Option<DurationValue>,
    eject_max: Option<DurationValue>,
    simulate_only: Option<bool>,
}

impl BreakerTable {
    /// The settings, with those of `outside` for what the table does not set.
    pub(super) fn over(self, outside: BreakerSettings) -> BreakerSettings {
        BreakerSettings {
            enabled: self.enabled.unwrap_or(outside.enabled),
            failures: self.failures.unwrap_or(outside.failures),
            eject: self.eject.map_or(outside.eject, |span| span.0),
            eject_max: self.eject_max.map_or(outside.eject_max, |span| span.0),
            simulate_only: self.simulate_only.unwrap_or(outside.simulate_only),
        }
    }
}
