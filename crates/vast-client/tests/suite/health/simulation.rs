//! An hour of traffic over five sources with outages, changed latencies and recoveries, on a paused clock and with a seed. Plans of
//! all modes share what is known of the sources. Each result is checked against the invariants of ARCHITECTURE.md.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};

use fastrand::Rng;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::task::JoinSet;
use tokio::time::Instant;
use vast_client::env::Env;
use vast_client::fetch::{FetchContext, Fetched, Prepared, Source};
use vast_client::journal::{EndReason, SkipReason};
use vast_client::{AdRequest, Failure, FetchConfig, FetchMode, FetchResult, Outcome, Plan, SourceConfig, VastClient};

use super::server::{AD, NO_AD, millis};

const HOUR: Duration = Duration::from_secs(3600);
/// The requests of the hour. The simulation of the memory of sources alone, in `memory/tests.rs`, has 100,000.
const REQUESTS: u32 = 12_000;

/// What a source does from a second of the hour on.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Manner {
    Fills(u64),
    IsEmpty(u64),
    Fails(u64),
    IsNoVast(u64),
    Hangs,
}

use Manner::{Fails, Fills, Hangs, IsEmpty, IsNoVast};

/// The time in which no source has an ad.
const BLACKOUT: (u64, u64) = (3300, 3330);

/// The sources: for each one its manner from these seconds on.
fn courses() -> [(&'static str, Vec<(u64, Manner)>); 5] {
    let all_fail = |after: Manner| [(BLACKOUT.0, Fails(5)), (BLACKOUT.1, after)];
    let flapping = (0..8).flat_map(|time| [(2500 + 90 * time, Fails(5)), (2545 + 90 * time, Fills(150))]);
    let east = [(0, Fills(40)), (600, Fails(5)), (900, Fills(40)), (1500, Fills(700)), (2000, Fills(40))];
    let west = [(0, Fills(80)), (1200, Hangs), (1500, Fills(80)), (2400, IsEmpty(80)), (2600, Fills(80))];
    let north = [(0, IsEmpty(30)), (300, Fails(5)), (320, IsEmpty(30)), (2000, IsNoVast(5)), (2300, IsEmpty(30))];
    [
        ("east", [&east[..], &all_fail(Fills(40))].concat()),
        ("west", [&west[..], &all_fail(Fills(80))].concat()),
        ("north", [&north[..], &all_fail(IsEmpty(30))].concat()),
        ("south", [(0, Fills(150))].into_iter().chain(flapping).chain(all_fail(Fills(150))).collect()),
        ("house", [&[(0, Fills(20))][..], &all_fail(Fills(20))].concat()),
    ]
}

/// A source with such a course. Clones are the same source.
#[derive(Clone)]
struct Course(Arc<State>);

struct State {
    name: &'static str,
    began: Instant,
    steps: Vec<(u64, Manner)>,
    rng: Mutex<Rng>,
    attempts: AtomicUsize,
    running: AtomicUsize,
    most_running: AtomicUsize,
}

/// An attempt that runs; it counts itself out when it is dropped.
struct Running<'a>(&'a State);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Course {
    fn new(name: &'static str, steps: Vec<(u64, Manner)>, seed: u64) -> Self {
        let (began, rng) = (Instant::now(), Mutex::new(Rng::with_seed(seed)));
        let (attempts, running, most_running) = Default::default();
        Self(Arc::new(State { name, began, steps, rng, attempts, running, most_running }))
    }

    fn manner(&self) -> Manner {
        let second = self.0.began.elapsed().as_secs();
        self.0.steps.iter().rev().find(|(from, _)| *from <= second).expect("a first step").1
    }
}

impl Source for Course {
    fn url(&self) -> &str {
        self.0.name
    }

