//! Tests of sessions: which events follow from which reports.

mod breaks;
mod oracle;
mod start;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use vast_xml::Text;
use vast_xml::model::Event;

use super::*;
use crate::ad::ResolvedAd;
use crate::select::{Candidate, MediaChoice};
use crate::track::{AdEvent, BeaconEvent, NotExecutedReason, PartIndex, ServerSide, Viewability};

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn at(seconds: u64) -> ReportContext {
    ReportContext::new(UNIX_EPOCH + Duration::from_secs(seconds))
}

/// An ad of 20 seconds with `progress` at 5 s, at 25%, at the start, at the end and after the end.
fn ad() -> ResolvedAd {
    let progress =
        |offset: &str| format!("<Tracking event='progress' offset='{offset}'>https://t/p?{offset}</Tracking>");
    let trackers = ["00:00:05", "25%", "00:00:00", "00:00:20", "00:00:21"].map(progress).concat();
    ResolvedAd::of_creatives(&format!(
        "<Creative><Linear skipoffset='00:00:05'><Duration>00:00:20</Duration><TrackingEvents>{trackers}</TrackingEvents>
         <MediaFiles><MediaFile>https://cdn/a.mp4</MediaFile></MediaFiles></Linear></Creative>"
    ))
}

fn candidate(ad: ResolvedAd) -> Candidate {
    Candidate { lane: 0, ad, media: MediaChoice::new(0, [0]) }
}

fn session() -> AdSession {
    session_with(&SessionOptions::default())
}

fn session_with(options: &SessionOptions) -> AdSession {
    AdSession::new(&candidate(ad()), options, 1)
}

/// The names of events: `start`, `progress 25%`.
fn names<'h>(event: impl IntoIterator<Item = &'h SessionEvent>) -> String {
    let name = |event: &SessionEvent| match &event.event {
        AdEvent::Progress(offset) => format!("progress {offset}"),
        AdEvent::Error(code) => format!("error {code}"),
        event => event.beacon_event().map_or_else(String::new, |event| event.as_str().to_owned()),
    };
    event.into_iter().map(name).collect::<Vec<_>>().join(", ")
}

/// Gives the reports to the session, one each second, and compares the events of each.
#[track_caller]
fn check(mut session: AdSession, steps: &[(PlayerReport, &str)]) -> AdSession {
    for (second, (report, expected)) in steps.iter().enumerate() {
        assert_eq!(names(&session.report(report, &at(second as u64))), *expected, "at {second}: {report:?}");
    }
    session
}

const BEGIN: &str = "loaded, impression, creativeView, start, progress 00:00:00";
const QUARTER: &str = "firstQuartile, progress 00:00:05, progress 25%";

/// The names in sorted order, because the order of events at the same position does not matter.
fn sorted(names: &str) -> Vec<&str> {
    let mut names: Vec<_> = names.split(", ").collect();
    names.sort_unstable();
    names
}

#[test]
fn r142_r146_r152_a_whole_play_is_reported_in_order_and_once() {
    let mut session = session();
    let mut reported = Vec::new();
    for second in 0..=20 {
        reported.extend(session.report(&PlayerReport::Playhead(seconds(second)), &at(second)));
    }
    reported.extend(session.report(&PlayerReport::Ended, &at(21)));
    let (begin, rest) = reported.split_at(5);
    assert_eq!(names(begin), BEGIN);
    let (quarter, rest) = rest.split_at(3);
    assert_eq!(sorted(&names(quarter)), sorted(QUARTER));
    assert_eq!(names(rest), "midpoint, thirdQuartile, progress 00:00:20, complete");
    let playheads: Vec<_> = rest.iter().filter_map(|event| event.moment.ad_playhead).collect();
    assert_eq!(playheads, [10, 15, 20, 20].map(seconds));
    assert_eq!(session.stage(), PlaybackStage::Ended);
}

#[test]
fn r143_nothing_but_loaded_is_reported_before_the_first_frame() {
    check(
        session(),
        &[
            (PlayerReport::Loaded, "loaded"),
            (PlayerReport::Loaded, ""),
            (PlayerReport::Muted, ""),
            (PlayerReport::Clicked(None), ""),
            (PlayerReport::Viewability(Viewability::Viewable), ""),
            (PlayerReport::Skipped, ""),
            (PlayerReport::Started, "impression, creativeView, start, progress 00:00:00"),
            (PlayerReport::Started, ""),
        ],
    );
}

