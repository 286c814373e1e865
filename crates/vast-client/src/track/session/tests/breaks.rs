//! Tests of breaks: several ads, one after the other.

use std::sync::Arc;

use super::*;
use crate::ad::SourceTree;
use crate::track::Beacon;

/// An ad of this duration in seconds, in the source tree with the transaction id `tree`.
fn ad_of(seconds: u64, tree: &str, sequence: u32) -> Candidate {
    let xml = format!(
        "<VAST><Ad sequence='{sequence}'><InLine><Impression>https://t/[ADCOUNT]-[PODSEQUENCE]</Impression>
         <Error>https://e/[ERRORCODE]</Error><Creatives><Creative><Linear><Duration>00:00:{seconds}</Duration></Linear></Creative>
         </Creatives></InLine></Ad></VAST>"
    );
    let mut ad = ResolvedAd::read(0, &xml, &[]);
    ad.tree = Arc::new(SourceTree { transaction_id: tree.into(), ..SourceTree::clone(&ad.tree) });
    candidate(ad)
}

fn three() -> Vec<Candidate> {
    vec![ad_of(10, "one", 1), ad_of(10, "other", 1), ad_of(20, "one", 2)]
}

fn session_of(ads: &[Candidate]) -> BreakSession {
    BreakSession::new(ads, &SessionOptions::default(), 1)
}

/// The events as `AD: EVENT`, for example `0: impression`, without the events that these tests do not check.
fn reported(event: &[BreakEvent]) -> String {
    let name = |in_break: &BreakEvent| format!("{}: {}", in_break.ad, names([&in_break.event]));
    let noise = ["loaded", "creativeView", "start"];
    let all = event.iter().map(name).filter(|name| !noise.iter().any(|noise| name.ends_with(noise)));
    all.collect::<Vec<_>>().join(", ")
}

#[test]
fn r161_a_stream_without_a_player_moves_through_the_ads_of_a_break() {
    let ads = three();
    let mut session = session_of(&ads);
    let mut at_position = |second: u64| reported(&session.playhead(seconds(second), &at(second)));
    assert_eq!(at_position(0), "0: impression");
    assert_eq!(at_position(6), "0: firstQuartile, 0: midpoint");
    assert_eq!(at_position(10), "0: thirdQuartile, 0: complete, 1: impression");
    // One segment contains the rest of the second ad and the start of the third ad.
    let rest = "1: firstQuartile, 1: midpoint, 1: thirdQuartile, 1: complete, 2: impression, 2: firstQuartile";
    assert_eq!(at_position(25), rest);
    assert_eq!(at_position(40), "2: midpoint, 2: thirdQuartile, 2: complete");
    assert_eq!(at_position(41), "");
    assert_eq!(session.current(), 3);
}

#[test]
fn ads_that_are_jumped_over_have_no_events() {
    let mut session = session_of(&three());
    session.playhead(seconds(1), &at(1));
    assert_eq!(reported(&session.seek(seconds(22), &at(2))), "");
    assert_eq!(reported(&session.playhead(seconds(30), &at(3))), "2: impression");
    assert_eq!(session.ad(1).map(AdSession::stage), Some(PlaybackStage::Waiting));
}

#[test]
fn ads_that_a_shortened_break_leaves_out_are_reported() {
    let mut session = session_of(&three());
    session.playhead(seconds(12), &at(12));
    assert_eq!(reported(&session.finish(&at(13))), "2: error 206");
    assert_eq!(reported(&session.finish(&at(14))), "");
    let stages: Vec<_> = (0..3).filter_map(|ad| session.ad(ad)).map(AdSession::stage).collect();
    assert_eq!(stages, [PlaybackStage::Ended, PlaybackStage::Abandoned, PlaybackStage::Failed]);
}

#[test]
fn r171_ads_are_counted_over_their_tree_as_they_begin() {
    let ads = three();
    let mut session = session_of(&ads);
    let mut impressions = Vec::new();
    // The second ad of the pod fails before it starts, so the third ad is the second one that is played.
    for (ad, report) in [(0, PlayerReport::Started), (1, PlayerReport::Failed(405)), (2, PlayerReport::Started)] {
        let event = session.report(ad, &report, &at(0));
        impressions.extend(event.iter().flat_map(|event| event.beacons(&ads)).map(|beacon: Beacon| beacon.url));
    }
    assert_eq!(impressions, ["https://t/1-1", "https://e/405", "https://t/2-2"]);
}

#[test]
fn reports_of_a_player_concern_the_ad_that_they_name() {
    let mut session = session_of(&three());
    assert_eq!(reported(&session.report(1, &PlayerReport::Started, &at(0))), "1: impression");
    assert_eq!(reported(&session.report(1, &PlayerReport::Skipped, &at(1))), "1: skip");
    assert_eq!(reported(&session.report(2, &PlayerReport::Started, &at(2))), "2: impression");
    assert_eq!(reported(&session.report(7, &PlayerReport::Started, &at(3))), "");
}

#[test]
fn no_two_moments_of_a_break_have_the_same_random_numbers() {
    let mut session = session_of(&three());
    let event = session.playhead(seconds(40), &at(40));
    let mut seeds: Vec<_> = event.iter().map(|event| event.event.moment.seed).collect();
    let all = seeds.len();
    seeds.sort_unstable();
    seeds.dedup();
    assert_eq!((seeds.len(), all), (all, 24));
}
