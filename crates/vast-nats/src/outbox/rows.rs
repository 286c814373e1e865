//! Reading the ledger, counting, and making beacons due again.

use std::sync::Arc;

use vast_client::track::outbox::{
    DeliveryProgress, DeliveryState, LedgerQuery, LedgerRow, OutboxError, OutboxStats, Record, StoredBeacon, Timestamp,
};

use super::OutboxParts;
use crate::broker::StoredMessage;
use crate::message::{BeaconRow, QueuedBeacon, unverified_beacon};
use crate::names::{RetryDelay, StreamRole, number_of};

/// The rows that one query reads. More of them would not fit on a screen and would load the server.
const MAX_READ: usize = 20_000;
/// The beacons without a row that one query reads. Each of them is a request of its own.
const MAX_WALKED: usize = 1_000;

impl OutboxParts {
    pub(super) async fn rows(&self, query: LedgerQuery) -> Result<Vec<LedgerRow>, OutboxError> {
        let mut rows: Vec<LedgerRow> = Vec::new();
        let mut known = std::collections::HashSet::new();
        for place in [StreamRole::Ledger, StreamRole::Dead] {
            for (_, row) in self.found(place, &query).await? {
                let BeaconRow { state, reason, stored, .. } = row;
                let id = number_of(&stored.record.key);
                if known.insert(id) && query.matches(id, &stored.record, state) {
                    rows.push(LedgerRow::new(id, &stored.record, &stored.progress, state, reason));
                }
            }
        }
        // Beacons that nobody has called yet have no row.
        if query.state.is_none_or(|state| state == DeliveryState::Waiting) {
            let subjects = self.names.subjects(StreamRole::Beacons);
            for message in self.broker.read(StreamRole::Beacons, subjects, MAX_WALKED).await? {
                let Ok(stored) = unverified_beacon(&message.payload) else { continue };
                let (id, state) = (number_of(&stored.record.key), DeliveryState::Waiting);
                if known.insert(id) && query.matches(id, &stored.record, state) {
                    rows.push(LedgerRow::new(id, &stored.record, &stored.progress, state, None));
                }
            }
        }
        rows.sort_by(|one, other| (one.created_ms, &one.key).cmp(&(other.created_ms, &other.key)));
        rows.truncate(query.limit.unwrap_or(usize::MAX));
        Ok(rows)
    }

    /// The rows of a stream that may match the query, with their messages.
    async fn found(
        &self,
        place: StreamRole,
        query: &LedgerQuery,
    ) -> Result<Vec<(StoredMessage, BeaconRow)>, OutboxError> {
        let subjects = self.names.rows_of(place, query.group.as_deref(), query.key.as_deref());
        let messages = self.broker.read(place, subjects, MAX_READ).await?;
        let row = |message: StoredMessage| Some((BeaconRow::unverified(&message.payload).ok()?, message));
        Ok(messages.into_iter().filter_map(row).map(|(row, message)| (message, row)).collect())
    }

    pub(super) async fn stats(&self) -> OutboxStats {
        let mut stats = OutboxStats::default();
        stats.problem = self.count_into(&mut stats).await.err().map(|error| error.to_string());
        let keys = self.keys();
        (stats.keys, stats.keys_forgotten_early) = (keys.count(), keys.forgotten_early);
        drop(keys);
        stats
    }

    async fn count_into(&self, stats: &mut OutboxStats) -> Result<(), OutboxError> {
        let due = self.broker.counts(StreamRole::Beacons).await?;
        stats.in_flight = due.received;
        stats.waiting = due.messages.saturating_sub(due.received);
        stats.bytes = due.bytes;
        let mut retried = 0;
        for delay in RetryDelay::ALL {
            let waits = self.broker.counts(StreamRole::Retry(delay)).await?;
            retried += waits.messages;
            stats.bytes += waits.bytes;
        }
        stats.waiting += retried;
        stats.dead = self.broker.counts(StreamRole::Dead).await?.messages;
        // The ledger has one row of each beacon that was called, so the rest of its rows is delivered. It is a close estimate: a beacon
        // that waits for its first attempt has no row.
        let rows = self.broker.counts(StreamRole::Ledger).await?.messages;
        stats.delivered = rows.saturating_sub(stats.dead + stats.in_flight + retried);
        Ok(())
    }