#[test]
fn r149_points_between_two_ticks_are_reported_in_order_and_points_jumped_over_are_not() {
    let mut session = session();
    let coarse = session.report(&PlayerReport::Playhead(seconds(12)), &at(0));
    assert_eq!(sorted(&names(&coarse)), sorted(&format!("{BEGIN}, {QUARTER}, midpoint")));
    assert!(coarse.is_sorted_by_key(|event| event.moment.ad_playhead));
    check(
        session,
        &[
            (PlayerReport::Seeked(seconds(16)), ""),
            (PlayerReport::Playhead(seconds(18)), ""),
            (PlayerReport::Ended, ""),
        ],
    );
}

#[test]
fn r146_a_part_that_was_jumped_over_can_be_played_later() {
    check(
        session(),
        &[
            (PlayerReport::Started, BEGIN),
            (PlayerReport::Seeked(seconds(8)), ""),
            (PlayerReport::Playhead(seconds(12)), ""),
            (PlayerReport::Seeked(seconds(0)), "rewind"),
            (PlayerReport::Playhead(seconds(4)), ""),
            (PlayerReport::Playhead(seconds(11)), "firstQuartile, progress 00:00:05, progress 25%, midpoint"),
            (PlayerReport::Seeked(seconds(0)), "rewind"),
            (PlayerReport::Playhead(seconds(15)), "thirdQuartile"),
        ],
    );
}

#[test]
fn r147_r148_an_offset_behind_the_end_is_never_reached() {
    let mut session = session();
    let reported = session.report(&PlayerReport::Playhead(seconds(60)), &at(0));
    assert!(!names(&reported).contains("00:00:21"), "{reported:?}");
    assert_eq!(names(&session.report(&PlayerReport::Ended, &at(1))), "");
}

#[test]
fn r150_nothing_of_the_time_is_reported_after_a_skip() {
    let session = check(
        session(),
        &[
            (PlayerReport::Started, BEGIN),
            (PlayerReport::Skipped, "skip"),
            (PlayerReport::Playhead(seconds(20)), ""),
            (PlayerReport::Ended, ""),
            (PlayerReport::Muted, ""),
            (PlayerReport::Skipped, ""),
        ],
    );
    assert_eq!(session.stage(), PlaybackStage::Skipped);
}

#[test]
fn r151_dismissing_an_end_card_closes_the_ad_once() {
    let ended = [(PlayerReport::Ended, "")];
    for way in [PlayerReport::Ended, PlayerReport::Skipped] {
        let mut session = session();
        session.report(&PlayerReport::Started, &at(0));
        session.report(&way, &at(1));
        check(session, &[(PlayerReport::Closed, "closeLinear"), (PlayerReport::Closed, ""), ended[0].clone()]);
    }
}

#[test]
fn r152_an_ad_that_is_not_used_is_reported_and_nothing_else() {
    let steps = [
        (PlayerReport::Loaded, "loaded"),
        (PlayerReport::NotUsed, "notUsed"),
        (PlayerReport::NotUsed, ""),
        (PlayerReport::Started, ""),
        (PlayerReport::Failed(400), ""),
        (PlayerReport::Closed, ""),
    ];
    assert_eq!(check(session(), &steps).stage(), PlaybackStage::NotUsed);
    check(session(), &[(PlayerReport::Started, BEGIN), (PlayerReport::NotUsed, "")]);
}

#[test]
fn r153_actions_of_the_viewer_are_reported_at_each_change() {
    check(
        session(),
        &[
            (PlayerReport::Started, BEGIN),
            (PlayerReport::Muted, "mute"),
            (PlayerReport::Muted, ""),
            (PlayerReport::Unmuted, "unmute"),
            (PlayerReport::Muted, "mute"),
            (PlayerReport::Resumed, ""),
            (PlayerReport::Paused, "pause"),
            (PlayerReport::Paused, ""),
            (PlayerReport::Resumed, "resume"),
            (PlayerReport::PlayerExpanded, "playerExpand"),
            (PlayerReport::PlayerCollapsed, "playerCollapse"),
            (PlayerReport::Event(Event::AcceptInvitation), "acceptInvitation"),
            (PlayerReport::Event(Event::AcceptInvitation), "acceptInvitation"),
            (PlayerReport::Event(Event::InteractiveStart), "interactiveStart"),
            (PlayerReport::Event(Event::InteractiveStart), ""),
            (PlayerReport::Event(Event::Complete), ""),
        ],
    );
}

