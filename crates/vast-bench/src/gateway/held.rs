//! The memory of requests in flight in the gateway.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::time::Duration;

use super::bare_server::{self, BareServer};
use super::player::{Played, Player, Reuse};
use super::process::MeasuredProcess;
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
        "Resident memory of a process, one worker, with {IN_FLIGHT} requests in flight all the time, each on a connection of its own: \
         growth since the first request of each placement, all connections included. The sources answer after 2 s; one request in \
         {HANGING} has a source that never answers and ends after {TIMEOUT}. The bare side is hyper's server with hyper's client behind it. \
         Goal: at most 40 kB each, and no growth from the beginning to the end."
    );
    let columns = &["side", "in flight", "answers", "kB each at the beginning", "kB each at the end", "after"];
    let mut table = Table::new("Memory of requests in flight in the gateway", note, columns);
    let opponent = Opponent::start(&[&[THINKS; SERVERS][..], &[NEVER]].concat())?;
    let vast = VastServe::start("max_in_flight = 5000", &placements(opponent.urls()), Logs::Off)?;
    let tags: Vec<_> = (0..=SERVERS).map(|number| tag(&format!("p{number}"))).collect();
    table.row(row("`vast serve`", effort, &hold(&vast.process, vast.address, &tags, effort)?));
    drop(vast);
    let bare = BareServer::start(opponent.urls())?;
    let paths: Vec<_> = (0..=SERVERS).map(bare_server::proxied).collect();
    table.row(row("bare", effort, &hold(&bare.process, bare.address, &paths, effort)?));
    Ok(table)
}

/// The requests in flight of one side.
struct Held {
    played: Played,
    /// The memory that each takes at the beginning and at the end, in kB.
    each: [f64; 2],
}

/// Keeps the requests in flight. The last of `paths` has the source that never answers.
fn hold(process: &MeasuredProcess, address: SocketAddr, paths: &[String], effort: Effort) -> Result<Held, Failure> {
    let runtime = one_thread()?;
    runtime
        .block_on(async { Player::connect(address, paths, Reuse::Kept).await?.keep_asking(Duration::ZERO).await })?;
    let before = process.resident()?;
    let path = |number: usize| &paths[if number.is_multiple_of(HANGING) { SERVERS } else { number % SERVERS }];
    let all: Vec<_> = (0..IN_FLIGHT).map(|number| path(number).clone()).collect();
    let each = |bytes: u64| bytes.saturating_sub(before) as f64 / IN_FLIGHT as f64 / 1e3;
    let (played, each) = runtime.block_on(async {
        let mut player = Player::connect(address, &all, Reuse::Kept).await?;
        let readings = async {
            tokio::time::sleep(FILLED).await;
            let begin = process.resident()?;
            tokio::time::sleep(effort.endurance).await;
            Ok::<_, Failure>([begin, process.resident()?].map(each))
        };
        let (played, readings) = tokio::join!(player.keep_asking(FILLED + effort.endurance), readings);
        Ok::<_, Failure>((played?, readings?))
    })?;
    if played.ads.is_empty() || played.empty == 0 {
        return Err(
            format!("{} ads and {} answers without: both kinds were asked", played.ads.len(), played.empty).into()
        );
    }
    Ok(Held { played, each })
}

fn row(side: &str, effort: Effort, Held { played, each: [begin, end] }: &Held) -> [String; 6] {
    [
        side.to_owned(),
        IN_FLIGHT.to_string(),
        format!("{}, {} of them without an ad", played.answers(), played.empty),
        format!("{begin:.1}"),
        format!("{end:.1}"),
        format!("{:?}", effort.endurance),
    ]
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
