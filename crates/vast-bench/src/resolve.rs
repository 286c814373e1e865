//! The cost of wrappers: the CPU time of a chain, and the elapsed time of a pod.

use std::time::Duration;

use tokio::time::Instant;
use vast_client::FetchMode;

use crate::bare::{Bare, BareAndParse, Each};
use crate::effort::{Effort, Failure};
use crate::load::{Amount, Work, keep_busy};
use crate::opponent::{Opponent, POD, Thinks, chain_document};
use crate::pipeline::{Pipeline, one_thread};
use crate::table::Table;
use crate::units::Spread;

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

/// The floor and our client in turns; the first turn opens the connections and does not count.
async fn chains(opponent: &Opponent, in_flight: usize, effort: Effort) -> Result<Vec<[f64; 2]>, Failure> {
    let documents =
        (0..=WRAPPERS).rev().map(|left| (opponent.chain(left), chain_document(left, opponent.base()).len()));
    let mut each = Vec::new();
    let mut first: Option<Bare> = None;
    for (url, bytes) in documents {
        let bare = first.as_ref().map_or_else(|| Bare::new(&url, bytes), |first| first.at(&url, bytes))?;
        each.push(BareAndParse(first.insert(bare).clone()));
    }
    let (floor, ours) = (Each(each), Pipeline::new(&[opponent.chain(WRAPPERS)], FetchMode::Parallel)?);
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
