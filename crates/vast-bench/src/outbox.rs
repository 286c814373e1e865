//! The outbox on disk compared with the bare store, and the cost of the dispatcher compared with bare exchanges.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::{join_all, try_join_all};
use http::{HeaderMap, HeaderValue};
use redb::{Database, TableDefinition};
use tokio::time::Instant;
use vast_client::track::DeliverySettings;
use vast_client::track::outbox::{
    Claim, DiskOutbox, Disposition, LastAttempt, Outbox, Quota, Record, Settlement, Timestamp,
};
use vast_client::transport::AddressRule;
use vast_client::{FetchConfig, SourceConfig, VastClient};

use crate::bare::Bare;
use crate::clock::cpu_time;
use crate::document;
use crate::effort::{Effort, Failure};
use crate::load::{Amount, keep_busy};
use crate::opponent::{Opponent, Thinks};
use crate::pipeline::one_thread;
use crate::table::Table;
use crate::units::{Spread, percentile};

/// The number of writers, and of rows in one commit of the bare store.
const WRITERS: usize = 64;
/// The number of beacons in one round.
const BEACONS: u64 = 32_000;
/// The number of beacons in the measurement of memory.
const WAITING: u64 = 200_000;
const NOW: Timestamp = Timestamp::from_millis(1_795_000_000_000);

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

fn record(number: u64, url: &str) -> Record {
    let header = |name: &'static str, value: &'static str| {
        (http::HeaderName::from_static(name), HeaderValue::from_static(value))
    };
    let headers: HeaderMap = [
        header("user-agent", "vast-client/0.1.0"),
        header("accept", "application/xml, text/xml, */*;q=0.1"),
        header("x-device-ip", "203.0.113.9"),
        header("x-device-user-agent", "Mozilla/5.0 (SMART-TV; Linux; Tizen 7.0) AppleWebKit/537.36 TV Safari/537.36"),
    ]
    .into_iter()
    .collect();
    Record {
        key: format!("7c9e6679-7425-40de-944b-e07fc1f90ae7.impression.{number}"),
        group: "7c9e6679-7425-40de-944b-e07fc1f90ae7".into(),
        event: "impression".into(),
        source: "east".into(),
        hop: 0,
        url: url.to_owned(),
        rule: AddressRule { named: None, allow_private: true },
        headers: Arc::new(headers),
        consent: "gdpr=0".into(),
        created: NOW,
        // The time is far in the future, so that no beacon has expired.
        expires: Timestamp::from_millis(u64::MAX),
    }
}

const TRACKER: &str = "https://track.example/v1/impression?campaign=8412&creative=991&cb=48151623&ts=2026-11-22T08%3A15%3A07.127%2B00%3A00";

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
    const ROWS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("rows");
    let database = Database::create(path)?;
    let row = vec![7; record(0, TRACKER).size()];
    let (batch, mut commits, began) = (WRITERS as u64, Vec::new(), Instant::now());
    for first in (0..beacons).step_by(WRITERS) {
        let commit = Instant::now();
        let txn = database.begin_write()?;
        let mut table = txn.open_table(ROWS)?;
        for id in first..first + batch {
            table.insert(id, &*row)?;
            if let Some(older) = id.checked_sub(batch) {
                table.remove(older)?;
            }
        }
        drop(table);
        txn.commit()?;
        commits.push(commit.elapsed().as_secs_f64() * 1e3);
    }
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
    let writers = (0..WRITERS as u64).map(|writer| {
        let (outbox, times) = (outbox.clone(), Arc::clone(&times));
        tokio::spawn(async move {
            for number in (writer..beacons).step_by(WRITERS) {
                let put = Instant::now();
                outbox.put(vec![record(number, TRACKER)], NOW).await?;
                let elapsed = put.elapsed().as_secs_f64() * 1e3;
                times.lock().map_err(|_| "poisoned")?.push(elapsed);
            }
            Ok::<(), Failure>(())
        })
    });
    let writers = writers.collect::<Vec<_>>();
    settle_all(&outbox, beacons).await?;
    for ended in join_all(writers).await {
        ended??;
    }
    let times = std::mem::take(&mut *times.lock().map_err(|_| "poisoned")?);
    Ok(round(beacons, began, times))
}

/// Claims and settles `count` beacons as the dispatcher does: claims in batches, settles one by one.
async fn settle_all(outbox: &DiskOutbox, beacons: u64) -> Result<(), Failure> {
    let mut delivered = 0;
    while delivered < beacons {
        let lease = Duration::from_secs(60);
        let claim = Claim { limit: 256, per_host: 256, allowances: HashMap::new(), now: NOW, lease };
        let claims = outbox.claim(claim).await?;
        let settled = claims.beacons.iter().map(|claimed| {
            let last = LastAttempt { at: NOW, status: Some(204), message: "".into() };
            let (id, attempts) = (claimed.id, claimed.progress.attempts);
            outbox.settle(vec![Settlement { id, attempts, disposition: Disposition::Delivered, last }], NOW)
        });
        delivered += try_join_all(settled).await?.len() as u64;
    }
    Ok(())
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
fn resident() -> Result<u64, Failure> {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: u64 = statm.split_whitespace().nth(1).unwrap_or("0").parse()?;
    Ok(pages * 4096)
}
