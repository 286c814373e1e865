//! What `linger` saves: the connections that races open with and without it, and the cost of each.

use std::time::Duration;

use vast_client::transport::{ExchangeSettings, Linger};
use vast_client::{FetchConfig, FetchMode, VastClient};

use crate::effort::{Effort, Failure};
use crate::load::{Amount, keep_busy};
use crate::opponent::{Opponent, Thinks};
use crate::pipeline::{Pipeline, one_thread};
use crate::table::Table;

/// How many races are run.
const RACES: u64 = 2_000;

/// The winner answers after 1 ms, the others after 1 to 20 ms.
const SERVERS: [Thinks; 5] = [Thinks(1, 1), Thinks(1, 20), Thinks(1, 20), Thinks(1, 20), Thinks(1, 20)];

pub(crate) fn measure(effort: Effort) -> Result<Table, Failure> {
    let note = "Races of 5 sources over plain HTTP, one of which answers after 1 ms and four after 1 to 20 ms: \
                connections that the servers accepted per 1,000 races, the first ones included, and our CPU time per \
                race; one thread. With TLS every connection is a handshake more.";
    let columns = &["linger", "in flight", "connections per 1,000 races", "CPU per race, us"];
    let mut table = Table::new("Connections of races", note, columns);
    let short = Linger { time: Duration::from_millis(200), ..Linger::default() };
    let usual = Linger::default();
    let wide = Linger { exchanges: 1_024, ..usual };
    for in_flight in [1, 16] {
        for (name, linger) in
            [("off", Linger::OFF), ("200 ms", short), ("default (1 s)", usual), ("1 s, 1,024 exchanges", wide)]
        {
            let mut opponent = Opponent::start(&SERVERS)?;
            let races = Amount::Units(RACES / effort.divisor);
            let client = racer(&opponent, linger)?;
            let cost = one_thread()?.block_on(keep_busy(&client, in_flight, races))?;
            let per_thousand = opponent.connections()? as f64 * 1_000.0 / cost.units as f64;
            let micros = cost.micros();
            table.row([name.into(), in_flight.to_string(), format!("{per_thousand:.0}"), format!("{micros:.0}")]);
        }
    }
    Ok(table)
}

fn racer(opponent: &Opponent, linger: Linger) -> Result<Pipeline, Failure> {
    let config = FetchConfig::new(opponent.urls().iter().map(String::as_str)).with_mode(FetchMode::Race);
    let settings = ExchangeSettings { linger, ..ExchangeSettings::default() };
    Ok(Pipeline(VastClient::builder().exchange(settings).build(config)?))
}
