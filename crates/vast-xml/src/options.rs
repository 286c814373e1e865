//! The options for reading a document: character set, limits, strictness.

/// How to read a document. `ParseOptions::default()` is lenient with the default [`Limits`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParseOptions<'a> {
    /// The `charset` of the HTTP `Content-Type`, if any. The order of precedence is: byte order mark, this option, XML
    /// declaration, UTF-8. Unknown character set names are ignored. Default: none.
    pub charset: Option<&'a str>,
    /// The limits on the size and the complexity of the document.
    pub limits: Limits,
    /// Whether the first deviation from the schemas ([`WarningCode::is_deviation`](crate::WarningCode::is_deviation)) is the
    /// error [`ParseErrorKind::Strict`](crate::ParseErrorKind::Strict) and not a warning. This is for validators and tests:
    /// most real documents have deviations. Default: false.
    pub strict: bool,
    /// Whether `&amp;` in a URL is replaced by `&` if it is in CDATA or escaped twice. Some ad servers make this mistake: they
    /// escape a URL and also put it into CDATA. The replacement is wrong for the few URLs that really contain `&amp;`. Each
    /// replacement is a warning. In strict mode nothing is replaced. Default: false, URLs are not changed.
    pub repair_ampersands: bool,
}

/// The limits on the size and the complexity of a document. A document that exceeds one of them is the error
/// [`ParseErrorKind::Limit`](crate::ParseErrorKind::Limit). The limits keep the time linear in the size of the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Size of the input in bytes. Default 4 MiB: real documents have 1 to 200 KiB.
    pub bytes: usize,
    /// Depth of nested elements. Default 64: VAST itself needs 9, extensions a few more. A value above 256 counts as 256,
    /// because element trees are read recursively.
    pub depth: usize,
    /// Number of elements in the document. Default 50,000.
    pub elements: usize,
    /// Number of attributes of one element. Default 64: a media file has 16.
    pub attributes_per_element: usize,
    /// Size of the text of one element in bytes. Default 256 KiB: some creatives have whole scripts in `AdParameters`.
    pub text_bytes: usize,
    /// Number of ad breaks in a VMAP. Default 10,000: a live stream with a break every two minutes has 720 per day, and breaks that
    /// are too many for a request do not make the others unusable.
    pub breaks: usize,
    /// Number of ads in a VAST document, or in all breaks of a VMAP. Default 100.
    pub ads: usize,
    /// Number of tracking URLs: impressions, errors, events, clicks, views. Default 2,000.
    pub trackers: usize,
    /// Number of warnings that are kept. Exceeding it is never an error: further warnings are left out, and the last warning
    /// is [`TooManyWarnings`](crate::WarningCode::TooManyWarnings). Default 1,000.
    pub warnings: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            bytes: 4 << 20,
            depth: 64,
            elements: 50_000,
            attributes_per_element: 64,
            text_bytes: 256 << 10,
            breaks: 10_000,
            ads: 100,
            trackers: 2_000,
            warnings: 1_000,
        }
    }
}
