//! Every tracker of an ad, with its event and the part of the ad that it belongs to.

use std::collections::{HashMap, HashSet};
use std::slice;

use vast_xml::Text;
use vast_xml::model::{Click, Event, Offset, Tracking, ViewableImpression, is_placeholder};

use super::beacon_event::BeaconEvent;
use crate::ad::{IndexedPart, Inherited, PartIndex, ResolvedAd, applies};

/// The part of an ad that a tracker belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AdPart {
    /// The whole ad.
    Ad,
    /// The linear creative with this number. `None` means every linear creative; trackers of a wrapper have this value
    /// (VAST 4.3 section 3.14.2).
    Linear(Option<usize>),
    /// A non-linear ad. First value: the number of the creative; `None` means every non-linear creative. Second value:
    /// the number of the `NonLinear` in it; `None` means the one that is shown.
    NonLinear(Option<usize>, Option<usize>),
    /// A companion. The tracker of a wrapper's companion without resources belongs to the companions of the `InLine` with the
    /// same id, else with the same size, else to all.
    Companion(PartIndex),
    /// An icon.
    Icon(PartIndex),
    /// A verification.
    Verification(PartIndex),
}

impl AdPart {
    /// Whether this part is the linear creative with this number.
    pub(in crate::track) fn is_linear(self, creative: usize) -> bool {
        matches!(self, Self::Linear(of) if applies(of, creative))
    }

    /// Whether this part is the `NonLinear` with this creative and number.
    pub(in crate::track) fn is_non_linear(self, creative: usize, number: usize) -> bool {
        matches!(self, Self::NonLinear(of, item) if applies(of, creative) && applies(item, number))
    }

    /// The name used in results.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ad => "ad",
            Self::Linear(_) => "linear",
            Self::NonLinear(..) => "nonLinear",
            Self::Companion(_) => "companion",
            Self::Icon(_) => "icon",
            Self::Verification(_) => "verification",
        }
    }
}

/// A tracker of an ad, borrowed from its document. Macros are not filled in.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct TrackerRef<'a> {
    /// The event that the tracker reports.
    pub event: BeaconEvent,
    /// The part of the ad that the tracker belongs to.
    pub part: AdPart,
    /// The number of the document that contains the tracker; 0 is the source's own.
    pub hop: u32,
    /// The offset of a `progress` tracker.
    pub offset: Option<Offset>,
    /// The `id` of the tracker. For an impression it names the ad server, for a custom click the kind of click.
    pub id: Option<&'a Text>,
    /// The URL as it is in the document.
    pub url: &'a Text,
}

/// Every tracker of `ad`, part by part. The trackers of each part are those of all levels, the outermost level first.
/// Equal trackers are not merged (VAST 4.3 sections 2.3.4 and 3.14.2). Empty URLs and placeholders (`about:blank`) are
/// left out, because they are never called. So are the trackers of an icon that is replaced by an icon of the same
/// program at an inner level (section 3.11).
pub fn trackers(ad: &ResolvedAd) -> Vec<TrackerRef<'_>> {
    let mut list = List { found: Vec::with_capacity(32), hop: 0 };
    list.whole(ad);
    list.linears(ad);
    list.non_linears(ad);
    list.companions(ad);
    list.icons(ad);
    list.measured(ad);
    list.found
}

/// Whether `ad` has a tracker of this event, in any part and at any level.
pub fn has_event(ad: &ResolvedAd, event: &BeaconEvent) -> bool {
    trackers(ad).iter().any(|tracker| event.is(&tracker.event))
}

/// The trackers of `ad` by event, in the order in which the events first occur.
#[doc(alias = "get_tracking_events")]
pub fn tracking_events(ad: &ResolvedAd) -> Vec<(BeaconEvent, Vec<TrackerRef<'_>>)> {
    let mut events: Vec<(BeaconEvent, Vec<TrackerRef<'_>>)> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for tracker in trackers(ad) {
        let place = *places.entry(tracker.event.as_str().to_owned()).or_insert(events.len());
        match events.get_mut(place) {
            Some((_, trackers)) => trackers.push(tracker),
            None => events.push((tracker.event.clone(), vec![tracker])),
        }
    }
    events
}

struct List<'a> {
    found: Vec<TrackerRef<'a>>,
    /// The document whose trackers are being added.
    hop: u32,
}

impl<'a> List<'a> {
    fn push(&mut self, event: BeaconEvent, part: AdPart, url: &'a Text, id: Option<&'a Text>) {
        self.push_at(event, part, url, id, None);
    }

