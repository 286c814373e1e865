//! [`parse`]: reads bytes as a document.

use super::envelope::{Opened, opened};
use super::vast;
use crate::model::Vast;
use crate::position::Locator;
use crate::xml::{Cursor, Note, Notes, Parsed, Stop, decode, into_warnings};
use crate::{ParseError, ParseErrorKind, ParseOptions, Position, Warning, WarningCode};
use memchr::memchr;
use std::sync::Arc;

/// A VAST document that was read.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Document {
    /// The document.
    pub vast: Vast,
    /// The warnings, in the order of their positions.
    pub warnings: Vec<Warning>,
}

/// Reads a VAST document of any version from 1.0 to 4.4.
///
/// Reading is lenient: everything that can be understood is read, with a [`Warning`] for each deviation, and a part
/// that cannot be read affects no other part. If a document is truncated, the complete ads are kept.
///
/// # Errors
///
/// A [`ParseError`] if the whole document is unusable: it is empty, it is a web page, it is damaged before the end of
/// the first ad, it has another root element or a document type declaration, it exceeds a limit, or it has a deviation
/// in strict mode.
#[doc(alias = "VastParser")]
#[doc(alias = "parse_vast")]
pub fn parse(input: &[u8], options: &ParseOptions<'_>) -> Result<Document, ParseError> {
    let (vast, warnings) = read_document(input, options, vast::read)?;
    Ok(Document { vast, warnings })
}

/// Reads a document of any kind. `read` gets a cursor before the root element.
pub(crate) fn read_document<T>(
    input: &[u8],
    options: &ParseOptions<'_>,
    read: impl FnOnce(&mut Cursor<'_>) -> Parsed<T>,
) -> Result<(T, Vec<Warning>), ParseError> {
    if input.len() > options.limits.bytes {
        return Err(at_start(ParseErrorKind::Limit, "more bytes than allowed"));
    }
    let decoded = decode(input, options.charset);
    let source: Arc<str> = Arc::from(decoded.text);
    let mut locator = Locator::new(&source, decoded.cut);
    let mut notes = Notes::new(options);
    notes.allow_rereading(source.len());
    let decoded = match decoded.complaint {
        Some(complaint) => notes.warn(WarningCode::Encoding, complaint, 0),
        None => Ok(()),
    };
    let whole = decoded.and_then(|()| read_from(&source, notes, read));
    let (document, notes) = whole.map_err(|stop| stop.into_error(&mut locator))?;
    Ok((document, into_warnings(notes, &mut locator)))
}

fn read_from<T>(
    source: &Arc<str>,
    mut notes: Notes,
    read: impl FnOnce(&mut Cursor<'_>) -> Parsed<T>,
) -> Parsed<(T, Vec<Note>)> {
    match opened(source) {
        Ok(None) => {}
        Ok(Some(opened)) => return read_opened(opened, notes, read),
        Err(message) => return Err(Stop::new(ParseErrorKind::NotXml, message, 0)),
    }
    let base = skip_junk(source, &mut notes)?;
    let mut cursor = Cursor::new(source, base, notes);
    let document = read(&mut cursor)?;
    Ok((document, cursor.into_notes().into_list()))
}

/// Reads a document that is a text in another format. All warnings and errors get the offset where that text begins.
fn read_opened<T>(
    opened: Opened,
    mut notes: Notes,
    read: impl FnOnce(&mut Cursor<'_>) -> Parsed<T>,
) -> Parsed<(T, Vec<Note>)> {
    let Opened { start, document, code, message } = opened;
    notes.warn(code, message, start)?;
    notes.pin(start);
    let document: Arc<str> = Arc::from(document);
    let read = || {
        let base = skip_junk(&document, &mut notes)?;
        let mut cursor = Cursor::new(&document, base, notes);
        let document = read(&mut cursor)?;
        Ok((document, cursor.into_notes().into_list()))
    };
    read().map_err(|stop: Stop| stop.at(start))
}

/// The offset of the first tag. Text before it is ignored with a warning.
fn skip_junk(text: &str, notes: &mut Notes) -> Result<usize, Stop> {
    let first = memchr(b'<', text.as_bytes()).unwrap_or(text.len());
    let junk = text[..first].trim_matches(['\0', '\u{feff}']).trim();
    match (junk.is_empty(), first == text.len()) {
        (true, false) => Ok(first),
        (true, true) => Err(Stop::new(ParseErrorKind::Empty, "nothing there", 0)),
        (false, true) => Err(Stop::new(ParseErrorKind::NotXml, "no XML in it", 0)),
        (false, false) => {
            notes.warn(WarningCode::LeadingJunk, "text before the first tag was ignored", 0)?;
            Ok(first)
        }
    }
}

fn at_start(kind: ParseErrorKind, message: &'static str) -> ParseError {
    ParseError { kind, position: Position::default(), message: message.into() }
}
