//! `[[arm]]` of a configuration file.

use serde::Deserialize;

use super::ArmConfig;
use super::filter_table::FilterTable;
use super::value::DurationValue;
use crate::policy::{FetchMode, SourceOrder};

/// An arm of a split.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ArmTable {
    #[serde(default)]
    name: String,
    share: Option<f64>,
    #[serde(default)]
    sources: Vec<String>,
    order: Option<SourceOrder>,
    mode: Option<FetchMode>,
    filter: Option<FilterTable>,
    timeout: Option<DurationValue>,
}

impl ArmTable {
    /// The arm. The plan checks it, so that a file and code get the same messages: a share that is missing is no number there.
    pub(super) fn into_arm(self) -> ArmConfig {
        ArmConfig {
            order: self.order,
            mode: self.mode,
            parse_filter: self.filter.map(FilterTable::into_filter),
            timeout: self.timeout.map(|span| span.0),
            ..ArmConfig::new(self.name, self.share.unwrap_or(f64::NAN), self.sources)
        }
    }
}
