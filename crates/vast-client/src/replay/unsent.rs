//! The outbox of a replay: it takes every beacon, and no beacon is ever sent.

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, ready};

use crate::recording::DeliveryRecord;
use crate::report::FetchResult;
use crate::track::outbox::{
    Claim, Claims, LedgerQuery, LedgerRow, Outbox, OutboxError, OutboxStats, PutOutcome, Record, Settlement, Timestamp,
};
use crate::track::{BeaconState, TrackedBeacon};

/// Takes every beacon and gives none to a dispatcher.
pub(super) struct UnsentBeacons;

impl Outbox for UnsentBeacons {
    fn put(&self, batch: Vec<Record>, _now: Timestamp) -> BoxFuture<'_, Result<Vec<PutOutcome>, OutboxError>> {
        ready(Ok(vec![PutOutcome::Queued; batch.len()])).boxed()
    }

    fn claim(&self, _claim: Claim) -> BoxFuture<'_, Result<Claims, OutboxError>> {
        ready(Ok(Claims::default())).boxed()
    }

    fn settle(&self, _settlements: Vec<Settlement>, _now: Timestamp) -> BoxFuture<'_, Result<usize, OutboxError>> {
        ready(Ok(0)).boxed()
    }

    fn rows(&self, _query: LedgerQuery) -> BoxFuture<'_, Result<Vec<LedgerRow>, OutboxError>> {
        ready(Ok(Vec::new())).boxed()
    }

    fn stats(&self) -> BoxFuture<'_, OutboxStats> {
        ready(OutboxStats::default()).boxed()
    }

    fn requeue(&self, _query: LedgerQuery, _now: Timestamp) -> BoxFuture<'_, Result<u64, OutboxError>> {
        ready(Ok(0)).boxed()
    }
}

/// All beacons of the answer, and of the breaks of its playlist.
pub(super) fn beacons(result: &mut FetchResult) -> impl Iterator<Item = &mut TrackedBeacon> {
    let breaks = result.schedule.iter_mut().flat_map(|schedule| &mut schedule.breaks);
    let answers = breaks.filter_map(|one| one.answer.as_mut());
    result.tracked.iter_mut().chain(answers.flat_map(|answer| &mut answer.tracked))
}

/// Gives the beacons of the answer their recorded states. Returns the number of those that the recording has otherwise or not at all.
pub(super) fn set_states(result: &mut FetchResult, recorded: &[DeliveryRecord]) -> usize {
    let mut recorded = recorded.iter();
    let mut different = 0;
    for beacon in beacons(result) {
        match recorded.next().filter(|one| one.event == beacon.event.as_str() && one.url == beacon.url) {
            Some(one) => set_state(beacon, one),
            None => different += 1,
        }
    }
    different + recorded.count()
}

fn set_state(beacon: &mut TrackedBeacon, recorded: &DeliveryRecord) {
    let DeliveryRecord { key, state, attempts, status, reason, .. } = recorded;
    beacon.key.clone_from(key);
    let states = [BeaconState::Queued, BeaconState::Delivered, BeaconState::Failed, BeaconState::Refused];
    if let Some(state) = states.into_iter().find(|known| known.as_str() == state) {
        beacon.state = state;
    }
    (beacon.attempts, beacon.status) = (*attempts, *status);
    beacon.reason.clone_from(reason);
}
