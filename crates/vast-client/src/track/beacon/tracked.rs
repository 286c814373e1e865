//! A beacon in a result: its state, and why it was refused or failed.

use super::beacon_event::BeaconEvent;
use super::due::{Beacon, RefusalReason};
use crate::track::outbox::{DeliveryState, LedgerRow};

/// A beacon in a result.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TrackedBeacon {
    /// The event that the beacon reports.
    pub event: BeaconEvent,
    /// The URL.
    pub url: String,
    /// The document that contains the tracker; 0 is the source's own.
    pub hop: u32,
    /// The idempotency key. The row of the beacon in the ledger has the same key.
    pub key: String,
    /// The state at the time of the answer, or at the last [`Tracker::refresh`](crate::track::Tracker::refresh).
    pub state: BeaconState,
    /// The reason why the outbox does not have the beacon, if the state is [`BeaconState::Refused`].
    pub refusal: Option<RefusalReason>,
    /// Whether the outbox knew the beacon already, because the same occurrence of its event was put before.
    pub is_known: bool,
    /// The number of attempts.
    pub attempts: u32,
    /// The HTTP status of the last attempt, if there was one.
    pub status: Option<u16>,
    /// A text for people: why the beacon was refused, why it failed, how the last attempt failed, or that the first one has no
    /// answer yet.
    pub reason: Option<String>,
}

impl TrackedBeacon {
    pub(in crate::track) fn new(beacon: &Beacon, key: String) -> Self {
        Self {
            event: beacon.event.clone(),
            url: beacon.url.clone(),
            hop: beacon.hop,
            key,
            state: BeaconState::Queued,
            refusal: None,
            is_known: false,
            attempts: 0,
            status: None,
            reason: None,
        }
    }

    /// Makes state and reason agree with the refusal.
    pub(in crate::track) fn settle_refusal(&mut self) {
        if let Some(refusal) = self.refusal {
            self.state = BeaconState::Refused;
            self.reason.get_or_insert_with(|| refusal.to_string());
        }
    }

    /// Sets the state from the row of the beacon in the ledger. A refused beacon stays refused.
    pub(in crate::track) fn update(&mut self, row: &LedgerRow) {
        if self.refusal.is_some() {
            return;
        }
        self.state = match row.state {
            DeliveryState::Waiting | DeliveryState::InFlight => BeaconState::Queued,
            DeliveryState::Delivered => BeaconState::Delivered,
            DeliveryState::Dead => BeaconState::Failed,
        };
        (self.attempts, self.status) = (row.attempts, row.last_status);
        let dead = row.reason.map(|reason| reason.as_str().to_owned());
        let in_flight = || (row.state == DeliveryState::InFlight).then(|| "called, and no answer yet".to_owned());
        self.reason = row.last_error.clone().or(dead).or_else(in_flight);
    }
}

/// The state of a beacon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "json", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum BeaconState {
    /// The beacon is in the outbox and not delivered yet.
    Queued,
    /// The tracker accepted the beacon.
    Delivered,
    /// The beacon is a dead letter: it gets no further attempt.
    Failed,
    /// The outbox refused the beacon. It will not be called.
    Refused,
}

impl BeaconState {
    /// The name used in results.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}
