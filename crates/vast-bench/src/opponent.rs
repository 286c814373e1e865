//! Runs ad servers in another process, so that their work is not part of our CPU time.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use vast_mock::{Answer, Delay, Mock, Script};

use crate::document;
use crate::effort::Failure;

/// The argument that starts this binary as ad servers. The delays follow it.
pub(crate) const ARGUMENT: &str = "--serve";
/// The request for the number of connections accepted so far.
const CONNECTIONS: &str = "connections";

/// The path of the ad on each server.
const AD_PATH: &str = "/vast?id=1";
/// The path of the pod.
const POD_PATH: &str = "/pod";
/// The path of the playlist.
const PLAYLIST_PATH: &str = "/playlist";
/// How many breaks the playlist has.
pub(crate) const BREAKS: usize = 10;
/// How many wrappers the longest chain has.
const LONGEST: usize = 5;
/// The sizes of documents that the first server has, in bytes.
pub(crate) const SIZES: [usize; 6] = [1_000, 4_000, 16_000, 64_000, 256_000, 1_000_000];
/// How many wrappers the pod has.
pub(crate) const POD: usize = 20;

/// The delay of a server in milliseconds: uniform between two bounds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Thinks(pub(crate) u64, pub(crate) u64);

impl Thinks {
    /// The server answers without delay.
    pub(crate) const NOT: Self = Self(0, 0);

    fn argument(self) -> String {
        format!("{}-{}", self.0, self.1)
    }

    fn parse(argument: &str) -> Result<Self, Failure> {
        let (from, to) = argument.split_once('-').ok_or("a delay is FROM-TO in milliseconds")?;
        Ok(Self(from.parse()?, to.parse()?))
    }

    fn delay(self) -> Delay {
        let (from, to) = (Duration::from_millis(self.0), Duration::from_millis(self.1));
        if from == to { Delay::Fixed(from) } else { Delay::Uniform { from, to } }
    }
}

/// Ad servers in another process, which ends when this is dropped.
pub(crate) struct Opponent {
    child: Child,
    asks: Option<ChildStdin>,
    says: BufReader<ChildStdout>,
    urls: Vec<String>,
}

impl Opponent {
    /// Starts one server per delay. Each answers with [`document::one_ad`] after its delay. [`Opponent::chain`],
    /// [`Opponent::pod`] and [`Opponent::playlist`] are answered without delay.
    pub(crate) fn start(servers: &[Thinks]) -> Result<Self, Failure> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(ARGUMENT).args(servers.iter().map(|server| server.argument()));
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let asks = child.stdin.take();
        let says = BufReader::new(child.stdout.take().ok_or("the other side has no output")?);
        let mut opponent = Self { child, asks, says, urls: Vec::new() };
        for _ in servers {
            let url = opponent.line()?;
            opponent.urls.push(url);
        }
        Ok(opponent)
    }

    /// The URLs of the servers, in order.
    pub(crate) fn urls(&self) -> &[String] {
        &self.urls
    }

    /// The URL of the first server.
    pub(crate) fn url(&self) -> &str {
        self.urls.first().map_or("", String::as_str)
    }

    /// The URL of a chain of this many wrappers, at most five, on the first server, with [`document::one_ad`] at its end.
    pub(crate) fn chain(&self, wrappers: usize) -> String {
        match wrappers {
            0 => self.url().to_owned(),
            _ => format!("{}{}", self.base(), chain_path(wrappers)),
        }
    }

    /// The URL of the pod of [`POD`] wrappers. Each of them leads to the ad of the first server.
    pub(crate) fn pod(&self) -> String {
        format!("{}{POD_PATH}", self.base())
    }

    /// The URL of the playlist of [`BREAKS`] breaks. Each of them leads to the ad of the first server.
    pub(crate) fn playlist(&self) -> String {
        format!("{}{PLAYLIST_PATH}", self.base())
    }

    /// The URL of a document of one ad with [`document::of_size`] this many bytes, on the first server.
    pub(crate) fn sized(&self, bytes: usize) -> String {
        format!("{}{}", self.base(), sized_path(bytes))
    }

    /// The first server's URL without a path.
    pub(crate) fn base(&self) -> &str {
        self.url().strip_suffix(AD_PATH).unwrap_or_default()
    }

    /// How many connections all servers have accepted so far.
    pub(crate) fn connections(&mut self) -> Result<u64, Failure> {
        let asks = self.asks.as_mut().ok_or("the other side is not listening")?;
        writeln!(asks, "{CONNECTIONS}")?;
        Ok(self.line()?.parse()?)
    }

    fn line(&mut self) -> Result<String, Failure> {
        let mut line = String::new();
        match self.says.read_line(&mut line)? {
            0 => Err("the other side has ended".into()),
            _ => Ok(line.trim_end().to_owned()),
        }
    }
}

