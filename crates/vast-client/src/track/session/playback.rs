//! How reports change an ad session: its stages from waiting to the end, and what viewers, creatives and measurements report.

use std::time::{Duration, SystemTime};

use vast_xml::model::Event;

use super::ad_session::{AdSession, EventLog, PlaybackStage, PlayedUnit};
use super::report::{PlayerReport, VerificationRunner};
use super::timeline::TimelineMark;
use crate::ad::PartIndex;
use crate::track::beacon::{AdEvent, NotExecutedReason};

impl AdSession {
    pub(super) fn load(&mut self, log: &mut EventLog<'_>) {
        if self.stage == PlaybackStage::Waiting && !self.is_loaded {
            self.is_loaded = true;
            if matches!(self.unit, PlayedUnit::Linear(_)) {
                self.tracking(Event::Loaded, log);
            }
        }
    }

    /// The first frame was shown. The events of the start are one batch (VAST 4.3 sections 2.3.4 and 3.14.1).
    pub(super) fn start(&mut self, log: &mut EventLog<'_>) {
        if self.stage != PlaybackStage::Waiting {
            return;
        }
        if self.is_expired(log.now.at) {
            return self.not_used(log);
        }
        self.load(log);
        if self.options.verifications == VerificationRunner::None {
            for place in self.verifications.clone() {
                self.not_executed(place, NotExecutedReason::NotSupported, log);
            }
        }
        (self.stage, self.has_begun) = (PlaybackStage::Playing, true);
        self.last_report = log.now.at;
        self.add(AdEvent::Impression, log);
        self.tracking(Event::CreativeView, log);
        if matches!(self.unit, PlayedUnit::Linear(_)) || self.length().is_some() {
            self.tracking(Event::Start, log);
        }
        let reached = self.timeline.begin();
        self.marks(reached, log);
    }

    pub(super) fn playhead(&mut self, position: Duration, log: &mut EventLog<'_>) {
        self.start(log);
        if self.stage != PlaybackStage::Playing {
            return;
        }
        let is_jump = self.is_jump(position, log.now.at);
        self.last_report = log.now.at;
        if is_jump {
            return self.timeline.jump(position);
        }
        let reached = self.timeline.play(position);
        self.marks(reached, log);
    }

    /// Whether a move to `position` is a jump: the ad is paused, or the position is further ahead than the clock allows.
    fn is_jump(&self, position: Duration, at: SystemTime) -> bool {
        let elapsed = at.duration_since(self.last_report).unwrap_or_default();
        let most = |tolerance| self.timeline.position().saturating_add(elapsed).saturating_add(tolerance);
        self.toggles.is_paused() || self.options.seek_tolerance.is_some_and(|tolerance| position > most(tolerance))
    }

    pub(super) fn seek(&mut self, position: Duration, log: &mut EventLog<'_>) {
        if !matches!(self.stage, PlaybackStage::Waiting | PlaybackStage::Playing) {
            return;
        }
        if self.stage == PlaybackStage::Playing && position < self.timeline.position() {
            self.tracking(Event::Rewind, log);
        }
        self.last_report = log.now.at;
        self.timeline.jump(position);
    }

    pub(super) fn end(&mut self, log: &mut EventLog<'_>) {
        self.start(log);
        if self.stage != PlaybackStage::Playing {
            return;
        }
        let end = self.length().unwrap_or(self.timeline.position());
        if self.is_jump(end, log.now.at) {
            self.timeline.jump(end);
        }
        let reached = self.timeline.end();
        self.marks(reached, log);
        self.stage = PlaybackStage::Ended;
    }

    fn marks(&mut self, reached: Vec<(Duration, TimelineMark)>, log: &mut EventLog<'_>) {
        for (at, mark) in reached {
            let event = match mark {
                TimelineMark::Share(event) => self.unit_event(event),
                TimelineMark::Progress(offset) => AdEvent::Progress(offset),
            };
            self.add_at(event, at, log);
        }
    }

    pub(super) fn skip(&mut self, log: &mut EventLog<'_>) {
        if self.stage == PlaybackStage::Playing && !self.timeline.is_complete() {
            self.tracking(Event::Skip, log);
            self.stage = PlaybackStage::Skipped;
        }
    }

    pub(super) fn close(&mut self, log: &mut EventLog<'_>) {
        if self.stage.was_shown() && self.stage != PlaybackStage::Closed {
            let event = if matches!(self.unit, PlayedUnit::Linear(_)) { Event::CloseLinear } else { Event::Close };
            self.tracking(event, log);
            self.stage = PlaybackStage::Closed;
        }
    }

    pub(super) fn not_used(&mut self, log: &mut EventLog<'_>) {
        if self.stage == PlaybackStage::Waiting {
            self.add(AdEvent::NotUsed, log);
            self.stage = PlaybackStage::NotUsed;
        }
    }

    pub(super) fn fail(&mut self, code: u16, log: &mut EventLog<'_>) {
        if matches!(self.stage, PlaybackStage::Waiting | PlaybackStage::Playing) {
            self.add(AdEvent::Error(code), log);
            self.stage = PlaybackStage::Failed;
        }
    }

