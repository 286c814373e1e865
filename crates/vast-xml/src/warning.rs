//! What was odd about a document that could be read all the same.

use crate::Position;
use std::borrow::Cow;
use std::fmt;

/// One leniency that was needed, or one part that was left out.
#[derive(Clone, Debug, PartialEq, Eq)]
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

/// Each code with its stable name and its severity.
macro_rules! codes {
    ($($(#[doc = $doc:literal])* $code:ident = $name:literal, $severity:ident;)*) => {
        /// The closed list of oddities.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum WarningCode {
            $($(#[doc = $doc])* $code,)*
        }

        impl WarningCode {
            /// All of them, in the order of their definition.
            pub const ALL: &'static [WarningCode] = &[$(WarningCode::$code),*];

            /// A stable name for logs and machine-readable output.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(WarningCode::$code => $name,)*
                }
            }

            /// How bad it is: [`Severity::Error`] where strict parsers refuse the document, or where trackers, types, media or
            /// ads may be lost by it.
            pub fn severity(self) -> Severity {
                match self {
                    $(WarningCode::$code => Severity::$severity,)*
                }
            }
        }
    };
}

codes! {
    /// The bytes did not fit the announced character set; what could not be read became U+FFFD.
    Encoding = "encoding", Error;
    /// Something that is not XML stands before the first tag.
    LeadingJunk = "leading_junk", Error;
    /// Something stands after the root element; it was ignored.
    TrailingContent = "trailing_content", Error;
    /// The document breaks off or is not well formed; the ads before the damage were kept.
    Damaged = "damaged", Error;
    /// An element or attribute is spelled with the wrong case.
    WrongCase = "wrong_case", Warning;
    /// An element that the standard does not have at this place; it was kept.
    UnknownElement = "unknown_element", Warning;
    /// An attribute that the standard does not have at this place; it was kept.
    UnknownAttribute = "unknown_attribute", Warning;
    /// A part that the standard requires is missing.
    MissingElement = "missing_element", Error;
    /// An attribute that the standard requires is missing.
    MissingAttribute = "missing_attribute", Error;
    /// An element that may stand once stands again; the first one counts unless the message says otherwise.
    DuplicateElement = "duplicate_element", Warning;
    /// An attribute stands twice in one tag; the first one counts.
    DuplicateAttribute = "duplicate_attribute", Error;
    /// An attribute without a value, or in an extension one that is not well formed; it was ignored.
    BadAttribute = "bad_attribute", Error;
    /// A value that could not be read as what it should be; it counts as absent.
    InvalidValue = "invalid_value", Error;
    /// A value that is not in the form of the standard but could be read.
    LooseValue = "loose_value", Warning;
    /// A URL element without a URL; it counts as absent.
    EmptyUrl = "empty_url", Warning;
    /// An ad that nothing can be made of (VAST error 101); it was left out.
    UnusableAd = "unusable_ad", Error;
    /// An ad with both `InLine` and `Wrapper`; the `InLine` was taken.
    AmbiguousAd = "ambiguous_ad", Error;
    /// Two ads of one document at the same pod position; they are kept in the order of the document.
    DuplicateSequence = "duplicate_sequence", Warning;
    /// A `progress` tracker without a usable offset; it can never be called.
    ProgressWithoutOffset = "progress_without_offset", Error;
    /// An ampersand that begins no entity; it was read as itself.
    DanglingAmpersand = "dangling_ampersand", Error;
    /// An entity that XML does not define; it was read as it stands.
    UnknownEntity = "unknown_entity", Error;
    /// Quotes around an attribute's value that are missing or of another kind; the value was read all the same.
    LooseQuotes = "loose_quotes", Error;
    /// The whole document is a JSON string, or stands as one in a JSON object; it was read.
    EscapedJson = "escaped_json", Error;
    /// The whole document is escaped as a text, `&lt;` for `<`; it was read.
    EscapedDocument = "escaped_document", Error;
    /// A document type declaration that declares nothing; it was ignored.
    HarmlessDoctype = "harmless_doctype", Info;
    /// Line breaks or tabs in a URL, which were removed as browsers do.
    BrokenUrl = "broken_url", Warning;
    /// A VAST document that stands as text, in CDATA or escaped, where a VMAP has it as XML; it was read.
    EscapedVast = "escaped_vast", Warning;
    /// `&amp;` in a URL was taken for `&`, as asked for
    /// ([`repair_ampersands`](crate::ParseOptions::repair_ampersands)).
    EscapedAmpersand = "escaped_ampersand", Warning;
    /// Text between elements where only elements belong; it was ignored.
    StrayText = "stray_text", Warning;
    /// There were more warnings than the limit allows.
    TooManyWarnings = "too_many_warnings", Info;
}

impl WarningCode {
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
