//! What was odd about a document that could be read all the same.

use crate::Position;
use std::borrow::Cow;
use std::fmt;

/// One leniency that was needed, or one part that was left out.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Warning {
    /// What kind of oddity this is.
    pub code: WarningCode,
    /// The oddity in words, with the names concerned.
    pub message: Cow<'static, str>,
    /// Where it was seen.
    pub position: Position,
}

impl fmt::Display for Warning {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} at {}: {}", self.code, self.position, self.message)
    }
}

/// How bad something is, in ascending order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
    pub const ALL: [Severity; 3] = [Severity::Info, Severity::Warning, Severity::Error];

    /// A stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// The closed list of oddities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum WarningCode {
    /// The bytes did not fit the announced character set; what could not be read became U+FFFD.
    Encoding,
    /// Something that is not XML stands before the first tag.
    LeadingJunk,
    /// Something stands after the root element; it was ignored.
    TrailingContent,
    /// The document breaks off or is not well formed; the ads before the damage were kept.
    Damaged,
    /// An element or attribute is spelled with the wrong case.
    WrongCase,
    /// An element that the standard does not have at this place; it was kept.
    UnknownElement,
    /// An element of the standard at a wrong place; it was read as if it stood where the standard has it.
    MisplacedElement,
    /// An attribute that the standard does not have at this place; it was kept.
    UnknownAttribute,
    /// A part that the standard requires is missing.
    MissingElement,
    /// An attribute that the standard requires is missing.
    MissingAttribute,
    /// An element that may stand once stands again; the first one counts unless the message says otherwise.
    DuplicateElement,
    /// An attribute stands twice in one tag; the first one counts.
    DuplicateAttribute,
    /// An attribute without a value, or in an extension one that is not well formed; it was ignored.
    BadAttribute,
    /// A value that could not be read as what it should be; it counts as absent.
    InvalidValue,
    /// A value that is not in the form of the standard but could be read.
    LooseValue,
    /// A URL element without a URL; it counts as absent.
    EmptyUrl,
    /// An ad that nothing can be made of (VAST error 101); it was left out.
    UnusableAd,
    /// An ad with both `InLine` and `Wrapper`; the `InLine` was taken.
    AmbiguousAd,
    /// Two ads of one document at the same pod position; they are kept in the order of the document.
    DuplicateSequence,
    /// A `progress` tracker without a usable offset; it can never be called.
    ProgressWithoutOffset,
    /// An ampersand that begins no entity; it was read as itself.
    DanglingAmpersand,
    /// An entity that XML does not define; it was read as it stands.
    UnknownEntity,
    /// Quotes around an attribute's value that are missing or of another kind; the value was read all the same.
    LooseQuotes,
    /// The whole document is a JSON string, or stands as one in a JSON object; it was read.
    EscapedJson,
    /// The whole document is escaped as a text, `&lt;` for `<`; it was read.
    EscapedDocument,
    /// A document type declaration that declares nothing; it was ignored.
    HarmlessDoctype,
    /// Line breaks or tabs in a URL, which were removed as browsers do.
    BrokenUrl,
    /// A VAST document that stands as text, in CDATA or escaped, where a VMAP has it as XML; it was read.
    EscapedVast,
    /// `&amp;` in a URL was taken for `&`, as asked for
    /// ([`repair_ampersands`](crate::ParseOptions::repair_ampersands)).
    EscapedAmpersand,
    /// Text between elements where only elements belong; it was ignored.
    StrayText,
    /// There were more warnings than the limit allows.
    TooManyWarnings,
}

