//! Values of the file that have another form in the configuration.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::de::{self, Deserialize, Deserializer};

use super::listen_address::ListenAddress;

/// One address or a list of them.
#[derive(Debug, Clone, serde::Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum AddressList {
    One(String),
    Many(Vec<String>),
}

/// The addresses in an [`AddressList`].
#[derive(Debug)]
pub(super) struct ListenList(pub(super) Vec<ListenAddress>);

impl<'de> Deserialize<'de> for ListenList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let texts = match AddressList::deserialize(deserializer)? {
            AddressList::One(text) => vec![text],
            AddressList::Many(texts) => texts,
        };
        let addresses: Result<_, String> = texts.iter().map(|text| text.parse()).collect();
        addresses.map(Self).map_err(de::Error::custom)
    }
}

/// A key: its name, and the variable or the file with its value.
#[derive(Debug, serde::Deserialize, JsonSchema)]
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
