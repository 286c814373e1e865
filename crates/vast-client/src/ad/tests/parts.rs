//! Companions, icons and nonlinear ads.

use crate::ad::{Inherited, ResolvedAd};

fn wrapper(creatives: &str) -> String {
    format!("<VAST><Ad><Wrapper><VASTAdTagURI>u</VASTAdTagURI><Creatives>{creatives}</Creatives></Wrapper></Ad></VAST>")
}

fn chain(outer: &str, inner: &str, own: &str) -> ResolvedAd {
    let inline = format!("<VAST><Ad><InLine><Creatives>{own}</Creatives></InLine></Ad></VAST>");
    ResolvedAd::read(2, &inline, &[&wrapper(outer), &wrapper(inner)])
}

fn companions(parts: &str) -> String {
    format!("<Creative><CompanionAds>{parts}</CompanionAds></Creative>")
}

/// A companion with an image.
fn picture(id: &str, size: &str) -> String {
    format!("<Companion id='{id}' {size}><StaticResource creativeType='image/png'>p/{id}</StaticResource></Companion>")
}

/// A companion that only has trackers.
fn trackers(attributes: &str, name: &str) -> String {
    format!(
        "<Companion {attributes}><TrackingEvents><Tracking event='creativeView'>v/{name}</Tracking></TrackingEvents>
         <CompanionClickTracking>c/{name}</CompanionClickTracking></Companion>"
    )
}

/// The companions as `HOP ID: VIEW TRACKERS; CLICK TRACKERS`.
fn offered(ad: &ResolvedAd) -> Vec<String> {
    let sets = ad.companions();
    let shown = sets.iter().flat_map(|set| &set.companions).map(|companion| {
        let Inherited { hop, item } = companion.companion;
        let views: Vec<_> = companion.tracking().map(|found| format!("{} {}", found.hop, found.item.url)).collect();
        let clicks: Vec<_> = companion.click_tracking().map(|found| found.item.url.to_string()).collect();
        let id = item.id.as_deref().unwrap_or("?");
        format!("{hop} {id}: {}; {}", views.join(" "), clicks.join(" "))
    });
    shown.collect()
}

const LARGE: &str = "width='300' height='250'";
const WIDE: &str = "width='728' height='90'";

#[test]
fn r090_companions_of_all_levels_are_offered_those_of_the_ad_first() {
    let outer = companions(&picture("outer", LARGE));
    let inner = companions(&(picture("inner-1", LARGE) + &picture("inner-2", WIDE)));
    let own = companions(&picture("own", LARGE));
    assert_eq!(offered(&chain(&outer, &inner, &own)), ["2 own: ; ", "1 inner-1: ; ", "1 inner-2: ; ", "0 outer: ; "]);
    assert_eq!(offered(&chain(&outer, "", "")), ["0 outer: ; "]);
}

#[test]
fn r091_trackers_of_wrappers_apply_to_the_companion_with_their_id_else_their_size_else_all() {
    let own = companions(&(picture("a", LARGE) + &picture("b", WIDE)));
    let with = |attributes: &str| offered(&chain(&companions(&trackers(attributes, "w")), "", &own));
    assert_eq!(with("id='b' width='300' height='250'"), ["2 a: ; ", "2 b: 0 v/w; c/w"], "the id comes first");
    assert_eq!(with("id='x' width='300' height='250'"), ["2 a: 0 v/w; c/w", "2 b: ; "]);
    assert_eq!(with("id='x' width='1' height='1'"), ["2 a: 0 v/w; c/w", "2 b: 0 v/w; c/w"]);
    assert_eq!(with(""), ["2 a: 0 v/w; c/w", "2 b: 0 v/w; c/w"]);
}

#[test]
fn r091_added_trackers_come_outermost_first_before_those_of_the_companion() {
    let own = companions(
        "<Companion id='a'><StaticResource>p</StaticResource><TrackingEvents><Tracking event='creativeView'>v/own</Tracking>
         </TrackingEvents></Companion>",
    );
    let ad = chain(&companions(&trackers("", "outer")), &companions(&trackers("", "inner")), &own);
    assert_eq!(offered(&ad), ["2 a: 0 v/outer 1 v/inner 2 v/own; c/outer c/inner"]);
    let alone = chain(&companions(&trackers("id='t'", "outer")), "", "");
    assert_eq!(offered(&alone), ["0 t: 0 v/outer; c/outer"], "without a companion to go to it stays as it stands");
}

