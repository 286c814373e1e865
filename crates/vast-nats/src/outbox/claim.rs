//! Claiming: a beacon is claimed by the gateway that replaces its row in the ledger.

use std::sync::Arc;

use futures_util::future::{join, join_all};
use vast_client::track::outbox::{
    Claim, Claimed, Claims, DeliveryProgress, DeliveryState, OutboxError, StoredBeacon, Timestamp,
};

use super::buffer::{ClaimSelection, HeldBeacon, UnclaimedBeacon};
use super::{OutboxParts, count};
use crate::broker::{BrokerError, Publication};
use crate::call_decision::{Arrival, CallDecision, decide};
use crate::message::{BeaconRow, QueuedBeacon};
use crate::names::{RetryDelay, StreamRole, number_of};

/// How often a claim reads the row of a beacon again after another gateway has changed it.
const READS: u32 = 3;

/// The newest row of a beacon.
pub(super) struct NewestRow {
    pub(super) sequence: u64,
    /// `None` if there is no row, or none that this gateway can read.
    pub(super) row: Option<BeaconRow>,
}

impl OutboxParts {
    pub(super) async fn claim(&self, claim: Claim) -> Result<Claims, OutboxError> {
        let ClaimSelection { claimed, without_room } = self.buffer().take(&claim);
        self.has_room.notify_one();
        let end = claim.now.after(claim.lease);
        drop(claim);
        let begun = join_all(claimed.into_iter().map(|one| self.begin(one, end)));
        let (begun, ()) = join(begun, self.wait_for_room(without_room)).await;
        let mut claims = Claims::default();
        let mut failure = None;
        for one in begun {
            match one {
                Ok(one) => claims.beacons.extend(one),
                Err(error) => failure = Some(error),
            }
        }
        match failure {
            Some(error) if claims.beacons.is_empty() => Err(error.into()),
            _ => Ok(claims),
        }
    }

    /// Claims a beacon; `None` if it must not be called now. After a failure the beacon is in the buffer again.
    async fn begin(&self, one: UnclaimedBeacon, lease_end: Timestamp) -> Result<Option<Claimed>, BrokerError> {
        if self.buffer().is_held(&one.beacon.stored.record.key) {
            // The server has sent the message again, or it was put twice. The first claim decides about it.
            return Ok(None);
        }
        match self.begin_held(&one, lease_end).await {
            Ok(held) => Ok(held.map(|held| self.hold(held))),
            Err(error) => {
                self.buffer().put_back(one);
                Err(error)
            }
        }
    }

    async fn begin_held(&self, one: &UnclaimedBeacon, lease_end: Timestamp) -> Result<Option<HeldBeacon>, BrokerError> {
        let UnclaimedBeacon { received, beacon } = one;
        let record = &beacon.stored.record;
        if !received.is_repeated {
            // Usually the row is the one that was written before the message. Then it need not be read.
            let progress = beacon.stored.progress.clone();
            match self.begin_after(one, beacon.row, progress, lease_end).await {
                Err(BrokerError::Changed) => {}
                other => return other.map(Some),
            }
        }
        for _ in 0..READS {
            let newest = self.newest_row(StreamRole::Ledger, record).await?;
            let is_unknown = newest.row.is_none() && received.is_repeated;
            let rows_removed_before =
                if is_unknown { self.broker.counts(StreamRole::Ledger).await?.lost_before } else { Timestamp::ZERO };
            let (stored_at, is_repeated) = (received.stored_at, received.is_repeated);
            let arrival = Arrival { stored_at, rows_removed_before, is_repeated, now: self.now() };
            match decide(beacon, newest.row.as_ref(), arrival) {
                CallDecision::Call(progress) => match self.begin_after(one, newest.sequence, progress, lease_end).await
                {
                    Err(BrokerError::Changed) => {}
                    other => return other.map(Some),
                },
                CallDecision::Wait => return Ok(None),
                CallDecision::Remove => {
                    self.broker.remove(received.receipt.clone()).await;
                    return Ok(None);
                }
                CallDecision::Follow => {
                    if let Some(row) = newest.row {
                        self.follow(beacon, &row, newest.sequence).await?;
                    }
                    self.broker.remove(received.receipt.clone()).await;
                    return Ok(None);
                }
            }
        }
        // Other gateways change the row all the time. The server sends the message again.
        Ok(None)
    }

