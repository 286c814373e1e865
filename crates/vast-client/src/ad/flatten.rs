//! The answer as one document: every ad is an `InLine` that carries what its wrappers add.

use vast_xml::Text;
use vast_xml::model::{
    Ad, AdKind, Attribute, Companion, CompanionAds, Creative, Element, Extension, Impression, InLine, Linear, Node,
    NonLinearAds, Vast, ViewableImpression,
};

use super::companions::{CompanionSet, MergedCompanion};
use super::level::Level;
use super::part::Inherited;
use super::resolved::{MergedViewability, ResolvedAd};

/// The version written when no document of the answer has one: the newest whose schema is published.
const NEWEST: &str = "4.2";

/// `@type` of the extension that describes the chain of an ad.
const CHAIN_TYPE: &str = "WrapperChain";

/// One document of `ads` without wrappers. Several ads are a pod in order of play; one ad stands alone. `called` says of each
/// impression of the ads, in their order and placeholders left out, whether it is in an outbox: such impressions are left
/// out, because the player of the document would call them a second time. Where `called` ends, impressions stay.
pub(crate) fn flatten<'a>(
    ads: impl ExactSizeIterator<Item = &'a ResolvedAd> + Clone,
    mut called: impl Iterator<Item = bool>,
) -> Vast {
    let version = ads.clone().find_map(|ad| ad.document.version.clone());
    let is_pod = ads.len() > 1;
    let positions = (1..).map(|position| is_pod.then_some(position));
    let ads = ads.zip(positions).map(|(ad, position)| flat(ad, position, &mut called)).collect();
    Vast { version: Some(version.unwrap_or_else(|| NEWEST.into())), ads, ..Vast::default() }
}

fn flat(ad: &ResolvedAd, position: Option<u32>, called: &mut impl Iterator<Item = bool>) -> Ad {
    let mut flat = merged(ad);
    flat.sequence = position;
    if let AdKind::InLine(inline) = &mut flat.kind {
        inline.impressions.retain(|one| one.is_placeholder() || !called.next().unwrap_or(false));
        if inline.impressions.is_empty() {
            // The element must be there; this is the standard's URL for no impression (VAST 4.3 section 3.4.4).
            inline.impressions.push(Impression::new("about:blank"));
        }
        inline.extensions.extend(chain(ad));
    }
    flat
}

/// The ad as one `InLine` that carries what its wrappers add.
pub(super) fn merged(ad: &ResolvedAd) -> Ad {
    let own = &ad.inline;
    // Field by field, because a clone of the whole would also clone every list that is replaced.
    let inline = InLine {
        ad_system: own.ad_system.clone(),
        ad_title: own.ad_title.clone(),
        ad_serving_id: own.ad_serving_id.clone(),
        impressions: items(ad.impressions()),
        categories: own.categories.clone(),
        description: own.description.clone(),
        advertiser: own.advertiser.clone(),
        pricing: ad.pricing().map(|pricing| pricing.item.clone()),
        surveys: own.surveys.clone(),
        expires: own.expires,
        errors: items(ad.errors()),
        viewable_impression: ad.viewability().map(viewable_impression),
        ad_verifications: items(ad.verifications()),
        creatives: creatives(ad),
        extensions: items(ad.extensions()),
        extra: own.extra.clone(),
    };
    Ad {
        id: ad.id.clone(),
        sequence: ad.sequence,
        ad_type: ad.ad_type.clone(),
        conditional_ad: ad.conditional_ad,
        kind: AdKind::InLine(Box::new(inline)),
        ..Ad::default()
    }
}

fn items<'a, T: Clone + 'a>(inherited: impl IntoIterator<Item = Inherited<'a, T>>) -> Vec<T> {
    inherited.into_iter().map(|inherited| inherited.item.clone()).collect()
}

/// The creatives of the ad with what they inherit, followed by the companions of its wrappers.
fn creatives(ad: &ResolvedAd) -> Vec<Creative> {
    let merged = |(index, creative): (usize, &Creative)| Creative {
        id: creative.id.clone(),
        ad_id: creative.ad_id.clone(),
        sequence: creative.sequence,
        api_framework: creative.api_framework.clone(),
        universal_ad_ids: creative.universal_ad_ids.clone(),
        linear: creative.linear.as_ref().map(|linear| merged_linear(ad, index, linear)),
        non_linear_ads: creative.non_linear_ads.as_ref().map(|ads| merged_non_linear_ads(ad, index, ads.clone())),
        companion_ads: creative.companion_ads.clone(),
        creative_extensions: creative.creative_extensions.clone(),
        extra: creative.extra.clone(),
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
    Linear {
        skip_offset: linear.skip_offset,
        duration: linear.duration,
        ad_parameters: linear.ad_parameters.clone(),
        media_files: linear.media_files.clone(),
        mezzanines: linear.mezzanines.clone(),
        interactive_creative_files: linear.interactive_creative_files.clone(),
        closed_caption_files: linear.closed_caption_files.clone(),
        click_through: ad.click_through(index).map(|click| click.item.clone()),
        click_tracking: items(ad.click_tracking(index)),
        custom_clicks: items(ad.custom_clicks(index)),
        tracking_events: items(ad.tracking(index)),
        icons: items(ad.icons(index)),
        extra: linear.extra.clone(),
    }
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
    let merged = |companion: &MergedCompanion<'_>| Companion {
        tracking_events: items(companion.tracking()),
        click_tracking: items(companion.click_tracking()),
        ..companion.companion.item.clone()
    };
    set.companions.iter().map(merged).collect()
}

/// A creative of a wrapper with its companions and none of its other parts.
fn companions_only(set: &CompanionSet<'_>) -> Creative {
    let creative = set.creative.item;
    let ads = CompanionAds { companions: companions(set), ..creative.companion_ads.clone().unwrap_or_default() };
    Creative {
        id: creative.id.clone(),
        ad_id: creative.ad_id.clone(),
        sequence: creative.sequence,
        companion_ads: Some(ads),
        ..Creative::default()
    }
}

fn viewable_impression(merged: MergedViewability<'_>) -> ViewableImpression {
    ViewableImpression {
        id: merged.id.cloned(),
        viewable: items(merged.viewable),
        not_viewable: items(merged.not_viewable),
        view_undetermined: items(merged.view_undetermined),
        ..ViewableImpression::default()
    }
}

/// The extension that describes the chain of `ad`: one `Level` for each document, outermost first, with `hop`, `version`,
/// `adSystem`, `adId` and `url` as far as known. The query of a URL is left out, because it can hold private data of the
/// caller. Two answers with the same chain have the same extension. `None` for an ad without wrappers.
pub(super) fn chain(ad: &ResolvedAd) -> Option<Extension> {
    if ad.wrappers.is_empty() {
        return None;
    }
    // Made once for all levels: texts are cheap to clone.
    let names = ["hop", "version", "adSystem", "adId", "url"].map(Text::from);
    let children = ad.levels().map(|level| Node::Element(level_element(&level, &names))).collect();
    let named = Attribute { name: "type".into(), value: CHAIN_TYPE.into() };
    let element = Element { name: "Extension".into(), attributes: vec![named], children };
    Some(Extension { extension_type: Some(CHAIN_TYPE.into()), element })
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
    let known =
        names.iter().zip(facts).filter_map(|(name, value)| Some(Attribute { name: name.clone(), value: value? }));
    Element { name: "Level".into(), attributes: known.collect(), ..Element::default() }
}

fn without_query(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or(url)
}
