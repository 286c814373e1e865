//! Reading documents.

use vast_xml::vmap::AdData;
use vast_xml::{AnyDocument, Limits, ParseError, ParseErrorKind, ParseOptions, Position, Warning};

/// Any bytes give a model within the limits, or an error. The result is the same each time, and positions are positions of
/// the input. Strict mode refuses exactly the inputs with a deviation.
///
/// # Panics
/// If that does not hold.
pub fn parse(data: &[u8]) {
    check(data, |data, options| vast_xml::parse(data, options).map(AnyDocument::Vast));
}

/// A function that reads documents.
type Reader = fn(&[u8], &ParseOptions<'_>) -> Result<AnyDocument, ParseError>;

pub(crate) fn check(data: &[u8], read: Reader) {
    let lenient = read(data, &ParseOptions::default());
    assert_eq!(lenient, read(data, &ParseOptions::default()), "reading twice");
    match &lenient {
        Ok(document) => check_document(data, document, &Limits::default()),
        Err(error) => check_error(data, error),
    }
    check_strict(data, read, &lenient);
    check_limits(data, read);
    for charset in ["utf-16", "windows-1252", "shift_jis"] {
        let _ = read(data, &ParseOptions { charset: Some(charset), ..ParseOptions::default() });
    }
}

fn check_document(data: &[u8], document: &AnyDocument, limits: &Limits) {
    let (breaks, ads) = counts(document);
    assert!(breaks <= limits.breaks && ads <= limits.ads, "{breaks} breaks, {ads} ads");
    let warnings = document.warnings();
    // One more warning says that there were more.
    assert!(warnings.len() <= limits.warnings + 1, "{} warnings", warnings.len());
    let in_order = |pair: &[Warning]| pair[0].position.offset <= pair[1].position.offset;
    assert!(warnings.windows(2).all(in_order), "warnings stand in the order of the places");
    for warning in warnings {
        assert!(!warning.message.is_empty(), "a warning says something");
        check_position(data, warning.position);
    }
}

/// The number of breaks, and of ads in all of them.
fn counts(document: &AnyDocument) -> (usize, usize) {
    match document {
        AnyDocument::Vast(document) => (0, document.vast.ads.len()),
        AnyDocument::Vmap(document) => {
            let ads = document.vmap.breaks.iter().map(|one| match one.ad_data() {
                Some(AdData::Vast(vast)) => vast.ads.len(),
                _ => 0,
            });
            (document.vmap.breaks.len(), ads.sum())
        }
    }
}

fn check_error(data: &[u8], error: &ParseError) {
    assert!(!error.message.is_empty(), "an error says something");
    assert!([100, 101, 303].contains(&error.kind.vast_error_code()));
    check_position(data, error.position);
}

/// Without a conversion, offset, line and column must be the same place of the input. After a conversion they must be a
/// place of the converted text, which has at most three bytes for each byte of the input.
fn check_position(data: &[u8], position: Position) {
    let Some((text, before)) = as_read(data) else {
        assert!(position.offset <= data.len().saturating_mul(3) && position.line > 0 && position.column > 0);
        return;
    };
    let passed = position.offset.checked_sub(before).and_then(|offset| text.get(..offset));
    // The offset of the beginning is 0, also if there is a byte order mark.
    let passed = passed.or((position.offset == 0).then_some("")).expect("a place between two characters of the input");
    let line = passed.matches('\n').count() + 1;
    let column = passed.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    assert_eq!((position.line as usize, position.column as usize), (line, column), "at {}", position.offset);
}

/// The text and the length of the byte order mark before it, if the input needs no conversion.
fn as_read(data: &[u8]) -> Option<(&str, usize)> {
    let text = std::str::from_utf8(data).ok()?;
    let announced = text.contains("encoding") || data.iter().take(2).any(|byte| *byte == 0);
    match text.strip_prefix('\u{feff}') {
        Some(rest) => Some((rest, text.len() - rest.len())),
        None => (!announced).then_some((text, 0)),
    }
}

fn check_strict(data: &[u8], read: Reader, lenient: &Result<AnyDocument, ParseError>) {
    let strict = read(data, &ParseOptions { strict: true, ..ParseOptions::default() });
    match (lenient, &strict) {
        (Ok(document), _) if !deviates(document) => assert_eq!(&strict, lenient, "strict without a deviation"),
        (Ok(_), Ok(_)) => panic!("strict accepts a deviation"),
        (Ok(_), Err(error)) => assert_eq!(error.kind, ParseErrorKind::Strict),
        (Err(_), Ok(_)) => panic!("strict accepts what is refused otherwise"),
        (Err(error), Err(strict)) => assert!(strict.kind == error.kind || strict.kind == ParseErrorKind::Strict),
    }
    if let Err(error) = &strict {
        check_error(data, error);
    }
}

fn deviates(document: &AnyDocument) -> bool {
    document.warnings().iter().any(|warning| warning.code.is_deviation())
}

fn check_limits(data: &[u8], read: Reader) {
    let limits = Limits {
        bytes: 4096,
        depth: 8,
        elements: 64,
        attributes_per_element: 4,
        text_bytes: 128,
        breaks: 2,
        ads: 1,
        trackers: 4,
        warnings: 4,
    };
    match read(data, &ParseOptions { limits: limits.clone(), ..ParseOptions::default() }) {
        Ok(document) => {
            assert!(data.len() <= limits.bytes);
            check_document(data, &document, &limits);
        }
        Err(error) => check_error(data, &error),
    }
}
