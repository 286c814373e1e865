//! Which requests a recorder keeps.

use serde::{Deserialize, Serialize};

use super::model::PersonalValues;
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

/// A reason to keep a request that is not in the sample.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, strum::IntoStaticStr, strum::VariantArray, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[non_exhaustive]
pub enum RecordingReason {
    /// A source failed, whether another one had an ad or not.
    Failed,
    /// The answer has no usable ad.
    NoAd,
}

impl RecordingReason {
    /// All reasons.
    pub const ALL: &'static [Self] = <Self as strum::VariantArray>::VARIANTS;

    /// The name used in configuration.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    pub(super) fn holds(self, result: &FetchResult) -> bool {
        match self {
            Self::Failed => result.sources.iter().any(|source| source.outcome == Outcome::Failed),
            Self::NoAd => !result.success,
        }
    }
}
