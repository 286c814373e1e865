//! The outbox on NATS beside the outbox on disk, and whole lives of beacons with one, two and three gateways on one NATS server.

use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::{join_all, try_join_all};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};
use vast_client::env::Env;
use vast_client::track::outbox::{DiskOutbox, Outbox, Record, Timestamp};
use vast_nats::{NatsOutbox, NatsServer, NatsSettings, RecordSeal, StreamNames, StreamSizes};

use crate::beacon::{TOGETHER, TRACKER, record, settle};
use crate::clock::cpu_time;
use crate::effort::{Effort, Failure};
use crate::table::Table;
use crate::units::{Spread, percentile};

/// The number of beacons in one round.
const BEACONS: u64 = 16_000;
/// The beacons that are under way in a gateway at most.
const IN_FLIGHT: usize = 256;
/// The wait for beacons that may have come.
const WAIT: Duration = Duration::from_millis(20);
/// The clock ticks per second in which Linux counts the CPU time of other processes.
const TICKS: f64 = 100.0;

pub(crate) fn measure(effort: Effort) -> Result<Table, Failure> {
    let note = "A put is that of one beacon, each of 64 writers one at a time, on disk and on one nats-server on loopback. A whole life is put, claim \
                and settle, without the call of the tracker; the gateways are outboxes of one process, each with a connection of its own. The \
                CPU of nats-server is in another process and stated beside ours.";
    let columns = &["what", "disk", "NATS", "ratio or difference", "goal"];
    let mut table = Table::new("The outbox on NATS", note, columns);
    let Some(server) = BenchServer::start()? else {
        table.row(["skipped: nats-server", "", "", "", ""].map(str::to_owned));
        return Ok(table);
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    puts(effort, &server, &runtime, &mut table)?;
    lives(effort, &server, &runtime, &mut table)?;
    Ok(table)
}

/// A `nats-server` that ends with this value.
struct BenchServer {
    child: Child,
    port: u16,
    folder: tempfile::TempDir,
}

impl BenchServer {
    /// `None` if there is no program `nats-server`.
    fn start() -> Result<Option<Self>, Failure> {
        let port = vast_mock::free_address()?.port();
        let folder = tempfile::tempdir()?;
        let program = std::env::var_os("VAST_NATS_SERVER").unwrap_or_else(|| "nats-server".into());
        let mut command = Command::new(program);
        command.args(["-a", "127.0.0.1", "-js", "-p"]).arg(port.to_string()).arg("-sd").arg(folder.path().join("nats"));
        let Ok(child) = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn() else { return Ok(None) };
        let server = Self { child, port, folder };
        for _ in 0..400 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Ok(Some(server));
            }
            #[allow(clippy::disallowed_methods)] // Nothing else runs while the server starts.
            std::thread::sleep(Duration::from_millis(25));
        }
        Err("nats-server does not answer".into())
    }

    /// An outbox in streams of its own, whose background work is a task of `tasks`.
    async fn outbox(&self, prefix: &str, tasks: &mut JoinSet<()>) -> Result<NatsOutbox, Failure> {
        let address = format!("nats://127.0.0.1:{}", self.port);
        let server = NatsServer::connect(NatsSettings::new([address], StreamNames::new(prefix)?)).await?;
        let mut sizes = StreamSizes::default();
        sizes.bytes = Some(100 << 20);
        server.apply_setup(&sizes).await?;
        let seal = RecordSeal::new([('1', &b"a secret of this measurement, no more"[..])]);
        let outbox = server.outbox(seal, Env::system()).await?;
        tasks.spawn(outbox.attend().ok_or("no background work")?);
        Ok(outbox)
    }

    /// The CPU time of the server so far in seconds; zero where the system does not show it.
    fn cpu_seconds(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap_or_default();
        // The name of the program, in parentheses, may contain spaces.
        let after = stat.rsplit(')').next().unwrap_or_default();
        let ticks = after.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<f64>().ok());
        ticks.sum::<f64>() / TICKS
    }

    fn disk_folder(&self, round: usize) -> std::path::PathBuf {
        self.folder.path().join(format!("disk{round}"))
    }
}

