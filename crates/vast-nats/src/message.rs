//! The messages as bytes: numbers of fixed length, and the beacon as the outbox on disk writes it, in an envelope.

use bytes::Bytes;
use vast_client::track::outbox::{DeadReason, DeliveryState, RecordDecodeError, RecordScope, StoredBeacon, Timestamp};

use crate::envelope::{self, MessageError, MessageMark};
use crate::seal::RecordSeal;

/// The first bytes of each message.
const MARK: MessageMark = MessageMark(*b"vb");

/// A beacon that waits in a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct QueuedBeacon {
    /// How often the beacon was made due again after it was a dead letter.
    pub(crate) generation: u32,
    /// How often the beacon was moved from one stream to another.
    pub(crate) moves: u32,
    /// How often it has waited for room at its host since its last attempt.
    pub(crate) waits_for_room: u32,
    /// The number of its row in the ledger; 0 if it has none yet.
    pub(crate) row: u64,
    pub(crate) stored: StoredBeacon,
}

/// The row of a beacon in the ledger, or a dead letter. The row decides who may call the beacon: only who replaces the newest row may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BeaconRow {
    pub(crate) generation: u32,
    /// The attempts in the message to which the row belongs. Copies with fewer attempts are out of date.
    pub(crate) attempts: u32,
    pub(crate) state: DeliveryState,
    pub(crate) reason: Option<DeadReason>,
    /// The claim of the gateway that calls the beacon, and the time at which its lease ends.
    pub(crate) holder: u64,
    pub(crate) lease_end: Timestamp,
    pub(crate) stored: StoredBeacon,
}

impl From<RecordDecodeError> for MessageError {
    fn from(error: RecordDecodeError) -> Self {
        match error {
            RecordDecodeError::Damaged => Self::Damaged,
            RecordDecodeError::Newer => Self::Newer,
        }
    }
}

impl QueuedBeacon {
    pub(crate) fn to_bytes(&self, seal: &RecordSeal) -> Bytes {
        let numbers = [self.generation.into(), self.moves.into(), self.waits_for_room.into(), self.row];
        sealed(seal, &numbers, &self.stored.to_bytes(None, RecordScope::Full))
    }

    pub(crate) fn from_bytes(bytes: &[u8], seal: &RecordSeal) -> Result<Self, MessageError> {
        let ([generation, moves, waits, row], rest) = opened(seal, bytes)?;
        let (stored, _) = StoredBeacon::from_bytes(rest)?;
        let int = |number| u32::try_from(number).unwrap_or(u32::MAX);
        Ok(Self { generation: int(generation), moves: int(moves), waits_for_room: int(waits), row, stored })
    }

    /// The same beacon for its next stream.
    pub(crate) fn moved(self) -> Self {
        Self { moves: self.moves.saturating_add(1), ..self }
    }
}

impl BeaconRow {
    pub(crate) fn to_bytes(&self, seal: &RecordSeal) -> Bytes {
        let numbers =
            [self.generation.into(), self.attempts.into(), number_of(self.state), self.holder, self.lease_end.millis()];
        // Headers are needed only by a beacon that may be called again.
        let is_over = matches!(self.state, DeliveryState::Delivered | DeliveryState::InFlight);
        let scope = if is_over { RecordScope::WithoutHeaders } else { RecordScope::Full };
        sealed(seal, &numbers, &self.stored.to_bytes(self.reason, scope))
    }

    pub(crate) fn from_bytes(bytes: &[u8], seal: &RecordSeal) -> Result<Self, MessageError> {
        Self::read(opened(seal, bytes)?)
    }

    /// Reads a row without looking at its signature. Only for showing it.
    pub(crate) fn unverified(bytes: &[u8]) -> Result<Self, MessageError> {
        Self::read(fields(bytes)?)
    }

    fn read((numbers, rest): ([u64; 5], &[u8])) -> Result<Self, MessageError> {
        let [generation, attempts, state, holder, lease_end] = numbers;
        let (stored, reason) = StoredBeacon::from_bytes(rest)?;
        let state = DeliveryState::ALL.iter().copied().find(|known| number_of(*known) == state);
        let int = |number| u32::try_from(number).unwrap_or(u32::MAX);
        Ok(Self {
            generation: int(generation),
            attempts: int(attempts),
            state: state.ok_or(MessageError::Newer)?,
            reason,
            holder,
            lease_end: Timestamp::from_millis(lease_end),
            stored,
        })
    }
}

