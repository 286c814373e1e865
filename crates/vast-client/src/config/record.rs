//! Which requests are recorded, and where.

use std::path::PathBuf;

use crate::error::{ConfigError, ConfigKey, ConfigPath};

/// Which requests of a client are kept as recordings in a folder: `record` of a configuration file. A client made with this
/// configuration records by itself; it needs the feature `recording`.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct RecordConfig {
    /// The folder. It is created if it does not exist.
    pub dir: PathBuf,
    /// The share of the requests that is kept, from 0 to 1. Default 0.01: every hundredth one.
    pub sample: f64,
    /// The requests that are kept besides the sample. Default: none.
    pub always: Vec<RecordingReason>,
    /// The largest number of bytes of all recordings in the folder. Default 1 GiB.
    pub max_bytes: u64,
    /// The largest number of recordings in the folder. Default 10,000: more files in one folder are hard to handle with the usual
    /// tools.
    pub max_files: usize,
}

impl RecordConfig {
    /// The default of [`sample`](Self::sample).
    pub const SAMPLE: f64 = 0.01;
    /// The default of [`max_bytes`](Self::max_bytes).
    pub const MAX_BYTES: u64 = 1 << 30;
    /// The default of [`max_files`](Self::max_files).
    pub const MAX_FILES: usize = 10_000;

    /// Records a sample of the requests to this folder.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self {
            dir: dir.into(),
            sample: Self::SAMPLE,
            always: Vec::new(),
            max_bytes: Self::MAX_BYTES,
            max_files: Self::MAX_FILES,
        }
    }
}

impl RecordConfig {
    /// Checks the settings. A client does it when it is built.
    ///
    /// # Errors
    /// A [`ConfigError`] with the wrong key and its accepted values.
    pub fn check(&self) -> Result<(), ConfigError> {
        let wrong = |key: ConfigKey, problem: &str| {
            Err(ConfigError::new(ConfigPath::from(ConfigKey::Record).entry(key.as_str()), problem))
        };
        if self.dir.as_os_str().is_empty() {
            return wrong(ConfigKey::Dir, "is missing: write the folder for the recordings");
        }
        if !(0.0..=1.0).contains(&self.sample) {
            return wrong(ConfigKey::Sample, &format!("`{}` is no share: write a number from 0 to 1", self.sample));
        }
        match (self.max_bytes, self.max_files) {
            (0, _) => wrong(ConfigKey::MaxBytes, "0 keeps no recording: leave `record` out, or write 1 or more"),
            (_, 0) => wrong(ConfigKey::MaxFiles, "0 keeps no recording: leave `record` out, or write 1 or more"),
            _ => Ok(()),
        }
    }
}

/// A reason to keep a request that is not in the sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "snake_case")]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
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
}
