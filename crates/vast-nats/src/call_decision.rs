//! The decision whether a gateway may call a beacon whose message it has received. It depends on the message and on the row of the
//! beacon in the ledger, and on nothing else.

use std::cmp::Ordering;

use vast_client::track::outbox::{DeliveryProgress, DeliveryState, LastAttempt, Timestamp};

use crate::message::{BeaconRow, QueuedBeacon};

/// What to do with a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CallDecision {
    /// Call the beacon with this progress, after the row was replaced.
    Call(DeliveryProgress),
    /// Another gateway calls it now, or did so until it stopped. The server sends the message again.
    Wait,
    /// The beacon is settled, or a later message has it: remove the message.
    Remove,
    /// The beacon was settled, but perhaps the message that follows from it was not sent: send that one, then remove this message.
    Follow,
}

/// The facts about a message that the server knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Arrival {
    /// The time at which the server stored the message.
    pub(crate) stored_at: Timestamp,
    /// Rows of beacons that were stored before this time may have been removed from the ledger.
    pub(crate) rows_removed_before: Timestamp,
    /// Whether the server has sent the message before.
    pub(crate) is_repeated: bool,
    /// The current time.
    pub(crate) now: Timestamp,
}

/// Decides about a message. `row` is the newest row of its beacon.
pub(crate) fn decide(beacon: &QueuedBeacon, row: Option<&BeaconRow>, arrival: Arrival) -> CallDecision {
    let progress = &beacon.stored.progress;
    let Some(row) = row else {
        // A call that had begun would have left a row, if the row was not removed since.
        let may_have_begun = arrival.is_repeated && arrival.stored_at < arrival.rows_removed_before;
        return CallDecision::Call(if may_have_begun { doubted(progress, arrival.now) } else { progress.clone() });
    };
    let age = (beacon.generation, progress.attempts).cmp(&(row.generation, row.attempts));
    match (age, row.state) {
        // The row of a later state was lost with a server that had not written it to its disk.
        (Ordering::Greater, _) => CallDecision::Call(progress.clone()),
        (Ordering::Equal, DeliveryState::Waiting) => CallDecision::Call(progress.clone()),
        (Ordering::Equal, DeliveryState::InFlight) if arrival.now < row.lease_end => CallDecision::Wait,
        (Ordering::Equal, DeliveryState::InFlight) => CallDecision::Call(doubted(&row.stored.progress, arrival.now)),
        (Ordering::Equal, DeliveryState::Dead) => CallDecision::Follow,
        (Ordering::Less, DeliveryState::Waiting) if beacon.generation == row.generation => CallDecision::Follow,
        _ => CallDecision::Remove,
    }
}

/// The progress after one more attempt, which ended in doubt.
fn doubted(progress: &DeliveryProgress, now: Timestamp) -> DeliveryProgress {
    DeliveryProgress {
        due: now,
        attempts: progress.attempts.saturating_add(1),
        in_doubt: progress.in_doubt.saturating_add(1),
        last: Some(LastAttempt { at: now, status: None, message: "the attempt was interrupted".into() }),
    }
}
