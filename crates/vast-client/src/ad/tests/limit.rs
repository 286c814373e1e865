//! The limit of the number of trackers of an ad.

use std::fmt::Write as _;

use crate::ad::{MAX_TRACKERS, ResolvedAd, TrackersDropped, WrapperLevel, limit_wrapper};

fn impressions(count: usize, name: &str) -> String {
    (0..count).fold(String::new(), |mut text, number| {
        write!(text, "<Impression>https://t/{name}/{number}</Impression>").expect("writing to a text");
        text
    })
}

fn events(count: usize) -> String {
    let events = "<Tracking event='start'>https://t/e</Tracking>".repeat(count);
    format!("<Creatives><Creative><Linear><TrackingEvents>{events}</TrackingEvents></Linear></Creative></Creatives>")
}

/// An ad with this number of linear creatives below a wrapper.
fn ad(own: &str, linears: usize, above: &str) -> ResolvedAd {
    let wrapper = format!("<VAST><Ad><Wrapper><VASTAdTagURI>u</VASTAdTagURI>{above}</Wrapper></Ad></VAST>");
    let creatives = "<Creative><Linear/></Creative>".repeat(linears);
    let inline = format!("<VAST><Ad><InLine>{own}<Creatives>{creatives}</Creatives></InLine></Ad></VAST>");
    ResolvedAd::read(1, &inline, &[&wrapper])
}

/// The number of trackers that are kept: impressions of the wrapper and of the ad, events of all creatives.
fn limited(mut ad: ResolvedAd) -> (Option<usize>, [usize; 3]) {
    let above = ad.wrappers.iter().map(|level| limit_wrapper(&mut WrapperLevel::clone(level)).0).sum();
    let may_exceed = ad.may_exceed_trackers(above);
    let cut = ad.limit_trackers();
    assert!(may_exceed || cut.is_none(), "an ad that is not looked at has trackers above the limit: {cut:?}");
    let of = |hop| ad.impressions().filter(|impression| impression.hop == hop).count();
    let events = (0..ad.inline.creatives.len()).map(|creative| ad.tracking(creative).count()).sum();
    let left = [of(0), of(1), events];
    (cut.map(|TrackersDropped { found, .. }| found), left)
}

#[test]
fn an_ad_at_the_limit_keeps_all_trackers_and_an_ad_above_it_loses_the_excess() {
    let at = limited(ad(&impressions(200, "own"), 1, &(impressions(100, "above") + &events(200))));
    assert_eq!(at, (None, [100, 200, 200]));
    let above = limited(ad(&impressions(200, "own"), 1, &(impressions(100, "above") + &events(201))));
    assert_eq!(above, (Some(501), [100, 200, 200]));
}

#[test]
fn the_limit_keeps_the_trackers_of_the_inline_before_those_of_wrappers() {
    let cases = [
        // The numbers of impressions of the InLine, impressions of the wrapper and events of the wrapper: before and
        // after the limit.
        ([10, 1500, 0], [490, 10, 0]),
        ([1500, 1500, 0], [0, 500, 0]),
        ([20, 0, 500], [0, 20, 480]),
        ([20, 490, 500], [480, 20, 0]),
    ];
    for ([own, above, of_events], left) in cases {
        let ad = ad(&impressions(own, "own"), 1, &(impressions(above, "above") + &events(of_events)));
        assert_eq!(limited(ad), (Some(own + above + of_events), left), "{own} {above} {of_events}");
    }
}

#[test]
fn the_limit_keeps_impressions_and_errors_of_all_levels_before_all_other_trackers() {
    let many = |own: usize, name: &str| impressions(own, name) + "<Error>https://e/1</Error>" + &events(500);
    let wrapper = |name: &str| {
        format!("<VAST><Ad><Wrapper><VASTAdTagURI>u</VASTAdTagURI>{}</Wrapper></Ad></VAST>", many(2, name))
    };
    let inline = format!("<VAST><Ad><InLine>{}</InLine></Ad></VAST>", many(3, "own"));
    let mut ad = ResolvedAd::read(2, &inline, &[&wrapper("outer"), &wrapper("inner")]);
    assert_eq!(ad.limit_trackers(), Some(TrackersDropped { found: 1510, kept: MAX_TRACKERS }));
    assert_eq!((ad.impressions().count(), ad.errors().count()), (7, 3));
    let events: Vec<_> = ad.tracking(0).map(|tracking| tracking.hop).collect();
    assert_eq!(events, [2; 490], "the InLine's trackers are kept before those of wrappers");
}

#[test]
fn a_tracker_counts_for_each_creative_it_applies_to() {
    assert_eq!(limited(ad("", 100, &events(5))), (None, [0, 0, 500]));
    assert_eq!(limited(ad("", 100, &events(7))), (Some(700), [0, 0, 500]));
    assert_eq!(limited(ad("", 1000, &events(7))), (Some(7000), [0, 0, 0]), "one for all of them is too much");
    assert_eq!(limited(ad("", 0, &events(1500))), (None, [0, 0, 0]), "without a creative they are called for nothing");
}

#[test]
fn icons_over_all_kinds_of_ads_are_counted() {
    let icon =
        format!("<Icons><Icon>{}</Icon></Icons>", "<IconViewTracking>https://t/i</IconViewTracking>".repeat(300));
    for kind in ["Linear", "NonLinearAds"] {
        let creatives = format!("<Creatives><Creative><{kind}>{icon}</{kind}></Creative></Creatives>");
        let mut ad = ResolvedAd::read(
            1,
            &format!("<VAST><Ad><InLine>{creatives}</InLine></Ad></VAST>"),
            &[&format!("<VAST><Ad><Wrapper><VASTAdTagURI>u</VASTAdTagURI>{creatives}</Wrapper></Ad></VAST>")],
        );
        let found = ad.limit_trackers().map(|cut| cut.found);
        let left: usize = ad.icons(0).iter().map(|icon| icon.item.view_tracking.len()).sum();
        assert_eq!((found, left), (Some(600), MAX_TRACKERS), "{kind}");
    }
}

#[test]
fn limiting_an_ad_does_not_change_a_shared_wrapper() {
    let mut cut = ad("", 1, &impressions(1500, "above"));
    let shared = cut.wrappers[0].clone();
    assert!(cut.limit_trackers().is_some());
    assert_eq!(shared.wrapper.impressions.len(), 1500);
    assert_eq!(cut.wrappers[0].wrapper.impressions.len(), MAX_TRACKERS);
}
