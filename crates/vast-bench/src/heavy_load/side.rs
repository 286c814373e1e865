//! One side under load: keeps requests in flight, and reads its times and its memory.

use std::fmt;
use std::process::Command;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;

use super::histogram::Histogram;
use crate::clock::cpu_time;
use crate::effort::Failure;
use crate::load::Work;
use crate::outbox::resident;
use crate::pipeline::one_thread;

/// Who makes the requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Bare,
    Ours,
}

impl FromStr for Side {
    type Err = Failure;

    fn from_str(name: &str) -> Result<Self, Failure> {
        match name {
            "bare" => Ok(Self::Bare),
            "ours" => Ok(Self::Ours),
            _ => Err(format!("a side is bare or ours, not {name}").into()),
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Bare => "bare",
            Self::Ours => "ours",
        })
    }
}

/// What a side did under load. Its text form is the output of the process.
#[derive(Debug, Clone, Copy)]
pub(super) struct Endured {
    /// Requests per second.
    pub(super) per_second: f64,
    /// CPU time of a request, in microseconds.
    pub(super) cpu: f64,
    /// The quantiles of the time of a request, in milliseconds.
    pub(super) median: f64,
    pub(super) p95: f64,
    pub(super) p99: f64,
    /// By how many bytes the memory of the process grew from before the load to its peak.
    pub(super) peak: f64,
    /// By how many bytes it grew from the first reading under load to the last.
    pub(super) later: f64,
    /// How many requests ended without an ad in the measured time. Under load a limit may end one; it is no failure of the
    /// measurement.
    pub(super) without: f64,
}

impl Endured {
    fn values(self) -> [f64; 8] {
        [self.per_second, self.cpu, self.median, self.p95, self.p99, self.peak, self.later, self.without]
    }

    /// Runs a side in a process of its own. `case` is a measurement of this folder.
    pub(super) fn of(case: &str, side: Side, time: Duration) -> Result<Self, Failure> {
        let seconds = time.as_secs().to_string();
        let mut command = Command::new(std::env::current_exe()?);
        let output = command.args([super::ARGUMENT, case, &side.to_string(), &seconds]).output()?;
        let said = String::from_utf8_lossy(&output.stdout);
        let values = said.split_whitespace().map(str::parse).collect::<Result<Vec<f64>, _>>();
        match values.as_deref() {
            Ok(&[per_second, cpu, median, p95, p99, peak, later, without]) => {
                Ok(Self { per_second, cpu, median, p95, p99, peak, later, without })
            }
            _ => Err(format!("no figures of {side}: {output:?}").into()),
        }
    }
}

impl fmt::Display for Endured {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.values().iter().try_for_each(|value| write!(formatter, "{value} "))
    }
}

/// Keeps one request of each entry in flight for this time. `clients` are asked once before, so that what each needs once does not
/// count. The memory is read when all requests have begun (after `filled`) and at the end.
pub(super) fn endure<W: Work>(
    clients: &[W],
    in_flight: impl Iterator<Item = usize>,
    filled: Duration,
    time: Duration,
) -> Result<Endured, Failure> {
    one_thread()?.block_on(async {
        for client in clients {
            client.once().await?;
        }
        let histogram = Arc::new(Histogram::new());
        let before = resident()?;
        let (without, stop) = (Arc::<AtomicU32>::default(), Arc::<AtomicBool>::default());
        let mut tasks = JoinSet::new();
        for client in in_flight {
            let (histogram, without, stop) = (Arc::clone(&histogram), Arc::clone(&without), Arc::clone(&stop));
            tasks.spawn(repeat(clients[client].clone(), histogram, without, stop));
        }
        tokio::time::sleep(filled).await;
        let first = resident()?;
        let (began, cpu, counted, failed) =
            (Instant::now(), cpu_time(), histogram.count(), without.load(Ordering::Relaxed));
        tokio::time::sleep(time).await;
        let last = resident()?;
        let answered = (histogram.count() - counted) as f64;
        let (took, cpu) = (began.elapsed(), cpu_time().saturating_sub(cpu));
        let peak = peak()?;
        stop.store(true, Ordering::Relaxed);
        let without = without.load(Ordering::Relaxed) - failed;
        while let Some(ended) = tasks.join_next().await {
            ended?;
        }
        Ok(Endured {
            per_second: answered / took.as_secs_f64(),
            cpu: cpu.as_secs_f64() * 1e6 / answered,
            median: histogram.quantile(0.5),
            p95: histogram.quantile(0.95),
            p99: histogram.quantile(0.99),
            peak: peak as f64 - before as f64,
            later: last as f64 - first as f64,
            without: f64::from(without),
        })
    })
}

async fn repeat(work: impl Work, histogram: Arc<Histogram>, without: Arc<AtomicU32>, stop: Arc<AtomicBool>) {
    while !stop.load(Ordering::Relaxed) {
        let began = Instant::now();
        if work.once().await.is_err() {
            without.fetch_add(1, Ordering::Relaxed);
        }
        histogram.add(began.elapsed());
    }
}

/// The largest resident memory that this process has had, in bytes.
fn peak() -> Result<u64, Failure> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM in /proc/self/status")?;
    let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kilobytes * 1024)
}
