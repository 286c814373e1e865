//! The table of our rules.

use vast_xml::{ParseErrorKind, WarningCode};

use crate::finding::Severity;

/// Builds the enum and its questions from one table: variant, id, severity, section, help.
macro_rules! rules {
    ($(#[doc = $doc:literal] $variant:ident = $id:literal, $severity:ident, $section:literal, $help:expr;)*) => {
        /// Our rules. vastlint-core's have ids of their own, see [`known_rules`](crate::known_rules).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Rule {
            $(#[doc = $doc] $variant,)*
        }

        impl Rule {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stable id, such as `VC-macro-unknown`.
            pub fn id(self) -> &'static str {
                match self {
                    $(Self::$variant => $id,)*
                }
            }

            /// What breaks it, in one line.
            pub fn description(self) -> &'static str {
                let text = match self {
                    $(Self::$variant => $doc,)*
                };
                text.trim()
            }

            /// How bad it is when it is broken.
            pub fn severity(self) -> Severity {
                match self {
                    $(Self::$variant => Severity::$severity,)*
                }
            }

            /// The section of the standard that says so.
            pub fn section(self) -> &'static str {
                match self {
                    $(Self::$variant => $section,)*
                }
            }

            /// How to correct it; none where the message says it.
            pub fn help(self) -> Option<&'static str> {
                match self {
                    $(Self::$variant => $help,)*
                }
            }
        }
    };
}

