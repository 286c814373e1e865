//! Stage 2: reads the bytes of a response as a document, and explains why it cannot be read.

use vast_xml::{AnyDocument, Document, ParseError, ParseErrorKind, ParseOptions, Warning, WarningCode};

use crate::error::{ErrorType, Failure};

/// From this size on, in bytes, a document is read on another thread: reading it takes about a millisecond.
pub(crate) const LARGE_BODY: usize = 256 * 1024;

/// Reads a document. An empty body means that the source has no ad.
///
/// # Errors
/// A [`Failure`] with the position of the error.
pub fn document(body: &[u8], charset: Option<&str>) -> Result<Document, Failure> {
    check_not_empty(body)?;
    let options = ParseOptions { charset, ..ParseOptions::default() };
    vast_xml::parse(body, &options).map_err(|error| failure(&error))
}

/// Reads VAST or a playlist (VMAP), whichever it is. An empty body means that the source has no ad. A playlist may have
/// more breaks than are run: the others are listed as skipped.
///
/// # Errors
/// A [`Failure`] with the position of the error.
pub fn any_document(body: &[u8], charset: Option<&str>) -> Result<AnyDocument, Failure> {
    check_not_empty(body)?;
    let options = ParseOptions { charset, ..ParseOptions::default() };
    vast_xml::parse_any(body, &options).map_err(|error| failure(&error))
}

fn check_not_empty(body: &[u8]) -> Result<(), Failure> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Err(Failure::new(ErrorType::NoAd, "the answer is empty").after_answer());
    }
    Ok(())
}

/// Whether an ad was left out because it has neither an `InLine` nor a `Wrapper` (VAST error 101).
pub(crate) fn has_unusable_ads(warnings: &[Warning]) -> bool {
    warnings.iter().any(|warning| warning.code == WarningCode::UnusableAd)
}

fn failure(error: &ParseError) -> Failure {
    let error_type = match error.kind {
        ParseErrorKind::Empty => ErrorType::NoAd,
        ParseErrorKind::NotVast | ParseErrorKind::Strict => ErrorType::NotVast,
        ParseErrorKind::Limit => ErrorType::Limit,
        _ => ErrorType::NotXml,
    };
    let message = match error.kind {
        ParseErrorKind::Html => "the answer is an HTML page, not VAST".into(),
        _ => format!("{} ({})", error.message, error.position),
    };
    Failure::new(error_type, message).after_answer()
}
