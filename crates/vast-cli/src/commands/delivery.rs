//! Delivering the beacons of `request` and `track`, and the message about it.

use std::path::Path;
use std::time::Duration;

use vast_client::VastClient;
use vast_client::track::DrainReport;
use vast_client::track::outbox::{DiskOutbox, OutboxError};

use super::runtime;
use crate::error::{CommandError, Signal};
use crate::exit::Exit;

/// How long requests that were sent may take after a signal.
const GRACE: Duration = Duration::from_millis(500);

/// Opens the outbox file of `--outbox`. This happens before any request, so that a failure costs no ad.
///
/// # Errors
/// A [`CommandError`]: the file is in use, damaged, or cannot be opened.
pub(super) fn open(path: Option<&Path>) -> Result<Option<DiskOutbox>, CommandError> {
    path.map(|path| DiskOutbox::open(path).map_err(|error| open_error(&error, path))).transpose()
}

fn open_error(error: &OutboxError, path: &Path) -> CommandError {
    match error {
        OutboxError::InUse { .. } => {
            CommandError::new(Exit::OutboxInUse, format!("--outbox: {}: {error}", path.display()))
        }
        OutboxError::Open { .. } => CommandError::usage(format!("--outbox: {error}")),
        _ => CommandError::new(Exit::Failed, format!("--outbox: {}: {error}", path.display())),
    }
}

/// How the delivery ended.
pub(super) struct Delivery {
    /// The signal that ended it.
    pub(super) signal: Option<Signal>,
    report: DrainReport,
    limit: Duration,
    has_file: bool,
}

/// Delivers beacons for at most `limit`, or until a signal. Then nothing is sent any more.
pub(super) async fn deliver(client: &VastClient, limit: Duration, has_file: bool) -> Delivery {
    if has_file {
        // From now on this process also answers `vast outbox`.
        client.start();
    }
    let signal = tokio::select! {
        biased;
        _ = client.drain(limit) => None,
        signal = runtime::signal() => Some(signal),
    };
    if signal.is_some() {
        tokio::select! {
            biased;
            _ = client.drain(GRACE) => {}
            _ = runtime::signal() => {}
        }
    }
    // Ends what is still being sent, so that the states of the beacons are final.
    let report = client.shutdown(Duration::ZERO).await;
    Delivery { signal, report, limit, has_file }
}

impl Delivery {
    /// The message about the delivery, for stderr.
    pub(super) fn message(&self) -> String {
        let DrainReport { delivered, failed, left, .. } = self.report;
        let all = delivered + failed + left as u64;
        let sum = format!("trackers: {delivered} of {all} called, {failed} failed");
        match (all, left, self.has_file) {
            (0, ..) => "trackers: none to call".to_owned(),
            (_, 0, _) => sum,
            (_, _, true) => format!("{sum}, {left} kept for the next process"),
            (_, _, false) => format!("{sum}, {left} lost: not delivered within {}", shown(self.limit)),
        }
    }
}

/// `250ms`, `0s`.
fn shown(limit: Duration) -> String {
    if limit.is_zero() { "0s".to_owned() } else { format!("{limit:?}") }
}
