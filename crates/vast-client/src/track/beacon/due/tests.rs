use std::time::{Duration, UNIX_EPOCH};

use vast_xml::Text;
use vast_xml::model::{Click, Event, Offset, Percent};

use super::*;
use crate::ad::Inherited;
use crate::track::{NotExecutedReason, PartIndex, ServerSide, Viewability, has_event, tracking_events};

/// Every tracking event of VAST 4.3 section 3.14.1 and of earlier versions, with its name inside `Linear`.
const CATALOGUE: [&str; 33] = [
    "creativeView",
    "loaded",
    "start",
    "firstQuartile",
    "midpoint",
    "thirdQuartile",
    "complete",
    "mute",
    "unmute",
    "pause",
    "resume",
    "rewind",
    "skip",
    "closeLinear",
    "playerExpand",
    "playerCollapse",
    "fullscreen",
    "exitFullscreen",
    "expand",
    "collapse",
    "adExpand",
    "adCollapse",
    "acceptInvitation",
    "acceptInvitationLinear",
    "minimize",
    "close",
    "overlayViewDuration",
    "timeSpentViewing",
    "otherAdInteraction",
    "interactiveStart",
    "notUsed",
    "replay",
    "vendorThing",
];

fn wrapper(inside: &str, creatives: &str) -> String {
    format!(
        "<VAST><Ad sequence='3'><Wrapper><VASTAdTagURI>https://next</VASTAdTagURI>{inside}<Creatives>{creatives}</Creatives>
         </Wrapper></Ad></VAST>"
    )
}

fn inline(inside: &str, creatives: &str) -> String {
    format!("<VAST><Ad><InLine>{inside}<Creatives>{creatives}</Creatives></InLine></Ad></VAST>")
}

fn linear(inside: &str) -> String {
    format!("<Creative><Linear>{inside}</Linear></Creative>")
}

fn moment() -> Moment {
    Moment::new(UNIX_EPOCH + Duration::from_millis(1_795_335_307_127), 7)
}

fn urls(ad: &ResolvedAd, event: &AdEvent) -> Vec<String> {
    beacons(ad, event, &moment()).into_iter().map(|beacon| beacon.url).collect()
}

/// The URL that is called at `event` for a tracker with the URL `template` in `ad`.
fn filled(ad: &str, template: &str, event: &AdEvent, moment: &Moment) -> String {
    let ad = ResolvedAd::read(0, &ad.replace("TEMPLATE", &format!("<![CDATA[{template}]]>")), &[]);
    let due = beacons(&ad, event, moment);
    assert_eq!(due.len(), 1, "{due:?}");
    due.into_iter().next().map(|beacon| beacon.url).unwrap_or_default()
}

#[test]
fn r144_every_event_calls_the_trackers_of_all_levels_outermost_first() {
    let trackers = |level: &str| {
        let one = |name: &str| format!("<Tracking event='{name}'>https://t/{level}/{name}</Tracking>");
        linear(&format!("<TrackingEvents>{}</TrackingEvents>", CATALOGUE.map(one).concat()))
    };
    let ad = ResolvedAd::read(1, &inline("", &trackers("own")), &[&wrapper("", &trackers("above"))]);
    for name in CATALOGUE {
        let event = Event::from_name(name).under_linear();
        let same = CATALOGUE.into_iter().filter(|other| Event::from_name(other).under_linear().is(&event));
        let of_level = |level: &str| same.clone().map(|name| format!("https://t/{level}/{name}")).collect::<Vec<_>>();
        let expected = [of_level("above"), of_level("own")].concat();
        assert_eq!(urls(&ad, &AdEvent::Linear(event)), expected, "{name}");
    }
}

#[test]
fn r142_impressions_of_all_levels_are_one_batch_and_placeholders_are_never_called() {
    let above = wrapper("<Impression>https://i/above</Impression><Impression>about:blank</Impression>", "");
    let own = inline("<Impression>https://i/own</Impression><Impression/><Impression>https://i/above</Impression>", "");
    let ad = ResolvedAd::read(1, &own, &[&above]);
    assert_eq!(urls(&ad, &AdEvent::Impression), ["https://i/above", "https://i/own", "https://i/above"]);
}