    fn push_at(
        &mut self,
        event: BeaconEvent,
        part: AdPart,
        url: &'a Text,
        id: Option<&'a Text>,
        offset: Option<Offset>,
    ) {
        if !url.is_empty() && !is_placeholder(url) {
            self.found.push(TrackerRef { event, part, hop: self.hop, offset, id, url });
        }
    }

    fn whole(&mut self, ad: &'a ResolvedAd) {
        for Inherited { hop, item } in ad.impressions() {
            self.hop = hop;
            self.push(BeaconEvent::Impression, AdPart::Ad, &item.url, item.id.as_ref());
        }
        for Inherited { hop, item } in ad.errors() {
            self.hop = hop;
            self.push(BeaconEvent::Error, AdPart::Ad, item, None);
        }
        self.hop = ad.hop();
        ad.inline.surveys.iter().for_each(|survey| self.push(BeaconEvent::Survey, AdPart::Ad, &survey.url, None));
    }

    fn linears(&mut self, ad: &'a ResolvedAd) {
        for (level, of, linear) in ad.all_linears() {
            let part = AdPart::Linear(of);
            self.hop = level.hop();
            self.tracking(&linear.tracking_events, part);
            self.clicks(&BeaconEvent::Click, part, &linear.click_tracking);
            self.clicks(&BeaconEvent::CustomClick, part, &linear.custom_clicks);
        }
    }

    fn non_linears(&mut self, ad: &'a ResolvedAd) {
        for (level, of, ads) in ad.all_non_linear_ads() {
            self.hop = level.hop();
            self.tracking(&ads.tracking_events, AdPart::NonLinear(of, None));
            for (item, non_linear) in ads.non_linears.iter().enumerate() {
                // A `NonLinear` of a wrapper has no resources: its trackers belong to the one that is shown.
                let part = AdPart::NonLinear(of, of.map(|_| item));
                self.tracking(&non_linear.tracking_events, part);
                self.clicks(&BeaconEvent::NonLinearClick, part, &non_linear.click_tracking);
                self.clicks(&BeaconEvent::NonLinearCustomClick, part, &non_linear.custom_clicks);
            }
        }
    }

    fn companions(&mut self, ad: &'a ResolvedAd) {
        for companion in ad.companions().iter().flat_map(|set| &set.companions) {
            let part = AdPart::Companion(companion.index);
            for Inherited { hop, item } in companion.tracking() {
                self.hop = hop;
                self.tracking(slice::from_ref(item), part);
            }
            for Inherited { hop, item } in companion.click_tracking() {
                self.hop = hop;
                self.clicks(&BeaconEvent::CompanionClick, part, slice::from_ref(item));
            }
        }
    }

    /// An icon of a wrapper may apply to several creatives and is listed once.
    fn icons(&mut self, ad: &'a ResolvedAd) {
        let mut listed = HashSet::new();
        let icons = (0..ad.inline.creatives.len()).flat_map(|creative| ad.indexed_icons(creative));
        for IndexedPart { index: place, item: icon } in icons.filter(|icon| listed.insert(icon.index)) {
            let part = AdPart::Icon(place);
            self.hop = place.hop;
            icon.view_tracking.iter().for_each(|url| self.push(BeaconEvent::IconView, part, url, None));
            self.clicks(&BeaconEvent::IconClick, part, &icon.click_tracking);
        }
    }

    fn measured(&mut self, ad: &'a ResolvedAd) {
        for level in ad.levels() {
            self.hop = level.hop();
            level.viewable_impression.into_iter().for_each(|viewable| self.viewability(viewable));
            for IndexedPart { index: place, item } in level.indexed_verifications() {
                self.tracking(&item.tracking_events, AdPart::Verification(place));
            }
        }
    }

    fn viewability(&mut self, viewable: &'a ViewableImpression) {
        for (event, urls) in [
            (BeaconEvent::Viewable, &viewable.viewable),
            (BeaconEvent::NotViewable, &viewable.not_viewable),
            (BeaconEvent::ViewUndetermined, &viewable.view_undetermined),
        ] {
            urls.iter().for_each(|url| self.push(event.clone(), AdPart::Ad, url, viewable.id.as_ref()));
        }
    }

    fn tracking(&mut self, trackers: &'a [Tracking], part: AdPart) {
        for Tracking { event, offset, url, .. } in trackers {
            let offset = offset.filter(|_| *event == Event::Progress);
            self.push_at(BeaconEvent::Tracking(event.clone()), part, url, None, offset);
        }
    }

    fn clicks(&mut self, event: &BeaconEvent, part: AdPart, clicks: &'a [Click]) {
        clicks.iter().for_each(|click| self.push(event.clone(), part, &click.url, click.id.as_ref()));
    }
}
