//! Which trackers are due: decided purely, from the answer and the journal.

use std::sync::Arc;

use http::HeaderMap;

use crate::ad::Tree;
use crate::journal::{Entry, Fact, Outcome};
use crate::report::SourceReport;
use crate::select::Candidate;
use crate::transport::AddressRule;
use crate::values::RequestValues;

/// What a beacon reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BeaconEvent {
    /// The ad was shown.
    Impression,
    /// Something failed; the VAST error code is in the URL where its macro stood.
    Error,
}

impl BeaconEvent {
    /// The name used in results.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Impression => "impression",
            Self::Error => "error",
        }
    }
}

/// A tracker to call: everything a try needs, independent of the document it came from.
#[derive(Debug, Clone)]
pub struct Beacon {
    /// What it reports.
    pub event: BeaconEvent,
    /// The URL, macros filled in once, with the values of the moment: every try sends the same bytes.
    pub url: String,
    /// The document that named it; 0 is the source's own.
    pub hop: u32,
    /// The source.
    pub source: Arc<str>,
    /// Which addresses it may be sent to.
    pub rule: AddressRule,
    /// `User-Agent`, `Accept` and the `X-Device-*` set, equal to those of the ad request (VAST 4.3 section 1.1.3).
    pub headers: Arc<HeaderMap>,
}

/// What became of a beacon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BeaconState {
    /// It waits in the outbox.
    Queued,
    /// The tracker took it.
    Delivered,
    /// The outbox had no room.
    Refused,
}

impl BeaconState {
    /// The name used in results.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Delivered => "delivered",
            Self::Refused => "refused",
        }
    }
}

/// A beacon as a result shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tracked {
    /// What it reports.
    pub event: BeaconEvent,
    /// The URL called.
    pub url: String,
    /// The document that named it; 0 is the source's own.
    pub hop: u32,
    /// What became of it by the time of the answer.
    pub state: BeaconState,
}

/// The impressions of the answer: every level of every ad (VAST 4.3 sections 2.3.4 and 3.4.4).
pub(super) fn impressions<'a>(
    ads: &'a [Candidate],
    values: &'a RequestValues<'_>,
) -> impl Iterator<Item = Beacon> + use<'a> {
    let of_ad = move |candidate: &'a Candidate| {
        let ad = &candidate.ad;
        let due = ad.impressions().filter(|impression| !impression.item.is_placeholder());
        due.map(move |impression| {
            let url = values.expand_of_ad(&impression.item.url, &ad.tree, None, ad.ad_serving_id());
            beacon(BeaconEvent::Impression, url, impression.hop, &ad.tree, values)
        })
    };
    ads.iter().flat_map(of_ad)
}

/// The error reports that are owed, but those of lanes that were cancelled because another source won.
pub(super) fn errors<'a>(
    journal: &'a [Entry],
    sources: &'a [SourceReport],
    values: &'a RequestValues<'_>,
) -> impl Iterator<Item = Beacon> + use<'a> {
    let is_silent = |lane: usize| sources.get(lane).is_none_or(|source| source.outcome == Outcome::Cancelled);
    journal.iter().filter_map(move |Entry { lane, fact, .. }| {
        let Fact::Owed { hop, url, code, tree, ad_serving_id } = fact else { return None };
        if is_silent(*lane) || vast_xml::model::is_placeholder(url) {
            return None;
        }
        let url = values.expand_of_ad(url, tree, Some(*code), ad_serving_id.as_ref());
        Some(beacon(BeaconEvent::Error, url, *hop, tree, values))
    })
}

fn beacon(event: BeaconEvent, url: String, hop: u32, tree: &Tree, values: &RequestValues<'_>) -> Beacon {
    let (source, rule) = (Arc::clone(&tree.source), tree.rule.clone());
    Beacon { event, url, hop, source, rule, headers: values.shared_headers() }
}
