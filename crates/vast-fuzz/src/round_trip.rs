//! Writing what was read.

use vast_xml::model::{AdKind, Place, Vast};
use vast_xml::{Document, Limits, ParseOptions, Warning, WarningCode, write, write_as_read};

use crate::facts::facts;

/// What was read is written as a well-formed document; reading that gives every fact back, and writing it again soon changes
/// nothing any more. Written as it was read, reading it gives the very same model.
///
/// # Panics
/// When that does not hold.
pub fn round_trip(data: &[u8]) {
    let Ok(document) = vast_xml::parse(data, &ParseOptions::default()) else { return };
    let is_put_right = may_hold_forbidden(data) || has_odd_name(&format!("{:?}", document.vast));
    let document = if is_put_right { read(&write_as_read(&document.vast)) } else { document };
    same_model(data, &document.vast);
    let written = write(&document.vast);
    let second = read(&written);
    assert_well_formed(&second.warnings, &written);
    assert_same_facts(&document.vast, &second.vast, &written);
    // Once more, since empty unknown parts and the order of namespace declarations may take two turns.
    let again = write(&second.vast);
    let settled = write(&read(&again).vast);
    assert!(settled == again, "when it is written once more\n{again}\nbecomes\n{settled}");
}

/// What is written as it was read is read as it was written. A document that is not well formed is put right by the first
/// writing; from then on it holds for that too.
fn same_model(data: &[u8], vast: &Vast) {
    let written = write_as_read(vast);
    let second = read(&written);
    if !may_be_malformed(data) {
        assert_well_formed(&second.warnings, &written);
    }
    assert_same_facts(vast, &second.vast, &written);
    let is_exact = !may_be_malformed(data) && !has_markup_in_extension(vast) && !may_hold_odd_comment(vast);
    if is_exact {
        assert_same_model(vast, &second.vast, &written);
    }
    let again = write_as_read(&second.vast);
    assert_same_model(&second.vast, &read(&again).vast, &again);
    assert!(!is_exact || again == written, "written once more\n{written}\nbecomes\n{again}");
}

/// Two hyphens in a row, which XML forbids in comments, are set apart there.
fn may_hold_odd_comment(vast: &Vast) -> bool {
    format!("{vast:?}").contains("--")
}

/// Extensions are element trees, so markup that is read from one as a text is written anew.
fn has_markup_in_extension(vast: &Vast) -> bool {
    let verifications = vast.ads.iter().flat_map(|ad| match &ad.kind {
        AdKind::InLine(inline) => inline.ad_verifications.iter(),
        AdKind::Wrapper(wrapper) => wrapper.ad_verifications.iter(),
    });
    let mut carried = verifications.filter(|verification| verification.place == Place::Extension);
    carried.any(|verification| verification.parameters.as_ref().is_some_and(|text| text.contains('<')))
}

/// Layouts are equal to each other, but not as text.
fn assert_same_model(first: &Vast, second: &Vast, written: &str) {
    let (first, second) = (format!("{first:#?}"), format!("{second:#?}"));
    if first != second {
        let differs = first.lines().zip(second.lines()).find(|(one, other)| one != other);
        panic!("{differs:#?}\nin\n{written}");
    }
}

/// Whether there are complaints about the XML of the document.
fn may_be_malformed(data: &[u8]) -> bool {
    let document = vast_xml::parse(data, &ParseOptions::default());
    document.is_ok_and(|document| {
        let stray = |code| matches!(code, WarningCode::StrayText | WarningCode::TooManyWarnings);
        document.warnings.iter().any(|warning| is_malformed(warning.code) || stray(warning.code))
    })
}

/// Whether there may be a name that XML does not allow: those are put right.
pub(crate) fn has_odd_name(model: &str) -> bool {
    let names = model.split("name: \"").skip(1).filter_map(|rest| rest.split('"').next());
    let written = model.split(" =").skip(1).filter_map(|rest| rest.split([' ', ']', ')']).next());
    let is_plain = |name: &str| {
        let mut parts = name.split(':');
        let part = |part: &str| {
            part.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
                && part.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.'))
        };
        parts.by_ref().take(2).all(part) && parts.next().is_none()
    };
    names.chain(written).any(|name| !is_plain(name))
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
    let malformed = |warning: &&Warning| is_malformed(warning.code) && !warning.message.ends_with("in another case");
    let malformed = warnings.iter().find(malformed);
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
