//! VAST 4.3, which has the same elements as 4.2. No schema for 4.3 was published.

use super::facts::{Edition, Resources};
use super::{v4_0, v4_2};
use crate::version::Version;

pub(super) static EDITION: Edition = Edition {
    version: Version::V4_3,
    before: Some(&v4_2::EDITION),
    rows: &[],
    events: v4_2::EVENTS,
    spellings: &[],
    pricing_models: v4_0::PRICING_MODELS,
    resources: Resources::Several,
    mixes_creatives: true,
    wrapper_has_creatives: false,
    requires_ad_id: false,
};
