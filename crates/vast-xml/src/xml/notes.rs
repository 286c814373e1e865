//! [`Notes`]: the warnings of one reading, and the counters for its limits.

use crate::error::{ParseError, ParseErrorKind};
use crate::options::{Limits, ParseOptions};
use crate::position::Locator;
use crate::position::Position;
use crate::warning::{Warning, WarningCode};
use std::borrow::Cow;

/// The value that was read, or the reason to stop reading.
pub(crate) type Parsed<T> = Result<T, Stop>;

/// The reason to stop reading.
///
/// [`ParseErrorKind::NotXml`] means damage: the parts that are complete are kept. With all other kinds the document is
/// refused.
pub(crate) struct Stop(Box<Stopped>);

struct Stopped {
    kind: ParseErrorKind,
    message: Cow<'static, str>,
    offset: usize,
}

impl Stop {
    pub(crate) fn new(kind: ParseErrorKind, message: impl Into<Cow<'static, str>>, offset: usize) -> Stop {
        Stop(Box::new(Stopped { kind, message: message.into(), offset }))
    }

    pub(crate) fn kind(&self) -> ParseErrorKind {
        self.0.kind
    }

    pub(crate) fn message(&self) -> &str {
        &self.0.message
    }

    pub(crate) fn offset(&self) -> usize {
        self.0.offset
    }

    /// The same reason with another offset.
    pub(crate) fn at(mut self, offset: usize) -> Stop {
        self.0.offset = offset;
        self
    }

    /// The error for the caller, with the position that the offset has.
    pub(crate) fn into_error(self, locator: &mut Locator<'_>) -> ParseError {
        let Stopped { kind, message, offset } = *self.0;
        ParseError { kind, position: locator.locate(offset), message }
    }
}

/// A warning with its byte offset.
pub(crate) struct Note {
    code: WarningCode,
    message: Cow<'static, str>,
    offset: usize,
}

/// How many bytes of any document may be read again in another arrangement, and twice its length more: so many that a real document
/// has enough, and a hostile one costs a small multiple of its size.
const SMALL_REREADING: usize = 256 << 10;

/// Warnings with their byte offsets, and counters for the limits.
pub(crate) struct Notes {
    limits: Limits,
    strict: bool,
    /// Whether `&amp;` in URLs becomes `&`.
    repairs_ampersands: bool,
    /// Whether warnings are off, because a piece of the document is read a second time.
    muted: bool,
    notes: Vec<Note>,
    elements: usize,
    breaks: usize,
    ads: usize,
    trackers: usize,
    /// The offset of all warnings, while an escaped document is read: offsets in it are not offsets of the input.
    pinned: Option<usize>,
    /// The offsets of the elements of the standard at places where the standard does not have them.
    pub(super) misplaced: Vec<usize>,
    /// How many rearranged texts are being read, one inside the other.
    pub(super) rounds: usize,
    /// How many bytes may still be read again in another arrangement.
    pub(super) rereadable: usize,
    /// The version that the document declares.
    pub(super) version: Option<(u16, u16)>,
}

/// The warnings and counters at one moment.
pub(crate) struct Counted {
    notes: usize,
    elements: usize,
    ads: usize,
    trackers: usize,
}