    fn fetch<'a>(
        &'a self,
        _prepared: &'a Prepared,
        _context: &'a FetchContext<'a>,
    ) -> BoxFuture<'a, Result<Fetched, Failure>> {
        async move {
            let state = &*self.0;
            state.attempts.fetch_add(1, Ordering::Relaxed);
            let running = state.running.fetch_add(1, Ordering::Relaxed) + 1;
            state.most_running.fetch_max(running, Ordering::Relaxed);
            let _running = Running(state);
            let (delay, answer) = match self.manner() {
                Fills(delay) => (delay, Ok(AD)),
                IsEmpty(delay) => (delay, Ok(NO_AD)),
                IsNoVast(delay) => (delay, Ok("<html>sold</html>")),
                Fails(delay) => (delay, Err(Failure::http_status(503, None))),
                Hangs => std::future::pending().await,
            };
            let share = state.rng.lock().expect("no panic").f64() + 0.5;
            let seconds = millis(delay).as_secs_f64() * share;
            tokio::time::sleep(Duration::try_from_secs_f64(seconds).expect("a short delay")).await;
            answer.map(Fetched::local)
        }
        .boxed()
    }
}

/// What the requests have shown, for the checks after the hour. Two runs with the same seed are equal.
#[derive(Debug, Default, PartialEq, Eq)]
struct Sums {
    requests: u32,
    filled: u32,
    /// For each source how often it was asked, and how often it was skipped because it was ejected.
    asked: [u32; 5],
    ejected: [u32; 5],
    /// How often `east` was asked in its outage, without the first seconds.
    asked_in_outage: u32,
    /// The running times of all requests together.
    elapsed: Duration,
}

/// Checks what holds for each request, whatever the servers do.
fn check(at: Duration, mode: FetchMode, result: &FetchResult, sums: &mut Sums) {
    let context = || format!("{mode} at {at:?}: {:#?}", result.sources);
    // A request has a deadline, and the answer is there in time.
    assert!(result.metadata.elapsed <= millis(3000), "{}", context());
    // A source wins only with a usable ad.
    assert_eq!(result.source.is_some(), !result.ads.is_empty(), "{}", context());
    if let Some(source) = &result.source {
        let report = result.source_report(source).expect("a source of the plan");
        assert_eq!(report.outcome, Outcome::Filled, "{}", context());
    }
    // Every source ends with one outcome and its reason.
    assert_eq!(result.sources.len(), 5, "{}", context());
    let mut ejected = 0;
    for (index, report) in result.sources.iter().enumerate() {
        assert_eq!(report.reason.is_some(), report.outcome != Outcome::Filled, "{}", context());
        let is_asked = !matches!(report.outcome, Outcome::Skipped | Outcome::NotStarted);
        assert_eq!(report.began.is_some(), is_asked, "{}", context());
        let is_ejected = matches!(report.reason, Some(EndReason::Skipped(SkipReason::BreakerOpen)));
        ejected += u32::from(is_ejected);
        sums.asked[index] += u32::from(is_asked);
        sums.ejected[index] += u32::from(is_ejected);
        let is_in_outage = index == 0 && (605..895).contains(&at.as_secs());
        sums.asked_in_outage += u32::from(is_asked && is_in_outage);
    }
    // At most half of the sources, rounded up, are skipped because they are ejected, and never all.
    assert!(ejected <= 3, "{}", context());
    // No request is lost while a source can fill it.
    let (first, last) = BLACKOUT;
    let is_blackout = (first - 3..last).contains(&at.as_secs());
    assert!(is_blackout || !result.ads.is_empty(), "{}", context());
    sums.requests += 1;
    sums.filled += u32::from(!result.ads.is_empty());
    sums.elapsed += result.metadata.elapsed;
}

/// A client of the sources, and one plan for each mode. The plans share what is known of the sources.
fn client_of(courses: &[Course]) -> (VastClient, Vec<(FetchMode, Plan)>) {
    let mut config = FetchConfig::new(courses.iter().map(|course| SourceConfig::custom(course.clone())));
    config.sources[2].max_rate = Some(25.0);
    config.sources[3].max_concurrent = Some(6);
    let client = VastClient::builder().env(Env::fixed(UNIX_EPOCH, 1)).build(config.clone()).expect("a configuration");
    let plan_of = |mode: &FetchMode| {
        let config = config.clone().with_mode(*mode);
        (*mode, client.orchestrator().plan_after(&config, client.plan()).expect("a configuration"))
    };
    let plans = FetchMode::ALL.iter().map(plan_of).collect();
    (client, plans)
}

