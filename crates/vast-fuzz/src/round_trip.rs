//! Writing a document that was read.

use vast_xml::model::{AdKind, Place, Vast};
use vast_xml::{Document, Limits, ParseOptions, Warning, WarningCode, write};

use crate::facts::facts;

/// A document that was read is written as well-formed XML, and reading that gives the same model. If the input is not well
/// formed, the first writing corrects what XML forbids; all facts remain, and the second writing fulfils the property.
///
/// # Panics
/// If that does not hold.
pub fn round_trip(data: &[u8]) {
    let Ok(document) = vast_xml::parse(data, &ParseOptions::default()) else { return };
    let written = write(&document.vast);
    let second = read(&written);
    assert_well_formed(&second.warnings, &written);
    let is_clean = !may_hold_forbidden(data) && !has_odd_name(&format!("{:?}", document.vast));
    if is_clean {
        assert_same_facts(&document.vast, &second.vast, &written);
    }
    let is_exact = is_clean
        && !may_be_malformed(data)
        && !has_markup_in_extension(&document.vast)
        && !may_hold_odd_comment(&document.vast)
        && !has_bad_declaration(&document.vast);
    if is_exact {
        assert_same_model(&document.vast, &second.vast, &written);
    }
    settles(second.vast);
}

/// After the first writing, nothing is left that XML forbids. If the writer dropped something, values may change once or
/// twice more, because an invalid text may have become a number or a list.
fn settles(mut vast: Vast) {
    for _ in 0..3 {
        let written = write(&vast);
        let again = read(&written).vast;
        if again == vast {
            return;
        }
        vast = again;
    }
    let written = write(&vast);
    assert_same_model(&vast, &read(&written).vast, &written);
}

/// Whether there is a declaration that XML namespaces do not allow. Such a declaration is not written.
fn has_bad_declaration(vast: &Vast) -> bool {
    let model = format!("{vast:?}");
    model.contains("name: \"xmlns:xml")
        || model
            .split("name: \"xmlns:")
            .skip(1)
            .any(|rest| rest.split_once('"').is_some_and(|(_, rest)| rest.starts_with(", value: \"\"")))
}

/// Whether a comment may contain two hyphens. XML forbids them, so the writer separates them.
fn may_hold_odd_comment(vast: &Vast) -> bool {
    let model = format!("{vast:?}");
    model.contains("Comment(") && (model.contains("--") || model.contains("-\")"))
}

/// Whether an extension may contain markup. Extensions are element trees, so text with markup in them is written in
/// canonical form.
fn has_markup_in_extension(vast: &Vast) -> bool {
    let verifications = vast.ads.iter().flat_map(|ad| match &ad.kind {
        AdKind::InLine(inline) => inline.ad_verifications.iter(),
        AdKind::Wrapper(wrapper) => wrapper.ad_verifications.iter(),
    });
    let mut carried = verifications.filter(|verification| verification.place == Place::Extension);
    carried.any(|verification| verification.parameters.as_ref().is_some_and(|text| text.contains('<')))
}

fn assert_same_model(first: &Vast, second: &Vast, written: &str) {
    if first != second {
        let (first, second) = (format!("{first:#?}"), format!("{second:#?}"));
        let differs = first.lines().zip(second.lines()).find(|(one, other)| one != other);
        panic!("{differs:#?}\nin\n{written}");
    }
}

/// Whether the reader warns about the XML of the document.
fn may_be_malformed(data: &[u8]) -> bool {
    let document = vast_xml::parse(data, &ParseOptions::default());
    document.is_ok_and(|document| {
        let stray = |code| matches!(code, WarningCode::StrayText | WarningCode::TooManyWarnings);
        document.warnings.iter().any(|warning| is_malformed(warning.code) || stray(warning.code))
    })
}

/// Whether there may be a name that XML does not allow. The writer corrects such names.
pub(crate) fn has_odd_name(model: &str) -> bool {
    let mut names = model.split("name: \"").skip(1).filter_map(|rest| rest.split('"').next());
    let is_plain = |name: &str| {
        let mut parts = name.split(':');
        let part = |part: &str| {
            part.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
                && part.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.'))
        };
        parts.by_ref().take(2).all(part) && parts.next().is_none()
    };
    names.any(|name| !is_plain(name))
}

/// Reads a document that we wrote. It may exceed the limits for received documents: in attributes (namespace declarations)
/// and in depth (elements that VAST 1.0 has further out).
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
            | WarningCode::LooseQuotes
            | WarningCode::DanglingAmpersand
            | WarningCode::UnknownEntity
    )
}

/// Whether there may be characters that XML 1.0 forbids, which the writer drops: control characters, U+FFFE and U+FFFF,
/// also as references. After that, an invalid value may become valid, or a text may become empty. C1 controls are written
/// as references, so they count too.
pub(crate) fn may_hold_forbidden(data: &[u8]) -> bool {
    data.iter().any(|byte| matches!(byte, 0..=8 | 11 | 12 | 14..=31 | 0x7f | 0xc2 | 0xef))
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
