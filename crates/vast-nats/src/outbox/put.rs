//! Putting: each beacon is one message, so that the server knows its key.

use std::collections::HashSet;
use std::sync::Arc;

use futures_util::future::join_all;
use vast_client::track::outbox::{
    DeadReason, DeliveryProgress, DeliveryState, OutboxError, PutOutcome, Quota, Record, StoredBeacon, Timestamp,
};

use super::OutboxParts;
use crate::broker::{BrokerError, Publication};
use crate::message::{BeaconRow, QueuedBeacon};
use crate::names::{StreamRole, message_id};

impl OutboxParts {
    pub(super) async fn put(&self, batch: Vec<Record>, now: Timestamp) -> Result<Vec<PutOutcome>, OutboxError> {
        if !self.seal.can_sign() {
            return Err(OutboxError::Unavailable("there is no secret that signs messages".to_owned()));
        }
        let planned = self.plan(batch, now);
        let stored = join_all(planned.into_iter().map(|(outcome, publication)| async move {
            match publication {
                Some((key, publication)) => match self.publish(publication).await {
                    Ok(publicated) if publicated.is_duplicate => Ok((PutOutcome::Duplicate, Some(key))),
                    Ok(_) => Ok((outcome, Some(key))),
                    Err(error) => Err(error),
                },
                None => Ok((outcome, None)),
            }
        }))
        .await;
        let mut outcomes = Vec::with_capacity(stored.len());
        let mut failure = None;
        let mut is_changed = false;
        for one in stored {
            match one {
                Ok((outcome, key)) => {
                    if let Some(key) = key {
                        self.keys().remember(&key, now);
                        is_changed = true;
                    }
                    outcomes.push(outcome);
                }
                Err(error) => failure = Some(error),
            }
        }
        match failure {
            None => Ok(outcomes),
            // A failure that leaves part of the batch is not `Full`, which promises that nothing has changed.
            Some(BrokerError::Full) if !is_changed => {
                let counts = self.broker.counts(StreamRole::Beacons).await.unwrap_or_default();
                Err(OutboxError::Full { waiting: counts.messages })
            }
            Some(error) => Err(error.into()),
        }
    }

    /// The outcome of each record if its message is stored, and its message with its key.
    fn plan(&self, batch: Vec<Record>, now: Timestamp) -> Vec<(PutOutcome, Option<(String, Publication)>)> {
        let mut seen = HashSet::new();
        let plan = |record: Record| {
            if !seen.insert(record.key.clone()) || self.keys().knows(&record.key) {
                return (PutOutcome::Duplicate, None);
            }
            let key = record.key.clone();
            let quota = Quota::DISK;
            if record.size() > quota.max_record_bytes || key.len() > quota.max_key_bytes {
                return (PutOutcome::TooLarge, Some((key, self.too_large(record, now))));
            }
            (PutOutcome::Queued, Some((key, self.first_message(record, now))))
        };
        batch.into_iter().map(plan).collect()
    }

    fn first_message(&self, record: Record, now: Timestamp) -> Publication {
        let progress = DeliveryProgress { due: now, ..DeliveryProgress::default() };
        let stored = StoredBeacon { record: Arc::new(record), progress };
        self.queued(&QueuedBeacon { generation: 0, moves: 0, waits_for_room: 0, row: 0, stored })
    }

    fn too_large(&self, mut record: Record, now: Timestamp) -> Publication {
        let quota = Quota::DISK;
        cut(&mut record.key, quota.max_key_bytes);
        cut(&mut record.url, quota.max_record_bytes / 4);
        record.headers = Arc::default();
        record.consent = Arc::default();
        let progress = DeliveryProgress { due: now, ..DeliveryProgress::default() };
        let row = BeaconRow {
            generation: 0,
            attempts: 0,
            state: DeliveryState::Dead,
            reason: Some(DeadReason::TooLarge),
            holder: self.holder,
            lease_end: Timestamp::ZERO,
            stored: StoredBeacon { record: Arc::new(record), progress },
        };
        self.dead_letter(&row)
    }

    /// The message that makes a beacon due now.
    pub(super) fn queued(&self, beacon: &QueuedBeacon) -> Publication {
        self.in_queue(StreamRole::Beacons, beacon)
    }

    /// The message of a beacon for one of the streams in which it is called or waits.
    pub(super) fn in_queue(&self, place: StreamRole, beacon: &QueuedBeacon) -> Publication {
        let StoredBeacon { record, progress } = &beacon.stored;
        Publication {
            subject: self.names.queue(place),
            id: Some(message_id(&record.key, beacon.generation, progress.attempts, beacon.moves)),
            after: None,
            payload: beacon.to_bytes(&self.seal),
        }
    }

    /// The message that adds a beacon to the dead letters. Their stream keeps one message of each beacon, so it can be sent again.
    pub(super) fn dead_letter(&self, row: &BeaconRow) -> Publication {
        let subject = self.names.subject_of(StreamRole::Dead, &row.stored.record);
        Publication { subject, id: None, after: None, payload: row.to_bytes(&self.seal) }
    }

    /// The message that replaces the row `after` of a beacon.
    pub(super) fn ledger_row(&self, row: &BeaconRow, after: u64) -> Publication {
        let subject = self.names.subject_of(StreamRole::Ledger, &row.stored.record);
        Publication { subject, id: None, after: Some(after), payload: row.to_bytes(&self.seal) }
    }
}

fn cut(text: &mut String, bytes: usize) {
    if text.len() > bytes {
        let end = (0..=bytes).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
        text.truncate(end);
    }
}
