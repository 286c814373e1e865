//! The cost of recording requests, against the same requests without a recorder.

use std::time::Duration;

use vast_client::recording::{DirectoryLimits, Recorder, RecorderSettings, RecorderStats, RecordingReason};
use vast_client::{FetchConfig, VastClient};

use crate::clock::cpu_time;
use crate::document;
use crate::effort::{Effort, Failure};
use crate::load::{Amount, keep_busy, repeat_in_flight};
use crate::opponent::{Opponent, Thinks};
use crate::pipeline::{Pipeline, one_thread};
use crate::table::Table;
use crate::units::{Cost, Spread};

/// How many requests are under way.
const IN_FLIGHT: usize = 16;
/// How many recordings are kept in memory, like the pages of the last requests of a service.
const KEPT: usize = 100;
/// How many recordings the folder has at most. It is full before the measured rounds.
const FILES: usize = 100;
/// How long a round waits for the thread that writes.
const WRITE: Duration = Duration::from_secs(60);

/// A way to record.
#[derive(Clone, Copy)]
struct Case {
    name: &'static str,
    recorder: fn(&std::path::Path) -> std::io::Result<Recorder>,
}

const CASES: [Case; 4] = [
    Case {
        name: "nothing is kept: `always = [\"no_ad\"]`",
        recorder: |_| {
            let settings = RecorderSettings::default().with_sample(0.0).with_always(vec![RecordingReason::NoAd]);
            Ok(Recorder::in_memory(KEPT, settings))
        },
    },
    Case { name: "in memory, the last 100", recorder: |_| Ok(Recorder::in_memory(KEPT, RecorderSettings::default())) },
    Case {
        name: "a folder, every hundredth",
        recorder: |path| Recorder::to_directory(path, limits(), RecorderSettings::default().with_sample(0.01)),
    },
    Case {
        name: "a folder, every request",
        recorder: |path| Recorder::to_directory(path, limits(), RecorderSettings::default()),
    },
];

fn limits() -> DirectoryLimits {
    DirectoryLimits { max_files: FILES, ..DirectoryLimits::default() }
}

/// The cost of a round without and with the recorder.
struct Round {
    off: Cost,
    on: Cost,
    /// The number of recordings that were made.
    recorded: u64,
}

pub(crate) fn measure(effort: Effort) -> Result<Table, Failure> {
    let note = format!(
        "CPU time of `request_ad` with one source and a body of {} bytes, with a recorder against without one; {IN_FLIGHT} in \
         flight. The time of the thread that writes is included, until all recordings are written. Goal: at most 1.15.",
        document::one_ad().len()
    );
    let columns =
        &["recorder", "off, us", "on, us", "on / off", "us per recording", "bytes per recording", "lost, percent"];
    let mut table = Table::new("Recording", note, columns);
    let opponent = Opponent::start(&[Thinks::NOT])?;
    let folder = std::env::temp_dir().join(format!("vast-bench-{}", std::process::id()));
    for case in CASES {
        let recorder = (case.recorder)(&folder)?;
        let rounds = one_thread()?.block_on(rounds(&opponent, &recorder, effort))?;
        let median = |side: fn(&Round) -> Cost| Spread::of(rounds.iter().map(|round| side(round).micros())).median;
        let ratio = Spread::of(rounds.iter().map(|round| round.on.micros() / round.off.micros())).to_string();
        let (off, on) = (format!("{:.1}", median(|round| round.off)), format!("{:.1}", median(|round| round.on)));
        let RecorderStats { kept, written, bytes, overrun, .. } = recorder.stats();
        let extra: f64 =
            rounds.iter().map(|round| (round.on.micros() - round.off.micros()) * round.on.units as f64).sum();
        let recorded: u64 = rounds.iter().map(|round| round.recorded).sum();
        let extra = if recorded == 0 { String::new() } else { format!("{:.0}", extra / recorded as f64) };
        let size = bytes.checked_div(written).map_or_else(String::new, |size| size.to_string());
        let lost = format!("{:.1}", overrun as f64 * 100.0 / kept.max(1) as f64);
        table.row([case.name.into(), off, on, ratio, extra, size, lost]);
    }
    drop(std::fs::remove_dir_all(&folder));
    Ok(table)
}

/// Both sides in turns; the first turn opens the connections and does not count.
async fn rounds(opponent: &Opponent, recorder: &Recorder, effort: Effort) -> Result<Vec<Round>, Failure> {
    let config = || FetchConfig::new([opponent.url()]);
    let off = Pipeline(VastClient::from_config(config())?);
    let on = Pipeline(VastClient::builder().recorder(recorder.clone()).build(config())?);
    let amount = Amount::Time(effort.round);
    let mut rounds = Vec::new();
    for _ in 0..=effort.rounds {
        let off = keep_busy(&off, IN_FLIGHT, amount).await?;
        let made = recordings(recorder);
        let before = cpu_time();
        let units = repeat_in_flight(&on, IN_FLIGHT, amount).await?;
        recorder.flush(WRITE).await;
        let on = Cost { cpu: cpu_time().saturating_sub(before), units };
        rounds.push(Round { off, on, recorded: recordings(recorder) - made });
    }
    Ok(rounds.split_off(1))
}

/// The number of recordings so far: those in files, or those that are kept in memory.
fn recordings(recorder: &Recorder) -> u64 {
    let RecorderStats { kept, written, bytes, .. } = recorder.stats();
    if bytes == 0 { kept } else { written }
}
