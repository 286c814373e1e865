//! The playback of one ad.

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

/// The stage of the playback of an ad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PlaybackStage {
    /// The ad has not started.
    Waiting,
    /// The ad has started. It may be paused.
    Playing,
    /// The media of the ad played to the end. An end card may still be visible.
    Ended,
    /// The viewer skipped the ad. An end card may still be visible.
    Skipped,
    /// The viewer closed the ad or its end card.
    Closed,
    /// The ad failed.
    Failed,
    /// The viewer left, or the stream ended.
    Abandoned,
    /// The ad will never be played.
    NotUsed,
}

impl PlaybackStage {
    /// Whether the ad was shown and did not fail.
    pub(super) fn was_shown(self) -> bool {
        matches!(self, Self::Playing | Self::Ended | Self::Skipped | Self::Closed)
    }
}

/// The part of an ad that plays.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum PlayedUnit {
    /// The linear creative with this number.
    Linear(usize),
    /// The `NonLinear` with this creative and number.
    NonLinear(usize, usize),
}

impl PlayedUnit {
    /// Whether trackers of `part` belong to the part that plays.
    fn has(self, part: AdPart) -> bool {
        match self {
            Self::Linear(creative) => part.is_linear(creative),
            Self::NonLinear(creative, number) => part.is_non_linear(creative, number),
        }
    }
}

/// The playback of one ad, as plain data. It does not keep the document in memory.
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
    /// Events that may occur once and have occurred.
    pub(super) once: Vec<Event>,
    pub(super) asset: Option<Text>,
    pub(super) ad_count: Option<u32>,
    /// The last moment at which the ad may be started.
    pub(super) expires_at: Option<SystemTime>,
    pub(super) options: SessionOptions,
    pub(super) seed: u64,
    /// The number of events so far. Each event has other random numbers.
    pub(super) event_count: u64,
    /// The time of the last reported position.
    pub(super) last_report: SystemTime,
}

impl AdSession {
    /// The playback of an ad of an answer: of the linear creative and media file that were selected. `seed` determines the random
    /// numbers in its URLs; use a different seed for each playback.
    pub fn new(candidate: &Candidate, options: &SessionOptions, seed: u64) -> Self {
        let session = Self::linear(&candidate.ad, candidate.media.creative, options, seed);
        Self { asset: candidate.media_file().map(|file| file.url.detached()), ..session }
    }

    /// The playback of the linear creative with this number.
    pub fn linear(ad: &ResolvedAd, creative: usize, options: &SessionOptions, seed: u64) -> Self {
        let linear = ad.inline.creatives.get(creative).and_then(|creative| creative.linear.as_ref());
        let length = linear.and_then(|linear| linear.duration);
        let session = Self::with(ad, PlayedUnit::Linear(creative), length, options, seed);
        Self { skip_offset: linear.and_then(|linear| linear.skip_offset), ..session }
    }

    /// The display of the `NonLinear` with this creative and number. It has quartiles and an end if it has a duration (VAST 4.4
    /// section 3.12).
    pub fn non_linear(ad: &ResolvedAd, creative: usize, number: usize, options: &SessionOptions, seed: u64) -> Self {
        let ads = ad.inline.creatives.get(creative).and_then(|creative| creative.non_linear_ads.as_ref());
        let length = ads.and_then(|ads| ads.non_linears.get(number)).and_then(|non_linear| non_linear.duration);
        Self::with(ad, PlayedUnit::NonLinear(creative, number), length, options, seed)
    }

