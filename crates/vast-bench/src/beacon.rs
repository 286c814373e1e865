//! Instructions of one beacon: through each outbox, and through the dispatcher.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::try_join_all;
use http::{HeaderMap, HeaderValue};
use redb::{Database, TableDefinition};
use vast_client::track::DeliverySettings;
use vast_client::track::outbox::{
    Claim, DiskOutbox, Disposition, LastAttempt, MemoryOutbox, Outbox, Record, Settlement, Timestamp,
};
use vast_client::transport::AddressRule;
use vast_client::{FetchConfig, SourceConfig, VastClient};

use crate::counted;
use crate::effort::{Effort, Failure};
use crate::instructions;
use crate::opponent::{Opponent, Thinks};
use crate::pipeline::{PATIENCE, one_thread};
use crate::table::Table;

/// The argument that makes this binary handle a number of beacons.
pub(crate) const ARGUMENT: &str = "--beacon";

/// The number of beacons that are put, claimed and settled together, and of rows in one commit of the bare store.
pub(crate) const TOGETHER: usize = 64;
/// The time of all events and of all calls of an outbox.
pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_795_000_000_000);
/// The URL of a tracker that is not called.
pub(crate) const TRACKER: &str = "https://track.example/v1/impression?campaign=8412&creative=991&cb=48151623&ts=2026-11-22T08%3A15%3A07.127%2B00%3A00";

/// What is counted: the argument of this binary, its value, the name of the row, and the floor's value with its argument.
struct Row {
    value: &'static str,
    what: &'static str,
    floor: Option<(&'static str, &'static str)>,
}

const ROWS: [Row; 3] = [
    Row { value: "memory", what: "put, claim, settle in memory", floor: None },
    Row {
        value: "disk",
        what: "put, claim, settle on disk; floor: a row in a bare redb",
        floor: Some((ARGUMENT, "redb")),
    },
    Row {
        value: "dispatcher",
        what: "put, claim, call, settle in memory; floor: a bare exchange",
        floor: Some((counted::REQUEST, counted::BARE)),
    },
];

pub(crate) fn measure(_effort: Effort) -> Result<Table, Failure> {
    let note = format!(
        "Instructions (callgrind) of one beacon, {TOGETHER} at a time, each put and settled by a call of its own. The work of \
         the kernel is not counted."
    );
    let mut table = Table::new("Instructions per beacon", note, &["what", "floor", "ours", "ours / floor"]);
    for Row { value, what, floor } in ROWS {
        let floor = floor.map_or(Ok(None), |(argument, value)| instructions::per_unit(argument, value))?;
        let Some(ours) = instructions::per_unit(ARGUMENT, value)? else {
            table.row([what, "", "skipped: valgrind", ""].map(str::to_owned));
            continue;
        };
        let shown =
            |number: Option<f64>, digits| number.map_or_else(String::new, |number| format!("{number:.digits$}"));
        table.row([what.into(), shown(floor, 0), shown(Some(ours), 0), shown(floor.map(|floor| ours / floor), 2)]);
    }
    Ok(table)
}

/// Handles a number of beacons. Example of arguments: `disk 1000`.
pub(crate) fn repeat(arguments: &[String]) -> Result<(), Failure> {
    let [what, units] = arguments else { return Err("a row and a number".into()) };
    let units = units.parse()?;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("outbox");
    match what.as_str() {
        "memory" => one_thread()?.block_on(through(&MemoryOutbox::default(), units)),
        "disk" => one_thread()?.block_on(through(&DiskOutbox::open(path)?, units)),
        "redb" => bare_rows(&path, units, |_| {}),
        "dispatcher" => one_thread()?.block_on(dispatched(units)),
        other => Err(format!("no row {other}").into()),
    }
}

/// Puts, claims and settles beacons, [`TOGETHER`] at the same time.
async fn through(outbox: &impl Outbox, units: u64) -> Result<(), Failure> {
    for first in (0..units).step_by(TOGETHER) {
        let last = units.min(first + TOGETHER as u64);
        try_join_all((first..last).map(|number| outbox.put(vec![record(number, TRACKER)], NOW))).await?;
        settle(outbox, TOGETHER).await?;
    }
    Ok(())
}

/// Claims up to `limit` beacons at once and settles each of them alone, as the dispatcher does. Returns their number.
pub(crate) async fn settle(outbox: &impl Outbox, limit: usize) -> Result<u64, Failure> {
    let claim =
        Claim { limit, per_host: u32::MAX, allowances: Arc::default(), now: NOW, lease: Duration::from_secs(60) };
    let claims = outbox.claim(claim).await?;
    let settled = claims.beacons.iter().map(|claimed| {
        let last = LastAttempt { at: NOW, status: Some(204), message: "".into() };
        let (id, attempts) = (claimed.id, claimed.progress.attempts);
        outbox.settle(vec![Settlement { id, attempts, disposition: Disposition::Delivered, last }], NOW)
    });
    Ok(try_join_all(settled).await?.len() as u64)
}

/// Adds rows to a bare table and removes the rows of the commit before, [`TOGETHER`] in each commit. Calls `committed` after
/// each commit with its duration in milliseconds.
pub(crate) fn bare_rows(path: &std::path::Path, units: u64, mut committed: impl FnMut(f64)) -> Result<(), Failure> {
    const ROWS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("rows");
    let database = Database::create(path)?;
    let row = vec![7; record(0, TRACKER).size()];
    let batch = TOGETHER as u64;
    for first in (0..units).step_by(TOGETHER) {
        let commit = tokio::time::Instant::now();
        let txn = database.begin_write()?;
        let mut table = txn.open_table(ROWS)?;
        for id in first..units.min(first + batch) {
            table.insert(id, &*row)?;
            if let Some(older) = id.checked_sub(batch) {
                table.remove(older)?;
            }
        }
        drop(table);
        txn.commit()?;
        committed(commit.elapsed().as_secs_f64() * 1e3);
    }
    Ok(())
}

/// Delivers beacons to a server that answers at once, 16 at the same time.
async fn dispatched(units: u64) -> Result<(), Failure> {
    let opponent = Opponent::start(&[Thinks::NOT])?;
    let mut settings = DeliverySettings::default();
    settings.per_host = 16;
    // A program under valgrind on a busy machine is slow.
    settings.attempt_timeout = PATIENCE;
    settings.connect_timeout = PATIENCE;
    let nothing = FetchConfig::new([SourceConfig::inline("<VAST version=\"3.0\"/>")]);
    let client = VastClient::builder().dispatcher(settings).build(nothing)?;
    let records = (0..units).map(|number| record(number, opponent.url())).collect();
    client.tracker().outbox().put(records, NOW).await?;
    client.drain(PATIENCE).await;
    let drained = client.tracker().drained().await;
    if drained.delivered == units { Ok(()) } else { Err(format!("{drained:?} of {units}").into()) }
}

/// A beacon as a request stores it.
pub(crate) fn record(number: u64, url: &str) -> Record {
    let header = |name: &'static str, value: &'static str| {
        (http::HeaderName::from_static(name), HeaderValue::from_static(value))
    };
    let headers: HeaderMap = [
        header("user-agent", concat!("vast-client/", env!("CARGO_PKG_VERSION"))),
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
