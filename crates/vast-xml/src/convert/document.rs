//! The public functions: converting a document to another version, and writing it in the form of that version.

use super::change::{Change, ChangeKind};
use super::inline::{inline, wrapper};
use super::unknown::unknown;
use super::walk::Walk;
use crate::edition::edition;
use crate::model::{Ad, AdKind, Vast};
use crate::version::Version;
use crate::write::write_in_order;
use crate::xml::{Key, Name};
use std::collections::HashSet;

/// A converted document.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Conversion {
    /// The converted document. [`write_version`] writes it with the names and the order of its version.
    pub vast: Vast,
    /// The changes, in the order in which they were made.
    pub changes: Vec<Change>,
}

impl Conversion {
    /// The changes that lost information.
    pub fn losses(&self) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(|change| change.is_loss())
    }
}

/// Converts a document to a version of the standard. The result has only parts that the version has, the parts that it
/// requires (see below), and events with the names of the version.
///
/// Parts that the version does not have are moved to extensions. For `UniversalAdId`, `InteractiveCreativeFile`, `Mezzanine`,
/// `Icon` and `AdVerifications`, the VAST CTV Addendum 2024 defines the form of these extensions. Other parts that affect
/// payment or the decision to show the ad get the same form: `ViewableImpression`, `Pricing`, `Category`, `AdServingId`,
/// `Advertiser`, `Expires`, `Survey`, `BlockedAdCategories`, `ClosedCaptionFiles` and trackers of linear ads. A conversion to
/// a version that has the part moves it back from the extension. Parts that cannot be moved are dropped. Each of these steps
/// is reported as a [`Change`].
///
/// Required parts that are missing are filled in with the values that the standard provides: `unknown` for names, and
/// `about:blank` for the impression. `AdServingId` is filled in with a hash of the ad's names and URLs, so that the same ad
/// always gets the same id. If there is no such value, as for the width of a media file, the part stays missing.
///
/// All other extensions stay unchanged, and so do macros. Converting the result to the same version again changes nothing.
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

/// Writes a document with the element order and the names of this version's schema: `Creative@AdID` up to 3.0,
/// `Companion@adSlotID` in 4.0, creative extensions in `Linear` in 3.0, `Creatives` in every wrapper up to 3.0.
///
/// Nothing is left out: elements that the version does not have are written after those that it has. Documents from
/// [`to_version`](super::to_version) have no such elements. In all other respects it works like [`write`](crate::write).
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
    // The sort is stable, so ads with the same position keep their order in the document.
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
