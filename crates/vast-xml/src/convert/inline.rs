//! `InLine` and `Wrapper`.

use super::change::ChangeKind;
use super::creative::creatives;
use super::unknown::unknown;
use super::walk::{Walk, leaf};
use super::{ad_part, creative_part, fill};
use crate::model::{
    AdSystem, Advertiser, BlockedAdCategories, Category, Impression, InLine, Place, Pricing, Survey, Verification,
    VerificationResource, ViewableImpression, Wrapper,
};
use crate::xml::{Key, Name};

pub(super) fn inline(walk: &mut Walk, inline: &mut InLine) {
    ad_part::settle(walk, inline);
    creative_part::settle(walk, inline);
    fill::inline(walk, inline);
    walk.child(Name::AdSystem, &mut inline.ad_system, ad_system);
    walk.child(Name::AdTitle, &mut inline.ad_title, leaf);
    walk.child(Name::AdServingId, &mut inline.ad_serving_id, leaf);
    walk.children(Name::Impression, &mut inline.impressions, impression);
    walk.children(Name::Category, &mut inline.categories, category);
    walk.child(Name::Description, &mut inline.description, leaf);
    walk.child(Name::Advertiser, &mut inline.advertiser, advertiser);
    walk.child(Name::Pricing, &mut inline.pricing, pricing);
    walk.children(Name::Survey, &mut inline.surveys, survey);
    walk.child(Name::Expires, &mut inline.expires, leaf);
    walk.children(Name::Error, &mut inline.errors, leaf);
    walk.child(Name::ViewableImpression, &mut inline.viewable_impression, viewable_impression);
    verifications(walk, &mut inline.ad_verifications);
    creatives(walk, &mut inline.creatives);
    unknown(walk, &mut inline.extra);
}

pub(super) fn wrapper(walk: &mut Walk, wrapper: &mut Wrapper) {
    ad_part::settle(walk, wrapper);
    creative_part::settle(walk, wrapper);
    fill::wrapper(walk, wrapper);
    walk.attribute(Key::FollowAdditionalWrappers, &mut wrapper.follow_additional_wrappers);
    walk.attribute(Key::AllowMultipleAds, &mut wrapper.allow_multiple_ads);
    walk.attribute(Key::FallbackOnNoAd, &mut wrapper.fallback_on_no_ad);
    walk.child(Name::AdSystem, &mut wrapper.ad_system, ad_system);
    walk.children(Name::Impression, &mut wrapper.impressions, impression);
    walk.children(Name::Error, &mut wrapper.errors, leaf);
    walk.child(Name::Pricing, &mut wrapper.pricing, pricing);
    walk.child(Name::ViewableImpression, &mut wrapper.viewable_impression, viewable_impression);
    verifications(walk, &mut wrapper.ad_verifications);
    walk.children(Name::BlockedAdCategories, &mut wrapper.blocked_ad_categories, blocked);
    creatives(walk, &mut wrapper.creatives);
    unknown(walk, &mut wrapper.extra);
}

fn ad_system(walk: &mut Walk, system: &mut AdSystem) {
    walk.attribute(Key::Version, &mut system.version);
}

fn impression(walk: &mut Walk, impression: &mut Impression) {
    walk.attribute(Key::Id, &mut impression.id);
    unknown(walk, &mut impression.extra);
}

fn category(walk: &mut Walk, category: &mut Category) {
    walk.attribute(Key::Authority, &mut category.authority);
}

fn advertiser(walk: &mut Walk, advertiser: &mut Advertiser) {
    walk.attribute(Key::Id, &mut advertiser.id);
}

fn survey(walk: &mut Walk, survey: &mut Survey) {
    walk.attribute(Key::Type, &mut survey.survey_type);
}

fn blocked(walk: &mut Walk, blocked: &mut BlockedAdCategories) {
    walk.attribute(Key::Authority, &mut blocked.authority);
}

/// The schemas differ in the case of the models.
fn pricing(walk: &mut Walk, pricing: &mut Pricing) {
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

fn viewable_impression(walk: &mut Walk, viewable: &mut ViewableImpression) {
    walk.attribute(Key::Id, &mut viewable.id);
    unknown(walk, &mut viewable.extra);
}

/// Those in extensions have the form that they have there.
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
