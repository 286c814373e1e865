//! `[record]` of a configuration file.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::record::{RecordConfig, RecordingReason};

/// Which requests are recorded, and where.
#[derive(Debug, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RecordTable {
    always: Vec<RecordingReason>,
    dir: PathBuf,
    sample: Option<f64>,
    max_bytes: Option<u64>,
    max_files: Option<usize>,
}

impl RecordTable {
    /// The settings. A relative folder is taken from `base`. The client checks them, so that a file and code get the same messages.
    pub(super) fn into_config(self, base: &Path) -> RecordConfig {
        let dir = if self.dir.as_os_str().is_empty() { self.dir } else { base.join(self.dir) };
        let default = RecordConfig::new(dir);
        RecordConfig {
            sample: self.sample.unwrap_or(default.sample),
            always: self.always,
            max_bytes: self.max_bytes.unwrap_or(default.max_bytes),
            max_files: self.max_files.unwrap_or(default.max_files),
            ..default
        }
    }
}