    fn with(ad: &ResolvedAd, unit: PlayedUnit, length: Option<Duration>, options: &SessionOptions, seed: u64) -> Self {
        let (PlayedUnit::Linear(creative) | PlayedUnit::NonLinear(creative, _)) = unit;
        // In document order and without duplicates: events at the same position are reported in this order.
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
            expires_at: expires_at(ad, options),
            options: options.clone(),
            seed,
            event_count: 0,
            last_report: SystemTime::UNIX_EPOCH,
        }
    }

    /// The stage of the playback.
    pub fn stage(&self) -> PlaybackStage {
        self.stage
    }

    /// Whether the ad has started at any time.
    pub(super) fn has_begun(&self) -> bool {
        self.has_begun
    }

    /// The position in the ad.
    pub fn position(&self) -> Duration {
        self.timeline.position()
    }

    /// The length of the ad: that of its media if known, else that of the document.
    pub fn length(&self) -> Option<Duration> {
        self.timeline.length()
    }

    /// Whether the ad must not be started at `now`, because it has expired (VAST 4.3 section 3.4.10). Ask it right before playback;
    /// then another ad is due.
    pub fn is_expired(&self, now: SystemTime) -> bool {
        self.stage == PlaybackStage::Waiting && self.expires_at.is_some_and(|expires_at| now > expires_at)
    }

    /// The position from which the viewer may skip the ad; `None` if it cannot be skipped (VAST 4.3 section 3.8).
    pub fn skip_from(&self) -> Option<Duration> {
        self.skip_offset.and_then(|offset| offset.within(self.length()))
    }

    /// Whether the viewer may skip the ad now. A player offers the skip control while this is `true`.
    pub fn can_skip(&self) -> bool {
        self.stage == PlaybackStage::Playing && self.skip_from().is_some_and(|from| from <= self.position())
    }

    /// The icons to fetch and show now, one per program. Icons must not be fetched earlier (VAST 4.3 section 3.11).
    pub fn icons(&self) -> Vec<IconDue> {
        if self.stage != PlaybackStage::Playing {
            return Vec::new();
        }
        self.icons.due(self.position(), self.length())
    }

    /// Takes a report and returns the events that follow from it, in order of time. A report without news, or one that is not
    /// possible in the current stage, has no events.
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
            PlayerReport::Event(event) => self.named_event(event, &mut log),
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

    /// Sets the number of the ad among the ads of its tree that were played.
    pub(super) fn number(&mut self, ad_count: u32) {
        self.ad_count = Some(ad_count);
    }

    /// `event` as an event of the part that plays.
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

    /// The moment at which the ad was at `position`.
    pub(super) fn moment(&mut self, position: Duration, log: &EventLog<'_>) -> Moment {
        self.event_count += 1;
        let (PlayedUnit::Linear(creative) | PlayedUnit::NonLinear(creative, _)) = self.unit;
        Moment {
            creative: Some(creative),
            ad_playhead: Some(position),
            content_playhead: log.now.content_playhead,
            ad_count: self.ad_count,
            asset: self.asset.clone(),
            server_side: Some(self.options.server_side),
            macros: log.now.macros.clone(),
            ..Moment::new(log.now.at, Draws::nth(self.seed, self.event_count))
        }
    }

    /// Adds an event, unless another party reports it.
    pub(super) fn push(&self, event: AdEvent, moment: Moment, log: &mut EventLog<'_>) {
        let is_theirs = |event: &BeaconEvent| self.options.handed_over.iter().any(|theirs| theirs.is(event));
        if !event.beacon_event().as_ref().is_some_and(is_theirs) {
            log.events.push(SessionEvent { event, moment });
        }
    }
}

/// The events of one report.
pub(super) struct EventLog<'a> {
    pub(super) now: &'a ReportContext,
    pub(super) events: Vec<SessionEvent>,
}

/// The companions that can be shown: those with resources, of the `InLine` and of wrappers.
fn companions(ad: &ResolvedAd) -> Vec<PartIndex> {
    let sets = ad.companions();
    let companions = sets.iter().flat_map(|set| &set.companions);
    let shown = companions.filter(|companion| !companion.companion.item.resources.is_empty());
    shown.map(|companion| companion.index).collect()
}

/// The last moment at which the ad may be started. A moment beyond the calendar is none.
fn expires_at(ad: &ResolvedAd, options: &SessionOptions) -> Option<SystemTime> {
    options.requested_at?.checked_add(Duration::from_secs(ad.inline.expires?))
}

/// The verifications of all levels. Each is executed, or reported as not executed (VAST 4.3 section 2.4.2).
fn verifications(ad: &ResolvedAd) -> Vec<PartIndex> {
    ad.levels().flat_map(|level| level.indexed_verifications()).map(|verification| verification.index).collect()
}
