//! One thing that is wrong.

use std::fmt;

use vast_xml::Position;

/// How bad it is, in ascending order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing; nothing breaks by it.
    Info,
    /// Against a recommendation, or it works with some players and not with others.
    Warning,
    /// Against the standard, or the ad or a part of it cannot work.
    Error,
}

impl Severity {
    /// All of them, in ascending order.
    pub const ALL: [Self; 3] = [Self::Info, Self::Warning, Self::Error];

    /// A stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// Who found it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FoundBy {
    /// The parser of `vast-xml`: it had to be lenient, or could not read on.
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

/// A piece of the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Its first character.
    pub start: Position,
    /// Behind its last character.
    pub end: Position,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// The rule's id: one of ours ([`Rule::id`](crate::Rule::id), `VC-...`), or vastlint-core's, unchanged.
    pub rule: &'static str,
    /// Who found it.
    pub origin: FoundBy,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, in one line. It may quote the document: escape it before it reaches a terminal.
    pub message: String,
    /// More about this very place, where another reader saw the same and had more to say. It may quote the document.
    pub note: Option<String>,
    /// The section of the standard that says so.
    pub section: &'static str,
    /// What to do about it.
    pub help: Option<&'static str>,
    /// Where it is; none where that is not known for certain, or where it is about the document as a whole.
    pub span: Option<Span>,
}
