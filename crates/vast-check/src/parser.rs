//! The warnings and errors of the parser as findings.

use std::ops::Range;

use vast_xml::{ParseError, ParseErrorKind, Warning, WarningCode};

use crate::drafts::{Draft, clipped};
use crate::finding::FoundBy;
use crate::outline::Outline;
use crate::rule::Rule;

/// The warnings of the parser as findings. `cut` is the number of bytes in the input before the text.
pub(crate) fn warnings(warnings: &[Warning], outline: &Outline<'_>, cut: usize) -> Vec<Draft> {
    let draft = |warning: &Warning| {
        let at = warning.position.offset.saturating_sub(cut);
        let rule = Rule::of_warning(warning.code);
        let element = || outline.at(at).and_then(|index| outline.elements.get(index));
        let draft = match (warning.code, element()) {
            (WarningCode::Encoding, _) => draft(rule, unreadable(outline.text), warning.message.as_ref()),
            (WarningCode::BrokenUrl, Some(element)) => {
                let message = format!("a line break or tab inside the URL of <{}>", clipped(element.name));
                draft(rule, Some(element.text_range(outline.text)), message)
            }
            _ => draft(rule, Some(extent(outline, at)), warning.message.as_ref()),
        };
        with_section(draft, outline, at)
    };
    warnings.iter().map(draft).collect()
}

/// The warnings about the text around a document. They have no position, because the positions of a report are positions in
/// the document.
pub(crate) fn of_envelope(warnings: &[Warning]) -> impl Iterator<Item = Draft> {
    let is_of_envelope =
        |code| matches!(code, WarningCode::Encoding | WarningCode::EscapedJson | WarningCode::EscapedDocument);
    let warnings = warnings.iter().filter(move |warning| is_of_envelope(warning.code));
    warnings.map(|warning| draft(Rule::of_warning(warning.code), None, warning.message.as_ref()))
}

fn draft(rule: Rule, range: Option<Range<usize>>, message: impl Into<String>) -> Draft {
    Draft::ours(rule, FoundBy::Parser, range, message)
}

/// The section that defines the elements of a playlist.
const VMAP: &str = "VMAP 1.0.1, 2.3";

/// The finding at the position `at`; in the playlist itself with the section of VMAP in place of the section of VAST.
fn with_section(draft: Draft, outline: &Outline<'_>, at: usize) -> Draft {
    if draft.section.starts_with("VAST") && is_of_playlist(outline, at) {
        Draft { section: VMAP, ..draft }
    } else {
        draft
    }
}

/// A finding of our rules about elements. Rules about any URL, such as those about macros, keep their section.
pub(crate) fn of_model(draft: Draft, outline: &Outline<'_>) -> Draft {
    match (draft.own, &draft.range) {
        (Some(Rule::NoAd | Rule::DuplicateTracker), Some(range)) => {
            let at = range.start;
            with_section(draft, outline, at)
        }
        _ => draft,
    }
}

/// Whether a position belongs to the playlist itself, and not to a VAST document in it.
fn is_of_playlist(outline: &Outline<'_>, at: usize) -> bool {
    let parent = |index: &usize| outline.elements.get(*index).and_then(|element| element.parent);
    let within = std::iter::successors(outline.at(at), parent).filter_map(|index| outline.elements.get(index));
    outline.root().is_some_and(|root| root.is("VMAP"))
        && within
            .take_while(|element| !element.is("VMAP"))
            .all(|element| !element.is("VAST") && !element.is("VASTAdData"))
}

/// The error of the parser as a finding.
pub(crate) fn error(error: &ParseError, outline: &Outline<'_>, cut: usize) -> Draft {
    let at = error.position.offset.saturating_sub(cut);
    let range = (error.kind != ParseErrorKind::Empty).then(|| extent(outline, at));
    with_section(draft(Rule::of_error(error.kind), range, error.message.as_ref()), outline, at)
}

/// The range of the first replacement character (U+FFFD): it stands for unreadable bytes, or the author wrote it.
fn unreadable(text: &str) -> Option<Range<usize>> {
    let start = text.find(char::REPLACEMENT_CHARACTER)?;
    Some(start..start + char::REPLACEMENT_CHARACTER.len_utf8())
}

/// The range to mark for a position: a whole start tag, an attribute, an entity or a few words.
fn extent(outline: &Outline<'_>, at: usize) -> Range<usize> {
    let text = outline.text;
    let at = (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
    let element = outline.at(at).and_then(|index| outline.elements.get(index));
    if let Some(element) = element.filter(|element| element.tag.contains(&at)) {
        if element.tag.start == at {
            return element.tag.clone();
        }
        if let Some(attribute) = element.attributes.iter().find(|attribute| attribute.range.start == at) {
            return attribute.range.clone();
        }
    }
    let rest = &text[at..];
    let visible = rest.trim_start();
    let start = if visible.is_empty() { at } else { text.len() - visible.len() };
    start..start + length(&text[start..])
}

/// The most bytes of text that are marked.
const MOST_MARKED: usize = 64;

/// The length in bytes of the token at the start of `rest`.
fn length(rest: &str) -> usize {
    let window = rest.char_indices().nth(MOST_MARKED).map_or(rest, |(end, _)| &rest[..end]);
    let until = |ends: &[char]| window.find(|char| ends.contains(&char)).unwrap_or(window.len());
    match rest.as_bytes().first() {
        Some(b'&') => entity(rest).unwrap_or(1),
        Some(b'<') => {
            let end = until(&['>', '\n']);
            end + usize::from(rest[end..].starts_with('>'))
        }
        _ => window[..until(&['<', '>', '&', '\n'])].trim_end().len(),
    }
}

/// The length of `&name;` or `&#1;`.
fn entity(rest: &str) -> Option<usize> {
    let end = rest.bytes().take(MOST_MARKED).position(|byte| byte == b';')?;
    rest[1..end].bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'#').then_some(end + 1)
}
