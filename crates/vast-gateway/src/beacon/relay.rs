//! The trackers of an answer become sealed URLs.

use std::borrow::Cow;
use std::time::{SystemTime, UNIX_EPOCH};

use vast_client::Consent;
use vast_client::ad::Inherited;
use vast_client::select::Candidate;
use vast_client::track::{
    AdPart, BeaconEvent, DeferredUrl, DeferredUrls, Moment, OpenValue, OpenValues, TrackerGroup, TrackerUrls,
    WrittenTrackers, ad_count,
};
use vast_client::transport::{AddressRule, Origin, Target};
use vast_client::xml::Text;
use vast_client::xml::model::Event;

use crate::config::{BeaconIdentity, TrackedBy};
use crate::counters::BeaconCounters;
use crate::generation::{Placement, RelaySettings};
use crate::token::{DevicePrivacy, SealedEvent, Sealer, SessionId, TokenKind};

/// The longest URL of an event with several trackers. A longer one is split into one URL per tracker, because proxies and servers have
/// limits.
const MAX_URL: usize = 2_000;
/// The longest URL of one tracker. A longer tracker is not sealed: the player calls it itself.
const MAX_SINGLE_URL: usize = 6_000;

/// The size in bytes of most contents, and of most URLs. This much is allocated at the start of an answer.
const USUAL: usize = 512;

/// The number of an ad, and the number of its creative that plays.
type Playing = (usize, Option<usize>);

/// Seals the trackers of one answer.
pub(crate) struct AnswerSealer<'a> {
    settings: &'a RelaySettings,
    sealer: Sealer<'a>,
    placement: &'a Placement,
    consent: &'a Consent,
    ads: &'a [Candidate],
    issued: u32,
    /// Whether the player knows the newer name of the macro of the playhead.
    has_media_playhead: bool,
    counters: &'a BeaconCounters,
    /// The number of the ad and of the creative whose trackers are being sealed, and their values.
    values: Option<(Playing, DeferredUrls)>,
    /// The click whose trackers were sealed last: its ad, its part and the number of its event.
    click: Option<(usize, AdPart, u16)>,
    /// The trackers of the last event, empty. The next event uses their memory again.
    trackers: Vec<(u8, DeferredUrl)>,
    /// The content of the token that is being made.
    content: Vec<u8>,
    /// The URL that is being made.
    url: Vec<u8>,
    /// The origin that the rule of the last token names, and its text.
    origin: Option<(Origin, String)>,
}

impl<'a> AnswerSealer<'a> {
    /// `None` if the operating system has no random bytes.
    pub(crate) fn new(
        settings: &'a RelaySettings,
        placement: &'a Placement,
        (ads, consent): (&'a [Candidate], &'a Consent),
        now: SystemTime,
        counters: &'a BeaconCounters,
    ) -> Option<Self> {
        Some(Self {
            settings,
            sealer: settings.secrets.sealer()?,
            placement,
            consent,
            ads,
            issued: seconds(now),
            has_media_playhead: true,
            counters,
            values: None,
            click: None,
            trackers: Vec::new(),
            content: Vec::with_capacity(USUAL),
            url: Vec::with_capacity(USUAL),
            origin: None,
        })
    }

    /// The session of its first tokens.
    pub(crate) fn session(&self) -> SessionId {
        self.sealer.session()
    }

    /// Names the macros as documents of this version do. `[MEDIAPLAYHEAD]` is new in VAST 4.1.
    pub(crate) fn for_version(mut self, version: Option<&str>) -> Self {
        let is_newer = |version: &str| !matches!(version, "4.0") && version.starts_with('4');
        self.has_media_playhead = version.is_none_or(is_newer);
        self
    }

    /// Goes on with the ads of another break. The tokens stay in the same session, so that all of them have one group in the ledger.
    pub(crate) fn with_ads(&mut self, ads: &'a [Candidate]) {
        (self.ads, self.values, self.click) = (ads, None, None);
    }

    /// The URL of an error report for an answer without an ad.
    pub(crate) fn no_ad_url(&mut self, url: &str) -> Option<Text> {
        let mut event = self.empty_event();
        event.event = Cow::Owned(BeaconEvent::Error.as_str().to_owned());
        event.rule = Cow::Owned(AddressRule::of(&Target::parse(url, None).ok()?));
        event.trackers = vec![(0, DeferredUrl::of_template(&BeaconEvent::Error, url)?)];
        self.url(TokenKind::Beacon, &event)
    }

    fn empty_event<'e>(&mut self) -> SealedEvent<'e>
    where
        'a: 'e,
    {
        let placement = self.placement;
        let Consent { gdpr, coppa, limit_ad_tracking, .. } = *self.consent;
        SealedEvent {
            issued: self.issued,
            lifetime: u16::try_from(self.settings.lifetime.as_secs() / 60).unwrap_or(u16::MAX),
            once: self.sealer.next_number(),
            ad: 0,
            event: Cow::default(),
            placement: Cow::Borrowed(&placement.name),
            tenant: Cow::Borrowed(placement.tenant.as_ref().map_or("", |tenant| &tenant.name)),
            source: Cow::default(),
            rule: Cow::default(),
            privacy: DevicePrivacy::default(),
            consent: [gdpr, coppa, limit_ad_tracking],
            device: None,
            trackers: Vec::new(),
            page: None,
        }
    }

