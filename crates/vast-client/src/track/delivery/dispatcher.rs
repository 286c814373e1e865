//! The dispatcher: claims what is due, calls it, settles it, until it is told to stop or nothing waits.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;
use futures_util::future::{BoxFuture, OptionFuture};
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use http::HeaderMap;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::hosts::HostTable;
use super::outcome::DeliveryOutcome;
use super::settings::DeliverySettings;
use crate::env::{Draws, Env};
use crate::error::{ErrorType, Failure};
use crate::policy::{Deadline, TimeLimit};
use crate::track::outbox::{
    Claim, Claimed, Claims, Disposition, LastAttempt, Outbox, OutboxError, Settlement, Timestamp,
};
use crate::transport::{GetRequest, HttpClient, Target};

/// How often the outbox is asked although nothing is known to be due: others may have put something into it.
const POLL: Duration = Duration::from_secs(1);
/// How long to wait before an outbox that could not be used is asked again.
const AGAIN: Duration = Duration::from_millis(500);
/// How often it is tried to write down what became of a beacon. After that its lease runs out.
const SETTLE_TRIES: u32 = 20;

/// What became of beacons so far, and whether anything is going on.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::track) struct DispatcherStatus {
    pub(in crate::track) delivered: u64,
    pub(in crate::track) failed: u64,
    /// Set when nothing is under way and nothing due: the number of wake-ups that were seen by then, and when the next beacon
    /// will be due.
    pub(in crate::track) idle: Option<(u64, Option<Timestamp>)>,
}

/// Calls what waits in an outbox.
pub(in crate::track) struct Dispatcher {
    pub(in crate::track) exchange: HttpClient,
    pub(in crate::track) outbox: Arc<dyn Outbox>,
    pub(in crate::track) env: Env,
    pub(in crate::track) settings: DeliverySettings,
    /// Of its own: what beacons draw must not change what requests draw.
    pub(in crate::track) draws: Draws,
    pub(in crate::track) wake: Notify,
    /// How often it was woken.
    pub(in crate::track) woken: watch::Sender<u64>,
    pub(in crate::track) status: watch::Sender<DispatcherStatus>,
    pub(in crate::track) closing: CancellationToken,
}

/// A try that has ended.
struct EndedAttempt {
    host: Arc<str>,
    /// Whether the host works; nothing when it was not asked.
    is_well: Option<bool>,
}

/// When to go on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::track) enum RunUntil {
    /// Until nothing waits.
    Empty,
    /// Until it is told to stop.
    Closed,
}

impl Dispatcher {
    /// Something was put.
    pub(in crate::track) fn wake(&self) -> u64 {
        self.woken.send_modify(|woken| *woken += 1);
        self.wake.notify_one();
        *self.woken.borrow()
    }

    /// Calls what is due. Dropped before its end, what was under way is in doubt.
    pub(in crate::track) async fn run(&self, end: RunUntil) {
        let mut round = DispatchLoop::new(self);
        let mut closing = pin!(self.closing.cancelled());
        loop {
            round.claim();
            if round.is_done(end) {
                return;
            }
            let timer = round.timer();
            tokio::select! {
                biased;
                () = &mut closing => return,
                Some(ended) = round.tries.next(), if !round.tries.is_empty() => round.ended(ended),
                Some(claims) = OptionFuture::from(round.claiming.as_mut()) => round.claimed(claims),
                () = self.wake.notified() => round.wants = true,
                () = tokio::time::sleep_until(timer), if round.claiming.is_none() => round.wants = true,
            }
        }
    }

    fn now(&self) -> Timestamp {
        Timestamp::from(self.env.wall())
    }

    /// One try of one beacon, until what became of it is written down.
    async fn attempt(&self, claimed: Claimed) -> EndedAttempt {
        let host: Arc<str> = claimed.record.host().into();
        let (settlement, is_well) = match self.settings.end_of(&claimed, self.now()) {
            Some(reason) => {
                let (last, attempts) = (untried(&claimed, self.now()), claimed.progress.attempts);
                (Settlement { id: claimed.id, attempts, verdict: Disposition::Dead(reason), last }, None)
            }
            None => {
                let ended = self.call(&claimed).await;
                let is_well = DeliveryOutcome::of(&ended).is_well();
                let settle = |rng: &mut Rng| self.settings.settle(&claimed, &ended, self.now(), rng);
                (self.draws.with(settle), Some(is_well))
            }
        };
        self.settle(settlement).await;
        EndedAttempt { host, is_well }
    }

    /// Calls a tracker, once. Its answer is ignored but for its status (VAST 4.3 section 2.3.4).
    async fn call(&self, claimed: &Claimed) -> Result<u16, Failure> {
        let record = &claimed.record;
        // What cannot be called now never can.
        let target = Target::parse(&record.url, None)
            .map_err(|error| Failure::new(ErrorType::Internal, format!("the tracker cannot be called: {error}")))?;
        let no_own_headers = HeaderMap::new();
        let timeout = self.settings.attempt_timeout;
        let call = self.exchange.call(GetRequest {
            target: &target,
            rule: &record.rule,
            origin_headers: &no_own_headers,
            headers: &record.headers,
            deadline: Deadline::after(Instant::now(), timeout, TimeLimit::Beacon),
            connect_timeout: self.settings.connect_timeout,
            idle_timeout: timeout,
            transport: None,
        });
        call.await
    }