#[test]
fn r147_r148_a_progress_tracker_is_called_at_its_own_offset_and_at_no_quartile() {
    let trackers = "<TrackingEvents><Tracking event='progress' offset='25%'>https://t/25</Tracking>
        <Tracking event='progress' offset='00:00:05'>https://t/5s</Tracking>
        <Tracking event='progress' offset='00:00:05.000'>https://t/5s-too</Tracking>
        <Tracking event='firstQuartile'>https://t/quarter</Tracking></TrackingEvents>";
    let ad = ResolvedAd::read(0, &inline("", &linear(trackers)), &[]);
    let quarter = AdEvent::Progress(Offset::Percent(Percent::whole(25)));
    assert_eq!(urls(&ad, &quarter), ["https://t/25"]);
    assert_eq!(
        urls(&ad, &AdEvent::Progress(Offset::Time(Duration::from_secs(5)))),
        ["https://t/5s", "https://t/5s-too"]
    );
    assert_eq!(urls(&ad, &AdEvent::Linear(Event::FirstQuartile)), ["https://t/quarter"]);
}

#[test]
fn r154_r155_a_click_calls_all_click_trackers_and_no_custom_click() {
    let clicks = |level: &str| {
        linear(&format!(
            "<VideoClicks><ClickThrough>https://page/{level}</ClickThrough><ClickTracking>https://c/{level}</ClickTracking>
             <CustomClick id='a'>https://x/{level}/a</CustomClick><CustomClick id='b'>https://x/{level}/b</CustomClick></VideoClicks>"
        ))
    };
    let ad = ResolvedAd::read(1, &inline("", &clicks("own")), &[&wrapper("", &clicks("above"))]);
    assert_eq!(urls(&ad, &AdEvent::Click), ["https://c/above", "https://c/own"]);
    assert_eq!(urls(&ad, &AdEvent::CustomClick(Some(Text::from("b")))), ["https://x/above/b", "https://x/own/b"]);
    assert_eq!(urls(&ad, &AdEvent::CustomClick(None)).len(), 4);
}

#[test]
fn r156_a_companion_calls_its_trackers_and_those_of_wrappers_that_apply_to_it() {
    let companion = |attributes: &str, name: &str, resource: &str| {
        format!(
            "<Companion {attributes}>{resource}<CompanionClickTracking>https://c/{name}</CompanionClickTracking>
             <TrackingEvents><Tracking event='creativeView'>https://v/{name}</Tracking></TrackingEvents></Companion>"
        )
    };
    let creative =
        |companions: &[String]| format!("<Creative><CompanionAds>{}</CompanionAds></Creative>", companions.concat());
    let shown = "<StaticResource>https://cdn/c.png</StaticResource>";
    let above = [
        companion("id='2'", "by-id", ""),
        companion("width='300' height='250'", "by-size", ""),
        companion("", "all", ""),
        companion("width='300' height='250'", "other", shown),
    ];
    let own = [
        companion("id='1' width='300' height='250'", "one", shown),
        companion("id='2' width='728' height='90'", "two", shown),
    ];
    let ad = ResolvedAd::read(1, &inline("", &creative(&own)), &[&wrapper("", &creative(&above))]);
    let place = |hop, item| PartIndex { hop, creative: 0, item };
    assert_eq!(
        urls(&ad, &AdEvent::CompanionView(place(1, 0))),
        ["https://v/by-size", "https://v/all", "https://v/one"]
    );
    assert_eq!(urls(&ad, &AdEvent::CompanionClick(place(1, 1))), ["https://c/by-id", "https://c/all", "https://c/two"]);
    assert_eq!(urls(&ad, &AdEvent::CompanionView(place(0, 3))), ["https://v/other"]);
}

#[test]
fn r157_an_icon_that_is_shown_or_clicked_calls_its_own_trackers() {
    let icons = "<Icons><Icon program='a'><IconViewTracking>https://v/a</IconViewTracking><IconClicks>
        <IconClickThrough>https://page</IconClickThrough><IconClickTracking>https://c/a</IconClickTracking></IconClicks></Icon>
        <Icon program='b'><IconViewTracking>https://v/b</IconViewTracking></Icon></Icons>";
    let ad = ResolvedAd::read(1, &inline("", &linear(icons)), &[&wrapper("", &linear(icons))]);
    let place = |hop, item| PartIndex { hop, creative: 0, item };
    assert_eq!(urls(&ad, &AdEvent::IconView(place(1, 1))), ["https://v/b"]);
    assert_eq!(urls(&ad, &AdEvent::IconClick(place(1, 0))), ["https://c/a"]);
}

