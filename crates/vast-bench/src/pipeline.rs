//! The cost of the pipeline: a request to one source, compared with one bare exchange.

use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use vast_client::{FetchConfig, FetchMode, VastClient};

use crate::bare::{Bare, BareAndParse};
use crate::document;
use crate::effort::{Effort, Failure};
use crate::load::{Amount, Work, keep_busy};
use crate::opponent::{Opponent, Thinks};
use crate::table::Table;
use crate::units::{Cost, Spread};

/// The argument that makes this binary only request ads for some seconds, for a profiler.
pub(crate) const SPIN: &str = "--spin";
/// For how long ads are requested.
const SPIN_TIME: Duration = Duration::from_secs(5);

/// A request for an ad.
#[derive(Clone)]
pub(crate) struct Pipeline(pub(crate) VastClient);

impl Pipeline {
    /// A client for these sources.
    pub(crate) fn new(urls: &[String], mode: FetchMode) -> Result<Self, Failure> {
        let config = FetchConfig::new(urls.iter().map(String::as_str)).with_mode(mode);
        Ok(Self(VastClient::from_config(config)?))
    }
}

/// The configuration of one source with time limits that no measurement reaches.
pub(crate) fn patient(url: &str) -> FetchConfig {
    let mut config = FetchConfig::new([url]);
    let limits = &mut config.strategy.limits;
    limits.timeout = PATIENCE;
    limits.source_timeout = Some(PATIENCE);
    limits.connect_timeout = PATIENCE;
    limits.idle_timeout = PATIENCE;
    limits.hop_timeout = PATIENCE;
    config
}

impl Work for Pipeline {
    async fn once(&self) -> Result<(), Failure> {
        let result = self.0.request_ad().await;
        if result.success { Ok(()) } else { Err(format!("no ad: {:?}", result.errors).into()) }
    }
}

/// The time limits while instructions are counted, because a program under valgrind on a busy machine is slow, and while many
/// requests are in flight.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Requests ads from these sources, one request at a time. Without sources it starts one server.
pub(crate) fn spin(sources: &[String]) -> Result<(), Failure> {
    let sources = sources.first().map_or(Ok(1), |sources| sources.parse())?;
    let opponent = Opponent::start(&vec![Thinks::NOT; sources])?;
    let client = Pipeline::new(opponent.urls(), FetchMode::Parallel)?;
    one_thread()?.block_on(keep_busy(&client, 16, Amount::Time(SPIN_TIME)))?;
    Ok(())
}

/// The runtime of all measurements except one: one thread, as in a service with one runtime per processor.
pub(crate) fn one_thread() -> std::io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}

fn two_threads() -> std::io::Result<Runtime> {
    Builder::new_multi_thread().worker_threads(2).enable_all().build()
}

/// One row of the table.
struct Case {
    name: &'static str,
    runtime: fn() -> std::io::Result<Runtime>,
    in_flight: usize,
    /// The macros that are appended to the tag.
    macros: &'static str,
}

/// The rows. Each is measured with separate connections.
const CASES: [Case; 5] = [
    Case { name: "one thread", runtime: one_thread, in_flight: 1, macros: "" },
    Case { name: "one thread", runtime: one_thread, in_flight: 16, macros: "" },
    Case { name: "one thread, macros", runtime: one_thread, in_flight: 16, macros: "&cb=[CACHEBUSTING]&t=[TIMESTAMP]" },
    Case { name: "one thread", runtime: one_thread, in_flight: 256, macros: "" },
    Case { name: "two threads", runtime: two_threads, in_flight: 256, macros: "" },
];

/// The cost of one round.
struct Round {
    bare: Cost,
    parsed: Cost,
    ours: Cost,
    /// How many connections our side opened.
    opened: u64,
}

pub(crate) fn measure(effort: Effort) -> Result<Table, Failure> {
    let note = format!(
        "CPU time of `request_ad` with one source against a bare loop of the same HTTP client that reads the same body \
         of {} bytes, over kept connections on loopback; and against the same loop with `vast_xml::parse` behind it. \
         Target: at most 1.25 of bare.",
        document::one_ad().len()
    );
    let columns = &[
        "runtime",
        "in flight",
        "bare, us",
        "bare + parse, us",
        "pipeline, us",
        "pipeline / bare",
        "pipeline / (bare + parse)",
        "connections per 1,000",
    ];
    let mut table = Table::new("CPU per request", note, columns);
    let mut opponent = Opponent::start(&[Thinks::NOT])?;
    for case in CASES {
        let rounds = (case.runtime)()?.block_on(rounds(&mut opponent, &case, effort))?;
        let median = |side: fn(&Round) -> Cost| Spread::of(rounds.iter().map(|round| side(round).micros())).median;
        let ratio = |side: fn(&Round) -> Cost| {
            Spread::of(rounds.iter().map(|round| round.ours.micros() / side(round).micros())).to_string()
        };
        let micros = [median(|round| round.bare), median(|round| round.parsed), median(|round| round.ours)];
        let [bare, parsed, ours] = micros.map(|micros| format!("{micros:.1}"));
        let opened = rounds.iter().map(|round| round.opened as f64 * 1_000.0 / round.ours.units as f64);
        let opened = format!("{:.1}", Spread::of(opened).median);
        let (to_bare, to_parsed) = (ratio(|round| round.bare), ratio(|round| round.parsed));
        table.row([case.name.into(), case.in_flight.to_string(), bare, parsed, ours, to_bare, to_parsed, opened]);
    }
    Ok(table)
}

/// The floors and our client in turns; the first turn opens the connections and does not count.
async fn rounds(opponent: &mut Opponent, case: &Case, effort: Effort) -> Result<Vec<Round>, Failure> {
    let bare = Bare::new(opponent.url(), document::one_ad().len())?;
    let parsed = BareAndParse(bare.clone());
    let ours = Pipeline::new(&[format!("{}{}", opponent.url(), case.macros)], FetchMode::Parallel)?;
    let (in_flight, amount) = (case.in_flight, Amount::Time(effort.round));
    let mut rounds = Vec::new();
    for _ in 0..=effort.rounds {
        let bare = keep_busy(&bare, in_flight, amount).await?;
        let parsed = keep_busy(&parsed, in_flight, amount).await?;
        let before = opponent.connections()?;
        let ours = keep_busy(&ours, in_flight, amount).await?;
        rounds.push(Round { bare, parsed, ours, opened: opponent.connections()? - before });
    }
    Ok(rounds.split_off(1))
}
