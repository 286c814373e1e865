//! The entrance: a document to one of another version.

use super::change::{Change, ChangeKind};
use super::inline::{inline, wrapper};
use super::unknown::unknown;
use super::walk::Walk;
use crate::Version;
use crate::edition::edition;
use crate::model::{Ad, AdKind, Vast};
use crate::write::write_in_order;
use crate::xml::{Key, Name};
use std::collections::HashSet;

/// A converted document.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Conversion {
    /// The document, for [`write`](crate::write): the writer follows its version in names and order.
    pub vast: Vast,
    /// What was changed, in the order of the parts.
    pub changes: Vec<Change>,
}

impl Conversion {
    /// The changes by which something was lost.
    pub fn losses(&self) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(|change| change.is_loss())
    }
}

/// Converts a document to a version of the standard: nothing in it is newer or older than that version, what it requires
/// is there, and events have its names.
///
/// What the version does not have moves to extensions: in the form of the VAST CTV Addendum 2024 where that has one
/// (`UniversalAdId`, `InteractiveCreativeFile`, `Mezzanine`, `Icon`, `AdVerifications`), in the same form for other parts
/// that money or permission to show the ad depends on (`ViewableImpression`, `Pricing`, `Category`, `AdServingId`,
/// `Advertiser`, `Expires`, `Survey`, `BlockedAdCategories`, `ClosedCaptionFiles`, trackers of linear ads), and back to their
/// own places on the way up. What cannot move is dropped. Each such step is a [`Change`].
///
/// What is required and missing is filled in with what the standard has for that: `unknown`, `about:blank` as impression,
/// and as `AdServingId` a number that is made of the ad's URLs, so that the same ad has the same one. Where nothing of the
/// kind exists, such as for a media file's width, nothing is invented.
///
/// Parts of extensions are never looked into otherwise, and macros stay as they are. Converting the result to the same
/// version again changes nothing.
///
/// ```
/// use vast_xml::{ParseOptions, Version, convert, parse, write};
///
/// let newer = br#"<VAST version="4.2"><Ad id="1"><InLine><AdSystem>a</AdSystem><AdTitle>t</AdTitle>
///   <Impression>https://a.example/i</Impression><AdServingId>7</AdServingId>
///   <Creatives><Creative><Linear><Duration>00:00:15</Duration><TrackingEvents>
///     <Tracking event="playerExpand">https://a.example/big</Tracking></TrackingEvents></Linear></Creative></Creatives>
///   </InLine></Ad></VAST>"#;
/// let newer = parse(newer, &ParseOptions::default())?.vast;
/// let older = convert::to_version(&newer, Version::V3_0);
/// let changes: Vec<String> = older.changes.iter().map(ToString::to_string).collect();
/// assert_eq!(changes, [
///     "VAST@version: `4.2` became `3.0`",
///     "VAST/Ad[1]/InLine/AdServingId: moved to the extension `AdServingId`",
///     "VAST/Ad[1]/InLine/Creatives/Creative[1]/Linear/TrackingEvents/Tracking[1]@event: `playerExpand` became `fullscreen`",
/// ]);
/// assert!(write(&older.vast).contains("fullscreen"));
/// # Ok::<(), vast_xml::ParseError>(())
/// ```
pub fn to_version(vast: &Vast, version: Version) -> Conversion {
    let mut vast = vast.clone();
    let mut walk = Walk::new(edition(version));
    set_version(&mut walk, &mut vast);
    unknown(&mut walk, &mut vast.extra);
    root_errors(&mut walk, &mut vast);
    number_pods(&mut walk, &mut vast.ads);
    walk.children(Name::Ad, &mut vast.ads, ad);
    Conversion { vast, changes: walk.into_changes() }
}

