//! Instructions of `vast serve` per answer: own bytes, with a line of log, written anew, relayed; and per reported event.

use std::net::{SocketAddr, TcpListener};

use tempfile::NamedTempFile;

use super::beside_nginx::{CHANGED, OWN, upstream};
use super::nginx::Nginx;
use super::player::{Player, Reuse};
use super::relay::{ad_with_events, relay, sealed_paths};
use super::serve::{Logs, VastServe, tag};
use crate::document;
use crate::effort::{Effort, Failure};
use crate::instructions::{FEW, MANY, collected, is_installed};
use crate::pipeline::one_thread;
use crate::table::Table;

/// Enough ads that each event of [`MANY`] is another one.
const ADS: usize = 20;

/// The paths that are asked, in order.
type Paths<'a> = &'a dyn Fn(SocketAddr) -> Result<Vec<String>, Failure>;

pub(crate) fn measure(_: Effort) -> Result<Table, Failure> {
    let note = format!(
        "Instructions (callgrind) of the whole process outside the system, on one connection: for an answer with a document of {} bytes, \
         and for a reported event with one tracker and the outbox in memory.",
        document::one_ad().len()
    );
    let columns = &["answer", "instructions", "more"];
    let mut table = Table::new("Instructions per answer of the gateway", note, columns);
    if !Nginx::is_installed() || !is_installed() {
        table.row(["skipped: nginx or valgrind".to_owned()]);
        return Ok(table);
    }
    let (files, folder) = (upstream()?, tempfile::tempdir()?);
    let secret = relay(&folder)?;
    let mut counts: Vec<(&str, f64)> = Vec::new();
    for (name, file, keys, logs, than) in [
        ("own bytes", OWN, "", Logs::Off, ""),
        ("own bytes, a line of log", OWN, "", Logs::Requests, "own bytes"),
        ("written anew", CHANGED, "", Logs::Off, "own bytes"),
        ("relayed", OWN, "track = \"relay\"\n", Logs::Off, "written anew"),
    ] {
        let source = format!("source = [{{ name = \"east\", url = \"http://{}/{file}\" }}]\n", files.address);
        let placements = format!("{secret}[placement.ad]\n{keys}{source}");
        let count = per_unit(&placements, logs, &|_| Ok(vec![tag("ad"); MANY as usize]))?;
        let before = counts.iter().find(|(known, _)| *known == than);
        let more = before.map_or_else(String::new, |(than, before)| format!("{:.0} than `{than}`", count - before));
        table.row([name.to_owned(), format!("{count:.0}"), more]);
        counts.push((name, count));
    }
    table.row(["a reported event".to_owned(), format!("{:.0}", per_event(&secret)?), String::new()]);
    Ok(table)
}

/// Instructions per reported event.
fn per_event(secret: &str) -> Result<f64, Failure> {
    // Connections wait in its queue and are never accepted.
    let silent = TcpListener::bind("127.0.0.1:0")?;
    let files = Nginx::of_files(&[(OWN, &ad_with_events(silent.local_addr()?))])?;
    let source = format!("url = \"http://{}/{OWN}\", allow_private = true", files.address);
    let placements = format!("{secret}[placement.ad]\ntrack = \"relay\"\nsource = [{{ name = \"east\", {source} }}]\n");
    let paths = |address| {
        let of_ads = (0..ADS).map(|_| sealed_paths(address)).collect::<Result<Vec<_>, _>>()?;
        Ok(of_ads.concat())
    };
    per_unit(&placements, Logs::Off, &paths)
}

/// Instructions per path. The difference of two runs does not contain the start and the end of the process.
fn per_unit(placements: &str, logs: Logs, paths: Paths<'_>) -> Result<f64, Failure> {
    let [few, many] = [count(placements, logs, paths, FEW)?, count(placements, logs, paths, MANY)?];
    Ok(many.saturating_sub(few) as f64 / (MANY - FEW) as f64)
}

/// Instructions of a gateway that is asked this many of `paths`.
fn count(placements: &str, logs: Logs, paths: Paths<'_>, units: u64) -> Result<u64, Failure> {
    let said = NamedTempFile::new()?;
    // Nothing that depends on the time of the answers: the dashboard keeps some requests of each second.
    let server = "keep_requests = 0\ndrain = { announce = \"0s\", requests = \"1s\", beacons = \"0s\" }";
    let vast = VastServe::counted(server, placements, logs, said.path())?;
    let mut paths = paths(vast.address)?;
    paths.truncate(units as usize);
    let runtime = one_thread()?;
    let mut player = runtime.block_on(Player::with_lists(vast.address, &[&paths], Reuse::Kept))?;
    let played = runtime.block_on(player.ask_once())?;
    drop(player);
    vast.process.stop()?;
    let said = std::fs::read_to_string(said.path())?;
    if played.answers() as u64 != units {
        return Err(format!("{} answers to {units} requests", played.answers()).into());
    }
    collected(&said).ok_or_else(|| format!("valgrind counted nothing: {said}").into())
}
