//! The answer as one document: every ad is an `InLine` that contains the parts that its wrappers add.

use vast_xml::Text;
use vast_xml::model::{
    Ad, AdKind, Attribute, Companion, Creative, Element, Extension, Impression, InLine, Linear, Node, NonLinearAds,
    Vast, ViewableImpression,
};

use super::companions::{CompanionSet, MergedCompanion};
use super::level::Level;
use super::part::Inherited;
use super::resolved::{MergedViewability, ResolvedAd};

/// The version that is written if no document of the answer has one: the newest version with a published schema.
const NEWEST: &str = "4.2";

/// `@type` of the extension that describes the chain of an ad.
const CHAIN_TYPE: &str = "WrapperChain";

/// One document of `ads` without wrappers. Several ads become a pod in order of play; a single ad is stand-alone.
/// `called` has one value for each impression of the ads, in order and without placeholders: whether the impression is
/// in an outbox. Such impressions are left out, because the player of the document would call them a second time.
/// Impressions after the end of `called` are kept.
pub(crate) fn flatten<'a>(
    ads: impl ExactSizeIterator<Item = &'a ResolvedAd> + Clone,
    mut called: impl Iterator<Item = bool>,
) -> Vast {
    let version = ads.clone().find_map(|ad| ad.document.version.clone());
    let is_pod = ads.len() > 1;
    let positions = (1..).map(|position| is_pod.then_some(position));
    let ads = ads.zip(positions).map(|(ad, position)| flat(ad, position, &mut called)).collect();
    let mut document = Vast::default();
    document.version = Some(version.unwrap_or_else(|| NEWEST.into()));
    document.ads = ads;
    document
}

fn flat(ad: &ResolvedAd, position: Option<u32>, called: &mut impl Iterator<Item = bool>) -> Ad {
    let mut flat = merged(ad);
    flat.sequence = position;
    if let AdKind::InLine(inline) = &mut flat.kind {
        inline.impressions.retain(|one| one.is_placeholder() || !called.next().unwrap_or(false));
        if inline.impressions.is_empty() {
            // The element is required. This URL means that there is no impression to call (VAST 4.3 section 3.4.4).
            inline.impressions.push(Impression::new("about:blank"));
        }
        inline.extensions.extend(chain(ad));
    }
    flat
}

/// The ad as one `InLine` that contains the parts that its wrappers add.
pub(super) fn merged(ad: &ResolvedAd) -> Ad {
    let own = &ad.inline;
    // Copied field by field, because a clone would also copy every list that is replaced. A test checks that no field is missing.
    let mut inline = InLine::default();
    inline.ad_system.clone_from(&own.ad_system);
    inline.ad_title.clone_from(&own.ad_title);
    inline.ad_serving_id.clone_from(&own.ad_serving_id);
    inline.impressions = items(ad.impressions());
    inline.categories.clone_from(&own.categories);
    inline.description.clone_from(&own.description);
    inline.advertiser.clone_from(&own.advertiser);
    inline.pricing = ad.pricing().map(|pricing| pricing.item.clone());
    inline.surveys.clone_from(&own.surveys);
    inline.expires = own.expires;
    inline.errors = items(ad.errors());
    inline.viewable_impression = ad.viewability().map(viewable_impression);
    inline.ad_verifications = items(ad.verifications());
    inline.creatives = creatives(ad);
    inline.extensions = items(ad.extensions());
    inline.extra = own.extra.clone();
    let mut merged = Ad::default();
    merged.id.clone_from(&ad.id);
    merged.sequence = ad.sequence;
    merged.ad_type.clone_from(&ad.ad_type);
    merged.conditional_ad = ad.conditional_ad;
    merged.kind = AdKind::InLine(Box::new(inline));
    merged
}

fn items<'a, T: Clone + 'a>(inherited: impl IntoIterator<Item = Inherited<'a, T>>) -> Vec<T> {
    inherited.into_iter().map(|inherited| inherited.item.clone()).collect()
}

/// The creatives of the ad with the parts that they inherit, followed by the companions of the ad's wrappers.
fn creatives(ad: &ResolvedAd) -> Vec<Creative> {
    let merged = |(index, creative): (usize, &Creative)| {
        let mut merged = Creative::default();
        merged.id.clone_from(&creative.id);
        merged.ad_id.clone_from(&creative.ad_id);
        merged.sequence = creative.sequence;
        merged.api_framework.clone_from(&creative.api_framework);
        merged.universal_ad_ids.clone_from(&creative.universal_ad_ids);
        merged.linear = creative.linear.as_ref().map(|linear| merged_linear(ad, index, linear));
        merged.non_linear_ads =
            creative.non_linear_ads.as_ref().map(|ads| merged_non_linear_ads(ad, index, ads.clone()));
        merged.companion_ads.clone_from(&creative.companion_ads);
        merged.creative_extensions.clone_from(&creative.creative_extensions);
        merged.extra = creative.extra.clone();
        merged
    };
    let mut creatives: Vec<Creative> = ad.inline.creatives.iter().enumerate().map(merged).collect();
    let mut sets = ad.companions().into_iter();
    for (ads, set) in creatives.iter_mut().filter_map(|creative| creative.companion_ads.as_mut()).zip(&mut sets) {
        ads.companions = companions(&set);
    }
    creatives.extend(sets.map(|set| companions_only(&set)));
    creatives
}

