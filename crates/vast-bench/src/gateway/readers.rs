//! What the pages of the dashboard cost that are open and move.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use tokio::time::Instant;

use super::serve::{Logs, VastServe};
use crate::effort::{Effort, Failure};
use crate::table::Table;
use crate::units::Spread;

/// The most pages that get numbers that move.
const READERS: usize = 32;
/// The placements and sources whose numbers the pages show.
const PLACEMENTS: usize = 10;
/// How many events a round waits for on each connection; one comes in each second.
const EVENTS: u32 = 2;

pub(crate) fn measure(effort: Effort) -> Result<Table, Failure> {
    let note = format!(
        "CPU of `vast serve` with {PLACEMENTS} placements of two sources and no requests, with one and with {READERS} readers of `/api/live`. Goal: with all \
         of them at most 2 percent of one processor."
    );
    let columns = &["one reader, percent", "32 readers, percent", "a reader more, percent"];
    let mut table = Table::new("Readers of the dashboard", note, columns);
    let placement = |number| {
        let source = |name| format!("{{ name = \"{name}\", url = \"http://127.0.0.1:9/{number}\" }}");
        format!("[placement.p{number}]\nsource = [{}, {}]\n", source("east"), source("west"))
    };
    let placements: String = (0..PLACEMENTS).map(placement).collect();
    let mut rounds = Vec::new();
    for _ in 0..effort.rounds.min(5) {
        let vast = VastServe::start("", &placements, Logs::Off)?;
        let mut readers = vec![open(&vast)?];
        let with_one = share(&vast, || events(&mut readers))?;
        for _ in 1..READERS {
            readers.push(open(&vast)?);
        }
        let with_all = share(&vast, || events(&mut readers))?;
        rounds.push((with_one, with_all));
    }
    let spread = |value: fn(&(f64, f64)) -> f64| Spread::of(rounds.iter().map(value)).to_string();
    table.row([
        spread(|round| round.0),
        spread(|round| round.1),
        spread(|round| (round.1 - round.0) / (READERS - 1) as f64),
    ]);
    Ok(table)
}

/// The share of a processor that the gateway uses while `work` runs, in percent.
fn share(vast: &VastServe, work: impl FnOnce() -> Result<(), Failure>) -> Result<f64, Failure> {
    let (began, before) = (Instant::now(), vast.process.cpu()?);
    work()?;
    Ok(vast.process.cpu()?.saturating_sub(before).as_secs_f64() * 100.0 / began.elapsed().as_secs_f64())
}

/// Reads some events of each stream.
fn events(readers: &mut [TcpStream]) -> Result<(), Failure> {
    (0..EVENTS).try_for_each(|_| readers.iter_mut().try_for_each(next_event))
}

/// Opens the stream of events, and reads the first one.
fn open(vast: &VastServe) -> Result<TcpStream, Failure> {
    let mut stream = TcpStream::connect(vast.admin)?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    write!(stream, "GET /api/live HTTP/1.1\r\nHost: {}\r\n\r\n", vast.admin)?;
    next_event(&mut stream)?;
    Ok(stream)
}

/// Reads until what has arrived ends with an event.
fn next_event(stream: &mut TcpStream) -> Result<(), Failure> {
    let mut buffer = [0; 64 << 10];
    loop {
        let read = stream.read(&mut buffer)?;
        match buffer.get(..read) {
            None | Some([]) => return Err("the stream of events has ended".into()),
            Some(bytes) if bytes.windows(2).any(|two| two == b"\n\n") => return Ok(()),
            Some(_) => {}
        }
    }
}
