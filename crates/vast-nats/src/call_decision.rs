//! The decision whether a gateway may call a beacon whose message it has received. It depends only on the message and on the row
//! of the beacon in the ledger.

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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use vast_client::track::outbox::StoredBeacon;

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_795_000_000_000);

    fn stored(attempts: u32, in_doubt: u32) -> StoredBeacon {
        let record = vast_client::contract::sample_record("k", "t.example", NOW);
        StoredBeacon {
            record: Arc::new(record),
            progress: DeliveryProgress { attempts, in_doubt, ..DeliveryProgress::default() },
        }
    }

    fn beacon(generation: u32, attempts: u32) -> QueuedBeacon {
        QueuedBeacon { generation, moves: 0, waits_for_room: 0, row: 0, stored: stored(attempts, 0) }
    }

    /// A row of a message with these attempts; the lease of a call ends in `lease` milliseconds.
    fn row(state: DeliveryState, generation: u32, attempts: u32, lease: i64) -> BeaconRow {
        let lease_end = Timestamp::from_millis(NOW.millis().saturating_add_signed(lease));
        let stored = stored(attempts, 0);
        BeaconRow { generation, attempts, state, reason: None, holder: 1, lease_end, stored }
    }

    /// The decision in one word, with the attempts and those in doubt of a call.
    fn decided(beacon: &QueuedBeacon, row: Option<&BeaconRow>, is_repeated: bool, removed_before: i64) -> String {
        let rows_removed_before = Timestamp::from_millis(NOW.millis().saturating_add_signed(removed_before));
        let arrival = Arrival { stored_at: NOW, rows_removed_before, is_repeated, now: NOW };
        match decide(beacon, row, arrival) {
            CallDecision::Call(progress) => format!("call {} {}", progress.attempts, progress.in_doubt),
            other => format!("{other:?}").to_lowercase(),
        }
    }

    #[test]
    fn the_row_decides_about_a_message() {
        use DeliveryState::{Dead, Delivered, InFlight, Waiting};
        let (first, retry, requeued) = (beacon(0, 0), beacon(0, 1), beacon(1, 0));
        // The message, the row, the decision.
        let cases = [
            (&first, row(InFlight, 0, 0, 1), "wait"),
            (&first, row(InFlight, 0, 0, 0), "call 1 1"),
            (&first, row(Delivered, 0, 0, 0), "remove"),
            (&first, row(Dead, 0, 0, 0), "follow"),
            (&first, row(Waiting, 0, 0, 0), "call 0 0"),
            (&first, row(Waiting, 0, 1, 0), "follow"),
            (&first, row(InFlight, 0, 1, 0), "remove"),
            (&first, row(Delivered, 0, 1, 0), "remove"),
            (&first, row(Waiting, 1, 0, 0), "remove"),
            (&retry, row(Waiting, 0, 1, 0), "call 1 0"),
            (&retry, row(InFlight, 0, 1, -1), "call 2 1"),
            (&retry, row(InFlight, 0, 0, 1), "call 1 0"),
            (&requeued, row(Dead, 0, 4, 0), "call 0 0"),
        ];
        for (beacon, row, expected) in cases {
            assert_eq!(decided(beacon, Some(&row), true, 0), expected, "{beacon:?} {row:?}");
        }
    }

    #[test]
    fn a_message_without_row_is_in_doubt_only_if_its_row_may_have_been_removed() {
        // Whether the server has sent it before, when rows were removed, the decision.
        for (is_repeated, removed_before, expected) in
            [(false, 0, "call 0 0"), (false, 1, "call 0 0"), (true, 0, "call 0 0"), (true, 1, "call 1 1")]
        {
            assert_eq!(decided(&beacon(0, 0), None, is_repeated, removed_before), expected);
        }
    }
}
