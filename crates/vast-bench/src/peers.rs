//! The cost of parsing a document with other libraries, compared with ours.

use std::path::PathBuf;
use std::time::Duration;

use crate::document::{self, Document};
use crate::effort::{Effort, Failure};
use crate::peer::{LIBRARIES, Library, Peer, Reading};
use crate::reader::parse;
use crate::repeat::repeat;
use crate::samples;
use crate::table::Table;
use crate::units::Spread;

/// A library and its program, if it could be started.
struct Runner {
    library: Library,
    peer: Result<Peer, Failure>,
}

/// The files that all libraries read.
struct Files {
    /// First the documents of [`document::all`], then the samples.
    paths: Vec<PathBuf>,
    /// The index of the first sample.
    samples: usize,
    /// The folder of the generated documents; it is removed when this is dropped.
    _folder: tempfile::TempDir,
}

pub(crate) fn measure(effort: Effort) -> Result<Table, Failure> {
    let note = "The same documents read by other libraries, each in a separate process (`bench-peers`), in turns with \
                us: CPU time of one document and, in brackets, how many times ours (least to most of the rounds). What a \
                library does not read or finds is said in its place. Samples: how many documents of `VAST_SAMPLES`, or else of \
                `fixtures/samples`, it reads. Goals: vastlint at least 5, @dailymotion/vast-client at least 40, roxmltree above 1.";
    let columns = &["library", "one ad", "a wrapper", "all that 4.2 has", "a pod of 60 ads", "4 MB of ads", "samples"];
    let mut table = Table::new("Reading beside other libraries", note, columns);
    let files = Files::write()?;
    let mut runners = LIBRARIES.map(|library| Runner { library, peer: Peer::start(library.program, &files.paths) });
    let mut rows = vec![vec!["vast-xml (this one), the whole model".to_owned()]];
    rows.extend(runners.iter().map(|runner| vec![runner.name()]));
    for (index, document) in document::all().iter().enumerate() {
        let cells = compare(index, document, &mut runners, effort)?;
        rows.iter_mut().zip(cells).for_each(|(row, cell)| row.push(cell));
    }
    let accepted = [ours_accepted(&files)?].into_iter().chain(runners.iter_mut().map(|runner| runner.accepted(&files)));
    rows.iter_mut().zip(accepted).for_each(|(row, cell)| row.push(cell));
    rows.into_iter().for_each(|row| table.row(row));
    Ok(table)
}

/// The cells of one document: ours, then those of the libraries.
fn compare(index: usize, document: &Document, runners: &mut [Runner], effort: Effort) -> Result<Vec<String>, Failure> {
    let time = effort.round / 4;
    let mut ours = Vec::new();
    let mut theirs: Vec<Vec<Reading>> = runners.iter().map(|_| Vec::new()).collect();
    for round in 0..=effort.rounds {
        // The first turn does not count: some libraries compile while they run.
        let time = if round == 0 { effort.round * 2 } else { time };
        ours.push(repeat(time, || parse(std::hint::black_box(document.text)))?.micros());
        for (runner, readings) in runners.iter_mut().zip(&mut theirs) {
            readings.push(runner.read(index, time));
        }
    }
    let ours = ours.split_off(1);
    let cells = theirs.into_iter().map(|mut readings| cell(document, &ours, &readings.split_off(1)));
    Ok([format!("{:.1} us", Spread::of(ours.iter().copied()).median)].into_iter().chain(cells).collect())
}

fn cell(document: &Document, ours: &[f64], readings: &[Reading]) -> String {
    let mut micros = Vec::new();
    let mut found = None;
    for reading in readings {
        match reading {
            Reading::Read { cost, ads } => {
                micros.push(cost.micros());
                found = *ads;
            }
            Reading::Refused(reason) => return format!("not read: {}", short(reason)),
            Reading::Missing(reason) => return format!("not measured: {}", short(reason)),
        }
    }
    let ratio = Spread::of(micros.iter().zip(ours).map(|(theirs, ours)| theirs / ours));
    let cell = format!("{:.1} us ({ratio})", Spread::of(micros).median);
    match found {
        Some(ads) if ads != document.ads => format!("{cell}; finds {ads} of {} ads", document.ads),
        _ => cell,
    }
}

