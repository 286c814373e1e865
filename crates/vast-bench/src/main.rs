//! Measures our code and floors: the simplest programs that do the same work.
//!
//! ```text
//! cargo run -p vast-bench --profile dist                      everything
//! cargo run -p vast-bench --profile dist -- pipeline          one measurement
//! cargo run -p vast-bench --profile dist -- resolve           wrappers, and the views of a resolved ad
//! cargo run -p vast-bench --profile dist -- memory            requests in flight
//! cargo run -p vast-bench --profile dist -- load              10,000 connections, HTTP/2, how costs grow; --long: 10 minutes, --soak: an hour
//! cargo run -p vast-bench --profile dist -- --plots docs           draws how costs grow
//! cargo run -p vast-bench --profile dist -- playlist          a playlist of ten breaks against ten requests
//! cargo run -p vast-bench --profile dist -- recorder          requests with a recorder against without one
//! cargo run -p vast-bench --profile dist --features replay -- replay
//! cargo run -p vast-bench --profile dist --features gateway -- gateway      `vast serve` beside nginx
//! cargo run -p vast-bench --profile dist --features gateway -- logs         its logs and metrics, against none
//! cargo run -p vast-bench --profile dist --features gateway -- counted      as below, and instructions per answer of the gateway
//! cargo run -p vast-bench --profile dist --features gateway -- held         memory of requests in flight in it; --long: 10 minutes
//! cargo run -p vast-bench --profile dist -- parse             reading documents, with the floors and other libraries (bench-peers)
//! cargo run -p vast-bench --profile dist -- floor             reading documents, with the floors only
//! cargo run -p vast-bench --profile dist -- peers             all comparisons with others: reading, requests, the gateway beside nginx
//! cargo run -p vast-bench --profile dist -- outbox            beacons: the store on disk, the dispatcher, instructions
//! cargo run -p vast-bench --profile dist --features nats -- nats      the outbox on NATS beside that on disk, whole lives of beacons
//! cargo run -p vast-bench --profile dist -- write             writing documents as XML and as JSON
//! cargo run -p vast-bench --profile dist -- select            filling a break, ranking media files
//! cargo run -p vast-bench --profile dist -- counted           instructions per request: rules, numbers, orders (--features untraced: no spans)
//! cargo run -p vast-bench --release -- gate                   instructions for reading and for a request against budget.txt
//! cargo run -p vast-bench --profile dist -- --quick           shorter rounds
//! cargo run -p vast-bench --profile dist --features allocations -- allocations
//! perf record target/dist/vast-bench --spin           requests only, for a profiler (--spin 5: of 5 sources)
//! ```
//!
//! Speed is the CPU time of this process, user and system, per unit of work. The ad servers run in another process (the
//! same binary), so that their work does not count. Our code and the floor run in alternating rounds of one run, and the
//! ratio is the median of the ratios of neighbouring rounds, because a busy machine slows both. Other libraries read in
//! separate processes too; the table says why one is missing.

mod against;
#[cfg(feature = "allocations")]
mod allocations;
mod answer;
mod bare;
mod beacon;
mod clients;
mod clock;
mod connections;
mod counted;
mod document;
mod effort;
mod floor;
mod gate;
#[cfg(feature = "gateway")]
mod gateway;
mod heavy_load;
mod in_flight;
mod instructions;
mod load;
#[cfg(feature = "nats")]
mod nats;
mod opponent;
mod outbox;
mod parse;
mod peer;
mod peers;
mod pipeline;
mod playlist;
mod reader;
mod recorder;
mod repeat;
#[cfg(feature = "replay")]
mod replay;
mod resolve;
mod resolved;
mod samples;
mod select;
mod sources;
mod table;
mod track;
mod units;
mod write;

use std::process::ExitCode;

use effort::{Effort, Failure};
use table::Table;

/// The allocator of the program `vast`. This binary runs as `vast serve` too, so both must use the same one.
#[cfg(all(feature = "gateway", not(feature = "allocations")))]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Makes one measurement.
type Measure = fn(Effort) -> Result<Table, Failure>;

/// The name of all comparisons with other libraries and programs.
const PEERS: &str = "peers";

