//! Delivering the beacons of `request` and `track`, and the message about it.

use std::path::Path;
use std::time::Duration;

use vast_client::journal::TreeWarning;
use vast_client::report::WarningReport;
use vast_client::track::outbox::{DiskOutbox, Outbox, OutboxError};
use vast_client::track::{BeaconState, DrainReport, TrackedBeacon};
use vast_client::{FetchResult, VastClient};

use super::{outbox, runtime};
use crate::error::{CommandError, Signal};
use crate::render::human::{LOST, beyond_status};
use crate::stdio;

/// The warnings about trackers that were dropped.
const CUT: [TreeWarning; 3] = [TreeWarning::TrackersCut, TreeWarning::ReportsCut, TreeWarning::InheritedCut];

/// The time for which requests that were sent may continue after a signal.
const GRACE: Duration = Duration::from_millis(500);

/// The most lost beacons that are listed on stderr.
const MOST_LISTED: usize = 20;

/// Opens the outbox file of `--outbox`. This happens before any request, so that a failure costs no ad.
///
/// # Errors
/// A [`CommandError`]: the file is in use, damaged, or cannot be opened.
pub(super) fn open(path: Option<&Path>) -> Result<Option<DiskOutbox>, CommandError> {
    path.map(|path| DiskOutbox::open(path).map_err(|error| open_error(&error, path))).transpose()
}

/// Closes the outbox file of `--outbox` and prints its damage, if there is any. Damage does not change the exit code.
pub(super) async fn close(outbox: Option<&DiskOutbox>, path: Option<&Path>) {
    let Some((outbox, path)) = outbox.zip(path) else { return };
    outbox::report_damage(&outbox.stats().await, path);
    outbox.close();
}

fn open_error(error: &OutboxError, path: &Path) -> CommandError {
    match error {
        OutboxError::Open { .. } => CommandError::usage(format!("--outbox: {error}")),
        _ => outbox::outbox_error(error, path),
    }
}

/// The place where beacons that were not delivered remain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BeaconStore {
    /// In memory: the beacons are lost when the process ends.
    Memory,
    /// In the file of `--outbox`, for the next process.
    File,
}

impl BeaconStore {
    /// The store for `--outbox`.
    pub(super) fn of(outbox: Option<&Path>) -> Self {
        if outbox.is_some() { Self::File } else { Self::Memory }
    }

    /// Whether the beacon is neither delivered nor in a file.
    pub(super) fn has_lost(self, beacon: &TrackedBeacon) -> bool {
        match beacon.state {
            BeaconState::Delivered => false,
            BeaconState::Queued => self == Self::Memory,
            _ => true,
        }
    }
}

/// The end of the delivery.
pub(super) struct Delivery {
    /// The signal that ended the delivery.
    pub(super) signal: Option<Signal>,
    report: DrainReport,
    limit: Duration,
    store: BeaconStore,
}

/// Delivers the beacons of a request for at most `limit`, or until a signal. After that, nothing is sent, and `tracked`
/// has the final states.
pub(super) async fn deliver(
    client: &VastClient,
    limit: Duration,
    store: BeaconStore,
    request_id: &str,
    tracked: &mut [TrackedBeacon],
) -> Delivery {
    if store == BeaconStore::File {
        // From now on this process also answers `vast outbox`.
        client.start();
    }
    let signal = drained(client, limit, runtime::signal).await;
    // End the requests that are still running, so that the states of the beacons are final.
    let report = client.shutdown(Duration::ZERO).await;
    // If the outbox gives no answer, the beacons keep the states that they had when they were put.
    drop(client.tracker().refresh(request_id, tracked).await);
    Delivery { signal, report, limit, store }
}

/// Waits until no beacon is due, for at most `limit`, or until a signal, and then for the requests that were sent.
async fn drained<S: Future<Output = Signal>>(
    client: &VastClient,
    limit: Duration,
    next_signal: impl Fn() -> S,
) -> Option<Signal> {
    let signal = tokio::select! {
        biased;
        _ = client.drain(limit) => None,
        signal = next_signal() => Some(signal),
    };
    if signal.is_some() {
        tokio::select! {
            biased;
            _ = client.drain(GRACE) => {}
            _ = next_signal() => {}
        }
    }
    signal
}

impl Delivery {
    /// Prints the sum, and every beacon of `tracked` that is lost. `omitted` is the number of
    /// beacons that were due and are not among them.
    pub(super) fn print(&self, tracked: &[TrackedBeacon], omitted: usize, note: &str) {
        let omitted = if omitted > 0 { format!(", {omitted} left out (--max-beacons)") } else { String::new() };
        stdio::message(&format!("{}{omitted}{note}", self.sum(tracked)));
        let lost: Vec<_> = tracked.iter().filter(|beacon| self.store.has_lost(beacon)).collect();
        for beacon in lost.iter().take(MOST_LISTED) {
            stdio::message(&format!("  {}", description(beacon)));
        }
        if lost.len() > MOST_LISTED {
            stdio::message(&format!("  and {} more; --format json lists all", lost.len() - MOST_LISTED));
        }
    }

    fn sum(&self, tracked: &[TrackedBeacon]) -> String {
        let DrainReport { delivered, failed, left, .. } = self.report;
        let refused = tracked.iter().filter(|beacon| beacon.state == BeaconState::Refused).count();
        let all = delivered + failed + (left + refused) as u64;
        let not_taken = if refused > 0 { format!(", {refused} not taken by the outbox") } else { String::new() };
        let sum = format!("trackers: {delivered} of {all} called, {failed} failed{not_taken}");
        match (all, left, self.store) {
            (0, ..) => "trackers: none to call".to_owned(),
            (_, 0, _) => sum,
            (_, _, BeaconStore::File) => format!("{sum}, {left} kept for the next process"),
            (_, _, BeaconStore::Memory) => format!("{sum}, {left} lost: not delivered within {}", shown(self.limit)),
        }
    }
}

/// Prints how many trackers of the ads were dropped when the ads were read. They are in no list and in no sum.
pub(super) fn report_cut(result: &FetchResult) {
    let is_cut = |warning: &&WarningReport| CUT.iter().any(|cut| cut.as_str() == warning.code);
    let breaks = result.schedule.iter().flat_map(|schedule| schedule.answers());
    for warning in std::iter::once(result).chain(breaks).flat_map(|answer| &answer.warnings).filter(is_cut) {
        stdio::message(&format!("warning: {}: {}", warning.source, warning.message));
    }
}

/// Describes a beacon, for example `impression https://ads.example/seen: failed, status 404`.
fn description(beacon: &TrackedBeacon) -> String {
    let state = if beacon.state == BeaconState::Queued { LOST } else { beacon.state.as_str() };
    let status = beacon.status.map_or_else(String::new, |status| format!(", status {status}"));
    let reason = match beyond_status(beacon.reason.as_deref(), beacon.status) {
        "" if beacon.attempts == 0 && beacon.state == BeaconState::Queued => ": not called yet".to_owned(),
        "" => String::new(),
        reason => format!(": {reason}"),
    };
    format!("{} {}: {state}{status}{reason}", beacon.event.as_str(), beacon.url)
}

/// Prints a time limit, for example `250ms` or `0s`.
fn shown(limit: Duration) -> String {
    if limit.is_zero() { "0s".to_owned() } else { format!("{limit:?}") }
}

#[cfg(test)]
mod tests;
