//! VAST 3.0: the differences from 2.0, according to its schema. Some things are only in the text of the standard, and this
//! table follows the text: root `Error`, the flags of `Wrapper`, `Creative@apiFramework`, several resources, and
//! `CompanionClickTracking` in `InLine`.

use super::facts::{Edition, Resources};
use super::row::{ChildRule, Events, Row, Within, rows};
use super::v2_0;
use crate::model::Event;
use crate::version::Version;
use crate::xml::{Key, Name};

pub(super) static EDITION: Edition = Edition {
    version: Version::V3_0,
    before: Some(&v2_0::EDITION),
    rows: ROWS,
    events: Events { both: &[v2_0::PLAYBACK, BOTH], linear: LINEAR, other: OTHER },
    spellings: &[(Name::Creative, Key::AdId, "AdID")],
    pricing_models: &["cpc", "cpm", "cpe", "cpv"],
    resources: Resources::Several,
    mixes_creatives: false,
    wrapper_has_creatives: true,
    requires_ad_id: false,
};

static ROWS: &[Row] = rows! {
    Vast: [Version] { [Ad] [Error] }
    Ad: [Id Sequence] { InLine Wrapper }
    InLine: [] {
        AdSystem AdTitle Description Advertiser Pricing Survey [Error] [Impression] Creatives Extensions
    }
    Wrapper: [FollowAdditionalWrappers AllowMultipleAds FallbackOnNoAd] {
        AdSystem VastAdTagUri [Error] [Impression] Creatives Extensions
    }
    Pricing: [Model Currency] {}
    Creative: [Id Sequence AdId ApiFramework] { Linear CompanionAds NonLinearAds }
    CreativeExtensions: [] { [CreativeExtension] }
    Linear in Wrapper: [] { CreativeExtensions Icons TrackingEvents VideoClicks }
    Linear: [SkipOffset] {
        Icons CreativeExtensions Duration TrackingEvents AdParameters VideoClicks MediaFiles
    }
    AdParameters: [XmlEncoded] {}
    HtmlResource: [XmlEncoded] {}
    Tracking: [Event Offset] {}
    VideoClicks in Wrapper: [] { [ClickTracking] [CustomClick] }
    MediaFile: [
        Id Delivery Type Bitrate MinBitrate MaxBitrate Width Height Scalable MaintainAspectRatio ApiFramework Codec
    ] {}
    Icons: [] { [Icon] }
    Icon: [Program Width Height XPosition YPosition Offset Duration ApiFramework] {
        [StaticResource] [IFrameResource] [HtmlResource] IconClicks [IconViewTracking]
    }
    IconClicks: [] { [IconClickTracking] IconClickThrough }
    CompanionAds: [Required] { [Companion] }
    Companion: [
        Id Width Height AssetWidth AssetHeight ExpandedWidth ExpandedHeight ApiFramework AdSlotId
    ] {
        [StaticResource] [IFrameResource] [HtmlResource] CreativeExtensions TrackingEvents CompanionClickThrough
        [CompanionClickTracking] AltText AdParameters
    }
    NonLinear in Wrapper: [
        Id Width Height ExpandedWidth ExpandedHeight Scalable MaintainAspectRatio MinSuggestedDuration ApiFramework
    ] { CreativeExtensions [NonLinearClickTracking] }
    NonLinear: [
        Id Width Height ExpandedWidth ExpandedHeight Scalable MaintainAspectRatio MinSuggestedDuration ApiFramework
    ] {
        [StaticResource] [IFrameResource] [HtmlResource] CreativeExtensions [NonLinearClickTracking]
        NonLinearClickThrough AdParameters
    }
};

static BOTH: &[Event] = &[Event::Fullscreen, Event::ExitFullscreen, Event::Skip, Event::Progress, Event::CloseLinear];

static LINEAR: &[Event] = &[Event::AcceptInvitationLinear];

static OTHER: &[Event] = &[Event::Expand, Event::Collapse, Event::AcceptInvitation, Event::Close];
