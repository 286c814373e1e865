//! The events that trackers report, by name.

use vast_xml::macros::Context;
use vast_xml::model::Event;

/// The event that a tracker reports. Each element of VAST that holds tracker URLs has one name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BeaconEvent {
    /// `Impression`: the first frame of the ad was shown (VAST 4.3 section 3.4.4).
    Impression,
    /// `Error`: a failure; the VAST error code replaces the macro in the URL (section 2.3.6).
    Error,
    /// `Tracking` of a linear, non-linear or companion creative, and of a verification (section 3.14).
    Tracking(Event),
    /// `ClickTracking` of a linear creative (section 3.10.2).
    Click,
    /// `CustomClick` of a linear creative (section 3.10.3).
    CustomClick,
    /// `NonLinearClickTracking` (section 3.12.3).
    NonLinearClick,
    /// `NonLinearCustomClick` (VAST 4.4 section 3.12.7).
    NonLinearCustomClick,
    /// `CompanionClickTracking` (section 3.13.4).
    CompanionClick,
    /// `IconViewTracking` (section 3.11.2).
    IconView,
    /// `IconClickTracking` (section 3.11.1.2).
    IconClick,
    /// `Viewable`: the ad was viewable (section 3.5).
    Viewable,
    /// `NotViewable`: the ad was played and was not viewable.
    NotViewable,
    /// `ViewUndetermined`: viewability could not be measured.
    ViewUndetermined,
    /// `Survey` (section 3.4.9, deprecated since 4.1): called only when the host reports it.
    Survey,
}

/// All events except tracking events, whose names come from documents.
const ELEMENTS: [BeaconEvent; 13] = [
    BeaconEvent::Impression,
    BeaconEvent::Error,
    BeaconEvent::Click,
    BeaconEvent::CustomClick,
    BeaconEvent::NonLinearClick,
    BeaconEvent::NonLinearCustomClick,
    BeaconEvent::CompanionClick,
    BeaconEvent::IconView,
    BeaconEvent::IconClick,
    BeaconEvent::Viewable,
    BeaconEvent::NotViewable,
    BeaconEvent::ViewUndetermined,
    BeaconEvent::Survey,
];

impl BeaconEvent {
    /// The event with this name; upper and lower case are equal. Names are those of [`as_str`](Self::as_str), the names of
    /// tracking events in all versions of VAST, and any other value of `Tracking@event`.
    pub fn from_name(name: &str) -> Self {
        let element = ELEMENTS.into_iter().find(|element| element.as_str().eq_ignore_ascii_case(name));
        element.unwrap_or_else(|| Self::Tracking(Event::from_name(name)))
    }

    /// The name used in results: `impression`, `error`, `click`, and for a tracking event its name in the current standard.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Impression => "impression",
            Self::Error => "error",
            Self::Tracking(event) => event.name(),
            Self::Click => "click",
            Self::CustomClick => "customClick",
            Self::NonLinearClick => "nonLinearClick",
            Self::NonLinearCustomClick => "nonLinearCustomClick",
            Self::CompanionClick => "companionClick",
            Self::IconView => "iconView",
            Self::IconClick => "iconClick",
            Self::Viewable => "viewable",
            Self::NotViewable => "notViewable",
            Self::ViewUndetermined => "viewUndetermined",
            Self::Survey => "survey",
        }
    }

    /// Whether both are the same event, in the names of any version of VAST: `fullscreen` equals `playerExpand`, and `close`
    /// inside `Linear` equals both `closeLinear` and `close`.
    pub fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Tracking(one), Self::Tracking(other)) => is_same_event(one, other),
            (one, other) => one == other,
        }
    }

    /// The context that decides which macros are replaced in the URLs of these trackers.
    pub(super) fn context(&self) -> Context {
        match self {
            Self::Error => Context::Error,
            Self::Click
            | Self::CustomClick
            | Self::NonLinearClick
            | Self::NonLinearCustomClick
            | Self::CompanionClick
            | Self::IconClick => Context::Click,
            Self::Tracking(Event::VerificationNotExecuted) => Context::Verification,
            _ => Context::Tracking,
        }
    }
}

/// [`BeaconEvent::is`] for tracking events.
pub(super) fn is_same_event(one: &Event, other: &Event) -> bool {
    one.is(other) || one.raw() == other.raw()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_can_be_read_back() {
        for event in ELEMENTS {
            assert_eq!(BeaconEvent::from_name(event.as_str()), event);
            assert_eq!(BeaconEvent::from_name(&event.as_str().to_uppercase()), event);
        }
        assert_eq!(BeaconEvent::from_name("fullscreen").as_str(), "playerExpand");
        assert_eq!(BeaconEvent::from_name("vendorThing").as_str(), "vendorThing");
    }

    #[test]
    fn names_of_different_versions_are_one_event() {
        let [fullscreen, expand] = ["fullscreen", "playerExpand"].map(BeaconEvent::from_name);
        assert!(fullscreen.is(&expand) && !fullscreen.is(&BeaconEvent::from_name("start")));
        let close_linear = BeaconEvent::Tracking(Event::Close.under_linear());
        assert!(close_linear.is(&BeaconEvent::from_name("close")));
        assert!(close_linear.is(&BeaconEvent::from_name("closeLinear")));
    }
}
