use super::*;

/// One step of a test, at a time in milliseconds.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// This many requests are asked and answered one after the other.
    Answered(usize),
    /// This many requests are asked and fail one after the other.
    Failed(usize),
    /// One request is asked and goes on. The permit is kept.
    Ask(Permit),
    /// The oldest request that goes on is answered, fails, or is cancelled.
    EndsWell,
    EndsBadly,
    EndsCancelled,
    /// The state is this one.
    Is(BreakerState),
}

use BreakerState::{Closed, HalfOpen, Open};
use Step::{Answered, Ask, EndsBadly, EndsCancelled, EndsWell, Failed, Is};

/// Runs the steps; the jitter is always at its middle.
fn run(settings: BreakerSettings, steps: &[(u64, Step)]) {
    let (began, mut breaker, mut running) = (Instant::now(), Breaker::default(), Vec::new());
    for (number, (millis, step)) in steps.iter().enumerate() {
        let now = began + Duration::from_millis(*millis);
        let record = |breaker: &mut Breaker, permit, is_healthy| {
            breaker.record(permit, is_healthy, &settings, now, || Rng::with_seed(1))
        };
        match *step {
            Answered(times) | Failed(times) => {
                for _ in 0..times {
                    let permit = breaker.ask(&settings, now);
                    record(&mut breaker, permit, matches!(step, Answered(_)));
                }
            }
            Ask(expected) => {
                running.push(breaker.ask(&settings, now));
                assert_eq!(running.last(), Some(&expected), "step {number} at {millis} ms");
            }
            EndsWell => drop(record(&mut breaker, running.remove(0), true)),
            EndsBadly => drop(record(&mut breaker, running.remove(0), false)),
            EndsCancelled => breaker.release(running.remove(0), now),
            Is(expected) => assert_eq!(breaker.state(now), expected, "step {number} at {millis} ms: {breaker:?}"),
        }
    }
}

/// The first ejection takes 1 s, and with jitter at least 900 ms and at most 1,100 ms.
fn short() -> BreakerSettings {
    BreakerSettings { eject: Duration::from_secs(1), eject_max: Duration::from_secs(4), ..BreakerSettings::default() }
}

#[test]
fn five_failures_in_a_row_eject_a_source() {
    run(
        short(),
        &[(0, Failed(4)), (0, Is(Closed)), (0, Failed(1)), (0, Is(Open)), (890, Is(Open)), (1110, Is(HalfOpen))],
    );
    run(short(), &[(0, Failed(4)), (0, Answered(1)), (0, Failed(4)), (0, Is(Closed)), (0, Failed(1)), (0, Is(Open))]);
    run(BreakerSettings { failures: 1, ..short() }, &[(0, Failed(1)), (0, Is(Open))]);
}

#[test]
fn a_share_of_failures_ejects_a_source_if_there_are_enough_requests_in_ten_seconds() {
    let patient = BreakerSettings { failures: 1000, ..short() };
    run(patient, &[(0, Failed(49)), (0, Is(Closed)), (0, Failed(1)), (0, Is(Open))]);
    run(patient, &[(0, Answered(15)), (0, Failed(84)), (0, Is(Closed)), (0, Failed(1)), (0, Is(Open))]);
    run(patient, &[(0, Answered(16)), (0, Failed(85)), (0, Is(Closed))]);
    // The seconds before the last ten are forgotten: these requests are never 50 within ten seconds.
    let sparse: Vec<_> = (0..100).map(|second| (second * 1000, Failed(4))).collect();
    run(patient, &sparse);
    run(patient, &[(0, Failed(49)), (9_500, Failed(1)), (9_500, Is(Open))]);
    run(patient, &[(0, Failed(49)), (10_500, Failed(1)), (10_500, Is(Closed))]);
    run(patient, &[(0, Failed(49)), (3_600_000, Failed(49)), (3_600_000, Is(Closed))]);
}

#[test]
fn one_probe_at_a_time_decides() {
    let ejected = [(0, Failed(5)), (2000, Is(HalfOpen)), (2000, Ask(Permit::Probe(1))), (2000, Ask(Permit::Despite))];
    run(short(), &[&ejected[..], &[(2100, EndsWell), (2100, Is(Closed)), (2100, Ask(Permit::Normal))]].concat());
    // The second ejection in a row takes twice as long.
    let second = [(2100, EndsBadly), (2100, Is(Open)), (3890, Is(Open)), (4310, Is(HalfOpen))];
    run(short(), &[&ejected[..], &second[..]].concat());
    // A cancelled probe has shown nothing. The next request is the probe.
    let next =
        [(2100, EndsCancelled), (2100, Is(HalfOpen)), (2100, Ask(Permit::Probe(2))), (2100, Ask(Permit::Despite))];
    run(short(), &[&ejected[..], &next[..]].concat());
}

