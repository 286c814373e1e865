//! A difference between two documents or two answers, and how they are compared.

use std::fmt;

/// How two documents, or the answers to two requests, are compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DiffOptions {
    /// Whether values that change with each request count too. Default `false`.
    pub exact: bool,
}

impl DiffOptions {
    /// Sets [`exact`](Self::exact).
    #[must_use]
    pub fn with_exact(mut self, exact: bool) -> Self {
        self.exact = exact;
        self
    }
}

/// What a difference is about: a part of an ad, or the sources of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DiffPart {
    /// The sources of a request: which one won, and how each of them ended. Documents have none.
    Source,
    /// The ad itself: its id, title, price, length. Of a playlist also its breaks.
    Ad,
    /// What is shown: media files, companions, icons.
    Media,
    /// A URL that is called at an event.
    Tracker,
    /// A URL that is opened or called with a click.
    Click,
    /// A verification of a vendor.
    Verification,
}

impl DiffPart {
    /// The name: `source`, `ad`, `media`, `tracker`, `click`, `verification`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Ad => "ad",
            Self::Media => "media",
            Self::Tracker => "tracker",
            Self::Click => "click",
            Self::Verification => "verification",
        }
    }
}

impl fmt::Display for DiffPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One value that only one of the documents or answers has, or that is another one in the second of them.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[non_exhaustive]
pub struct DiffRow {
    /// The ad, with its break in a playlist: its title or id. Absent for the document or request as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub ad: Option<String>,
    /// What the difference is about.
    pub part: DiffPart,
    /// What the value is, for example `title`, `start`, `companion 300x250 click-through`, or `winner`.
    pub name: String,
    /// The value in the first document or answer; absent if only the second one has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub a: Option<String>,
    /// The value in the second document or answer; absent if only the first one has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub b: Option<String>,
}
