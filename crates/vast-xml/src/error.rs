//! The errors for documents that cannot be read into a model.

use crate::position::Position;
use std::borrow::Cow;
use std::fmt;

/// A document could not be read.
///
/// A problem that affects only a part of a document is a [`Warning`](crate::Warning) instead.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ParseError {
    /// The kind of the failure.
    pub kind: ParseErrorKind,
    /// The position at which the failure was detected.
    pub position: Position,
    /// A description of the failure for people.
    pub message: Cow<'static, str>,
}

/// The reasons for a [`ParseError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ParseErrorKind {
    /// The input is empty or only white space. Some ad servers answer like this when they have no ad. VAST error 303.
    Empty,
    /// The input is a web page, such as an error page, a captive portal or a login form.
    Html,
    /// The input is not well-formed XML, and no ad is complete before the first XML error. VAST error 100.
    NotXml,
    /// The input is XML, but its root element is not that of a VAST document (or of a VMAP document, where VMAP is read). VAST
    /// error 101.
    NotVast,
    /// The document exceeds one of the [`Limits`](crate::Limits).
    Limit,
    /// The document has a document type declaration (`<!DOCTYPE`). VAST does not use it, and it makes entity attacks
    /// possible.
    Doctype,
    /// The document deviates from the schemas, and strict mode is on. VAST error 101.
    Strict,
}

impl ParseErrorKind {
    /// The error code of the standard (VAST 4.3, section 2.3.6.3), for the `Error` URLs of the wrappers that led to the document.
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
