//! Other URLs in place of the trackers of a document that is written for a player.

use vast_xml::Text;
use vast_xml::model::{
    AdKind, Click, Companion, Creative, Event, Icon, Impression, InLine, Linear, NonLinearAds, Offset, Tracking, Vast,
    ViewableImpression, is_placeholder,
};

use super::beacon_event::{BeaconEvent, is_same_event};
use super::listing::AdPart;
use crate::ad::{CompanionSet, Inherited, ResolvedAd};
use crate::select::Candidate;

/// The trackers of an ad that a player calls at the same moment: those of one event of one part, of all levels.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct TrackerGroup<'a> {
    /// The number of the ad in the answer, from 0.
    pub number: usize,
    /// The ad.
    pub ad: &'a ResolvedAd,
    /// The event.
    pub event: BeaconEvent,
    /// The part of the ad.
    pub part: AdPart,
    /// The offset of `progress` trackers.
    pub offset: Option<Offset>,
    /// The kind of a custom click.
    pub id: Option<&'a Text>,
    /// The URLs as in the documents, outermost level first. It is empty for an impression, an error or a quartile without trackers.
    pub trackers: Vec<Inherited<'a, Text>>,
}

/// What is written in place of a group of trackers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WrittenTrackers {
    /// The trackers as they are.
    AsRead,
    /// These URLs.
    Instead(Vec<Text>),
    /// The trackers as they are, and this URL.
    Beside(Text),
}

/// Decides which URLs a document has in place of its trackers: see [`FetchResult::flatten_with`](crate::FetchResult::flatten_with).
pub trait TrackerUrls {
    /// What is written for `group`.
    fn trackers(&mut self, group: &TrackerGroup<'_>) -> WrittenTrackers;

    /// What is written for `page`, the page that a click on the part of `clicks` opens. `None` leaves it as it is. `clicks` are the
    /// trackers of that click; [`trackers`](Self::trackers) was called for them before.
    fn click_through(&mut self, page: Inherited<'_, Text>, clicks: &TrackerGroup<'_>) -> Option<Text> {
        let _ = (page, clicks);
        None
    }
}

/// The events of a linear creative that a host may count although the ad has no tracker for them.
const COUNTED: [Event; 5] =
    [Event::Start, Event::FirstQuartile, Event::Midpoint, Event::ThirdQuartile, Event::Complete];

/// Replaces the trackers of `document`, which was written from `ads`. `has_called`: some impressions were called by this program, so
/// the list of impressions stays as it is.
pub(crate) fn replace_trackers(document: &mut Vast, ads: &[Candidate], has_called: bool, urls: &mut dyn TrackerUrls) {
    for (number, (written, candidate)) in document.ads.iter_mut().zip(ads).enumerate() {
        if let AdKind::InLine(inline) = &mut written.kind {
            let mut rewrite = Rewrite { ad: &candidate.ad, number, urls, trackers: Vec::new() };
            if !has_called {
                rewrite.impressions(&mut inline.impressions);
            }
            rewrite.inline(inline);
        }
    }
}

/// An element with the URL of a tracker.
trait TrackerElement: Clone {
    fn url(&self) -> &Text;
    /// An element of the same event with another URL.
    fn with_url(&self, url: Text) -> Self;
    /// The event, where the element names it.
    fn event(&self) -> Option<&Event> {
        None
    }
    fn offset(&self) -> Option<Offset> {
        None
    }
    /// The kind of a click.
    fn id(&self) -> Option<&Text> {
        None
    }
}

impl TrackerElement for Text {
    fn url(&self) -> &Text {
        self
    }
    fn with_url(&self, url: Text) -> Self {
        url
    }
}

impl TrackerElement for Impression {
    fn url(&self) -> &Text {
        &self.url
    }
    fn with_url(&self, url: Text) -> Self {
        Self::new(url)
    }
}

impl TrackerElement for Tracking {
    fn url(&self) -> &Text {
        &self.url
    }
    fn with_url(&self, url: Text) -> Self {
        let mut other = Self::new(self.event.clone(), url);
        other.offset = self.offset;
        other
    }
    fn event(&self) -> Option<&Event> {
        Some(&self.event)
    }
    fn offset(&self) -> Option<Offset> {
        self.offset.filter(|_| self.event == Event::Progress)
    }
}

impl TrackerElement for Click {
    fn url(&self) -> &Text {
        &self.url
    }
    fn with_url(&self, url: Text) -> Self {
        let mut other = Self::new(url);
        other.id.clone_from(&self.id);
        other
    }
    fn id(&self) -> Option<&Text> {
        self.id.as_ref()
    }
}

/// Whether the elements are called at the same moment.
fn is_same_moment<T: TrackerElement>(one: &T, other: &T, tells_ids_apart: bool) -> bool {
    let same_event = match (one.event(), other.event()) {
        (Some(one), Some(other)) => is_same_event(one, other),
        _ => true,
    };
    same_event && one.offset() == other.offset() && (!tells_ids_apart || one.id() == other.id())
}

/// The elements of one place, those of one moment together. Many places have many moments with one tracker each, so the elements are in
/// one list and not in a list for each moment.
struct Moments<'a, T> {
    /// The first element of each moment, in order.
    firsts: Vec<&'a T>,
    /// The elements, each with the number of its moment, in the order of the moments.
    elements: Vec<(usize, Inherited<'a, T>)>,
}

impl<'a, T> Moments<'a, T> {
    fn of(found: impl Iterator<Item = Inherited<'a, T>>, is_same: impl Fn(&T, &T) -> bool) -> Self {
        let mut firsts: Vec<&T> = Vec::new();
        let number_of = |one: Inherited<'a, T>| {
            let known = firsts.iter().position(|first| is_same(first, one.item));
            let number = known.unwrap_or_else(|| {
                firsts.push(one.item);
                firsts.len() - 1
            });
            (number, one)
        };
        let mut elements: Vec<_> = found.map(number_of).collect();
        // The elements of a moment stay in order.
        elements.sort_by_key(|(number, _)| *number);
        Self { firsts, elements }
    }

