//! Relayed ads beside `proxy_pass` of nginx, and reports of their events beside `empty_gif` of nginx.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use super::nginx::Nginx;
use super::player::{Played, Player, Reuse};
use super::process::MeasuredProcess;
use super::serve::{Logs, VastServe, tag};
use crate::document;
use crate::effort::{Effort, Failure};
use crate::pipeline::one_thread;
use crate::table::Table;
use crate::units::Spread;

/// The connections of players.
const CONNECTIONS: usize = 16;
/// The events of an ad of the measurement of events, each with one tracker.
const EVENTS: usize = 60;
/// The ads whose events are reported in a round. An outbox in memory has room for 10,000 beacons.
const ADS: usize = 128;

const SECRET: &str = "a-secret-of-at-least-32-bytes-for-benchmarks";

/// One round of one side: what players got per second, and CPU time of the server per answer, in microseconds.
#[derive(Debug, Clone, Copy)]
struct Sample {
    per_second: f64,
    cpu: f64,
}

impl Sample {
    fn of(played: &Played, cpu: Duration) -> Self {
        let answers = played.answers() as f64;
        Self { per_second: answers / played.elapsed.as_secs_f64(), cpu: cpu.as_secs_f64() * 1e6 / answers }
    }
}

/// Measures the CPU time of `process` while `work` runs.
fn measured(process: &MeasuredProcess, work: impl FnOnce() -> Result<Played, Failure>) -> Result<Sample, Failure> {
    let before = process.cpu()?;
    let played = work()?;
    Ok(Sample::of(&played, process.cpu()?.saturating_sub(before)))
}

/// The part of a configuration that makes the gateway call trackers. `server` and `outbox` are keys of these tables.
pub(super) fn relay(folder: &tempfile::TempDir) -> Result<String, Failure> {
    let secret = folder.path().join("secret");
    std::fs::write(&secret, SECRET)?;
    Ok(format!("[[secret]]\nid = 1\nfile = \"{}\"\n", secret.display()))
}

/// A relayed ad: a document whose trackers are all sealed.
pub(crate) fn ads(effort: Effort) -> Result<Table, Failure> {
    let note = format!(
        "One source with a document of {} bytes, whose trackers are sealed (`track = \"relay\"`), at {CONNECTIONS} kept connections; one \
         worker on each side. Goal: 0.65 of the answers per second of `proxy_pass`.",
        document::one_ad().len()
    );
    let columns = &["side", "answers/s", "of nginx", "CPU, us", "of nginx"];
    let mut table = Table::new("Relayed ads beside nginx", note, columns);
    if !Nginx::is_installed() {
        table.row(["skipped: nginx".to_owned()]);
        return Ok(table);
    }
    let (folder, runtime) = (tempfile::tempdir()?, one_thread()?);
    let upstream = Nginx::of_files(&[("ad.xml", document::one_ad())])?;
    let proxy = Nginx::proxy(upstream.address)?;
    let source = format!("source = [{{ name = \"east\", url = \"http://{}/ad.xml\" }}]\n", upstream.address);
    let placements = format!("{}[placement.ad]\ntrack = \"relay\"\n{source}", relay(&folder)?);
    let vast = VastServe::start("", &placements, Logs::Off)?;
    let connect =
        |address, path: String| runtime.block_on(Player::connect(address, &vec![path; CONNECTIONS], Reuse::Kept));
    let (mut of_nginx, mut of_vast) =
        (connect(proxy.address, "/ad.xml".to_owned())?, connect(vast.address, tag("ad"))?);
    let mut rounds = Vec::new();
    for _ in 0..=effort.rounds {
        let nginx = measured(&proxy.process, || runtime.block_on(of_nginx.keep_asking(effort.round)))?;
        let ours = measured(&vast.process, || runtime.block_on(of_vast.keep_asking(effort.round)))?;
        rounds.push((nginx, ours));
    }
    rows(&mut table, ["nginx `proxy_pass`", "`vast serve`, relayed"], &rounds.split_off(1));
    Ok(table)
}

/// Where the beacons of a gateway wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OutboxPlace {
    Memory,
    Disk,
}

/// Events that players report.
pub(crate) fn hits(effort: Effort) -> Result<Table, Failure> {
    let note = format!(
        "{} events of {ADS} relayed ads in each round, each reported once on one of {CONNECTIONS} kept connections, with one tracker each; the server \
         of the trackers does not answer, so the calls of trackers, which go on beside, cost little. The answer comes when the outbox has the \
         beacon; on disk it is synced. One worker on each side. Goals: 0.5 (memory) and 0.25 (disk) of the answers per second of `empty_gif`.",
        ADS * EVENTS
    );
    let columns = &["side", "answers/s", "of nginx", "CPU, us", "of nginx"];
    let mut table = Table::new("Reported events beside nginx", note, columns);
    if !Nginx::is_installed() {
        table.row(["skipped: nginx".to_owned()]);
        return Ok(table);
    }
    // Connections wait in its queue and are never accepted.
    let silent = TcpListener::bind("127.0.0.1:0")?;
    let pixel = Nginx::pixel()?;
    let upstream = Nginx::of_files(&[("ad.xml", &ad_with_events(silent.local_addr()?))])?;
    for (place, name) in [(OutboxPlace::Memory, "`/b`, memory"), (OutboxPlace::Disk, "`/b`, disk")] {
        let rounds = (0..effort.rounds).map(|_| round(&pixel, &upstream, place)).collect::<Result<Vec<_>, _>>()?;
        rows(&mut table, ["nginx `empty_gif`", name], &rounds);
    }
    Ok(table)
}

