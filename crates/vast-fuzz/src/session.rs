//! The events of playback.

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use fastrand::Rng;
use vast_client::request::Slot;
use vast_client::select::Candidate;
use vast_client::track::AdEvent;
use vast_client::track::session::{AdSession, PlayerReport, ReportContext, SessionOptions};
use vast_client::xml::model::Event;

/// The number of reports of a player.
const REPORTS: usize = 60;

/// Whatever a player reports, in any order: the impression and each quarter of an ad is due once at most, and the trackers of each event can
/// be listed.
///
/// # Panics
/// If that does not hold.
pub fn session(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let Some(candidate) = Candidate::from_document(0, &text, &Slot::default()) else { return };
    let mut rng =
        Rng::with_seed(data.iter().fold(7, |seed: u64, byte| seed.wrapping_mul(31).wrapping_add((*byte).into())));
    let mut session = AdSession::new(&candidate, &SessionOptions::default(), rng.u64(..));
    let mut due: HashMap<AdEvent, usize> = HashMap::new();
    let mut at = SystemTime::UNIX_EPOCH;
    for _ in 0..REPORTS {
        at += Duration::from_millis(rng.u64(..4_000));
        let report = report(&mut rng);
        for event in session.report(&report, &ReportContext::new(at)) {
            assert!(event.beacons(&candidate.ad).len() <= 4_000);
            *due.entry(event.event).or_default() += 1;
        }
    }
    let quarters = [Event::Start, Event::FirstQuartile, Event::Midpoint, Event::ThirdQuartile, Event::Complete];
    for event in quarters.map(AdEvent::Linear).into_iter().chain([AdEvent::Impression]) {
        let count = due.get(&event).copied().unwrap_or_default();
        assert!(count <= 1, "{event:?} is due {count} times");
    }
}

fn report(rng: &mut Rng) -> PlayerReport {
    let time = Duration::from_millis(if rng.u8(..8) == 0 { rng.u64(..) } else { rng.u64(..40_000) });
    match rng.u8(..20) {
        0 => PlayerReport::Loaded,
        1 => PlayerReport::Started,
        2 => PlayerReport::Paused,
        3 => PlayerReport::Resumed,
        4 => PlayerReport::Muted,
        5 => PlayerReport::Unmuted,
        6 => PlayerReport::Skipped,
        7 => PlayerReport::Ended,
        8 => PlayerReport::Closed,
        9 => PlayerReport::Seeked(time),
        10 => PlayerReport::MediaDuration(time),
        11 => PlayerReport::Failed(rng.u16(..)),
        12 => PlayerReport::Clicked(None),
        13 => PlayerReport::Event(Event::Start),
        14 => PlayerReport::NotUsed,
        _ => PlayerReport::Playhead(time),
    }
}
