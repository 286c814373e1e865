//! The rows of the ledger, read from the tables of the file.

use std::collections::HashSet;
use std::sync::Arc;

use redb::{Database, ReadTransaction, ReadableDatabase, ReadableTable};

use super::super::ledger::{DeliveryState, LedgerQuery, LedgerRow};
use super::codec;
use super::layout::{CLAIMS, DEAD, DELIVERED, Error, RowTable, WAITING};

/// The rows of the ledger that match the query.
pub(super) fn rows(database: &Arc<Database>, query: &LedgerQuery) -> Result<Vec<LedgerRow>, Error> {
    let read = database.begin_read()?;
    let in_flight = in_flight(&read)?;
    let limit = query.limit.unwrap_or(usize::MAX);
    let mut rows = Vec::new();
    for (table, state) in
        [(WAITING, DeliveryState::Waiting), (DELIVERED, DeliveryState::Delivered), (DEAD, DeliveryState::Dead)]
    {
        let state_of = |id: u64, attempts: u32| match state {
            DeliveryState::Waiting if in_flight.contains(&(id, attempts)) => DeliveryState::InFlight,
            other => other,
        };
        // Each table is sorted by number, so the first `limit` rows of each table include the first `limit` rows of all.
        rows.extend(matching(&read, table, query, state_of, limit)?);
    }
    rows.sort_unstable_by_key(|row| row.id);
    rows.truncate(limit);
    Ok(rows)
}

fn matching(
    read: &ReadTransaction,
    table: RowTable,
    query: &LedgerQuery,
    state_of: impl Fn(u64, u32) -> DeliveryState,
    limit: usize,
) -> Result<Vec<LedgerRow>, Error> {
    let mut rows = Vec::new();
    for row in read.open_table(table)?.iter()? {
        let (id, bytes) = row?;
        let Ok((stored, reason)) = codec::decode(bytes.value()) else { continue };
        let state = state_of(id.value(), stored.progress.attempts);
        if query.matches(id.value(), &stored.record, state) {
            rows.push(LedgerRow::new(id.value(), &stored.record, &stored.progress, state, reason));
        }
        if rows.len() >= limit {
            break;
        }
    }
    Ok(rows)
}

/// The beacons that are claimed, each with the number of attempts that it had before the claim.
fn in_flight(read: &ReadTransaction) -> Result<HashSet<(u64, u32)>, Error> {
    let mut beacons = HashSet::new();
    for claim in read.open_table(CLAIMS)?.iter()? {
        beacons.extend(codec::decode_claim(claim?.1.value()));
    }
    Ok(beacons)
}
