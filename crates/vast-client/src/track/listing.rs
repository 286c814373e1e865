//! Every tracker of an ad, level by level, with the part of the ad that it belongs to.

use std::collections::HashMap;

use vast_xml::Text;
use vast_xml::model::{
    Click, Companion, CompanionAds, Creative, Event, Icon, Linear, NonLinearAds, Offset, Survey, Tracking,
    Verification, ViewableImpression, is_placeholder,
};

use super::event::BeaconEvent;
use crate::ad::ResolvedAd;

/// Where in the chain of an ad a part of it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The document; 0 is the source's own.
    pub hop: u32,
    /// The place of its creative among those of the level; 0 for what is no creative's.
    pub creative: usize,
    /// Its place among its like in the creative, or among the level's verifications.
    pub item: usize,
}

/// The part of an ad that a tracker belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Part {
    /// The ad as a whole.
    Ad,
    /// The linear creative of this number, or, where a wrapper names it, each (VAST 4.3 section 3.14.2).
    Linear(Option<usize>),
    /// The non-linear creative of this number, or each; and of it the `NonLinear` of this number, or whichever is shown.
    NonLinear(Option<usize>, Option<usize>),
    /// A companion. The tracker of a wrapper's companion that has nothing to show belongs to those companions of the
    /// `InLine` that have its id, else its size, else to all.
    Companion(Place),
    /// An icon.
    Icon(Place),
    /// A verification.
    Verification(Place),
}

impl Part {
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

/// A tracker of an ad, macros not filled in.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Listed<'a> {
    /// What it reports.
    pub event: BeaconEvent,
    /// What it belongs to.
    pub part: Part,
    /// The document it came from; 0 is the source's own.
    pub hop: u32,
    /// For `progress`: when.
    pub offset: Option<Offset>,
    /// The `id` it has: of an impression whose it is, of a custom click which.
    pub id: Option<&'a Text>,
    /// The URL as the document has it.
    pub url: &'a Text,
}

/// Every tracker of `ad`, of all levels, outermost first, equal ones kept (VAST 4.3 sections 2.3.4 and 3.14.2). What only
/// fills a required place (`about:blank`) and what is empty is left out: it is never called.
pub fn trackers(ad: &ResolvedAd) -> Vec<Listed<'_>> {
    let mut list = List { found: Vec::with_capacity(32), companions: own_companions(ad), hop: 0, is_own: false };
    for level in &ad.wrappers {
        (list.hop, list.is_own) = (level.document.hop, false);
        let wrapper = &level.wrapper;
        list.ad(wrapper.impressions.iter().map(|item| (&item.url, item.id.as_ref())), &wrapper.errors, &[]);
        list.creatives(&wrapper.creatives);
        list.whole(wrapper.viewable_impression.as_ref(), &wrapper.ad_verifications);
    }
    (list.hop, list.is_own) = (ad.document.hop, true);
    let inline = &ad.inline;
    list.ad(inline.impressions.iter().map(|item| (&item.url, item.id.as_ref())), &inline.errors, &inline.surveys);
    list.creatives(&inline.creatives);
    list.whole(inline.viewable_impression.as_ref(), &inline.ad_verifications);
    list.found
}

/// Whether `ad` has a tracker of this event, in whatever part and at whatever level.
pub fn has_event(ad: &ResolvedAd, event: &BeaconEvent) -> bool {
    trackers(ad).iter().any(|tracker| event.is(&tracker.event))
}

