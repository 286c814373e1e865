//! One thing that is wrong.

use vast_xml::Position;

pub use vast_xml::Severity;

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
