//! The memory of requests in flight, each side in a separate process.

use std::process::Command;
use std::time::Duration;

use tokio::task::JoinSet;
use vast_client::VastClient;

use crate::bare::Bare;
use crate::document;
use crate::effort::{Effort, Failure};
use crate::load::Work;
use crate::opponent::{Opponent, Thinks};
use crate::outbox::resident;
use crate::pipeline::{Pipeline, one_thread, patient};
use crate::table::Table;
use crate::units::Spread;

/// The argument that makes this binary hold requests of one side in flight and print their memory.
pub(crate) const ARGUMENT: &str = "--in-flight";
/// A client has at most 256 connections to a host.
const SERVERS: usize = 4;
const REQUESTS_PER_SERVER: usize = 200;
/// The servers answer after 3 s, and the memory is read before.
const THINKS: Thinks = Thinks(3_000, 3_000);
const READ_AFTER: Duration = Duration::from_millis(1_500);

pub(crate) fn measure(effort: Effort) -> Result<Table, Failure> {
    let note = format!(
        "Resident memory of {} requests that wait for their response, per request: growth since the first request of each client, \
         connections included; {SERVERS} servers, one thread, each side in a process of its own. Goal: at most 16 kB more than bare.",
        SERVERS * REQUESTS_PER_SERVER
    );
    let mut table = Table::new("Memory per request in flight", note, &["bare, kB", "ours, kB", "more, kB"]);
    let (mut bare, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..effort.rounds.min(5) {
        bare.push(grown("bare")?);
        ours.push(grown("ours")?);
    }
    let more = Spread::of(ours.iter().zip(&bare).map(|(ours, bare)| ours - bare));
    let [bare, ours] = [bare, ours].map(|values| Spread::of(values).to_string());
    table.row([bare, ours, more.to_string()]);
    Ok(table)
}

/// The memory of one request of a side, in kB.
fn grown(side: &str) -> Result<f64, Failure> {
    let output = Command::new(std::env::current_exe()?).args([ARGUMENT, side]).output()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let bytes: f64 = said.trim().parse().map_err(|_| format!("no memory of {side}: {output:?}"))?;
    Ok(bytes / (SERVERS * REQUESTS_PER_SERVER) as f64 / 1e3)
}

/// Holds requests in flight and returns by how many bytes the memory of this process has grown. Example of arguments: `ours`.
pub(crate) fn hold(arguments: &[String]) -> Result<u64, Failure> {
    let opponent = Opponent::start(&[THINKS; SERVERS])?;
    let length = document::one_ad().len();
    match arguments.first().map(String::as_str) {
        Some("bare") => held(&opponent.urls().iter().map(|url| Bare::new(url, length)).collect::<Result<Vec<_>, _>>()?),
        Some("ours") => held(&opponent.urls().iter().map(|url| ours(url)).collect::<Result<Vec<_>, _>>()?),
        _ => Err("a side: bare or ours".into()),
    }
}

fn ours(url: &str) -> Result<Pipeline, Failure> {
    Ok(Pipeline(VastClient::from_config(patient(url))?))
}

fn held<W: Work>(clients: &[W]) -> Result<u64, Failure> {
    one_thread()?.block_on(async {
        for client in clients {
            client.once().await?;
        }
        let before = resident()?;
        let mut tasks = JoinSet::new();
        for client in clients.iter().flat_map(|client| vec![client; REQUESTS_PER_SERVER]) {
            let client = client.clone();
            tasks.spawn(async move { client.once().await });
        }
        tokio::time::sleep(READ_AFTER).await;
        let grown = resident()?.saturating_sub(before);
        if let Some(ended) = tasks.try_join_next() {
            return Err(format!("a request has ended before the memory was read: {ended:?}").into());
        }
        while let Some(ended) = tasks.join_next().await {
            ended??;
        }
        Ok(grown)
    })
}
