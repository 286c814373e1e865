//! The dispatcher: it claims due beacons, calls them and settles them, until it is closed or no beacon waits.

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
use tracing::Instrument;

use super::extra_exchanges::{AttemptBudget, ExtraExchanges};
use super::hosts::HostTable;
use super::outcome::DeliveryOutcome;
use super::settings::DeliverySettings;
use crate::env::{Draws, Env};
use crate::error::{ErrorType, Failure};
use crate::policy::{CostLimits, Deadline, TimeLimit};
use crate::stats::BeaconStats;
use crate::track::outbox::{
    Claim, Claimed, Claims, Disposition, LastAttempt, Outbox, OutboxError, Settlement, Timestamp,
};
use crate::transport::{GetRequest, HttpClient, Target, logged_text, logged_url};

/// The longest time between two claims. Another process may have put beacons into the outbox.
const POLL: Duration = Duration::from_secs(1);
/// The wait after an outbox failed.
const OUTBOX_RETRY: Duration = Duration::from_millis(500);
/// How often a settlement is tried. If all fail, the lease of the beacon ends and it is called again.
const SETTLE_ATTEMPTS: u32 = 20;

/// How many beacons were settled so far, and whether the dispatcher is idle.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::track) struct DispatcherStatus {
    pub(in crate::track) beacons: BeaconStats,
    /// Set while no beacon is in flight and none is due: the number of wake-ups that were handled before, and the time
    /// at which the next beacon is due.
    pub(in crate::track) idle: Option<(u64, Option<Timestamp>)>,
}

/// Calls the beacons that wait in an outbox.
pub(in crate::track) struct Dispatcher {
    pub(in crate::track) http: HttpClient,
    pub(in crate::track) outbox: Arc<dyn Outbox>,
    pub(in crate::track) env: Env,
    pub(in crate::track) settings: DeliverySettings,
    /// The count is kept after a run ends, because later events of an answer belong to the same group.
    pub(in crate::track) extra_exchanges: ExtraExchanges,
    /// A separate generator: beacons must not change the random numbers of requests.
    pub(in crate::track) draws: Draws,
    pub(in crate::track) wake: Notify,
    /// The number of wake-ups.
    pub(in crate::track) woken: watch::Sender<u64>,
    pub(in crate::track) status: watch::Sender<DispatcherStatus>,
    pub(in crate::track) closing: CancellationToken,
}

/// An attempt that has ended.
struct EndedAttempt {
    host: Arc<str>,
    began: Timestamp,
    /// `None` if no request was sent.
    outcome: Option<DeliveryOutcome>,
}

/// The condition under which the dispatcher stops.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::track) enum RunUntil {
    /// The dispatcher stops when no beacon waits.
    Empty,
    /// The dispatcher stops when it is closed.
    Closed,
}

impl Dispatcher {
    /// Makes the dispatcher look for new beacons. Returns the number of this wake-up.
    pub(in crate::track) fn wake(&self) -> u64 {
        self.woken.send_modify(|woken| *woken += 1);
        self.wake.notify_one();
        *self.woken.borrow()
    }

    /// Calls due beacons. If this future is dropped before its end, the beacons in flight are in doubt.
    pub(in crate::track) async fn run(&self, end: RunUntil) {
        let mut dispatch = DispatchLoop::new(self);
        let mut closing = pin!(self.closing.cancelled());
        let mut arrival = self.outbox.arrival();
        loop {
            dispatch.claim();
            if dispatch.is_done(end) {
                return;
            }
            let timer = dispatch.timer();
            tokio::select! {
                biased;
                () = &mut closing => return,
                Some(ended) = dispatch.attempts.next(), if !dispatch.attempts.is_empty() => dispatch.ended(ended),
                Some(claims) = OptionFuture::from(dispatch.claiming.as_mut()) => dispatch.claimed(claims),
                () = self.wake.notified() => dispatch.wants = true,
                () = &mut arrival => {
                    dispatch.wants = true;
                    arrival = self.outbox.arrival();
                }
                () = tokio::time::sleep_until(timer), if dispatch.claiming.is_none() => dispatch.wants = true,
            }
        }
    }

    fn now(&self) -> Timestamp {
        Timestamp::from(self.env.wall())
    }

    /// One attempt to deliver one beacon, until its settlement is stored.
    async fn attempt(&self, claimed: Claimed) -> EndedAttempt {
        let (group, event) = (&claimed.record.group, &claimed.record.event);
        let span = tracing::info_span!("beacon", request = &**group, event = &**event);
        self.attempt_in_span(claimed).instrument(span).await
    }

