//! One ad, from obtained to over.

use std::collections::HashSet;
use std::time::{Duration, SystemTime};

use vast_xml::Text;
use vast_xml::model::{Event, Offset};

use super::report::{PlayerReport, ReportContext, SessionEvent, SessionOptions};
use super::state::{IconDue, IconSchedule, SeenPlaces, ViewerToggles};
use super::timeline::Timeline;
use crate::ad::{PartIndex, ResolvedAd};
use crate::env::Draws;
use crate::select::Candidate;
use crate::track::beacon::{AdEvent, AdPart, BeaconEvent, Moment, trackers};

/// How far an ad has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PlaybackStage {
    /// Nothing of it was shown yet.
    Waiting,
    /// It began; it may be paused.
    Playing,
    /// Its media played to the end. An end card may still be there.
    Ended,
    /// The viewer skipped it. An end card may still be there.
    Skipped,
    /// The viewer closed it, or its end card.
    Closed,
    /// It failed.
    Failed,
    /// The viewer left, or the stream was cut.
    Abandoned,
    /// It will never be played.
    NotUsed,
}

impl PlaybackStage {
    /// Whether something of the ad was shown and nothing is known to be wrong with it.
    pub(super) fn was_shown(self) -> bool {
        matches!(self, Self::Playing | Self::Ended | Self::Skipped | Self::Closed)
    }
}

/// What of an ad plays.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum PlayedUnit {
    /// The linear creative of this number.
    Linear(usize),
    /// The `NonLinear` of this creative and number.
    NonLinear(usize, usize),
}

impl PlayedUnit {
    /// Whether trackers of `part` belong to it.
    fn has(self, part: AdPart) -> bool {
        match self {
            Self::Linear(creative) => part.is_linear(creative),
            Self::NonLinear(creative, number) => part.is_non_linear(creative, number),
        }
    }
}

/// The playback of one ad, as plain data: it holds nothing of the document.
#[derive(Debug, Clone, PartialEq)]
pub struct AdSession {
    pub(super) unit: PlayedUnit,
    pub(super) stage: PlaybackStage,
    pub(super) is_loaded: bool,
    pub(super) has_begun: bool,
    pub(super) timeline: Timeline,
    pub(super) toggles: ViewerToggles,
    pub(super) skip_offset: Option<Offset>,
    pub(super) icons: IconSchedule,
    pub(super) companions: Vec<PartIndex>,
    pub(super) verifications: Vec<PartIndex>,
    pub(super) seen_icons: SeenPlaces,
    pub(super) seen_companions: SeenPlaces,
    pub(super) reported_verifications: SeenPlaces,
    pub(super) has_viewability: bool,
    /// Events that happen once and have events.
    pub(super) once: Vec<Event>,
    pub(super) asset: Option<Text>,
    pub(super) ad_count: Option<u32>,
    pub(super) options: SessionOptions,
    pub(super) seed: u64,
    /// How much has events: no two happenings have the same random numbers.
    pub(super) happenings: u64,
    /// When a position was last heard of.
    pub(super) heard: SystemTime,
}

impl AdSession {
    /// The playback of an ad of an answer: of its linear creative and media file that were selected. `seed` decides the
    /// random numbers of its URLs: another one for every playback.
    pub fn new(candidate: &Candidate, options: &SessionOptions, seed: u64) -> Self {
        let session = Self::linear(&candidate.ad, candidate.media.creative, options, seed);
        Self { asset: candidate.media_file().map(|file| file.url.detached()), ..session }
    }

    /// The playback of the linear creative of this number.
    pub fn linear(ad: &ResolvedAd, creative: usize, options: &SessionOptions, seed: u64) -> Self {
        let linear = ad.inline.creatives.get(creative).and_then(|creative| creative.linear.as_ref());
        let length = linear.and_then(|linear| linear.duration);
        let session = Self::with(ad, PlayedUnit::Linear(creative), length, options, seed);
        Self { skip_offset: linear.and_then(|linear| linear.skip_offset), ..session }
    }

