//! Clocks, time limits, waits between attempts, and latencies.

use std::time::{Duration, UNIX_EPOCH};

use fastrand::Rng;
use tokio::time::Instant;
use vast_client::env::{Env, timestamp};
use vast_client::policy::{Backoff, Deadline, Latency, RetryPolicy, TimeLimit, is_retried_status};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn cutting_keeps_the_earlier_limit_and_its_name() {
    let now = Instant::now();
    let request = Deadline::after(now, 3 * SECOND, TimeLimit::Request);
    assert_eq!(request.cut(now, SECOND, TimeLimit::Hop).limit(), TimeLimit::Hop);
    assert_eq!(request.cut(now, 4 * SECOND, TimeLimit::Hop).limit(), TimeLimit::Request);
    assert_eq!(request.reserving(SECOND, TimeLimit::FallbackReserve).remaining(now), 2 * SECOND);
    assert_eq!(request.reserving(Duration::ZERO, TimeLimit::FallbackReserve), request);
}

#[tokio::test(start_paused = true)]
async fn within_names_the_limit_that_fired() {
    let deadline = Deadline::after(Instant::now(), SECOND, TimeLimit::Source);
    assert_eq!(deadline.within(std::future::pending::<()>()).await, Err(TimeLimit::Source));
    assert_eq!(deadline.remaining(Instant::now()), Duration::ZERO);
}

#[test]
fn a_duration_beyond_the_clock_is_never() {
    let now = Instant::now();
    assert!(Deadline::after(now, Duration::MAX, TimeLimit::Request).remaining(now) > 1000 * SECOND);
}

fn backoff() -> Backoff {
    RetryPolicy::default().backoff()
}

#[test]
fn the_bound_doubles_up_to_the_maximum() {
    let mut rng = Rng::with_seed(7);
    for (retry, bound) in [(1, 50), (2, 100), (3, 200), (9, 1000), (70, 1000), (u32::MAX, 1000)] {
        let longest = (0..2000).map(|_| backoff().wait(retry, None, &mut rng)).max().unwrap_or_default();
        let bound = Duration::from_millis(bound);
        assert!(longest <= bound && longest > bound / 100 * 98, "retry {retry}: {longest:?}");
    }
}

#[test]
fn jitter_is_full() {
    let mut rng = Rng::with_seed(7);
    let waits: Vec<_> = (0..2000).map(|_| backoff().wait(1, None, &mut rng)).collect();
    let below_half = waits.iter().filter(|wait| **wait < Duration::from_millis(25)).count();
    assert!((900..1100).contains(&below_half), "{below_half}");
}

#[test]
fn the_wait_is_never_shorter_than_retry_after() {
    let asked = Some(Duration::from_secs(2));
    assert_eq!(backoff().wait(1, asked, &mut Rng::with_seed(1)), Duration::from_secs(2));
}

#[test]
fn only_statuses_of_a_busy_or_broken_server_are_retried() {
    for status in 100..600 {
        let expected = [408, 429].contains(&status) || status >= 500 && status != 501;
        assert_eq!(is_retried_status(status), expected, "{status}");
    }
}

#[test]
fn latencies_give_a_percentile_of_enough_responses_and_forget_the_oldest() {
    let latency = Latency::default();
    let cases = [(19, false, false), (20, true, false), (99, true, false), (100, true, true)];
    for response in 1..=100 {
        latency.record(Duration::from_millis(10));
        let found = (response, latency.p50().is_some(), latency.p95().is_some());
        assert!(cases.iter().all(|case| case.0 != response || *case == found), "{found:?}");
    }
    for millis in 1..=1000 {
        latency.record(Duration::from_millis(millis));
    }
    let p95 = latency.p95().expect("enough samples");
    assert!(p95 > Duration::from_millis(980) && p95 < Duration::from_millis(1000), "{p95:?}");
    assert!(latency.p50().expect("enough samples") > Duration::from_millis(900));
}

#[test]
fn a_timestamp_has_milliseconds_and_a_numeric_zone() {
    assert_eq!(timestamp(UNIX_EPOCH + Duration::from_millis(1_795_335_307_007)), "2026-11-22T08:15:07.007+00:00");
    assert_eq!(timestamp(UNIX_EPOCH), "1970-01-01T00:00:00.000+00:00");
}

#[tokio::test(start_paused = true)]
async fn the_fixed_clock_moves_with_tokios() {
    let env = Env::fixed(UNIX_EPOCH, 1);
    tokio::time::advance(Duration::from_secs(5)).await;
    assert_eq!(env.wall(), UNIX_EPOCH + Duration::from_secs(5));
}

#[test]
fn a_seed_decides_what_is_drawn() {
    let (one, two) = (Env::draws(9), Env::draws(9));
    assert_eq!((one.uuid::<String>(), one.cachebusting()), (two.uuid(), two.cachebusting()));
    assert_ne!(one.uuid::<String>(), Env::draws(10).uuid::<String>());
}
