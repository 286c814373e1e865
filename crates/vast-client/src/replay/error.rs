//! [`ReplayError`]: why a recording cannot be replayed.

use std::io;

use crate::error::ConfigError;

/// Why a recording cannot be replayed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// This version cannot read the configuration of the recording, or cannot run the changed one.
    #[error("the configuration: {0}")]
    Config(ConfigError),
    /// The recorded request was dropped by its caller before it had an answer.
    #[error("the recorded request was dropped before it had an answer")]
    Unfinished,
    /// The runtime of the replay could not be started.
    #[error("the replay cannot be started: {0}")]
    Runtime(io::Error),
}