    /// The display of the `NonLinear` of this creative and number. It has quartiles and an end where it says how long it
    /// is (VAST 4.4 section 3.12).
    pub fn non_linear(ad: &ResolvedAd, creative: usize, number: usize, options: &SessionOptions, seed: u64) -> Self {
        let ads = ad.inline.creatives.get(creative).and_then(|creative| creative.non_linear_ads.as_ref());
        let length = ads.and_then(|ads| ads.non_linears.get(number)).and_then(|non_linear| non_linear.duration);
        Self::with(ad, PlayedUnit::NonLinear(creative, number), length, options, seed)
    }

    fn with(ad: &ResolvedAd, unit: PlayedUnit, length: Option<Duration>, options: &SessionOptions, seed: u64) -> Self {
        let (PlayedUnit::Linear(creative) | PlayedUnit::NonLinear(creative, _)) = unit;
        // In the order of the document, each once: what happens at one point is told in this order.
        let mut known = HashSet::new();
        let own = trackers(ad).into_iter().filter(|tracker| unit.has(tracker.part));
        let offsets = own.filter_map(|tracker| tracker.offset).filter(|offset| known.insert(*offset));
        Self {
            unit,
            stage: PlaybackStage::Waiting,
            is_loaded: false,
            has_begun: false,
            timeline: Timeline::new(length, offsets),
            toggles: ViewerToggles::default(),
            skip_offset: None,
            icons: IconSchedule::of(ad, creative),
            companions: companions(ad),
            verifications: verifications(ad),
            seen_icons: SeenPlaces::default(),
            seen_companions: SeenPlaces::default(),
            reported_verifications: SeenPlaces::default(),
            has_viewability: false,
            once: Vec::new(),
            asset: None,
            ad_count: None,
            options: options.clone(),
            seed,
            happenings: 0,
            heard: SystemTime::UNIX_EPOCH,
        }
    }

    /// How far the ad has come.
    pub fn stage(&self) -> PlaybackStage {
        self.stage
    }

    /// Whether something of the ad was shown, whatever became of it.
    pub(super) fn has_begun(&self) -> bool {
        self.has_begun
    }

    /// Where the ad is.
    pub fn position(&self) -> Duration {
        self.timeline.position()
    }

    /// How long the ad is, as its media or else its document says.
    pub fn length(&self) -> Option<Duration> {
        self.timeline.length()
    }

    /// From which position on the viewer may skip the ad; none when it cannot be skipped (VAST 4.3 section 3.8).
    pub fn skip_from(&self) -> Option<Duration> {
        self.skip_offset.and_then(|offset| offset.within(self.length()))
    }

    /// Whether the viewer may skip the ad now: a skip control is to be offered from then on, and not before.
    pub fn can_skip(&self) -> bool {
        self.stage == PlaybackStage::Playing && self.skip_from().is_some_and(|from| from <= self.position())
    }

    /// The icons to be fetched and shown now, one per program; before that they must not even be fetched (VAST 4.3 section
    /// 3.11).
    pub fn icons(&self) -> Vec<IconDue> {
        if self.stage != PlaybackStage::Playing {
            return Vec::new();
        }
        self.icons.due(self.position(), self.length())
    }