#[test]
fn r092_the_icon_of_a_wrapper_that_gives_way_calls_nothing() {
    let icons = |level: &str, programs: [&str; 2]| {
        let icon = |program: &str| {
            format!(
                "<Icon program='{program}'><IconViewTracking>https://{level}/{}</IconViewTracking></Icon>",
                program.trim()
            )
        };
        format!("<Icons>{}</Icons>", programs.map(icon).concat())
    };
    let two = |icons: &str| linear(icons).repeat(2);
    let ad = ResolvedAd::read(
        1,
        &inline("", &two(&icons("own", ["a", "b"]))),
        &[&wrapper("", &linear(&icons("above", ["A ", "c"])))],
    );
    let due = |hop, item| urls(&ad, &AdEvent::IconView(PartIndex { hop, creative: 0, item }));
    assert_eq!(
        [due(0, 0), due(0, 1), due(1, 0)],
        [vec![], vec!["https://above/c".to_owned()], vec!["https://own/a".to_owned()]]
    );
    let over_content = |icons: &str| format!("<Creative><NonLinearAds>{icons}<NonLinear/></NonLinearAds></Creative>");
    let overlay = ResolvedAd::read(
        1,
        &inline("", &over_content(&icons("own", ["a", "b"]))),
        &[&wrapper("", &(linear(&icons("beside", ["c", "d"])) + &over_content(&icons("above", ["a", "d"]))))],
    );
    let shown = urls(&overlay, &AdEvent::Named(BeaconEvent::IconView));
    assert_eq!(shown, ["https://own/a", "https://own/b", "https://above/d"], "those of its own kind");
}

/// `trackers` lists for each creative the same trackers, in the same order, as the methods of the ad.
#[test]
fn r083_r089_the_list_of_a_creative_has_all_inherited_trackers() {
    let events =
        |name: &str| format!("<TrackingEvents><Tracking event='start'>https://t/{name}</Tracking></TrackingEvents>");
    let video = |name: &str| {
        linear(&format!("{}<VideoClicks><ClickTracking>https://c/{name}</ClickTracking></VideoClicks>", events(name)))
    };
    let overlay = |name: &str| {
        let item = format!("<NonLinear><NonLinearClickTracking>https://n/{name}</NonLinearClickTracking></NonLinear>");
        format!(
            "<Creative><NonLinearAds>{}{}</NonLinearAds></Creative>",
            events(&format!("{name}-over")),
            item.repeat(2)
        )
    };
    let both = |level: &str| video(&format!("{level}1")) + &overlay(level) + &video(&format!("{level}2"));
    let ad =
        ResolvedAd::read(2, &inline("", &both("own")), &[&wrapper("", &both("outer")), &wrapper("", &both("inner"))]);
    let due = |event: AdEvent, creative| {
        beacons(&ad, &event, &Moment { creative: Some(creative), ..moment() })
            .into_iter()
            .map(|due| due.url)
            .collect::<Vec<_>>()
    };
    let clicks = |found: &mut dyn Iterator<Item = Inherited<'_, Click>>| texts(found.map(|found| &found.item.url));
    for creative in [0, 2] {
        let inherited = texts(ad.tracking(creative).map(|found| &found.item.url));
        assert_eq!(inherited.len(), 5, "two of each wrapper and its own");
        assert_eq!(inherited, due(AdEvent::Linear(Event::Start), creative));
        assert_eq!(clicks(&mut ad.click_tracking(creative)), due(AdEvent::Click, creative));
    }
    let inherited = texts(ad.non_linear_tracking(1).map(|found| &found.item.url));
    assert_eq!(inherited, ["https://t/outer-over", "https://t/inner-over", "https://t/own-over"]);
    assert_eq!(inherited, due(AdEvent::NonLinear(1, 1, Event::Start), 0));
    assert_eq!(clicks(&mut ad.non_linear_click_tracking(1, 1)), due(AdEvent::NonLinearClick(1, 1), 0));
}

fn texts<'a>(texts: impl Iterator<Item = &'a Text>) -> Vec<String> {
    texts.map(Text::to_string).collect()
}

