//! The cost of finding the trackers that are due, compared with only filling in the macros of their URLs.

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use vast_client::track::session::{AdSession, PlayerReport, ReportContext, SessionOptions};
use vast_client::track::{AdEvent, Moment, beacons};
use vast_client::{FetchResult, SourceConfig, VastClient};
use vast_xml::macros::{Context, Macro, Value, Values, expand};
use vast_xml::model::Event;

use crate::effort::{Effort, Failure};
use crate::instructions;
use crate::pipeline::one_thread;
use crate::table::Table;

/// The argument that makes this binary repeat one of the rows.
pub(crate) const ARGUMENT: &str = "--track";

/// How many trackers the ad has.
const TRACKERS: usize = 60;
const TEMPLATE: &str = "https://events.ads.example/event?ad=1&cb=[CACHEBUSTING]&t=[TIMESTAMP]&p=[ADPLAYHEAD]&n=";

/// The rows: the argument, the name, the number of trackers.
const ROWS: [(&str, &str, usize); 4] = [
    ("expand", "floor: macros of 60 URLs filled in", TRACKERS),
    ("all", "beacons, all 60 trackers due", TRACKERS),
    ("some", "beacons, 5 of 60 trackers due", 5),
    ("session", "a play of 30 s, a playhead each second: session and beacons", TRACKERS),
];

pub(crate) fn measure(_effort: Effort) -> Result<Table, Failure> {
    let note = "Instructions (callgrind) of `track::beacons` for an ad with 60 trackers of three macros each, in one document. \
                The floor only fills in the same URLs with `vast_xml::macros::expand`.";
    let columns = &["what", "trackers due", "instructions", "per tracker due", "against the floor's"];
    let mut table = Table::new("Trackers that are due", note, columns);
    let mut floor = None;
    for (name, what, due) in ROWS {
        let Some(count) = instructions::per_unit(ARGUMENT, name)? else {
            table.row([what.into(), due.to_string(), "skipped: valgrind".into(), String::new(), String::new()]);
            continue;
        };
        let each = count / due as f64;
        let floor = *floor.get_or_insert(each);
        let (each, ratio) = (format!("{each:.0}"), format!("{:.2}", each / floor));
        table.row([what.into(), due.to_string(), format!("{count:.0}"), each, ratio]);
    }
    Ok(table)
}

/// Repeats a row. Example of arguments: `all 1000`.
pub(crate) fn repeat(arguments: &[String]) -> Result<(), Failure> {
    let [name, units] = arguments else { return Err("a row and a number".into()) };
    let units: u64 = units.parse()?;
    let (same, mixed) = (answer(|_| "start")?, answer(mixed)?);
    for unit in 0..units {
        match name.as_str() {
            "expand" => fill_in(),
            "all" => due(&same, &AdEvent::Linear(Event::Start), unit)?,
            "some" => due(&mixed, &AdEvent::Linear(Event::Midpoint), unit)?,
            "session" => play(&mixed, unit)?,
            other => return Err(format!("no row {other}").into()),
        }
    }
    Ok(())
}

/// The event of tracker `number`: twelve events of a playback, five trackers each.
fn mixed(number: usize) -> &'static str {
    const EVENTS: [&str; 6] = ["start", "firstQuartile", "midpoint", "thirdQuartile", "complete", "creativeView"];
    // The other half of the trackers are due in the middle of the ad.
    EVENTS.get(number % 12).copied().unwrap_or("progress\" offset=\"00:00:10")
}

fn answer(event: impl Fn(usize) -> &'static str) -> Result<FetchResult, Failure> {
    let tracking = |number| format!("<Tracking event=\"{}\"><![CDATA[{TEMPLATE}{number}]]></Tracking>", event(number));
    let trackers: String = (0..TRACKERS).map(tracking).collect();
    let xml = format!(
        "<VAST version=\"4.2\"><Ad id=\"a\"><InLine><AdSystem>a</AdSystem><AdTitle>t</AdTitle><Creatives><Creative><Linear>
         <Duration>00:00:30</Duration><TrackingEvents>{trackers}</TrackingEvents><MediaFiles>
         <MediaFile type=\"video/mp4\" width=\"1\" height=\"1\" delivery=\"progressive\">https://cdn.example/a.mp4</MediaFile></MediaFiles>
         </Linear></Creative></Creatives></InLine></Ad></VAST>"
    );
    let client = VastClient::new(SourceConfig::inline(xml))?;
    let result = one_thread()?.block_on(client.request_ad());
    if result.success { Ok(result) } else { Err(format!("no ad: {:?}", result.errors).into()) }
}

fn fill_in() {
    let mut viewer = Values::new();
    viewer.set(Macro::ServerSide, Value::text("2"));
    let mut values = Values::over(&Arc::new(viewer));
    values.set_moment(0, "2026-11-22T08:15:07.127+00:00");
    values.set(Macro::AdPlayhead, Value::text("00:00:15.000"));
    for number in 0..TRACKERS {
        values.set_cachebusting(number as u32);
        black_box(expand(black_box(TEMPLATE), Context::Tracking, &values));
    }
}

fn due(result: &FetchResult, event: &AdEvent, seed: u64) -> Result<(), Failure> {
    let candidate = result.ads.first().ok_or("no ad")?;
    let moment = Moment { ad_playhead: Some(Duration::from_secs(15)), ..Moment::new(UNIX_EPOCH, seed) };
    black_box(beacons(black_box(&candidate.ad), event, &moment));
    Ok(())
}

fn play(result: &FetchResult, seed: u64) -> Result<(), Failure> {
    let candidate = result.ads.first().ok_or("no ad")?;
    let mut session = AdSession::new(candidate, &SessionOptions::default(), seed);
    for second in 0..=30 {
        let position = Duration::from_secs(second);
        let now = ReportContext::new(UNIX_EPOCH + position);
        for happened in session.report(&PlayerReport::Playhead(position), &now) {
            black_box(happened.beacons(&candidate.ad));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_trackers_are_due_as_the_rows_say() {
        let count = |result: &FetchResult, event| {
            let candidate = result.ads.first().expect("an ad");
            beacons(&candidate.ad, &AdEvent::Linear(event), &Moment::new(UNIX_EPOCH, 1)).len()
        };
        assert_eq!(count(&answer(|_| "start").expect("an ad"), Event::Start), TRACKERS);
        let mixed = answer(mixed).expect("an ad");
        assert_eq!(count(&mixed, Event::Midpoint), 5);
        let candidate = mixed.ads.first().expect("an ad");
        let mut session = AdSession::new(candidate, &SessionOptions::default(), 1);
        let played = session.report(&PlayerReport::Ended, &ReportContext::new(UNIX_EPOCH));
        let all: usize = played.iter().map(|happened| happened.beacons(&candidate.ad).len()).sum();
        assert_eq!(all, TRACKERS);
    }
}