/// The text of a reason for a table cell: short, and without characters that would end the cell.
fn short(reason: &str) -> String {
    let whole = reason.replace('|', "/");
    let cut: String = whole.chars().take(80).collect();
    if cut.len() < whole.len() { format!("{cut}...") } else { cut }
}

impl Runner {
    /// The name for the table, which says whether it is missing.
    fn name(&self) -> String {
        let name = self.library.name;
        if self.peer.is_ok() { name.to_owned() } else { format!("skipped: {name}") }
    }

    /// Reads file number `index`. A program that could not be started, or has ended, reads nothing.
    fn read(&mut self, index: usize, time: Duration) -> Reading {
        let read = match &mut self.peer {
            Ok(peer) => peer.read(index, time),
            Err(reason) => return Reading::Missing(reason.to_string()),
        };
        read.unwrap_or_else(|failure| {
            let reason = failure.to_string();
            self.peer = Err(failure);
            Reading::Missing(reason)
        })
    }

    fn accepted(&mut self, files: &Files) -> String {
        let accepted = (files.samples..files.paths.len())
            .map(|index| matches!(self.read(index, Duration::ZERO), Reading::Read { .. }))
            .collect::<Vec<_>>();
        match &self.peer {
            Ok(_) => files.share(accepted.into_iter()),
            Err(_) => "not measured".to_owned(),
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "no async worker waits here, and the files are the operator's own")]
fn ours_accepted(files: &Files) -> Result<String, Failure> {
    let texts = files.paths[files.samples..].iter().map(std::fs::read).collect::<Result<Vec<_>, _>>()?;
    Ok(files.share(texts.iter().map(|text| vast_xml::parse(text, &document::options()).is_ok())))
}

impl Files {
    fn write() -> Result<Self, Failure> {
        let folder = tempfile::tempdir()?;
        let mut paths = document::write_all(&document::all(), folder.path())?;
        let samples = paths.len();
        paths.extend(samples::find()?);
        Ok(Self { paths, samples, _folder: folder })
    }

    /// `N of M`.
    fn share(&self, read: impl Iterator<Item = bool>) -> String {
        format!("{} of {}", read.filter(|read| *read).count(), self.paths.len() - self.samples)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Cost;

    fn read(micros: u64, ads: Option<usize>) -> Reading {
        Reading::Read { cost: Cost { cpu: Duration::from_micros(micros), units: 1 }, ads }
    }

    #[test]
    fn a_cell_says_the_ratio_and_what_is_missing() {
        let document = Document { name: "two", text: "", ads: 2, is_uniform: true };
        let refused = Reading::Refused("a | b".to_owned());
        for (readings, wanted) in [
            ([read(10, Some(2)), read(30, Some(2))], "30.0 us (3.00 (2.00 to 3.00))"),
            ([read(10, None), read(30, None)], "30.0 us (3.00 (2.00 to 3.00))"),
            ([read(10, Some(1)), read(30, Some(1))], "30.0 us (3.00 (2.00 to 3.00)); finds 1 of 2 ads"),
            ([refused.clone(), refused], "not read: a / b"),
        ] {
            assert_eq!(cell(&document, &[5.0, 10.0], &readings), wanted);
        }
    }

    #[test]
    fn a_library_that_is_not_there_is_a_row_with_its_reason() {
        let mut runner = Runner { library: LIBRARIES[0], peer: Err("no compiler".into()) };
        let document = document::all()[0];
        assert_eq!(runner.name(), format!("skipped: {}", LIBRARIES[0].name));
        let readings = [runner.read(0, Duration::ZERO)];
        assert_eq!(cell(&document, &[1.0], &readings), "not measured: no compiler");
    }
}