/// One round of both sides, with a new gateway whose outbox is empty.
fn round(pixel: &Nginx, upstream: &Nginx, place: OutboxPlace) -> Result<(Sample, Sample), Failure> {
    let (folder, runtime) = (tempfile::tempdir()?, one_thread()?);
    let outbox = match place {
        OutboxPlace::Memory => String::new(),
        OutboxPlace::Disk => format!("[outbox]\npath = \"{}\"\n", folder.path().join("beacons").display()),
    };
    // Without `allow_private` the calls of trackers would be refused at once, and each refusal would cost more than a call that waits.
    let source = format!(
        "source = [{{ name = \"east\", url = \"http://{}/ad.xml\", allow_private = true }}]\n",
        upstream.address
    );
    let placements = format!("{}{outbox}[placement.ad]\ntrack = \"relay\"\n{source}", relay(&folder)?);
    let vast = VastServe::start("", &placements, Logs::Off)?;
    let mut events = Vec::new();
    for _ in 0..ADS {
        events.extend(sealed_paths(vast.address)?);
    }
    let lists: Vec<&[String]> = events.chunks(events.len().div_ceil(CONNECTIONS)).collect();
    let mut of_vast = runtime.block_on(Player::with_lists(vast.address, &lists, Reuse::Kept))?;
    let mut of_nginx = runtime.block_on(Player::with_lists(pixel.address, &lists, Reuse::Kept))?;
    let nginx = measured(&pixel.process, || runtime.block_on(of_nginx.ask_once()))?;
    let ours = measured(&vast.process, || runtime.block_on(of_vast.ask_once()))?;
    Ok((nginx, ours))
}

/// An ad with many events, each with one tracker at this server.
pub(super) fn ad_with_events(trackers: SocketAddr) -> String {
    let event = |second: usize| {
        let at = format!("00:00:{second:02}");
        format!("<Tracking event=\"progress\" offset=\"{at}\">http://{trackers}/{second}</Tracking>")
    };
    let events: String = (0..EVENTS).map(event).collect();
    format!(
        "<VAST version=\"4.2\"><Ad id=\"1\"><InLine><AdSystem>a</AdSystem><AdTitle>a</AdTitle><AdServingId>s</AdServingId>\
         <Impression>http://{trackers}/seen</Impression><Creatives><Creative><UniversalAdId idRegistry=\"r\">1</UniversalAdId><Linear><Duration>00:01:00</Duration>\
         <TrackingEvents>{events}</TrackingEvents><MediaFiles><MediaFile delivery=\"progressive\" type=\"video/mp4\" width=\"640\" height=\"360\">\
         https://cdn.example/a.mp4</MediaFile></MediaFiles></Linear></Creative></Creatives></InLine></Ad></VAST>"
    )
}

/// The paths of the sealed progress events of a new ad.
pub(super) fn sealed_paths(address: SocketAddr) -> Result<Vec<String>, Failure> {
    let mut stream = TcpStream::connect(address)?;
    write!(stream, "GET {} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n", tag("ad"))?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let events = answer.split("event=\"progress\"").skip(1);
    let path = |event: &str| {
        let start = event.find("/b/")?;
        event.get(start..)?.split([']', '<', '"']).next().map(str::to_owned)
    };
    let paths: Vec<String> = events.filter_map(path).collect();
    if paths.len() == EVENTS { Ok(paths) } else { Err(format!("{} events are sealed: {answer}", paths.len()).into()) }
}

/// The row of each side. The first one is nginx.
fn rows(table: &mut Table, names: [&str; 2], rounds: &[(Sample, Sample)]) {
    let spread = |value: &dyn Fn(&(Sample, Sample)) -> f64| Spread::of(rounds.iter().map(value));
    let empty = String::new;
    let plain = |value: f64| format!("{value:.1}");
    let [nginx, ours] = names;
    table.row([
        nginx.to_owned(),
        plain(spread(&|(nginx, _)| nginx.per_second).median),
        empty(),
        plain(spread(&|(nginx, _)| nginx.cpu).median),
        empty(),
    ]);
    table.row([
        ours.to_owned(),
        plain(spread(&|(_, ours)| ours.per_second).median),
        spread(&|(nginx, ours)| ours.per_second / nginx.per_second).to_string(),
        plain(spread(&|(_, ours)| ours.cpu).median),
        spread(&|(nginx, ours)| ours.cpu / nginx.cpu).to_string(),
    ]);
}
