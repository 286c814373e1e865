//! VAST 4.0, according to its schema 4.0.7. The element order is new, so the table is complete. Where the schema is wrong, the
//! table follows the text: several icons, the attributes of `NonLinear`, several click trackers of a wrapper's `NonLinear`.
//!
//! The table does not have `AdVerifications`, because 4.0 gives it a form that no other version has. Verifications are put
//! into an extension, as in 2.0 and 3.0 (VAST 4.3, section 1.8).

use super::facts::{Edition, Resources};
use super::row::{ChildRule, Events, Row, Within, rows};
use super::v2_0;
use crate::model::Event;
use crate::version::Version;
use crate::xml::{Key, Name};

pub(super) static EDITION: Edition = Edition {
    version: Version::V4_0,
    before: None,
    rows: ROWS,
    events: Events { both: &[v2_0::PLAYBACK, BOTH, &[Event::TimeSpentViewing]], linear: LINEAR, other: OTHER },
    spellings: &[(Name::Companion, Key::AdSlotId, "adSlotID")],
    pricing_models: PRICING_MODELS,
    resources: Resources::Several,
    mixes_creatives: true,
    wrapper_has_creatives: false,
    requires_ad_id: false,
};

pub(super) static PRICING_MODELS: &[&str] = &["CPC", "CPM", "CPE", "CPV", "cpc", "cpm", "cpe", "cpv"];

static ROWS: &[Row] = rows! {
    Vast: [Version] { [Ad] [Error] }
    Ad: [Id Sequence ConditionalAd] { InLine Wrapper }
    InLine: [] {
        AdSystem [Error] Extensions [Impression] Pricing ViewableImpression AdTitle Advertiser [Category] Creatives
        Description [Survey]
    }
    Wrapper: [FollowAdditionalWrappers AllowMultipleAds FallbackOnNoAd] {
        AdSystem [Error] Extensions [Impression] Pricing ViewableImpression Creatives VastAdTagUri
    }
    AdSystem: [Version] {}
    Impression: [Id] {}
    Pricing: [Model Currency] {}
    ViewableImpression: [Id] { [Viewable] [NotViewable] [ViewUndetermined] }
    Category: [Authority] {}
    Survey: [Type] {}
    Extensions: [] { [Extension] }
    Creatives: [] { [Creative] }
    Creative in Wrapper: [Sequence ApiFramework Id AdId] { CompanionAds Linear NonLinearAds }
    Creative: [Sequence ApiFramework Id AdId] { CompanionAds CreativeExtensions Linear NonLinearAds UniversalAdId }
    UniversalAdId: [IdRegistry IdValue] {}
    CreativeExtensions: [] { [CreativeExtension] }
    Linear in Wrapper: [SkipOffset] { Icons TrackingEvents VideoClicks }
    Linear: [SkipOffset] { Icons TrackingEvents AdParameters Duration MediaFiles VideoClicks }
    Icons: [] { [Icon] }
    Icon: [Program Width Height XPosition YPosition Duration Offset ApiFramework PxRatio] {
        [HtmlResource] [IFrameResource] [StaticResource] IconClicks [IconViewTracking]
    }
    IconClicks: [] { IconClickThrough [IconClickTracking] }
    IconClickTracking: [Id] {}
    TrackingEvents: [] { [Tracking] }
    Tracking: [Event Offset] {}
    AdParameters: [XmlEncoded] {}
    MediaFiles: [] { [MediaFile] Mezzanine [InteractiveCreativeFile] }
    MediaFile: [
        Id Delivery Type Width Height Codec Bitrate MinBitrate MaxBitrate Scalable MaintainAspectRatio ApiFramework
    ] {}
    InteractiveCreativeFile: [Type ApiFramework] {}
    VideoClicks in Wrapper: [] { [ClickTracking] [CustomClick] }
    VideoClicks: [] { [ClickTracking] [CustomClick] ClickThrough }
    ClickThrough: [Id] {}
    ClickTracking: [Id] {}
    CustomClick: [Id] {}
    CompanionAds: [Required] { [Companion] }
    Companion: [
        Id Width Height AssetWidth AssetHeight ExpandedWidth ExpandedHeight ApiFramework AdSlotId PxRatio
    ] {
        [HtmlResource] [IFrameResource] [StaticResource] AdParameters AltText CompanionClickThrough
        [CompanionClickTracking] CreativeExtensions TrackingEvents
    }
    CompanionClickTracking: [Id] {}
    NonLinearAds: [] { TrackingEvents [NonLinear] }
    NonLinear in Wrapper: [] { [NonLinearClickTracking] }
    NonLinear: [
        Id Width Height ExpandedWidth ExpandedHeight Scalable MaintainAspectRatio MinSuggestedDuration ApiFramework
    ] {
        [HtmlResource] [IFrameResource] [StaticResource] AdParameters NonLinearClickThrough [NonLinearClickTracking]
    }
    NonLinearClickTracking: [Id] {}
    StaticResource: [CreativeType] {}
};

/// The events of every place, with the names that later versions use too.
pub(super) static BOTH: &[Event] = &[
    Event::Skip,
    Event::Progress,
    Event::PlayerExpand,
    Event::PlayerCollapse,
    Event::AdExpand,
    Event::AdCollapse,
    Event::Minimize,
    Event::OverlayViewDuration,
    Event::OtherAdInteraction,
];

/// 4.0 removed `closeLinear` and kept `close`.
static LINEAR: &[Event] = &[Event::AcceptInvitationLinear, Event::CloseUnderLinear];

static OTHER: &[Event] = &[Event::AcceptInvitation, Event::Close];