impl Drop for Opponent {
    fn drop(&mut self) {
        // The process ends at the end of its input.
        drop(self.asks.take());
        let _ = self.child.wait();
    }
}

/// Runs the ad servers: prints their URLs, then answers requests on its input until the input ends.
pub(crate) fn serve(delays: &[String]) -> Result<(), Failure> {
    let delays = delays.iter().map(|delay| Thinks::parse(delay)).collect::<Result<Vec<_>, _>>()?;
    // One thread serves, because the other processor is needed for the side that is measured.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let mock = runtime.block_on(Mock::builder(script(&delays)?).log_limit(0).start())?;
    let mut output = std::io::stdout().lock();
    for (_, url) in mock.servers() {
        writeln!(output, "{url}{AD_PATH}")?;
    }
    for line in std::io::stdin().lock().lines() {
        if line? == CONNECTIONS {
            let accepted: usize = mock.servers().map(|(name, _)| mock.connections(name)).sum();
            writeln!(output, "{accepted}")?;
        }
    }
    Ok(())
}

fn sized_path(bytes: usize) -> String {
    format!("/sized/{bytes}")
}

fn chain_path(wrappers: usize) -> String {
    format!("/chain/{wrappers}")
}

/// The first document of [`Opponent::chain`]. `base` is the server's URL.
pub(crate) fn chain_document(wrappers: usize, base: &str) -> String {
    match wrappers {
        0 => document::one_ad().to_owned(),
        1 => document::wrapper(&format!("{base}{AD_PATH}")),
        _ => document::wrapper(&format!("{base}{}", chain_path(wrappers - 1))),
    }
}

fn script(delays: &[Thinks]) -> Result<Script, Failure> {
    let answer = || Answer::new().header("Content-Type", "application/xml; charset=utf-8");
    let (first, others) = delays.split_first().ok_or("no server")?;
    let ad = |thinks: &Thinks| answer().delay(thinks.delay()).body(document::one_ad());
    let pod = document::pod_of_wrappers(POD, &format!("{{{{self}}}}{AD_PATH}"));
    let playlist = document::playlist(BREAKS, &format!("{{{{self}}}}{AD_PATH}"));
    let first = Script::builder().server("s0").answer(ad(first)).answer(answer().path(POD_PATH).body(pod));
    let first = first.answer(answer().path(PLAYLIST_PATH).body(playlist));
    let first = (1..=LONGEST).fold(first, |server, wrappers| {
        server.answer(answer().path(chain_path(wrappers)).body(chain_document(wrappers, "{{self}}")))
    });
    let first = SIZES
        .into_iter()
        .fold(first, |server, bytes| server.answer(answer().path(sized_path(bytes)).body(document::of_size(bytes))));
    let all = others
        .iter()
        .zip(1..)
        .fold(first, |script, (thinks, number)| script.server(format!("s{number}")).answer(ad(thinks)));
    Ok(all.build()?)
}
