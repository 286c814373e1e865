//! The tables of the file that name secrets, and the table of the outbox.

use std::path::PathBuf;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::{self, Deserializer};
use serde_json::Value;

/// The outbox of the beacons that the gateway delivers.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "outbox")]
pub(super) struct OutboxTable {
    /// The file. It is created if it does not exist, and used by one process at a time. The gateway writes a second file beside it,
    /// `PATH.commits`. Without this table the outbox is in memory, and a crash loses the beacons that wait.
    pub(super) path: PathBuf,
}

/// A secret that seals the trackers of answers. The first one of the file seals, all of them open.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "secret")]
pub(super) struct SecretTable {
    /// The character that names the secret in each token: a letter, a digit, `-` or `_`.
    #[schemars(schema_with = "id_schema")]
    pub(super) id: SecretId,
    /// The environment variable with the value. The value has at least 32 bytes; `vast serve --new-secret` prints one. `env` or `file` is
    /// needed.
    pub(super) env: Option<String>,
    /// The file with the value, instead of `env`. Spaces and line ends around the value do not count.
    pub(super) file: Option<PathBuf>,
}

fn id_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": ["string", "integer"] })
}

/// A character, or a number of one digit.
#[derive(Debug, Clone, Copy)]
pub(super) struct SecretId(pub(super) char);

impl<'de> Deserialize<'de> for SecretId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = match Value::deserialize(deserializer)? {
            Value::String(text) => text,
            other => other.to_string(),
        };
        let mut chars = text.chars();
        match (chars.next(), chars.next()) {
            (Some(id), None) => Ok(Self(id)),
            _ => Err(de::Error::custom(format!("`{text}` is not an id: use one letter or digit, `-` or `_`"))),
        }
    }
}
