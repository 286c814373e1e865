//! The outbox on disk compared with the bare store, and the cost of the dispatcher compared with bare exchanges.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::Instant;
use vast_client::track::DeliverySettings;
use vast_client::track::outbox::{DiskOutbox, Outbox, Quota};
use vast_client::{FetchConfig, SourceConfig, VastClient};

use crate::bare::Bare;
use crate::beacon::{NOW, TOGETHER, TRACKER, bare_rows, record, settle};
use crate::clock::cpu_time;
use crate::document;
use crate::effort::{Effort, Failure};
use crate::load::{Amount, keep_busy};
use crate::opponent::{Opponent, Thinks};
use crate::pipeline::one_thread;
use crate::table::Table;
use crate::units::{Spread, percentile};

/// The number of beacons in one round.
const BEACONS: u64 = 32_000;
/// The number of beacons in the measurement of memory.
const WAITING: u64 = 200_000;

pub(crate) fn measure(effort: Effort) -> Result<Table, Failure> {
    let note = "Pairs are beacons that were put, claimed and settled, each of 64 writers one at a time, beside a bare redb table that \
                adds and removes 64 rows of the same size in each commit. CPU of the dispatcher is that of put, claim, call and settle in \
                memory, beside the bare loop of the same HTTP client; both with 16 under way.";
    let columns = &["what", "floor", "ours", "ratio, median (least to most)", "goal"];
    let mut table = Table::new("The outbox", note, columns);
    pairs(effort, &mut table)?;
    dispatcher(effort, &mut table)?;
    memory(effort, &mut table)?;
    Ok(table)
}

/// The result of one round.
struct Round {
    /// Pairs per second.
    rate: f64,
    /// The median of a commit or put, in milliseconds.
    median: f64,
}

fn pairs(effort: Effort, table: &mut Table) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let beacons = BEACONS / effort.divisor;
    let (mut bare, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..effort.rounds.min(5) {
        let folder = tempfile::tempdir()?;
        bare.push(bare_pairs(&folder.path().join("bare"), beacons)?);
        ours.push(runtime.block_on(our_pairs(&folder.path().join("ours"), beacons))?);
    }
    let of = |rounds: &[Round], value: fn(&Round) -> f64| Spread::of(rounds.iter().map(value)).median;
    let ratio = Spread::of(bare.iter().zip(&ours).map(|(bare, ours)| ours.rate / bare.rate));
    let (bare_rate, our_rate) = (of(&bare, |round| round.rate), of(&ours, |round| round.rate));
    table.row([
        "pairs per second, 64 writers".into(),
        format!("{bare_rate:.0}"),
        format!("{our_rate:.0}"),
        ratio.to_string(),
        "at least 0.4".into(),
    ]);
    let (commit, put) = (of(&bare, |round| round.median), of(&ours, |round| round.median));
    table.row([
        "median of a commit, of a put (ms)".into(),
        format!("{commit:.2}"),
        format!("{put:.2}"),
        format!("{:.2} ms more", put - commit),
        "under 2 ms more".into(),
    ]);
    Ok(())
}

fn bare_pairs(path: &Path, beacons: u64) -> Result<Round, Failure> {
    let (mut commits, began) = (Vec::new(), Instant::now());
    bare_rows(path, beacons, |commit| commits.push(commit))?;
    Ok(round(beacons, began, commits))
}

fn round(beacons: u64, began: Instant, mut times: Vec<f64>) -> Round {
    let rate = beacons as f64 / began.elapsed().as_secs_f64();
    times.sort_by(f64::total_cmp);
    Round { rate, median: percentile(&times, 0.5) }
}

