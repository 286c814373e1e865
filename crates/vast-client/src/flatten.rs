//! The answer as one document: every ad an `InLine` that carries what the wrappers above it gave.

use vast_xml::model::{
    Ad, AdKind, Companion, CompanionAds, Creative, Impression, InLine, Linear, NonLinearAds, Vast, ViewableImpression,
};

use crate::ad::provenance::chain;
use crate::ad::{CompanionSet, Inherited, MergedCompanion, MergedViewability, ResolvedAd};
use crate::report::FetchResult;
use crate::track::{BeaconEvent, BeaconState};

/// The version written when no document of the answer says one: the newest whose schema is published.
const NEWEST: &str = "4.2";

/// The answer as one document without wrappers, each ad with the chain it came through in an extension
/// (`type="WrapperChain"`). Impressions that were put into the outbox are left out: whoever plays the document would call them
/// a second time. Macros stay, for the player to fill in. Several ads are a pod in order of play; one ad stands alone. Without
/// an ad the document is empty, which is a valid answer (VAST 4.3 section 3.2.1).
///
/// Its version is that of the first ad's own document. [`vast_xml::convert::to_version`] makes it one of another.
pub fn flatten(result: &FetchResult) -> Vast {
    let version = result.ads.iter().find_map(|candidate| candidate.ad.document.version.clone());
    let impressions = result.tracked.iter().filter(|tracked| tracked.event == BeaconEvent::Impression);
    let mut states = impressions.map(|tracked| tracked.state);
    let is_pod = result.ads.len() > 1;
    let positions = (1..).map(|position| is_pod.then_some(position));
    let ads = result.ads.iter().zip(positions).map(|(candidate, position)| flat(&candidate.ad, position, &mut states));
    Vast { version: Some(version.unwrap_or_else(|| NEWEST.into())), ads: ads.collect(), ..Vast::default() }
}

/// `states` has what became of the impressions that are no placeholders, in their order; nothing where none was tracked.
fn flat(ad: &ResolvedAd, position: Option<u32>, states: &mut impl Iterator<Item = BeaconState>) -> Ad {
    let mut flat = merged(ad);
    flat.sequence = position;
    if let AdKind::InLine(inline) = &mut flat.kind {
        let is_called = |state: BeaconState| state != BeaconState::Refused;
        inline.impressions.retain(|one| one.is_placeholder() || !states.next().is_some_and(is_called));
        if inline.impressions.is_empty() {
            // The standard's word for none: the element must be there (VAST 4.3 section 3.4.4).
            inline.impressions.push(Impression::new("about:blank"));
        }
        inline.extensions.extend(chain(ad));
    }
    flat
}

