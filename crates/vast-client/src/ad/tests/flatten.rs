//! The answer as one document.

use vast_xml::convert::{to_version, write_version};
use vast_xml::{Version, write};

use vast_xml::model::Vast;

use crate::ad::ResolvedAd;
use crate::ad::flatten::{chain, flatten};

/// All parts that a level can have. Each URL ends with the name of the level.
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

fn document(called: &[bool]) -> Vast {
    flatten([&resolved()].into_iter(), called.iter().copied())
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
    let urls = |called: &[bool]| {
        let document = document(called);
        let impressions = document.ads[0].impressions().iter();
        impressions.map(|one| one.url.split('?').next().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(urls(&[true; 3]), ["about:blank"]);
    let all = ["outer", "inner", "own"].map(|level| format!("https://t/impression/{level}"));
    assert_eq!(urls(&[false; 3]), all);
    assert_eq!(urls(&[]), all);
}

#[test]
fn the_chain_is_described_without_queries() {
    let mut ad = resolved();
    std::sync::Arc::make_mut(&mut ad.document).url = "https://ads.example/vast?user=1#f".into();
    let extension = chain(&ad).expect("a chain");
    let levels: Vec<_> = extension.element.elements().collect();
    let values =
        |name: &str| levels.iter().map(|level| level.attribute(name).map_or("", |value| value)).collect::<Vec<_>>();
    assert_eq!(values("adSystem"), ["outer", "inner", "own"]);
    assert_eq!(values("adId"), ["outer", "inner", "own"]);
    assert_eq!(values("hop"), ["0", "1", "2"]);
    assert_eq!(values("url")[2], "https://ads.example/vast");
    assert_eq!(chain(&ResolvedAd::of_creatives("")), None);
}
