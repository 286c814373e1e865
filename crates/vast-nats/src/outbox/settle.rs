//! Settling. The new row is written first: it is the decision. Then the message that follows from it is sent, and the old message is
//! removed. If the process ends in between, the next gateway that gets the old message reads the row and does the rest.

use std::sync::Arc;

use vast_client::track::outbox::{
    DeadReason, DeliveryProgress, DeliveryState, Disposition, OutboxError, Settlement, StoredBeacon, Timestamp,
};

use super::buffer::HeldBeacon;
use super::{OutboxParts, count};
use crate::broker::BrokerError;
use crate::message::{BeaconRow, QueuedBeacon};
use crate::names::{RetryDelay, StreamRole};

impl OutboxParts {
    pub(super) async fn settle(&self, settlements: Vec<Settlement>) -> Result<usize, OutboxError> {
        let mut settled = 0;
        for settlement in settlements {
            let held = self.buffer().held(settlement.id, settlement.attempts).cloned();
            let Some(held) = held.filter(|held| self.now() < held.lease_end) else { continue };
            match self.settle_one(&settlement, &held).await {
                Ok(()) => settled += 1,
                Err(BrokerError::Changed) => count(&self.counters.lost_claims),
                Err(error) => return Err(error.into()),
            }
            self.buffer().release(settlement.id);
        }
        Ok(settled)
    }

    async fn settle_one(&self, settlement: &Settlement, held: &HeldBeacon) -> Result<(), BrokerError> {
        let row = self.settled_row(settlement, held);
        let sequence = self.replace(&row, held.row).await?;
        self.follow(&held.beacon, &row, sequence).await?;
        self.broker.remove(held.receipt.clone()).await;
        Ok(())
    }

    fn settled_row(&self, settlement: &Settlement, held: &HeldBeacon) -> BeaconRow {
        let attempts = held.progress.attempts.saturating_add(1);
        let mut progress = DeliveryProgress { attempts, last: Some(settlement.last.clone()), ..held.progress.clone() };
        let mut row_attempts = held.beacon.stored.progress.attempts;
        let (state, reason) = match settlement.disposition {
            Disposition::RetryAt { at, in_doubt } => {
                progress.due = at;
                progress.in_doubt += u32::from(in_doubt);
                row_attempts = attempts;
                (DeliveryState::Waiting, None)
            }
            Disposition::Dead(reason) => {
                progress.in_doubt += u32::from(reason == DeadReason::InDoubt);
                (DeliveryState::Dead, Some(reason))
            }
            _ => (DeliveryState::Delivered, None),
        };
        BeaconRow {
            generation: held.beacon.generation,
            attempts: row_attempts,
            state,
            reason,
            holder: self.holder,
            lease_end: Timestamp::ZERO,
            stored: StoredBeacon { record: Arc::clone(&held.beacon.stored.record), progress },
        }
    }

    /// Sends the message that follows from a row: the retry of a beacon that waits, or a dead letter. It can be sent more than once.
    pub(super) async fn follow(
        &self,
        beacon: &QueuedBeacon,
        row: &BeaconRow,
        sequence: u64,
    ) -> Result<(), BrokerError> {
        match row.state {
            DeliveryState::Waiting => {
                let wait = row.stored.progress.due.since(self.now());
                let place = RetryDelay::for_wait(wait, self.second).map_or(StreamRole::Beacons, StreamRole::Retry);
                let next = QueuedBeacon {
                    generation: row.generation,
                    moves: beacon.moves.saturating_add(1),
                    waits_for_room: 0,
                    row: sequence,
                    stored: row.stored.clone(),
                };
                self.publish(self.in_queue(place, &next)).await.map(drop)
            }
            DeliveryState::Dead => self.publish(self.dead_letter(row)).await.map(drop),
            _ => Ok(()),
        }
    }
}