    /// Writes the row of a call that begins, after the row `after`.
    async fn begin_after(
        &self,
        one: &UnclaimedBeacon,
        after: u64,
        progress: DeliveryProgress,
        lease_end: Timestamp,
    ) -> Result<HeldBeacon, BrokerError> {
        let beacon = &one.beacon;
        let stored = StoredBeacon { record: Arc::clone(&beacon.stored.record), progress };
        let row = BeaconRow {
            generation: beacon.generation,
            attempts: beacon.stored.progress.attempts,
            state: DeliveryState::InFlight,
            reason: None,
            holder: self.new_claim(),
            lease_end,
            stored,
        };
        let sequence = self.replace(&row, after).await?;
        let receipt = one.received.receipt.clone();
        Ok(HeldBeacon { receipt, beacon: beacon.clone(), row: sequence, progress: row.stored.progress, lease_end })
    }

    /// Replaces the row `after` of a beacon; returns the number of the new row.
    pub(super) async fn replace(&self, row: &BeaconRow, after: u64) -> Result<u64, BrokerError> {
        let publication = self.ledger_row(row, after);
        let Publication { subject, payload, .. } = publication.clone();
        match self.publish(publication).await {
            Ok(publicated) => Ok(publicated.sequence),
            Err(BrokerError::Changed) => {
                // An earlier try may have been stored although its answer was lost.
                let newest = self.broker.newest(StreamRole::Ledger, subject).await?;
                newest.filter(|newest| newest.payload == payload).map(|own| own.sequence).ok_or(BrokerError::Changed)
            }
            Err(error) => Err(error),
        }
    }

    /// The newest row of a beacon in the ledger or among the dead letters.
    pub(super) async fn newest_row(
        &self,
        place: StreamRole,
        record: &vast_client::track::outbox::Record,
    ) -> Result<NewestRow, BrokerError> {
        let newest = self.broker.newest(place, self.names.subject_of(place, record)).await?;
        Ok(match newest {
            None => NewestRow { sequence: 0, row: None },
            Some(message) => {
                let row = BeaconRow::from_bytes(&message.payload, &self.seal).ok();
                NewestRow { sequence: message.sequence, row }
            }
        })
    }

    fn hold(&self, held: HeldBeacon) -> Claimed {
        let record = Arc::clone(&held.beacon.stored.record);
        let id = number_of(&record.key);
        let claimed = Claimed { id, host: record.host().into(), record, progress: held.progress.clone() };
        self.buffer().hold(held);
        claimed
    }

    /// Sends beacons whose host has no room to a stream in which they wait. No attempt is counted.
    async fn wait_for_room(&self, beacons: Vec<UnclaimedBeacon>) {
        let send = |one: UnclaimedBeacon| async move {
            count(&self.counters.without_room);
            let waits = one.beacon.waits_for_room;
            let place = StreamRole::Retry(RetryDelay::for_room(waits));
            let beacon = QueuedBeacon { waits_for_room: waits.saturating_add(1), ..one.beacon.clone() };
            self.move_to(place, one, beacon).await;
        };
        join_all(beacons.into_iter().map(send)).await;
    }

    /// Gives the beacons that are not claimed to the other gateways.
    pub(super) async fn give_back(&self) {
        let all = self.buffer().take_all();
        let send = |one: UnclaimedBeacon| async move {
            let beacon = one.beacon.clone();
            self.move_to(StreamRole::Beacons, one, beacon).await;
        };
        join_all(all.into_iter().map(send)).await;
    }

    /// Sends a beacon to another stream and removes its message. If that fails, the server sends the old message again.
    async fn move_to(&self, place: StreamRole, one: UnclaimedBeacon, beacon: QueuedBeacon) {
        if self.publish(self.in_queue(place, &beacon.moved())).await.is_ok() {
            self.broker.remove(one.received.receipt).await;
        }
    }
}
