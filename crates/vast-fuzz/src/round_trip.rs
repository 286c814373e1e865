//! Writing what was read.

use vast_xml::model::Vast;
use vast_xml::{Document, Limits, ParseOptions, Warning, WarningCode, write};

use crate::facts::facts;

/// What was read is written as a well-formed document; reading that gives every fact back, and writing it again soon changes
/// nothing any more.
///
/// # Panics
/// When that does not hold.
pub fn round_trip(data: &[u8]) {
    let Ok(document) = vast_xml::parse(data, &ParseOptions::default()) else { return };
    let document = if may_hold_forbidden(data) { read(&write(&document.vast)) } else { document };
    let written = write(&document.vast);
    let second = read(&written);
    assert_well_formed(&second.warnings, &written);
    assert_same_facts(&document.vast, &second.vast, &written);
    // Once more, since empty unknown parts and the order of namespace declarations may take two turns.
    let again = write(&second.vast);
    let settled = write(&read(&again).vast);
    assert!(settled == again, "when it is written once more\n{again}\nbecomes\n{settled}");
}

/// Limits are those of a document from outside: ours may have more attributes (namespace declarations) and depth (parts
/// that VAST 1.0 has further out).
fn read(written: &str) -> Document {
    let read = vast_xml::parse(written.as_bytes(), &ParseOptions { limits: ours(), ..ParseOptions::default() });
    read.unwrap_or_else(|error| panic!("{error} in\n{written}"))
}

pub(crate) fn ours() -> Limits {
    Limits {
        bytes: usize::MAX,
        depth: 256,
        attributes_per_element: 256,
        text_bytes: usize::MAX,
        trackers: usize::MAX,
        ..Limits::default()
    }
}

pub(crate) fn assert_well_formed(warnings: &[Warning], written: &str) {
    let malformed = warnings.iter().find(|warning| is_malformed(warning.code));
    assert!(malformed.is_none(), "{malformed:?} in\n{written}");
}

fn is_malformed(code: WarningCode) -> bool {
    matches!(
        code,
        WarningCode::Encoding
            | WarningCode::LeadingJunk
            | WarningCode::TrailingContent
            | WarningCode::Damaged
            | WarningCode::DuplicateAttribute
            | WarningCode::BadAttribute
            | WarningCode::DanglingAmpersand
            | WarningCode::UnknownEntity
    )
}

/// Whether there may be characters that XML 1.0 has no place for, which are dropped: then a value may become one that can
/// be read, or a text none at all. Those are control characters, U+FFFE and U+FFFF, also as references.
pub(crate) fn may_hold_forbidden(data: &[u8]) -> bool {
    data.iter().any(|byte| matches!(byte, 0..=8 | 11 | 12 | 14..=31 | 0xef))
        || data.windows(2).any(|pair| pair == b"&#")
}

fn assert_same_facts(first: &Vast, second: &Vast, written: &str) {
    assert_same(&facts(first), &facts(second), written);
}

pub(crate) fn assert_same(first: &[String], second: &[String], written: &str) {
    if first != second {
        let lost: Vec<&String> = first.iter().filter(|fact| !second.contains(fact)).collect();
        let gained: Vec<&String> = second.iter().filter(|fact| !first.contains(fact)).collect();
        panic!("lost: {lost:#?}\ngained: {gained:#?}\nin\n{written}");
    }
}
