//! The place of an exchange in a request.

use std::sync::Arc;

/// The place of an exchange in a request. It identifies the exchange in a recording, independent of its URL, which may contain random
/// values.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct ExchangePlace {
    /// The name of the source.
    #[cfg_attr(feature = "serde", serde(with = "shared_text"))]
    pub source: Arc<str>,
    /// The number of the break of the source's playlist, from 0; `None` outside of breaks.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub ad_break: Option<usize>,
    /// The number of the document in its tree; 0 is the source's own. If wrappers of a pod are followed at the same time, the servers
    /// decide which of them has which number.
    pub hop: u32,
    /// The path to the document: for each wrapper above it, the place of the wrapper among the ads of its document, from 0. Empty
    /// for the source's own document. No server decides it by its speed.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Vec::is_empty"))]
    pub path: Vec<u32>,
    /// The attempt at the document, from 1.
    pub attempt: u32,
    /// How many redirects the attempt has followed before this exchange.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "is_zero"))]
    pub redirect: u32,
}

impl ExchangePlace {
    /// The first exchange for the own document of this source.
    pub fn of_source(source: impl Into<Arc<str>>) -> Self {
        Self { source: source.into(), ad_break: None, hop: 0, path: Vec::new(), attempt: 1, redirect: 0 }
    }
}

/// A shared text. `serde` can do it only with a feature that would be on for all crates of a program.
#[cfg(feature = "serde")]
mod shared_text {
    use std::sync::Arc;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(text: &Arc<str>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(text)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Arc<str>, D::Error> {
        String::deserialize(deserializer).map(Arc::from)
    }
}

#[cfg(feature = "serde")]
#[allow(clippy::trivially_copy_pass_by_ref)] // The signature that serde requires.
fn is_zero(number: &u32) -> bool {
    *number == 0
}
