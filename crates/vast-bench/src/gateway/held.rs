//! The memory of requests in flight in the gateway.

use std::fmt::Write as _;
use std::time::Duration;

use super::player::{Player, Reuse};
use super::serve::{Logs, VastServe, tag};
use crate::effort::{Effort, Failure};
use crate::opponent::{Opponent, Thinks};
use crate::pipeline::one_thread;
use crate::table::Table;

const IN_FLIGHT: usize = 4_000;
/// A client has at most 256 connections to a host.
const SERVERS: usize = 20;
/// One in so many requests asks a source that does not answer.
const HANGING: usize = 100;
/// The servers answer after this time.
const THINKS: Thinks = Thinks(2_000, 2_000);
const NEVER: Thinks = Thinks(3_600_000, 3_600_000);
/// The time limit of a request, and so the time of a request to a source that hangs.
const TIMEOUT: &str = "5s";
/// After this time all requests have begun, and those of the first time limit have ended.
const FILLED: Duration = Duration::from_secs(6);

pub(crate) fn measure(effort: Effort) -> Result<Table, Failure> {
    let note = format!(
        "Resident memory of `vast serve`, one worker, with {IN_FLIGHT} requests in flight all the time, each on a connection of its own: \
         growth since the first request of each placement, all connections included. The sources answer after 2 s; one request in \
         {HANGING} has a source that never answers and ends after {TIMEOUT}. Goal: at most 40 kB each, and no growth from the beginning to \
         the end."
    );
    let columns = &["in flight", "answers", "kB each at the beginning", "kB each at the end", "after"];
    let mut table = Table::new("Memory of requests in flight in the gateway", note, columns);
    let opponent = Opponent::start(&[&[THINKS; SERVERS][..], &[NEVER]].concat())?;
    let vast = VastServe::start("max_in_flight = 5000", &placements(opponent.urls()), Logs::Off)?;
    let runtime = one_thread()?;
    let names: Vec<_> = (0..=SERVERS).map(|number| tag(&format!("p{number}"))).collect();
    runtime.block_on(async {
        Player::connect(vast.address, &names, Reuse::Kept).await?.keep_asking(Duration::ZERO).await
    })?;
    let before = vast.process.resident()?;
    let path = |number: usize| &names[if number.is_multiple_of(HANGING) { SERVERS } else { number % SERVERS }];
    let paths: Vec<_> = (0..IN_FLIGHT).map(|number| path(number).clone()).collect();
    let each = |bytes: u64| bytes.saturating_sub(before) as f64 / IN_FLIGHT as f64 / 1e3;
    let (played, [begin, end]) = runtime.block_on(async {
        let mut player = Player::connect(vast.address, &paths, Reuse::Kept).await?;
        let readings = async {
            tokio::time::sleep(FILLED).await;
            let begin = vast.process.resident()?;
            tokio::time::sleep(effort.endurance).await;
            Ok::<_, Failure>([begin, vast.process.resident()?])
        };
        let (played, readings) = tokio::join!(player.keep_asking(FILLED + effort.endurance), readings);
        Ok::<_, Failure>((played?, readings?))
    })?;
    if played.ads.is_empty() || played.empty == 0 {
        return Err(
            format!("{} ads and {} answers without: both kinds were asked", played.ads.len(), played.empty).into()
        );
    }
    table.row([
        IN_FLIGHT.to_string(),
        format!("{}, {} of them without an ad", played.answers(), played.empty),
        format!("{:.1}", each(begin)),
        format!("{:.1}", each(end)),
        format!("{:?}", effort.endurance),
    ]);
    Ok(table)
}

fn placements(urls: &[String]) -> String {
    urls.iter().enumerate().fold(String::new(), |mut text, (number, url)| {
        // Writing into a String cannot fail.
        let _ = write!(
            text,
            "[placement.p{number}]\ntimeout = \"{TIMEOUT}\"\nsource_timeout = \"{TIMEOUT}\"\nattempt_timeout = \"{TIMEOUT}\"\n\
             idle_timeout = \"{TIMEOUT}\"\nsource = [{{ name = \"s\", url = \"{url}\" }}]\n"
        );
        text
    })
}
