//! The tables of the file that name secrets, and the table of the outbox.

use std::path::PathBuf;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::{self, Deserializer};
use serde_json::Value;

/// `[outbox]`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "outbox")]
pub(super) struct OutboxTable {
    pub(super) path: PathBuf,
}

/// `[[secret]]`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "secret")]
pub(super) struct SecretTable {
    #[schemars(schema_with = "id_schema")]
    pub(super) id: SecretId,
    pub(super) env: Option<String>,
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

/// A key: its name, and the variable or the file with its value.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "key")]
pub(super) struct KeyTable {
    pub(super) name: String,
    pub(super) env: Option<String>,
    pub(super) file: Option<PathBuf>,
}
