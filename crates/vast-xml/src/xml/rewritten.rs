//! [`Rewritten`]: an element in another arrangement, which is read in place of the element in the document.

use super::cursor::Cursor;
use super::names::Name;
use super::notes::{Counted, Parsed};
use super::tag::local;
use std::ops::Range;
use std::sync::Arc;

/// How often one element is rearranged: a rearranged element may have elements at wrong places inside those that were moved.
const MOST_ROUNDS: usize = 8;

/// A text made of pieces of the document and of new markup. It knows where in the document each piece stands.
#[derive(Default)]
pub(crate) struct Rewritten {
    text: String,
    runs: Vec<SourceRun>,
}

/// A piece of the text: its start, and its start in the document.
struct SourceRun {
    start: usize,
    source: usize,
    is_new: bool,
}

impl Rewritten {
    /// Adds a piece of the document.
    pub(crate) fn copy(&mut self, document: &str, range: Range<usize>) {
        self.runs.push(SourceRun { start: self.text.len(), source: range.start, is_new: false });
        self.text.push_str(document.get(range).unwrap_or_default());
    }

    /// Adds markup that the document does not have. Warnings about it have the offset `source`.
    pub(crate) fn insert(&mut self, markup: &[&str], source: usize) {
        self.runs.push(SourceRun { start: self.text.len(), source, is_new: true });
        self.text.extend(markup.iter().copied());
    }
}

/// The offset in the document of an offset in the text with these runs.
fn source_offset(runs: &[SourceRun], offset: usize) -> usize {
    let run = runs.partition_point(|run| run.start <= offset).checked_sub(1).and_then(|index| runs.get(index));
    run.map_or(0, |run| if run.is_new { run.source } else { run.source + offset - run.start })
}

impl<'a> Cursor<'a> {
    /// Sets the version that the document declares, as `major.minor`.
    pub(crate) fn set_version(&mut self, version: Option<(u16, u16)>) {
        self.notes.version = version;
    }

    /// The version that the document declares, as `major.minor`.
    pub(crate) fn version(&self) -> Option<(u16, u16)> {
        self.notes.version
    }

    /// Whether the document is one of VAST 1.0.
    pub(crate) fn is_first_version(&self) -> bool {
        self.version().is_some_and(|(major, _)| major == 1)
    }

    /// Begins an element that may have elements at wrong places.
    pub(crate) fn counted(&mut self) -> Counted {
        self.notes.misplaced.clear();
        self.notes.counted()
    }

    /// Remembers the current element if it is one of the standard, because it may have a meaning at another place, or if it
    /// groups elements of the standard. VAST 1.0 has other places, so nothing is remembered in a document of that version.
    pub(crate) fn remember_misplaced(&mut self) {
        let is_known = self.name() != Name::Unknown || self.grouped() != Name::Unknown;
        if is_known && !self.notes.is_muted() && !self.is_first_version() {
            self.notes.misplaced.push(self.tag_start());
        }
    }

    /// The number of elements that are remembered.
    pub(crate) fn misplaced_count(&self) -> usize {
        self.notes.misplaced.len()
    }

    /// Forgets the elements with these numbers, because the element around them is kept unchanged.
    pub(crate) fn forget_misplaced(&mut self, numbers: Range<usize>) {
        let end = numbers.end.min(self.notes.misplaced.len());
        self.notes.misplaced.drain(numbers.start.min(end)..end);
    }

    /// The name of the elements that the current element groups, if its name is their plural: `Impression` for `Impressions`.
    pub(crate) fn grouped(&self) -> Name {
        let name = local(self.tag_name());
        name.strip_suffix(['s', 'S']).map_or(Name::Unknown, |one| Name::find(one).0)
    }

    /// Whether the element begun last has elements at wrong places, and may be rearranged.
    pub(crate) fn has_misplaced(&self) -> bool {
        !self.notes.misplaced.is_empty() && self.notes.rounds < MOST_ROUNDS
    }

    /// Whether an element of this length may be read again. It counts towards the limit for the document.
    pub(crate) fn may_read_again(&mut self, length: usize) -> bool {
        let left = self.notes.rereadable.checked_sub(length);
        self.notes.rereadable = left.unwrap_or(self.notes.rereadable);
        left.is_some()
    }

    /// The offsets of the elements at wrong places, in ascending order.
    pub(crate) fn take_misplaced(&mut self) -> Vec<usize> {
        let mut misplaced = std::mem::take(&mut self.notes.misplaced);
        misplaced.sort_unstable();
        misplaced
    }

    /// Removes the warnings since `counted`, and everything that was counted since.
    pub(crate) fn forget_since(&mut self, counted: &Counted) {
        self.notes.forget_since(counted);
    }

    /// Reads a text in place of the element that was just read. Warnings and errors have the offsets of the document.
    pub(crate) fn read_instead<T>(
        &mut self,
        rewritten: Rewritten,
        read: impl FnOnce(&mut Cursor<'_>) -> Parsed<T>,
    ) -> Parsed<T> {
        let Rewritten { text, runs } = rewritten;
        let source: Arc<str> = Arc::from(text);
        let (before, pinned) = (self.notes.count(), self.notes.pinned());
        let mut notes = self.notes.lend(None);
        notes.rounds += 1;
        let mut inner = Cursor::new(&source, notes);
        let result = read(&mut inner);
        self.notes.take_back(inner.into_notes(), pinned);
        self.notes.rounds -= 1;
        self.notes.misplaced.clear();
        if pinned.is_none() {
            self.notes.translate(before, |offset| source_offset(&runs, offset));
        }
        result.map_err(|stop| {
            let offset = source_offset(&runs, stop.offset());
            stop.at(offset)
        })
    }
}