impl Drop for BenchServer {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The result of one round of puts.
struct PutRound {
    /// CPU of this process per put, in microseconds.
    cpu: f64,
    /// The median of a put in milliseconds.
    median: f64,
    /// Puts per second.
    rate: f64,
}

fn puts(effort: Effort, server: &BenchServer, runtime: &Runtime, table: &mut Table) -> Result<(), Failure> {
    let beacons = BEACONS / effort.divisor;
    let (mut disk, mut nats) = (Vec::new(), Vec::new());
    let before = server.cpu_seconds();
    for round in 0..effort.rounds.min(5) {
        disk.push(runtime.block_on(disk_round(&server.disk_folder(round), beacons))?);
        nats.push(runtime.block_on(async {
            let mut tasks = JoinSet::new();
            let outbox = server.outbox(&format!("put{round}"), &mut tasks).await?;
            // What is put is not claimed here: that belongs to the whole life.
            outbox.stop_receiving();
            put_round(&outbox, beacons).await
        })?);
    }
    let of = |rounds: &[PutRound], value: fn(&PutRound) -> f64| Spread::of(rounds.iter().map(value)).median;
    let ratio = Spread::of(disk.iter().zip(&nats).map(|(disk, nats)| nats.cpu / disk.cpu));
    let show = |value: fn(&PutRound) -> f64, digits, unit| {
        [&disk, &nats].map(|rounds| format!("{:.digits$} {unit}", of(rounds, value)))
    };
    let [on_disk, on_nats] = show(|round| round.cpu, 1, "us");
    table.row(["CPU of a put".into(), on_disk, on_nats, ratio.to_string(), "at most 1.5".into()]);
    let [on_disk, on_nats] = show(|round| round.median, 2, "ms");
    let more = of(&nats, |round| round.median) - of(&disk, |round| round.median);
    table.row(["median of a put".into(), on_disk, on_nats, format!("{more:.2} ms more"), "at most 2 ms more".into()]);
    let [on_disk, on_nats] = show(|round| round.rate, 0, "/s");
    table.row(["puts per second".into(), on_disk, on_nats, String::new(), "stated".into()]);
    let each = (server.cpu_seconds() - before) * 1e6 / (beacons * nats.len() as u64) as f64;
    table.row([
        "CPU of nats-server per put".into(),
        String::new(),
        format!("{each:.1} us"),
        String::new(),
        "stated".into(),
    ]);
    Ok(())
}

async fn disk_round(path: &Path, beacons: u64) -> Result<PutRound, Failure> {
    let outbox = DiskOutbox::open(path)?;
    put_round(&outbox, beacons).await
}

async fn put_round<O: Outbox + Clone>(outbox: &O, beacons: u64) -> Result<PutRound, Failure> {
    let (began, before) = (Instant::now(), cpu_time());
    let times = put_all(outbox, beacons, "put").await?;
    let cpu = cpu_time().saturating_sub(before).as_secs_f64() * 1e6 / beacons as f64;
    Ok(PutRound { cpu, median: percentile(&times, 0.5), rate: beacons as f64 / began.elapsed().as_secs_f64() })
}

/// Puts beacons with 64 writers. Gives the sorted times of the puts in milliseconds.
async fn put_all<O: Outbox + Clone>(outbox: &O, beacons: u64, name: &'static str) -> Result<Vec<f64>, Failure> {
    let times = Arc::new(Mutex::new(Vec::new()));
    let writers = (0..TOGETHER as u64).map(|writer| {
        let (outbox, times) = (outbox.clone(), Arc::clone(&times));
        tokio::spawn(async move {
            for number in (writer..beacons).step_by(TOGETHER) {
                let now = Timestamp::from(Env::system().wall());
                let put = Instant::now();
                outbox.put(vec![fresh(number, name, now)], now).await?;
                let elapsed = put.elapsed().as_secs_f64() * 1e3;
                times.lock().map_err(|_| "poisoned")?.push(elapsed);
            }
            Ok::<(), Failure>(())
        })
    });
    for ended in join_all(writers.collect::<Vec<_>>()).await {
        ended??;
    }
    let mut times = std::mem::take(&mut *times.lock().map_err(|_| "poisoned")?);
    times.sort_by(f64::total_cmp);
    Ok(times)
}

/// A beacon of an event that has just taken place.
fn fresh(number: u64, name: &str, now: Timestamp) -> Record {
    let record = record(number, TRACKER);
    let expires = now.after(Duration::from_secs(3600));
    Record { key: format!("{name}.{}", record.key), created: now, expires, ..record }
}

/// Whole lives per second and core.
struct LifeRound {
    rate: f64,
    /// CPU per beacon of this process and of the server, in microseconds.
    cpu: [f64; 2],
}

fn lives(effort: Effort, server: &BenchServer, runtime: &Runtime, table: &mut Table) -> Result<(), Failure> {
    let beacons = BEACONS / effort.divisor;
    let mut first = None;
    for gateways in 1..=3 {
        let mut rounds = Vec::new();
        for round in 0..effort.rounds.min(3) {
            rounds.push(runtime.block_on(life_round(server, &format!("life{gateways}{round}"), gateways, beacons))?);
        }
        let of = |value: fn(&LifeRound) -> f64| Spread::of(rounds.iter().map(value)).median;
        let (rate, ours, theirs) = (of(|round| round.rate), of(|round| round.cpu[0]), of(|round| round.cpu[1]));
        let per_core = 1e6 / (ours + theirs);
        let single = *first.get_or_insert(rate);
        table.row([
            format!("whole lives, {gateways} gateway{}", if gateways == 1 { "" } else { "s" }),
            String::new(),
            format!(
                "{rate:.0}/s; CPU {ours:.0} us here, {theirs:.0} us nats-server: {per_core:.0} per second and core"
            ),
            format!("{:.2} of one gateway", rate / single),
            "stated".into(),
        ]);
    }
    Ok(())
}

async fn life_round(server: &BenchServer, prefix: &str, gateways: usize, beacons: u64) -> Result<LifeRound, Failure> {
    const NAMES: [&str; 3] = ["one", "two", "three"];
    let mut tasks = JoinSet::new();
    let mut outboxes = Vec::new();
    for _ in 0..gateways {
        outboxes.push(server.outbox(prefix, &mut tasks).await?);
    }
    let each = beacons / gateways as u64;
    let (all, settled) = (each * gateways as u64, AtomicU64::new(0));
    let (began, ours, theirs) = (Instant::now(), cpu_time(), server.cpu_seconds());
    let puts = outboxes.iter().zip(NAMES).map(|(outbox, name)| put_all(outbox, each, name));
    let settles = outboxes.iter().map(|outbox| settle_all(outbox, &settled, all));
    let (put, done) = tokio::join!(try_join_all(puts), try_join_all(settles));
    put?;
    done?;
    let rate = all as f64 / began.elapsed().as_secs_f64();
    let ours = cpu_time().saturating_sub(ours).as_secs_f64();
    let cpu = [ours, server.cpu_seconds() - theirs].map(|seconds| seconds * 1e6 / all as f64);
    Ok(LifeRound { rate, cpu })
}

/// Claims and settles until all beacons of all gateways are settled.
async fn settle_all(outbox: &NatsOutbox, settled: &AtomicU64, all: u64) -> Result<(), Failure> {
    while settled.load(Ordering::Relaxed) < all {
        let number = settle(outbox, IN_FLIGHT).await?;
        settled.fetch_add(number, Ordering::Relaxed);
        if number == 0 {
            drop(timeout(WAIT, outbox.arrival()).await);
        }
    }
    Ok(())
}