impl Notes {
    /// No warnings yet, for a document of `length` bytes.
    #[inline(always)]
    pub(crate) fn new(options: &ParseOptions<'_>, length: usize) -> Notes {
        let limits = options.limits.clone();
        Notes {
            limits,
            strict: options.strict,
            repairs_ampersands: options.repair_ampersands && !options.strict,
            muted: false,
            notes: Vec::new(),
            elements: 0,
            breaks: 0,
            ads: 0,
            trackers: 0,
            pinned: None,
            misplaced: Vec::new(),
            rounds: 0,
            rereadable: SMALL_REREADING + 2 * length,
            version: None,
        }
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    pub(super) fn repairs_ampersands(&self) -> bool {
        self.repairs_ampersands
    }

    /// Adds a warning. In strict mode, a deviation from the schemas stops the reading instead.
    pub(crate) fn warn(
        &mut self,
        code: WarningCode,
        message: impl Into<Cow<'static, str>>,
        offset: usize,
    ) -> Parsed<()> {
        if self.muted {
            return Ok(());
        }
        if self.strict && code.is_deviation() {
            return Err(Stop::new(ParseErrorKind::Strict, message, offset));
        }
        let offset = self.pinned.unwrap_or(offset);
        match self.notes.len().cmp(&self.limits.warnings) {
            std::cmp::Ordering::Less => self.notes.push(Note { code, message: message.into(), offset }),
            std::cmp::Ordering::Equal => {
                let message = Cow::Borrowed("further warnings were left out");
                self.notes.push(Note { code: WarningCode::TooManyWarnings, message, offset });
            }
            std::cmp::Ordering::Greater => {}
        }
        Ok(())
    }

    /// Turns warnings off or on and gives the setting before.
    pub(crate) fn mute(&mut self, muted: bool) -> bool {
        std::mem::replace(&mut self.muted, muted)
    }

    /// Whether warnings are off, because a piece of the document is read a second time.
    pub(super) fn is_muted(&self) -> bool {
        self.muted
    }

    /// Moves the warnings and counters to the reading of a document inside this one. `pinned` is the offset that all its
    /// warnings get, if its own offsets are not offsets of the input.
    pub(super) fn lend(&mut self, pinned: Option<usize>) -> Notes {
        let inner = Notes::new(&ParseOptions::default(), 0);
        Notes { pinned: self.pinned.or(pinned), ..std::mem::replace(self, inner) }
    }

    /// The number of warnings.
    pub(super) fn count(&self) -> usize {
        self.notes.len()
    }

    /// Keeps only the first `count` warnings.
    pub(super) fn forget_all_but(&mut self, count: usize) {
        self.notes.truncate(count);
    }

    pub(super) fn pinned(&self) -> Option<usize> {
        self.pinned
    }

    /// Takes the warnings and counters back from the inner reading ([`Notes::lend`]).
    pub(super) fn take_back(&mut self, inner: Notes, pinned: Option<usize>) {
        *self = Notes { pinned, ..inner };
    }

    pub(super) fn counted(&self) -> Counted {
        let Notes { elements, ads, trackers, .. } = *self;
        // The start tag of the element, which is read again, is counted already.
        Counted { notes: self.notes.len(), elements: elements.saturating_sub(1), ads, trackers }
    }

    pub(super) fn forget_since(&mut self, counted: &Counted) {
        let Counted { notes, elements, ads, trackers } = *counted;
        self.forget_all_but(notes);
        (self.elements, self.ads, self.trackers) = (elements, ads, trackers);
    }

    /// Changes the offsets of all warnings but the first `count`.
    pub(super) fn translate(&mut self, count: usize, to: impl Fn(usize) -> usize) {
        for note in self.notes.iter_mut().skip(count) {
            note.offset = to(note.offset);
        }
    }

    pub(crate) fn count_element(&mut self, offset: usize) -> Parsed<()> {
        // While warnings are off, a piece is read a second time, and its elements were already counted.
        self.elements += usize::from(!self.muted);
        within(self.elements, self.limits.elements, "more elements than allowed", offset)
    }

    pub(crate) fn count_break(&mut self, offset: usize) -> Parsed<()> {
        self.breaks += 1;
        within(self.breaks, self.limits.breaks, "more ad breaks than allowed", offset)
    }

    pub(crate) fn count_ad(&mut self, offset: usize) -> Parsed<()> {
        self.ads += 1;
        within(self.ads, self.limits.ads, "more ads than allowed", offset)
    }

    pub(crate) fn count_tracker(&mut self, offset: usize) -> Parsed<()> {
        self.trackers += 1;
        within(self.trackers, self.limits.trackers, "more trackers than allowed", offset)
    }

    /// The warnings in the order in which they were added.
    pub(crate) fn into_list(self) -> Vec<Note> {
        self.notes
    }
}

/// The warnings in the order of their offsets, with their positions.
pub(crate) fn into_warnings(mut notes: Vec<Note>, locator: &mut Locator<'_>) -> Vec<Warning> {
    notes.sort_by_key(|note| note.offset);
    let warning = |Note { code, message, offset }: Note| {
        let position: Position = locator.locate(offset);
        Warning { code, message, position }
    };
    notes.into_iter().map(warning).collect()
}

/// `Err` when a counter has passed its limit.
#[inline(always)]
pub(crate) fn within(count: usize, limit: usize, message: &'static str, offset: usize) -> Parsed<()> {
    if count <= limit { Ok(()) } else { Err(beyond(message, offset)) }
}

#[cold]
fn beyond(message: &'static str, offset: usize) -> Stop {
    Stop::new(ParseErrorKind::Limit, message, offset)
}

/// The first 64 characters of a name or value, for a message. A hostile document may have many very long ones.
pub(crate) fn clipped(text: &str) -> &str {
    text.char_indices().nth(64).map_or(text, |(end, _)| &text[..end])
}