/// The ad as one `InLine` that carries what the wrappers above it gave.
pub(crate) fn merged(ad: &ResolvedAd) -> Ad {
    let own = &ad.inline;
    // Field by field: a copy of the whole would copy every list that is made anew.
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

/// The ad's creatives with what they inherit, and the wrappers' companions behind them.
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

/// The companions of a wrapper, without anything else of its creative.
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

#[cfg(test)]
mod tests {
    use vast_xml::convert::{to_version, write_version};
    use vast_xml::{Version, write};

    use super::*;

    /// What every level of a chain may have, each URL with the name of the level.
    fn parts(level: &str) -> String {
        format!(
            "<AdSystem>{level}</AdSystem><Impression>https://t/impression/{level}?cb=[CACHEBUSTING]</Impression><Error>https://t/error/{level}</Error>
             <ViewableImpression><Viewable>https://t/viewable/{level}</Viewable></ViewableImpression>
             <AdVerifications><Verification vendor='{level}'><JavaScriptResource>https://t/verification/{level}</JavaScriptResource></Verification></AdVerifications>
             <Creatives><Creative><Linear><Icons><Icon program='{level}'><StaticResource>https://t/icon/{level}</StaticResource>
                 <IconViewTracking>https://t/icon-view/{level}</IconViewTracking></Icon></Icons>
               <TrackingEvents><Tracking event='start'>https://t/start/{level}</Tracking></TrackingEvents>
               <VideoClicks><ClickThrough>https://page/{level}</ClickThrough><ClickTracking>https://t/click/{level}</ClickTracking>
                 <CustomClick>https://t/custom/{level}</CustomClick></VideoClicks></Linear></Creative>
               <Creative><CompanionAds><Companion width='300' height='250'><StaticResource>https://t/companion/{level}</StaticResource>
                 <TrackingEvents><Tracking event='creativeView'>https://t/companion-view/{level}</Tracking></TrackingEvents></Companion></CompanionAds></Creative>
             </Creatives>"
        )
    }

    const KINDS: [&str; 11] = [
        "impression",
        "error",
        "viewable",
        "verification",
        "icon",
        "icon-view",
        "start",
        "click",
        "custom",
        "companion",
        "companion-view",
    ];

    fn resolved() -> ResolvedAd {
        let wrapper = |level: &str| {
            format!(
                "<VAST version='4.2'><Ad id='{level}'><Wrapper><VASTAdTagURI>https://next</VASTAdTagURI>{}</Wrapper></Ad></VAST>",
                parts(level)
            )
        };
        let inline = format!("<VAST version='4.2'><Ad id='own'><InLine>{}</InLine></Ad></VAST>", parts("own"));
        ResolvedAd::read(2, &inline, &[&wrapper("outer"), &wrapper("inner")])
    }

    fn document(states: &[BeaconState]) -> Vast {
        let ad = flat(&resolved(), None, &mut states.iter().copied());
        Vast { version: Some("4.2".into()), ads: vec![ad], ..Vast::default() }
    }

    fn assert_all_there(written: &str) {
        for level in ["outer", "inner", "own"] {
            for kind in KINDS {
                let url = format!("https://t/{kind}/{level}");
                assert_eq!(written.matches(&url).count(), 1, "{url} in {written}");
            }
        }
        assert!(written.contains("https://page/own") && !written.contains("https://page/inner"), "{written}");
    }

    #[test]
    fn r185_nothing_of_any_level_is_lost_in_one_document() {
        assert_all_there(&write(&document(&[])));
    }

    #[test]
    fn r185_nothing_of_any_level_is_lost_on_the_way_to_any_version() {
        for version in Version::ALL {
            let converted = to_version(&document(&[]), version);
            assert_eq!(converted.losses().map(ToString::to_string).collect::<Vec<_>>(), [""; 0], "to {version}");
            assert_all_there(&write_version(&converted.vast, version));
        }
    }

    #[test]
    fn r189_macros_are_left_to_the_player() {
        assert!(write(&document(&[])).contains("https://t/impression/own?cb=[CACHEBUSTING]"));
    }

    #[test]
    fn impressions_in_the_outbox_are_not_called_by_the_player_too() {
        use BeaconState::{Delivered, Queued, Refused};
        let urls = |states: &[BeaconState]| {
            let document = document(states);
            let impressions = document.ads[0].impressions().iter();
            impressions.map(|one| one.url.split('?').next().unwrap_or_default().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(urls(&[Queued, Delivered, Queued]), ["about:blank"]);
        let all = ["outer", "inner", "own"].map(|level| format!("https://t/impression/{level}"));
        assert_eq!(urls(&[Refused; 3]), all);
        assert_eq!(urls(&[]), all);
    }

    #[test]
    fn the_chain_is_told_without_what_is_the_callers_own() {
        let mut ad = resolved();
        std::sync::Arc::make_mut(&mut ad.document).url = "https://ads.example/vast?user=1#f".into();
        let extension = chain(&ad).expect("a chain");
        let levels: Vec<_> = extension.element.elements().collect();
        let told =
            |name: &str| levels.iter().map(|level| level.attribute(name).map_or("", |value| value)).collect::<Vec<_>>();
        assert_eq!(told("adSystem"), ["outer", "inner", "own"]);
        assert_eq!(told("adId"), ["outer", "inner", "own"]);
        assert_eq!(told("hop"), ["0", "1", "2"]);
        assert_eq!(told("url")[2], "https://ads.example/vast");
        assert_eq!(chain(&ResolvedAd::of_creatives("")), None);
    }
}