#[test]
fn r092_of_the_icons_of_one_program_the_nearest_is_kept() {
    let linear = |icons: &str| format!("<Creative><Linear><Icons>{icons}</Icons></Linear></Creative>");
    let icon = |program: &str, x: u32| format!("<Icon program='{program}' xPosition='{x}'/>");
    let outer = linear(&(icon("AdChoices", 1) + &icon("Regional", 2) + "<Icon xPosition='3'/>"));
    let inner = linear(&(icon("adchoices ", 4) + "<Icon xPosition='5'/>"));
    let shown = |ad: &ResolvedAd| {
        let icons = ad.icons(0);
        icons
            .iter()
            .map(|icon| format!("{} {}", icon.hop, icon.item.x_position.as_deref().unwrap_or("?")))
            .collect::<Vec<_>>()
    };
    let own = linear(&(icon("AdChoices", 6) + &icon("AdChoices", 7)));
    assert_eq!(shown(&chain(&outer, &inner, &own)), ["2 6", "1 5", "0 2", "0 3"]);
    assert_eq!(shown(&chain(&outer, &inner, &linear(""))), ["1 4", "1 5", "0 2", "0 3"]);
    assert!(chain(&outer, &inner, "<Creative/>").icons(0).is_empty(), "icons stand over linear ads");
}

#[test]
fn r089_nonlinear_ads_have_the_trackers_and_click_trackers_of_all_levels() {
    let above = |name: &str| {
        format!(
            "<Creative><NonLinearAds><TrackingEvents><Tracking event='start'>t/{name}</Tracking></TrackingEvents>
             <NonLinear><NonLinearClickTracking>c/{name}</NonLinearClickTracking></NonLinear></NonLinearAds></Creative>"
        )
    };
    let own = "<Creative><Linear/></Creative><Creative><NonLinearAds>
        <TrackingEvents><Tracking event='start'>t/own</Tracking></TrackingEvents>
        <NonLinear/><NonLinear><NonLinearClickTracking>c/own</NonLinearClickTracking></NonLinear></NonLinearAds></Creative>";
    let ad = chain(&above("outer"), &above("inner"), own);
    let events: Vec<_> = ad.non_linear_tracking(1).map(|found| format!("{} {}", found.hop, found.item.url)).collect();
    assert_eq!(events, ["0 t/outer", "1 t/inner", "2 t/own"]);
    let clicks =
        |place| ad.non_linear_click_tracking(1, place).map(|found| found.item.url.to_string()).collect::<Vec<_>>();
    assert_eq!(clicks(0), ["c/outer", "c/inner"]);
    assert_eq!(clicks(1), ["c/outer", "c/inner", "c/own"]);
    assert_eq!((ad.non_linear_tracking(0).count(), ad.non_linear_click_tracking(1, 2).count()), (0, 0));
}

#[test]
fn r099_media_and_resources_of_wrappers_are_not_the_ads() {
    let media = "<MediaFiles><MediaFile type='video/mp4'>https://c/w.mp4</MediaFile></MediaFiles>";
    let above = format!(
        "<Creative><Linear><Duration>00:00:10</Duration>{media}</Linear></Creative>
         <Creative><NonLinearAds><NonLinear><StaticResource>https://c/w.png</StaticResource></NonLinear></NonLinearAds></Creative>"
    );
    let ad = chain(
        &above,
        "",
        "<Creative><Linear/></Creative><Creative><NonLinearAds><NonLinear/></NonLinearAds></Creative>",
    );
    let judged = crate::select::verdict(&ad, &crate::Slot::linear(), &crate::ParseFilter::default());
    assert!(matches!(judged, crate::select::Verdict::Rejected(_)), "{judged:?}");
    let written = vast_xml::write(&crate::ad::flatten([&ad].into_iter(), std::iter::empty()));
    assert!(!written.contains("https://c/w"), "{written}");
}
