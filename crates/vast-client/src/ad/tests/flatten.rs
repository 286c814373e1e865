//! The answer as one document.

use vast_xml::convert::{to_version, write_version};
use vast_xml::{Version, write};

use vast_xml::model::Vast;

use crate::ad::ResolvedAd;
use crate::ad::flatten::{chain, flatten, merged};

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

/// An ad in which each field of `InLine`, `Creative` and `Linear` has a value.
const EVERY_FIELD: &str = "<VAST version='4.2'><Ad id='own' sequence='1' adType='video' conditionalAd='false'><InLine x='1'>
    <AdSystem>s</AdSystem><AdTitle>t</AdTitle><AdServingId>i</AdServingId><Impression>https://t/impression</Impression>
    <Category authority='https://a'>c</Category><Description>d</Description><Advertiser>a</Advertiser>
    <Pricing model='CPM' currency='USD'>1</Pricing><Survey>https://t/survey</Survey><Expires>9</Expires>
    <Error>https://t/error</Error><ViewableImpression id='v'><Viewable>https://t/viewable</Viewable></ViewableImpression>
    <AdVerifications><Verification vendor='v'><JavaScriptResource>https://t/verification</JavaScriptResource></Verification>
    </AdVerifications><Extensions><Extension type='e'/></Extensions>
    <Creatives><Creative id='c' adId='a' sequence='1' apiFramework='f' x='1'>
      <UniversalAdId idRegistry='r'>u</UniversalAdId><CreativeExtensions><CreativeExtension type='e'/></CreativeExtensions>
      <NonLinearAds><NonLinear width='1' height='1'><StaticResource>https://t/static</StaticResource></NonLinear></NonLinearAds>
      <CompanionAds><Companion width='1' height='1'><StaticResource>https://t/static</StaticResource></Companion></CompanionAds>
      <Linear skipoffset='00:00:05' x='1'><Duration>00:00:10</Duration><AdParameters>p</AdParameters>
        <Icons><Icon program='p'><StaticResource>https://t/icon</StaticResource></Icon></Icons>
        <TrackingEvents><Tracking event='start'>https://t/start</Tracking></TrackingEvents>
        <VideoClicks><ClickThrough>https://page</ClickThrough><ClickTracking>https://t/click</ClickTracking>
          <CustomClick>https://t/custom</CustomClick></VideoClicks>
        <MediaFiles><MediaFile type='video/mp4' delivery='progressive' width='1' height='1'>https://m</MediaFile>
          <Mezzanine type='video/mp4' delivery='progressive' width='1' height='1'>https://m</Mezzanine>
          <InteractiveCreativeFile type='text/html' apiFramework='SIMID'>https://i</InteractiveCreativeFile>
          <ClosedCaptionFiles><ClosedCaptionFile type='text/vtt'>https://c</ClosedCaptionFile></ClosedCaptionFiles></MediaFiles>
      </Linear></Creative></Creatives></InLine></Ad></VAST>";

/// The fields of a part of the model that have the value of `Default`, as `Debug` shows them.
fn empty_fields<T: std::fmt::Debug + Default>(part: &T) -> Vec<String> {
    let fields = |part: &T| {
        let shown = format!("{part:#?}");
        let is_field = |line: &&str| line.starts_with("    ") && !line.starts_with("     ") && line.contains(": ");
        shown.lines().filter(is_field).map(str::to_owned).collect::<Vec<_>>()
    };
    let empty = fields(&T::default());
    fields(part).into_iter().filter(|field| empty.contains(field)).collect()
}

/// A new field of the model fails this test until it has a value in the sample. Then the test fails until the field is
/// written.
#[test]
fn every_field_of_an_ad_without_wrappers_is_kept() {
    let read = vast_xml::parse(EVERY_FIELD.as_bytes(), &vast_xml::ParseOptions::default()).expect("VAST").vast;
    let ad = &read.ads[0];
    let inline = ad.inline().expect("an InLine");
    let creative = &inline.creatives[0];
    assert_eq!(empty_fields(inline), [""; 0], "InLine");
    assert_eq!(empty_fields(creative), [""; 0], "Creative");
    assert_eq!(empty_fields(creative.linear.as_ref().expect("a Linear")), [""; 0], "Linear");
    assert_eq!(&merged(&ResolvedAd::read(0, EVERY_FIELD, &[])), ad);
}
