//! The configuration in use and what a reload would change: `/config` and `/api/config`. Secrets are hidden.

use std::time::SystemTime;

use jiff::{Timestamp, Unit};
use schemars::JsonSchema;
use serde::Serialize;

use crate::config::{ChangedSetting, SettingRows, changes, settings};
use crate::reload::Reloader;
use crate::state::GatewayState;

/// The largest number of settings and of changes that are shown.
const MOST_ROWS: usize = 5_000;

/// The configuration in use.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ConfigReport {
    /// The version of this JSON form: 1.
    schema: u32,
    /// The number of the configuration.
    pub(super) generation: usize,
    /// Since when it is in use, as RFC 3339.
    pub(super) since: String,
    /// Why the newest file is not in use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) problem: Option<String>,
    /// What has changed and needs a restart: keys of `[server]`, `[outbox]`, `[telemetry]` and `[cluster]`.
    pub(super) needs_restart: Vec<&'static str>,
    /// The settings that are in use, without what operators have changed by hand.
    pub(super) settings: Vec<SettingRow>,
    /// What the file has now.
    pub(super) file: FileState,
    /// What a reload would change now.
    pub(super) changes: Vec<ChangeRow>,
}

/// A setting.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct SettingRow {
    /// Its place, as `server.max_lag`.
    pub(super) key: String,
    /// The value. What may be secret is `...`, keys and secrets are the beginning of their SHA-256 hash.
    pub(super) value: String,
}

/// A setting that a reload would change.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ChangeRow {
    /// Its place, as `server.max_lag`.
    pub(super) key: String,
    /// The value in use; none if it is not set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) running: Option<String>,
    /// The value in the file; none if it is not set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) file: Option<String>,
}

/// The state of the configuration file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FileState {
    /// The gateway was started without a file.
    None,
    /// It can be used.
    Right,
    /// It cannot be used, for this reason.
    Wrong(String),
}

impl ConfigReport {
    /// Reads the file, but uses nothing of it.
    pub(super) async fn read(state: &GatewayState, reloader: Option<&Reloader>) -> Self {
        let generation = state.generation();
        let running = settings(generation.config());
        let pending = match reloader {
            Some(reloader) => Some(reloader.pending().await),
            None => None,
        };
        let (file, changes) = match pending {
            None => (FileState::None, Vec::new()),
            Some(Ok(config)) => (FileState::Right, rows_of(&running, &settings(&config))),
            Some(Err(error)) => (FileState::Wrong(error.to_string()), Vec::new()),
        };
        let row = |(key, value): (&String, _)| SettingRow { key: key.clone(), value };
        Self {
            schema: 1,
            generation: generation.number,
            since: time(generation.since),
            problem: state.config_problem(),
            needs_restart: state.needs_restart(),
            settings: running.iter().map(|(key, value)| row((key, value.shown.clone()))).take(MOST_ROWS).collect(),
            file,
            changes,
        }
    }
}

fn rows_of(running: &SettingRows, newer: &SettingRows) -> Vec<ChangeRow> {
    let row = |ChangedSetting { key, running, newer }| ChangeRow { key, running, file: newer };
    changes(running, newer).into_iter().map(row).take(MOST_ROWS).collect()
}

/// The time as RFC 3339, in milliseconds.
pub(super) fn time(at: SystemTime) -> String {
    let time = Timestamp::try_from(at).ok().and_then(|time| time.round(Unit::Millisecond).ok());
    time.map(|time| time.to_string()).unwrap_or_default()
}
