//! `InLine` and `Wrapper`.

use super::change::ChangeKind;
use super::creative::creatives;
use super::unknown::{plain, unknown};
use super::walk::{Walk, leaf};
use super::{ad_part, creative_part, fill};
use crate::model::{InLine, Place, Pricing, Verification, VerificationResource, Wrapper};
use crate::xml::{Key, Name};

pub(super) fn inline(walk: &mut Walk, inline: &mut InLine) {
    ad_part::settle(walk, inline);
    creative_part::settle(walk, inline);
    fill::inline(walk, inline);
    walk.child(Name::AdSystem, &mut inline.ad_system, plain);
    walk.child(Name::AdTitle, &mut inline.ad_title, leaf);
    walk.child(Name::AdServingId, &mut inline.ad_serving_id, leaf);
    walk.children(Name::Impression, &mut inline.impressions, plain);
    walk.children(Name::Category, &mut inline.categories, plain);
    walk.child(Name::Description, &mut inline.description, leaf);
    walk.child(Name::Advertiser, &mut inline.advertiser, plain);
    walk.child(Name::Pricing, &mut inline.pricing, pricing);
    walk.children(Name::Survey, &mut inline.surveys, plain);
    walk.child(Name::Expires, &mut inline.expires, leaf);
    walk.children(Name::Error, &mut inline.errors, leaf);
    walk.child(Name::ViewableImpression, &mut inline.viewable_impression, plain);
    verifications(walk, &mut inline.ad_verifications);
    creatives(walk, &mut inline.creatives);
    unknown(walk, &mut inline.extra);
}

pub(super) fn wrapper(walk: &mut Walk, wrapper: &mut Wrapper) {
    ad_part::settle(walk, wrapper);
    creative_part::settle(walk, wrapper);
    fill::wrapper(walk, wrapper);
    walk.attributes(wrapper);
    walk.child(Name::AdSystem, &mut wrapper.ad_system, plain);
    walk.children(Name::Impression, &mut wrapper.impressions, plain);
    walk.children(Name::Error, &mut wrapper.errors, leaf);
    walk.child(Name::Pricing, &mut wrapper.pricing, pricing);
    walk.child(Name::ViewableImpression, &mut wrapper.viewable_impression, plain);
    verifications(walk, &mut wrapper.ad_verifications);
    walk.children(Name::BlockedAdCategories, &mut wrapper.blocked_ad_categories, plain);
    creatives(walk, &mut wrapper.creatives);
    unknown(walk, &mut wrapper.extra);
}

/// Also changes `Pricing@model` to upper or lower case as the version's schema spells it.
fn pricing(walk: &mut Walk, pricing: &mut Pricing) {
    plain(walk, pricing);
    let Some(model) = &mut pricing.model else { return };
    let known = walk.edition.pricing_models;
    let spelled = known.iter().find(|known| ***known == **model);
    let found = spelled.or_else(|| known.iter().find(|known| known.eq_ignore_ascii_case(model)));
    if let Some(found) = found.filter(|found| ***found != **model) {
        let kind = ChangeKind::Renamed { from: model.to_string(), to: (*found).to_owned() };
        *model = (*found).into();
        walk.note_attribute(Key::Model.as_str(), kind);
    }
}

/// Converts native verifications only. Those in extensions stay unchanged.
fn verifications(walk: &mut Walk, list: &mut [Verification]) {
    walk.group(Name::AdVerifications, |walk| {
        let native = list.iter_mut().enumerate().filter(|(_, one)| one.place == Place::Native);
        for (index, one) in native {
            walk.inside(Name::Verification, Some(index + 1), |walk| verification(walk, one));
        }
    });
}

fn verification(walk: &mut Walk, verification: &mut Verification) {
    verification.resources.iter_mut().for_each(|resource| verification_resource(walk, resource));
    walk.group(Name::TrackingEvents, |walk| {
        let list = verification.tracking_events.iter_mut().enumerate();
        for (index, one) in list {
            walk.inside(Name::Tracking, Some(index + 1), |walk| unknown(walk, &mut one.extra));
        }
    });
    unknown(walk, &mut verification.extra);
}

fn verification_resource(walk: &mut Walk, resource: &mut VerificationResource) {
    let name = match resource.executable {
        crate::model::Executable::JavaScript { .. } => Name::JavaScriptResource,
        crate::model::Executable::Native { .. } => Name::ExecutableResource,
    };
    walk.inside(name, None, |walk| unknown(walk, &mut resource.extra));
}