/// Writes a document in the order of elements and with the names that this version's schema has: `Creative@AdID` up to 3.0,
/// `Companion@adSlotID` in 4.0, creative extensions in `Linear` in 3.0, `Creatives` in every wrapper up to 3.0.
///
/// Nothing is left out: what the version does not have stands behind what it has. There is nothing of the kind in documents
/// that [`to_version`](super::to_version) made. Otherwise like [`write`](crate::write).
///
/// ```
/// use vast_xml::{ParseOptions, Version, convert, parse};
///
/// let newer = br#"<VAST version="4.2"><Ad id="1"><Wrapper><Impression>https://a.example/i</Impression><AdSystem>a</AdSystem>
///   <VASTAdTagURI>https://a.example/next</VASTAdTagURI></Wrapper></Ad></VAST>"#;
/// let newer = parse(newer, &ParseOptions::default())?.vast;
/// let older = convert::to_version(&newer, Version::V2_0);
/// assert_eq!(convert::write_version(&older.vast, Version::V2_0), r#"<?xml version="1.0" encoding="UTF-8"?>
/// <VAST version="2.0">
///   <Ad id="1">
///     <Wrapper>
///       <AdSystem><![CDATA[a]]></AdSystem>
///       <VASTAdTagURI><![CDATA[https://a.example/next]]></VASTAdTagURI>
///       <Impression><![CDATA[https://a.example/i]]></Impression>
///       <Creatives/>
///     </Wrapper>
///   </Ad>
/// </VAST>
/// "#);
/// # Ok::<(), vast_xml::ParseError>(())
/// ```
pub fn write_version(vast: &Vast, version: Version) -> String {
    write_in_order(vast, Some(edition(version)))
}

fn set_version(walk: &mut Walk, vast: &mut Vast) {
    let to = walk.edition.version.as_str();
    if vast.version.as_deref() != Some(to) {
        let from = vast.version.as_deref().unwrap_or_default().to_owned();
        walk.note_attribute(Key::Version.as_str(), ChangeKind::Renamed { from, to: to.to_owned() });
        vast.version = Some(to.into());
    }
}

/// A document has ads or root errors, never both (VAST 4.3, section 3.2).
fn root_errors(walk: &mut Walk, vast: &mut Vast) {
    if vast.ads.is_empty() {
        walk.children(Name::Error, &mut vast.errors, super::walk::leaf);
    } else {
        for number in 1..=vast.errors.len() {
            walk.inside(Name::Error, Some(number), |walk| walk.note(ChangeKind::Dropped));
        }
        vast.errors.clear();
    }
}

/// Positions in a pod are unique and begin with 1 (section 3.3.1).
fn number_pods(walk: &mut Walk, ads: &mut [Ad]) {
    let positions: HashSet<u32> = ads.iter().filter_map(|ad| ad.sequence).collect();
    let mut pod: Vec<usize> = (0..ads.len()).filter(|index| ads[*index].sequence.is_some()).collect();
    let is_whole = positions.len() == pod.len() && positions.iter().all(|one| *one as usize <= pod.len() && *one > 0);
    if is_whole {
        return;
    }
    // Stable: of equal positions the first in the document comes first.
    pod.sort_by_key(|index| ads[*index].sequence);
    for (place, index) in (1..).zip(pod) {
        let from = ads[index].sequence.replace(place).unwrap_or_default();
        if from != place && walk.row(Name::Ad).attributes.contains(&Key::Sequence) {
            let kind = ChangeKind::Renamed { from: from.to_string(), to: place.to_string() };
            walk.inside(Name::Ad, Some(index + 1), |walk| walk.note_attribute(Key::Sequence.as_str(), kind));
        }
    }
}

fn ad(walk: &mut Walk, ad: &mut Ad) {
    if ad.id.is_none() && walk.edition.requires_ad_id {
        let id = walk.number().to_string();
        walk.note_attribute(Key::Id.as_str(), ChangeKind::Filled { with: id.clone() });
        ad.id = Some(id.into());
    }
    walk.attributes(ad);
    unknown(walk, &mut ad.extra);
    match &mut ad.kind {
        AdKind::InLine(content) => walk.inside(Name::InLine, None, |walk| inline(walk, content)),
        AdKind::Wrapper(content) => walk.inside(Name::Wrapper, None, |walk| wrapper(walk, content)),
    }
}