async fn our_pairs(path: &Path, beacons: u64) -> Result<Round, Failure> {
    let outbox = DiskOutbox::open(path)?;
    let (times, began) = (Arc::new(Mutex::new(Vec::new())), Instant::now());
    let writers = (0..TOGETHER as u64).map(|writer| {
        let (outbox, times) = (outbox.clone(), Arc::clone(&times));
        tokio::spawn(async move {
            for number in (writer..beacons).step_by(TOGETHER) {
                let put = Instant::now();
                outbox.put(vec![record(number, TRACKER)], NOW).await?;
                let elapsed = put.elapsed().as_secs_f64() * 1e3;
                times.lock().map_err(|_| "poisoned")?.push(elapsed);
            }
            Ok::<(), Failure>(())
        })
    });
    let writers = writers.collect::<Vec<_>>();
    let mut delivered = 0;
    while delivered < beacons {
        delivered += settle(&outbox, 256).await?;
    }
    for ended in join_all(writers).await {
        ended??;
    }
    let times = std::mem::take(&mut *times.lock().map_err(|_| "poisoned")?);
    Ok(round(beacons, began, times))
}

fn dispatcher(effort: Effort, table: &mut Table) -> Result<(), Failure> {
    let opponent = Opponent::start(&[Thinks::NOT])?;
    let bare = Bare::new(opponent.url(), document::one_ad().len())?;
    let beacons = 8_000 / effort.divisor;
    let ratios = one_thread()?.block_on(async {
        let mut settings = DeliverySettings::default();
        settings.per_host = 16;
        let nothing = FetchConfig::new([SourceConfig::inline("<VAST version=\"3.0\"/>")]);
        let client = VastClient::builder().dispatcher(settings).build(nothing)?;
        let (mut rounds, mut number) = (Vec::new(), 0);
        for _ in 0..=effort.rounds {
            let floor = keep_busy(&bare, 16, Amount::Units(beacons)).await?.micros();
            let records = (number..number + beacons).map(|number| record(number, opponent.url())).collect();
            number += beacons;
            let before = cpu_time();
            client.tracker().outbox().put(records, NOW).await?;
            client.drain(Duration::from_secs(60)).await;
            let ours = cpu_time().saturating_sub(before).as_secs_f64() * 1e6 / beacons as f64;
            rounds.push((floor, ours));
        }
        let drained = client.tracker().drained().await;
        let is_done = drained.delivered == number && drained.left == 0;
        if is_done { Ok(rounds.split_off(1)) } else { Err(Failure::from(format!("{drained:?} of {number}"))) }
    })?;
    let median = |values: Vec<f64>| format!("{:.1} us", Spread::of(values).median);
    table.row([
        "CPU of the dispatcher per beacon".into(),
        median(ratios.iter().map(|(floor, _)| *floor).collect()),
        median(ratios.iter().map(|(_, ours)| *ours).collect()),
        Spread::of(ratios.iter().map(|(floor, ours)| ours / floor)).to_string(),
        "at most 1.3".into(),
    ]);
    Ok(())
}

fn memory(effort: Effort, table: &mut Table) -> Result<(), Failure> {
    let waiting = WAITING / effort.divisor;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("waiting");
    let runtime = one_thread()?;
    let outbox = DiskOutbox::with_quota(&path, Quota::DISK)?;
    for first in (0..waiting).step_by(1_000) {
        let batch = (first..(first + 1_000).min(waiting)).map(|number| record(number, TRACKER)).collect();
        runtime.block_on(outbox.put(batch, NOW))?;
    }
    outbox.close();
    drop(outbox);
    let disk = std::fs::metadata(&path)?.len();
    let before = resident()?;
    let began = Instant::now();
    let outbox = DiskOutbox::open(&path)?;
    let opened = began.elapsed();
    // The rows are read in the background; this waits for them.
    runtime.block_on(outbox.stats());
    let grown = resident()?.saturating_sub(before);
    table.row([
        format!("{waiting} beacons waiting"),
        format!("{:.0} bytes each of rows", record(0, TRACKER).size() as f64),
        format!("{:.0} bytes each on disk", disk as f64 / waiting as f64),
        format!(
            "{:.0} bytes each of memory, the cache of 32 MiB included; opened in {opened:.1?}",
            grown as f64 / waiting as f64
        ),
        "stated".into(),
    ]);
    drop(outbox);
    Ok(())
}

/// The resident memory of this process in bytes; 0 where the system does not show it.
pub(crate) fn resident() -> Result<u64, Failure> {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: u64 = statm.split_whitespace().nth(1).unwrap_or("0").parse()?;
    Ok(pages * 4096)
}
