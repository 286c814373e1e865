//! The check of a document: read it, apply the rules of all readers, sort the findings.

use std::borrow::Cow;
use std::cmp::Reverse;

use vast_xml::{AnyDocument, Decoded, Locator, ParseError, ParseOptions};

use crate::drafts::Draft;
use crate::finding::Finding;
use crate::options::CheckOptions;
use crate::outline::Outline;
use crate::report::{DocumentKind, Remark, Report};
use crate::{model, parser};

/// Checks a document and returns its findings: the most severe first, and within one severity by position. The
/// documentation of the [crate](crate) lists the three checkers.
///
/// It cannot fail: for a document that cannot be read, the report has the reason as its finding
/// ([`DocumentKind::Unreadable`]).
pub fn check(input: &[u8], options: &CheckOptions<'_>) -> Report {
    let parse_options =
        ParseOptions { charset: options.charset, limits: options.limits.clone(), ..ParseOptions::default() };
    let mut parsed = vast_xml::parse_any(input, &parse_options);
    let text = checked_text(shown(input, options), options.charset);
    let mut envelope = Vec::new();
    let is_opened = text.is_opened;
    if is_opened {
        envelope.extend(parsed.iter().flat_map(|document| parser::of_envelope(document.warnings())));
        parsed = opened(parsed, &text, parse_options);
    }
    let outline = Outline::read(&text.decoded.text);
    let mut seen = Seen::of(parsed, &outline, text.decoded.cut);
    seen.drafts.extend(envelope);
    seen.remarks.extend(is_opened.then_some(Remark::Opened));
    let mut locator = Locator::new(&text.decoded.text, text.decoded.cut);
    let (findings, omitted) = settled(seen.drafts, options, &mut locator);
    Report { kind: seen.kind, version: seen.version, findings, omitted, remarks: seen.remarks }
}

/// The text that was checked.
#[derive(Debug)]
#[non_exhaustive]
pub struct CheckedText<'i> {
    /// The decoded text. The positions in a [`Report`] are positions in this text.
    pub decoded: Decoded<'i>,
    /// Whether the document was escaped inside another text, such as JSON, and was taken out of it ([`Remark::Opened`]).
    pub is_opened: bool,
}

/// The text that [`check`] checks. Programs use it to show the lines of a finding.
pub fn checked_text<'i>(input: &'i [u8], charset: Option<&str>) -> CheckedText<'i> {
    let decoded = vast_xml::decode(input, charset);
    let opened = match vast_xml::opened_text(&decoded.text) {
        Cow::Owned(opened) => Some(opened),
        Cow::Borrowed(_) => None,
    };
    match opened {
        Some(text) => CheckedText { decoded: Decoded { text: Cow::Owned(text), cut: 0, ..decoded }, is_opened: true },
        None => CheckedText { decoded, is_opened: false },
    }
}

/// Parses a document that was taken out of another text, so that the positions are positions in the document. If the
/// kind of this result differs from that of `outer`, the result for the whole text, then `outer` is returned.
fn opened(
    outer: Result<AnyDocument, ParseError>,
    text: &CheckedText<'_>,
    options: ParseOptions<'_>,
) -> Result<AnyDocument, ParseError> {
    let inner = vast_xml::parse_any(text.decoded.text.as_bytes(), &ParseOptions { charset: Some("utf-8"), ..options });
    match (&outer, &inner) {
        (Ok(_), Ok(_)) => inner,
        (Err(outer), Err(found)) if outer.kind == found.kind => inner,
        _ => outer,
    }
}

/// The part of the input that may be shown. Of a document that is too large only the first KiB, because the finding is at its
/// start.
fn shown<'i>(input: &'i [u8], options: &CheckOptions<'_>) -> &'i [u8] {
    if input.len() > options.limits.bytes { &input[..input.len().min(1 << 10)] } else { input }
}

/// The findings of all checkers, before they are sorted.
struct Seen {
    kind: DocumentKind,
    version: Option<String>,
    drafts: Vec<Draft>,
    remarks: Vec<Remark>,
}

impl Seen {
    fn of(parsed: Result<AnyDocument, ParseError>, outline: &Outline<'_>, cut: usize) -> Self {
        match parsed {
            Ok(document) => {
                let drafts = parser::warnings(document.warnings(), outline, cut);
                let (kind, version, remarks) = match document {
                    AnyDocument::Vast(document) => (DocumentKind::Vast, document.vast.version, Vec::new()),
                    AnyDocument::Vmap(document) => (DocumentKind::Vmap, document.vmap.version, vec![Remark::Vmap]),
                };
                Self { kind, version: version.map(String::from), drafts, remarks }.by_rules(outline)
            }
            Err(error) => {
                let kind = DocumentKind::Unreadable(error.kind);
                Self { kind, version: None, drafts: vec![parser::error(&error, outline, cut)], remarks: Vec::new() }
            }
        }
    }

    /// Adds the findings of our rules and of vastlint-core.
    fn by_rules(mut self, outline: &Outline<'_>) -> Self {
        let (drafts, is_cut) = model::check(outline);
        if ["Wrapper", "AdTagURI"].iter().any(|name| outline.named(name).next().is_some()) {
            self.remarks.push(Remark::WrapperNotFollowed);
        }
        self.drafts.extend(drafts.into_iter().map(|draft| parser::of_model(draft, outline)));
        if is_cut {
            self.remarks.push(Remark::RuleCut);
        }
        if outline.cut {
            self.remarks.push(Remark::OutlineCut);
        }
        self.with_vastlint(outline)
    }

    #[cfg(feature = "vastlint")]
    fn with_vastlint(mut self, outline: &Outline<'_>) -> Self {
        self.remarks.extend(crate::vastlint::add(outline, &mut self.drafts));
        self
    }

    #[cfg(not(feature = "vastlint"))]
    fn with_vastlint(mut self, _outline: &Outline<'_>) -> Self {
        self.remarks.push(Remark::WithoutVastlint);
        self
    }
}

/// Rules that nearly every document breaks without harm. Their findings come last.
const NOISE: [&str; 1] = ["VAST-2.0-adsystem-no-version"];

/// The findings that the options select, the most severe first. If there are more findings than the limit, the least
/// severe ones are omitted. The numbers are those of the omitted findings, by severity.
fn settled(
    mut drafts: Vec<Draft>,
    options: &CheckOptions<'_>,
    locator: &mut Locator<'_>,
) -> (Vec<Finding>, [usize; 3]) {
    drafts.retain(|draft| draft.severity >= options.least && !options.ignored.contains(&draft.rule));
    let mut omitted = [0; 3];
    if drafts.len() > options.findings {
        drafts.sort_by_key(|draft| Reverse(draft.severity));
        for draft in drafts.drain(options.findings..) {
            omitted[draft.severity as usize] += 1;
        }
    }
    // Sort by position first: the locator walks through the text only once.
    drafts.sort_by_cached_key(|draft| (draft.range.as_ref().map(|range| range.start), draft.rule));
    let mut findings: Vec<Finding> = drafts.into_iter().map(|draft| draft.settle(locator)).collect();
    findings.sort_by_key(|finding| (NOISE.contains(&finding.rule), Reverse(finding.severity)));
    (findings, omitted)
}
