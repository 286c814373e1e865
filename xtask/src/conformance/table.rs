//! Prints the table by stage.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::agreement::Gap;
use super::register::{Entry, Register};
use super::requirement::{Requirement, Stage};

/// One line of counts.
#[derive(Default)]
struct Row {
    all: usize,
    tested: usize,
    later: usize,
    host: usize,
    gaps: usize,
}

/// For each stage: how many requirements are tested, are open, belong to the host, or differ between table and tests.
pub fn render(register: &Register, gaps: &[Gap]) -> String {
    let broken: BTreeSet<Requirement> = gaps.iter().filter_map(|gap| gap.requirement).collect();
    let mut total = Row::default();
    let mut text = format!("{:<8} {:>5} {:>6} {:>5} {:>4} {:>4}\n", "stage", "all", "tested", "later", "host", "gaps");
    for stage in Stage::ALL {
        let mut row = Row::default();
        for requirement in Requirement::all().filter(|requirement| requirement.stage() == stage) {
            for row in [&mut row, &mut total] {
                count(row, register.entries.get(&requirement), broken.contains(&requirement));
            }
        }
        write_row(&mut text, stage.name(), &row);
    }
    write_row(&mut text, "total", &total);
    text
}

fn count(row: &mut Row, entry: Option<&Entry>, broken: bool) {
    row.all += 1;
    row.gaps += usize::from(broken);
    match entry {
        Some(Entry::Tested { .. }) => row.tested += 1,
        Some(Entry::Later { .. }) => row.later += 1,
        Some(Entry::Host { .. }) => row.host += 1,
        None => {}
    }
}

fn write_row(text: &mut String, name: &str, row: &Row) {
    let Row { all, tested, later, host, gaps } = row;
    let _ = writeln!(text, "{name:<8} {all:>5} {tested:>6} {later:>5} {host:>4} {gaps:>4}");
}
