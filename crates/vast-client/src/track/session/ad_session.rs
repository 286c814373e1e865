//! One ad, from obtained to over.

use std::collections::HashSet;
use std::time::{Duration, SystemTime};

use vast_xml::Text;
use vast_xml::model::{Event, Offset};

use super::options::SessionOptions;
use super::overlay::{IconDue, Icons, Seen};
use super::report::{Happened, Now, Report};
use super::switches::Switches;
use super::timeline::Timeline;
use crate::ad::{PartIndex, ResolvedAd};
use crate::env::Draws;
use crate::select::Candidate;
use crate::track::event::BeaconEvent;
use crate::track::listing::{Part, trackers};
use crate::track::moment::Moment;
use crate::track::occurrence::AdEvent;

/// How far an ad has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Stage {
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

impl Stage {
    /// Whether something of the ad was shown and nothing is known to be wrong with it.
    pub(super) fn was_shown(self) -> bool {
        matches!(self, Self::Playing | Self::Ended | Self::Skipped | Self::Closed)
    }
}

/// What of an ad plays.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Unit {
    /// The linear creative of this number.
    Linear(usize),
    /// The `NonLinear` of this creative and number.
    NonLinear(usize, usize),
}

impl Unit {
    /// Whether trackers of `part` belong to it.
    fn has(self, part: Part) -> bool {
        match self {
            Self::Linear(creative) => part.is_linear(creative),
            Self::NonLinear(creative, number) => part.is_non_linear(creative, number),
        }
    }
}

