//! The table of our rules.

use vast_xml::{ParseErrorKind, WarningCode};

use crate::finding::Severity;

/// Builds the enum and its methods from one table: variant, id, severity, section, help.
macro_rules! rules {
    ($(#[doc = $doc:literal] $variant:ident = $id:literal, $severity:ident, $section:literal, $help:expr;)*) => {
        /// Our rules. The rules of vastlint-core are not among them: [`known_rules`](crate::known_rules) lists both.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Rule {
            $(#[doc = $doc] $variant,)*
        }

        impl Rule {
            /// All of our rules.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stable id, such as `VC-macro-unknown`.
            pub fn id(self) -> &'static str {
                match self {
                    $(Self::$variant => $id,)*
                }
            }

            /// What the rule reports, in one line.
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

            /// The section of the standard that has the requirement.
            pub fn section(self) -> &'static str {
                match self {
                    $(Self::$variant => $section,)*
                }
            }

            /// How to correct the mistake; `None` if the message of the finding says it.
            pub fn help(self) -> Option<&'static str> {
                match self {
                    $(Self::$variant => $help,)*
                }
            }
        }
    };
}

rules! {
    // Documents that the parser cannot read.
    /// The document is empty or contains only blanks.
    Empty = "VC-empty", Error, "VAST 4.3, 2.3.6.3", Some("an ad server that has no ad answers with an empty <VAST/> element");
    /// The document is a web page.
    Html = "VC-html", Error, "VAST 4.3, 2.3.6.3", Some("an error page, a captive portal or a login form; look at it in a browser");
    /// The document is not well-formed XML, and no ad is complete before the damage.
    NotXml = "VC-not-xml", Error, "XML 1.0, 2.1", None;
    /// The root element is neither VAST nor VMAP.
    NotVast = "VC-not-vast", Error, "VAST 4.3, 3.2", Some("the root element of a VAST document is <VAST>");
    /// The document exceeds a limit of the parser.
    Limit = "VC-limit", Error, "VAST 4.3, 2.3.6.3", Some("players have limits too, and theirs are lower");
    /// A document type declaration.
    Doctype = "VC-doctype", Error, "XML 1.0, 2.8", Some("remove it: VAST does not use it, and it makes entity attacks possible");

    // Deviations from the standard that the parser accepts.
    /// The bytes do not fit the announced character set.
    Encoding = "VC-encoding", Error, "XML 1.0, 4.3.3", Some("send UTF-8 and say so in the XML declaration and in Content-Type");
    /// A document type declaration that declares nothing.
    HarmlessDoctype = "VC-harmless-doctype", Info, "XML 1.0, 2.8", Some("remove it: VAST does not use it, and some players refuse the document");
    /// The document has text that is not XML before the first tag.
    LeadingJunk = "VC-leading-junk", Error, "XML 1.0, 2.8", Some("strict XML parsers, browsers' among them, refuse the whole document");
    /// The document has content after the root element.
    TrailingContent = "VC-trailing-content", Error, "XML 1.0, 2.1", Some("strict XML parsers, browsers' among them, refuse the whole document");
    /// The document is truncated or not well formed.
    Damaged = "VC-damaged", Error, "XML 1.0, 2.1", Some("strict XML parsers, browsers' among them, refuse the whole document");
    /// An element, attribute or event is spelled with the wrong case.
    WrongCase = "VC-wrong-case", Warning, "XML 1.0, 2.3", Some("XML names are case-sensitive: most players ignore a name in the wrong case");
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
    /// An element is repeated that may occur only once.
    DuplicateElement = "VC-duplicate-element", Warning, "VAST 4.3, 3", Some("some players use the first one, others the last one");
    /// An attribute occurs twice in one tag.
    DuplicateAttribute = "VC-duplicate-attribute", Error, "XML 1.0, 3.1", Some("strict XML parsers, browsers' among them, refuse the whole document");
    /// An attribute that is not well formed.
    BadAttribute = "VC-bad-attribute", Error, "XML 1.0, 3.1", Some("strict XML parsers, browsers' among them, refuse the whole document");
    /// A value without quotes, or with quotes that XML does not allow.
    LooseQuotes = "VC-loose-quotes", Error, "XML 1.0, 3.1", Some("write \"...\": strict XML parsers, browsers' among them, refuse the whole document");
    /// A value that does not have the required type and cannot be read.
    InvalidValue = "VC-invalid-value", Error, "VAST 4.3, 3", None;
    /// A value that is not in the form of the standard but can be read.
    LooseValue = "VC-loose-value", Warning, "VAST 4.3, 3", Some("times are HH:MM:SS or HH:MM:SS.mmm, numbers have only digits, booleans are true or false");
    /// A URL element without a URL.
    EmptyUrl = "VC-empty-url", Warning, "VAST 4.3, 3", Some("leave the element out");
    /// An ad has no usable content.
    UnusableAd = "VC-unusable-ad", Error, "VAST 4.3, 3.3", None;
    /// An ad with both `InLine` and `Wrapper`.
    AmbiguousAd = "VC-ambiguous-ad", Error, "VAST 4.3, 3.3", None;
    /// Two ads have the same position in a pod.
    DuplicateSequence = "VC-duplicate-sequence", Warning, "VAST 4.3, 3.3.1", Some("positions in a pod are unique: players treat duplicates in different ways");
    /// A `progress` tracker without a usable offset.
    ProgressWithoutOffset = "VC-progress-without-offset", Error, "VAST 4.3, 3.14.1", Some("add offset=\"HH:MM:SS\" or offset=\"n%\": without an offset the tracker is never called");
    /// An ampersand that begins no entity.
    DanglingAmpersand = "VC-dangling-ampersand", Error, "XML 1.0, 2.4", Some("write &amp; or put the URL into <![CDATA[...]]>: strict XML parsers refuse the whole document");
    /// An entity that XML does not define.
    UnknownEntity = "VC-unknown-entity", Error, "XML 1.0, 4.1", Some("XML has &amp; &lt; &gt; &quot; &apos; and numbers only: strict XML parsers refuse the whole document");
    /// The whole document is inside a JSON string.
    EscapedJson = "VC-escaped-json", Error, "VAST 4.3, 2.3.6.3", Some("answer with the XML itself: most players read nothing else");
    /// The whole document is escaped: `&lt;` stands for `<`.
    EscapedDocument = "VC-escaped-document", Error, "XML 1.0, 2.4", Some("answer with the XML itself: most players read nothing else");
    /// VAST in a playlist as text instead of as XML.
    EscapedVast = "VC-escaped-vast", Warning, "VMAP 1.0.1, 2.3.2", Some("write it as a <VAST> element: some players do not read VAST as text");
    /// Text between elements where only elements belong.
    StrayText = "VC-stray-text", Warning, "VAST 4.3, 3", None;
    /// The parser found more deviations than it keeps.
    TooManyWarnings = "VC-too-many-warnings", Info, "VAST 4.3, 3", None;
    /// A deviation that no other rule names.
    Oddity = "VC-oddity", Warning, "VAST 4.3, 3", None;

    // Mistakes in the elements of the document.
    /// Blanks before the XML declaration.
    BlankBeforeDeclaration = "VC-blank-before-declaration", Warning, "XML 1.0, 2.8", Some("nothing may come before the declaration: strict XML parsers, browsers' among them, refuse the whole document");
    /// A macro with a misspelt name: a macro in the registry has a similar name.
    MacroMisspelt = "VC-macro-misspelt", Warning, "VAST 4.3, 6", None;
    /// A macro that is not in the registry.
    MacroUnknown = "VC-macro-unknown", Info, "VAST 4.3, 6", Some("players that do not know it send it unchanged to the server");
    /// A macro that has no meaning in this kind of URL.
    MacroContext = "VC-macro-context", Warning, "VAST 4.3, 6", None;
    /// A macro that is deprecated.
    MacroDeprecated = "VC-macro-deprecated", Info, "VAST 4.3, 6", None;
    /// A URL that is not https.
    InsecureUrl = "VC-insecure-url", Warning, "VAST 4.3, 1.4", Some("browsers block http inside https pages, and most apps do not allow http");
    /// A media file whose URL is neither http nor https.
    MediaScheme = "VC-media-scheme", Error, "VAST 4.3, 3.9.1", Some("no player that follows the standard can fetch it");
    /// A placeholder where a real URL is needed.
    PlaceholderUrl = "VC-placeholder-url", Error, "VAST 4.3, 3.4.4", Some("about:blank is meant for impressions only");
    /// An ad whose impressions are all placeholders.
    PlaceholderImpressions = "VC-placeholder-impressions", Info, "VAST 4.3, 3.4.4", Some("no server counts an impression; correct if that is the intention");
    /// The same tracker twice.
    DuplicateTracker = "VC-duplicate-tracker", Warning, "VAST 4.3, 3.4.4", Some("players call both: the event is counted twice");
    /// A MIME type that contradicts the ending of the URL.
    MimeContradictsEnding = "VC-mime-contradicts-ending", Warning, "VAST 4.3, 3.9.1", Some("players choose by the type: a wrong one makes them skip a file that plays, or choose one that does not");
    /// A line break or a tab inside a URL.
    LineBreakInUrl = "VC-line-break-in-url", Warning, "RFC 3986, 2", Some("browsers drop line breaks and tabs inside URLs, other players request the URL with them or refuse it: write it on one line");
    /// `&amp;` in a URL that is in CDATA, or that is escaped twice.
    EscapedAmpersand = "VC-escaped-ampersand", Warning, "XML 1.0, 2.7", Some("write & in CDATA: nothing is unescaped there, so the server gets &amp;");
    /// A namespace prefix that is not declared.
    UndeclaredPrefix = "VC-undeclared-prefix", Error, "Namespaces in XML 1.0, 5", Some("declare it (xmlns:prefix=\"...\"): XML parsers with namespaces, browsers' among them, refuse the whole document");
    /// An ad that has expired when it arrives.
    Expired = "VC-expired", Error, "VAST 4.3, 3.4.13", Some("<Expires> is the number of seconds for which the ad is valid after the response");
    /// A document without ads, or a playlist without ad breaks.
    NoAd = "VC-no-ad", Info, "VAST 4.3, 2.3.6.3", Some("this is how an ad server answers that it has no ad; if you expected one, look at the request");
    /// An offset beyond the end of the ad.
    OffsetBeyondEnd = "VC-offset-beyond-end", Warning, "VAST 4.3, 3.14.1", Some("the ad ends before the offset, so the event never happens");
    /// A wrapper with `fallbackOnNoAd` in a document without stand-alone ads.
    NoFallbackAds = "VC-no-fallback-ads", Warning, "VAST 4.3, 3.19", Some("fallbackOnNoAd refers to the stand-alone ads of the same document: those without a sequence");
    /// A wrapper that gives one flag twice with different values.
    ContradictingFlags = "VC-contradicting-flags", Error, "VAST 4.3, 3.19", Some("the correct spelling is followAdditionalWrappers; some players also read the misspelt attribute");
    /// The id of a creative is "unknown".
    UnknownAdId = "VC-unknown-ad-id", Info, "VAST 4.3, 3.7.1", Some("without an id, transcoders cannot cache the creative, and players cannot limit how often it is shown");
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

    /// Whether strict XML parsers refuse the whole document because of this mistake.
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

/// A rule of any checker, for lists and for [`CheckOptions::ignored`](crate::CheckOptions::ignored).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct KnownRule {
    /// The id.
    pub id: &'static str,
    /// How bad it is when it is broken.
    pub severity: Severity,
    /// What the rule reports or requires, in one line.
    pub description: &'static str,
    /// The section of the standard that has the requirement; `None` if it depends on the finding.
    pub section: Option<&'static str>,
    /// How to correct the mistake; `None` if the message of the finding says it.
    pub help: Option<&'static str>,
}

impl From<Rule> for KnownRule {
    fn from(rule: Rule) -> Self {
        let (id, severity, description) = (rule.id(), rule.severity(), rule.description());
        Self { id, severity, description, section: Some(rule.section()), help: rule.help() }
    }
}