#[test]
fn r146_paused_time_does_not_count_as_played() {
    check(
        session(),
        &[
            (PlayerReport::Started, BEGIN),
            (PlayerReport::Paused, "pause"),
            (PlayerReport::Playhead(seconds(11)), ""),
            (PlayerReport::Resumed, "resume"),
            (PlayerReport::Playhead(seconds(16)), ""),
        ],
    );
}

#[test]
fn r149_a_playhead_ahead_of_the_clock_is_a_jump_if_the_host_sets_a_tolerance() {
    let options = SessionOptions { seek_tolerance: Some(seconds(2)), ..SessionOptions::default() };
    let mut session = session_with(&options);
    let mut reported =
        |second, position| names(&session.report(&PlayerReport::Playhead(seconds(position)), &at(second)));
    assert_eq!(reported(0, 0), BEGIN);
    assert_eq!(reported(3, 4), "", "a second ahead");
    assert_eq!(reported(4, 12), "", "seven seconds ahead");
    assert_eq!(reported(8, 16), "", "the quarter was not played");
}

#[test]
fn the_length_of_the_media_overrides_that_of_the_document() {
    let mut session = session();
    session.report(&PlayerReport::MediaDuration(seconds(40)), &at(0));
    assert_eq!(
        sorted(&names(&session.report(&PlayerReport::Playhead(seconds(9)), &at(1)))),
        sorted(&format!("{BEGIN}, progress 00:00:05"))
    );
    let reported = session.report(&PlayerReport::Playhead(seconds(10)), &at(2));
    assert_eq!(sorted(&names(&reported)), ["firstQuartile", "progress 25%"]);
}

#[test]
fn an_ad_of_unknown_length_has_no_quartiles_and_an_end() {
    let ad = ResolvedAd::of_creatives("<Creative><Linear><MediaFiles/></Linear></Creative>");
    let mut session = AdSession::linear(&ad, 0, &SessionOptions::default(), 1);
    let reported = session.report(&PlayerReport::Playhead(seconds(30)), &at(0));
    assert_eq!(names(&reported), "loaded, impression, creativeView, start");
    assert_eq!(names(&session.report(&PlayerReport::Ended, &at(1))), "complete");
}

#[test]
fn r154_r155_clicks_are_reported_each_time_with_their_place() {
    let mut session = session();
    session.report(&PlayerReport::Started, &at(0));
    for _ in 0..2 {
        let reported = session.report(&PlayerReport::Clicked(Some((3, 4))), &at(1));
        assert_eq!((names(&reported).as_str(), reported[0].moment.click_position), ("click", Some((3, 4))));
    }
    let reported = session.report(&PlayerReport::CustomClicked(Some(Text::from("b"))), &at(2));
    assert_eq!(reported[0].event, AdEvent::CustomClick(Some(Text::from("b"))));
}

/// An ad with an icon that is shown from 5 s, a wrapper icon of the same program, a wrapper icon of another program, two
/// companions, and a verification on each level.
fn furnished() -> ResolvedAd {
    let furniture = |icons: &str| {
        format!(
            "<AdVerifications><Verification vendor='v'/></AdVerifications><Creatives><Creative><Linear><Duration>00:00:20</Duration>
             <Icons>{icons}</Icons></Linear></Creative><Creative><CompanionAds><Companion><StaticResource>https://c/1</StaticResource>
             </Companion><Companion/></CompanionAds></Creative></Creatives>"
        )
    };
    let own = furniture("<Icon program='a' offset='00:00:05' duration='00:00:05'/>");
    let above = furniture("<Icon program='a'/><Icon program='b'/>");
    let own = format!("<VAST><Ad><InLine>{own}</InLine></Ad></VAST>");
    let above = format!("<VAST><Ad><Wrapper><VASTAdTagURI>https://next</VASTAdTagURI>{above}</Wrapper></Ad></VAST>");
    ResolvedAd::read(1, &own, &[&above])
}

fn place(hop: u32, creative: usize, item: usize) -> PartIndex {
    PartIndex { hop, creative, item }
}