rules! {
    // What the parser cannot read.
    /// The document is empty, or it has blanks only.
    Empty = "VC-empty", Error, "VAST 4.3, 2.3.6.3", Some("an ad server that has no ad answers with an empty <VAST/> element");
    /// The document is a web page.
    Html = "VC-html", Error, "VAST 4.3, 2.3.6.3", Some("an error page, a captive portal or a login form; look at it in a browser");
    /// The document is not well-formed XML, and no ad is complete before the damage.
    NotXml = "VC-not-xml", Error, "XML 1.0, 2.1", None;
    /// The root element is neither VAST nor VMAP.
    NotVast = "VC-not-vast", Error, "VAST 4.3, 3.2", Some("the root element of a VAST document is <VAST>");
    /// The document exceeds a limit of the parser.
    Limit = "VC-limit", Error, "VAST 4.3, 2.3.6.3", Some("players have limits of their own, and lower ones");
    /// A document type declaration.
    Doctype = "VC-doctype", Error, "XML 1.0, 2.8", Some("VAST does not use it, and entity attacks do: remove it");

    // What the parser accepts although it deviates from the standard.
    /// The bytes do not fit the announced character set.
    Encoding = "VC-encoding", Error, "XML 1.0, 4.3.3", Some("send UTF-8 and say so in the XML declaration and in Content-Type");
    /// A document type declaration that declares nothing.
    HarmlessDoctype = "VC-harmless-doctype", Info, "XML 1.0, 2.8", Some("remove it: VAST has none, and some players refuse a document with one");
    /// Something that is not XML stands before the first tag.
    LeadingJunk = "VC-leading-junk", Error, "XML 1.0, 2.8", Some("strict XML parsers, browsers' among them, refuse the whole document");
    /// Something stands after the root element.
    TrailingContent = "VC-trailing-content", Error, "XML 1.0, 2.1", Some("strict XML parsers, browsers' among them, refuse the whole document");
    /// The document breaks off or is not well formed.
    Damaged = "VC-damaged", Error, "XML 1.0, 2.1", Some("strict XML parsers, browsers' among them, refuse the whole document");
    /// An element, attribute or event is spelled with the wrong case.
    WrongCase = "VC-wrong-case", Warning, "XML 1.0, 2.3", Some("XML names are case-sensitive: most players do not see it");
    /// An element that the standard does not have at this place.
    UnknownElement = "VC-unknown-element", Warning, "VAST 4.3, 3", Some("players ignore it; what vendors add belongs into <Extensions>");
    /// An element of the standard at a wrong place. The parser reads it as if it stood where the standard has it.
    MisplacedElement = "VC-misplaced-element", Warning, "VAST 4.3, 3", Some("move it to where the standard has it: most players ignore it here");
    /// An attribute that the standard does not have at this place.
    UnknownAttribute = "VC-unknown-attribute", Warning, "VAST 4.3, 3", Some("players ignore it; what vendors add belongs into <Extensions>");
    /// A part that the standard requires is missing.
    MissingElement = "VC-missing-element", Error, "VAST 4.3, 3.4 and 3.19", None;
    /// An attribute that the standard requires is missing.
    MissingAttribute = "VC-missing-attribute", Error, "VAST 4.3, 3.2 and 3.14.1", None;
    /// An element that may stand once stands again.
    DuplicateElement = "VC-duplicate-element", Warning, "VAST 4.3, 3", Some("players differ in which of them they take");
    /// An attribute stands twice in one tag.
    DuplicateAttribute = "VC-duplicate-attribute", Error, "XML 1.0, 3.1", Some("strict XML parsers, browsers' among them, refuse the whole document");
    /// An attribute that is not well formed.
    BadAttribute = "VC-bad-attribute", Error, "XML 1.0, 3.1", Some("strict XML parsers, browsers' among them, refuse the whole document");
    /// Quotes around a value that are missing or are not those of XML.
    LooseQuotes = "VC-loose-quotes", Error, "XML 1.0, 3.1", Some("write \"...\": strict XML parsers, browsers' among them, refuse the whole document");
    /// A value that cannot be read as what it should be.
    InvalidValue = "VC-invalid-value", Error, "VAST 4.3, 3", None;
    /// A value that is not in the form of the standard but can be read.
    LooseValue = "VC-loose-value", Warning, "VAST 4.3, 3", Some("times are HH:MM:SS or HH:MM:SS.mmm, numbers are digits only, truth values true or false");
    /// A URL element without a URL.
    EmptyUrl = "VC-empty-url", Warning, "VAST 4.3, 3", Some("leave the element out");
    /// An ad has no usable content.
    UnusableAd = "VC-unusable-ad", Error, "VAST 4.3, 3.3", None;
    /// An ad with both `InLine` and `Wrapper`.
    AmbiguousAd = "VC-ambiguous-ad", Error, "VAST 4.3, 3.3", None;
    /// Two ads have the same position in a pod.
    DuplicateSequence = "VC-duplicate-sequence", Warning, "VAST 4.3, 3.3.1", Some("positions in a pod are unique: players treat duplicates in different ways");
    /// A `progress` tracker without a usable offset.
    ProgressWithoutOffset = "VC-progress-without-offset", Error, "VAST 4.3, 3.14.1", Some("give it offset=\"HH:MM:SS\" or offset=\"n%\": without one it is never called");
    /// An ampersand that begins no entity.
    DanglingAmpersand = "VC-dangling-ampersand", Error, "XML 1.0, 2.4", Some("write &amp; or put the URL into <![CDATA[...]]>: strict XML parsers refuse the whole document");
    /// An entity that XML does not define.
    UnknownEntity = "VC-unknown-entity", Error, "XML 1.0, 4.1", Some("XML has &amp; &lt; &gt; &quot; &apos; and numbers only: strict XML parsers refuse the whole document");
    /// The whole document is a JSON string, or stands as one in JSON.
    EscapedJson = "VC-escaped-json", Error, "VAST 4.3, 2.3.6.3", Some("answer with the XML itself: most players read nothing else");
    /// The whole document is escaped as a text.
    EscapedDocument = "VC-escaped-document", Error, "XML 1.0, 2.4", Some("answer with the XML itself: most players read nothing else");
    /// VAST that stands as text in a playlist.
    EscapedVast = "VC-escaped-vast", Warning, "VMAP 1.0.1, 2.3.2", Some("put the <VAST> element itself there: players differ in whether they read it as text");
    /// Text between elements where only elements belong.
    StrayText = "VC-stray-text", Warning, "VAST 4.3, 3", None;
    /// The parser found more deviations than it keeps.
    TooManyWarnings = "VC-too-many-warnings", Info, "VAST 4.3, 3", None;
    /// A deviation that no other rule names.
    Oddity = "VC-oddity", Warning, "VAST 4.3, 3", None;

    // What the elements of the document show.
    /// Blanks before the XML declaration.
    BlankBeforeDeclaration = "VC-blank-before-declaration", Warning, "XML 1.0, 2.8", Some("the declaration may only be the very first thing: strict XML parsers, browsers' among them, refuse the whole document");
    /// A macro that is nearly one of the registry's.
    MacroMisspelt = "VC-macro-misspelt", Warning, "VAST 4.3, 6", None;
    /// A macro that is not in the registry.
    MacroUnknown = "VC-macro-unknown", Info, "VAST 4.3, 6", Some("players that do not know it send it unchanged to the server");
    /// A macro that has no meaning where it stands.
    MacroContext = "VC-macro-context", Warning, "VAST 4.3, 6", None;
    /// A macro that is deprecated.
    MacroDeprecated = "VC-macro-deprecated", Info, "VAST 4.3, 6", None;
    /// A URL that is not https.
    InsecureUrl = "VC-insecure-url", Warning, "VAST 4.3, 1.4", Some("browsers block http inside https pages, and most apps allow no http at all");
    /// A media file that is neither http nor https.
    MediaScheme = "VC-media-scheme", Error, "VAST 4.3, 3.9.1", Some("no player that follows the standard can fetch it");
    /// A placeholder where a real URL is needed.
    PlaceholderUrl = "VC-placeholder-url", Error, "VAST 4.3, 3.4.4", Some("about:blank is meant for impressions only");
    /// An ad that counts no impression anywhere.
    PlaceholderImpressions = "VC-placeholder-impressions", Info, "VAST 4.3, 3.4.4", Some("fine if that is what you want");
    /// The same tracker twice.
    DuplicateTracker = "VC-duplicate-tracker", Warning, "VAST 4.3, 3.4.4", Some("players call each of them: it counts twice");
    /// A MIME type that contradicts the ending of the URL.
    MimeContradictsEnding = "VC-mime-contradicts-ending", Warning, "VAST 4.3, 3.9.1", Some("players choose by the type: a wrong one makes them skip a file that plays, or choose one that does not");
    /// A line break or a tab inside a URL.
    LineBreakInUrl = "VC-line-break-in-url", Warning, "RFC 3986, 2", Some("browsers drop line breaks and tabs inside URLs, other players request the URL with them or refuse it: write it on one line");
    /// `&amp;` in a URL that is in CDATA, or that is escaped twice.
    EscapedAmpersand = "VC-escaped-ampersand", Warning, "XML 1.0, 2.7", Some("in CDATA nothing is unescaped, so the server gets &amp; where & was meant: write & there");
    /// A namespace prefix that is not declared.
    UndeclaredPrefix = "VC-undeclared-prefix", Error, "Namespaces in XML 1.0, 5", Some("declare it (xmlns:prefix=\"...\"): XML parsers that know namespaces, browsers' among them, refuse the whole document");
    /// An ad that has expired when it arrives.
    Expired = "VC-expired", Error, "VAST 4.3, 3.4.13", Some("<Expires> is the number of seconds for which the ad is valid after the response");
    /// A document without ads, or a playlist without ad breaks.
    NoAd = "VC-no-ad", Info, "VAST 4.3, 2.3.6.3", Some("this is how an ad server answers that it has no ad; if you expected one, look at the request");
    /// An offset beyond the end of the ad.
    OffsetBeyondEnd = "VC-offset-beyond-end", Warning, "VAST 4.3, 3.14.1", Some("it is never reached");
    /// A wrapper that may fall back on ads that are not there.
    NoFallbackAds = "VC-no-fallback-ads", Warning, "VAST 4.3, 3.19", Some("fallbackOnNoAd names the stand-alone ads of the same document, those without a sequence");
    /// A wrapper that gives one flag twice with different values.
    ContradictingFlags = "VC-contradicting-flags", Error, "VAST 4.3, 3.19", Some("the standard spells it followAdditionalWrappers; some players read the misspelling too");
    /// The id of a creative is "unknown".
    UnknownAdId = "VC-unknown-ad-id", Info, "VAST 4.3, 3.7.1", Some("without one, transcoders cannot cache it and nobody can cap how often it is shown");
    /// A file that needs VPAID to run.
    Vpaid = "VC-vpaid", Warning, "VAST 4.3, 1.7", Some("VPAID was withdrawn with VAST 4.1: SSAI, CTV and most apps cannot run it; offer a plain media file, SIMID or OMID");
    /// An ad without an error URL.
    NoErrorUrl = "VC-no-error-url", Info, "VAST 4.3, 3.4.11", Some("<Error> with [ERRORCODE] is how an ad server learns that its ad did not play");
}