#[test]
fn a_request_that_began_before_the_ejection_changes_nothing() {
    let stragglers = [(0, Ask(Permit::Normal)), (0, Ask(Permit::Normal)), (0, Failed(5)), (0, Is(Open))];
    run(
        short(),
        &[&stragglers[..], &[(500, EndsWell), (500, Is(Open)), (500, EndsBadly), (1110, Is(HalfOpen))]].concat(),
    );
}

#[test]
fn a_source_that_is_asked_although_it_is_ejected_closes_the_breaker_with_an_answer_only() {
    let asked =
        [(0, Failed(5)), (0, Ask(Permit::Despite)), (0, Ask(Permit::Despite)), (500, EndsBadly), (1110, Is(HalfOpen))];
    run(short(), &[&asked[..], &[(1110, EndsWell), (1110, Is(Closed))]].concat());
    // The result of a probe that is late counts like that of any request.
    let late =
        [(1110, Ask(Permit::Probe(1))), (1110, EndsWell), (1110, Is(Closed)), (1110, EndsBadly), (1110, Is(Closed))];
    run(short(), &[&asked[..], &late[..]].concat());
}

#[test]
fn a_simulated_ejection_ends_with_a_probe_only() {
    let simulated = BreakerSettings { simulate_only: true, ..short() };
    let ejected = [(0, Failed(5)), (0, Ask(Permit::Simulated)), (0, EndsWell), (0, Is(Open)), (1110, Is(HalfOpen))];
    let probed = [(1110, Ask(Permit::Probe(1))), (1110, Ask(Permit::Simulated)), (1110, EndsWell), (1110, Is(Closed))];
    run(simulated, &[&ejected[..], &probed[..]].concat());
}

/// The lengths of the ejections of a source that fails at once after each probe and after each pause of so many seconds.
fn ejections(pauses: &[Option<u64>]) -> Vec<Duration> {
    let (mut now, mut breaker, settings) = (Instant::now(), Breaker::default(), BreakerSettings::default());
    let mut lengths = Vec::new();
    let mut rng = Rng::with_seed(7);
    for pause in pauses {
        if let Some(seconds) = pause {
            let permit = breaker.ask(&settings, now);
            breaker.record(permit, true, &settings, now, || rng.fork());
            now += Duration::from_secs(*seconds);
        }
        let change = (0..settings.failures).find_map(|_| {
            let permit = breaker.ask(&settings, now);
            breaker.record(permit, false, &settings, now, || rng.fork())
        });
        let Some(BreakerChange::Ejected { length, .. }) = change else { panic!("{breaker:?}") };
        lengths.push(length);
        now += length;
    }
    lengths
}

#[test]
fn an_ejection_grows_with_those_before_it_and_each_healthy_interval_shortens_the_next_one() {
    // `Some(seconds)`: the probe succeeds, and the source is healthy for so long.
    let cases: [(&[Option<u64>], &[u64]); 4] = [
        (&[None; 12], &[30, 60, 90, 120, 150, 180, 210, 240, 270, 300, 300, 300]),
        (&[None, None, Some(9), Some(0)], &[30, 60, 90, 120]),
        (&[None, None, None, Some(10), Some(25), Some(3600)], &[30, 60, 90, 90, 60, 30]),
        (&[Some(3600), Some(3600)], &[30, 30]),
    ];
    for (pauses, expected) in cases {
        let lengths = ejections(pauses);
        for (length, expected) in lengths.iter().zip(expected) {
            let share = length.as_secs_f64() / f64::from(u32::try_from(*expected).unwrap());
            assert!((0.9..=1.1).contains(&share), "{pauses:?}: {lengths:?}");
        }
        let exact = lengths.iter().zip(expected).filter(|(length, expected)| length.as_secs() == **expected);
        assert!(exact.count() < lengths.len(), "no jitter: {lengths:?}");
    }
}

#[test]
fn at_most_half_of_the_sources_are_skipped_and_none_if_none_is_healthy() {
    // The sources, those that are healthy, and how many of the others may be skipped.
    let cases = [
        (1, 0, 0),
        (1, 1, 0),
        (2, 1, 1),
        (2, 0, 0),
        (3, 2, 1),
        (3, 1, 1),
        (4, 1, 2),
        (5, 1, 2),
        (10, 1, 5),
        (10, 0, 0),
    ];
    for (sources, healthy, expected) in cases {
        let skipped = (0..sources).take_while(|skipped| may_skip(sources, healthy, *skipped)).count();
        assert_eq!(skipped, expected, "{sources} sources, {healthy} healthy");
    }
}
