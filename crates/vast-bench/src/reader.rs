//! This program as a reader of documents that another process asks, as the programs of `bench-peers` are.

use std::hint::black_box;
use std::io::{BufRead, Write};
use std::time::Duration;

use crate::document;
use crate::effort::Failure;
use crate::repeat::repeat;

/// The argument that makes this binary such a reader. The files follow it.
pub(crate) const ARGUMENT: &str = "--reader";

/// Answers questions about the files until the input ends. `bench-peers/readers/src/lib.rs` describes questions and answers.
pub(crate) fn answer(files: &[String]) -> Result<(), Failure> {
    let files = files.iter().map(std::fs::read_to_string).collect::<Result<Vec<_>, _>>()?;
    let mut output = std::io::stdout().lock();
    for question in std::io::stdin().lock().lines() {
        let question = question?;
        let (index, time) = question.split_once(' ').ok_or("a question is INDEX MILLISECONDS")?;
        let file = files.get(index.parse::<usize>()?).ok_or("no such file")?;
        let (time, mut ads) = (Duration::from_millis(time.parse()?), 0);
        let cost = repeat(time, || {
            ads = parse(black_box(file))?;
            Ok(())
        })?;
        writeln!(output, "read {} {} {ads}", cost.units, cost.cpu.as_nanos())?;
        output.flush()?;
    }
    Ok(())
}

/// Parses a document and counts its ads.
pub(crate) fn parse(text: &str) -> Result<usize, Failure> {
    let document = vast_xml::parse(text.as_bytes(), &document::options())?;
    Ok(black_box(document).vast.ads.len())
}