    /// The event of a group, without trackers.
    pub(super) fn event<'e>(&mut self, group: &'e TrackerGroup<'_>) -> SealedEvent<'e>
    where
        'a: 'e,
    {
        let tree = &group.ad.tree;
        let privacy = self.placement.plan.privacy_of(&tree.source).map(DevicePrivacy::from).unwrap_or_default();
        let identity = match self.placement.track {
            TrackedBy::Timeline => BeaconIdentity::Token,
            _ => self.placement.identity,
        };
        let device = (identity == BeaconIdentity::Token).then(|| {
            let of_device = |name: &str| name.starts_with("x-");
            let headers = tree.disclosure.headers().iter().filter(|(name, _)| of_device(name.as_str()));
            headers.filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned()))).collect()
        });
        SealedEvent {
            ad: u16::try_from(group.number).unwrap_or(u16::MAX),
            event: Cow::Borrowed(group.event.as_str()),
            source: Cow::Borrowed(&tree.source),
            rule: Cow::Borrowed(&tree.rule),
            privacy,
            device,
            ..self.empty_event()
        }
    }

    /// Adds the trackers of a group with the values of the answer to `event`. Returns the numbers of those that cannot be called later.
    pub(super) fn add_trackers(&mut self, group: &TrackerGroup<'_>, event: &mut SealedEvent<'_>) -> Vec<usize> {
        let (name, values) = (&group.event, self.values_of(group));
        let mut left = Vec::new();
        event.trackers.reserve(group.trackers.len());
        for (number, tracker) in group.trackers.iter().enumerate() {
            match values.url(name, tracker.item) {
                Some(url) => event.trackers.push((u8::try_from(tracker.hop).unwrap_or(u8::MAX), url)),
                None => left.push(number),
            }
        }
        left
    }

    /// The values of the ad of a group.
    fn values_of(&mut self, group: &TrackerGroup<'_>) -> &DeferredUrls {
        let creative = match group.part {
            AdPart::Linear(creative) | AdPart::NonLinear(creative, _) => creative,
            _ => None,
        };
        let creative = creative.or(self.ads.get(group.number).map(|candidate| candidate.media.creative));
        let playing = (group.number, creative);
        let known = self.values.take().filter(|(known, _)| *known == playing);
        let (_, values) = self.values.insert(known.unwrap_or_else(|| {
            let mut moment = Moment::new(UNIX_EPOCH, 0);
            moment.creative = creative;
            moment.ad_count = Some(ad_count(self.ads, group.number));
            (playing, DeferredUrls::new(group.ad, &moment))
        }));
        values
    }

    /// Appends the token of an event to `into`. `None` if the event cannot be sealed.
    pub(super) fn token(&mut self, kind: TokenKind, event: &SealedEvent<'_>, into: &mut Vec<u8>) -> Option<()> {
        let named = event.rule.named.as_ref();
        if self.origin.as_ref().map(|(known, _)| known) != named {
            self.origin = named.map(|origin| (origin.clone(), origin.to_string()));
        }
        let origin = self.origin.as_ref().map_or("", |(_, text)| text);
        event.write_with(origin, &mut self.content)?;
        self.sealer.seal(kind, &self.content, into)
    }

    /// The URL of an event, with the macros that its trackers need.
    fn url(&mut self, kind: TokenKind, event: &SealedEvent<'_>) -> Option<Text> {
        let mut url = std::mem::take(&mut self.url);
        let written = self.write_url(kind, event, &mut url);
        let written = written.and_then(|()| std::str::from_utf8(&url).ok()).map(Text::from);
        self.url = url;
        written
    }

    fn write_url(&mut self, kind: TokenKind, event: &SealedEvent<'_>, url: &mut Vec<u8>) -> Option<()> {
        url.clear();
        for part in [&*self.settings.public_url, kind.path()] {
            url.extend_from_slice(part.as_bytes());
        }
        self.token(kind, event, url)?;
        let open = open_values(event);
        let mut separator = "?";
        for (name, value) in REPORTED.into_iter().filter(|(_, value)| open.contains(*value)) {
            let name_of_macro = match value {
                OpenValue::ContentPlayhead if !self.has_media_playhead => "CONTENTPLAYHEAD",
                value => value.name().name(),
            };
            for part in [separator, name, "=[", name_of_macro, "]"] {
                url.extend_from_slice(part.as_bytes());
            }
            separator = "&";
        }
        Some(())
    }

    /// Writes one URL for all trackers. If it would be too long, each tracker gets its own URL. A tracker that is too long for that, or that
    /// cannot be sealed, is written itself.
    fn relayed(&mut self, group: &TrackerGroup<'_>) -> WrittenTrackers {
        let mut event = self.event(group);
        event.trackers = std::mem::take(&mut self.trackers);
        let left = self.add_trackers(group, &mut event);
        let mut urls: Vec<Text> = left.iter().map(|number| group.trackers[*number].item.clone()).collect();
        let mut sealed = 0;
        if !event.trackers.is_empty() {
            match self.url(TokenKind::Beacon, &event).filter(|url| url.len() <= MAX_URL) {
                Some(url) => {
                    let click = (group.number, group.part, event.once);
                    self.click = Some(click).filter(|_| is_click(&group.event));
                    sealed = 1;
                    urls.push(url);
                }
                None => sealed = self.one_each(group, &mut event, &left, &mut urls),
            }
        }
        self.counters.written(sealed, urls.len() - sealed);
        event.trackers.clear();
        self.trackers = event.trackers;
        WrittenTrackers::Instead(urls)
    }

    /// Adds one URL for each tracker of `event`. Its trackers are those of `group` without those whose numbers are in `left`. Returns how many URLs are sealed.
    fn one_each(
        &mut self,
        group: &TrackerGroup<'_>,
        event: &mut SealedEvent<'_>,
        left: &[usize],
        urls: &mut Vec<Text>,
    ) -> usize {
        let mut sealed = 0;
        let places = (0..group.trackers.len()).filter(|number| left.binary_search(number).is_err());
        for (number, tracker) in places.zip(std::mem::take(&mut event.trackers)) {
            (event.once, event.trackers) = (self.sealer.next_number(), vec![tracker]);
            let url = self.url(TokenKind::Beacon, event).filter(|url| url.len() <= MAX_SINGLE_URL);
            sealed += usize::from(url.is_some());
            urls.push(url.unwrap_or_else(|| group.trackers[number].item.clone()));
        }
        sealed
    }

    /// A URL that only we count, for the events that are counted everywhere.
    fn injected(&mut self, group: &TrackerGroup<'_>) -> WrittenTrackers {
        let is_counted = match &group.event {
            BeaconEvent::Impression | BeaconEvent::Error => true,
            BeaconEvent::Tracking(event) => {
                let quartiles =
                    [Event::Start, Event::FirstQuartile, Event::Midpoint, Event::ThirdQuartile, Event::Complete];
                matches!(group.part, AdPart::Linear(_)) && quartiles.contains(event)
            }
            _ => false,
        };
        let event = self.event(group);
        let url = if is_counted { self.url(TokenKind::Beacon, &event) } else { None };
        url.map_or(WrittenTrackers::AsRead, WrittenTrackers::Beside)
    }
}

