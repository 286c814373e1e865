//! Values of a configuration file that need a better error message than that of their type.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};

use super::{parse_dimensions, parse_duration};
use crate::error::{ConfigError, ConfigKey, ConfigPath};
use crate::request::ForeignMacros;

/// A duration of a configuration file, with a unit: `"1500ms"` or `"3s"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DurationValue(pub Duration);

impl<'de> Deserialize<'de> for DurationValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(DurationVisitor)
    }
}

struct DurationVisitor;

impl Visitor<'_> for DurationVisitor {
    type Value = DurationValue;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a duration such as \"1500ms\" or \"3s\"")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<DurationValue, E> {
        parse_duration(text).map(DurationValue).map_err(E::custom)
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<DurationValue, E> {
        Err(E::custom(format!("`{number}` has no unit: write \"{number}s\" or \"{number}ms\"")))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<DurationValue, E> {
        Err(E::custom(format!("`{number}` has no unit: write \"{number}s\" or \"{number}ms\"")))
    }
}

/// A size in pixels: `1920x1080`.
#[derive(Debug, Clone, Copy)]
pub(super) struct DimensionsValue(pub(super) (u32, u32));

impl<'de> Deserialize<'de> for DimensionsValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        parse_dimensions(&text).map(Self).map_err(de::Error::custom)
    }
}

/// A MIME type: `video/mp4`.
#[derive(Debug)]
pub(super) struct MimeTypeValue(pub(super) String);

impl<'de> Deserialize<'de> for MimeTypeValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let is_type = text.split_once('/').is_some_and(|(kind, subtype)| !kind.is_empty() && !subtype.is_empty());
        let problem = || de::Error::custom(format!("`{text}` is not a MIME type: write for example `video/mp4`"));
        if is_type { Ok(Self(text)) } else { Err(problem()) }
    }
}

/// A word that is not empty. A list in one text is refused.
#[derive(Debug)]
pub(super) struct WordValue(pub(super) String);

impl<'de> Deserialize<'de> for WordValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match text.trim() {
            "" => Err(de::Error::custom("an entry is empty: leave it out, or write a value")),
            list if list.contains(',') => {
                Err(de::Error::custom(format!("`{list}` is a list: write one entry for each value")))
            }
            _ => Ok(Self(text)),
        }
    }
}

/// A text, a number or a boolean, as text.
#[derive(Debug, Clone)]
pub(super) struct TextValue(pub(super) String);

impl<'de> Deserialize<'de> for TextValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor)
    }
}

struct TextVisitor;

impl Visitor<'_> for TextVisitor {
    type Value = TextValue;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a number, true or false")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<TextValue, E> {
        Ok(TextValue(text.to_owned()))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<TextValue, E> {
        Ok(TextValue(number.to_string()))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<TextValue, E> {
        Ok(TextValue(number.to_string()))
    }

    fn visit_bool<E: de::Error>(self, truth: bool) -> Result<TextValue, E> {
        Ok(TextValue(truth.to_string()))
    }
}

/// The foreign macros of a table of tokens and values.
///
/// # Errors
/// The first token that cannot be declared.
pub(super) fn foreign_macros(table: &BTreeMap<String, TextValue>) -> Result<ForeignMacros, ConfigError> {
    let mut foreign = ForeignMacros::default();
    for (token, TextValue(value)) in table {
        let path = || ConfigPath::from(ConfigKey::ForeignMacros).entry(format!("{token:?}"));
        foreign.declare(token, value).map_err(|error| ConfigError::new(path(), error.to_string()))?;
    }
    Ok(foreign)
}

/// One value or a list of them.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "is neither one value of this key nor a list of them")]
pub(super) enum OneOrMany<T> {
    Many(Vec<T>),
    One(T),
}

impl<T> IntoIterator for OneOrMany<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        match self {
            Self::Many(values) => values,
            Self::One(value) => vec![value],
        }
        .into_iter()
    }
}
