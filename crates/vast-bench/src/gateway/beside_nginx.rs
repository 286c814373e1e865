//! Throughput and CPU time of an answer: `vast serve` beside `proxy_pass` of nginx, and beside the pipeline without a server.

use std::time::Duration;

use tokio::runtime::Runtime;
use vast_client::FetchMode;

use super::bare_server::{self, BareServer};
use super::nginx::Nginx;
use super::player::{Player, Reuse, quantile};
use super::process::MeasuredProcess;
use super::serve::{Logs, VastServe, tag};
use crate::bare::Bare;
use crate::clock::cpu_time;
use crate::document;
use crate::effort::{Effort, Failure};
use crate::load::{Amount, Work, keep_busy};
use crate::pipeline::{Pipeline, one_thread};
use crate::table::Table;
use crate::units::Spread;

/// The file whose bytes are the answer.
pub(super) const OWN: &str = "ad.xml";
/// The file that the gateway has to write anew, because one of its URLs is relative.
pub(super) const CHANGED: &str = "changed.xml";

/// How many connections ask, and how they are used.
const CASES: [(usize, Reuse); 4] = [(1, Reuse::Kept), (16, Reuse::Kept), (64, Reuse::Kept), (16, Reuse::Once)];
/// The connections of the measurement of logs.
const OBSERVED: usize = 16;

/// The servers of the comparison.
struct Servers {
    upstream: Nginx,
    proxy: Nginx,
    vast: VastServe,
    bare: BareServer,
}

impl Servers {
    fn start() -> Result<Self, Failure> {
        let upstream = upstream()?;
        let (proxy, vast) = (Nginx::proxy(upstream.address)?, serve(&upstream, Logs::Off)?);
        let bare = BareServer::start(&[format!("http://{}/{OWN}", upstream.address)])?;
        Ok(Self { upstream, proxy, vast, bare })
    }
}

pub(super) fn upstream() -> Result<Nginx, Failure> {
    let changed = document::one_ad().replacen("[https://shop.example", "[//shop.example", 1);
    Nginx::of_files(&[(OWN, document::one_ad()), (CHANGED, &changed)])
}

fn serve(upstream: &Nginx, logs: Logs) -> Result<VastServe, Failure> {
    let placement = |name: &str, file: &str| {
        format!("[placement.{name}]\nsource = [{{ name = \"east\", url = \"http://{}/{file}\" }}]\n", upstream.address)
    };
    VastServe::start("", &[placement("own", OWN), placement("changed", CHANGED)].concat(), logs)
}

/// One round of one side.
#[derive(Debug, Clone, Copy)]
struct Sample {
    per_second: f64,
    /// CPU time of the process in the middle, per answer, in microseconds.
    cpu: f64,
    p99: f64,
    /// CPU time of the load generator, per answer, in microseconds.
    player: f64,
}

fn sample(
    runtime: &Runtime,
    player: &mut Player,
    process: &MeasuredProcess,
    time: Duration,
) -> Result<Sample, Failure> {
    let (before, player_before) = (process.cpu()?, cpu_time());
    let played = runtime.block_on(player.keep_asking(time))?;
    let (cpu, player_cpu) = (process.cpu()?.saturating_sub(before), cpu_time().saturating_sub(player_before));
    if played.ads.len() != played.answers() {
        return Err(
            format!("{} of {} answers have no ad", played.answers() - played.ads.len(), played.answers()).into()
        );
    }
    let each = |time: Duration| time.as_secs_f64() * 1e6 / played.ads.len() as f64;
    let p99 = quantile(&played.ads, 0.99);
    Ok(Sample { per_second: played.ads_per_second(), cpu: each(cpu), p99, player: each(player_cpu) })
}