/// The measurements with their names. Those of other libraries and programs are also `peers`.
const MEASUREMENTS: &[(&[&str], Measure)] = &[
    (&["pipeline"], pipeline::measure),
    (&["sources"], sources::measure),
    (&["answer"], answer::measure),
    (&["connections"], connections::measure),
    (&["resolve"], resolve::measure),
    (&["resolve"], resolved::measure),
    (&["playlist"], playlist::measure),
    (&["recorder"], recorder::measure),
    #[cfg(feature = "replay")]
    (&["replay"], replay::measure),
    #[cfg(feature = "gateway")]
    (&["gateway", "beside-nginx", PEERS], gateway::beside_nginx),
    #[cfg(feature = "gateway")]
    (&["gateway", "logs"], gateway::observed),
    #[cfg(feature = "gateway")]
    (&["gateway", "relay", PEERS], gateway::relayed_ads),
    #[cfg(feature = "gateway")]
    (&["gateway", "relay", "events", PEERS], gateway::beacon_hits),
    #[cfg(feature = "gateway")]
    (&["gateway", "relay"], gateway::readers),
    #[cfg(feature = "gateway")]
    (&["gateway", "counted"], gateway::counted),
    #[cfg(feature = "gateway")]
    (&["gateway"], gateway::race),
    #[cfg(feature = "gateway")]
    (&["gateway"], gateway::overload),
    #[cfg(feature = "gateway")]
    (&["gateway", "held"], gateway::held),
    (&["memory"], in_flight::measure),
    (&["load"], heavy_load::measure_sources),
    (&["load"], heavy_load::measure_http2),
    (&["load"], heavy_load::measure_growth),
    (&["outbox"], outbox::measure),
    (&["outbox"], beacon::measure),
    #[cfg(feature = "nats")]
    (&["nats"], nats::measure),
    (&["parse", "floor", PEERS], parse::measure),
    (&["parse", PEERS], peers::measure),
    (&[PEERS], clients::measure),
    (&["write"], write::measure),
    (&["track"], track::measure),
    (&["select"], select::breaks),
    (&["select"], select::ranking),
    (&["counted"], counted::measure),
    #[cfg(feature = "allocations")]
    (&["allocations"], allocations::measure),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.split_first() {
        Some((first, delays)) if first == opponent::ARGUMENT => opponent::serve(delays),
        Some((first, row)) if first == track::ARGUMENT => track::repeat(row),
        #[cfg(feature = "gateway")]
        Some((first, arguments)) if first == gateway::ARGUMENT => gateway::run(arguments),
        #[cfg(feature = "gateway")]
        Some((first, upstreams)) if first == gateway::BARE_SERVER => gateway::run_bare_server(upstreams),
        #[cfg(feature = "replay")]
        Some((first, row)) if first == replay::ARGUMENT => replay::repeat(row),
        Some((first, row)) if first == resolve::ARGUMENT => resolve::repeat(row),
        Some((first, side)) if first == in_flight::ARGUMENT => in_flight::hold(side).map(print),
        Some((first, side)) if first == heavy_load::ARGUMENT => heavy_load::run_side(side).map(print),
        Some((first, file)) if first == heavy_load::HTTP2_SERVER => heavy_load::serve_http2(file),
        Some((first, folder)) if first == heavy_load::PLOTS => heavy_load::plots(folder),
        Some((first, files)) if first == reader::ARGUMENT => reader::answer(files),
        Some((first, row)) if first == beacon::ARGUMENT => beacon::repeat(row),
        Some((first, profile)) if first == select::ARGUMENT => select::rank(profile),
        Some((first, form)) if first == write::ARGUMENT => write::repeat(form),
        Some((first, row)) if first == gate::ARGUMENT => gate::repeat(row),
        Some((first, row)) if first == counted::REQUEST => counted::repeat(row),
        Some((first, side)) if first == against::ARGUMENT => against::request(side),
        Some((first, [])) if first == against::DOCUMENT => {
            against::print_document();
            Ok(())
        }
        Some((first, [])) if first == gate::NAME => gate::check().map(print),
        Some((first, sources)) if first == pipeline::SPIN => pipeline::spin(sources),
        _ => run(&arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => complain(&failure),
    }
}

#[allow(clippy::print_stdout)] // This is a program's main file.
fn print(result: impl std::fmt::Display) {
    println!("{result}");
}

#[allow(clippy::print_stderr)] // This is a program's main file.
fn complain(failure: &Failure) -> ExitCode {
    eprintln!("vast-bench: {failure}");
    ExitCode::FAILURE
}

#[allow(clippy::print_stdout)] // This is a program's main file.
fn run(arguments: &[String]) -> Result<(), Failure> {
    let (flags, names): (Vec<_>, Vec<_>) = arguments.iter().partition(|argument| argument.starts_with("--"));
    let effort = match flags.as_slice() {
        [] => Effort::FULL,
        [flag] if *flag == "--quick" => Effort::QUICK,
        [flag] if *flag == "--long" => Effort::LONG,
        [flag] if *flag == "--soak" => Effort::SOAK,
        _ => return Err(format!("the flag is --quick, --long or --soak, not {flags:?}").into()),
    };
    for name in &names {
        if !MEASUREMENTS.iter().any(|(known, _)| known.contains(&name.as_str())) {
            let mut known: Vec<_> = MEASUREMENTS.iter().flat_map(|(known, _)| *known).copied().collect();
            known.sort_unstable();
            known.dedup();
            return Err(format!("no measurement {name}; there are: {}", known.join(", ")).into());
        }
    }
    let chosen = |known: &[&str]| names.is_empty() || names.iter().any(|chosen| known.contains(&chosen.as_str()));
    for (_, measure) in MEASUREMENTS.iter().filter(|(known, _)| chosen(known)) {
        println!("{}", measure(effort)?);
    }
    #[cfg(not(feature = "gateway"))]
    if names.iter().any(|name| *name == PEERS) {
        gateway_beside_nginx(flags.first().copied())?;
    }
    Ok(())
}

/// Measures the gateway with a build that has it.
#[cfg(not(feature = "gateway"))]
fn gateway_beside_nginx(flag: Option<&String>) -> Result<(), Failure> {
    let mut command = std::process::Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args([
        "run",
        "--quiet",
        "--profile",
        "dist",
        "--package",
        "vast-bench",
        "--features",
        "gateway",
        "--",
        "beside-nginx",
    ]);
    let status = command.args(flag).current_dir(env!("CARGO_MANIFEST_DIR")).status()?;
    if status.success() { Ok(()) } else { Err("the gateway was not measured".into()) }
}
