//! An hour of 100,000 requests to five sources with outages and recoveries, with the memory of the sources alone: nothing is
//! requested, and the time is a number.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;
use tokio::time::Instant;

use super::source_memory::{SourceMemory, SourcePolicy, TurnEnd, TurnOutcome};
use crate::error::FailureOrigin;
use crate::journal::SkipReason;
use crate::policy::{self, BreakerState, Permit};

const REQUESTS: u32 = 100_000;
const HOUR: Duration = Duration::from_secs(3600);
/// The longest ejection with its jitter.
const LONGEST: Duration = Duration::from_secs(330);

/// When each source fails, in seconds. In the last outage all fail.
const OUTAGES: [&[(u64, u64)]; 5] = [
    &[(600, 900), (3300, 3330)],
    &[(700, 720), (1200, 1600), (3300, 3330)],
    &[(2000, 2010), (2020, 2030), (2040, 2050), (3300, 3330)],
    &[(650, 1250), (3300, 3330)],
    &[(3300, 3330)],
];

/// A turn that has begun: its end, its source and its permit. The number makes the order unique.
type Running = (Duration, u32, usize);

struct Simulation {
    began: Instant,
    memories: Vec<SourceMemory>,
    policies: Vec<SourcePolicy>,
    rng: Rng,
    running: BinaryHeap<Reverse<Running>>,
    permits: Vec<Permit>,
    /// For each source the turns that run, the probes among them, all turns, and the turns that failed.
    active: [u32; 5],
    probes: [u32; 5],
    turns: [u32; 5],
    failed: [u32; 5],
}

fn fails(source: usize, at: Duration) -> bool {
    OUTAGES[source].iter().any(|(from, until)| (*from..*until).contains(&at.as_secs()))
}

impl Simulation {
    fn new(seed: u64) -> Self {
        let memory = |name: &str| SourceMemory::new(&Arc::from(name));
        let mut policies = vec![SourcePolicy::default(); 5];
        policies[1].max_concurrent = Some(5);
        policies[2].max_rate = Some(25.0);
        Self {
            began: Instant::now(),
            memories: ["a", "b", "c", "d", "e"].map(memory).into(),
            policies,
            rng: Rng::with_seed(seed),
            running: BinaryHeap::new(),
            permits: Vec::new(),
            active: [0; 5],
            probes: [0; 5],
            turns: [0; 5],
            failed: [0; 5],
        }
    }

    fn now(&self, at: Duration) -> Instant {
        self.began + at
    }

    /// Ends the turns that end before `at`.
    fn end_turns(&mut self, at: Duration) {
        while let Some(Reverse((end, number, source))) = self.running.peek().copied().filter(|next| next.0.0 <= at) {
            self.running.pop();
            let permit = self.permits[number as usize];
            let outcome = match self.rng.u8(..10) {
                0 => TurnOutcome::Cancelled,
                _ if fails(source, end) => TurnOutcome::Failed(FailureOrigin::Server),
                1..4 => TurnOutcome::NoAd,
                4 => TurnOutcome::Rejected,
                _ => TurnOutcome::Usable,
            };
            self.active[source] -= 1;
            self.probes[source] -= u32::from(matches!(permit, Permit::Probe(_)));
            self.failed[source] += u32::from(matches!(outcome, TurnOutcome::Failed(_)));
            let end = TurnEnd { outcome, latency: Some(Duration::from_millis(50)), now: self.now(end) };
            let jitter = self.rng.fork();
            self.memories[source].end(&self.policies[source], permit, &end, || jitter);
        }
    }

    /// The sources that may be asked now, or only those that are not ejected.
    fn healthy(&self, now: Instant, has_asked: bool) -> usize {
        let sources = self.memories.iter().zip(&self.policies);
        sources.filter(|(memory, policy)| memory.is_healthy(policy, now, has_asked)).count()
    }