impl Rule {
    /// The rule for a warning of the parser.
    pub fn of_warning(code: WarningCode) -> Self {
        match code {
            WarningCode::Encoding => Self::Encoding,
            WarningCode::LeadingJunk => Self::LeadingJunk,
            WarningCode::TrailingContent => Self::TrailingContent,
            WarningCode::Damaged => Self::Damaged,
            WarningCode::WrongCase => Self::WrongCase,
            WarningCode::UnknownElement => Self::UnknownElement,
            WarningCode::MisplacedElement => Self::MisplacedElement,
            WarningCode::UnknownAttribute => Self::UnknownAttribute,
            WarningCode::MissingElement => Self::MissingElement,
            WarningCode::MissingAttribute => Self::MissingAttribute,
            WarningCode::DuplicateElement => Self::DuplicateElement,
            WarningCode::DuplicateAttribute => Self::DuplicateAttribute,
            WarningCode::BadAttribute => Self::BadAttribute,
            WarningCode::LooseQuotes => Self::LooseQuotes,
            WarningCode::HarmlessDoctype => Self::HarmlessDoctype,
            WarningCode::BrokenUrl => Self::LineBreakInUrl,
            WarningCode::InvalidValue => Self::InvalidValue,
            WarningCode::LooseValue => Self::LooseValue,
            WarningCode::EmptyUrl => Self::EmptyUrl,
            WarningCode::UnusableAd => Self::UnusableAd,
            WarningCode::AmbiguousAd => Self::AmbiguousAd,
            WarningCode::DuplicateSequence => Self::DuplicateSequence,
            WarningCode::ProgressWithoutOffset => Self::ProgressWithoutOffset,
            WarningCode::DanglingAmpersand => Self::DanglingAmpersand,
            WarningCode::UnknownEntity => Self::UnknownEntity,
            WarningCode::EscapedVast => Self::EscapedVast,
            WarningCode::EscapedJson => Self::EscapedJson,
            WarningCode::EscapedDocument => Self::EscapedDocument,
            WarningCode::EscapedAmpersand => Self::EscapedAmpersand,
            WarningCode::StrayText => Self::StrayText,
            WarningCode::TooManyWarnings => Self::TooManyWarnings,
            _ => Self::Oddity,
        }
    }

