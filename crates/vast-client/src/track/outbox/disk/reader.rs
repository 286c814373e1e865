//! Reading the ledger: a snapshot of the file, beside the writer.

use std::collections::HashSet;
use std::sync::Arc;

use redb::{Database, ReadTransaction, ReadableDatabase, ReadableTable};

use super::super::ledger::{Query, Row, State};
use super::codec;
use super::tables::{CLAIMS, DEAD, DELIVERED, Error, Rows, WAITING};

/// The lines of the ledger.
pub(super) fn rows(database: &Arc<Database>, query: &Query) -> Result<Vec<Row>, Error> {
    let read = database.begin_read()?;
    let in_flight = in_flight(&read)?;
    let limit = query.limit.unwrap_or(usize::MAX);
    let mut rows = Vec::new();
    for (table, state) in [(WAITING, State::Waiting), (DELIVERED, State::Delivered), (DEAD, State::Dead)] {
        let state_of = |id: u64, attempts: u32| match state {
            State::Waiting if in_flight.contains(&(id, attempts)) => State::InFlight,
            other => other,
        };
        // Each table is in the order of numbers, so the first of all are among the first of each.
        rows.extend(matching(&read, table, query, state_of, limit)?);
    }
    rows.sort_unstable_by_key(|row| row.id);
    rows.truncate(limit);
    Ok(rows)
}

fn matching(
    read: &ReadTransaction,
    table: Rows,
    query: &Query,
    state_of: impl Fn(u64, u32) -> State,
    limit: usize,
) -> Result<Vec<Row>, Error> {
    let mut rows = Vec::new();
    for row in read.open_table(table)?.iter()? {
        let (id, bytes) = row?;
        let Ok((stored, reason)) = codec::decode(bytes.value()) else { continue };
        let state = state_of(id.value(), stored.progress.attempts);
        if query.holds(id.value(), &stored.record, state) {
            rows.push(Row::new(id.value(), &stored.record, &stored.progress, state, reason));
        }
        if rows.len() >= limit {
            break;
        }
    }
    Ok(rows)
}

/// The beacons that a courier has, with the attempts they had when it got them.
fn in_flight(read: &ReadTransaction) -> Result<HashSet<(u64, u32)>, Error> {
    let mut beacons = HashSet::new();
    for claim in read.open_table(CLAIMS)?.iter()? {
        beacons.extend(codec::decode_claim(claim?.1.value()));
    }
    Ok(beacons)
}
