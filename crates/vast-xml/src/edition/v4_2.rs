//! VAST 4.2: the differences from 4.1. `Icon@altText` and `@hoverText` are in the text of the standard, but not in the schema.

use super::facts::{Edition, Resources};
use super::row::{ChildRule, Events, Row, Within, rows};
use super::{v2_0, v4_0, v4_1};
use crate::model::Event;
use crate::version::Version;
use crate::xml::{Key, Name};

pub(super) static EDITION: Edition = Edition {
    version: Version::V4_2,
    before: Some(&v4_1::EDITION),
    rows: ROWS,
    events: EVENTS,
    spellings: &[],
    pricing_models: v4_0::PRICING_MODELS,
    resources: Resources::Several,
    mixes_creatives: true,
    wrapper_has_creatives: false,
    requires_ad_id: false,
};

static ROWS: &[Row] = rows! {
    Creative in Wrapper: [Sequence ApiFramework Id AdId] { CompanionAds Linear NonLinearAds }
    Creative: [Sequence ApiFramework Id AdId] {
        CompanionAds CreativeExtensions Linear NonLinearAds [UniversalAdId]
    }
    Icon: [Program Width Height XPosition YPosition Duration Offset ApiFramework PxRatio AltText HoverText] {
        [HtmlResource] [IFrameResource] [StaticResource] IconClicks [IconViewTracking]
    }
    IconClicks: [] { IconClickFallbackImages IconClickThrough [IconClickTracking] }
    IconClickFallbackImages: [] { [IconClickFallbackImage] }
    IconClickFallbackImage: [Height Width] { AltText [StaticResource] }
    VideoClicks: [] { [ClickTracking] ClickThrough [CustomClick] }
};

pub(super) const EVENTS: Events = Events {
    both: &[v2_0::PLAYBACK, v4_0::BOTH, v4_1::ADDED, &[Event::InteractiveStart]],
    linear: &[],
    other: &[Event::Close],
};