    /// The rule for an error of the parser.
    pub fn of_error(kind: ParseErrorKind) -> Self {
        match kind {
            ParseErrorKind::Empty => Self::Empty,
            ParseErrorKind::Html => Self::Html,
            ParseErrorKind::NotVast => Self::NotVast,
            ParseErrorKind::Limit => Self::Limit,
            ParseErrorKind::Doctype => Self::Doctype,
            _ => Self::NotXml,
        }
    }

    /// Whether strict XML parsers refuse the whole document for it.
    #[cfg(feature = "vastlint")]
    pub(crate) fn breaks_xml(self) -> bool {
        matches!(
            self,
            Self::LeadingJunk
                | Self::TrailingContent
                | Self::Damaged
                | Self::DuplicateAttribute
                | Self::BadAttribute
                | Self::LooseQuotes
                | Self::DanglingAmpersand
                | Self::UnknownEntity
        )
    }
}

/// A rule that can be named, to ignore it for example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct KnownRule {
    /// The id.
    pub id: &'static str,
    /// How bad it is when it is broken.
    pub severity: Severity,
    /// What breaks it, or what it demands, in one line.
    pub description: &'static str,
    /// The section of the standard that says so; none where it depends on the finding.
    pub section: Option<&'static str>,
    /// What to do about it; none where the message of a finding says it.
    pub help: Option<&'static str>,
}

impl From<Rule> for KnownRule {
    fn from(rule: Rule) -> Self {
        let (id, severity, description) = (rule.id(), rule.severity(), rule.description());
        Self { id, severity, description, section: Some(rule.section()), help: rule.help() }
    }
}
