//! The root and its ads (VAST 4.3, sections 3.2 and 3.3), and the errors for other root elements.

use super::inline::inline;
use super::link::tracker_urls;
use super::unknown::{duplicate, element_again, keep_element, keep_unusable, unknown};
use super::wrapper::wrapper;
use crate::attributes::{Attributed, keep, read_attributes};
use crate::error::ParseErrorKind;
use crate::misplaced::{Moved, Rearranged, rearranged, wrapped};
use crate::model::{Ad, AdKind, AdType, Attribute, Extra, NAMESPACE, Vast};
use crate::text::Text;
use crate::warning::WarningCode;
use crate::xml::{Counted, Cursor, Name, Parsed, Rewritten, Stop, clipped, decoded};
use std::collections::BTreeSet;
use std::ops::Range;

/// The version of VAST that DAAST was merged into.
const DAAST_VERSION: &str = "4.1";

/// The version of a document whose root is `VideoAdServingTemplate`.
const TEMPLATE_VERSION: &str = "1.0";

/// Reads the whole document.
pub(super) fn read(cursor: &mut Cursor<'_>, vast: &mut Vast) -> Parsed<()> {
    let root = cursor.root()?;
    read_vast(cursor, root, vast)
}

/// Reads the whole document into `vast`. `root` is the current element, or `None` if the document has no element.
pub(crate) fn read_vast(cursor: &mut Cursor<'_>, root: Option<Name>, vast: &mut Vast) -> Parsed<()> {
    match root {
        Some(name) if is_root(name) => whole(cursor, name, vast),
        Some(_) => Err(foreign(cursor, "<VAST>")),
        None => Err(Stop::new(ParseErrorKind::Empty, "no element in it", 0)),
    }
}

/// Whether the name is that of a VAST root element.
pub(crate) fn is_root(name: Name) -> bool {
    matches!(name, Name::Vast | Name::VideoAdServingTemplate | Name::Daast)
}

/// Reads the root. Of a damaged document, the complete ads are kept.
fn whole(cursor: &mut Cursor<'_>, name: Name, vast: &mut Vast) -> Parsed<()> {
    match root(cursor, name, vast) {
        Ok(()) => cursor.trailing(),
        Err(stop) if stop.kind() == ParseErrorKind::NotXml && !vast.ads.is_empty() => {
            let message = format!("{}; the ads before are kept", stop.message());
            cursor.warn_at(WarningCode::Damaged, message, stop.offset())
        }
        Err(stop) => Err(stop),
    }
}

/// Reads the current element, a root with this name, into `vast`. After an error, `vast` contains the ads that are complete.
pub(crate) fn root(cursor: &mut Cursor<'_>, name: Name, vast: &mut Vast) -> Parsed<()> {
    // The root of VAST 1.0 needs no version attribute.
    let version = (name == Name::VideoAdServingTemplate).then_some(TEMPLATE_VERSION);
    root_attributes(cursor, vast)?;
    if vast.version.is_none() {
        vast.version = version.map(Text::from);
    }
    if name == Name::Daast {
        cursor.warn(WarningCode::Daast, "a DAAST document: it is read as VAST 4.1 with audio ads")?;
        vast.version = Some(Text::from(DAAST_VERSION));
        // The writer makes a document of VAST, which has another namespace.
        vast.extra = Extra::default();
    }
    if vast.version.is_none() {
        cursor.warn(WarningCode::MissingAttribute, "<VAST> without @version")?;
    }
    cursor.set_version(vast.version_number());
    let mut positions = BTreeSet::new();
    while let Some(child) = cursor.child()? {
        match child {
            Name::Ad | Name::InLine | Name::Wrapper => {
                let start = cursor.tag_start();
                let ad = if child == Name::Ad { ad(cursor)? } else { content_without_ad(cursor, child)? };
                let Some(mut ad) = ad else {
                    keep_unusable(cursor, start, &mut vast.extra)?;
                    continue;
                };
                if name == Name::Daast {
                    ad.ad_type.get_or_insert(AdType::Audio);
                }
                if let Some(position) = ad.sequence.filter(|position| !positions.insert(*position)) {
                    let message = format!("a second ad at pod position {position}");
                    cursor.warn_at(WarningCode::DuplicateSequence, message, start)?;
                }
                vast.ads.push(ad);
            }
            Name::Error => tracker_urls(cursor, &mut vast.errors, &mut vast.extra)?,
            _ => unknown(cursor, &mut vast.extra)?,
        }
    }
    Ok(())
}

