//! How often memory is asked for.

use stats_alloc::{INSTRUMENTED_SYSTEM, Region, Stats, StatsAlloc};
use std::alloc::System;
use vast_client::FetchMode;

use crate::bare::Bare;
use crate::document;
use crate::effort::{Effort, Failure};
use crate::load::Work;
use crate::opponent::{Opponent, Thinks};
use crate::parse::{parse, scan};
use crate::pipeline::{Pipeline, one_thread};
use crate::table::Table;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// How many units are counted.
const UNITS: u64 = 2_000;

pub(crate) fn measure(effort: Effort) -> Result<Table, Failure> {
    let note = "Calls of the allocator (new and grown) and bytes asked for, per unit, in the steady state; the HTTP \
                client's own are in the first two and alike.";
    let columns = &["what", "allocations", "bytes"];
    let mut table = Table::new("Allocations", note, columns);
    let units = UNITS / effort.divisor;
    let opponent = Opponent::start(&[Thinks::NOT])?;
    let bare = Bare::new(opponent.url())?;
    row(&mut table, "bare exchange", units, one_thread()?.block_on(requests(&bare, units))?);
    let pipeline = Pipeline::new(opponent.urls(), FetchMode::Parallel)?;
    row(&mut table, "pipeline", units, one_thread()?.block_on(requests(&pipeline, units))?);
    row(&mut table, "scan, one ad", units, documents(document::one_ad(), units, scan)?);
    row(&mut table, "parse, one ad", units, documents(document::one_ad(), units, parse)?);
    row(&mut table, "parse, a pod of 60 ads", units, documents(document::many_ads(), units, parse)?);
    Ok(table)
}

fn row(table: &mut Table, name: &str, units: u64, stats: Stats) {
    let per_unit = |total: usize| format!("{:.1}", total as f64 / units as f64);
    table.row([name.into(), per_unit(stats.allocations + stats.reallocations), per_unit(stats.bytes_allocated)]);
}

async fn requests(work: &impl Work, units: u64) -> Result<Stats, Failure> {
    for _ in 0..100 {
        work.once().await?;
    }
    let region = Region::new(ALLOCATOR);
    for _ in 0..units {
        work.once().await?;
    }
    Ok(region.change())
}

fn documents(text: &str, units: u64, read: fn(&str) -> Result<usize, Failure>) -> Result<Stats, Failure> {
    let region = Region::new(ALLOCATOR);
    for _ in 0..units {
        read(text)?;
    }
    Ok(region.change())
}