/// The parameters of a sealed URL, and the values that the player fills in. They are a part of the format.
pub(crate) const REPORTED: [(&str, OpenValue); 5] = [
    ("e", OpenValue::ErrorCode),
    ("p", OpenValue::AdPlayhead),
    ("c", OpenValue::ContentPlayhead),
    ("r", OpenValue::Reason),
    ("x", OpenValue::ClickPosition),
];

/// The values that the URLs of an event need.
fn open_values(event: &SealedEvent<'_>) -> OpenValues {
    let urls = event.trackers.iter().map(|(_, url)| url).chain(&event.page);
    urls.map(DeferredUrl::open_values).fold(OpenValues::default(), OpenValues::union)
}

fn is_click(event: &BeaconEvent) -> bool {
    matches!(
        event,
        BeaconEvent::Click | BeaconEvent::NonLinearClick | BeaconEvent::CompanionClick | BeaconEvent::IconClick
    )
}

impl TrackerUrls for AnswerSealer<'_> {
    fn trackers(&mut self, group: &TrackerGroup<'_>) -> WrittenTrackers {
        match self.placement.track {
            TrackedBy::Relay if !group.trackers.is_empty() => self.relayed(group),
            TrackedBy::Inject => self.injected(group),
            TrackedBy::Player | TrackedBy::Relay | TrackedBy::Timeline => WrittenTrackers::AsRead,
        }
    }

    fn click_through(&mut self, page: Inherited<'_, Text>, clicks: &TrackerGroup<'_>) -> Option<Text> {
        if self.placement.track != TrackedBy::Relay {
            return None;
        }
        let mut event = self.event(clicks);
        event.page = Some(self.values_of(clicks).url(&BeaconEvent::Click, page.item)?);
        // The page and the trackers of one click have the same number, so the click counts once, whichever the player uses.
        if let Some((_, _, once)) = self.click.filter(|(ad, part, _)| (*ad, *part) == (clicks.number, clicks.part)) {
            event.once = once;
            self.add_trackers(clicks, &mut event);
        }
        self.url(TokenKind::Click, &event).filter(|url| url.len() <= MAX_SINGLE_URL)
    }
}

/// The time in seconds since 1970.
pub(super) fn seconds(time: SystemTime) -> u32 {
    let seconds = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    u32::try_from(seconds).unwrap_or(u32::MAX)
}