/// The playback of one ad, as plain data: it holds nothing of the document.
#[derive(Debug, Clone, PartialEq)]
pub struct AdSession {
    pub(super) unit: Unit,
    pub(super) stage: Stage,
    pub(super) is_loaded: bool,
    pub(super) has_begun: bool,
    pub(super) timeline: Timeline,
    pub(super) switches: Switches,
    pub(super) skip_offset: Option<Offset>,
    pub(super) icons: Icons,
    pub(super) companions: Vec<PartIndex>,
    pub(super) verifications: Vec<PartIndex>,
    pub(super) seen_icons: Seen,
    pub(super) seen_companions: Seen,
    pub(super) reported_verifications: Seen,
    pub(super) has_viewability: bool,
    /// Events that happen once and have happened.
    pub(super) once: Vec<Event>,
    pub(super) asset: Option<Text>,
    pub(super) ad_count: Option<u32>,
    pub(super) options: SessionOptions,
    pub(super) seed: u64,
    /// How much has happened: no two happenings have the same random numbers.
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
        let session = Self::with(ad, Unit::Linear(creative), length, options, seed);
        Self { skip_offset: linear.and_then(|linear| linear.skip_offset), ..session }
    }

    /// The display of the `NonLinear` of this creative and number. It has quartiles and an end where it says how long it
    /// is (VAST 4.4 section 3.12).
    pub fn non_linear(ad: &ResolvedAd, creative: usize, number: usize, options: &SessionOptions, seed: u64) -> Self {
        let ads = ad.inline.creatives.get(creative).and_then(|creative| creative.non_linear_ads.as_ref());
        let length = ads.and_then(|ads| ads.non_linears.get(number)).and_then(|non_linear| non_linear.duration);
        Self::with(ad, Unit::NonLinear(creative, number), length, options, seed)
    }

    fn with(ad: &ResolvedAd, unit: Unit, length: Option<Duration>, options: &SessionOptions, seed: u64) -> Self {
        let (Unit::Linear(creative) | Unit::NonLinear(creative, _)) = unit;
        // In the order of the document, each once: what happens at one point is told in this order.
        let mut known = HashSet::new();
        let own = trackers(ad).into_iter().filter(|tracker| unit.has(tracker.part));
        let offsets = own.filter_map(|tracker| tracker.offset).filter(|offset| known.insert(*offset));
        Self {
            unit,
            stage: Stage::Waiting,
            is_loaded: false,
            has_begun: false,
            timeline: Timeline::new(length, offsets),
            switches: Switches::default(),
            skip_offset: None,
            icons: Icons::of(ad, creative),
            companions: companions(ad),
            verifications: verifications(ad),
            seen_icons: Seen::default(),
            seen_companions: Seen::default(),
            reported_verifications: Seen::default(),
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
    pub fn stage(&self) -> Stage {
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
        self.stage == Stage::Playing && self.skip_from().is_some_and(|from| from <= self.position())
    }

    /// The icons to be fetched and shown now, one per program; before that they must not even be fetched (VAST 4.3 section
    /// 3.11).
    pub fn icons(&self) -> Vec<IconDue> {
        if self.stage != Stage::Playing {
            return Vec::new();
        }
        self.icons.due(self.position(), self.length())
    }

    /// Takes what was seen; what happened by it, in order of time. Reports that say nothing new, or that the ad's stage
    /// rules out, give nothing.
    pub fn report(&mut self, report: &Report, now: &Now) -> Vec<Happened> {
        let mut log = Log { now, happened: Vec::new() };
        match report {
            Report::Loaded => self.load(&mut log),
            Report::Started => self.start(&mut log),
            Report::Playhead(position) => self.playhead(*position, &mut log),
            Report::Seeked(position) => self.seek(*position, &mut log),
            Report::MediaDuration(length) => self.timeline.set_length(*length),
            Report::Ended => self.end(&mut log),
            Report::Skipped => self.skip(&mut log),
            Report::Closed => self.close(&mut log),
            Report::NotUsed => self.not_used(&mut log),
            Report::Failed(code) => self.fail(*code, &mut log),
            Report::Impaired(code) => self.impair(*code, &mut log),
            Report::Abandoned => self.abandon(),
            Report::Event(event) => self.told(event, &mut log),
            Report::Viewability(_) | Report::VerificationNotExecuted(..) => self.measured(report, &mut log),
            Report::CompanionShown(_) | Report::CompanionClicked(_) => self.companion(report, &mut log),
            Report::IconShown(_) | Report::IconClicked(_) => self.icon(report, &mut log),
            Report::Clicked(_) | Report::CustomClicked(_) => self.click(report, &mut log),
            Report::Paused
            | Report::Resumed
            | Report::Muted
            | Report::Unmuted
            | Report::PlayerExpanded
            | Report::PlayerCollapsed => self.switch(report, &mut log),
        }
        log.happened
    }

    /// Gives the ad its number among those played of its tree.
    pub(super) fn number(&mut self, ad_count: u32) {
        self.ad_count = Some(ad_count);
    }

    /// `event` as it is called of what plays.
    pub(super) fn unit_event(&self, event: Event) -> AdEvent {
        match self.unit {
            Unit::Linear(_) => AdEvent::Linear(event),
            Unit::NonLinear(creative, number) => AdEvent::NonLinear(creative, number, event),
        }
    }

    pub(super) fn tracking(&mut self, event: Event, log: &mut Log<'_>) {
        self.add(self.unit_event(event), log);
    }

    pub(super) fn add(&mut self, event: AdEvent, log: &mut Log<'_>) {
        self.add_at(event, self.position(), log);
    }

    pub(super) fn add_at(&mut self, event: AdEvent, position: Duration, log: &mut Log<'_>) {
        let moment = self.moment(position, log);
        self.push(event, moment, log);
    }

    /// The moment in which the ad was at `position`.
    pub(super) fn moment(&mut self, position: Duration, log: &Log<'_>) -> Moment {
        self.happenings += 1;
        let (Unit::Linear(creative) | Unit::NonLinear(creative, _)) = self.unit;
        Moment {
            creative: Some(creative),
            ad_playhead: Some(position),
            content_playhead: log.now.content_playhead,
            ad_count: self.ad_count,
            asset: self.asset.clone(),
            signals: Some(self.options.signals),
            macros: log.now.macros.clone(),
            ..Moment::new(log.now.at, Draws::nth(self.seed, self.happenings))
        }
    }

    /// What another party reports is not reported here.
    pub(super) fn push(&self, event: AdEvent, moment: Moment, log: &mut Log<'_>) {
        let is_theirs = |event: &BeaconEvent| self.options.handed_over.iter().any(|theirs| theirs.is(event));
        if !event.beacon_event().as_ref().is_some_and(is_theirs) {
            log.happened.push(Happened { event, moment });
        }
    }
}

/// What happened by one report.
pub(super) struct Log<'a> {
    pub(super) now: &'a Now,
    pub(super) happened: Vec<Happened>,
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