/// Reads the attributes of the root. The declaration of the namespace of VAST 4 is not kept, because the writer adds it itself.
fn root_attributes(cursor: &mut Cursor<'_>, vast: &mut Vast) -> Parsed<()> {
    // The place among the kept attributes, because a document of an older version keeps the declaration.
    let mut declaration = None;
    while let Some(attribute) = cursor.attribute()? {
        if cursor.name_of(attribute) == "xmlns" && decoded(cursor.raw_of(attribute)) == NAMESPACE {
            declaration = Some((attribute, vast.extra.attributes.len()));
        } else if !vast.read_attribute(cursor, attribute)? {
            keep(cursor, attribute, &mut vast.extra)?;
        }
    }
    if let Some((attribute, place)) = declaration.filter(|_| !vast.has_namespace()) {
        let name = cursor.text_of(cursor.range_of(cursor.name_of(attribute)));
        vast.extra.attributes.insert(place, Attribute { name, value: cursor.exact_value(attribute) });
    }
    Ok(())
}

/// Reads an ad; `None`, with a warning, when it has neither `InLine` nor `Wrapper`. If it has elements at wrong places, it is
/// read again with those elements where the standard has them.
fn ad(cursor: &mut Cursor<'_>) -> Parsed<Option<Ad>> {
    let counted = cursor.counted();
    let start = cursor.tag_start();
    let ad = ad_as_it_stands(cursor)?;
    if cursor.has_misplaced() { rearranged_ad(cursor, ad, &counted, start) } else { Ok(ad) }
}

#[cold]
fn rearranged_ad(cursor: &mut Cursor<'_>, ad: Option<Ad>, counted: &Counted, start: usize) -> Parsed<Option<Ad>> {
    let Some(Rearranged { text, moved }) = rearranged(cursor, start..cursor.offset())? else { return Ok(ad) };
    // It may be large, and the ad is read a second time.
    drop(ad);
    cursor.forget_since(counted);
    for element in moved {
        let (code, message) = warning_of(&element);
        cursor.warn_at(code, message, element.start)?;
    }
    read_ad_instead(cursor, text)
}

fn warning_of(moved: &Moved) -> (WarningCode, String) {
    let (tag, home) = (moved.name.as_str(), moved.home.as_str());
    let message = match (moved.is_repeated, moved.read_as == moved.name) {
        (true, _) => format!("<{tag}> stands again: it is read as another creative"),
        (false, true) => format!("<{tag}> is at a wrong place: it is read as a part of <{home}>"),
        (false, false) => format!("<{tag}> is read as <{}>, a part of <{home}>", moved.read_as.as_str()),
    };
    (if moved.is_repeated { WarningCode::DuplicateElement } else { WarningCode::MisplacedElement }, message)
}

/// Reads an `InLine` or `Wrapper` that is not in an `Ad`.
#[cold]
fn content_without_ad(cursor: &mut Cursor<'_>, child: Name) -> Parsed<Option<Ad>> {
    let counted = cursor.counted();
    let start = cursor.tag_start();
    cursor.skip()?;
    cursor.forget_since(&counted);
    let message = format!("<{}> is not in an <Ad>: it is read as an ad", child.as_str());
    cursor.warn_at(WarningCode::MisplacedElement, message, start)?;
    read_ad_instead(cursor, wrapped(cursor, start..cursor.offset(), Name::Ad))
}

fn read_ad_instead(cursor: &mut Cursor<'_>, text: Rewritten) -> Parsed<Option<Ad>> {
    cursor.read_instead(text, |cursor| {
        // This child is the ad itself.
        cursor.child()?;
        ad(cursor)
    })
}

