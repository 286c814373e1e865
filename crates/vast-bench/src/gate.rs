//! Fails when reading a document, or a request, takes more instructions than the budget allows.
//!
//! Instruction counts are nearly the same on each run, so that a loss of a few percent is seen on a machine where times are
//! noisy. The budget is in `budget.txt`; a change that saves instructions lowers it.

use std::hint::black_box;

use crate::counted;
use crate::document::{self, Document};
use crate::effort::Failure;
use crate::floor::visit;
use crate::instructions;
use crate::reader::parse;
use crate::table::Table;

/// The argument that makes this binary read a document many times.
pub(crate) const ARGUMENT: &str = "--read";
/// The measurement's name.
pub(crate) const NAME: &str = "gate";

/// Instructions of each row, one line for each: the name, `=`, the number.
const BUDGET: &str = include_str!("../budget.txt");
/// How much more than the budget is allowed, because compilers and C libraries differ.
const TOLERANCE: f64 = 0.03;
/// Larger documents take minutes under callgrind, and a document of many ads costs what its ads cost.
const LARGEST: usize = 20_000;

/// A row: something of ours that has a budget, and its floor.
struct Row {
    name: &'static str,
    /// The argument that makes this binary do the work of this row.
    argument: &'static str,
    floor: String,
    ours: String,
}

/// Compares with the budget.
///
/// # Errors
/// When something takes more than its budget and the tolerance.
pub(crate) fn check() -> Result<Table, Failure> {
    let note = "Instructions (callgrind) of `vast_xml::parse` and of the reading floor for one document, and of a request to one \
                source and of one bare exchange, beside the committed budget.";
    let columns = &["what", "floor", "ours", "ours / floor", "budget", "ours / budget"];
    let mut table = Table::new("Instructions", note, columns);
    let mut exceeded = Vec::new();
    for Row { name, argument, floor, ours } in rows() {
        let budget = budget(BUDGET, name).ok_or_else(|| format!("no budget for {name}"))?;
        let count = |what: &str| instructions::per_unit(argument, what);
        let counts = (count(&floor)?, count(&ours)?);
        let (Some(floor), Some(ours)) = counts else {
            table.row([name, "skipped: valgrind", "", "", "", ""].map(str::to_owned));
            continue;
        };
        if ours > budget * (1.0 + TOLERANCE) {
            exceeded.push(format!("{name}: {ours:.0} instructions, the budget is {budget:.0}"));
        }
        let ratios = [format!("{:.2}", ours / floor), format!("{budget:.0}"), format!("{:.3}", ours / budget)];
        table.row([name.to_owned(), format!("{floor:.0}"), format!("{ours:.0}")].into_iter().chain(ratios));
    }
    if exceeded.is_empty() { Ok(table) } else { Err(format!("{table}\n{}", exceeded.join("\n")).into()) }
}

fn rows() -> Vec<Row> {
    let documents = document::all().into_iter().filter(is_small).map(|Document { name, .. }| Row {
        name,
        argument: ARGUMENT,
        floor: format!("floor/{name}"),
        ours: format!("parse/{name}"),
    });
    let [floor, ours] = [counted::BARE, counted::OURS].map(str::to_owned);
    let request = Row { name: "a request to one source", argument: counted::REQUEST, floor, ours };
    documents.chain([request]).collect()
}

/// Reads a document many times. Example of arguments: `parse/one ad 1000`.
pub(crate) fn repeat(arguments: &[String]) -> Result<(), Failure> {
    let [what, units] = arguments else { return Err("a document and a number".into()) };
    let (reader, name) = what.split_once('/').unwrap_or(("parse", what));
    let document = document::all().into_iter().find(|document| document.name == name);
    let Document { text, .. } = document.ok_or_else(|| format!("no document {name}"))?;
    let read = if reader == "floor" { visit } else { parse };
    for _ in 0..units.parse::<u64>()? {
        black_box(read(black_box(text))?);
    }
    Ok(())
}

/// Whether a document is small enough to be read many times under callgrind.
pub(crate) fn is_small(document: &Document) -> bool {
    document.text.len() < LARGEST
}

/// The budget of a row.
fn budget(text: &str, name: &str) -> Option<f64> {
    let lines = text.lines().filter_map(|line| line.split_once('='));
    lines.filter(|(known, _)| known.trim() == name).find_map(|(_, number)| number.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_has_a_budget() {
        let rows = rows();
        assert_eq!(rows.len(), 4);
        for Row { name, .. } in rows {
            assert!(budget(BUDGET, name).is_some_and(|budget| budget > 0.0), "{name}");
        }
        assert_eq!(budget("# a = 1\na = 20\n", "a"), Some(20.0));
        assert_eq!(budget("a = 20", "b"), None);
    }
}