    async fn attempt_in_span(&self, claimed: Claimed) -> EndedAttempt {
        let began = self.now();
        let (settlement, outcome) = match self.settings.end_of(&claimed, began) {
            Some(reason) => {
                tracing::info!(reason = reason.as_str(), "given up");
                let (last, attempts) = (not_attempted(&claimed, began), claimed.progress.attempts);
                (Settlement { id: claimed.id, attempts, disposition: Disposition::Dead(reason), last }, None)
            }
            None => {
                let budget = self.extra_exchanges.attempt(&claimed.record.group, claimed.progress.attempts);
                let ended = self.call(&claimed, &budget).await;
                trace_call(&claimed, &ended);
                let outcome = DeliveryOutcome::of(&ended);
                if outcome == DeliveryOutcome::NotSent {
                    budget.give_back();
                }
                let settle = |rng: &mut Rng| self.settings.settle(&claimed, &ended, self.now(), rng);
                (self.draws.with(settle), Some(outcome))
            }
        };
        self.settle(settlement).await;
        EndedAttempt { host: claimed.host, began, outcome }
    }

    /// Calls a tracker once. Only the status of the response is used (VAST 4.3 section 2.3.4).
    async fn call(&self, claimed: &Claimed, budget: &AttemptBudget<'_>) -> Result<u16, Failure> {
        let record = &claimed.record;
        let target = Target::parse(&record.url, None)
            .map_err(|error| Failure::new(ErrorType::Internal, format!("the tracker cannot be called: {error}")))?;
        let no_own_headers = HeaderMap::new();
        let timeout = self.settings.attempt_timeout;
        let request = GetRequest {
            target: &target,
            rule: &record.rule,
            origin_headers: &no_own_headers,
            headers: &*record.headers,
            deadline: Deadline::after(Instant::now(), timeout, TimeLimit::Beacon),
            is_ended_by_caller: false,
            connect_timeout: self.settings.connect_timeout,
            idle_timeout: timeout,
            max_redirects: CostLimits::DEFAULT_REDIRECTS,
            observer: budget,
            transport: None,
        };
        self.http.call(&request).await
    }

    async fn settle(&self, settlement: Settlement) {
        let disposition = settlement.disposition;
        for _ in 0..SETTLE_ATTEMPTS {
            match self.outbox.settle(vec![settlement.clone()], self.now()).await {
                Ok(0) => return,
                Ok(_) => return self.count(disposition),
                Err(_) => tokio::time::sleep(OUTBOX_RETRY).await,
            }
        }
    }

    fn count(&self, disposition: Disposition) {
        // Returns `false` to wake no task: tasks wait only for the idle state.
        self.status.send_if_modified(|status| {
            let beacons = &mut status.beacons;
            match disposition {
                Disposition::Delivered => beacons.delivered += 1,
                Disposition::Dead(_) => beacons.dead += 1,
                Disposition::RetryAt { .. } => beacons.retried += 1,
            }
            false
        });
    }
}

/// Emits the end of one call of a tracker as an event.
fn trace_call(claimed: &Claimed, ended: &Result<u16, Failure>) {
    let (url, number) = (&claimed.record.url, claimed.progress.attempts + 1);
    match ended {
        Ok(status) => tracing::debug!(number, status, url = logged_url(url), "called"),
        Err(failure) => tracing::debug!(
            number,
            error.type = failure.error_type.as_str(),
            reason = &*logged_text(&failure.message),
            url = logged_url(url),
            "failed"
        ),
    }
}

/// The last attempt of a beacon that is given up without an attempt.
fn not_attempted(claimed: &Claimed, now: Timestamp) -> LastAttempt {
    claimed.progress.last.clone().unwrap_or(LastAttempt {
        at: now,
        status: None,
        message: "it expired before the first attempt".into(),
    })
}

type Attempt<'a> = BoxFuture<'a, EndedAttempt>;
type Claiming<'a> = BoxFuture<'a, Result<Claims, OutboxError>>;

/// The state of a running dispatcher.
struct DispatchLoop<'a> {
    dispatcher: &'a Dispatcher,
    hosts: HostTable,
    attempts: FuturesUnordered<Attempt<'a>>,
    claiming: Option<Claiming<'a>>,
    /// Whether a new claim may return beacons.
    wants: bool,
    /// The number of wake-ups before the current claim.
    seen: u64,
    /// The time at which the next beacon is due, according to the last claim.
    next: Option<Timestamp>,
    /// Whether the last claim found an empty outbox.
    is_empty: bool,
    /// No claim before this time.
    not_before: Option<Timestamp>,
}

impl<'a> DispatchLoop<'a> {
    fn new(dispatcher: &'a Dispatcher) -> Self {
        Self {
            dispatcher,
            hosts: HostTable::new(dispatcher.settings.per_host, dispatcher.settings.max_in_flight),
            attempts: FuturesUnordered::new(),
            claiming: None,
            wants: true,
            seen: 0,
            next: None,
            is_empty: false,
            not_before: None,
        }
    }

