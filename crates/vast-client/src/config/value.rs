//! Values of a configuration file whose mistakes deserve better words than a type error.

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};

use super::{FetchMode, parse_duration};
use crate::SourceOrder;
use crate::request::{IfaPolicy, IpPolicy, UserAgentPolicy};
use crate::select::MediaType;

/// A duration with a unit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span(pub(super) Duration);

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SpanVisitor)
    }
}

struct SpanVisitor;

impl Visitor<'_> for SpanVisitor {
    type Value = Span;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a duration such as \"1500ms\" or \"3s\"")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Span, E> {
        parse_duration(text).map(Span).map_err(E::custom)
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Span, E> {
        Err(E::custom(format!("`{number}` has no unit: write \"{number}s\" or \"{number}ms\"")))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Span, E> {
        Err(E::custom(format!("`{number}` has no unit: write \"{number}s\" or \"{number}ms\"")))
    }
}

/// A value of a closed set, by name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Named<T>(pub(super) T);

/// A closed set whose members have names.
pub(super) trait Names: Copy + 'static {
    const NAMES: &'static [(&'static str, Self)];
}

impl Names for FetchMode {
    const NAMES: &'static [(&'static str, Self)] = &[
        (Self::Parallel.as_str(), Self::Parallel),
        (Self::Sequential.as_str(), Self::Sequential),
        (Self::Race.as_str(), Self::Race),
        (Self::Staggered.as_str(), Self::Staggered),
        (Self::Collect.as_str(), Self::Collect),
    ];
}

impl Names for SourceOrder {
    const NAMES: &'static [(&'static str, Self)] =
        &[("listed", Self::Listed), ("weighted", Self::Weighted), ("fastest", Self::Fastest), ("split", Self::Split)];
}

impl Names for MediaType {
    const NAMES: &'static [(&'static str, Self)] =
        &[("video", Self::Video), ("audio", Self::Audio), ("all", Self::All)];
}

impl Names for IpPolicy {
    const NAMES: &'static [(&'static str, Self)] =
        &[("full", Self::Full), ("truncate", Self::Truncate), ("none", Self::None)];
}

impl Names for UserAgentPolicy {
    const NAMES: &'static [(&'static str, Self)] =
        &[("full", Self::Full), ("generalise", Self::Generalise), ("none", Self::None)];
}

impl Names for IfaPolicy {
    const NAMES: &'static [(&'static str, Self)] = &[("pass", Self::Pass), ("hash", Self::Hash), ("drop", Self::Drop)];
}

impl<'de, T: Names> Deserialize<'de> for Named<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(NamedVisitor(PhantomData))
    }
}

struct NamedVisitor<T>(PhantomData<T>);

impl<T: Names> Visitor<'_> for NamedVisitor<T> {
    type Value = Named<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "one of {}", list::<T>())
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Named<T>, E> {
        let found = T::NAMES.iter().find(|(name, _)| *name == text);
        found
            .map(|(_, value)| Named(*value))
            .ok_or_else(|| E::custom(format!("`{text}` is not one of {}", list::<T>())))
    }
}

fn list<T: Names>() -> String {
    T::NAMES.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}

/// A size in pixels: `1920x1080`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dimensions(pub(super) (u32, u32));

impl<'de> Deserialize<'de> for Dimensions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        parse_dimensions(&text).map(Self).map_err(de::Error::custom)
    }
}

/// Reads a size in pixels: `1920x1080`.
///
/// # Errors
/// A sentence that says what would be right.
pub fn parse_dimensions(text: &str) -> Result<(u32, u32), String> {
    let sides = text.trim().split_once(['x', 'X']);
    sides
        .and_then(|(width, height)| Some((width.trim().parse().ok()?, height.trim().parse().ok()?)))
        .ok_or_else(|| format!("`{text}` is not a size: write for example `1920x1080`"))
}

/// A text, number or truth value, as text.
#[derive(Debug, Clone)]
pub(super) struct Scalar(pub(super) String);

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor)
    }
}

struct ScalarVisitor;

impl Visitor<'_> for ScalarVisitor {
    type Value = Scalar;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a number, true or false")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Scalar, E> {
        Ok(Scalar(text.to_owned()))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Scalar, E> {
        Ok(Scalar(number.to_string()))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Scalar, E> {
        Ok(Scalar(number.to_string()))
    }

    fn visit_bool<E: de::Error>(self, truth: bool) -> Result<Scalar, E> {
        Ok(Scalar(truth.to_string()))
    }
}

/// One value or a list of them.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
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
