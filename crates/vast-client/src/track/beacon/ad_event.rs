//! What can happen to an ad, and which of its trackers that concerns.

use vast_xml::Text;
use vast_xml::model::{Event, Offset};

use super::beacon_event::BeaconEvent;
use super::listing::{AdPart, TrackerRef};
use crate::ad::PartIndex;

/// Something that happened to an ad. Which trackers are due at it is told by [`beacons`](super::beacons).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AdEvent {
    /// Its first frame was shown (VAST 4.3 section 3.4.4).
    Impression,
    /// It failed with this VAST error code (section 2.3.6.3), or one of SIMID's; [`AdEvent::UNDEFINED_ERROR`] when no
    /// better one is known.
    Error(u16),
    /// A tracking event of its linear creative, but for `progress` (section 3.14.1).
    Linear(Event),
    /// The point of its `progress` trackers with this very offset was played (section 3.14.3).
    Progress(Offset),
    /// The viewer clicked on its linear creative (section 3.10.2).
    Click,
    /// The linear creative reported an interaction that opens no page: the trackers of this `id`, or all (section 3.10.3).
    CustomClick(Option<Text>),
    /// A tracking event of the `NonLinear` of this creative and number (section 3.12).
    NonLinear(usize, usize, Event),
    /// The viewer clicked on the `NonLinear` of this creative and number (section 3.12.3).
    NonLinearClick(usize, usize),
    /// The `NonLinear` of this creative and number reported an interaction: the trackers of this `id`, or all (VAST 4.4).
    NonLinearCustomClick(usize, usize, Option<Text>),
    /// The companion was shown (section 3.13).
    CompanionView(PartIndex),
    /// The viewer clicked on the companion.
    CompanionClick(PartIndex),
    /// The icon was shown (section 3.11.2).
    IconView(PartIndex),
    /// The viewer clicked on the icon (section 3.11.1.2).
    IconClick(PartIndex),
    /// The host's word on whether the ad could be seen (section 3.5).
    Viewability(Viewability),
    /// The code of the verification was not run (section 3.17.4).
    VerificationNotExecuted(PartIndex, NotExecutedReason),
    /// The ad was obtained and will never be played (section 3.14.1).
    NotUsed,
    /// The host asks for the ad's surveys (section 3.4.9).
    Survey,
    /// Every tracker of this name, whatever part of the ad or point of its time it belongs to: for looking at an ad.
    Named(BeaconEvent),
    /// Every tracker there is: for looking at an ad.
    Any,
}

/// Whether an ad could be seen. Exactly one of them is true of an ad that was played.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Viewability {
    /// It met the criteria of viewability.
    Viewable,
    /// It was played and never met them.
    NotViewable,
    /// Nobody can tell.
    Undetermined,
}

/// Why the code of a verification was not run: the value of `[REASON]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NotExecutedReason {
    /// 1: the vendor is not one whose code is run here.
    Rejected,
    /// 2: nothing here can run the code, or there is none. Always true of a server that runs no code of others.
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
    /// The error code of what has no better one (VAST 4.3 section 2.3.6.2).
    pub const UNDEFINED_ERROR: u16 = 900;

    /// What its trackers report; nothing in particular for [`Any`](Self::Any).
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

    /// Whether it is about `tracker`, when the linear creative of number `playing` is the one that plays.
    pub(super) fn concerns(&self, tracker: &TrackerRef<'_>, playing: Option<usize>) -> bool {
        self.is_reported_by(&tracker.event) && self.is_about(tracker, playing)
    }

    fn is_reported_by(&self, reported: &BeaconEvent) -> bool {
        match (self, reported) {
            (Self::Named(event), reported) => event.is(reported),
            // Exactly the event: outside `Linear`, `close` is another one than `closeLinear`.
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
