//! VAST 2.0, according to its schema 2.0.1.

use super::facts::{Edition, Resources};
use super::row::{ChildRule, Events, Row, Within, rows};

use crate::model::Event;
use crate::version::Version;
use crate::xml::{Key, Name};

pub(super) static EDITION: Edition = Edition {
    version: Version::V2_0,
    before: None,
    rows: ROWS,
    events: Events { both: &[PLAYBACK], linear: LINEAR, other: OTHER },
    spellings: &[(Name::Creative, Key::AdId, "AdID")],
    pricing_models: &[],
    resources: Resources::One,
    mixes_creatives: false,
    wrapper_has_creatives: true,
    requires_ad_id: true,
};

/// The schema allows only one `Error`. This table allows several, because readers call all of them, and because an ad that is
/// merged from a chain of wrappers needs the `Error` URL of each level.
static ROWS: &[Row] = rows! {
    Vast: [Version] { [Ad] }
    Ad: [Id] { InLine Wrapper }
    InLine: [] { AdSystem AdTitle Description Survey [Error] [Impression] Creatives Extensions }
    Wrapper: [] { AdSystem VastAdTagUri [Error] [Impression] Creatives Extensions }
    AdSystem: [Version] {}
    Impression in Wrapper: [] {}
    Impression: [Id] {}
    Extensions: [] { [Extension] }
    Creatives: [] { [Creative] }
    Creative: [Id Sequence AdId] { Linear CompanionAds NonLinearAds }
    Linear in Wrapper: [] { TrackingEvents VideoClicks }
    Linear: [] { Duration TrackingEvents AdParameters VideoClicks MediaFiles }
    TrackingEvents: [] { [Tracking] }
    Tracking: [Event] {}
    VideoClicks in Wrapper: [] { [ClickTracking] }
    VideoClicks: [] { ClickThrough [ClickTracking] [CustomClick] }
    ClickThrough: [Id] {}
    ClickTracking: [Id] {}
    CustomClick: [Id] {}
    MediaFiles: [] { [MediaFile] }
    MediaFile: [Id Delivery Type Bitrate Width Height Scalable MaintainAspectRatio ApiFramework] {}
    CompanionAds: [] { [Companion] }
    Companion: [Id Width Height ExpandedWidth ExpandedHeight ApiFramework] {
        [StaticResource] [IFrameResource] [HtmlResource] TrackingEvents CompanionClickThrough AltText AdParameters
    }
    NonLinearAds: [] { TrackingEvents [NonLinear] }
    NonLinear: [
        Id Width Height ExpandedWidth ExpandedHeight Scalable MaintainAspectRatio MinSuggestedDuration ApiFramework
    ] { [StaticResource] [IFrameResource] [HtmlResource] NonLinearClickThrough AdParameters }
    StaticResource: [CreativeType] {}
};

/// The events that every version has.
pub(super) static PLAYBACK: &[Event] = &[
    Event::CreativeView,
    Event::Start,
    Event::FirstQuartile,
    Event::Midpoint,
    Event::ThirdQuartile,
    Event::Complete,
    Event::Mute,
    Event::Unmute,
    Event::Pause,
    Event::Resume,
    Event::Rewind,
];

/// `fullscreen` means that the player is enlarged. Under `Linear`, `expand`, `collapse` and `close` also refer to the player.
static LINEAR: &[Event] = &[
    Event::Fullscreen,
    Event::ExpandUnderLinear,
    Event::CollapseUnderLinear,
    Event::AcceptInvitation,
    Event::CloseUnderLinear,
];

static OTHER: &[Event] = &[Event::Fullscreen, Event::Expand, Event::Collapse, Event::AcceptInvitation, Event::Close];

#[cfg(test)]
mod tests {
    use super::super::row::Unit;
    use super::*;

    #[test]
    fn a_wrapper_has_less_in_it() {
        let clicks = |within| EDITION.row(Name::VideoClicks, within).children.len();
        assert_eq!((clicks(Within::InLine), clicks(Within::Wrapper)), (3, 1));
        assert_eq!(EDITION.event(&Event::PlayerExpand, Unit::Linear), Some(&Event::Fullscreen));
    }
}