/// Reads a queued beacon without looking at its signature. Only for showing it.
pub(crate) fn unverified_beacon(bytes: &[u8]) -> Result<StoredBeacon, MessageError> {
    let (_, rest): ([u64; 4], _) = fields(bytes)?;
    Ok(StoredBeacon::from_bytes(rest)?.0)
}

/// The number of a state in a row. Never change a number, because streams contain it.
fn number_of(state: DeliveryState) -> u64 {
    match state {
        DeliveryState::Waiting => 1,
        DeliveryState::InFlight => 2,
        DeliveryState::Delivered => 3,
        DeliveryState::Dead => 4,
        _ => 0,
    }
}

fn sealed(seal: &RecordSeal, numbers: &[u64], stored: &[u8]) -> Bytes {
    envelope::sealed(MARK, seal, numbers.len() * 8 + stored.len(), |out| {
        numbers.iter().for_each(|number| out.extend_from_slice(&number.to_le_bytes()));
        out.extend_from_slice(stored);
    })
}

fn opened<'b, const N: usize>(seal: &RecordSeal, bytes: &'b [u8]) -> Result<([u64; N], &'b [u8]), MessageError> {
    numbers(envelope::opened(MARK, seal, bytes)?)
}

fn fields<const N: usize>(bytes: &[u8]) -> Result<([u64; N], &[u8]), MessageError> {
    numbers(envelope::unverified(MARK, bytes)?)
}

fn numbers<const N: usize>(mut rest: &[u8]) -> Result<([u64; N], &[u8]), MessageError> {
    let mut numbers = [0; N];
    for number in &mut numbers {
        let (first, after) = rest.split_first_chunk().ok_or(MessageError::Damaged)?;
        *number = u64::from_le_bytes(*first);
        rest = after;
    }
    Ok((numbers, rest))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use vast_client::track::outbox::DeliveryProgress;

    use super::*;

    fn seal(id: char, secret: u8) -> RecordSeal {
        RecordSeal::new([(id, &[secret; 32][..])])
    }

    fn beacon() -> QueuedBeacon {
        let record = vast_client::contract::sample_record("k", "t.example", Timestamp::from_millis(1));
        let stored = StoredBeacon { record: Arc::new(record), progress: DeliveryProgress::default() };
        QueuedBeacon { generation: 1, moves: 2, waits_for_room: 3, row: 4, stored }
    }

    #[test]
    fn messages_and_rows_are_read_back() {
        let seal = seal('a', 1);
        assert_eq!(QueuedBeacon::from_bytes(&beacon().to_bytes(&seal), &seal), Ok(beacon()));
        let row = BeaconRow {
            generation: 1,
            attempts: 2,
            state: DeliveryState::Dead,
            reason: Some(DeadReason::Refused),
            holder: u64::MAX,
            lease_end: Timestamp::from_millis(9),
            stored: beacon().stored,
        };
        assert_eq!(BeaconRow::from_bytes(&row.to_bytes(&seal), &seal), Ok(row));
    }

    #[test]
    fn a_changed_message_and_a_stranger_are_refused_and_an_older_secret_still_opens() {
        let bytes = beacon().to_bytes(&seal('a', 1));
        for place in 0..bytes.len() {
            let mut changed = bytes.to_vec();
            changed[place] ^= 4;
            assert!(QueuedBeacon::from_bytes(&changed, &seal('a', 1)).is_err(), "byte {place}");
            assert!(QueuedBeacon::from_bytes(&bytes[..place], &seal('a', 1)).is_err(), "cut at {place}");
        }
        assert_eq!(QueuedBeacon::from_bytes(&bytes, &seal('a', 2)), Err(MessageError::NotSigned));
        let both = RecordSeal::new([('b', &[2; 32][..]), ('a', &[1; 32][..])]);
        assert_eq!(QueuedBeacon::from_bytes(&bytes, &both), Ok(beacon()));
        let newer = [b"vb\x02", &bytes[3..]].concat();
        assert_eq!(QueuedBeacon::from_bytes(&newer, &both), Err(MessageError::Newer));
    }
}
