//! What a caller can say about reading: character set, limits, strictness.

/// How to read a document. `ParseOptions::default()` is lenient with the default [`Limits`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParseOptions<'a> {
    /// The `charset` of the HTTP `Content-Type`, if any. A byte order mark beats it, it beats the XML declaration, and
    /// UTF-8 is assumed when nothing says otherwise. Names that nobody knows are ignored. Default: none.
    pub charset: Option<&'a str>,
    /// How much a document may cost.
    pub limits: Limits,
    /// Refuse the first deviation from the schemas ([`WarningCode::is_deviation`](crate::WarningCode::is_deviation))
    /// with [`ParseErrorKind::Strict`](crate::ParseErrorKind::Strict) instead of reading on with a warning. For
    /// validators and tests; real documents seldom pass. Default: false.
    pub strict: bool,
    /// Take `&amp;` in URLs for `&` where the document has it in CDATA or escaped twice: a mistake of tags that are escaped
    /// and put into CDATA as well, and right in the few URLs that do mean `&amp;`. Each is a warning; nothing is repaired in
    /// strict mode. Default: false, URLs are taken literally.
    pub repair_ampersands: bool,
}

/// How much a document may cost to read. Passing one ends in [`ParseErrorKind::Limit`](crate::ParseErrorKind::Limit),
/// in time linear in the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the input. Default 4 MiB: real documents have 1 to 200 KiB.
    pub bytes: usize,
    /// Nested elements. Default 64: VAST itself needs 9, extensions a few more. More than 256 counts as 256, because
    /// element trees are read recursively.
    pub depth: usize,
    /// Elements altogether. Default 50,000.
    pub elements: usize,
    /// Attributes of one element. Default 64: a media file has 16.
    pub attributes_per_element: usize,
    /// Bytes of the text of one element. Default 256 KiB: creatives carry whole scripts in `AdParameters`.
    pub text_bytes: usize,
    /// Ad breaks of a VMAP. Default 1,000: a live day with one every two minutes has 720.
    pub breaks: usize,
    /// Ads, in a VMAP those of all its breaks. Default 100.
    pub ads: usize,
    /// URLs that may have to be called: impressions, errors, events, clicks, views. Default 2,000.
    pub trackers: usize,
    /// Warnings that are kept; more are left out with one last
    /// [`TooManyWarnings`](crate::WarningCode::TooManyWarnings), never an error. Default 1,000.
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
            breaks: 1_000,
            ads: 100,
            trackers: 2_000,
            warnings: 1_000,
        }
    }
}
