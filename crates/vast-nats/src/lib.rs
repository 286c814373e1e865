//! An outbox on NATS JetStream: several gateways share the beacons that wait, so that each of them may stop at any time.
//!
//! ```text
//! put ─> beacons ─> a gateway claims: it replaces the row of the beacon in the ledger ─> tracker
//!           ^                                                        │ later
//!           └── retry 1 s, 10 s, 60 s, 300 s <───────────────────────┤
//!                                                dead letters <──────┘ never
//! ```
//!
//! The server does the distributed work: it stores messages on several machines and sends those of a gateway that has stopped to another
//! one. One beacon is one message. Its row in the ledger is replaced only by a gateway that knows the newest row, so only one
//! gateway at a time may call a beacon, and a settlement that comes too late changes nothing.
//!
//! Gateways also tell each other what they see of their sources ([`NewsChannel`]). The server passes these messages on and stores none.
//!
//! A tracker that never asked for a repetition is reached at most `1 + max_in_doubt` times while the ledger has the row of its beacon.

mod broker;
mod call_decision;
mod envelope;
mod jetstream;
mod message;
mod names;
mod outbox;
mod seal;
mod spill;

#[cfg(test)]
mod simulation;

pub use envelope::MessageError;
pub use jetstream::{
    Credentials, NatsError, NatsServer, NatsSettings, NatsTls, NewsChannel, NewsError, NewsListener, SetupChange,
    SetupStep, StreamSizes, StreamStatus,
};
pub use names::StreamNames;
pub use outbox::{NatsCounts, NatsOutbox};
pub use seal::RecordSeal;
pub use spill::{SpillCounts, SpillOutbox, SpillSettings};
