//! A gateway of a run: an outbox, its background work, and a dispatcher that calls model trackers.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fastrand::Rng;
use futures_util::FutureExt;
use tokio::task::JoinSet;
use vast_client::env::Env;
use vast_client::track::outbox::{Claim, Claimed, DeadReason, Disposition, LastAttempt, Outbox, Settlement, Timestamp};

use super::MAX_IN_DOUBT;
use super::model::{Model, ModelBroker, SECOND, names};
use crate::outbox::NatsOutbox;
use crate::seal::RecordSeal;

const LEASE: Duration = Duration::from_secs(60);

/// How a call of a tracker ended, as the tracker sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TrackerAnswer {
    /// It has counted the event.
    Accepted,
    /// It has counted the event, but its answer did not reach the gateway.
    NoAnswer,
    /// It asked for another call, as a status 503 does.
    Later,
    /// It does not want the event.
    Refused,
}

impl TrackerAnswer {
    pub(super) fn asks_for_another(self) -> bool {
        self == Self::Later
    }
}

/// The trackers of a run, and all calls that have reached them.
#[derive(Clone)]
pub(super) struct Trackers(Arc<Mutex<TrackerState>>);

struct TrackerState {
    rng: Rng,
    has_faults: bool,
    calls: HashMap<String, Vec<TrackerAnswer>>,
}

impl Trackers {
    pub(super) fn new(seed: u64) -> Self {
        let state = TrackerState { rng: Rng::with_seed(seed), has_faults: true, calls: HashMap::new() };
        Self(Arc::new(Mutex::new(state)))
    }

    pub(super) fn end_faults(&self) {
        self.0.lock().expect("no panic").has_faults = false;
    }

    pub(super) fn calls(&self) -> HashMap<String, Vec<TrackerAnswer>> {
        self.0.lock().expect("no panic").calls.clone()
    }

    fn call(&self, key: &str) -> TrackerAnswer {
        let mut state = self.0.lock().expect("no panic");
        let answer = match state.rng.u8(..100) {
            _ if !state.has_faults => TrackerAnswer::Accepted,
            0..20 => TrackerAnswer::Later,
            20..35 => TrackerAnswer::NoAnswer,
            35..40 => TrackerAnswer::Refused,
            _ => TrackerAnswer::Accepted,
        };
        state.calls.entry(key.to_owned()).or_default().push(answer);
        answer
    }
}

/// A gateway that runs until it is dropped, which is like `kill -9`.
pub(super) struct ModelGateway {
    pub(super) outbox: NatsOutbox,
    _tasks: JoinSet<()>,
}

impl ModelGateway {
    pub(super) fn start(model: &Arc<Model>, trackers: &Trackers, env: &Env, seed: u64) -> Self {
        let seal = RecordSeal::new([('a', &b"0123456789abcdef0123456789abcdef"[..])]);
        let broker = Box::new(ModelBroker(Arc::clone(model)));
        let outbox = NatsOutbox::with_broker(broker, names(), seal, SECOND, env.clone());
        let mut tasks = JoinSet::new();
        tasks.spawn(outbox.attend().expect("it has work"));
        tasks.spawn(dispatch(outbox.clone(), trackers.clone(), env.clone(), Rng::with_seed(seed)));
        Self { outbox, _tasks: tasks }
    }
}

async fn dispatch(outbox: NatsOutbox, trackers: Trackers, env: Env, mut rng: Rng) {
    let mut attempts = JoinSet::new();
    loop {
        let now = Timestamp::from(env.wall());
        let per_host = if rng.u8(..10) == 0 { 0 } else { rng.u32(1..4) };
        let claim = Claim { limit: rng.usize(1..8), per_host, allowances: Arc::default(), now, lease: LEASE };
        if let Ok(claims) = outbox.claim(claim).await {
            for claimed in claims.beacons {
                let rng = Rng::with_seed(rng.u64(..));
                attempts.spawn(attempt(outbox.clone(), trackers.clone(), env.clone(), claimed, rng));
            }
        }
        while attempts.join_next().now_or_never().flatten().is_some() {}
        tokio::select! {
            () = outbox.arrival() => {}
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
        }
    }
}

async fn attempt(outbox: NatsOutbox, trackers: Trackers, env: Env, claimed: Claimed, mut rng: Rng) {
    // Some attempts last longer than the lease, like those of a process that was stopped.
    let pause = if rng.u8(..25) == 0 { 90_000 } else { 3_000 };
    tokio::time::sleep(Duration::from_millis(rng.u64(..pause) / 2)).await;
    let progress = &claimed.progress;
    let now = Timestamp::from(env.wall());
    let later = now.after(Duration::from_millis(rng.u64(..40_000)));
    let disposition = if progress.in_doubt > MAX_IN_DOUBT {
        Disposition::Dead(DeadReason::InDoubt)
    } else {
        match trackers.call(&claimed.record.key) {
            TrackerAnswer::Accepted => Disposition::Delivered,
            TrackerAnswer::Refused => Disposition::Dead(DeadReason::Refused),
            TrackerAnswer::Later => Disposition::RetryAt { at: later, in_doubt: false },
            TrackerAnswer::NoAnswer if progress.in_doubt >= MAX_IN_DOUBT => Disposition::Dead(DeadReason::InDoubt),
            TrackerAnswer::NoAnswer => Disposition::RetryAt { at: later, in_doubt: true },
        }
    };
    tokio::time::sleep(Duration::from_millis(rng.u64(..pause) / 2)).await;
    let last = LastAttempt { at: now, status: None, message: "".into() };
    let settlement = Settlement { id: claimed.id, attempts: progress.attempts, disposition, last };
    for _ in 0..20 {
        if outbox.settle(vec![settlement.clone()], now).await.is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}
