//! Types that TOML does not have: durations with a unit, delays, headers that may repeat.

use std::fmt;
use std::time::Duration;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::delay::Delay;
use super::scenario::Sink;

/// `"200ms"`, `"1.5s"`, `"1m 30s"`.
#[derive(Clone, Copy)]
pub(crate) struct DurationText(pub(crate) Duration);

/// A duration, or a table with one distribution.
#[derive(Clone, Copy)]
pub(crate) struct DelayValue(pub(crate) Delay);

/// A table of names, each with a text or a list of texts.
#[derive(Default)]
pub(crate) struct HeaderTable(pub(crate) Vec<(String, String)>);

/// `true`, `false` or `"gif"`.
#[derive(Default)]
pub(crate) struct SinkValue(pub(crate) Option<Sink>);

#[derive(serde::Deserialize)]
#[serde(rename_all = "lowercase")]
enum Distribution {
    Uniform(DurationText, DurationText),
    Normal(DurationText, DurationText),
    Pareto(DurationText, f64),
}

fn parse_duration(text: &str) -> Result<Duration, String> {
    let signed: jiff::SignedDuration =
        text.parse().map_err(|_| format!("`{text}` is not a duration; write \"200ms\", \"1.5s\" or \"1m 30s\""))?;
    Duration::try_from(signed).map_err(|_| format!("`{text}` is negative"))
}

impl<'de> Deserialize<'de> for DurationText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(DurationTextVisitor)
    }
}

struct DurationTextVisitor;

impl Visitor<'_> for DurationTextVisitor {
    type Value = DurationText;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a duration with its unit in quotes, like \"200ms\" or \"1.5s\"")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<DurationText, E> {
        parse_duration(text).map(DurationText).map_err(E::custom)
    }
}

impl<'de> Deserialize<'de> for DelayValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(DelayVisitor)
    }
}

struct DelayVisitor;

impl<'de> Visitor<'de> for DelayVisitor {
    type Value = DelayValue;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(
            "a duration with its unit in quotes, or { uniform = [..] }, { normal = [..] }, { pareto = [..] }",
        )
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<DelayValue, E> {
        parse_duration(text).map(|duration| DelayValue(duration.into())).map_err(E::custom)
    }

    fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<DelayValue, M::Error> {
        Distribution::deserialize(MapAccessDeserializer::new(map)).map(|drawn| DelayValue(drawn.into()))
    }
}

impl From<Distribution> for Delay {
    fn from(distribution: Distribution) -> Self {
        match distribution {
            Distribution::Uniform(from, to) => Self::Uniform { from: from.0, to: to.0 },
            Distribution::Normal(mean, deviation) => Self::Normal { mean: mean.0, deviation: deviation.0 },
            Distribution::Pareto(scale, shape) => Self::Pareto { scale: scale.0, shape },
        }
    }
}

impl<'de> Deserialize<'de> for HeaderTable {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(HeaderVisitor)
    }
}

struct HeaderVisitor;

impl<'de> Visitor<'de> for HeaderVisitor {
    type Value = HeaderTable;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a table of header names and values")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<HeaderTable, M::Error> {
        let mut headers = Vec::new();
        while let Some((name, HeaderValues(values))) = map.next_entry::<String, HeaderValues>()? {
            headers.extend(values.into_iter().map(|value| (name.clone(), value)));
        }
        Ok(HeaderTable(headers))
    }
}

/// One text or a list of texts.
struct HeaderValues(Vec<String>);

impl<'de> Deserialize<'de> for HeaderValues {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(HeaderValuesVisitor)
    }
}

struct HeaderValuesVisitor;

impl<'de> Visitor<'de> for HeaderValuesVisitor {
    type Value = HeaderValues;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a text or a list of texts")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<HeaderValues, E> {
        Ok(HeaderValues(vec![text.to_owned()]))
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut list: S) -> Result<HeaderValues, S::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element()? {
            values.push(value);
        }
        Ok(HeaderValues(values))
    }
}

impl<'de> Deserialize<'de> for SinkValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SinkVisitor)
    }
}

struct SinkVisitor;

impl Visitor<'_> for SinkVisitor {
    type Value = SinkValue;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("true, false or \"gif\"")
    }

    fn visit_bool<E: Error>(self, on: bool) -> Result<SinkValue, E> {
        Ok(SinkValue(on.then_some(Sink::NoContent)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<SinkValue, E> {
        match text {
            "gif" => Ok(SinkValue(Some(Sink::Gif))),
            _ => Err(E::invalid_value(serde::de::Unexpected::Str(text), &self)),
        }
    }
}
