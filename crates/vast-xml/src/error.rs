//! Why a document gave no model at all.

use crate::Position;
use std::borrow::Cow;
use std::fmt;

/// A document could not be read.
///
/// Everything that touches only a part of a document is a [`Warning`](crate::Warning) instead.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ParseError {
    /// What kind of failure this is.
    pub kind: ParseErrorKind,
    /// Where it was noticed.
    pub position: Position,
    /// What was wrong, in words.
    pub message: Cow<'static, str>,
}

/// The closed list of reasons for a [`ParseError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ParseErrorKind {
    /// Nothing, or only blanks: an ad server's way of saying that it has no ad.
    Empty,
    /// A web page, such as an error page, a captive portal or a login form.
    Html,
    /// Not well formed XML, and no ad was complete before the damage. VAST error 100.
    NotXml,
    /// XML with a foreign root element. VAST error 101.
    NotVast,
    /// One of the [`Limits`](crate::Limits) was passed.
    Limit,
    /// The document carries a document type declaration, which VAST does not use and which is the door for entity
    /// attacks.
    Doctype,
    /// Strict mode met a deviation from the schemas. VAST error 101.
    Strict,
}

impl ParseErrorKind {
    /// The code that the standard assigns (VAST 4.3, section 2.3.6.3), to be reported to the wrappers above.
    pub fn vast_error_code(self) -> u16 {
        match self {
            ParseErrorKind::Empty => 303,
            ParseErrorKind::NotVast | ParseErrorKind::Strict => 101,
            _ => 100,
        }
    }

    /// A stable name for logs and machine-readable output.
    pub fn as_str(self) -> &'static str {
        match self {
            ParseErrorKind::Empty => "empty",
            ParseErrorKind::Html => "html",
            ParseErrorKind::NotXml => "not_xml",
            ParseErrorKind::NotVast => "not_vast",
            ParseErrorKind::Limit => "limit",
            ParseErrorKind::Doctype => "doctype",
            ParseErrorKind::Strict => "strict",
        }
    }
}

impl fmt::Display for ParseErrorKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} at {}: {}", self.kind, self.position, self.message)
    }
}

impl std::error::Error for ParseError {}
