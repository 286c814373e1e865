//! The cost of parsing a document, compared with floors that use the same tokenizer.

use crate::document::{self, Document};
use crate::effort::{Effort, Failure};
use crate::floor::{scan, visit};
use crate::repeat::repeat;
use crate::table::Table;
use crate::units::Spread;

/// CPU time of one document in one round, in microseconds.
struct Round {
    scan: f64,
    visit: f64,
    parse: f64,
    write: f64,
}

pub(crate) fn measure(effort: Effort) -> Result<Table, Failure> {
    let note = "Bytes to the whole model with its checks and warnings (`vast_xml::parse`), beside two floors of the same \
                tokenizer, quick-xml: a bare scan of the events, and the reading floor, which also visits every attribute \
                and decodes every text and stores nothing; and back to a document (`vast_xml::write`). CPU time, one thread; least to most of the rounds in brackets. \
                Goal of the last row: at most 1.25. glibc gives the memory of a large document back to the system when it \
                is freed and has every page cleared anew for the next one; with MALLOC_TRIM_THRESHOLD_ and \
                MALLOC_MMAP_THRESHOLD_ at 1073741824 the rows are without that.";
    let columns = &[
        "document",
        "bytes",
        "scan, us",
        "floor, us",
        "parse, us",
        "MB/s",
        "parse / scan",
        "parse / floor",
        "write / parse",
    ];
    let mut table = Table::new("Reading a document", note, columns);
    let mut uniform = Vec::new();
    for document in document::all() {
        let rounds = rounds(&document, effort)?;
        let spread = |value: fn(&Round) -> f64| Spread::of(rounds.iter().map(value));
        let [scan, visit, parse] =
            [spread(|round| round.scan), spread(|round| round.visit), spread(|round| round.parse)];
        let [to_scan, to_visit] = [spread(|round| round.parse / round.scan), spread(|round| round.parse / round.visit)];
        if document.is_uniform {
            uniform.push(to_visit.median);
        }
        let micros = |spread: Spread| format!("{:.1}", spread.median);
        let speed = format!("{:.0}", document.text.len() as f64 / parse.median);
        let bytes = document.text.len().to_string();
        let cells = [document.name.into(), bytes, micros(scan), micros(visit), micros(parse), speed];
        let written = spread(|round| round.write / round.parse);
        table.row(cells.into_iter().chain([to_scan.to_string(), to_visit.to_string(), written.to_string()]));
    }
    let growth = Spread::of(uniform);
    let growth = format!("{:.2}", growth.most / growth.least);
    let name = "the same ads from 3 kB to 4 MB: most / least".to_owned();
    table.row([vec![name], vec!["-".to_owned(); 6], vec![growth, "-".to_owned()]].concat());
    Ok(table)
}

/// The floors and our parser in turns. The first turn warms up and does not count.
fn rounds(document: &Document, effort: Effort) -> Result<Vec<Round>, Failure> {
    let time = effort.round / 4;
    let micros = |read: fn(&str) -> Result<usize, Failure>| {
        repeat(time, || read(std::hint::black_box(document.text))).map(|cost| cost.micros())
    };
    let vast = vast_xml::parse(document.text.as_bytes(), &document::options())?.vast;
    let write = || Ok(std::hint::black_box(vast_xml::write(std::hint::black_box(&vast))).len());
    let mut rounds = Vec::new();
    for _ in 0..=effort.rounds {
        let (scan, visit, parse) = (micros(scan)?, micros(visit)?, micros(parse)?);
        rounds.push(Round { scan, visit, parse, write: repeat(time, write)?.micros() });
    }
    Ok(rounds.split_off(1))
}

/// Parses a document and counts its ads.
pub(crate) fn parse(text: &str) -> Result<usize, Failure> {
    let document = vast_xml::parse(text.as_bytes(), &document::options())?;
    Ok(std::hint::black_box(document).vast.ads.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_sides_read_to_the_end() {
        for Document { name, text, ads, .. } in document::all() {
            assert_eq!(parse(text).expect(name), ads, "{name}");
            assert!(scan(text).expect(name) > ads * 40, "{name}");
            assert!(visit(text).expect(name) > ads * 40, "{name}");
        }
    }
}
