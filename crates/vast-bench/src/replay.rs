//! The cost of replaying a recording, and of reading it from its file.

use tokio::time::Instant;
use vast_client::recording::{Recorder, RecorderSettings, Recording, RecordingReader, to_bytes};
use vast_client::replay::{Replayer, recorded_config};
use vast_client::{FetchConfig, FetchMode, VastClient};

use crate::clock::cpu_time;
use crate::effort::{Effort, Failure};
use crate::instructions;
use crate::opponent::{Opponent, Thinks};
use crate::pipeline::one_thread;
use crate::table::Table;
use crate::units::{Cost, Spread};

/// The argument that makes this binary replay a recording a number of times.
pub(crate) const ARGUMENT: &str = "--replay";
/// The sources of the race.
const SOURCES: usize = 3;
/// The wrappers of the chain.
const WRAPPERS: usize = 5;

/// A recorded request.
#[derive(Clone, Copy)]
struct Case {
    name: &'static str,
    config: fn(&Opponent) -> FetchConfig,
}

const CASES: [Case; 3] = [
    Case { name: "one source", config: |opponent| FetchConfig::new([opponent.url()]) },
    Case {
        name: "race of 3",
        config: |opponent| FetchConfig::new(opponent.urls().iter().map(String::as_str)).with_mode(FetchMode::Race),
    },
    Case { name: "chain of 5 wrappers", config: |opponent| FetchConfig::new([&*opponent.chain(WRAPPERS)]) },
];

/// What is done with a recording.
type Step = fn(&mut Replayer, &Recording, &[u8]) -> Result<(), Failure>;

/// The steps, in the order of their columns.
const STEPS: [Step; 3] = [read, exact, what_if];

fn read(_: &mut Replayer, _: &Recording, file: &[u8]) -> Result<(), Failure> {
    let read = RecordingReader::new(file).next().ok_or("the file is empty")?;
    read.map(drop).map_err(|error| error.to_string().into())
}

fn exact(replayer: &mut Replayer, recording: &Recording, _: &[u8]) -> Result<(), Failure> {
    let replay = replayer.exact(recording)?;
    match replay.differences.first() {
        None => Ok(()),
        Some(difference) => Err(format!("the replay differs: {difference}").into()),
    }
}

fn what_if(replayer: &mut Replayer, recording: &Recording, _: &[u8]) -> Result<(), Failure> {
    let what_if = replayer.what_if(recording, recorded_config(recording)?)?;
    if what_if.is_undecidable { Err("the recording has not all answers".into()) } else { Ok(()) }
}

pub(crate) fn measure(effort: Effort) -> Result<Table, Failure> {
    let note = "CPU time of one thread per recording: reading its file, replaying it exactly, and answering it with its own \
                configuration. `per second` counts reading and the exact replay together. Goal: 1,000 recordings per second.";
    let columns = &["recorded", "read, us", "exact, us", "what-if, us", "instructions (exact)", "per second", "bytes"];
    let mut table = Table::new("Replay", note, columns);
    for case in CASES {
        let recording = record(case)?;
        let file = to_bytes(&recording);
        let mut replayer = Replayer::new()?;
        let mut micros = Vec::new();
        for step in STEPS {
            micros.push(median(effort, || step(&mut replayer, &recording, &file))?);
        }
        let count = instructions::per_unit(ARGUMENT, case.name)?;
        let count = count.map_or_else(|| "skipped: valgrind".to_owned(), |count| format!("{count:.0}"));
        let per_second = 1e6 / (micros[0] + micros[1]);
        let micros = micros.iter().map(|micros| format!("{micros:.0}"));
        let rest = [count, format!("{per_second:.0}"), file.len().to_string()];
        table.row([case.name.to_owned()].into_iter().chain(micros).chain(rest));
    }
    Ok(table)
}

/// The CPU time of `work` in microseconds: the median of all rounds but the first.
fn median(effort: Effort, mut work: impl FnMut() -> Result<(), Failure>) -> Result<f64, Failure> {
    let mut rounds = Vec::new();
    for _ in 0..=effort.rounds {
        let (began, before) = (Instant::now(), cpu_time());
        let mut units = 0;
        while began.elapsed() < effort.round {
            work()?;
            units += 1;
        }
        rounds.push(Cost { cpu: cpu_time().saturating_sub(before), units });
    }
    Ok(Spread::of(rounds.split_off(1).into_iter().map(Cost::micros)).median)
}

/// Replays a recording exactly a number of times. Example of arguments: `"one source" 1000`.
pub(crate) fn repeat(arguments: &[String]) -> Result<(), Failure> {
    let [name, units] = arguments else { return Err("a recording and a number".into()) };
    let case = CASES.into_iter().find(|case| case.name == name).ok_or_else(|| format!("no recording {name}"))?;
    let (recording, mut replayer) = (record(case)?, Replayer::new()?);
    (0..units.parse::<u64>()?).try_for_each(|_| exact(&mut replayer, &recording, &[]))
}

/// Requests an ad and records it.
fn record(case: Case) -> Result<Recording, Failure> {
    let opponent = Opponent::start(&[Thinks::NOT; SOURCES])?;
    let recorder = Recorder::in_memory(1, RecorderSettings::default());
    let client = VastClient::builder().recorder(recorder.clone()).build((case.config)(&opponent))?;
    let result = one_thread()?.block_on(async {
        let result = client.request_ad().await;
        client.shutdown(crate::pipeline::PATIENCE).await;
        result
    });
    Ok(recorder.recording_of(&result).ok_or("the request was not recorded")?)
}