/// The trackers of `ad` by event, in the order in which each event is first named.
#[doc(alias = "get_tracking_events")]
pub fn tracking_events(ad: &ResolvedAd) -> Vec<(BeaconEvent, Vec<Listed<'_>>)> {
    let mut events: Vec<(BeaconEvent, Vec<Listed<'_>>)> = Vec::new();
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

/// The companions of the `InLine` that have something to show.
fn own_companions<'a>(ad: &'a ResolvedAd) -> Vec<(Place, &'a Companion)> {
    let of_creative = |(creative, ads): (usize, &'a Creative)| {
        let companions = ads.companion_ads.iter().flat_map(|ads| &ads.companions).enumerate();
        companions.map(move |(item, companion)| (Place { hop: ad.document.hop, creative, item }, companion))
    };
    let all = ad.inline.creatives.iter().enumerate().flat_map(of_creative);
    all.filter(|(_, companion)| !companion.resources.is_empty()).collect()
}

struct List<'a> {
    found: Vec<Listed<'a>>,
    /// What a wrapper's companion without anything to show may belong to.
    companions: Vec<(Place, &'a Companion)>,
    hop: u32,
    /// Whether the level is the `InLine`.
    is_own: bool,
}

impl<'a> List<'a> {
    fn push(&mut self, event: BeaconEvent, part: Part, url: &'a Text, id: Option<&'a Text>) {
        self.push_at(event, part, url, id, None);
    }

    fn push_at(&mut self, event: BeaconEvent, part: Part, url: &'a Text, id: Option<&'a Text>, offset: Option<Offset>) {
        if !url.is_empty() && !is_placeholder(url) {
            self.found.push(Listed { event, part, hop: self.hop, offset, id, url });
        }
    }

    fn ad(
        &mut self,
        impressions: impl Iterator<Item = (&'a Text, Option<&'a Text>)>,
        errors: &'a [Text],
        surveys: &'a [Survey],
    ) {
        impressions.for_each(|(url, id)| self.push(BeaconEvent::Impression, Part::Ad, url, id));
        errors.iter().for_each(|url| self.push(BeaconEvent::Error, Part::Ad, url, None));
        surveys.iter().for_each(|survey| self.push(BeaconEvent::Survey, Part::Ad, &survey.url, None));
    }

    fn whole(&mut self, viewable: Option<&'a ViewableImpression>, verifications: &'a [Verification]) {
        if let Some(viewable) = viewable {
            let id = viewable.id.as_ref();
            for (event, urls) in [
                (BeaconEvent::Viewable, &viewable.viewable),
                (BeaconEvent::NotViewable, &viewable.not_viewable),
                (BeaconEvent::ViewUndetermined, &viewable.view_undetermined),
            ] {
                urls.iter().for_each(|url| self.push(event.clone(), Part::Ad, url, id));
            }
        }
        for (item, verification) in verifications.iter().enumerate() {
            let place = Place { hop: self.hop, creative: 0, item };
            self.tracking(&verification.tracking_events, Part::Verification(place));
        }
    }

    fn creatives(&mut self, creatives: &'a [Creative]) {
        for (number, creative) in creatives.iter().enumerate() {
            let own = self.is_own.then_some(number);
            creative.linear.iter().for_each(|linear| self.linear(linear, number, own));
            creative.non_linear_ads.iter().for_each(|ads| self.non_linear(ads, number, own));
            creative.companion_ads.iter().for_each(|ads| self.companion_ads(ads, number));
        }
    }

    fn linear(&mut self, linear: &'a Linear, number: usize, own: Option<usize>) {
        let part = Part::Linear(own);
        self.tracking(&linear.tracking_events, part);
        self.clicks(&BeaconEvent::Click, part, &linear.click_tracking);
        self.clicks(&BeaconEvent::CustomClick, part, &linear.custom_clicks);
        self.icons(&linear.icons, number);
    }

    fn non_linear(&mut self, ads: &'a NonLinearAds, number: usize, own: Option<usize>) {
        self.tracking(&ads.tracking_events, Part::NonLinear(own, None));
        for (item, non_linear) in ads.non_linears.iter().enumerate() {
            // A wrapper's has nothing to show: its trackers belong to whichever is shown.
            let part = Part::NonLinear(own, own.map(|_| item));
            self.tracking(&non_linear.tracking_events, part);
            self.clicks(&BeaconEvent::NonLinearClick, part, &non_linear.click_tracking);
            self.clicks(&BeaconEvent::NonLinearCustomClick, part, &non_linear.custom_clicks);
        }
        self.icons(&ads.icons, number);
    }

    fn companion_ads(&mut self, ads: &'a CompanionAds, creative: usize) {
        for (item, companion) in ads.companions.iter().enumerate() {
            let place = Place { hop: self.hop, creative, item };
            let places =
                if self.is_own || !companion.resources.is_empty() { vec![place] } else { self.meant(companion) };
            for part in places.into_iter().map(Part::Companion) {
                self.tracking(&companion.tracking_events, part);
                self.clicks(&BeaconEvent::CompanionClick, part, &companion.click_tracking);
            }
        }
    }

    /// The companions of the `InLine` that a wrapper's companion without anything to show is about.
    fn meant(&self, about: &Companion) -> Vec<Place> {
        let size = |companion: &Companion| Some((companion.width?, companion.height?));
        let that = |is_meant: &dyn Fn(&Companion) -> bool| -> Vec<Place> {
            let meant = self.companions.iter().filter(|(_, companion)| is_meant(companion));
            meant.map(|(place, _)| *place).collect()
        };
        let by_id = that(&|companion| about.id.is_some() && companion.id == about.id);
        let by_size = || that(&|companion| size(about).is_some() && size(companion) == size(about));
        let found = if by_id.is_empty() { by_size() } else { by_id };
        if found.is_empty() { that(&|_| true) } else { found }
    }

    fn icons(&mut self, icons: &'a [Icon], creative: usize) {
        for (item, icon) in icons.iter().enumerate() {
            let part = Part::Icon(Place { hop: self.hop, creative, item });
            icon.view_tracking.iter().for_each(|url| self.push(BeaconEvent::IconView, part, url, None));
            self.clicks(&BeaconEvent::IconClick, part, &icon.click_tracking);
        }
    }

    fn tracking(&mut self, trackers: &'a [Tracking], part: Part) {
        for Tracking { event, offset, url, .. } in trackers {
            let offset = offset.filter(|_| *event == Event::Progress);
            self.push_at(BeaconEvent::Tracking(event.clone()), part, url, None, offset);
        }
    }

    fn clicks(&mut self, event: &BeaconEvent, part: Part, clicks: &'a [Click]) {
        clicks.iter().for_each(|click| self.push(event.clone(), part, &click.url, click.id.as_ref()));
    }
}
