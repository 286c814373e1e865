//! The cost of parsing a document, compared with floors that use the same tokenizer.
//!
//! Where a program lies in memory changes its speed: the order of its functions moves the reading floor by up to a tenth and our reader
//! by a fiftieth, and two starts of one program differ by a fiftieth. So both are programs of their own that are started several times,
//! the floor each time in another link with its functions in another order, and the median of the starts counts.

use std::hint::black_box;
use std::time::Duration;

use crate::document::{self, Document};
use crate::effort::{Effort, Failure};
use crate::floor::{scan, visit};
use crate::peer::{Peer, Program, Reading, Surroundings};
use crate::reader::parse;
use crate::repeat::repeat;
use crate::table::Table;
use crate::units::Spread;

/// How often both programs are started: once for each link of the floor (`bench-peers/readers/build.rs`).
const STARTS: usize = 8;
/// How often each document is read in a start, in turns. The first turn warms up and does not count.
const TURNS: usize = 3;
/// By how many bytes the environments of two starts differ.
const PLACES: usize = 48;

/// CPU time of one document in one start, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Start {
    floor: f64,
    parse: f64,
}

/// CPU time of one document in one round in this process, in microseconds.
struct Round {
    scan: f64,
    floor: f64,
    parse: f64,
    write: f64,
}

pub(crate) fn measure(effort: Effort) -> Result<Table, Failure> {
    let note = "Bytes to the whole model with its checks and warnings (`vast_xml::parse`), beside the reading floor: the events of \
                quick-xml with every attribute visited, every text decoded and nothing stored. Apart: both are programs of their own, \
                started 8 times, with other places in memory each time and the functions of the floor in another order; least to \
                most of the starts in brackets. The last three columns and the last row are measured in one process, in turns. CPU time, one thread; \
                goal of the last row: at most 1.25. In the programs apart the allocator keeps its memory \
                (MALLOC_TRIM_THRESHOLD_ and MALLOC_MMAP_THRESHOLD_ at 1073741824), but in the row `memory given back`: there glibc \
                gives the memory of a large document back to the system when it is freed and has every page cleared anew for the \
                next one.";
    let columns = &[
        "document",
        "bytes",
        "floor, us",
        "parse, us",
        "MB/s",
        "parse / floor, apart",
        "parse / floor",
        "parse / scan",
        "write / parse",
    ];
    let mut table = Table::new("Reading a document", note, columns);
    let mut uniform = Vec::new();
    let documents = document::all();
    for (document, starts) in documents.iter().zip(starts(&documents, effort, true)?) {
        let rounds = rounds(document, effort)?;
        if document.is_uniform {
            uniform.push(Spread::of(rounds.iter().map(|round| round.parse / round.floor)).median);
        }
        let spread = |value: fn(&Round) -> f64| Spread::of(rounds.iter().map(value)).to_string();
        let beside = [
            spread(|round| round.parse / round.floor),
            spread(|round| round.parse / round.scan),
            spread(|round| round.write / round.parse),
        ];
        table.row(cells(document, document.name, &starts).into_iter().chain(beside));
    }
    let nothing = |count| vec!["-".to_owned(); count];
    let large = &documents[documents.len() - 1..];
    for (document, starts) in large.iter().zip(starts(large, effort, false)?) {
        let name = format!("{}, memory given back", document.name);
        table.row(cells(document, &name, &starts).into_iter().chain(nothing(3)));
    }
    let growth = Spread::of(uniform);
    let growth = format!("{:.2}", growth.most / growth.least);
    let name = "the same ads from 3 kB to 4 MB: most / least".to_owned();
    table.row([vec![name], nothing(4), vec![growth], nothing(3)].concat());
    Ok(table)
}

fn ratio(starts: &[Start]) -> Spread {
    Spread::of(starts.iter().map(|start| start.parse / start.floor))
}

/// The cells of one document that come from the starts.
fn cells(document: &Document, name: &str, starts: &[Start]) -> [String; 6] {
    let spread = |value: fn(&Start) -> f64| Spread::of(starts.iter().map(value));
    let (floor, parse) = (spread(|start| start.floor), spread(|start| start.parse));
    let speed = format!("{:.0}", document.text.len() as f64 / parse.median);
    let bytes = document.text.len().to_string();
    [name.to_owned(), bytes, floor.to_string(), parse.to_string(), speed, ratio(starts).to_string()]
}

/// The costs of each document in each start.
fn starts(documents: &[Document], effort: Effort, keeps_memory: bool) -> Result<Vec<Vec<Start>>, Failure> {
    let folder = tempfile::tempdir()?;
    let files = document::write_all(documents, folder.path())?;
    let mut costs = vec![Vec::new(); files.len()];
    for start in 0..STARTS {
        let surroundings = Surroundings { place: start * PLACES, keeps_memory };
        let mut floor = Peer::start_at(Program::Floor(start + 1), surroundings, &files)?;
        let mut ours = Peer::start_at(Program::Ours, surroundings, &files)?;
        for (index, costs) in costs.iter_mut().enumerate() {
            costs.push(in_turns(&mut floor, &mut ours, index, effort.round / 8)?);
        }
    }
    Ok(costs)
}

/// The medians of both programs, which read a document in turns.
fn in_turns(floor: &mut Peer, ours: &mut Peer, index: usize, time: Duration) -> Result<Start, Failure> {
    let [mut floors, mut parses] = [Vec::new(), Vec::new()];
    for turn in 0..=TURNS {
        let (one, other) = (micros(floor.read(index, time)?)?, micros(ours.read(index, time)?)?);
        if turn > 0 {
            floors.push(one);
            parses.push(other);
        }
    }
    Ok(Start { floor: Spread::of(floors).median, parse: Spread::of(parses).median })
}

fn micros(reading: Reading) -> Result<f64, Failure> {
    match reading {
        Reading::Read { cost, .. } => Ok(cost.micros()),
        Reading::Refused(reason) | Reading::Missing(reason) => Err(reason.into()),
    }
}

/// Both floors, our parser and our writer in turns. The first turn warms up and does not count.
fn rounds(document: &Document, effort: Effort) -> Result<Vec<Round>, Failure> {
    let time = effort.round / 4;
    let micros = |read: fn(&str) -> Result<usize, Failure>| {
        repeat(time, || read(black_box(document.text))).map(|cost| cost.micros())
    };
    let vast = vast_xml::parse(document.text.as_bytes(), &document::options())?.vast;
    let write = || Ok(black_box(vast_xml::write(black_box(&vast))).len());
    let mut rounds = Vec::new();
    for _ in 0..=effort.rounds {
        let (scan, floor, parse) = (micros(scan)?, micros(visit)?, micros(parse)?);
        rounds.push(Round { scan, floor, parse, write: repeat(time, write)?.micros() });
    }
    Ok(rounds.split_off(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::floor::visit;
    use crate::units::Cost;

    #[test]
    fn all_sides_read_to_the_end() {
        for Document { name, text, ads, .. } in document::all() {
            assert_eq!(parse(text).expect(name), ads, "{name}");
            assert!(scan(text).expect(name) > ads * 40, "{name}");
            assert!(visit(text).expect(name) > ads * 40, "{name}");
        }
    }

    #[test]
    fn a_program_that_does_not_read_ends_the_measurement_with_its_reason() {
        let cost = Cost { cpu: Duration::from_micros(6), units: 2 };
        assert_eq!(micros(Reading::Read { cost, ads: None }).expect("a cost"), 3.0);
        let refused = micros(Reading::Refused("no".to_owned())).expect_err("no cost");
        assert_eq!(refused.to_string(), "no");
    }
}