#[test]
fn r158_a_viewability_state_calls_its_own_trackers_of_all_levels() {
    let states = |level: &str| {
        format!(
            "<ViewableImpression><Viewable>https://{level}/seen</Viewable><NotViewable>https://{level}/unseen</NotViewable>
             <ViewUndetermined>https://{level}/unknown</ViewUndetermined></ViewableImpression>"
        )
    };
    let ad = ResolvedAd::read(1, &inline(&states("own"), ""), &[&wrapper(&states("above"), "")]);
    let cases =
        [(Viewability::Viewable, "seen"), (Viewability::NotViewable, "unseen"), (Viewability::Undetermined, "unknown")];
    for (state, name) in cases {
        let expected = [format!("https://above/{name}"), format!("https://own/{name}")];
        assert_eq!(urls(&ad, &AdEvent::Viewability(state)), expected);
    }
}

#[test]
fn r159_a_verification_that_was_not_run_is_reported_with_its_reason() {
    let verifications = "<AdVerifications><Verification vendor='a'><TrackingEvents>
        <Tracking event='verificationNotExecuted'>https://v/a?r=[REASON]</Tracking></TrackingEvents></Verification>
        <Verification vendor='b'><TrackingEvents><Tracking event='verificationNotExecuted'>https://v/b?r=[REASON]</Tracking>
        </TrackingEvents></Verification></AdVerifications>";
    let ad = ResolvedAd::read(1, &inline(verifications, ""), &[&wrapper(verifications, "")]);
    let reasons =
        [(NotExecutedReason::Rejected, 1), (NotExecutedReason::NotSupported, 2), (NotExecutedReason::NotLoaded, 3)];
    for (reason, number) in reasons {
        let place = PartIndex { hop: 0, creative: 0, item: 1 };
        let due = urls(&ad, &AdEvent::VerificationNotExecuted(place, reason));
        assert_eq!(due, [format!("https://v/b?r={number}")]);
    }
}

#[test]
fn r162_r163_every_error_url_is_called_with_the_code_or_without_its_macro() {
    let errors =
        |level: &str| format!("<Error>https://{level}/e?c=[ERRORCODE]</Error><Error>https://{level}/plain</Error>");
    let ad = ResolvedAd::read(1, &inline(&errors("own"), ""), &[&wrapper(&errors("above"), "")]);
    let expected = ["https://above/e?c=405", "https://above/plain", "https://own/e?c=405", "https://own/plain"];
    assert_eq!(urls(&ad, &AdEvent::Error(405)), expected);
    assert_eq!(urls(&ad, &AdEvent::Error(AdEvent::UNDEFINED_ERROR))[0], "https://above/e?c=900");
    assert_eq!(urls(&ad, &AdEvent::Error(1207))[0], "https://above/e?c=1207", "SIMID's codes go the same way");
}

#[test]
fn a_non_linear_calls_its_own_trackers_and_the_wrappers() {
    let ads = |level: &str| {
        let one = |number| {
            format!(
                "<NonLinear><NonLinearClickTracking>https://c/{level}/{number}</NonLinearClickTracking></NonLinear>"
            )
        };
        let trackers = format!("<Tracking event='acceptInvitation'>https://t/{level}</Tracking>");
        let (one, two) = (one(0), one(1));
        format!(
            "<Creative><NonLinearAds>{one}{two}<TrackingEvents>{trackers}</TrackingEvents></NonLinearAds></Creative>"
        )
    };
    let ad = ResolvedAd::read(1, &inline("", &ads("own")), &[&wrapper("", &ads("above"))]);
    let event = AdEvent::NonLinear(0, 1, Event::AcceptInvitation);
    assert_eq!(urls(&ad, &event), ["https://t/above", "https://t/own"]);
    let clicked = ["https://c/above/0", "https://c/above/1", "https://c/own/1"];
    assert_eq!(urls(&ad, &AdEvent::NonLinearClick(0, 1)), clicked);
    assert_eq!(urls(&ad, &AdEvent::Linear(Event::AcceptInvitation)), [""; 0]);
}

#[test]
fn only_the_creative_that_plays_and_the_wrappers_are_reported() {
    let start = |name: &str| {
        linear(&format!("<TrackingEvents><Tracking event='start'>https://t/{name}</Tracking></TrackingEvents>"))
    };
    let own = ["<Creative/>", &start("one"), &start("two")].concat();
    let ad = ResolvedAd::read(1, &inline("", &own), &[&wrapper("", &start("above"))]);
    let of = |creative| {
        let moment = Moment { creative, ..moment() };
        beacons(&ad, &AdEvent::Linear(Event::Start), &moment).into_iter().map(|beacon| beacon.url).collect::<Vec<_>>()
    };
    assert_eq!(of(None), ["https://t/above", "https://t/one"], "the first linear one");
    assert_eq!(of(Some(2)), ["https://t/above", "https://t/two"]);
}