fn ad_as_it_stands(cursor: &mut Cursor<'_>) -> Parsed<Option<Ad>> {
    cursor.count_ad()?;
    let start = cursor.tag_start();
    // Its kind is an empty one of that which most likely follows, and the content is read into it.
    let kind = likely_kind(cursor);
    let mut ad = Ad { id: None, sequence: None, ad_type: None, conditional_ad: None, kind, extra: Extra::default() };
    let mut is_empty = true;
    // The range of the wrapper, and how many unknown elements are before it.
    let mut place = (0..0, 0);
    read_attributes(cursor, &mut ad)?;
    while let Some(child) = cursor.child()? {
        match (child, &mut ad.kind) {
            (Name::InLine, kind) if is_empty => {
                is_empty = false;
                first_inline(cursor, kind)?;
            }
            (Name::Wrapper, kind) if is_empty => {
                is_empty = false;
                let start = cursor.tag_start();
                first_wrapper(cursor, kind)?;
                place = (start..cursor.offset(), ad.extra.elements.len());
            }
            (Name::InLine, kind @ AdKind::Wrapper(_)) => {
                ambiguous(cursor)?;
                first_inline(cursor, kind)?;
                give_way(cursor, &mut ad, &place)?;
            }
            (Name::Wrapper, AdKind::InLine(_)) => {
                ambiguous(cursor)?;
                keep_element(cursor, &mut ad.extra)?;
            }
            (Name::InLine | Name::Wrapper, _) => duplicate(cursor, &mut ad.extra)?,
            _ => unknown(cursor, &mut ad.extra)?,
        }
    }
    if is_empty {
        let message = "an ad with neither <InLine> nor <Wrapper>: kept as an unknown element, not as an ad";
        cursor.warn_at(WarningCode::UnusableAd, message, start)?;
        return Ok(None);
    }
    Ok(Some(ad))
}

/// An empty part of the kind that the text after the start tag of an ad begins with.
fn likely_kind(cursor: &Cursor<'_>) -> AdKind {
    if cursor.is_followed_by("<Wrapper") { AdKind::Wrapper(Box::default()) } else { AdKind::InLine(Box::default()) }
}

/// Reads an `InLine` into a kind into which nothing was read.
fn first_inline(cursor: &mut Cursor<'_>, kind: &mut AdKind) -> Parsed<()> {
    if let AdKind::InLine(part) = kind {
        return inline(cursor, part);
    }
    let mut part = Box::default();
    inline(cursor, &mut part)?;
    *kind = AdKind::InLine(part);
    Ok(())
}

/// Reads a `Wrapper` into a kind into which nothing was read.
fn first_wrapper(cursor: &mut Cursor<'_>, kind: &mut AdKind) -> Parsed<()> {
    if let AdKind::Wrapper(part) = kind {
        return wrapper(cursor, part);
    }
    let mut part = Box::default();
    wrapper(cursor, &mut part)?;
    *kind = AdKind::Wrapper(part);
    Ok(())
}

fn ambiguous(cursor: &mut Cursor<'_>) -> Parsed<()> {
    cursor.warn(
        WarningCode::AmbiguousAd,
        "both <InLine> and <Wrapper> in one ad: the <InLine> is taken, the <Wrapper> kept as an unknown element",
    )
}

/// Keeps the wrapper of an ad as an unknown element, because the ad has an `InLine` too.
fn give_way(cursor: &mut Cursor<'_>, ad: &mut Ad, (range, index): &(Range<usize>, usize)) -> Parsed<()> {
    let wrapper = element_again(cursor, range.clone())?;
    let elements = &mut ad.extra.elements;
    elements.insert((*index).min(elements.len()), wrapper);
    Ok(())
}

/// The error for a document whose root, the current element, is not the `wanted` one.
pub(crate) fn foreign(cursor: &Cursor<'_>, wanted: &str) -> Stop {
    let name = cursor.tag_name();
    let local = name.rsplit(':').next().unwrap_or_default();
    if local.eq_ignore_ascii_case("html") {
        return Stop::new(ParseErrorKind::Html, "a web page, not an ad response", cursor.tag_start());
    }
    let mut message = format!("the root element is <{}>, not {wanted}", clipped(name));
    if Name::find(local).0 == Name::Vmap {
        message.push_str(": a playlist of ad breaks, not an ad response");
    }
    Stop::new(ParseErrorKind::NotVast, message, cursor.tag_start())
}
