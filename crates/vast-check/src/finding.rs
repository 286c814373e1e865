//! One finding: a mistake in the document.

use vast_xml::Position;

pub use vast_xml::Severity;

/// Who found it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FoundBy {
    /// The parser of `vast-xml`. It accepted a deviation, or it could not continue.
    Parser,
    /// Our rules on the elements of the document.
    Model,
    /// vastlint-core.
    Vastlint,
}

impl FoundBy {
    /// A stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Parser => "parser",
            Self::Model => "model",
            Self::Vastlint => "vastlint",
        }
    }
}

/// A range of the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The position of the first character.
    pub start: Position,
    /// The position after the last character.
    pub end: Position,
}

/// One finding: a mistake in the document.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// The rule's id: one of ours ([`Rule::id`](crate::Rule::id), `VC-...`), or vastlint-core's, unchanged.
    pub rule: &'static str,
    /// Who found it.
    pub origin: FoundBy,
    /// The severity of the mistake.
    pub severity: Severity,
    /// The mistake, in one line. The text may quote the document, so escape it before you print it to a terminal.
    pub message: String,
    /// The message of another checker about the same mistake, if there is one. The text may quote the document.
    pub note: Option<String>,
    /// The section of the standard that has the requirement.
    pub section: &'static str,
    /// How to correct the mistake.
    pub help: Option<&'static str>,
    /// The position of the mistake; `None` if the position is not certain or the finding concerns the whole document.
    pub span: Option<Span>,
}
