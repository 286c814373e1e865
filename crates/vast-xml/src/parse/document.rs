//! [`parse`]: reads bytes as a document.

use super::envelope::{Opened, opened};
use super::vast;
use crate::error::{ParseError, ParseErrorKind};
use crate::model::Vast;
use crate::options::ParseOptions;
use crate::position::Locator;
use crate::position::Position;
use crate::warning::{Warning, WarningCode};
use crate::xml::{Cursor, Notes, Parsed, Stop, decode, into_warnings};
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
    let mut vast = Vast::default();
    let warnings = read_document(input, options, |cursor| vast::read(cursor, &mut vast))?;
    Ok(Document { vast, warnings })
}

/// Reads a document of any kind and returns the warnings. `read` gets a cursor before the root element. It stores what it reads in its
/// place: a result would be moved through each function on the way.
pub(crate) fn read_document(
    input: &[u8],
    options: &ParseOptions<'_>,
    read: impl FnOnce(&mut Cursor<'_>) -> Parsed<()>,
) -> Result<Vec<Warning>, ParseError> {
    if input.len() > options.limits.bytes {
        return Err(at_start(ParseErrorKind::Limit, "more bytes than allowed"));
    }
    let decoded = decode(input, options.charset);
    let source: Arc<str> = Arc::from(decoded.text);
    let mut locator = Locator::new(&source, decoded.cut);
    // The notes are made where they stay: the processor stalls when it copies a structure that was written just before.
    let mut cursor = Cursor::new(&source, Notes::new(options, source.len()));
    let complained = match decoded.complaint {
        Some(complaint) => cursor.warn_at(WarningCode::Encoding, complaint, 0),
        None => Ok(()),
    };
    match complained.and_then(|()| read_from(&mut cursor, read)) {
        Ok(()) => Ok(into_warnings(cursor.into_notes().into_list(), &mut locator)),
        Err(stop) => Err(stop.into_error(&mut locator)),
    }
}

fn read_from(cursor: &mut Cursor<'_>, read: impl FnOnce(&mut Cursor<'_>) -> Parsed<()>) -> Parsed<()> {
    match opened(cursor.input()) {
        Ok(None) => {}
        Ok(Some(opened)) => return read_opened(opened, cursor, read),
        Err(message) => return Err(Stop::new(ParseErrorKind::NotXml, message, 0)),
    }
    skip_junk(cursor)?;
    read(cursor)
}

/// Reads a document that is a text in another format. All warnings and errors get the offset where that text begins.
#[cold]
fn read_opened(
    opened: Opened,
    cursor: &mut Cursor<'_>,
    read: impl FnOnce(&mut Cursor<'_>) -> Parsed<()>,
) -> Parsed<()> {
    let Opened { start, document, code, message } = opened;
    cursor.warn_at(code, message, start)?;
    let read = |cursor: &mut Cursor<'_>| {
        skip_junk(cursor)?;
        read(cursor)
    };
    cursor.read_other(&Arc::from(document), start, read).map_err(|stop| stop.at(start))
}

/// Begins at the first tag. Text before it is ignored with a warning.
fn skip_junk(cursor: &mut Cursor<'_>) -> Parsed<()> {
    let text = cursor.input();
    let first = memchr(b'<', text.as_bytes()).unwrap_or(text.len());
    let junk = text[..first].trim_matches(['\0', '\u{feff}']).trim();
    match (junk.is_empty(), first == text.len()) {
        (true, false) => {}
        (true, true) => return Err(Stop::new(ParseErrorKind::Empty, "nothing there", 0)),
        (false, true) => return Err(Stop::new(ParseErrorKind::NotXml, "no XML in it", 0)),
        (false, false) => cursor.warn_at(WarningCode::LeadingJunk, "text before the first tag was ignored", 0)?,
    }
    cursor.begin_at(first);
    Ok(())
}

fn at_start(kind: ParseErrorKind, message: &'static str) -> ParseError {
    ParseError { kind, position: Position::default(), message: message.into() }
}
