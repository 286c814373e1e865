//! How the cost of a request grows: with the sources of a request, with the size of a document, with the requests in flight.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use vast_client::{FetchMode, VastClient};

use super::plot::{self, Curve, Point};
use crate::bare::{Bare, BareAndParse};
use crate::document;
use crate::effort::{Effort, Failure};
use crate::load::{Amount, Work, keep_busy};
use crate::opponent::{Opponent, SIZES, Thinks};
use crate::pipeline::{Pipeline, one_thread, patient};
use crate::table::Table;
use crate::units::Spread;

/// The numbers of sources of a request.
const SOURCES: [usize; 7] = [1, 2, 4, 8, 16, 32, 64];
/// The numbers of requests in flight.
const IN_FLIGHT: [usize; 5] = [1, 10, 100, 1_000, 10_000];
/// A client has at most 256 connections to a host, so that 10,000 requests need so many servers.
const SERVERS: usize = 40;
/// The requests in flight while the sources and the sizes are measured.
const FEW: usize = 16;

pub(crate) fn measure(effort: Effort) -> Result<Table, Failure> {
    let note = "CPU time per request, in microseconds, one thread; `bare` fetches the same documents with the same HTTP client, `bare + \
                parse` reads each with `vast_xml::parse` too. Sources and sizes: 16 in flight. Sources: mode parallel, all answer at once. \
                Requests in flight: over 40 servers.";
    let columns =
        &["what grows", "value", "bare, us", "bare + parse, us", "ours, us", "ours / bare", "ours / (bare + parse)"];
    let mut table = Table::new("How the cost of a request grows", note, columns);
    for curve in curves(effort)? {
        for Point { value, bare, parsed, ours } in curve.points {
            let cells = [format!("{bare:.1}"), format!("{parsed:.1}"), format!("{ours:.1}")];
            let ratios = [ours / bare, ours / parsed].map(|ratio| format!("{ratio:.2}"));
            table.row([curve.grows.to_owned(), value.to_string()].into_iter().chain(cells).chain(ratios));
        }
    }
    Ok(table)
}

/// Draws the curves into this folder. Example of arguments: `docs`.
pub(crate) fn plots(arguments: &[String]) -> Result<(), Failure> {
    let [folder] = arguments else { return Err("a folder for the drawings".into()) };
    for curve in curves(Effort::FULL)? {
        plot::draw(&curve, &Path::new(folder).join(curve.file))?;
    }
    Ok(())
}

fn curves(effort: Effort) -> Result<[Curve; 3], Failure> {
    Ok([
        Curve { grows: "sources of a request", file: "load-sources.svg", points: by_sources(effort)? },
        Curve { grows: "bytes of the document", file: "load-bytes.svg", points: by_size(effort)? },
        Curve { grows: "requests in flight", file: "load-in-flight.svg", points: by_in_flight(effort)? },
    ])
}

fn by_sources(effort: Effort) -> Result<Vec<Point>, Failure> {
    let opponent = Opponent::start(&[Thinks::NOT; 64])?;
    let mut points = Vec::new();
    for sources in SOURCES {
        let urls = &opponent.urls()[..sources];
        let single: Vec<Bare> = urls.iter().map(|url| bare(url)).collect::<Result<_, _>>()?;
        let parsed = single.iter().cloned().map(BareAndParse).collect();
        let ours = Pipeline::new(urls, FetchMode::Parallel)?;
        points.push(point(sources, &Together(single), &Together(parsed), &ours, FEW, effort)?);
    }
    Ok(points)
}

fn by_size(effort: Effort) -> Result<Vec<Point>, Failure> {
    let opponent = Opponent::start(&[Thinks::NOT])?;
    let mut points = Vec::new();
    for size in SIZES {
        let (url, length) = (opponent.sized(size), document::of_size(size).len());
        let bare = Bare::new(&url, length)?;
        let ours = Pipeline::new(&[url], FetchMode::Parallel)?;
        points.push(point(size, &bare, &BareAndParse(bare.clone()), &ours, FEW, effort)?);
    }
    Ok(points)
}

/// The sides one after the other, each with clients of its own: two sides with 10,000 connections each need more files than a process
/// usually may open.
fn by_in_flight(effort: Effort) -> Result<Vec<Point>, Failure> {
    let opponent = Opponent::start(&[Thinks::NOT; SERVERS])?;
    let mut points = Vec::new();
    for in_flight in IN_FLIGHT {
        let bare = alone(&InTurn::of(&opponent, bare)?, in_flight, effort)?;
        let parsed = alone(&InTurn::of(&opponent, |url| Ok(BareAndParse(self::bare(url)?)))?, in_flight, effort)?;
        let ours = alone(&InTurn::of(&opponent, ours)?, in_flight, effort)?;
        points.push(Point { value: in_flight, bare, parsed, ours });
    }
    Ok(points)
}

fn bare(url: &str) -> Result<Bare, Failure> {
    Bare::new(url, document::one_ad().len())
}

fn ours(url: &str) -> Result<Pipeline, Failure> {
    Ok(Pipeline(VastClient::from_config(patient(url))?))
}

/// The medians of all rounds; the first round opens the connections and does not count.
fn point(
    value: usize,
    bare: &impl Work,
    parsed: &impl Work,
    ours: &impl Work,
    in_flight: usize,
    effort: Effort,
) -> Result<Point, Failure> {
    let amount = Amount::Time(effort.round);
    let rounds = one_thread()?.block_on(async {
        let mut rounds = Vec::new();
        for _ in 0..=effort.rounds {
            let bare = keep_busy(bare, in_flight, amount).await?.micros();
            let parsed = keep_busy(parsed, in_flight, amount).await?.micros();
            rounds.push([bare, parsed, keep_busy(ours, in_flight, amount).await?.micros()]);
        }
        Ok::<_, Failure>(rounds.split_off(1))
    })?;
    let [bare, parsed, ours] = [0, 1, 2].map(|side| Spread::of(rounds.iter().map(|round| round[side])).median);
    Ok(Point { value, bare, parsed, ours })
}

/// The median of the rounds of one side, in microseconds. The first round opens the connections and does not count.
fn alone(work: &impl Work, in_flight: usize, effort: Effort) -> Result<f64, Failure> {
    one_thread()?.block_on(async {
        let mut rounds = Vec::new();
        for _ in 0..=effort.rounds {
            rounds.push(keep_busy(work, in_flight, Amount::Time(effort.round)).await?.micros());
        }
        Ok(Spread::of(rounds.split_off(1)).median)
    })
}

/// Does each work once at the same time.
#[derive(Clone)]
struct Together<W>(Vec<W>);

impl<W: Work> Work for Together<W> {
    async fn once(&self) -> Result<(), Failure> {
        futures_util::future::try_join_all(self.0.iter().map(Work::once)).await.map(drop)
    }
}

/// Does one work after the other.
#[derive(Clone)]
struct InTurn<W> {
    works: Arc<Vec<W>>,
    next: Arc<AtomicUsize>,
}

impl<W> InTurn<W> {
    /// One client for each server.
    fn of(opponent: &Opponent, client: impl Fn(&str) -> Result<W, Failure>) -> Result<Self, Failure> {
        let works = opponent.urls().iter().map(|url| client(url)).collect::<Result<_, _>>()?;
        Ok(Self { works: Arc::new(works), next: Arc::default() })
    }
}

impl<W: Work> Work for InTurn<W> {
    async fn once(&self) -> Result<(), Failure> {
        self.works[self.next.fetch_add(1, Ordering::Relaxed) % self.works.len()].once().await
    }
}