/// Makes so many requests in so much time from the beginning of the hour on.
async fn simulate(requests: u32, duration: Duration, seed: u64) -> (Sums, Vec<Course>) {
    let mut rng = Rng::with_seed(seed);
    let courses: Vec<_> = courses().into_iter().map(|(name, steps)| Course::new(name, steps, rng.u64(..))).collect();
    let (client, plans) = client_of(&courses);
    let (began, mut running, mut sums) = (Instant::now(), JoinSet::new(), Sums::default());
    for _ in 0..requests {
        // The times between requests are distributed as those of independent viewers.
        let pause = duration.as_secs_f64() / f64::from(requests) * -(1.0 - rng.f64()).ln();
        tokio::time::sleep(Duration::try_from_secs_f64(pause).expect("a short pause")).await;
        let (mode, plan) = plans[rng.usize(..plans.len())].clone();
        let (at, orchestrator) = (began.elapsed(), client.orchestrator().clone());
        let (options, request) = (client.run_options().with_auto_track(false), AdRequest::default());
        running.spawn(async move { (at, mode, orchestrator.run(&plan, &request, options).await) });
        while let Some(ended) = running.try_join_next() {
            let (at, mode, result) = ended.expect("no panic");
            check(at, mode, &result, &mut sums);
        }
    }
    while let Some(ended) = running.join_next().await {
        let (at, mode, result) = ended.expect("no panic");
        check(at, mode, &result, &mut sums);
    }
    client.shutdown(Duration::ZERO).await;
    (sums, courses)
}

#[tokio::test(start_paused = true)]
async fn an_hour_of_outages_and_recoveries_breaks_no_invariant() {
    let (sums, courses) = simulate(REQUESTS, HOUR, 1).await;
    assert_eq!(sums.requests, REQUESTS);
    let lost = sums.requests - sums.filled;
    // The blackout is 30 of 3,600 seconds.
    assert!(lost > 0 && lost < REQUESTS / 100, "{sums:?}");
    // An outage of 290 s has at most 4 probes of 30 s, 60 s, 90 s and 120 s and the requests before the first ejection.
    assert!((2..=8).contains(&sums.asked_in_outage), "{sums:?}");
    for (index, Course(state)) in courses.iter().enumerate() {
        let (attempts, asked) = (state.attempts.load(Ordering::Relaxed), sums.asked[index] as usize);
        assert!(attempts >= asked && attempts * 10 <= asked * 12, "{}: {attempts} attempts, {sums:?}", state.name);
        assert_eq!(state.running.load(Ordering::Relaxed), 0, "{}: nothing goes on after the answer", state.name);
        // In the blackout all sources are asked. The only source without another outage is skipped at most until its ejection of the
        // blackout ends, if another source recovers before.
        let skipped = if state.name == "house" { 0..=10 } else { 100..=REQUESTS };
        assert!(skipped.contains(&sums.ejected[index]), "{}: {sums:?}", state.name);
    }
    let most_running = |index: usize| courses[index].0.most_running.load(Ordering::Relaxed);
    assert!(most_running(3) <= 6, "`max_concurrent`: {}", most_running(3));
    // A bucket of 25 tokens, and 25 for each second.
    assert!(sums.asked[2] <= 25 + 25 * 3601, "`max_rate`: {sums:?}");
}

#[tokio::test(start_paused = true)]
async fn the_same_seed_gives_the_same_hour() {
    let duration = Duration::from_secs(1000);
    let (one, other) = (simulate(500, duration, 7).await.0, simulate(500, duration, 7).await.0);
    assert_eq!(one, other);
    assert_ne!(one, simulate(500, duration, 8).await.0);
}
