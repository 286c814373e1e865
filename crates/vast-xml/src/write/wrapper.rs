//! `Wrapper` (VAST 4.3, section 3.19).

use super::addendum::Carried;
use super::creative::creatives;
use super::extra::{Rest, attributes};
use super::inline::Base;
use super::leaf::{labelled, urls};
use super::verification::verifications;
use crate::model::{BlockedAdCategories, Wrapper};
use crate::xml::{Emit, Key, Name};
use std::slice;

pub(super) fn wrapper(out: &mut Emit, wrapper: &Wrapper) {
    let mut rest = Rest::of(&wrapper.extra);
    out.start(Name::Wrapper);
    out.attribute(Key::FollowAdditionalWrappers, wrapper.follow_additional_wrappers);
    out.attribute(Key::AllowMultipleAds, wrapper.allow_multiple_ads);
    out.attribute(Key::FallbackOnNoAd, wrapper.fallback_on_no_ad);
    attributes(out, &wrapper.extra);
    let base = Base {
        ad_system: wrapper.ad_system.as_ref(),
        errors: &wrapper.errors,
        extensions: &wrapper.extensions,
        impressions: &wrapper.impressions,
        pricing: wrapper.pricing.as_ref(),
        viewable_impression: wrapper.viewable_impression.as_ref(),
    };
    base.write(out, &mut rest);
    let carried = Carried { of_ad: &wrapper.extensions, of_creative: &[] };
    verifications(out, &mut rest, carried.others(Name::AdVerifications, &wrapper.ad_verifications));
    wrapper.blocked_ad_categories.iter().for_each(|one| blocked(out, &mut rest, one));
    creatives(out, &mut rest, &wrapper.creatives, &wrapper.extensions);
    // The model has an empty one for a missing one.
    if !wrapper.vast_ad_tag_uri.is_empty() {
        urls(out, &mut rest, Name::VastAdTagUri, slice::from_ref(&wrapper.vast_ad_tag_uri));
    }
    rest.close(out);
    out.end();
}

fn blocked(out: &mut Emit, rest: &mut Rest<'_>, blocked: &BlockedAdCategories) {
    let codes: Vec<&str> = blocked.categories.iter().map(|code| code.as_str()).collect();
    let known = [(Key::Authority, blocked.authority.as_deref())];
    labelled(out, rest, Name::BlockedAdCategories, &known, |out| out.text(&codes.join(",")));
}
