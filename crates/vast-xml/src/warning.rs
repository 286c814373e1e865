//! Warnings: deviations in a document that could still be read.

use crate::position::Position;
use std::borrow::Cow;
use std::fmt;

/// One deviation that the reader accepted, or one part that it left out.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Warning {
    /// The kind of the deviation.
    pub code: WarningCode,
    /// A description for people, with the names of the elements and attributes.
    pub message: Cow<'static, str>,
    /// The position of the deviation.
    pub position: Position,
}

impl fmt::Display for Warning {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} at {}: {}", self.code, self.position, self.message)
    }
}

/// The severity of a deviation or finding, in ascending order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Harmless, but useful to know.
    Info,
    /// Contrary to a recommendation, or works only with some players.
    Warning,
    /// Contrary to the standard, or the ad or a part of it cannot work.
    Error,
}

impl Severity {
    /// All severities, in ascending order.
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

/// The kinds of deviations that the reader accepts with a warning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum WarningCode {
    /// Some bytes do not fit the announced character set; they became U+FFFD.
    Encoding,
    /// There is text that is not XML before the first tag; it was ignored.
    LeadingJunk,
    /// There is content after the root element; it was ignored.
    TrailingContent,
    /// The document is truncated or not well formed; the ads before the damage were kept.
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
    /// An element is repeated that may occur only once; the first one is used unless the message says otherwise.
    DuplicateElement,
    /// An attribute occurs twice in one tag; the first one is used.
    DuplicateAttribute,
    /// An attribute without a value, or an attribute in an extension that is not well formed; it was ignored.
    BadAttribute,
    /// A value that does not have the required type and cannot be read; it counts as absent.
    InvalidValue,
    /// A value that is not in the form of the standard but could be read.
    LooseValue,
    /// A URL element without a URL; it counts as absent.
    EmptyUrl,
    /// An ad without usable content (VAST error 101); it was left out.
    UnusableAd,
    /// An ad with both `InLine` and `Wrapper`; the `InLine` is used.
    AmbiguousAd,
    /// Two ads of one document at the same pod position; they are kept in the order of the document.
    DuplicateSequence,
    /// A `progress` tracker without a usable offset; it can never be called.
    ProgressWithoutOffset,
    /// An ampersand that begins no entity; it was read as an ordinary character.
    DanglingAmpersand,
    /// An entity that XML does not define; it stays unchanged in the text.
    UnknownEntity,
    /// A value without quotes, or with quotes that XML does not allow; it was read.
    LooseQuotes,
    /// The whole document is inside a JSON string; it was read.
    EscapedJson,
    /// The whole document is escaped: `&lt;` stands for `<`; it was read.
    EscapedDocument,
    /// A document of DAAST, the standard for audio ads that was merged into VAST 4.1; it was read as VAST.
    Daast,
    /// A document type declaration that declares nothing; it was ignored.
    HarmlessDoctype,
    /// Line breaks or tabs in a URL; they were removed, as browsers do.
    BrokenUrl,
    /// VAST in a VMAP as text (in CDATA or escaped) instead of as XML; it was read.
    EscapedVast,
    /// `&amp;` in a URL was replaced by `&`, because [`repair_ampersands`](crate::ParseOptions::repair_ampersands) is
    /// on.
    EscapedAmpersand,
    /// Text between elements where only elements belong; it was ignored.
    StrayText,
    /// There were more warnings than the limit; the others were left out.
    TooManyWarnings,
}

impl WarningCode {
    /// All codes, in the order of their definition.
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
        WarningCode::Daast,
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
            WarningCode::Daast => "daast",
            WarningCode::HarmlessDoctype => "harmless_doctype",
            WarningCode::BrokenUrl => "broken_url",
            WarningCode::EscapedVast => "escaped_vast",
            WarningCode::EscapedAmpersand => "escaped_ampersand",
            WarningCode::StrayText => "stray_text",
            WarningCode::TooManyWarnings => "too_many_warnings",
        }
    }

    /// The severity of this deviation. [`Severity::Error`] means that trackers, types, media or ads may be lost, or
    /// that XML parsers refuse the whole document, so that most players show no ad. `vast-check` uses the same
    /// severity.
    pub fn severity(self) -> Severity {
        match self {
            WarningCode::HarmlessDoctype | WarningCode::TooManyWarnings => Severity::Info,
            WarningCode::WrongCase
            | WarningCode::UnknownElement
            | WarningCode::MisplacedElement
            | WarningCode::Daast
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

    /// Whether strict mode refuses a document with this deviation. It does not refuse empty URLs, because the schemas
    /// allow them, nor too many warnings, because these are not a separate deviation.
    pub fn is_deviation(self) -> bool {
        !matches!(self, WarningCode::EmptyUrl | WarningCode::TooManyWarnings)
    }
}

impl fmt::Display for WarningCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}
