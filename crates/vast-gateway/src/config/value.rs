//! Values of the file that have another form in the configuration.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;

/// One value or a list of them.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum AddressList<T> {
    One(T),
    Many(Vec<T>),
}

impl<T: Clone> AddressList<T> {
    pub(super) fn to_vec(&self) -> Vec<T> {
        match self {
            Self::One(value) => vec![value.clone()],
            Self::Many(values) => values.clone(),
        }
    }
}

/// A key: its name, and the variable or the file with its value.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "key")]
pub(super) struct KeyTable {
    /// The name. Logs show it, and a signed tag names it as `kid`.
    pub(super) name: String,
    /// The environment variable with the value, at least 16 bytes.
    pub(super) env: Option<String>,
    /// The file with the value, instead of `env`. Spaces and line ends around the value do not count.
    pub(super) file: Option<PathBuf>,
}
