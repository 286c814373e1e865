//! What a gateway answers that is asked more than it permits.

use std::time::Duration;

use super::player::{Player, Reuse, quantile};
use super::serve::{Logs, VastServe, tag};
use crate::effort::{Effort, Failure};
use crate::opponent::{Opponent, Thinks};
use crate::pipeline::one_thread;
use crate::table::Table;
use crate::units::Spread;

/// The requests in flight that the gateway permits. With the time of the source they are its capacity.
const PERMITTED: usize = 64;
/// The source answers after this time.
const THINKS: Thinks = Thinks(20, 20);
/// The connections that ask too much. They must be more than the permitted requests, so that others are left to ask.
const CONNECTIONS: usize = 512;
/// How much too much.
const TIMES: f64 = 3.0;
/// How often the round of other measurements fits into one of this, because the gateway decides once a second about the lag.
const ROUNDS: u32 = 4;

pub(crate) fn measure(effort: Effort) -> Result<Table, Failure> {
    let note = format!(
        "`vast serve` with one worker and `max_in_flight = {PERMITTED}`, a source that answers after 20 ms. Capacity: the ads per second of \
         {PERMITTED} connections. Then {TIMES} times as many requests per second on {CONNECTIONS} connections. Goals: goodput (ads per \
         second) 0.9 of the capacity, and a p99 of at most 5 ms for an answer that is shed."
    );
    let columns =
        &["capacity, ads/s", "asked/s", "goodput, of capacity", "shed, median, ms", "shed, p99, ms", "ads, p99, ms"];
    let mut table = Table::new("Three times the capacity of the gateway", note, columns);
    let opponent = Opponent::start(&[THINKS])?;
    let placement = format!("[placement.p]\nsource = [{{ name = \"s\", url = \"{}\" }}]\n", opponent.url());
    let vast = VastServe::start(&format!("max_in_flight = {PERMITTED}"), &placement, Logs::Off)?;
    let (runtime, time) = (one_thread()?, effort.round * ROUNDS);
    let connect = |count: usize| runtime.block_on(Player::connect(vast.address, &vec![tag("p"); count], Reuse::Kept));
    let (mut few, mut many) = (connect(PERMITTED)?, connect(CONNECTIONS)?);
    let warm_up = runtime.block_on(few.keep_asking(Duration::from_millis(200)))?;
    if warm_up.ads.is_empty() {
        return Err("no ads".into());
    }
    let mut rounds = Vec::new();
    for _ in 0..effort.rounds.min(5) {
        let capacity = runtime.block_on(few.keep_asking(time))?.ads_per_second();
        let played = runtime.block_on(many.ask_at_rate(capacity * TIMES, time))?;
        if played.shed.is_empty() {
            return Err("no request was shed".into());
        }
        rounds.push((capacity, played));
    }
    let spread = |value: &dyn Fn(f64, &super::player::Played) -> f64| {
        Spread::of(rounds.iter().map(|(capacity, played)| value(*capacity, played)))
    };
    table.row([
        format!("{:.0}", spread(&|capacity, _| capacity).median),
        format!("{:.0}", spread(&|_, played| played.answers() as f64 / played.elapsed.as_secs_f64()).median),
        spread(&|capacity, played| played.ads_per_second() / capacity).to_string(),
        spread(&|_, played| quantile(&played.shed, 0.5) / 1e3).to_string(),
        spread(&|_, played| quantile(&played.shed, 0.99) / 1e3).to_string(),
        spread(&|_, played| quantile(&played.ads, 0.99) / 1e3).to_string(),
    ]);
    Ok(table)
}
