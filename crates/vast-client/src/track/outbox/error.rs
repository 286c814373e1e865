//! Why an outbox could not do what it was asked for.

use std::path::PathBuf;

/// Why an outbox could not do what it was asked for. Nothing of the call has happened then, but for
/// [`Unavailable`](Self::Unavailable), after which a put may be repeated: its keys keep it from being taken twice.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OutboxError {
    /// There is no room for the whole batch.
    #[error("the outbox is full: {waiting} beacons wait")]
    Full {
        /// How many wait.
        waiting: u64,
    },
    /// The store does not work now: the disk is full, failing, or the store has been closed. It is tried again at the next
    /// call.
    #[error("the outbox cannot be used now: {0}")]
    Unavailable(String),
    /// Another process owns the file.
    #[error("in use by process {process}")]
    InUse {
        /// Its number; 0 when it is not known.
        process: u32,
    },
    /// The file cannot be opened or made, for a reason that waiting does not mend: a missing folder, a missing right.
    #[error("{path}: {reason}", path = path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
}