#[test]
fn r157_icons_are_due_from_their_offset_on_one_per_program_and_reported_once() {
    let options = SessionOptions { verifications: VerificationRunner::Host, ..SessionOptions::default() };
    let mut session = AdSession::linear(&furnished(), 0, &options, 1);
    let (own, other) = (place(1, 0, 0), place(0, 0, 1));
    let due = |session: &AdSession| session.icons().into_iter().map(|icon| icon.place).collect::<Vec<_>>();
    assert_eq!(due(&session), []);
    session.report(&PlayerReport::Started, &at(0));
    assert_eq!(due(&session), [other]);
    assert_eq!(names(&session.report(&PlayerReport::IconShown(own), &at(1))), "", "not before its offset");
    session.report(&PlayerReport::Playhead(seconds(6)), &at(6));
    assert_eq!(due(&session), [own, other]);
    check(
        session.clone(),
        &[
            (PlayerReport::IconClicked(own), ""),
            (PlayerReport::IconShown(own), "iconView"),
            (PlayerReport::IconShown(own), ""),
            (PlayerReport::IconClicked(own), "iconClick"),
            (PlayerReport::IconClicked(own), "iconClick"),
            (PlayerReport::IconShown(place(0, 0, 0)), ""),
        ],
    );
    session.report(&PlayerReport::Playhead(seconds(10)), &at(10));
    assert_eq!(due(&session), [other]);
}

#[test]
fn r156_a_companion_is_reported_once_shown_and_each_time_clicked_after_the_ad_too() {
    let options = SessionOptions { verifications: VerificationRunner::Host, ..SessionOptions::default() };
    let mut session = AdSession::linear(&furnished(), 0, &options, 1);
    let (own, above) = (place(1, 1, 0), place(0, 1, 0));
    assert_eq!(names(&session.report(&PlayerReport::CompanionShown(own), &at(0))), "", "nothing was shown yet");
    session.report(&PlayerReport::Ended, &at(1));
    check(
        session,
        &[
            (PlayerReport::CompanionClicked(own), ""),
            (PlayerReport::CompanionShown(own), "creativeView"),
            (PlayerReport::CompanionShown(own), ""),
            (PlayerReport::CompanionClicked(own), "companionClick"),
            (PlayerReport::CompanionClicked(own), "companionClick"),
            (PlayerReport::CompanionShown(above), "creativeView"),
            (PlayerReport::CompanionShown(place(1, 1, 1)), ""),
        ],
    );
}

#[test]
fn r158_only_the_first_viewability_report_is_used_and_none_is_assumed() {
    let mut session = session();
    let reported = session.report(&PlayerReport::Ended, &at(0));
    assert!(!names(&reported).contains("iew") || names(&reported).contains("creativeView"), "{}", names(&reported));
    check(
        session,
        &[
            (PlayerReport::Viewability(Viewability::NotViewable), "notViewable"),
            (PlayerReport::Viewability(Viewability::Viewable), ""),
        ],
    );
}

#[test]
fn r159_every_verification_that_is_not_run_is_reported_once() {
    let mut session = AdSession::linear(&furnished(), 0, &SessionOptions::default(), 1);
    let reported = session.report(&PlayerReport::Started, &at(0));
    let verifications: Vec<_> = reported
        .iter()
        .filter_map(|event| match event.event {
            AdEvent::VerificationNotExecuted(place, reason) => Some((place, reason)),
            _ => None,
        })
        .collect();
    let expected =
        [(place(0, 0, 0), NotExecutedReason::NotSupported), (place(1, 0, 0), NotExecutedReason::NotSupported)];
    assert_eq!(verifications, expected);

    let options = SessionOptions { verifications: VerificationRunner::Host, ..SessionOptions::default() };
    let failed = PlayerReport::VerificationNotExecuted(place(0, 0, 0), NotExecutedReason::NotLoaded);
    check(
        AdSession::linear(&furnished(), 0, &options, 1),
        &[
            (failed.clone(), "verificationNotExecuted"),
            (failed, ""),
            (PlayerReport::VerificationNotExecuted(place(0, 0, 7), NotExecutedReason::NotLoaded), ""),
            (PlayerReport::Started, "loaded, impression, creativeView, start"),
        ],
    );
}

