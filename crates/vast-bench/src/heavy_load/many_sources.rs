//! 2,000 requests in flight, each to five sources: 10,000 connections.

use std::time::Duration;

use futures_util::future::join_all;
use vast_client::{FetchConfig, FetchMode, VastClient};

use super::side::{Endured, Side, endure};
use crate::bare::Bare;
use crate::document;
use crate::effort::{Effort, Failure};
use crate::load::Work;
use crate::opponent::{Opponent, Thinks};
use crate::pipeline::{PATIENCE, Pipeline};
use crate::table::Table;

/// The name of this measurement for a process.
pub(super) const CASE: &str = "sources";
const IN_FLIGHT: usize = 2_000;
const SOURCES: usize = 5;
/// A client has at most 256 connections to a host, so that the requests are divided over groups of servers.
const GROUPS: usize = 10;
/// In one group of so many a source hangs: the share of hanging sources is 1 / (this x [`SOURCES`]).
const HANGING: usize = 20;
/// The servers answer after this time.
const THINKS: Thinks = Thinks(1_000, 1_000);
const NEVER: Thinks = Thinks(3_600_000, 3_600_000);
/// The time limit of each source, and so the time of a request whose first source hangs.
const SOURCE_TIMEOUT: Duration = Duration::from_secs(2);
/// After this time all requests have begun, and those with a source that hangs have ended once.
const FILLED: Duration = Duration::from_secs(5);

pub(crate) fn measure(effort: Effort) -> Result<Table, Failure> {
    let note = format!(
        "{IN_FLIGHT} requests in flight all the time, each to {SOURCES} sources that answer after 1 s ({} connections); mode parallel; one \
         source in {} hangs, before the others in its list, with a source timeout of {SOURCE_TIMEOUT:?}. The bare client fetches the same \
         five documents with the same limit and does not read them. One thread per side, the servers on the other processor. Memory: the \
         growth from before the load to the peak. Goal: at most 40 kB per request more than bare, and no growth from the beginning to the \
         end of {:?}.",
        IN_FLIGHT * SOURCES,
        HANGING * SOURCES,
        effort.endurance
    );
    compare("2,000 requests to five sources in flight", note, CASE, IN_FLIGHT, effort)
}

/// A table of both sides under the same load.
pub(super) fn compare(
    title: &'static str,
    note: String,
    case: &str,
    in_flight: usize,
    effort: Effort,
) -> Result<Table, Failure> {
    let columns = &[
        "client",
        "requests / s",
        "without an ad",
        "CPU per request, us",
        "median, ms",
        "p95, ms",
        "p99, ms",
        "peak, kB per request",
        "more than bare, kB",
        "growth to the end, kB per request",
    ];
    let mut table = Table::new(title, note, columns);
    let each = |bytes: f64| bytes / in_flight as f64 / 1e3;
    let mut bare_peak = None;
    for side in [Side::Bare, Side::Ours] {
        let endured = Endured::of(case, side, effort.endurance)?;
        let more = endured.peak - *bare_peak.get_or_insert(endured.peak);
        table.row([
            side.to_string(),
            format!("{:.0}", endured.per_second),
            format!("{:.0}", endured.without),
            format!("{:.1}", endured.cpu),
            format!("{:.1}", endured.median),
            format!("{:.1}", endured.p95),
            format!("{:.1}", endured.p99),
            format!("{:.1}", each(endured.peak)),
            format!("{:.1}", each(more)),
            format!("{:.2}", each(endured.later)),
        ]);
    }
    Ok(table)
}

/// Puts the load on servers of its own.
pub(super) fn side(side: Side, time: Duration) -> Result<Endured, Failure> {
    let opponent = Opponent::start(&[&[THINKS; SOURCES * GROUPS][..], &[NEVER]].concat())?;
    let (groups, never) = opponent.urls().split_at(SOURCES * GROUPS);
    let mut groups: Vec<Vec<String>> = groups.chunks(SOURCES).map(<[String]>::to_vec).collect();
    let mut hanging = groups[0].clone();
    hanging[0].clone_from(&never[0]);
    groups.push(hanging);
    let in_flight = (0..IN_FLIGHT).map(|number| if number % HANGING == 0 { GROUPS } else { number % GROUPS });
    match side {
        Side::Bare => endure(&each(&groups, bare)?, in_flight, FILLED, time),
        Side::Ours => endure(&each(&groups, ours)?, in_flight, FILLED, time),
    }
}

fn each<W>(groups: &[Vec<String>], client: impl Fn(&[String]) -> Result<W, Failure>) -> Result<Vec<W>, Failure> {
    groups.iter().map(|urls| client(urls)).collect()
}

fn ours(urls: &[String]) -> Result<Pipeline, Failure> {
    let mut config = FetchConfig::new(urls.iter().map(String::as_str)).with_mode(FetchMode::Parallel);
    let limits = &mut config.strategy.limits;
    limits.timeout = PATIENCE;
    limits.source_timeout = Some(SOURCE_TIMEOUT);
    limits.idle_timeout = SOURCE_TIMEOUT;
    limits.connect_timeout = SOURCE_TIMEOUT;
    Ok(Pipeline(VastClient::from_config(config)?))
}

/// The bare client for five sources: it fetches the documents side by side.
#[derive(Clone)]
struct BareSources(Vec<Bare>);

fn bare(urls: &[String]) -> Result<BareSources, Failure> {
    let length = document::one_ad().len();
    Ok(BareSources(urls.iter().map(|url| Bare::new(url, length)).collect::<Result<_, _>>()?))
}

impl Work for BareSources {
    async fn once(&self) -> Result<(), Failure> {
        let exchanges = self.0.iter().map(|source| tokio::time::timeout(SOURCE_TIMEOUT, source.once()));
        // A source that hangs is no failure of the request.
        let ended = join_all(exchanges).await;
        if ended.iter().any(|ended| matches!(ended, Ok(Ok(())))) { Ok(()) } else { Err("no source answered".into()) }
    }
}
