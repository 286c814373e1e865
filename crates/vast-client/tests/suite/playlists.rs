//! Playlists (VMAP): how their breaks are run, tracked and bounded. The scenarios `playlist*` have the modes and time limits.

use std::num::NonZeroU32;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::scenario::file::Names;
use crate::scenario::network::Network;
use vast_client::env::Env;
use vast_client::journal::{EndReason, SkipReason};
use vast_client::report::{BreakResult, Occurrence, ScheduledBreak, timeline};
use vast_client::track::session::{BreakSession, ReportContext, SessionOptions};
use vast_client::track::{AdBreakEvent, BeaconEvent, Moment};
use vast_client::xml::ParseOptions;
use vast_client::xml::model::Percent;
use vast_client::xml::vmap::{self, AdData, BreakType, TimeOffset};
use vast_client::{
    AdRequest, ClientConfig, Device, ErrorType, FetchConfig, FetchResult, Outcome, RunOptions, SourceConfig, VastClient,
};
use vast_mock::{Answer, Script, Sink};

const INLINE: &str = include_str!("../../../../scenarios/ads/inline.xml");

fn playlist(breaks: &str) -> String {
    format!(r#"<vmap:VMAP xmlns:vmap="http://www.iab.net/videosuite/vmap" version="1.0">{breaks}</vmap:VMAP>"#)
}

/// A break with this ad tag and these trackers.
fn tag(id: &str, offset: &str, path: &str, trackers: &str) -> String {
    let source = format!("<vmap:AdTagURI templateType='vast3'><![CDATA[{path}]]></vmap:AdTagURI>");
    ad_break(id, offset, "linear", &format!("<vmap:AdSource>{source}</vmap:AdSource>"), trackers)
}

fn ad_break(id: &str, offset: &str, types: &str, source: &str, trackers: &str) -> String {
    format!(
        "<vmap:AdBreak breakId='{id}' timeOffset='{offset}' breakType='{types}'>{source}
         <vmap:TrackingEvents>{trackers}</vmap:TrackingEvents></vmap:AdBreak>"
    )
}

fn tracking(event: &str, url: &str) -> String {
    format!("<vmap:Tracking event='{event}'><![CDATA[{url}]]></vmap:Tracking>")
}

/// `ads` answers `/vmap` with the playlist, `/vast` with an ad and everything else with 404; `beacons` takes trackers.
fn network(playlist: &str) -> Network {
    let script = Script::builder()
        .server("ads")
        .answer(Answer::new().path("/vmap").body(playlist.to_owned()))
        .answer(Answer::new().path("/vast").body(INLINE))
        .answer(Answer::new().status(404))
        .server("beacons")
        .sink(Sink::NoContent);
    Network::new(&script.build().expect("a script"), Names::default(), 1)
}

fn client(network: &Network, config: impl Into<ClientConfig>) -> VastClient {
    let builder = VastClient::builder().transport(network.clone()).lookup(network.lookup());
    builder.env(Env::fixed(UNIX_EPOCH, 1)).build(config.into()).expect("a configuration")
}

fn source() -> SourceConfig {
    SourceConfig::url("http://ads.test/vmap").named("list")
}

async fn asked(playlist: &str) -> FetchResult {
    client(&network(playlist), FetchConfig::new([source()])).request_ad().await
}

fn breaks(result: &FetchResult) -> &[BreakResult] {
    result.schedule.as_ref().map_or(&[], |schedule| &schedule.breaks)
}

fn failure(one: &BreakResult) -> Option<(ErrorType, Option<u16>)> {
    match &one.reason {
        Some(EndReason::Failure(failure)) => Some((failure.error_type, failure.vast_error_code)),
        _ => None,
    }
}

#[tokio::test(start_paused = true)]
async fn r003_the_macros_of_the_tags_of_a_playlist_are_filled_in() {
    let breaks = tag("pre", "start", "/vast?ua=[DEVICEUA]&t=[TRANSACTIONID]", "");
    let network = network(&playlist(&breaks));
    let list = SourceConfig::url("http://ads.test/vmap?ua=[DEVICEUA]&t=[TRANSACTIONID]");
    let device = Device { user_agent: Some("TV 1".into()), ..Device::default() };
    let request = AdRequest { device, ..AdRequest::default() };
    let result = client(&network, FetchConfig::new([list])).request_ad_for(&request).await;
    assert!(result.success);
    let targets: Vec<String> = network.log().into_iter().map(|seen| seen.target).collect();
    let [list, vast] = &targets[..] else { panic!("two requests: {targets:?}") };
    let (_, transaction) = list.split_once("/vmap?ua=TV%201&t=").expect("the tag with its macros");
    assert!(transaction.len() == 36, "{transaction}");
    assert_eq!(*vast, format!("/vast?ua=TV%201&t={transaction}"), "one transaction for the whole playlist");
}

fn ad(id: &str, creative: &str) -> String {
    format!(
        "<Ad id='{id}'><InLine><AdSystem>a</AdSystem><AdTitle>t</AdTitle><Impression>about:blank</Impression><Creatives>{creative}
         </Creatives></InLine></Ad>"
    )
}

#[tokio::test(start_paused = true)]
async fn r137_the_types_of_a_break_are_tried_in_their_order() {
    let linear =
        "<Creative><Linear><Duration>00:00:15</Duration><MediaFiles><MediaFile type='video/mp4' width='1' height='1'>
                  https://c/a.mp4</MediaFile></MediaFiles></Linear></Creative>";
    let resource = "<StaticResource creativeType='image/png'>https://c/a.png</StaticResource>";
    let overlay = format!("<NonLinearAds><NonLinear width='9' height='9'>{resource}</NonLinear></NonLinearAds>");
    let banner = format!("<CompanionAds><Companion width='9' height='9'>{resource}</Companion></CompanionAds>");
    let [overlay, banner] = [overlay, banner].map(|ads| format!("<Creative>{ads}</Creative>"));
    let all = [ad("overlay", &overlay), ad("banner", &banner), ad("film", linear)].concat();
    // One ad that could be any of the three.
    let both = ad("both", &[linear, &overlay, &banner].concat());
    let film = ad("film", linear);
    let cases = [
        ("nonlinear,display,linear", &film, Some(("film", BreakType::Linear))),
        ("nonlinear,display", &film, None),
        ("linear", &all, Some(("film", BreakType::Linear))),
        ("nonlinear,linear", &all, Some(("overlay", BreakType::NonLinear))),
        ("linear,nonlinear", &all, Some(("film", BreakType::Linear))),
        ("display,linear", &all, Some(("banner", BreakType::Display))),
        ("hologram,display", &all, Some(("banner", BreakType::Display))),
        ("display", &both, Some(("both", BreakType::Display))),
        ("nonlinear,linear", &both, Some(("both", BreakType::NonLinear))),
        ("hologram", &all, None),
    ];
    for (types, ads, expected) in cases {
        let source = format!(
            "<vmap:AdSource><vmap:VASTAdData><VAST version='4.2'>{ads}</VAST></vmap:VASTAdData></vmap:AdSource>"
        );
        let result = asked(&playlist(&ad_break("one", "start", types, &source, ""))).await;
        let one = &breaks(&result)[0];
        let first = one.ads().first().map(|ad| (ad.ad.id.as_deref().unwrap_or_default(), ad.kind().clone()));
        assert_eq!(first, expected, "{types}");
        assert_eq!(one.ads().len(), usize::from(expected.is_some()), "{types}");
        if expected.is_none() {
            let unsupported = (ErrorType::BreakInvalid, Some(1003));
            let other_type = (ErrorType::Filtered, Some(201));
            assert_eq!(failure(one), Some(if types == "hologram" { unsupported } else { other_type }));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn r141_r175_r176_each_error_of_a_break_is_reported_to_its_trackers_with_its_code() {
    let error = tracking("error", "http://beacons.test/[ERROR_CODE]?m=[ERROR_MESSAGE]&v=[ERRORCODE]");
    let custom = |kind: &str, data: &str| {
        let data = format!("<vmap:CustomAdData templateType='{kind}'><![CDATA[{data}]]></vmap:CustomAdData>");
        ad_break("one", "start", "linear", &format!("<vmap:AdSource>{data}</vmap:AdSource>"), &error)
    };
    let other = tag("one", "start", "/vast", &error).replace("vast3", "acme");
    let small = "<VAST version='4.2'><Ad><InLine><AdSystem>a</AdSystem><AdTitle>t</AdTitle></InLine></Ad></VAST>";
    let cases = [
        (other, vec!["1005"]),
        (custom("acme", "key=value"), vec!["1005"]),
        (custom("vast3", "key=value"), vec!["1006"]),
        (tag("one", "start", "/nothing", &error), vec!["1008"]),
        (tag("one", "start", "/vmap", &error), vec!["1004"]),
        (tag("one", "noon", "/vast", &error), vec!["1000"]),
        (ad_break("one", "start", "linear", "<vmap:AdSource/>", &error), vec!["1000"]),
        (ad_break("one", "noon", "linear", "", &error), vec!["1000"]),
        (ad_break("one", "start", "linear", "", &error), vec![]),
        (custom("vast3", small), vec!["101"]),
        (tag("one", "start", "/vast", &error), vec![]),
    ];
    for (one, codes) in cases {
        let result = asked(&playlist(&one)).await;
        let urls: Vec<&str> = result.tracked.iter().map(|one| one.url.as_str()).collect();
        assert_eq!(urls.len(), codes.len(), "{one}: {urls:?}");
        for (url, code) in urls.into_iter().zip(codes) {
            assert!(url.starts_with(&format!("http://beacons.test/{code}?m=")), "{url}");
            assert!(url.ends_with(&format!("&v={code}")) && !url.contains("m=&"), "{url}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn r174_the_start_and_the_end_of_a_break_count_once_per_occurrence() {
    let trackers = [
        tracking("breakStart", "/start"),
        tracking("breakEnd", "http://beacons.test/end"),
        tracking("error", "http://beacons.test/error?[ERROR_CODE]"),
    ];
    let trackers = trackers.concat().replace("/start", "http://beacons.test/start");
    // The second break has no AdSource.
    let breaks = tag("pre", "start", "/vast", &trackers) + &ad_break("mid", "50%", "linear", "", &trackers);
    let network = network(&playlist(&breaks));
    let client = client(&network, FetchConfig::new([source()]).with_report_errors(false));
    let result = client.request_ad().await;
    let now = Moment::new(SystemTime::UNIX_EPOCH, 7);
    let error = AdBreakEvent::Error { code: 405, message: "the file cannot be played".to_owned() };
    for number in [0, 1] {
        let one = result.break_ref(number).expect("a break");
        for (event, occurrence) in [
            (&AdBreakEvent::Start, 0),
            (&AdBreakEvent::Start, 0),
            (&AdBreakEvent::End, 0),
            (&AdBreakEvent::Start, 1),
            (&error, 0),
        ] {
            let tracked = client.tracker().track_break(one, event, occurrence, &now).await;
            assert_eq!(tracked.len(), 1, "{event:?}");
        }
    }
    client.drain(Duration::from_secs(5)).await;
    let mut called: Vec<String> =
        network.log().into_iter().filter(|seen| seen.is_sink).map(|seen| seen.target).collect();
    called.sort();
    let expected = ["/end", "/end", "/error?405", "/error?405", "/start", "/start", "/start", "/start"];
    assert_eq!(called, expected, "the second start of an occurrence is not called");
    assert!(result.break_ref(2).is_none());
}

#[tokio::test(start_paused = true)]
async fn impressions_of_filled_breaks_are_called_where_the_host_says_so_and_the_limit_is_for_all() {
    let breaks = tag("pre", "start", "/vast?ad=a", "")
        + &tag("dead", "end", "/nothing", "")
        + &tag("mid", "1%", "/vast?ad=a", "");
    for (auto_track, max_beacons, expected, omitted) in
        [(true, 1_000, [1, 0, 1], 0), (true, 1, [1, 0, 0], 1), (false, 9, [0; 3], 0)]
    {
        let network = network(&playlist(&breaks));
        let client = client(&network, FetchConfig::new([source()]));
        let options = RunOptions { auto_track, max_beacons, ..RunOptions::NONE };
        let result = client.orchestrator().run(client.plan(), &AdRequest::default(), options).await;
        let of_break = |one: &BreakResult| one.answer.as_ref().map_or(0, |answer| answer.tracked.len());
        assert_eq!(self::breaks(&result).iter().map(of_break).collect::<Vec<_>>(), expected);
        assert_eq!((result.tracked.len(), result.metadata.beacons_omitted), (0, omitted));
        client.drain(Duration::from_secs(5)).await;
        let sent = network.log().iter().filter(|seen| seen.is_sink).count();
        assert_eq!(sent, expected.iter().sum::<usize>(), "two breaks with one ad have two impressions");
    }
}

#[tokio::test(start_paused = true)]
async fn the_ads_of_a_break_are_played_by_a_session_of_the_break() {
    let breaks = tag("pre", "start", "/vast?ad=a", "") + &tag("mid", "1%", "/vast?ad=a", "");
    let network = network(&playlist(&breaks));
    let client = client(&network, FetchConfig::new([source()]));
    let result = client.request_ad().await;
    for one in self::breaks(&result) {
        let answer = one.answer.as_ref().expect("it was run");
        let mut playing = BreakSession::new(one.ads(), &SessionOptions::default(), 7);
        for event in playing.playhead(Duration::ZERO, &ReportContext::new(UNIX_EPOCH)) {
            client.tracker().track_session_event(answer, &event).await;
        }
    }
    client.drain(Duration::from_secs(5)).await;
    let seen = client.tracker().results(&result.metadata.request_id).await.expect("a ledger").rows;
    let impressions = seen.iter().filter(|row| BeaconEvent::from_name(&row.event) == BeaconEvent::Impression);
    assert_eq!(impressions.count(), 2, "the same ad at the same moment in two breaks");
}

#[tokio::test(start_paused = true)]
async fn a_playlist_of_ten_thousand_breaks_stays_within_the_limits() {
    let many = |number: usize| {
        (0..number).map(|number| tag(&format!("b{number}"), "#1", "/vast?ad=a", "")).collect::<String>()
    };
    let network = self::network(&playlist(&many(10_000)));
    let result = client(&network, FetchConfig::new([source()])).request_ad().await;
    let count = |outcome| breaks(&result).iter().filter(|one| one.outcome == outcome).count();
    // 40 exchanges of one source: the playlist and 39 of the 50 breaks that are run.
    assert_eq!([Outcome::Filled, Outcome::Failed, Outcome::Skipped].map(count), [39, 11, 9_950]);
    assert_eq!(network.log().len(), 40);
    let last = breaks(&result).last().expect("a break");
    assert_eq!(last.reason, Some(EndReason::Skipped(SkipReason::MaxBreaks)));
    assert!(last.answer.is_none());
    let refused = asked(&playlist(&many(10_001))).await;
    assert_eq!(refused.sources[0].outcome, Outcome::Failed);
    assert_eq!(refused.errors[0].failure.error_type, ErrorType::Limit);
}

#[tokio::test(start_paused = true)]
async fn one_break_can_be_asked_for_and_an_unknown_one_names_those_that_there_are() {
    let breaks = tag("pre", "start", "/vast?ad=a", "") + &tag("mid", "1%", "/vast?ad=b", "");
    let network = network(&playlist(&breaks));
    let client = client(&network, FetchConfig::new([source()]));
    let ask = async |id: &str| {
        let request = AdRequest { break_id: Some(id.to_owned()), ..AdRequest::default() };
        client.request_ad_for(&request).await
    };
    let result = ask("mid").await;
    let outcomes: Vec<_> = self::breaks(&result).iter().map(|one| one.outcome).collect();
    assert_eq!(outcomes, [Outcome::Skipped, Outcome::Filled]);
    assert_eq!(network.log().len(), 2);
    let unknown = ask("post").await;
    let failure = &unknown.errors.first().expect("an error").failure;
    assert_eq!(failure.error_type, ErrorType::UnknownBreak);
    assert_eq!(failure.message, "the playlist has no break `post`; it has `pre`, `mid`");
    assert!(unknown.schedule.is_none() && network.log().len() == 3, "no break was run");
}

#[tokio::test(start_paused = true)]
async fn the_playlist_that_is_written_has_the_same_breaks_with_resolved_ads_and_no_ad_tag() {
    let trackers = tracking("breakStart", "start?x=1");
    let breaks = tag("pre", "00:00:30.500", "/vast?ad=a", &trackers)
        .replace("breakId", "repeatAfter='00:10:00' breakId")
        + &tag("dead", "#3", "/nothing", &trackers)
        + &ad_break("tracked", "end", "linear,display", "", &trackers);
    let given = playlist(&breaks);
    let result = asked(&given).await;
    let written = vmap::write(&result.schedule.as_ref().expect("breaks").flatten());
    assert!(!written.contains("AdTagURI"), "{written}");
    let read = |text: &str| vmap::parse(text.as_bytes(), &ParseOptions::default()).expect("VMAP").vmap;
    let (given, written) = (read(&given), read(&written));
    assert_eq!(given.breaks.len(), written.breaks.len());
    for (given, written) in given.breaks.iter().zip(&written.breaks) {
        let of =
            |one: &vmap::AdBreak| (one.break_id.clone(), one.time_offset, one.break_types.clone(), one.repeat_after);
        assert_eq!(of(given), of(written));
        let urls: Vec<_> = written.tracking_events.iter().map(|one| one.url.as_str()).collect();
        assert_eq!(urls, ["http://ads.test/start?x=1"], "relative to the playlist");
        let Some(AdData::Vast(vast)) = written.ad_data() else { panic!("VAST in every break") };
        assert_eq!(vast.ads.len(), usize::from(written.break_id.as_deref() == Some("pre")));
    }
}

#[tokio::test(start_paused = true)]
async fn errors_of_breaks_stand_with_their_break_and_among_those_of_the_request() {
    let breaks = tag("pre", "start", "/vast?ad=a", "") + &tag("dead", "end", "/nothing", "");
    let result = asked(&playlist(&breaks)).await;
    let of_request: Vec<_> = result.errors.iter().map(|one| (one.break_number, &*one.failure.message)).collect();
    assert_eq!(of_request, [(Some(1), "break `dead`: the server answered with status 404")]);
    let of_break = &self::breaks(&result)[1].answer.as_ref().expect("it was run").errors;
    assert_eq!(of_break.iter().map(|one| one.failure.vast_error_code).collect::<Vec<_>>(), [Some(1008)]);
    let none = asked(&playlist("")).await;
    assert_eq!(
        (none.success, none.sources[0].outcome),
        (false, Outcome::NoAd),
        "a playlist without breaks is no error"
    );
}

const MINUTE: Duration = Duration::from_secs(60);

fn at(offset: TimeOffset) -> ScheduledBreak {
    ScheduledBreak { offset: Some(offset), repeat_after: None, running: Duration::ZERO }
}

/// `number@seconds` of each occurrence.
fn shown(breaks: &[ScheduledBreak], content: Option<Duration>) -> String {
    let one = |Occurrence { number, at, .. }: Occurrence| match at {
        Some(at) => format!("{number}@{}", at.as_secs()),
        None => format!("{number}@?"),
    };
    timeline(breaks, content).into_iter().map(one).collect::<Vec<_>>().join(" ")
}

#[test]
fn r136_breaks_play_in_order_of_time_and_equal_ones_in_document_order() {
    let breaks = [
        at(TimeOffset::End),
        at(TimeOffset::Time(5 * MINUTE)),
        at(TimeOffset::Percent(Percent::whole(50))),
        at(TimeOffset::Position(NonZeroU32::MIN)),
        at(TimeOffset::Start),
        at(TimeOffset::Time(Duration::ZERO)),
        at(TimeOffset::Time(11 * MINUTE)),
        ScheduledBreak { offset: None, ..at(TimeOffset::Start) },
    ];
    assert_eq!(shown(&breaks, Some(10 * MINUTE)), "4@0 5@0 1@300 2@300 0@600 3@?");
    assert_eq!(shown(&breaks, None), "4@0 5@0 1@300 6@660 0@? 2@? 3@?", "the length is not known");
}

#[test]
fn r138_a_break_is_repeated_until_the_content_ends_and_an_earlier_one_wins() {
    let every = |offset, minutes: u32| ScheduledBreak { repeat_after: Some(minutes * MINUTE), ..at(offset) };
    let content = Some(10 * MINUTE);
    assert_eq!(shown(&[every(TimeOffset::Start, 4)], content), "0@0 0@240 0@480");
    assert_eq!(shown(&[every(TimeOffset::Start, 4)], None), "0@0", "without an end there is no last one");
    assert_eq!(shown(&[every(TimeOffset::End, 4)], content), "0@600", "nothing comes after the end");
    let fixed = at(TimeOffset::Time(4 * MINUTE));
    assert_eq!(shown(&[every(TimeOffset::Start, 4), fixed], content), "0@0 1@240 0@480", "the repetition gives way");
    let overlay = ScheduledBreak { running: MINUTE, ..at(TimeOffset::Time(210 * MINUTE / 60)) };
    assert_eq!(shown(&[every(TimeOffset::Start, 4), overlay], content), "0@0 1@210 0@480", "while the overlay plays");
}

#[test]
fn a_break_that_is_repeated_all_the_time_is_bounded() {
    let every = ScheduledBreak { repeat_after: Some(Duration::from_millis(1)), ..at(TimeOffset::Start) };
    assert_eq!(timeline(&[every, every], Some(1_000 * MINUTE)).len(), 10_002);
}
