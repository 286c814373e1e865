//! What viewers, creatives and measurements do to an ad that is on.

use vast_xml::model::Event;

use super::ad_session::{AdSession, Log, Stage, Unit};
use super::report::Report;
use crate::ad::PartIndex;
use crate::track::occurrence::{AdEvent, NotExecuted};

/// How often an event that the host reports by name can happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Times {
    /// It follows from other reports.
    Own,
    Once,
    Each,
}

/// The column "times" of the catalogue of events (VAST 4.3 section 3.14.1).
fn times(event: &Event) -> Times {
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
        | "verificationNotExecuted" => Times::Own,
        "interactiveStart" | "overlayViewDuration" | "timeSpentViewing" => Times::Once,
        _ => Times::Each,
    }
}

impl AdSession {
    pub(super) fn switch(&mut self, report: &Report, log: &mut Log<'_>) {
        if self.stage != Stage::Playing {
            return;
        }
        if let Some(event) = self.switches.turn(report) {
            // A pause is no time in which the ad could have played.
            self.heard = log.now.at;
            self.tracking(event, log);
        }
    }

    pub(super) fn told(&mut self, event: &Event, log: &mut Log<'_>) {
        let happens = self.stage == Stage::Playing
            && match times(event) {
                Times::Own => false,
                Times::Once => !self.once.iter().any(|before| before.is(event)),
                Times::Each => true,
            };
        if happens {
            if times(event) == Times::Once {
                self.once.push(event.clone());
            }
            self.tracking(event.clone(), log);
        }
    }

    pub(super) fn measured(&mut self, report: &Report, log: &mut Log<'_>) {
        match report {
            Report::Viewability(state) if self.stage.was_shown() && !self.has_viewability => {
                self.has_viewability = true;
                self.add(AdEvent::Viewability(*state), log);
            }
            Report::VerificationNotExecuted(place, reason)
                if self.stage == Stage::Waiting || self.stage.was_shown() =>
            {
                self.not_executed(*place, *reason, log);
            }
            _ => {}
        }
    }

    pub(super) fn not_executed(&mut self, place: PartIndex, reason: NotExecuted, log: &mut Log<'_>) {
        if self.reported_verifications.first(place, &self.verifications) {
            self.add(AdEvent::VerificationNotExecuted(place, reason), log);
        }
    }

    pub(super) fn companion(&mut self, report: &Report, log: &mut Log<'_>) {
        match report {
            Report::CompanionShown(place)
                if self.stage.was_shown() && self.seen_companions.first(*place, &self.companions) =>
            {
                self.add(AdEvent::CompanionView(*place), log);
            }
            Report::CompanionClicked(place) if self.stage.was_shown() && self.seen_companions.has(*place) => {
                self.add(AdEvent::CompanionClick(*place), log);
            }
            _ => {}
        }
    }

    pub(super) fn icon(&mut self, report: &Report, log: &mut Log<'_>) {
        let is_on = self.stage == Stage::Playing;
        match report {
            Report::IconShown(place)
                if is_on
                    && self.icons.may_be_seen(*place, self.position(), self.length())
                    && self.seen_icons.first(*place, &[*place]) =>
            {
                self.add(AdEvent::IconView(*place), log);
            }
            Report::IconClicked(place) if is_on && self.seen_icons.has(*place) => {
                self.add(AdEvent::IconClick(*place), log);
            }
            _ => {}
        }
    }

    pub(super) fn click(&mut self, report: &Report, log: &mut Log<'_>) {
        if self.stage != Stage::Playing {
            return;
        }
        let event = match (report, self.unit) {
            (Report::Clicked(_), Unit::Linear(_)) => AdEvent::Click,
            (Report::Clicked(_), Unit::NonLinear(creative, number)) => AdEvent::NonLinearClick(creative, number),
            (Report::CustomClicked(id), Unit::Linear(_)) => AdEvent::CustomClick(id.clone()),
            (Report::CustomClicked(id), Unit::NonLinear(creative, number)) => {
                AdEvent::NonLinearCustomClick(creative, number, id.clone())
            }
            _ => return,
        };
        let mut moment = self.moment(self.position(), log);
        if let Report::Clicked(position) = report {
            moment.click_position = *position;
        }
        self.push(event, moment, log);
    }
}
