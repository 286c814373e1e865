//! `Creatives` (VAST 4.3, sections 3.6 and 3.7).

use super::addendum::Carried;
use super::companion::companion_ads;
use super::extension::extensions;
use super::extra::{Rest, attributes};
use super::linear::linear;
use super::non_linear::non_linear_ads;
use crate::model::{Creative, Extension, UniversalAdId};
use crate::xml::{Emit, Key, Name};

/// Writes the creatives of an ad; `of_ad` are the ad's own extensions.
pub(super) fn creatives(out: &mut Emit, rest: &mut Rest<'_>, list: &[Creative], of_ad: &[Extension]) {
    if list.is_empty() {
        return;
    }
    let inner = rest.group(out, Name::Creatives);
    for one in list {
        creative(out, one, of_ad);
    }
    inner.close(out);
    out.end();
}

fn creative(out: &mut Emit, creative: &Creative, of_ad: &[Extension]) {
    let mut rest = Rest::of(&creative.extra);
    let carried = Carried { of_ad, of_creative: &creative.creative_extensions };
    creative_attributes(out, creative);
    if let Some(ads) = &creative.companion_ads {
        companion_ads(out, ads);
    }
    let list = &creative.creative_extensions;
    extensions(out, &mut rest, Name::CreativeExtensions, Name::CreativeExtension, list);
    if let Some(ad) = &creative.linear {
        linear(out, ad, carried);
    }
    if let Some(ads) = &creative.non_linear_ads {
        non_linear_ads(out, ads);
    }
    for id in carried.others(Name::UniversalAdId, &creative.universal_ad_ids) {
        universal_ad_id(out, id);
    }
    rest.close(out);
    out.end();
}

fn creative_attributes(out: &mut Emit, creative: &Creative) {
    out.start(Name::Creative);
    out.attribute(Key::Sequence, creative.sequence);
    out.attribute(Key::ApiFramework, creative.api_framework.as_ref());
    out.attribute(Key::Id, creative.id.as_ref());
    out.attribute(Key::AdId, creative.ad_id.as_ref());
    attributes(out, &creative.extra);
}

fn universal_ad_id(out: &mut Emit, id: &UniversalAdId) {
    out.start(Name::UniversalAdId);
    out.attribute(Key::IdRegistry, id.registry.as_ref());
    attributes(out, &id.extra);
    out.keep_layout();
    out.text(&id.value);
    Rest::of(&id.extra).close(out);
    out.end();
}