    /// The elements of each moment, in order.
    fn all(&self) -> impl Iterator<Item = &[(usize, Inherited<'a, T>)]> {
        self.elements.chunk_by(|(one, _), (other, _)| one == other)
    }
}

/// Replaces the trackers of one ad.
struct Rewrite<'a, 'u> {
    ad: &'a ResolvedAd,
    number: usize,
    urls: &'u mut dyn TrackerUrls,
    /// A list that is empty between two moments, so that each moment uses the memory of the one before.
    trackers: Vec<Inherited<'a, Text>>,
}

impl<'a> Rewrite<'a, '_> {
    fn impressions(&mut self, written: &mut Vec<Impression>) {
        let none = [Impression::new("about:blank")];
        self.list(written, AdPart::Ad, self.ad.impressions(), &BeaconEvent::Impression, &none);
        if written.is_empty() {
            written.extend(none);
        }
    }

    fn inline(&mut self, inline: &mut InLine) {
        let ad = self.ad;
        self.list(&mut inline.errors, AdPart::Ad, ad.errors(), &BeaconEvent::Error, &[Text::default()]);
        if let Some(viewable) = &mut inline.viewable_impression {
            self.viewability(viewable);
        }
        let places = ad.levels().flat_map(|level| level.indexed_verifications().collect::<Vec<_>>());
        for (verification, place) in inline.ad_verifications.iter_mut().zip(places) {
            let found = place.item.tracking_events.iter().map(|item| Inherited { hop: place.index.hop, item });
            let event = BeaconEvent::Tracking(Event::VerificationNotExecuted);
            self.list(&mut verification.tracking_events, AdPart::Verification(place.index), found, &event, &[]);
        }
        let mut companions = ad.companions().into_iter();
        for (number, creative) in inline.creatives.iter_mut().enumerate() {
            self.creative(number, creative, &mut companions);
        }
    }

    fn viewability(&mut self, written: &mut ViewableImpression) {
        let Some(read) = self.ad.viewability() else { return };
        self.list(&mut written.viewable, AdPart::Ad, read.viewable.into_iter(), &BeaconEvent::Viewable, &[]);
        let (event, found) = (BeaconEvent::NotViewable, read.not_viewable.into_iter());
        self.list(&mut written.not_viewable, AdPart::Ad, found, &event, &[]);
        let (event, found) = (BeaconEvent::ViewUndetermined, read.view_undetermined.into_iter());
        self.list(&mut written.view_undetermined, AdPart::Ad, found, &event, &[]);
    }

