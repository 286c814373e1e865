//! `[record]` of a configuration file.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::record::{RecordConfig, RecordingReason};
use crate::error::{ConfigError, ConfigKey, ConfigPath};

/// Which requests are recorded, and where.
#[derive(Debug, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RecordTable {
    dir: Option<PathBuf>,
    sample: Option<f64>,
    always: Vec<RecordingReason>,
    max_bytes: Option<u64>,
    max_files: Option<usize>,
}

impl RecordTable {
    /// The settings. A relative folder is taken from `base`.
    ///
    /// # Errors
    /// A [`ConfigError`] for a table without a folder, and for a number out of its range.
    pub(super) fn into_config(self, base: &Path) -> Result<RecordConfig, ConfigError> {
        let wrong = |key: ConfigKey, problem: String| {
            Err(ConfigError::new(ConfigPath::from(ConfigKey::Record).entry(key.as_str()), problem))
        };
        let Some(dir) = self.dir else {
            return wrong(ConfigKey::Dir, "is missing: write the folder for the recordings".to_owned());
        };
        let default = RecordConfig::new(base.join(dir));
        let sample = self.sample.unwrap_or(default.sample);
        if !(0.0..=1.0).contains(&sample) {
            return wrong(
                ConfigKey::Sample,
                format!("`{sample}` is no share: write a number from 0 to 1, such as 0.01"),
            );
        }
        if self.max_bytes == Some(0) || self.max_files == Some(0) {
            let key = if self.max_bytes == Some(0) { ConfigKey::MaxBytes } else { ConfigKey::MaxFiles };
            return wrong(key, "0 keeps no recording: leave `record` out, or write 1 or more".to_owned());
        }
        Ok(RecordConfig {
            sample,
            always: self.always,
            max_bytes: self.max_bytes.unwrap_or(default.max_bytes),
            max_files: self.max_files.unwrap_or(default.max_files),
            ..default
        })
    }
}
