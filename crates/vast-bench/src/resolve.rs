//! The cost of wrappers: the CPU time of a chain, and the elapsed time of a pod.

use std::time::Duration;

use tokio::time::Instant;
use vast_client::{FetchMode, VastClient};

use crate::bare::{Bare, BareAndParse, Each};
use crate::effort::{Effort, Failure};
use crate::instructions;
use crate::load::{Amount, Work, keep_busy, repeat_in_flight};
use crate::opponent::{Opponent, POD, Thinks, chain_document};
use crate::pipeline::{Pipeline, one_thread, patient};
use crate::table::Table;
use crate::units::Spread;

/// The argument that makes this binary request a chain a number of times.
pub(crate) const ARGUMENT: &str = "--chain";
/// The number of wrappers of the chain: the largest number that every client must follow (VAST 4.3 section 3.19.1).
const WRAPPERS: usize = 5;
/// The delay of the ads behind the pod's wrappers.
const THINKS: Thinks = Thinks(20, 20);
/// How often the pod is requested in one round.
const PODS: usize = 5;

pub(crate) fn measure(effort: Effort) -> Result<Table, Failure> {
    let note = format!(
        "A chain: CPU time of `request_ad` through {WRAPPERS} wrappers, against a bare loop of the same HTTP client that \
         gets the same {} documents one after the other and reads each with `vast_xml::parse`. A pod: wall clock of \
         `request_ad` for a pod of {POD} wrappers, each of which leads to an ad that takes {} ms, against that time. One \
         thread. Goals: 1.15 for the chain; for the pod the time of the slowest.",
        WRAPPERS + 1,
        THINKS.0,
    );
    let columns = &["what", "in flight", "floor, us", "ours, us", "ours / floor"];
    let mut table = Table::new("Wrappers", note, columns);
    for in_flight in [1, 16] {
        let opponent = Opponent::start(&[Thinks::NOT])?;
        let rounds = one_thread()?.block_on(chains(&opponent, in_flight, effort))?;
        row(&mut table, format!("chain of {WRAPPERS} wrappers, CPU"), in_flight, &rounds);
    }
    let name = format!("chain of {WRAPPERS} wrappers, instructions");
    match [instructions::per_unit(ARGUMENT, "floor")?, instructions::per_unit(ARGUMENT, "ours")?] {
        [Some(floor), Some(ours)] => {
            let counts = [floor, ours].map(|count| format!("{count:.0}"));
            table.row([name, "1".into()].into_iter().chain(counts).chain([format!("{:.2}", ours / floor)]));
        }
        _ => table.row([&*name, "1", "", "skipped: valgrind", ""].map(str::to_owned)),
    }
    let opponent = Opponent::start(&[THINKS])?;
    let rounds = one_thread()?.block_on(pods(&opponent, effort))?;
    row(&mut table, format!("pod of {POD} wrappers, wall clock"), 1, &rounds);
    Ok(table)
}

/// Adds a row: the floor and our client in each round, in microseconds.
fn row(table: &mut Table, name: String, in_flight: usize, rounds: &[[f64; 2]]) {
    let [floor, ours] = [0, 1].map(|side| format!("{:.1}", Spread::of(rounds.iter().map(|round| round[side])).median));
    let ratio = Spread::of(rounds.iter().map(|[floor, ours]| ours / floor)).to_string();
    table.row([name, in_flight.to_string(), floor, ours, ratio]);
}

/// Requests the chain a number of times. Example of arguments: `ours 1000`.
pub(crate) fn repeat(arguments: &[String]) -> Result<(), Failure> {
    let [side, units] = arguments else { return Err("a side and a number".into()) };
    let amount = Amount::Units(units.parse()?);
    let opponent = Opponent::start(&[Thinks::NOT])?;
    let (floor, ours) = sides(&opponent)?;
    let runtime = one_thread()?;
    let done = match side.as_str() {
        "floor" => runtime.block_on(repeat_in_flight(&floor, 1, amount)),
        "ours" => runtime.block_on(repeat_in_flight(&ours, 1, amount)),
        other => return Err(format!("no side {other}").into()),
    };
    done.map(drop)
}

/// The floor and our client for the chain.
fn sides(opponent: &Opponent) -> Result<(Each, Pipeline), Failure> {
    let documents =
        (0..=WRAPPERS).rev().map(|left| (opponent.chain(left), chain_document(left, opponent.base()).len()));
    let mut each = Vec::new();
    let mut first: Option<Bare> = None;
    for (url, bytes) in documents {
        let bare = first.as_ref().map_or_else(|| Bare::new(&url, bytes), |first| first.at(&url, bytes))?;
        each.push(BareAndParse(first.insert(bare).clone()));
    }
    Ok((Each(each), Pipeline(VastClient::from_config(patient(&opponent.chain(WRAPPERS)))?)))
}

/// The floor and our client in turns; the first turn opens the connections and does not count.
async fn chains(opponent: &Opponent, in_flight: usize, effort: Effort) -> Result<Vec<[f64; 2]>, Failure> {
    let (floor, ours) = sides(opponent)?;
    let amount = Amount::Time(effort.round);
    let mut rounds = Vec::new();
    for _ in 0..=effort.rounds {
        let floor = keep_busy(&floor, in_flight, amount).await?.micros();
        rounds.push([floor, keep_busy(&ours, in_flight, amount).await?.micros()]);
    }
    Ok(rounds.split_off(1))
}

async fn pods(opponent: &Opponent, effort: Effort) -> Result<Vec<[f64; 2]>, Failure> {
    let ours = Pipeline::new(&[opponent.pod()], FetchMode::Parallel)?;
    let ads = ours.0.request_ad().await.ads.len();
    if ads != POD {
        return Err(format!("the pod has {ads} ads, not {POD}").into());
    }
    let floor = Duration::from_millis(THINKS.0).as_secs_f64() * 1e6;
    let mut rounds = Vec::new();
    for _ in 0..effort.rounds {
        let begun = Instant::now();
        for _ in 0..PODS {
            ours.once().await?;
        }
        rounds.push([floor, begun.elapsed().as_secs_f64() * 1e6 / PODS as f64]);
    }
    Ok(rounds)
}