#[test]
fn notused_and_surveys_are_called_when_the_host_asks() {
    let not_used = "<TrackingEvents><Tracking event='notUsed'>https://t/unused</Tracking></TrackingEvents>";
    let non_linear = format!("<Creative><NonLinearAds>{not_used}</NonLinearAds></Creative>");
    let creatives = [linear(not_used), non_linear].concat();
    let ad = ResolvedAd::read(0, &inline("<Survey>https://t/survey</Survey>", &creatives), &[]);
    assert_eq!(urls(&ad, &AdEvent::NotUsed), ["https://t/unused"; 2]);
    assert_eq!(urls(&ad, &AdEvent::Survey), ["https://t/survey"]);
    assert_eq!(urls(&ad, &AdEvent::Impression), [""; 0]);
}

const PLAIN: &str = "<VAST><Ad adType='hybrid' sequence='2'><InLine><AdServingId>serving 1</AdServingId>
    <Impression>TEMPLATE</Impression><Creatives><Creative><UniversalAdId idRegistry='ad-id.org'>CN,1</UniversalAdId>
    <UniversalAdId idRegistry='unknown'>x</UniversalAdId><UniversalAdId idRegistry='r'>2</UniversalAdId><Linear/></Creative>
    </Creatives></InLine></Ad></VAST>";

#[test]
fn r169_r170_r171_r172_the_moment_is_in_the_url() {
    let moment = Moment {
        ad_playhead: Some(Duration::from_millis(3_723_004)),
        content_playhead: Some(Duration::from_secs(61)),
        ad_count: Some(4),
        asset: Some(Text::from("https://cdn/a b.mp4")),
        server_side: Some(ServerSide::Client),
        macros: vec![("PLAYERSTATE".into(), "muted,fullscreen".into()), ("PRIVATE".into(), "no".into())],
        ..moment()
    };
    let cases = [
        ("[TIMESTAMP]", "2026-11-22T08%3A15%3A07.127%2B00%3A00"),
        ("[ADPLAYHEAD]", "01%3A02%3A03.004"),
        ("[MEDIAPLAYHEAD] [CONTENTPLAYHEAD]", "00%3A01%3A01.000 00%3A01%3A01.000"),
        ("[ADCOUNT] [PODSEQUENCE]", "4 2"),
        ("[ASSETURI]", "https%3A%2F%2Fcdn%2Fa%20b.mp4"),
        ("[SERVERSIDE]", "1"),
        ("[ADSERVINGID] [ADTYPE]", "serving%201 hybrid"),
        ("[UNIVERSALADID]", "ad-id.org%20CN%2C1,r%202"),
        ("[PLAYERSTATE]", "muted,fullscreen"),
        ("[TRANSACTIONID]", "t"),
    ];
    for (template, expected) in cases {
        assert_eq!(
            filled(PLAIN, &format!("https://t/?{template}"), &AdEvent::Impression, &moment),
            format!("https://t/?{expected}")
        );
    }
}

#[test]
fn r164_r165_unknown_values_cannot_be_read() {
    let moment = Moment {
        click_position: Some((3, 4)),
        macros: vec![("PRIVATE".into(), "no".into()), ("REASON".into(), "1".into())],
        ..moment()
    };
    let cases = [
        ("[ADPLAYHEAD] [ADCOUNT] [DEVICEIP] [IFA]", "-1 -1 -1 -1"),
        ("[PRIVATE] [vendor] [2001:db8::1] a[]=1", "[PRIVATE] [vendor] [2001:db8::1] a[]=1"),
        ("[ERRORCODE] [CLICKPOS] [REASON]", "[ERRORCODE] [CLICKPOS] [REASON]"),
    ];
    for (template, expected) in cases {
        assert_eq!(
            filled(PLAIN, &format!("https://t/?{template}"), &AdEvent::Impression, &moment),
            format!("https://t/?{expected}")
        );
    }
    let clicked = "<VAST><Ad><InLine><Creatives><Creative><Linear><VideoClicks><ClickTracking>TEMPLATE</ClickTracking>
        </VideoClicks></Linear></Creative></Creatives></InLine></Ad></VAST>";
    assert_eq!(filled(clicked, "https://t/?[CLICKPOS]", &AdEvent::Click, &moment), "https://t/?3,4");
}