    /// One request, which asks the sources in order.
    fn request(&mut self, at: Duration) {
        let now = self.now(at);
        let (mut asked, mut ejected) = (0, 0);
        for source in 0..5 {
            let was = self.memories[source].breaker(now);
            let healthy = self.healthy(now, asked > 0);
            let (memory, policy) = (&self.memories[source], &self.policies[source]);
            let begun = match memory.begin(policy, now, false) {
                Err(SkipReason::BreakerOpen) if !policy::may_skip(5, healthy, ejected) => {
                    memory.begin(policy, now, true)
                }
                begun => begun,
            };
            match begun {
                Ok(permit) => {
                    asked += 1;
                    self.begun(at, source, permit);
                    assert_eq!(
                        permit == Permit::Normal,
                        was == BreakerState::Closed,
                        "{permit:?} of a source that is {was:?}"
                    );
                }
                Err(SkipReason::BreakerOpen) => {
                    ejected += 1;
                    assert!(
                        was != BreakerState::Closed && healthy > 0,
                        "only an ejected source is skipped, and another one is healthy"
                    );
                }
                Err(reason) => assert!(
                    matches!((source, reason), (1, SkipReason::Concurrency) | (2, SkipReason::Rate)),
                    "source {source}: {reason:?}"
                ),
            }
        }
        assert!(ejected <= 3, "at most half, rounded up, are skipped because they are ejected: {ejected} at {at:?}");
        assert!(asked > 0, "no request ends without having asked a source: {at:?}");
        assert!(self.probes.iter().all(|probes| *probes <= 1), "one probe at a time: {:?} at {at:?}", self.probes);
        assert!(self.active[1] <= 5, "`max_concurrent`: {} at {at:?}", self.active[1]);
    }

    fn begun(&mut self, at: Duration, source: usize, permit: Permit) {
        let number = u32::try_from(self.permits.len()).expect("a number of turns");
        self.permits.push(permit);
        self.turns[source] += 1;
        self.active[source] += 1;
        self.probes[source] += u32::from(matches!(permit, Permit::Probe(_)));
        let length = Duration::from_millis(self.rng.u64(5..400));
        self.running.push(Reverse((at + length, number, source)));
    }

    /// A source that has worked for longer than an ejection lasts is asked again.
    fn check_recovered(&self, at: Duration) {
        for (source, outages) in OUTAGES.iter().enumerate() {
            let is_well = outages
                .iter()
                .all(|(from, until)| at < Duration::from_secs(*from) || at > Duration::from_secs(until + 2) + LONGEST);
            let state = self.memories[source].breaker(self.now(at));
            assert!(!is_well || state == BreakerState::Closed, "source {source} is {state:?} at {at:?}");
        }
    }
}

#[test]
fn an_hour_of_outages_and_recoveries_breaks_no_rule_of_asking() {
    let mut simulation = Simulation::new(1);
    let mut at = Duration::ZERO;
    for _ in 0..REQUESTS {
        let pause = -(1.0 - simulation.rng.f64()).ln() * HOUR.as_secs_f64() / f64::from(REQUESTS);
        at += Duration::try_from_secs_f64(pause).expect("a short pause");
        simulation.end_turns(at);
        simulation.request(at);
        simulation.check_recovered(at);
    }
    simulation.end_turns(Duration::MAX);
    assert_eq!((simulation.active, simulation.probes), ([0; 5], [0; 5]), "each turn has ended once");
    // 28 requests per second are made. Of the seconds of the outages, nearly all are spent without the source.
    let Simulation { turns, failed, .. } = simulation;
    for (source, outages) in OUTAGES.iter().enumerate() {
        let offered: u64 = outages.iter().map(|(from, until)| (until - from) * 28).sum();
        let rest = u64::from(failed[source]) * 100 / offered;
        // In the last outage all sources are asked, and in the one before it at most two of those that fail are skipped.
        let most = [25, 15, 75, 15, 100][source];
        assert!(
            rest <= most,
            "source {source}: {rest} % of the requests in its outages failed: {failed:?} of {turns:?}"
        );
    }
    // Two rates of 25 per second at most.
    assert!(u64::from(turns[2]) <= 25 * 3601, "`max_rate`: {turns:?}");
}