#[test]
fn r160_events_that_another_party_reports_are_not_reported() {
    let handed_over = ["impression", "start", "progress", "complete"].map(BeaconEvent::from_name).to_vec();
    let options = SessionOptions { handed_over, ..SessionOptions::default() };
    check(
        session_with(&options),
        &[
            (PlayerReport::Started, "loaded, creativeView"),
            (PlayerReport::Playhead(seconds(6)), "firstQuartile"),
            (PlayerReport::Ended, "midpoint, thirdQuartile"),
        ],
    );
}

#[test]
fn r163_a_failed_ad_is_reported_its_code_and_keeps_its_impression() {
    check(
        session(),
        &[
            (PlayerReport::Impaired(409), "error 409"),
            (PlayerReport::Started, BEGIN),
            (PlayerReport::Impaired(603), "error 603"),
            (PlayerReport::Failed(AdEvent::UNDEFINED_ERROR), "error 900"),
            (PlayerReport::Failed(400), ""),
            (PlayerReport::Playhead(seconds(20)), ""),
        ],
    );
    check(session(), &[(PlayerReport::Failed(401), "error 401"), (PlayerReport::Started, "")]);
}

#[test]
fn r116_the_skip_control_is_offered_from_the_offset_on() {
    let mut session = session();
    assert_eq!((session.skip_from(), session.can_skip()), (Some(seconds(5)), false));
    for (position, can_skip) in [(0, false), (4, false), (5, true), (6, true)] {
        session.report(&PlayerReport::Playhead(seconds(position)), &at(position));
        assert_eq!(session.can_skip(), can_skip, "{position}");
    }
    session.report(&PlayerReport::Ended, &at(20));
    assert!(!session.can_skip());
}

#[test]
fn r169_r170_the_moment_of_an_event_has_the_caller_and_the_position() {
    for (server_side, code) in [(ServerSide::Player, "0"), (ServerSide::Client, "1"), (ServerSide::Server, "2")] {
        let ad = ResolvedAd::read(
            0,
            "<VAST><Ad><InLine><Impression>https://t/?s=[SERVERSIDE]&amp;p=[CONTENTPLAYHEAD]&amp;a=[ASSETURI]&amp;m=[PLAYERSTATE]</Impression>
             <Creatives><Creative><Linear><MediaFiles><MediaFile>https://c</MediaFile></MediaFiles></Linear></Creative></Creatives></InLine></Ad></VAST>",
            &[],
        );
        let candidate = candidate(ad);
        let mut session = AdSession::new(&candidate, &SessionOptions { server_side, ..SessionOptions::default() }, 1);
        let macros = vec![("PLAYERSTATE".to_owned(), "muted".to_owned())];
        let now = ReportContext {
            content_playhead: Some(seconds(600)),
            macros,
            ..ReportContext::new(SystemTime::UNIX_EPOCH)
        };
        let reported = session.report(&PlayerReport::Started, &now);
        let urls: Vec<_> =
            reported.iter().flat_map(|event| event.beacons(&candidate.ad)).map(|beacon| beacon.url).collect();
        assert_eq!(urls, [format!("https://t/?s={code}&p=00%3A10%3A00.000&a=https%3A%2F%2Fc&m=muted")]);
    }
}

#[test]
fn a_non_linear_with_a_duration_has_quartiles_and_an_end() {
    let ads = |inside: &str| {
        ResolvedAd::of_creatives(&format!(
            "<Creative><NonLinearAds><NonLinear><StaticResource>https://c</StaticResource>{inside}</NonLinear></NonLinearAds></Creative>"
        ))
    };
    let overlay = |inside| AdSession::non_linear(&ads(inside), 0, 0, &SessionOptions::default(), 1);
    let steps = [
        (PlayerReport::Started, "impression, creativeView"),
        (PlayerReport::Event(Event::Minimize), "minimize"),
        (PlayerReport::Clicked(None), "nonLinearClick"),
        (PlayerReport::CustomClicked(None), "nonLinearCustomClick"),
        (PlayerReport::Closed, "close"),
    ];
    check(overlay(""), &steps);
    let steps = [
        (PlayerReport::Started, "impression, creativeView, start"),
        (PlayerReport::Playhead(seconds(5)), "firstQuartile, midpoint"),
        (PlayerReport::Abandoned, ""),
        (PlayerReport::Playhead(seconds(10)), ""),
    ];
    check(overlay("<Duration>00:00:10</Duration>"), &steps);
}