#[test]
fn the_same_moment_gives_the_same_bytes_and_every_url_has_its_own_random_number() {
    let impressions =
        "<Impression>https://t/1?[CACHEBUSTING]</Impression><Impression>https://t/2?[CACHEBUSTING]</Impression>";
    let ad = ResolvedAd::read(0, &inline(impressions, ""), &[]);
    let first = urls(&ad, &AdEvent::Impression);
    assert_eq!(first, urls(&ad, &AdEvent::Impression));
    let number = |url: &str| url.rsplit_once('?').map(|(_, number)| number.to_owned());
    assert_ne!(number(&first[0]), number(&first[1]));
    let later = Moment { seed: 8, ..moment() };
    assert_ne!(first[0], beacons(&ad, &AdEvent::Impression, &later)[0].url);
}

#[test]
fn r024_a_relative_tracker_is_taken_from_the_document_that_holds_it() {
    let urls = ["https://t/a?u=//b", "//t.example/pixel?x=[ERRORCODE]", "/pixel", "pixel?u=https://x"];
    let expected = [
        "https://t/a?u=//b",
        "https://t.example/pixel?x=[ERRORCODE]",
        "https://ads.example/pixel",
        "https://ads.example/v/pixel?u=https://x",
    ];
    for (url, expected) in urls.into_iter().zip(expected) {
        assert_eq!(absolute(url.to_owned(), "https://ads.example/v/ad.xml?q=1"), expected);
    }
    assert_eq!(absolute("/pixel".to_owned(), "ad.xml"), "/pixel", "nothing to be relative to");
}

#[test]
fn looking_at_an_ad_lists_every_part() {
    let both = "<TrackingEvents><Tracking event='close'>https://t/close</Tracking></TrackingEvents>";
    let creatives = [linear(both), format!("<Creative><NonLinearAds>{both}</NonLinearAds></Creative>")].concat();
    let ad = ResolvedAd::read(0, &inline("", &creatives), &[]);
    assert_eq!(urls(&ad, &AdEvent::Named(BeaconEvent::from_name("close"))).len(), 2);
    assert_eq!(urls(&ad, &AdEvent::Linear(Event::CloseLinear)).len(), 1);
    assert_eq!(urls(&ad, &AdEvent::NonLinear(1, 0, Event::Close)).len(), 1);
}

#[test]
fn the_events_of_an_ad_are_listed_by_name_with_old_spellings_together() {
    let trackers = "<TrackingEvents><Tracking event='fullscreen'>https://t/1</Tracking><Tracking event='start'>https://t/2</Tracking>
        <Tracking event='playerExpand'>https://t/3</Tracking></TrackingEvents>";
    let ad = ResolvedAd::read(0, &inline("<Impression>https://i</Impression>", &linear(trackers)), &[]);
    let events: Vec<_> =
        tracking_events(&ad).iter().map(|(event, all)| format!("{} {}", event.as_str(), all.len())).collect();
    assert_eq!(events, ["impression 1", "playerExpand 2", "start 1"]);
    let has = |name| has_event(&ad, &BeaconEvent::from_name(name));
    assert_eq!(
        ["start", "exitFullscreen", "fullscreen", "impression", "click"].map(has),
        [true, false, true, true, false]
    );
}

#[test]
fn r154_a_click_opens_one_page_with_its_macros_filled_in() {
    let page =
        |url: &str| linear(&format!("<VideoClicks><ClickThrough><![CDATA[{url}]]></ClickThrough></VideoClicks>"));
    let above = wrapper("", &page("https://page/above?at=[ADPLAYHEAD]&x=[OTHER]&c=[CLICKPOS]"));
    let moment = Moment { ad_playhead: Some(Duration::from_secs(5)), click_position: Some((1, 2)), ..moment() };
    let opened = |own: &str| click_through(&ResolvedAd::read(1, &inline("", own), &[&above]), &moment);
    let inherited = "https://page/above?at=00%3A00%3A05.000&x=[OTHER]&c=[CLICKPOS]";
    assert_eq!(opened(&linear("")).as_deref(), Some(inherited));
    assert_eq!(opened(&page("https://page/own")).as_deref(), Some("https://page/own"));
    assert_eq!(opened("<Creative/>"), None, "nothing linear to click on");
}
