//! Which requests a recorder keeps.

use super::model::PersonalValues;
use crate::config::{RecordConfig, RecordingReason};
use crate::journal::Outcome;
use crate::report::FetchResult;

/// Which requests are kept, and what of them.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct RecorderSettings {
    /// The share of the requests that is kept, from 0 to 1: with 0.01 every hundredth one. Default 1.
    pub sample: f64,
    /// Requests that are kept besides the sample. Default: none.
    pub always: Vec<RecordingReason>,
    /// Whether personal values are replaced. Default: they are.
    pub personal_values: PersonalValues,
}

impl Default for RecorderSettings {
    fn default() -> Self {
        Self { sample: 1.0, always: Vec::new(), personal_values: PersonalValues::default() }
    }
}

impl From<&RecordConfig> for RecorderSettings {
    fn from(config: &RecordConfig) -> Self {
        Self { sample: config.sample, always: config.always.clone(), ..Self::default() }
    }
}

impl RecorderSettings {
    /// Sets the share of the requests that is kept.
    #[must_use]
    pub fn with_sample(mut self, sample: f64) -> Self {
        self.sample = sample;
        self
    }

    /// Sets the requests that are kept besides the sample.
    #[must_use]
    pub fn with_always(mut self, always: Vec<RecordingReason>) -> Self {
        self.always = always;
        self
    }

    /// Sets whether personal values are replaced.
    #[must_use]
    pub fn with_personal_values(mut self, personal_values: PersonalValues) -> Self {
        self.personal_values = personal_values;
        self
    }
}

/// Whether there is this reason to keep the request with this answer.
pub(super) fn holds(reason: RecordingReason, result: &FetchResult) -> bool {
    match reason {
        RecordingReason::Failed => result.sources.iter().any(|source| source.outcome == Outcome::Failed),
        RecordingReason::NoAd => !result.success,
    }
}
