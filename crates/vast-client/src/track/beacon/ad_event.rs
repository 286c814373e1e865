//! The events of an ad, and the trackers that each event concerns.

use vast_xml::Text;
use vast_xml::model::{Event, Offset};

use super::beacon_event::BeaconEvent;
use super::listing::{AdPart, TrackerRef};
use crate::ad::PartIndex;

/// An event of an ad. [`beacons`](super::beacons) returns the trackers that are due at it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AdEvent {
    /// The first frame of the ad was shown (VAST 4.3 section 3.4.4).
    Impression,
    /// The ad failed with this VAST error code (section 2.3.6.3) or SIMID error code. Without a specific code, use
    /// [`AdEvent::UNDEFINED_ERROR`].
    Error(u16),
    /// A tracking event of its linear creative, except `progress` (section 3.14.1):
    /// `AdEvent::Linear(vast_client::xml::model::Event::Start)`.
    Linear(Event),
    /// Playback reached the offset of `progress` trackers with exactly this offset (section 3.14.3).
    Progress(Offset),
    /// The viewer clicked on the linear creative (section 3.10.2).
    Click,
    /// The linear creative reported an interaction that opens no page (section 3.10.3). With an `id` only the trackers with
    /// this `id` are due.
    CustomClick(Option<Text>),
    /// A tracking event of the `NonLinear` of this creative and number (section 3.12).
    NonLinear(usize, usize, Event),
    /// The viewer clicked on the `NonLinear` of this creative and number (section 3.12.3).
    NonLinearClick(usize, usize),
    /// The `NonLinear` of this creative and number reported an interaction (VAST 4.4). With an `id` only the trackers with this
    /// `id` are due.
    NonLinearCustomClick(usize, usize, Option<Text>),
    /// The companion was shown (section 3.13).
    CompanionView(PartIndex),
    /// The viewer clicked on the companion.
    CompanionClick(PartIndex),
    /// The icon was shown (section 3.11.2).
    IconView(PartIndex),
    /// The viewer clicked on the icon (section 3.11.1.2).
    IconClick(PartIndex),
    /// The host has measured whether the ad was viewable (section 3.5).
    Viewability(Viewability),
    /// The code of the verification was not run (section 3.17.4).
    VerificationNotExecuted(PartIndex, NotExecutedReason),
    /// The ad was received and will never be played (section 3.14.1).
    NotUsed,
    /// The host calls the surveys of the ad (section 3.4.9).
    Survey,
    /// Every tracker of this event, in all parts of the ad and at all offsets. For the inspection of an ad.
    Named(BeaconEvent),
    /// Every tracker. For the inspection of an ad.
    Any,
}

/// Whether an ad was viewable. Each ad that was played has exactly one of these results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Viewability {
    /// The ad met the viewability criteria.
    Viewable,
    /// The ad was played and did not meet the viewability criteria.
    NotViewable,
    /// The viewability could not be measured.
    Undetermined,
}

/// Why the code of a verification was not executed: the value of `[REASON]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NotExecutedReason {
    /// 1: code of this vendor is not allowed.
    Rejected,
    /// 2: the player cannot run the code, or there is no code. A server that runs no code always uses this reason.
    NotSupported,
    /// 3: the code could not be loaded.
    NotLoaded,
}

impl NotExecutedReason {
    /// The number in `[REASON]`.
    pub const fn code(self) -> u8 {
        match self {
            Self::Rejected => 1,
            Self::NotSupported => 2,
            Self::NotLoaded => 3,
        }
    }
}

impl AdEvent {
    /// The error code of errors without a specific code (VAST 4.3 section 2.3.6.2).
    pub const UNDEFINED_ERROR: u16 = 900;

    /// The event that the trackers of this event report; `None` for [`Any`](Self::Any).
    pub fn beacon_event(&self) -> Option<BeaconEvent> {
        Some(match self {
            Self::Any => return None,
            Self::Impression => BeaconEvent::Impression,
            Self::Error(_) => BeaconEvent::Error,
            Self::Linear(event) | Self::NonLinear(_, _, event) => BeaconEvent::Tracking(event.clone()),
            Self::Progress(_) => BeaconEvent::Tracking(Event::Progress),
            Self::Click => BeaconEvent::Click,
            Self::CustomClick(_) => BeaconEvent::CustomClick,
            Self::NonLinearClick(..) => BeaconEvent::NonLinearClick,
            Self::NonLinearCustomClick(..) => BeaconEvent::NonLinearCustomClick,
            Self::CompanionView(_) => BeaconEvent::Tracking(Event::CreativeView),
            Self::CompanionClick(_) => BeaconEvent::CompanionClick,
            Self::IconView(_) => BeaconEvent::IconView,
            Self::IconClick(_) => BeaconEvent::IconClick,
            Self::Viewability(Viewability::Viewable) => BeaconEvent::Viewable,
            Self::Viewability(Viewability::NotViewable) => BeaconEvent::NotViewable,
            Self::Viewability(Viewability::Undetermined) => BeaconEvent::ViewUndetermined,
            Self::VerificationNotExecuted(..) => BeaconEvent::Tracking(Event::VerificationNotExecuted),
            Self::NotUsed => BeaconEvent::Tracking(Event::NotUsed),
            Self::Survey => BeaconEvent::Survey,
            Self::Named(event) => event.clone(),
        })
    }

    /// Whether `tracker` is due at this event while the linear creative with the number `playing` plays.
    pub(super) fn concerns(&self, tracker: &TrackerRef<'_>, playing: Option<usize>) -> bool {
        self.is_reported_by(&tracker.event) && self.is_about(tracker, playing)
    }

    fn is_reported_by(&self, reported: &BeaconEvent) -> bool {
        match (self, reported) {
            (Self::Named(event), reported) => event.is(reported),
            // Compare the exact names: outside `Linear`, `close` and `closeLinear` are different events.
            (Self::Linear(event) | Self::NonLinear(_, _, event), BeaconEvent::Tracking(reported)) => event.is(reported),
            (_, reported) => self.beacon_event().is_none_or(|event| event == *reported),
        }
    }

    fn is_about(&self, tracker: &TrackerRef<'_>, playing: Option<usize>) -> bool {
        let is_meant = |id: &Option<Text>| id.is_none() || id.as_ref() == tracker.id;
        let is_shown = |creative, number| tracker.part.is_non_linear(creative, number);
        let plays = || playing.is_some_and(|creative| tracker.part.is_linear(creative));
        match self {
            Self::Impression | Self::Error(_) | Self::Viewability(_) | Self::Survey | Self::Named(_) | Self::Any => {
                true
            }
            Self::NotUsed => matches!(tracker.part, AdPart::Linear(_) | AdPart::NonLinear(..)),
            Self::Linear(_) | Self::Click => plays(),
            Self::Progress(offset) => plays() && tracker.offset == Some(*offset),
            Self::CustomClick(id) => plays() && is_meant(id),
            Self::NonLinear(creative, number, _) | Self::NonLinearClick(creative, number) => {
                is_shown(*creative, *number)
            }
            Self::NonLinearCustomClick(creative, number, id) => is_shown(*creative, *number) && is_meant(id),
            Self::CompanionView(place) | Self::CompanionClick(place) => tracker.part == AdPart::Companion(*place),
            Self::IconView(place) | Self::IconClick(place) => tracker.part == AdPart::Icon(*place),
            Self::VerificationNotExecuted(place, _) => tracker.part == AdPart::Verification(*place),
        }
    }
}