fn merged_linear(ad: &ResolvedAd, index: usize, linear: &Linear) -> Linear {
    let mut merged = Linear::default();
    merged.skip_offset = linear.skip_offset;
    merged.duration = linear.duration;
    merged.ad_parameters.clone_from(&linear.ad_parameters);
    merged.media_files.clone_from(&linear.media_files);
    merged.mezzanines.clone_from(&linear.mezzanines);
    merged.interactive_creative_files.clone_from(&linear.interactive_creative_files);
    merged.closed_caption_files.clone_from(&linear.closed_caption_files);
    merged.click_through = ad.click_through(index).map(|click| click.item.clone());
    merged.click_tracking = items(ad.click_tracking(index));
    merged.custom_clicks = items(ad.custom_clicks(index));
    merged.tracking_events = items(ad.tracking(index));
    merged.icons = items(ad.icons(index));
    merged.extra = linear.extra.clone();
    merged
}

fn merged_non_linear_ads(ad: &ResolvedAd, index: usize, mut ads: NonLinearAds) -> NonLinearAds {
    ads.tracking_events = items(ad.non_linear_tracking(index));
    for (place, non_linear) in ads.non_linears.iter_mut().enumerate() {
        non_linear.click_tracking = items(ad.non_linear_click_tracking(index, place));
        non_linear.custom_clicks = items(ad.non_linear_custom_clicks(index, place));
    }
    ads
}

fn companions(set: &CompanionSet<'_>) -> Vec<Companion> {
    let merged = |companion: &MergedCompanion<'_>| {
        let mut merged = companion.companion.item.clone();
        merged.tracking_events = items(companion.tracking());
        merged.click_tracking = items(companion.click_tracking());
        merged
    };
    set.companions.iter().map(merged).collect()
}

/// A creative of a wrapper with its companions and none of its other parts.
fn companions_only(set: &CompanionSet<'_>) -> Creative {
    let creative = set.creative.item;
    let mut ads = creative.companion_ads.clone().unwrap_or_default();
    ads.companions = companions(set);
    let mut merged = Creative::default();
    merged.id.clone_from(&creative.id);
    merged.ad_id.clone_from(&creative.ad_id);
    merged.sequence = creative.sequence;
    merged.companion_ads = Some(ads);
    merged
}

fn viewable_impression(viewability: MergedViewability<'_>) -> ViewableImpression {
    let mut merged = ViewableImpression::default();
    merged.id = viewability.id.cloned();
    merged.viewable = items(viewability.viewable);
    merged.not_viewable = items(viewability.not_viewable);
    merged.view_undetermined = items(viewability.view_undetermined);
    merged
}

/// The extension that describes the chain of `ad`: one `Level` for each document, outermost first, with `hop`, `version`,
/// `adSystem`, `adId` and `url` as far as known. The query of a URL is left out, because it can hold private data of the
/// caller. Two answers with the same chain have the same extension. `None` for an ad without wrappers.
pub(super) fn chain(ad: &ResolvedAd) -> Option<Extension> {
    if ad.wrappers.is_empty() {
        return None;
    }
    // Created once for all levels, because texts are cheap to clone.
    let names = ["hop", "version", "adSystem", "adId", "url"].map(Text::from);
    let children = ad.levels().map(|level| Node::Element(level_element(&level, &names))).collect();
    let mut extension = Extension::default();
    extension.extension_type = Some(CHAIN_TYPE.into());
    extension.element = Element::new("Extension");
    extension.element.attributes = vec![Attribute::new("type", CHAIN_TYPE)];
    extension.element.children = children;
    Some(extension)
}

fn level_element(level: &Level<'_>, names: &[Text; 5]) -> Element {
    let document = level.document;
    let facts = [
        Some(Text::from(document.hop.to_string())),
        document.version.clone(),
        level.ad_system.map(|system| system.name.clone()),
        level.ad_id.cloned(),
        Some(Text::from(without_query(&document.url))),
    ];
    let known = names.iter().zip(facts).filter_map(|(name, value)| Some(Attribute::new(name.clone(), value?)));
    let mut element = Element::new("Level");
    element.attributes = known.collect();
    element
}

fn without_query(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or(url)
}