    pub(super) fn impair(&mut self, code: u16, log: &mut EventLog<'_>) {
        if self.stage == PlaybackStage::Waiting || self.stage.was_shown() {
            self.add(AdEvent::Error(code), log);
        }
    }

    pub(super) fn abandon(&mut self) {
        if matches!(self.stage, PlaybackStage::Waiting | PlaybackStage::Playing) {
            self.stage = PlaybackStage::Abandoned;
        }
    }
}

/// How often an event that the host reports by name may occur.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum EventFrequency {
    /// The session derives the event from other reports, so a report by name is ignored.
    Derived,
    Once,
    Every,
}

/// The column "times" of the catalogue of events (VAST 4.3 section 3.14.1).
fn times(event: &Event) -> EventFrequency {
    match event.name() {
        "creativeView"
        | "loaded"
        | "start"
        | "firstQuartile"
        | "midpoint"
        | "thirdQuartile"
        | "complete"
        | "progress"
        | "mute"
        | "unmute"
        | "pause"
        | "resume"
        | "rewind"
        | "skip"
        | "closeLinear"
        | "close"
        | "playerExpand"
        | "playerCollapse"
        | "notUsed"
        | "verificationNotExecuted" => EventFrequency::Derived,
        "interactiveStart" | "overlayViewDuration" | "timeSpentViewing" => EventFrequency::Once,
        _ => EventFrequency::Every,
    }
}

impl AdSession {
    pub(super) fn switch(&mut self, report: &PlayerReport, log: &mut EventLog<'_>) {
        if self.stage != PlaybackStage::Playing {
            return;
        }
        if let Some(event) = self.toggles.turn(report) {
            // The time of a pause does not count as playing time.
            self.last_report = log.now.at;
            self.tracking(event, log);
        }
    }

    pub(super) fn named_event(&mut self, event: &Event, log: &mut EventLog<'_>) {
        let happens = self.stage == PlaybackStage::Playing
            && match times(event) {
                EventFrequency::Derived => false,
                EventFrequency::Once => !self.once.iter().any(|before| before.is(event)),
                EventFrequency::Every => true,
            };
        if happens {
            if times(event) == EventFrequency::Once {
                self.once.push(event.clone());
            }
            self.tracking(event.clone(), log);
        }
    }

    pub(super) fn measured(&mut self, report: &PlayerReport, log: &mut EventLog<'_>) {
        match report {
            PlayerReport::Viewability(state) if self.stage.was_shown() && !self.has_viewability => {
                self.has_viewability = true;
                self.add(AdEvent::Viewability(*state), log);
            }
            PlayerReport::VerificationNotExecuted(place, reason)
                if self.stage == PlaybackStage::Waiting || self.stage.was_shown() =>
            {
                self.not_executed(*place, *reason, log);
            }
            _ => {}
        }
    }

    pub(super) fn not_executed(&mut self, place: PartIndex, reason: NotExecutedReason, log: &mut EventLog<'_>) {
        if self.reported_verifications.first(place, &self.verifications) {
            self.add(AdEvent::VerificationNotExecuted(place, reason), log);
        }
    }

    pub(super) fn companion(&mut self, report: &PlayerReport, log: &mut EventLog<'_>) {
        match report {
            PlayerReport::CompanionShown(place)
                if self.stage.was_shown() && self.seen_companions.first(*place, &self.companions) =>
            {
                self.add(AdEvent::CompanionView(*place), log);
            }
            PlayerReport::CompanionClicked(place) if self.stage.was_shown() && self.seen_companions.has(*place) => {
                self.add(AdEvent::CompanionClick(*place), log);
            }
            _ => {}
        }
    }

    pub(super) fn icon(&mut self, report: &PlayerReport, log: &mut EventLog<'_>) {
        let is_on = self.stage == PlaybackStage::Playing;
        match report {
            PlayerReport::IconShown(place)
                if is_on
                    && self.icons.may_be_seen(*place, self.position(), self.length())
                    && self.seen_icons.first(*place, &[*place]) =>
            {
                self.add(AdEvent::IconView(*place), log);
            }
            PlayerReport::IconClicked(place) if is_on && self.seen_icons.has(*place) => {
                self.add(AdEvent::IconClick(*place), log);
            }
            _ => {}
        }
    }

    pub(super) fn click(&mut self, report: &PlayerReport, log: &mut EventLog<'_>) {
        if self.stage != PlaybackStage::Playing {
            return;
        }
        let event = match (report, self.unit) {
            (PlayerReport::Clicked(_), PlayedUnit::Linear(_)) => AdEvent::Click,
            (PlayerReport::Clicked(_), PlayedUnit::NonLinear(creative, number)) => {
                AdEvent::NonLinearClick(creative, number)
            }
            (PlayerReport::CustomClicked(id), PlayedUnit::Linear(_)) => AdEvent::CustomClick(id.clone()),
            (PlayerReport::CustomClicked(id), PlayedUnit::NonLinear(creative, number)) => {
                AdEvent::NonLinearCustomClick(creative, number, id.clone())
            }
            _ => return,
        };
        let mut moment = self.moment(self.position(), log);
        if let PlayerReport::Clicked(position) = report {
            moment.click_position = *position;
        }
        self.push(event, moment, log);
    }
}