    /// `companions` are the sets that were not written yet, in the order of the creatives.
    fn creative(
        &mut self,
        number: usize,
        creative: &mut Creative,
        companions: &mut impl Iterator<Item = CompanionSet<'a>>,
    ) {
        if let Some(linear) = &mut creative.linear {
            self.linear(number, linear);
        }
        if let Some(ads) = &mut creative.non_linear_ads {
            self.non_linear_ads(number, ads);
        }
        if let Some(set) =
            creative.companion_ads.as_mut().and_then(|ads| Some((&mut ads.companions, companions.next()?)))
        {
            self.companions(set.0, &set.1);
        }
    }

    fn linear(&mut self, number: usize, linear: &mut Linear) {
        let (ad, part) = (self.ad, AdPart::Linear(Some(number)));
        let counted = COUNTED.map(|event| Tracking::new(event, ""));
        let named = BeaconEvent::Tracking(Event::Start);
        self.list(&mut linear.tracking_events, part, ad.tracking(number), &named, &counted);
        self.list(&mut linear.click_tracking, part, ad.click_tracking(number), &BeaconEvent::Click, &[]);
        self.list(&mut linear.custom_clicks, part, ad.custom_clicks(number), &BeaconEvent::CustomClick, &[]);
        self.page(linear.click_through.as_mut(), ad.click_through(number), part, ad.click_tracking(number));
        self.icons(number, &mut linear.icons);
    }

    fn non_linear_ads(&mut self, number: usize, ads: &mut NonLinearAds) {
        let (ad, part) = (self.ad, AdPart::NonLinear(Some(number), None));
        let named = BeaconEvent::Tracking(Event::Start);
        self.list(&mut ads.tracking_events, part, ad.non_linear_tracking(number), &named, &[]);
        let own = ad.inline.creatives.get(number).and_then(|creative| creative.non_linear_ads.as_ref());
        for (item, written) in ads.non_linears.iter_mut().enumerate() {
            let Some(read) = own.and_then(|own| own.non_linears.get(item)) else { continue };
            let part = AdPart::NonLinear(Some(number), Some(item));
            let of_own = |item| Inherited { hop: ad.hop(), item };
            self.list(&mut written.tracking_events, part, read.tracking_events.iter().map(of_own), &named, &[]);
            let clicks = || ad.non_linear_click_tracking(number, item);
            self.list(&mut written.click_tracking, part, clicks(), &BeaconEvent::NonLinearClick, &[]);
            let custom = ad.non_linear_custom_clicks(number, item);
            self.list(&mut written.custom_clicks, part, custom, &BeaconEvent::NonLinearCustomClick, &[]);
            let page = read.click_through.as_ref().map(|item| Inherited { hop: ad.hop(), item });
            self.page(written.click_through.as_mut(), page, part, clicks());
        }
        self.icons(number, &mut ads.icons);
    }

    fn icons(&mut self, number: usize, icons: &mut [Icon]) {
        for (written, place) in icons.iter_mut().zip(self.ad.indexed_icons(number)) {
            let (part, read, hop) = (AdPart::Icon(place.index), place.item, place.index.hop);
            let views = read.view_tracking.iter().map(|item| Inherited { hop, item });
            self.list(&mut written.view_tracking, part, views, &BeaconEvent::IconView, &[]);
            let clicks = || read.click_tracking.iter().map(|item| Inherited { hop, item });
            self.list(&mut written.click_tracking, part, clicks(), &BeaconEvent::IconClick, &[]);
            let page = read.click_through.as_ref().map(|item| Inherited { hop, item });
            self.page(written.click_through.as_mut(), page, part, clicks());
        }
    }