    /// Starts a claim for as many beacons as may be started now.
    fn claim(&mut self) {
        let now = self.dispatcher.now();
        let limit = self.dispatcher.settings.max_in_flight.saturating_sub(self.attempts.len());
        let is_time = self.not_before.is_none_or(|not_before| not_before <= now);
        if !self.wants || !is_time || limit == 0 || self.claiming.is_some() {
            return;
        }
        (self.wants, self.not_before, self.is_empty) = (false, None, false);
        self.seen = *self.dispatcher.woken.borrow();
        let (per_host, lease) = (self.hosts.first_limit(), self.dispatcher.settings.lease);
        let allowances = self.hosts.allowances(now);
        self.claiming = Some(self.dispatcher.outbox.claim(Claim { limit, per_host, allowances, now, lease }));
    }

    fn claimed(&mut self, claims: Result<Claims, OutboxError>) {
        self.claiming = None;
        let now = self.dispatcher.now();
        let Ok(Claims { beacons, next }) = claims else {
            (self.wants, self.not_before) = (true, Some(now.after(OUTBOX_RETRY)));
            return;
        };
        self.is_empty = beacons.is_empty() && next.is_none();
        self.next = next;
        if beacons.is_empty() && next.is_some_and(|next| next <= now) {
            // A beacon is due and was not returned: its row cannot be read.
            self.not_before = Some(now.after(OUTBOX_RETRY));
        }
        for claimed in beacons {
            self.hosts.begin(&claimed.host);
            self.attempts.push(self.dispatcher.attempt(claimed).boxed());
        }
        if !self.attempts.is_empty() {
            self.dispatcher.status.send_if_modified(|status| status.idle.take().is_some());
        } else if !self.wants {
            // If a new claim is wanted, an attempt may have ended during this one, and its host may get beacons that were left out.
            let idle = Some((self.seen, self.hosts.next_probe(now).into_iter().chain(next).min()));
            self.dispatcher.status.send_modify(|status| status.idle = idle);
        }
    }

    /// Handles an attempt that has ended, and all others that have ended too, so that one claim serves them all.
    fn ended(&mut self, ended: EndedAttempt) {
        let now = self.dispatcher.now();
        let mut next = Some(ended);
        while let Some(EndedAttempt { host, began, outcome }) = next {
            self.dispatcher.draws.with(|rng| self.hosts.end(&host, began, outcome, now, rng));
            next = self.attempts.next().now_or_never().flatten();
        }
        self.wants = true;
    }

    fn is_done(&self, end: RunUntil) -> bool {
        let is_idle = self.attempts.is_empty() && self.claiming.is_none() && !self.wants;
        end == RunUntil::Empty && is_idle && self.is_empty && self.hosts.next_probe(self.dispatcher.now()).is_none()
    }

    /// The time of the next claim.
    fn timer(&self) -> Instant {
        let now = self.dispatcher.now();
        let known = [self.next, self.not_before, self.hosts.next_probe(now)];
        let next = known.into_iter().flatten().filter(|next| *next > now).min();
        let wait = next.map_or(POLL, |next| next.since(now).min(POLL));
        Instant::now() + wait.max(Duration::from_millis(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::track::outbox::MemoryOutbox;
    use crate::transport::{
        BackgroundTasks, ExchangeSettings, HttpRequest, HttpResponse, Resolver, Transport, TransportError,
    };

    /// No tracker is called in this test.
    struct NoTrackers;

    impl Transport for NoTrackers {
        fn send(&self, _: HttpRequest) -> BoxFuture<'static, Result<HttpResponse, TransportError>> {
            std::future::pending().boxed()
        }
    }

    fn dispatcher() -> Dispatcher {
        let (resolver, background) = (Resolver::system(), BackgroundTasks::default());
        let http = HttpClient::new(Arc::new(NoTrackers), resolver, ExchangeSettings::default(), background);
        let settings = DeliverySettings::default();
        Dispatcher {
            http,
            draws: Env::draws(1),
            outbox: Arc::new(MemoryOutbox::default()),
            env: Env::system(),
            settings,
            extra_exchanges: ExtraExchanges::new(settings.max_extra_exchanges),
            wake: Notify::new(),
            woken: watch::Sender::new(0),
            status: watch::Sender::new(DispatcherStatus::default()),
            closing: CancellationToken::new(),
        }
    }

    /// An attempt that has ended during a claim may have made room for a beacon that the claim left out. A drain that saw the
    /// dispatcher idle would then end before that beacon is called.
    #[tokio::test]
    async fn a_dispatcher_that_wants_another_claim_is_not_idle() {
        for (wants, is_idle) in [(false, true), (true, false)] {
            let dispatcher = dispatcher();
            let later = dispatcher.now().after(Duration::from_secs(60));
            let mut dispatch = DispatchLoop::new(&dispatcher);
            dispatch.wants = wants;
            dispatch.claimed(Ok(Claims { beacons: Vec::new(), next: Some(later) }));
            assert_eq!(dispatcher.status.borrow().idle.is_some(), is_idle, "wants another claim: {wants}");
        }
    }
}
