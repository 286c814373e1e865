//! An ad's way from waiting to over: what follows from its position, and what ends it.

use std::time::{Duration, SystemTime};

use vast_xml::model::Event;

use super::ad_session::{AdSession, Log, Stage, Unit};
use super::options::Verifications;
use super::timeline::Mark;
use crate::track::occurrence::{AdEvent, NotExecuted};

impl AdSession {
    pub(super) fn load(&mut self, log: &mut Log<'_>) {
        if self.stage == Stage::Waiting && !self.is_loaded {
            self.is_loaded = true;
            if matches!(self.unit, Unit::Linear(_)) {
                self.tracking(Event::Loaded, log);
            }
        }
    }

    /// The first frame: everything of it is one batch (VAST 4.3 sections 2.3.4 and 3.14.1).
    pub(super) fn start(&mut self, log: &mut Log<'_>) {
        if self.stage != Stage::Waiting {
            return;
        }
        self.load(log);
        if self.options.verifications == Verifications::Nobody {
            for place in self.verifications.clone() {
                self.not_executed(place, NotExecuted::NotSupported, log);
            }
        }
        (self.stage, self.has_begun) = (Stage::Playing, true);
        self.heard = log.now.at;
        self.add(AdEvent::Impression, log);
        self.tracking(Event::CreativeView, log);
        if matches!(self.unit, Unit::Linear(_)) || self.length().is_some() {
            self.tracking(Event::Start, log);
        }
        let reached = self.timeline.begin();
        self.marks(reached, log);
    }

    pub(super) fn playhead(&mut self, position: Duration, log: &mut Log<'_>) {
        self.start(log);
        if self.stage != Stage::Playing {
            return;
        }
        let is_jump = self.is_jump(position, log.now.at);
        self.heard = log.now.at;
        if is_jump {
            return self.timeline.jump(position);
        }
        let reached = self.timeline.play(position);
        self.marks(reached, log);
    }

    /// What is paused does not play, and what is further ahead than the clock was not played.
    fn is_jump(&self, position: Duration, at: SystemTime) -> bool {
        let elapsed = at.duration_since(self.heard).unwrap_or_default();
        let most = |tolerance| self.timeline.position().saturating_add(elapsed).saturating_add(tolerance);
        self.switches.is_paused() || self.options.seek_tolerance.is_some_and(|tolerance| position > most(tolerance))
    }

    pub(super) fn seek(&mut self, position: Duration, log: &mut Log<'_>) {
        if !matches!(self.stage, Stage::Waiting | Stage::Playing) {
            return;
        }
        if self.stage == Stage::Playing && position < self.timeline.position() {
            self.tracking(Event::Rewind, log);
        }
        self.heard = log.now.at;
        self.timeline.jump(position);
    }

    pub(super) fn end(&mut self, log: &mut Log<'_>) {
        self.start(log);
        if self.stage != Stage::Playing {
            return;
        }
        let end = self.length().unwrap_or(self.timeline.position());
        if self.is_jump(end, log.now.at) {
            self.timeline.jump(end);
        }
        let reached = self.timeline.end();
        self.marks(reached, log);
        self.stage = Stage::Ended;
    }

    fn marks(&mut self, reached: Vec<(Duration, Mark)>, log: &mut Log<'_>) {
        for (at, mark) in reached {
            let event = match mark {
                Mark::Share(event) => self.unit_event(event),
                Mark::Progress(offset) => AdEvent::Progress(offset),
            };
            self.add_at(event, at, log);
        }
    }

    pub(super) fn skip(&mut self, log: &mut Log<'_>) {
        if self.stage == Stage::Playing && !self.timeline.is_complete() {
            self.tracking(Event::Skip, log);
            self.stage = Stage::Skipped;
        }
    }

    pub(super) fn close(&mut self, log: &mut Log<'_>) {
        if self.stage.was_shown() && self.stage != Stage::Closed {
            let event = if matches!(self.unit, Unit::Linear(_)) { Event::CloseLinear } else { Event::Close };
            self.tracking(event, log);
            self.stage = Stage::Closed;
        }
    }

    pub(super) fn not_used(&mut self, log: &mut Log<'_>) {
        if self.stage == Stage::Waiting {
            self.add(AdEvent::NotUsed, log);
            self.stage = Stage::NotUsed;
        }
    }

    pub(super) fn fail(&mut self, code: u16, log: &mut Log<'_>) {
        if matches!(self.stage, Stage::Waiting | Stage::Playing) {
            self.add(AdEvent::Error(code), log);
            self.stage = Stage::Failed;
        }
    }

    pub(super) fn impair(&mut self, code: u16, log: &mut Log<'_>) {
        if self.stage == Stage::Waiting || self.stage.was_shown() {
            self.add(AdEvent::Error(code), log);
        }
    }

    pub(super) fn abandon(&mut self) {
        if matches!(self.stage, Stage::Waiting | Stage::Playing) {
            self.stage = Stage::Abandoned;
        }
    }
}