/// A side of a round with its name.
type Side = (&'static str, fn(&Round) -> Sample);
/// A part of the work that is the same for all sides, with its name and its CPU time.
type Part = (&'static str, fn(&Round) -> f64);

/// One round of all sides.
struct Round {
    nginx: Sample,
    own: Sample,
    changed: Sample,
    /// The floor: hyper's server with hyper's client behind it.
    bare_proxy: Sample,
    /// The floor of what is on top of the pipeline: hyper's server with the document in memory.
    bare_server: Sample,
    /// CPU time of a request without a server, in microseconds.
    pipeline: f64,
    /// CPU time of the upstream per answer to the round of own bytes, in microseconds.
    upstream: f64,
}

pub(crate) fn measure(effort: Effort) -> Result<Table, Failure> {
    let note = format!(
        "One source with a document of {} bytes; one worker and kept connections to the upstream on both sides; all processes share {} \
         processors. Goals at 16 and 64 connections: the document's own bytes 0.9 and a document that is written anew 0.8 of the answers \
         per second of `proxy_pass`; own bytes at most 12 us of CPU on top of the same pipeline without a server (one thread, as many \
         requests in flight); bare programs on hyper's server and client are the floor.",
        document::one_ad().len(),
        std::thread::available_parallelism()?
    );
    let columns = &[
        "connections",
        "side",
        "answers/s",
        "of nginx",
        "CPU, us",
        "of nginx",
        "on top of the pipeline, us",
        "p99, us",
    ];
    let mut table = Table::new("The gateway beside nginx", note, columns);
    if !Nginx::is_installed() {
        table.row(["skipped: nginx".to_owned()]);
        return Ok(table);
    }
    let servers = Servers::start()?;
    for (connections, reuse) in CASES {
        let rounds = rounds(&servers, connections, reuse, effort)?;
        let connections = match reuse {
            Reuse::Kept => connections.to_string(),
            Reuse::Once => format!("{connections}, each for one request"),
        };
        rows(&mut table, &connections, &rounds);
    }
    Ok(table)
}

/// All sides in turns; the first turn opens the connections and does not count.
fn rounds(servers: &Servers, connections: usize, reuse: Reuse, effort: Effort) -> Result<Vec<Round>, Failure> {
    let Servers { upstream, proxy, vast, bare } = servers;
    let runtime = one_thread()?;
    let player = |address, path: String| runtime.block_on(Player::connect(address, &vec![path; connections], reuse));
    let mut nginx_player = player(proxy.address, format!("/{OWN}"))?;
    let mut own_player = player(vast.address, tag("own"))?;
    let mut changed_player = player(vast.address, tag("changed"))?;
    let mut bare_proxy_player = player(bare.address, bare_server::proxied(0))?;
    let mut bare_server_player = player(bare.address, bare_server::OWN.to_owned())?;
    let own_bytes = Bare::new(&format!("http://{}{}", vast.address, tag("own")), document::one_ad().len())?;
    runtime.block_on(own_bytes.once())?;
    let pipeline = Pipeline::new(&[format!("http://{}/{OWN}", upstream.address)], FetchMode::Parallel)?;
    let mut rounds = Vec::new();
    for _ in 0..=effort.rounds {
        let nginx = sample(&runtime, &mut nginx_player, &proxy.process, effort.round)?;
        let before = upstream.process.cpu()?;
        let own = sample(&runtime, &mut own_player, &vast.process, effort.round)?;
        let upstream = upstream.process.cpu()?.saturating_sub(before).as_secs_f64() * 1e6;
        let upstream = upstream / (own.per_second * effort.round.as_secs_f64());
        let changed = sample(&runtime, &mut changed_player, &vast.process, effort.round)?;
        let pipeline = runtime.block_on(keep_busy(&pipeline, connections, Amount::Time(effort.round)))?.micros();
        let bare_proxy = sample(&runtime, &mut bare_proxy_player, &bare.process, effort.round)?;
        let bare_server = sample(&runtime, &mut bare_server_player, &bare.process, effort.round)?;
        rounds.push(Round { nginx, own, changed, bare_proxy, bare_server, pipeline, upstream });
    }
    Ok(rounds.split_off(1))
}

fn rows(table: &mut Table, connections: &str, rounds: &[Round]) {
    let spread = |value: &dyn Fn(&Round) -> f64| Spread::of(rounds.iter().map(value));
    let sides: [Side; 4] = [
        ("nginx `proxy_pass`", |round| round.nginx),
        ("`vast serve`, own bytes", |round| round.own),
        ("`vast serve`, written anew", |round| round.changed),
        ("bare: hyper's server and client", |round| round.bare_proxy),
    ];
    for (number, (name, side)) in sides.into_iter().enumerate() {
        let per_second = spread(&|round| side(round).per_second).median;
        let cpu = spread(&|round| side(round).cpu).median;
        let p99 = spread(&|round| side(round).p99).median;
        let ours = |text: String| if number == 0 { String::new() } else { text };
        table.row([
            connections.to_owned(),
            name.to_owned(),
            format!("{per_second:.0}"),
            ours(spread(&|round| side(round).per_second / round.nginx.per_second).to_string()),
            format!("{cpu:.1}"),
            ours(spread(&|round| side(round).cpu / round.nginx.cpu).to_string()),
            ours(spread(&|round| side(round).cpu - round.pipeline).to_string()),
            format!("{p99:.0}"),
        ]);
    }
    let parts: [Part; 4] = [
        ("bare: hyper's server", |round| round.bare_server.cpu),
        ("the pipeline without a server", |round| round.pipeline),
        ("the load generator", |round| round.own.player),
        ("the upstream", |round| round.upstream),
    ];
    for (name, part) in parts {
        let cpu = format!("{:.1}", spread(&part).median);
        let empty = String::new;
        table.row([connections.to_owned(), name.to_owned(), empty(), empty(), cpu, empty(), empty(), empty()]);
    }
}

/// All metrics and logs on, against off.
pub(crate) fn observed(effort: Effort) -> Result<Table, Failure> {
    let note = format!(
        "CPU per answer of `vast serve` with own bytes at {OBSERVED} connections. On: a line of JSON per answer, and a scrape of \
         `/metrics` in each round of {:?}. Off: no log, no scrape. Goal: at most 1.05.",
        effort.round
    );
    let mut table = Table::new("Logs and metrics of the gateway", note, &["off, us", "on, us", "on / off"]);
    if !Nginx::is_installed() {
        table.row(["skipped: nginx".to_owned()]);
        return Ok(table);
    }
    let (upstream, runtime) = (upstream()?, one_thread()?);
    let (off, on) = (serve(&upstream, Logs::Off)?, serve(&upstream, Logs::Requests)?);
    let connect = |address, paths: &[String]| runtime.block_on(Player::connect(address, paths, Reuse::Kept));
    let mut off_player = connect(off.address, &vec![tag("own"); OBSERVED])?;
    let mut on_player = connect(on.address, &vec![tag("own"); OBSERVED])?;
    let mut scraper = connect(on.admin, &["/metrics".to_owned()])?;
    let mut rounds = Vec::new();
    for _ in 0..=effort.rounds {
        let off_cpu = sample(&runtime, &mut off_player, &off.process, effort.round)?.cpu;
        let before = on.process.cpu()?;
        let asking = async { tokio::join!(on_player.keep_asking(effort.round), scraper.keep_asking(Duration::ZERO)) };
        let (played, scraped) = runtime.block_on(asking);
        scraped?;
        let on_cpu = on.process.cpu()?.saturating_sub(before).as_secs_f64() * 1e6 / played?.ads.len() as f64;
        rounds.push((off_cpu, on_cpu));
    }
    let rounds = rounds.split_off(1);
    let median = |side: fn(&(f64, f64)) -> f64| format!("{:.1}", Spread::of(rounds.iter().map(side)).median);
    let ratio = Spread::of(rounds.iter().map(|(off, on)| on / off)).to_string();
    table.row([median(|round| round.0), median(|round| round.1), ratio]);
    Ok(table)
}
