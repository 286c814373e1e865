//! Joins the pieces of an element's text. CDATA sections, references and comments divide it.

use super::blanks::{trim_end, trim_start, with_line_feeds};
use crate::text::Text;
use memchr::memchr;
use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

/// The rule that decides which blanks of an element's text are part of the value (VAST 4.3, section 2.3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spacing {
    /// All but those at the ends.
    Trimmed,
    /// As `Trimmed`, but blanks beside a CDATA section and at its ends are removed too, because a URI contains no blanks.
    Uri,
    /// As `Uri`, for a whole document that is the text of an element.
    Document,
    /// As `Trimmed`, but all blanks inside CDATA are part of the value.
    Content,
    /// All blanks.
    Verbatim,
}

/// A text that is being joined. As long as its pieces are adjacent in the document, it is a range; otherwise it is a
/// copy.
pub(crate) struct Pieces {
    spacing: Spacing,
    range: Range<usize>,
    copy: Option<String>,
    /// Blanks that come next are removed: the text is empty, or it ends with a CDATA section whose blanks are removed.
    at_seam: bool,
    /// The length up to which trailing blanks are part of the value.
    solid: usize,
}

impl Pieces {
    pub(crate) fn new(spacing: Spacing) -> Pieces {
        Pieces { spacing, range: 0..0, copy: None, at_seam: spacing != Spacing::Verbatim, solid: 0 }
    }

    pub(super) fn is_uri(&self) -> bool {
        self.spacing == Spacing::Uri
    }

    pub(crate) fn len(&self) -> usize {
        self.copy.as_ref().map_or(self.range.len(), String::len)
    }

    /// Adds text outside CDATA.
    pub(super) fn text(&mut self, input: &str, range: Range<usize>) {
        let range = if self.at_seam { trimmed_start(input, range) } else { range };
        if !range.is_empty() {
            self.at_seam = false;
            self.push(input, range);
        }
    }

    /// Adds a decoded character.
    pub(super) fn character(&mut self, input: &str, character: char) {
        self.at_seam = false;
        self.copy(input).push(character);
    }

    /// Adds a CDATA section.
    pub(super) fn cdata(&mut self, input: &str, range: Range<usize>) {
        match self.spacing {
            Spacing::Uri | Spacing::Document => {
                if !self.at_seam {
                    self.trim_end(input);
                }
                self.push(input, trimmed_end(input, trimmed_start(input, range)));
                self.at_seam = true;
            }
            Spacing::Content => {
                self.push(input, range);
                self.solid = self.len();
                self.at_seam = false;
            }
            Spacing::Trimmed | Spacing::Verbatim => self.text(input, range),
        }
    }

    /// The joined text.
    pub(super) fn finish(mut self, source: &Arc<str>) -> Text {
        // At a seam the blanks at the end are removed already.
        if self.spacing != Spacing::Verbatim && !self.at_seam {
            self.trim_end(source);
        }
        match self.copy {
            Some(copy) => Text::from(copy),
            None if self.range.is_empty() => Text::default(),
            None => Text::slice(source, self.range),
        }
    }

    fn push(&mut self, input: &str, range: Range<usize>) {
        if let Cow::Owned(piece) = with_line_feeds(&input[range.clone()]) {
            self.copy(input).push_str(&piece);
            return;
        }
        match &mut self.copy {
            Some(copy) => copy.push_str(&input[range]),
            None if self.range.is_empty() => self.range = range,
            None if self.range.end == range.start => self.range.end = range.end,
            None if range.is_empty() => {}
            None => self.copy(input).push_str(&input[range]),
        }
    }

    fn copy(&mut self, input: &str) -> &mut String {
        let range = self.range.clone();
        self.copy.get_or_insert_with(|| {
            let mut copy = String::with_capacity(range.len() + room(input, range.end));
            copy.push_str(&input[range]);
            copy
        })
    }

    fn trim_end(&mut self, input: &str) {
        match &mut self.copy {
            Some(copy) => {
                let kept = trim_end(copy).len().max(self.solid);
                copy.truncate(kept);
            }
            None => {
                let kept = trim_end(&input[self.range.clone()]).len().max(self.solid);
                self.range.end = self.range.start + kept;
            }
        }
    }
}

/// For how many bytes a copy that begins with the text before byte `at` reserves room: up to the next tag, because all of them may
/// be part of the text.
fn room(input: &str, at: usize) -> usize {
    const MOST: usize = 1_000;
    let rest = input.as_bytes().get(at..).unwrap_or_default();
    let rest = &rest[..rest.len().min(MOST)];
    memchr(b'<', rest).unwrap_or(rest.len())
}

/// A range of the document without the blanks at its ends.
#[inline(always)]
pub(super) fn trimmed(input: &str, range: Range<usize>) -> Range<usize> {
    match &input.as_bytes()[range.clone()] {
        [b'!'..=b'~', .., b'!'..=b'~'] => range,
        _ => trimmed_end(input, trimmed_start(input, range)),
    }
}

fn trimmed_start(input: &str, range: Range<usize>) -> Range<usize> {
    range.end - trim_start(&input[range.clone()]).len()..range.end
}

fn trimmed_end(input: &str, range: Range<usize>) -> Range<usize> {
    range.start..range.start + trim_end(&input[range.clone()]).len()
}
