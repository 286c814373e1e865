//! What reading a document costs, beside a scan of its XML events by the same tokenizer.

use quick_xml::Reader;
use quick_xml::events::Event;
use vast_xml::ParseOptions;

use crate::clock::cpu_time;
use crate::document;
use crate::effort::{Effort, Failure};
use crate::table::Table;
use crate::units::{Cost, Spread};

/// How many documents are read between two looks at the clock, in bytes.
const BATCH: usize = 1 << 20;

pub(crate) fn measure(effort: Effort) -> Result<Table, Failure> {
    let note = "Bytes to the whole model with its checks (`vast_xml::parse`), beside a bare scan of the events with \
                quick-xml; CPU time, one thread. For information.";
    let columns = &["document", "bytes", "scan, MB/s", "parse, MB/s", "parse, us", "ratio (least to most)"];
    let mut table = Table::new("Reading a document", note, columns);
    for (name, text) in [("one ad", document::one_ad()), ("a pod of 60 ads", document::many_ads())] {
        let mut rounds = Vec::new();
        for _ in 0..=effort.rounds {
            let scan = repeat(text, effort, scan)?.micros();
            rounds.push([scan, repeat(text, effort, parse)?.micros()]);
        }
        let rounds = rounds.split_off(1);
        let [scan, parse] = [0, 1].map(|side| Spread::of(rounds.iter().map(|round| round[side])).median);
        let ratio = Spread::of(rounds.iter().map(|[scan, parse]| parse / scan));
        let speed = |micros: f64| format!("{:.0}", text.len() as f64 / micros);
        let bytes = text.len().to_string();
        table.row([name.into(), bytes, speed(scan), speed(parse), format!("{parse:.1}"), ratio.to_string()]);
    }
    Ok(table)
}

fn repeat(text: &str, effort: Effort, read: fn(&str) -> Result<usize, Failure>) -> Result<Cost, Failure> {
    let before = cpu_time();
    let mut units = 0;
    loop {
        for _ in 0..(BATCH / text.len()).max(1) {
            // What is not looked at may be left out by the compiler.
            std::hint::black_box(read(std::hint::black_box(text))?);
            units += 1;
        }
        let cpu = cpu_time().saturating_sub(before);
        if cpu >= effort.round {
            return Ok(Cost { cpu, units });
        }
    }
}

/// Counts the events.
pub(crate) fn scan(text: &str) -> Result<usize, Failure> {
    let mut reader = Reader::from_str(text);
    let mut events = 0;
    while !matches!(reader.read_event()?, Event::Eof) {
        events += 1;
    }
    Ok(events)
}

/// Counts the ads.
pub(crate) fn parse(text: &str) -> Result<usize, Failure> {
    let document = vast_xml::parse(text.as_bytes(), &ParseOptions::default())?;
    Ok(std::hint::black_box(document).vast.ads.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_read_to_the_end() {
        assert_eq!(parse(document::many_ads()).expect("a document"), 60);
        assert!(scan(document::many_ads()).expect("a document") > 60 * 70);
    }
}
