//! A sentence of a story, with its meaning for the reader.

/// Whether a sentence is good or bad news. A renderer chooses the colour by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Tone {
    /// A usable ad.
    Good,
    /// A fact.
    Plain,
    /// An answer that gives no ad, or something that should be corrected.
    Warning,
    /// A failure.
    Bad,
    /// A fact that had no influence on the answer.
    Quiet,
}

impl Tone {
    /// A stable name: `good`, `plain`, `warning`, `bad`, `quiet`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Plain => "plain",
            Self::Warning => "warning",
            Self::Bad => "bad",
            Self::Quiet => "quiet",
        }
    }

    /// The tone of a source that ended with this outcome.
    pub const fn of(outcome: vast_client::Outcome) -> Self {
        use vast_client::Outcome;
        match outcome {
            Outcome::Filled => Self::Good,
            Outcome::NoAd | Outcome::Rejected => Self::Warning,
            Outcome::Failed => Self::Bad,
            Outcome::Cancelled | Outcome::Skipped | Outcome::NotStarted => Self::Quiet,
        }
    }
}

/// A sentence. It may quote text of strangers: a renderer must escape it ([`sanitize`](crate::sanitize) for a terminal).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Whether it is good or bad news.
    pub tone: Tone,
    /// The sentence. Configuration keys are in backticks.
    pub text: String,
}

impl Statement {
    /// A sentence with this tone.
    pub fn new(tone: Tone, text: impl Into<String>) -> Self {
        Self { tone, text: text.into() }
    }
}
