//! VAST 4.1: the differences from 4.0. 4.1 deprecates `Survey`, so the table does not have it.

use super::facts::{Edition, Resources};
use super::row::{ChildRule, Events, Row, Within, rows};
use super::{v2_0, v4_0};
use crate::model::Event;
use crate::version::Version;
use crate::xml::{Key, Name};

pub(super) static EDITION: Edition = Edition {
    version: Version::V4_1,
    before: Some(&v4_0::EDITION),
    rows: ROWS,
    events: Events { both: BOTH, linear: &[], other: &[Event::Close] },
    spellings: &[],
    pricing_models: v4_0::PRICING_MODELS,
    resources: Resources::Several,
    mixes_creatives: true,
    wrapper_has_creatives: false,
    requires_ad_id: false,
};

static ROWS: &[Row] = rows! {
    Ad: [Id Sequence ConditionalAd AdType] { InLine Wrapper }
    InLine: [] {
        AdSystem [Error] Extensions [Impression] Pricing ViewableImpression AdServingId AdTitle AdVerifications
        Advertiser [Category] Creatives Description Expires
    }
    Wrapper: [FollowAdditionalWrappers AllowMultipleAds FallbackOnNoAd] {
        AdSystem [Error] Extensions [Impression] Pricing ViewableImpression AdVerifications [BlockedAdCategories]
        Creatives VastAdTagUri
    }
    AdVerifications: [] { [Verification] }
    Verification: [Vendor] { [ExecutableResource] [JavaScriptResource] TrackingEvents VerificationParameters }
    ExecutableResource: [ApiFramework Type] {}
    JavaScriptResource: [ApiFramework BrowserOptional] {}
    Advertiser: [Id] {}
    BlockedAdCategories: [Authority] {}
    UniversalAdId: [IdRegistry] {}
    MediaFiles: [] { ClosedCaptionFiles [MediaFile] [Mezzanine] [InteractiveCreativeFile] }
    MediaFile: [
        Id Delivery Type Width Height Codec Bitrate MinBitrate MaxBitrate Scalable MaintainAspectRatio FileSize
        MediaType ApiFramework
    ] {}
    Mezzanine: [Id Delivery Type Width Height Codec FileSize MediaType] {}
    InteractiveCreativeFile: [Type ApiFramework VariableDuration] {}
    ClosedCaptionFiles: [] { [ClosedCaptionFile] }
    ClosedCaptionFile: [Type Language] {}
    Companion: [
        Id Width Height AssetWidth AssetHeight ExpandedWidth ExpandedHeight ApiFramework AdSlotId PxRatio
        RenderingMode
    ] {
        [HtmlResource] [IFrameResource] [StaticResource] AdParameters AltText CompanionClickThrough
        [CompanionClickTracking] CreativeExtensions TrackingEvents
    }
};

/// `notUsed` is in the text of the standard, but not in the schema.
pub(super) static BOTH: &[&[Event]] = &[v2_0::PLAYBACK, v4_0::BOTH, ADDED];

pub(super) static ADDED: &[Event] = &[Event::Loaded, Event::CloseLinear, Event::AcceptInvitation, Event::NotUsed];