impl WarningCode {
    /// All of them, in the order of their definition.
    pub const ALL: &'static [WarningCode] = &[
        WarningCode::Encoding,
        WarningCode::LeadingJunk,
        WarningCode::TrailingContent,
        WarningCode::Damaged,
        WarningCode::WrongCase,
        WarningCode::UnknownElement,
        WarningCode::MisplacedElement,
        WarningCode::UnknownAttribute,
        WarningCode::MissingElement,
        WarningCode::MissingAttribute,
        WarningCode::DuplicateElement,
        WarningCode::DuplicateAttribute,
        WarningCode::BadAttribute,
        WarningCode::InvalidValue,
        WarningCode::LooseValue,
        WarningCode::EmptyUrl,
        WarningCode::UnusableAd,
        WarningCode::AmbiguousAd,
        WarningCode::DuplicateSequence,
        WarningCode::ProgressWithoutOffset,
        WarningCode::DanglingAmpersand,
        WarningCode::UnknownEntity,
        WarningCode::LooseQuotes,
        WarningCode::EscapedJson,
        WarningCode::EscapedDocument,
        WarningCode::HarmlessDoctype,
        WarningCode::BrokenUrl,
        WarningCode::EscapedVast,
        WarningCode::EscapedAmpersand,
        WarningCode::StrayText,
        WarningCode::TooManyWarnings,
    ];

    /// A stable name for logs and machine-readable output.
    pub fn as_str(self) -> &'static str {
        match self {
            WarningCode::Encoding => "encoding",
            WarningCode::LeadingJunk => "leading_junk",
            WarningCode::TrailingContent => "trailing_content",
            WarningCode::Damaged => "damaged",
            WarningCode::WrongCase => "wrong_case",
            WarningCode::UnknownElement => "unknown_element",
            WarningCode::MisplacedElement => "misplaced_element",
            WarningCode::UnknownAttribute => "unknown_attribute",
            WarningCode::MissingElement => "missing_element",
            WarningCode::MissingAttribute => "missing_attribute",
            WarningCode::DuplicateElement => "duplicate_element",
            WarningCode::DuplicateAttribute => "duplicate_attribute",
            WarningCode::BadAttribute => "bad_attribute",
            WarningCode::InvalidValue => "invalid_value",
            WarningCode::LooseValue => "loose_value",
            WarningCode::EmptyUrl => "empty_url",
            WarningCode::UnusableAd => "unusable_ad",
            WarningCode::AmbiguousAd => "ambiguous_ad",
            WarningCode::DuplicateSequence => "duplicate_sequence",
            WarningCode::ProgressWithoutOffset => "progress_without_offset",
            WarningCode::DanglingAmpersand => "dangling_ampersand",
            WarningCode::UnknownEntity => "unknown_entity",
            WarningCode::LooseQuotes => "loose_quotes",
            WarningCode::EscapedJson => "escaped_json",
            WarningCode::EscapedDocument => "escaped_document",
            WarningCode::HarmlessDoctype => "harmless_doctype",
            WarningCode::BrokenUrl => "broken_url",
            WarningCode::EscapedVast => "escaped_vast",
            WarningCode::EscapedAmpersand => "escaped_ampersand",
            WarningCode::StrayText => "stray_text",
            WarningCode::TooManyWarnings => "too_many_warnings",
        }
    }

    /// How bad it is. [`Severity::Error`]: trackers, types, media or ads may be lost by it, or XML parsers refuse the whole
    /// document for it, so that most players show no ad. `vast-check` reports it with the same severity.
    pub fn severity(self) -> Severity {
        match self {
            WarningCode::HarmlessDoctype | WarningCode::TooManyWarnings => Severity::Info,
            WarningCode::WrongCase
            | WarningCode::UnknownElement
            | WarningCode::MisplacedElement
            | WarningCode::UnknownAttribute
            | WarningCode::DuplicateElement
            | WarningCode::LooseValue
            | WarningCode::EmptyUrl
            | WarningCode::DuplicateSequence
            | WarningCode::BrokenUrl
            | WarningCode::EscapedVast
            | WarningCode::EscapedAmpersand
            | WarningCode::StrayText => Severity::Warning,
            WarningCode::Encoding
            | WarningCode::LeadingJunk
            | WarningCode::TrailingContent
            | WarningCode::Damaged
            | WarningCode::MissingElement
            | WarningCode::MissingAttribute
            | WarningCode::DuplicateAttribute
            | WarningCode::BadAttribute
            | WarningCode::InvalidValue
            | WarningCode::UnusableAd
            | WarningCode::AmbiguousAd
            | WarningCode::ProgressWithoutOffset
            | WarningCode::DanglingAmpersand
            | WarningCode::UnknownEntity
            | WarningCode::LooseQuotes
            | WarningCode::EscapedJson
            | WarningCode::EscapedDocument => Severity::Error,
        }
    }

    /// Whether strict mode refuses the document for it. Empty URLs and more warnings than can be counted are legal XML
    /// by the schemas, only useless.
    pub fn is_deviation(self) -> bool {
        !matches!(self, WarningCode::EmptyUrl | WarningCode::TooManyWarnings)
    }
}

impl fmt::Display for WarningCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}
