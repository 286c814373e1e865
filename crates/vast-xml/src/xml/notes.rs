//! The books of one reading: warnings, and what has been used of the limits.

use crate::position::Locator;
use crate::{Limits, ParseError, ParseErrorKind, ParseOptions, Position, Warning, WarningCode};
use std::borrow::Cow;

/// What a reading gives, or the reason to stop it.
pub(crate) type Parsed<T> = Result<T, Stop>;

/// Reading has to stop here.
///
/// [`ParseErrorKind::NotXml`] means damage: what is complete is kept. All other kinds refuse the document.
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

    /// The same, noticed elsewhere.
    pub(crate) fn at(mut self, offset: usize) -> Stop {
        self.0.offset = offset;
        self
    }

    /// The error for the caller: only now the position is worked out.
    pub(crate) fn into_error(self, locator: &mut Locator<'_>) -> ParseError {
        let Stopped { kind, message, offset } = *self.0;
        ParseError { kind, position: locator.locate(offset), message }
    }
}

struct Note {
    code: WarningCode,
    message: Cow<'static, str>,
    offset: usize,
}

/// Warnings by byte offset, and counters.
pub(crate) struct Notes {
    limits: Limits,
    strict: bool,
    /// `&amp;` in URLs is taken for `&`.
    repairs_ampersands: bool,
    /// What is read again has been complained about before.
    muted: bool,
    notes: Vec<Note>,
    elements: usize,
    breaks: usize,
    ads: usize,
    trackers: usize,
    /// What is read stands escaped in the document: its places are all this one.
    pinned: Option<usize>,
}

impl Notes {
    pub(crate) fn new(options: &ParseOptions<'_>) -> Notes {
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
        }
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    pub(super) fn repairs_ampersands(&self) -> bool {
        self.repairs_ampersands
    }

    /// From here on everything that is said about places is put to this one.
    pub(crate) fn pin(&mut self, place: usize) {
        self.pinned = Some(place);
    }

    /// Notes an oddity; in strict mode a deviation from the schemas ends the reading.
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

    /// Turns complaining off or on; gives what it was.
    pub(crate) fn mute(&mut self, muted: bool) -> bool {
        std::mem::replace(&mut self.muted, muted)
    }

    /// Whether what is read now was read before.
    pub(super) fn is_muted(&self) -> bool {
        self.muted
    }

    /// Gives these books to the reading of a document inside this one. `pinned` is the place to which everything is put
    /// that it says about places.
    pub(super) fn lend(&mut self, pinned: Option<usize>) -> Notes {
        let inner = Notes::new(&ParseOptions::default());
        Notes { pinned: self.pinned.or(pinned), ..std::mem::replace(self, inner) }
    }

    /// How many oddities were noted.
    pub(super) fn count(&self) -> usize {
        self.notes.len()
    }

    /// Keeps the first so many.
    pub(super) fn forget_all_but(&mut self, count: usize) {
        self.notes.truncate(count);
    }

    pub(super) fn pinned(&self) -> Option<usize> {
        self.pinned
    }

    /// Takes the books back that were [lent](Notes::lend).
    pub(super) fn take_back(&mut self, inner: Notes, pinned: Option<usize>) {
        *self = Notes { pinned, ..inner };
    }

    pub(crate) fn count_element(&mut self, offset: usize) -> Parsed<()> {
        // What is read again has been counted before.
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

    /// The warnings in the order of their places.
    pub(crate) fn into_warnings(mut self, locator: &mut Locator<'_>) -> Vec<Warning> {
        self.notes.sort_by_key(|note| note.offset);
        let warning = |Note { code, message, offset }: Note| {
            let position: Position = locator.locate(offset);
            Warning { code, message, position }
        };
        self.notes.into_iter().map(warning).collect()
    }
}

/// `Err` when a counter has passed its limit.
pub(crate) fn within(count: usize, limit: usize, message: &'static str, offset: usize) -> Parsed<()> {
    if count <= limit { Ok(()) } else { Err(Stop::new(ParseErrorKind::Limit, message, offset)) }
}

/// A name or value for a message: its first 64 characters, since a hostile document has longer ones, and many.
pub(crate) fn clipped(text: &str) -> &str {
    text.char_indices().nth(64).map_or(text, |(end, _)| &text[..end])
}