    fn companions(&mut self, written: &mut [Companion], set: &CompanionSet<'a>) {
        for (written, read) in written.iter_mut().zip(&set.companions) {
            let part = AdPart::Companion(read.index);
            let named = BeaconEvent::Tracking(Event::CreativeView);
            self.list(&mut written.tracking_events, part, read.tracking(), &named, &[]);
            self.list(&mut written.click_tracking, part, read.click_tracking(), &BeaconEvent::CompanionClick, &[]);
            let Inherited { hop, item } = read.companion;
            let page = item.click_through.as_ref().map(|item| Inherited { hop, item });
            self.page(written.click_through.as_mut(), page, part, read.click_tracking());
        }
    }

    /// Writes the trackers of one place. `event` is the event of elements that do not name theirs. Each of `counted` is a group also
    /// if it has no trackers.
    fn list<T: TrackerElement + 'a>(
        &mut self,
        written: &mut Vec<T>,
        part: AdPart,
        found: impl Iterator<Item = Inherited<'a, T>>,
        event: &BeaconEvent,
        counted: &[T],
    ) {
        let tells_ids_apart = matches!(event, BeaconEvent::CustomClick | BeaconEvent::NonLinearCustomClick);
        let moments = Moments::of(found, |one, other| is_same_moment(one, other, tells_ids_apart));
        written.clear();
        for (first, members) in moments.firsts.iter().zip(moments.all()) {
            self.moment(written, part, first, members, event);
        }
        for one in counted {
            if !moments.firsts.iter().any(|first| is_same_moment(*first, one, false)) {
                self.moment(written, part, one, &[], event);
            }
        }
    }

    /// Writes the trackers of one moment, that of `first`.
    fn moment<T: TrackerElement + 'a>(
        &mut self,
        written: &mut Vec<T>,
        part: AdPart,
        first: &T,
        members: &[(usize, Inherited<'a, T>)],
        event: &BeaconEvent,
    ) {
        let members = members.iter().map(|(_, one)| *one);
        let called = members.clone().filter(|one| !one.item.url().is_empty() && !is_placeholder(one.item.url()));
        let mut trackers = std::mem::take(&mut self.trackers);
        trackers.clear();
        trackers.extend(called.map(|one| Inherited { hop: one.hop, item: one.item.url() }));
        let group = TrackerGroup {
            number: self.number,
            ad: self.ad,
            event: first.event().map_or_else(|| event.clone(), |event| BeaconEvent::Tracking(event.clone())),
            part,
            offset: first.offset(),
            id: members.clone().next().and_then(|one| one.item.id()),
            trackers,
        };
        let as_read = members.map(|one| one.item.clone());
        match self.urls.trackers(&group) {
            WrittenTrackers::AsRead => written.extend(as_read),
            WrittenTrackers::Instead(urls) => written.extend(urls.into_iter().map(|url| first.with_url(url))),
            WrittenTrackers::Beside(url) => {
                written.extend(as_read.filter(|one| !is_placeholder(one.url())));
                written.push(first.with_url(url));
            }
        }
        self.trackers = group.trackers;
    }

    /// Writes the page that a click opens.
    fn page(
        &mut self,
        written: Option<&mut Click>,
        read: Option<Inherited<'a, Click>>,
        part: AdPart,
        clicks: impl Iterator<Item = Inherited<'a, Click>>,
    ) {
        let (Some(written), Some(Inherited { hop, item })) = (written, read) else { return };
        let trackers = clicks.filter(|one| !one.item.url.is_empty() && !is_placeholder(&one.item.url));
        let event = match part {
            AdPart::NonLinear(..) => BeaconEvent::NonLinearClick,
            AdPart::Companion(_) => BeaconEvent::CompanionClick,
            AdPart::Icon(_) => BeaconEvent::IconClick,
            AdPart::Ad | AdPart::Linear(_) | AdPart::Verification(_) => BeaconEvent::Click,
        };
        let group = TrackerGroup {
            number: self.number,
            ad: self.ad,
            event,
            part,
            offset: None,
            id: None,
            trackers: trackers.map(|one| Inherited { hop: one.hop, item: &one.item.url }).collect(),
        };
        if let Some(url) = self.urls.click_through(Inherited { hop, item: &item.url }, &group) {
            *written = written.with_url(url);
        }
    }
}

#[cfg(test)]
mod tests;