    /// Takes what was seen; what events by it, in order of time. Reports that say nothing new, or that the ad's stage
    /// rules out, give nothing.
    pub fn report(&mut self, report: &PlayerReport, now: &ReportContext) -> Vec<SessionEvent> {
        let mut log = EventLog { now, events: Vec::new() };
        match report {
            PlayerReport::Loaded => self.load(&mut log),
            PlayerReport::Started => self.start(&mut log),
            PlayerReport::Playhead(position) => self.playhead(*position, &mut log),
            PlayerReport::Seeked(position) => self.seek(*position, &mut log),
            PlayerReport::MediaDuration(length) => self.timeline.set_length(*length),
            PlayerReport::Ended => self.end(&mut log),
            PlayerReport::Skipped => self.skip(&mut log),
            PlayerReport::Closed => self.close(&mut log),
            PlayerReport::NotUsed => self.not_used(&mut log),
            PlayerReport::Failed(code) => self.fail(*code, &mut log),
            PlayerReport::Impaired(code) => self.impair(*code, &mut log),
            PlayerReport::Abandoned => self.abandon(),
            PlayerReport::Event(event) => self.told(event, &mut log),
            PlayerReport::Viewability(_) | PlayerReport::VerificationNotExecuted(..) => self.measured(report, &mut log),
            PlayerReport::CompanionShown(_) | PlayerReport::CompanionClicked(_) => self.companion(report, &mut log),
            PlayerReport::IconShown(_) | PlayerReport::IconClicked(_) => self.icon(report, &mut log),
            PlayerReport::Clicked(_) | PlayerReport::CustomClicked(_) => self.click(report, &mut log),
            PlayerReport::Paused
            | PlayerReport::Resumed
            | PlayerReport::Muted
            | PlayerReport::Unmuted
            | PlayerReport::PlayerExpanded
            | PlayerReport::PlayerCollapsed => self.switch(report, &mut log),
        }
        log.events
    }

    /// Gives the ad its number among those played of its tree.
    pub(super) fn number(&mut self, ad_count: u32) {
        self.ad_count = Some(ad_count);
    }

    /// `event` as it is called of what plays.
    pub(super) fn unit_event(&self, event: Event) -> AdEvent {
        match self.unit {
            PlayedUnit::Linear(_) => AdEvent::Linear(event),
            PlayedUnit::NonLinear(creative, number) => AdEvent::NonLinear(creative, number, event),
        }
    }

    pub(super) fn tracking(&mut self, event: Event, log: &mut EventLog<'_>) {
        self.add(self.unit_event(event), log);
    }

    pub(super) fn add(&mut self, event: AdEvent, log: &mut EventLog<'_>) {
        self.add_at(event, self.position(), log);
    }

    pub(super) fn add_at(&mut self, event: AdEvent, position: Duration, log: &mut EventLog<'_>) {
        let moment = self.moment(position, log);
        self.push(event, moment, log);
    }

    /// The moment in which the ad was at `position`.
    pub(super) fn moment(&mut self, position: Duration, log: &EventLog<'_>) -> Moment {
        self.happenings += 1;
        let (PlayedUnit::Linear(creative) | PlayedUnit::NonLinear(creative, _)) = self.unit;
        Moment {
            creative: Some(creative),
            ad_playhead: Some(position),
            content_playhead: log.now.content_playhead,
            ad_count: self.ad_count,
            asset: self.asset.clone(),
            server_side: Some(self.options.server_side),
            macros: log.now.macros.clone(),
            ..Moment::new(log.now.at, Draws::nth(self.seed, self.happenings))
        }
    }

    /// What another party reports is not reported here.
    pub(super) fn push(&self, event: AdEvent, moment: Moment, log: &mut EventLog<'_>) {
        let is_theirs = |event: &BeaconEvent| self.options.handed_over.iter().any(|theirs| theirs.is(event));
        if !event.beacon_event().as_ref().is_some_and(is_theirs) {
            log.events.push(SessionEvent { event, moment });
        }
    }
}

/// What events by one report.
pub(super) struct EventLog<'a> {
    pub(super) now: &'a ReportContext,
    pub(super) events: Vec<SessionEvent>,
}

/// The companions that anybody could show: those of the `InLine` and of wrappers that have something to show.
fn companions(ad: &ResolvedAd) -> Vec<PartIndex> {
    let sets = ad.companions();
    let companions = sets.iter().flat_map(|set| &set.companions);
    let shown = companions.filter(|companion| !companion.companion.item.resources.is_empty());
    shown.map(|companion| companion.index).collect()
}

/// The verifications of all levels: each is to be run, or reported (VAST 4.3 section 2.4.2).
fn verifications(ad: &ResolvedAd) -> Vec<PartIndex> {
    ad.levels().flat_map(|level| level.indexed_verifications()).map(|verification| verification.index).collect()
}
