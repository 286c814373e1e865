//! The cost of one more source if all sources are requested at the same time.

use vast_client::FetchMode;

use crate::bare::{Bare, BareAndParse};
use crate::document;
use crate::effort::{Effort, Failure};
use crate::load::{Amount, keep_busy};
use crate::opponent::{Opponent, Thinks};
use crate::pipeline::{Pipeline, one_thread};
use crate::table::Table;
use crate::units::Spread;

/// The numbers of sources that are measured, beginning with one.
const SOURCES: [usize; 3] = [1, 3, 5];

/// The cost of one round, in microseconds.
struct Round {
    bare: f64,
    parsed: f64,
    /// One value for each of [`SOURCES`].
    requests: [f64; SOURCES.len()],
}

impl Round {
    /// The cost per added source.
    fn added(&self, index: usize) -> f64 {
        (self.requests[index] - self.requests[0]) / (SOURCES[index] - 1) as f64
    }
}

pub(crate) fn measure(effort: Effort) -> Result<Table, Failure> {
    let note = "CPU time of one more source that answers at once, in bare exchanges: \
                `(cpu(N) - cpu(1)) / (N - 1) / cpu(bare)`, reading the losers to their end included; one thread. \
                Target: at most 1.1. The last column is in bare exchanges whose document is read.";
    let columns = &[
        "mode",
        "in flight",
        "bare, us",
        "N = 1, us",
        "N = 3, us",
        "N = 5, us",
        "per added, N = 3",
        "per added, N = 5",
        "N = 5 / (bare + parse)",
    ];
    let mut table = Table::new("CPU per added source", note, columns);
    let opponent = Opponent::start(&[Thinks::NOT; 5])?;
    for mode in [FetchMode::Parallel, FetchMode::Race, FetchMode::Collect] {
        for in_flight in [1, 16] {
            let rounds = one_thread()?.block_on(rounds(&opponent, mode, in_flight, effort))?;
            let spread = |value: &dyn Fn(&Round) -> f64| Spread::of(rounds.iter().map(value));
            let micros = |value: &dyn Fn(&Round) -> f64| format!("{:.1}", spread(value).median);
            let [one, three, five] = [0, 1, 2].map(|index| micros(&|round| round.requests[index]));
            let [added_3, added_5] = [1, 2].map(|index| spread(&|round| round.added(index) / round.bare).to_string());
            let parsed = spread(&|round| round.added(2) / round.parsed).to_string();
            let bare = micros(&|round| round.bare);
            table.row([mode.to_string(), in_flight.to_string(), bare, one, three, five, added_3, added_5, parsed]);
        }
    }
    Ok(table)
}

/// The floor and each number of sources in turns; the first turn opens the connections and does not count.
async fn rounds(opponent: &Opponent, mode: FetchMode, in_flight: usize, effort: Effort) -> Result<Vec<Round>, Failure> {
    let bare = Bare::new(opponent.url(), document::one_ad().len())?;
    let mut clients = Vec::new();
    for sources in SOURCES {
        clients.push(Pipeline::new(&opponent.urls()[..sources], mode)?);
    }
    let amount = Amount::Time(effort.round);
    let mut rounds = Vec::new();
    for _ in 0..=effort.rounds {
        let parsed = keep_busy(&BareAndParse(bare.clone()), in_flight, amount).await?.micros();
        let bare = keep_busy(&bare, in_flight, amount).await?.micros();
        let mut requests = [0.0; SOURCES.len()];
        for (client, micros) in clients.iter().zip(&mut requests) {
            *micros = keep_busy(client, in_flight, amount).await?.micros();
        }
        rounds.push(Round { bare, parsed, requests });
    }
    Ok(rounds.split_off(1))
}
