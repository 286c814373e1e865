//! A difference between two documents, and how they are compared.

use std::fmt;

/// How two documents are compared.
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

/// A part of an ad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DiffPart {
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
    /// The name: `ad`, `media`, `tracker`, `click`, `verification`.
    pub fn as_str(self) -> &'static str {
        match self {
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

/// One value that only one of the documents has, or that is another one in the second document.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct DocumentDifference {
    /// The ad, with its break in a playlist: its title or id. `None` for the document as a whole.
    pub ad: Option<String>,
    /// The part of the ad.
    pub part: DiffPart,
    /// What the value is, for example `title`, `start` or `companion 300x250 click-through`.
    pub name: String,
    /// The value in the first document; `None` if only the second one has it.
    pub a: Option<String>,
    /// The value in the second document; `None` if only the first one has it.
    pub b: Option<String>,
}