    pub(super) async fn requeue(&self, query: LedgerQuery, now: Timestamp) -> Result<u64, OutboxError> {
        if !self.seal.can_sign() {
            return Err(OutboxError::Unavailable("there is no secret that signs messages".to_owned()));
        }
        let limit = query.limit.unwrap_or(usize::MAX);
        let mut requeued = 0;
        for (message, row) in self.found(StreamRole::Ledger, &query).await? {
            let is_wanted = query.matches(number_of(&row.stored.record.key), &row.stored.record, row.state);
            if requeued < limit && is_wanted && row.state == DeliveryState::Waiting {
                requeued += usize::from(self.requeue_waiting(&message, now).await?);
            }
        }
        for (message, row) in self.found(StreamRole::Dead, &query).await? {
            let is_wanted = query.matches(number_of(&row.stored.record.key), &row.stored.record, row.state);
            if requeued < limit && is_wanted {
                requeued += usize::from(self.requeue_dead(&message, now).await?);
            }
        }
        Ok(requeued as u64)
    }

    /// Sends a second message of a beacon that waits for a retry. The first one is removed when its wait is over, because the row then
    /// shows a later state.
    async fn requeue_waiting(&self, message: &StoredMessage, now: Timestamp) -> Result<bool, OutboxError> {
        let Ok(row) = BeaconRow::from_bytes(&message.payload, &self.seal) else { return Ok(false) };
        let StoredBeacon { record, progress } = row.stored;
        let stored = StoredBeacon { record, progress: DeliveryProgress { due: now, ..progress } };
        let beacon =
            QueuedBeacon { generation: row.generation, moves: 0, waits_for_room: 0, row: message.sequence, stored };
        let mut publication = self.queued(&beacon);
        // Each requeue counts, so the server must not compare it with an earlier one.
        publication.id = None;
        self.publish(publication).await?;
        Ok(true)
    }

    /// Makes a dead letter due: its row first, so that its message can be called, then its message, then the dead letter is deleted.
    async fn requeue_dead(&self, message: &StoredMessage, now: Timestamp) -> Result<bool, OutboxError> {
        let Ok(dead) = BeaconRow::from_bytes(&message.payload, &self.seal) else { return Ok(false) };
        let newest = self.newest_row(StreamRole::Ledger, &dead.stored.record).await?;
        let newest_generation = newest.row.as_ref().map_or(0, |row| row.generation);
        let StoredBeacon { record, progress } = dead.stored;
        let progress = DeliveryProgress { due: now, in_doubt: 0, ..progress };
        let stored = StoredBeacon { record: Arc::new(renewed(&record, now)), progress };
        let row = BeaconRow {
            generation: newest_generation.max(dead.generation).saturating_add(1),
            attempts: stored.progress.attempts,
            state: DeliveryState::Waiting,
            reason: None,
            holder: self.holder,
            lease_end: Timestamp::ZERO,
            stored: stored.clone(),
        };
        let sequence = self.replace(&row, newest.sequence).await?;
        let beacon = QueuedBeacon { generation: row.generation, moves: 0, waits_for_room: 0, row: sequence, stored };
        self.publish(self.queued(&beacon)).await?;
        self.broker.delete(StreamRole::Dead, message.sequence).await?;
        Ok(true)
    }
}

/// The same beacon with a new age limit of the same length.
fn renewed(record: &Record, now: Timestamp) -> Record {
    Record { expires: now.after(record.expires.since(record.created)), ..record.clone() }
}
