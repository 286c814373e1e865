//! The number of allocations and the memory that they take.

use allocation_counter::{AllocationInfo, measure as counted};
use vast_client::FetchMode;

use crate::bare::Bare;
use crate::document::{self, Document};
use crate::effort::{Effort, Failure};
use crate::floor::{scan, visit};
use crate::load::Work;
use crate::opponent::{Opponent, Thinks};
use crate::pipeline::{Pipeline, one_thread};
use crate::reader::parse;
use crate::table::Table;

/// How many requests are counted.
const REQUESTS: u64 = 2_000;

pub(crate) fn measure(effort: Effort) -> Result<Table, Failure> {
    let note = "Calls of the allocator (new and grown) and bytes asked for, per unit, in the steady state, and the most \
                bytes held at once, the input not among them (a block that grows counts twice while it is moved). The \
                HTTP client's own are in the first two and alike; there the most is that of all requests together.";
    let columns = &["what", "allocations", "bytes", "most bytes at once"];
    let mut table = Table::new("Allocations", note, columns);
    let units = REQUESTS / effort.divisor;
    let opponent = Opponent::start(&[Thinks::NOT])?;
    let bare = Bare::new(opponent.url(), document::one_ad().len())?;
    row(&mut table, "bare exchange", units, requests(&bare, units)?);
    let pipeline = Pipeline::new(opponent.urls(), FetchMode::Parallel)?;
    row(&mut table, "pipeline", units, requests(&pipeline, units)?);
    for document in document::all() {
        for (name, read) in [("scan", scan as fn(&str) -> _), ("floor", visit), ("parse", parse)] {
            row(&mut table, &format!("{name}, {}", document.name), 1, once(&document, read)?);
        }
    }
    Ok(table)
}

fn row(table: &mut Table, name: &str, units: u64, info: AllocationInfo) {
    let per_unit = |total: u64| format!("{:.1}", total as f64 / units as f64);
    table.row([name.into(), per_unit(info.count_total), per_unit(info.bytes_total), info.bytes_max.to_string()]);
}

fn requests(work: &impl Work, units: u64) -> Result<AllocationInfo, Failure> {
    let runtime = one_thread()?;
    let repeat = async |units| {
        for _ in 0..units {
            work.once().await?;
        }
        Ok::<(), Failure>(())
    };
    runtime.block_on(repeat(100))?;
    let mut done = Ok(());
    let info = counted(|| done = runtime.block_on(repeat(units)));
    done.map(|()| info)
}

/// Counts the second reading, because the first one may fill memory that is kept.
fn once(document: &Document, read: fn(&str) -> Result<usize, Failure>) -> Result<AllocationInfo, Failure> {
    read(document.text)?;
    let mut done = Ok(0);
    let info = counted(|| done = read(document.text));
    done.map(|_| info)
}