    async fn settle(&self, settlement: Settlement) {
        let verdict = settlement.verdict;
        for _ in 0..SETTLE_TRIES {
            match self.outbox.settle(vec![settlement.clone()], self.now()).await {
                Ok(0) => return,
                Ok(_) => return self.count(verdict),
                Err(_) => tokio::time::sleep(AGAIN).await,
            }
        }
    }

    fn count(&self, verdict: Disposition) {
        // Nobody is woken for it: those who wait do so for the end.
        self.status.send_if_modified(|status| {
            match verdict {
                Disposition::Delivered => status.delivered += 1,
                Disposition::Dead(_) => status.failed += 1,
                Disposition::RetryAt { .. } => {}
            }
            false
        });
    }
}

/// The last try of one that is given up untried.
fn untried(claimed: &Claimed, now: Timestamp) -> LastAttempt {
    claimed.progress.last.clone().unwrap_or(LastAttempt {
        at: now,
        status: None,
        message: "it was too late to try".into(),
    })
}

type Try<'a> = BoxFuture<'a, EndedAttempt>;
type Claiming<'a> = BoxFuture<'a, Result<Claims, OutboxError>>;

/// What a running dispatcher has at hand.
struct DispatchLoop<'a> {
    dispatcher: &'a Dispatcher,
    hosts: HostTable,
    tries: FuturesUnordered<Try<'a>>,
    claiming: Option<Claiming<'a>>,
    /// Whether there may be something to claim.
    wants: bool,
    /// The wake-ups that the claim under way has seen.
    seen: u64,
    /// When something will be due, as far as the last claim knew, when it found nothing.
    next: Option<Timestamp>,
    /// Whether the last claim found nothing at all.
    is_empty: bool,
    /// Not before this is the outbox asked again.
    not_before: Option<Timestamp>,
}

impl<'a> DispatchLoop<'a> {
    fn new(dispatcher: &'a Dispatcher) -> Self {
        Self {
            dispatcher,
            hosts: HostTable::new(dispatcher.settings.per_host),
            tries: FuturesUnordered::new(),
            claiming: None,
            wants: true,
            seen: 0,
            next: None,
            is_empty: false,
            not_before: None,
        }
    }

    /// Asks for as many beacons as there is room for, when there may be any.
    fn claim(&mut self) {
        let now = self.dispatcher.now();
        let limit = self.dispatcher.settings.max_in_flight.saturating_sub(self.tries.len());
        let is_time = self.not_before.is_none_or(|not_before| not_before <= now);
        if !self.wants || !is_time || limit == 0 || self.claiming.is_some() {
            return;
        }
        (self.wants, self.not_before, self.is_empty) = (false, None, false);
        self.seen = *self.dispatcher.woken.borrow();
        let DeliverySettings { per_host, lease, .. } = self.dispatcher.settings;
        let allowances = self.hosts.allowances(now);
        self.claiming = Some(self.dispatcher.outbox.claim(Claim { limit, per_host, allowances, now, lease }));
    }

    fn claimed(&mut self, claims: Result<Claims, OutboxError>) {
        self.claiming = None;
        let now = self.dispatcher.now();
        let Ok(Claims { beacons, next }) = claims else {
            (self.wants, self.not_before) = (true, Some(now.after(AGAIN)));
            return;
        };
        self.is_empty = beacons.is_empty() && next.is_none();
        self.next = next;
        if beacons.is_empty() && next.is_some_and(|next| next <= now) {
            // Due, and yet not to be had: rows that cannot be read.
            self.not_before = Some(now.after(AGAIN));
        }
        for claimed in beacons {
            self.hosts.begin(claimed.record.host());
            self.tries.push(self.dispatcher.attempt(claimed).boxed());
        }
        if self.tries.is_empty() {
            let idle = Some((self.seen, self.hosts.next_probe(now).into_iter().chain(next).min()));
            self.dispatcher.status.send_modify(|status| status.idle = idle);
        } else {
            self.dispatcher.status.send_if_modified(|status| status.idle.take().is_some());
        }
    }

    /// Takes in a try that has ended, and all others that have too: one claim is made for all of them.
    fn ended(&mut self, ended: EndedAttempt) {
        let now = self.dispatcher.now();
        let mut next = Some(ended);
        while let Some(EndedAttempt { host, is_well }) = next {
            self.dispatcher.draws.with(|rng| self.hosts.end(&host, is_well, now, rng));
            next = self.tries.next().now_or_never().flatten();
        }
        self.wants = true;
    }

    fn is_done(&self, end: RunUntil) -> bool {
        let is_idle = self.tries.is_empty() && self.claiming.is_none() && !self.wants;
        end == RunUntil::Empty && is_idle && self.is_empty && self.hosts.next_probe(self.dispatcher.now()).is_none()
    }

    /// When to look again.
    fn timer(&self) -> Instant {
        let now = self.dispatcher.now();
        let known = [self.next, self.not_before, self.hosts.next_probe(now)];
        let next = known.into_iter().flatten().filter(|next| *next > now).min();
        let wait = next.map_or(POLL, |next| next.since(now).min(POLL));
        Instant::now() + wait.max(Duration::from_millis(1))
    }
}
