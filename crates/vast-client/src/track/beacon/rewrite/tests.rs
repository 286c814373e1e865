use std::collections::BTreeMap;

use super::*;
use crate::select::MediaChoice;
use crate::track::trackers;

/// A document with a tracker `https://t/LEVEL/N` in every place that a level can have.
fn level(name: &str, ad: &str) -> String {
    let mut number = 0;
    let mut url = || {
        number += 1;
        format!("<![CDATA[https://t/{name}/{number}]]>")
    };
    let tracking = |event: &str, url: String| format!("<Tracking event='{event}'>{url}</Tracking>");
    let whole = format!(
        "<Impression>{}</Impression><Error>{}</Error><ViewableImpression><Viewable>{}</Viewable><NotViewable>{}</NotViewable>
         <ViewUndetermined>{}</ViewUndetermined></ViewableImpression><AdVerifications><Verification vendor='v'><TrackingEvents>{}
         </TrackingEvents></Verification></AdVerifications>",
        url(),
        url(),
        url(),
        url(),
        url(),
        tracking("verificationNotExecuted", url())
    );
    let linear = format!(
        "<Creative><Linear><TrackingEvents>{}{}<Tracking event='progress' offset='00:00:05'>{}</Tracking>
         <Tracking event='progress' offset='00:00:06'>{}</Tracking></TrackingEvents><VideoClicks>
         <ClickThrough>https://page/{name}</ClickThrough><ClickTracking>{}</ClickTracking><CustomClick id='a'>{}</CustomClick>
         <CustomClick id='b'>{}</CustomClick></VideoClicks><Icons><Icon program='{name}'><IconClicks>
         <IconClickThrough>https://icon/{name}</IconClickThrough><IconClickTracking>{}</IconClickTracking></IconClicks>
         <IconViewTracking>{}</IconViewTracking></Icon></Icons></Linear></Creative>",
        tracking("start", url()),
        tracking("fullscreen", url()),
        url(),
        url(),
        url(),
        url(),
        url(),
        url(),
        url()
    );
    let others = format!(
        "<Creative><NonLinearAds><TrackingEvents>{}</TrackingEvents><NonLinear>
         <NonLinearClickThrough>https://over/{name}</NonLinearClickThrough><NonLinearClickTracking>{}</NonLinearClickTracking>
         </NonLinear></NonLinearAds></Creative><Creative><CompanionAds><Companion width='1' height='1'>
         <StaticResource creativeType='image/png'>https://i/{name}</StaticResource><TrackingEvents>{}</TrackingEvents>
         <CompanionClickThrough>https://side/{name}</CompanionClickThrough><CompanionClickTracking>{}</CompanionClickTracking>
         </Companion></CompanionAds></Creative>",
        tracking("expand", url()),
        url(),
        tracking("creativeView", url()),
        url()
    );
    format!(
        "<VAST><Ad><{ad}><VASTAdTagURI>https://next</VASTAdTagURI>{whole}<Creatives>{linear}{others}</Creatives></{ad}></Ad></VAST>"
    )
}

fn ad() -> ResolvedAd {
    ResolvedAd::read(1, &level("own", "InLine"), &[&level("above", "Wrapper")])
}

fn written(ad: &ResolvedAd, urls: &mut dyn TrackerUrls) -> String {
    let mut document = crate::ad::flatten([ad].into_iter(), std::iter::empty());
    let candidate = Candidate { lane: 0, ad: ad.clone(), media: MediaChoice::default() };
    replace_trackers(&mut document, &[candidate], false, urls);
    vast_xml::write(&document)
}

/// Writes a URL that names the group, and counts the trackers.
#[derive(Default)]
struct Named {
    seen: BTreeMap<String, usize>,
    groups: Vec<String>,
}

impl TrackerUrls for Named {
    fn trackers(&mut self, group: &TrackerGroup<'_>) -> WrittenTrackers {
        for tracker in &group.trackers {
            *self.seen.entry(tracker.item.to_string()).or_default() += 1;
        }
        self.groups.push(format!("{} {} x{}", group.part.as_str(), group.event.as_str(), group.trackers.len()));
        if group.trackers.is_empty() {
            WrittenTrackers::AsRead
        } else {
            WrittenTrackers::Instead(vec!["https://g/".into()])
        }
    }

    fn click_through(&mut self, page: Inherited<'_, Text>, clicks: &TrackerGroup<'_>) -> Option<Text> {
        Some(format!("https://c/{}/{}", page.item.trim_start_matches("https://"), clicks.trackers.len()).into())
    }
}

#[test]
fn every_tracker_is_in_one_group_and_none_is_left_in_the_document() {
    let (ad, mut named) = (ad(), Named::default());
    let text = written(&ad, &mut named);
    let listed: BTreeMap<String, usize> = trackers(&ad).iter().map(|tracker| (tracker.url.to_string(), 1)).collect();
    assert_eq!(named.seen, listed);
    assert!(!text.contains("https://t/"), "{text}");
    let with_trackers: Vec<&str> =
        named.groups.iter().map(String::as_str).filter(|group| !group.ends_with("x0")).collect();
    assert_eq!(with_trackers.len(), text.matches("https://g/").count());
    for expected in
        ["ad impression x2", "ad error x2", "linear progress x2", "linear playerExpand x2", "linear customClick x2"]
    {
        assert!(with_trackers.contains(&expected), "{expected} in {with_trackers:#?}");
    }
    for page in ["page/own/2", "icon/own/1", "icon/above/1", "over/own/2", "side/own/1", "side/above/1"] {
        assert!(text.contains(&format!("https://c/{page}")), "{page} in {text}");
    }
}

#[test]
fn counted_events_are_groups_without_trackers() {
    let (ad, mut named) = (ResolvedAd::of_creatives("<Creative><Linear/></Creative>"), Named::default());
    written(&ad, &mut named);
    let expected = [
        "ad impression x1",
        "ad error x1",
        "linear start x0",
        "linear firstQuartile x0",
        "linear midpoint x0",
        "linear thirdQuartile x0",
        "linear complete x0",
    ];
    assert_eq!(named.groups, expected);
}

struct Always(WrittenTrackers);

impl TrackerUrls for Always {
    fn trackers(&mut self, _: &TrackerGroup<'_>) -> WrittenTrackers {
        self.0.clone()
    }
}

#[test]
fn trackers_that_stay_are_written_as_without_a_host() {
    let ad = ad();
    let plain = vast_xml::write(&crate::ad::flatten([&ad].into_iter(), std::iter::empty()));
    let sorted = |text: &str| {
        let mut lines: Vec<String> = text.lines().map(|line| line.trim().to_owned()).collect();
        lines.sort();
        lines
    };
    assert_eq!(sorted(&written(&ad, &mut Always(WrittenTrackers::AsRead))), sorted(&plain));
    let beside = written(&ad, &mut Always(WrittenTrackers::Beside("https://ours/".into())));
    let kept = |text: &str| text.matches("https://t/").count();
    assert_eq!(kept(&beside), kept(&plain));
    let (impression, quartile) = ("<Impression><![CDATA[https://ours/]]>", "event=\"midpoint\"");
    assert!(beside.contains(impression) && beside.contains(quartile), "{beside}");
}
