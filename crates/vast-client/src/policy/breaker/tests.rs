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
    /// The ejection of process 7 is adopted, with this many milliseconds left. Whether it changes something.
    Adopted(u64, bool),
    /// Process 7, or another one, has found that the source works. Whether it changes something.
    Lifted(u64, bool),
    /// The number of the own ejection that holds.
    Own(Option<u64>),
}

use BreakerState::{Closed, HalfOpen, Open};
use Step::{Adopted, Answered, Ask, EndsBadly, EndsCancelled, EndsWell, Failed, Is, Lifted, Own};

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
            Adopted(left, expected) => {
                let change = breaker.adopt(7, Duration::from_millis(left), &settings, now);
                assert_eq!(change.is_some(), expected, "step {number} at {millis} ms: {breaker:?}");
            }
            Lifted(origin, expected) => {
                let change = breaker.lift(origin, now);
                assert_eq!(change.is_some(), expected, "step {number} at {millis} ms: {breaker:?}");
            }
            Own(expected) => {
                let own = breaker.own_ejection(now);
                assert_eq!(own.map(|own| own.number), expected, "step {number} at {millis} ms: {breaker:?}");
            }
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
fn at_most_half_of_the_sources_rounded_up_are_skipped_and_none_if_none_is_healthy() {
    // The sources, those that are healthy, and how many of the others may be skipped.
    let cases = [
        (1, 0, 0),
        (1, 1, 0),
        (2, 1, 1),
        (2, 0, 0),
        (3, 2, 1),
        (3, 1, 2),
        (3, 0, 0),
        (4, 1, 2),
        (5, 1, 3),
        (5, 3, 2),
        (10, 1, 5),
        (10, 0, 0),
    ];
    for (sources, healthy, expected) in cases {
        let skipped = (0..sources - healthy).take_while(|skipped| may_skip(sources, healthy, *skipped)).count();
        assert_eq!(skipped, expected, "{sources} sources, {healthy} healthy");
    }
}

/// Steps of [`run`].
type Steps = [(u64, Step)];

#[test]
fn an_adopted_ejection_ends_with_a_probe_or_when_its_process_has_found_that_the_source_works() {
    let adopted = [(0, Is(Closed)), (0, Adopted(2000, true)), (0, Is(Open)), (0, Own(None)), (0, Adopted(2000, false))];
    let cases: [&Steps; 8] = [
        // It is over after its time, and one probe decides.
        &[(1999, Is(Open)), (2000, Is(HalfOpen)), (2000, Ask(Permit::Probe(1))), (2000, Ask(Permit::Despite))],
        &[(2000, Ask(Permit::Probe(1))), (2100, EndsWell), (2100, Is(Closed))],
        // A probe that fails is the first own ejection: others did not make it longer.
        &[(2000, Ask(Permit::Probe(1))), (2100, EndsBadly), (2100, Is(Open)), (2100, Own(Some(1)))],
        // Only the process that has ejected the source ends it.
        &[(100, Lifted(8, false)), (100, Is(Open)), (100, Lifted(7, true)), (100, Is(Closed)), (100, Lifted(7, false))],
        // A running probe decides.
        &[(2000, Ask(Permit::Probe(1))), (2000, Lifted(7, false)), (2000, Adopted(2000, false)), (2000, Is(HalfOpen))],
        // A longer one holds, a shorter one changes nothing.
        &[(1000, Adopted(500, false)), (1000, Adopted(2000, true)), (2900, Is(Open)), (3000, Is(HalfOpen))],
        // It is never longer than the longest ejection with its jitter: 4.4 s.
        &[(0, Adopted(3_600_000, true)), (4300, Is(Open)), (4400, Is(HalfOpen))],
        // A request that asks the source although it is ejected, and is answered, knows better.
        &[(100, Ask(Permit::Despite)), (100, EndsWell), (100, Is(Closed))],
    ];
    cases.iter().for_each(|case| run(short(), &[&adopted[..], case].concat()));
    // The own ejection stays when that of the other process is lifted.
    let own =
        [(0, Failed(5)), (0, Adopted(3000, false)), (0, Lifted(7, false)), (0, Own(Some(1))), (1110, Is(HalfOpen))];
    run(short(), &own);
}

#[test]
fn the_longest_ejection_that_can_be_configured_does_not_end() {
    let settings = BreakerSettings { eject: Duration::MAX, eject_max: Duration::MAX, ..BreakerSettings::default() };
    let year = 365 * 24 * 3600 * 1000;
    run(settings, &[(0, Failed(5)), (year, Is(Open))]);
    run(settings, &[(0, Adopted(u64::MAX, true)), (year, Is(Open))]);
    // A jitter that makes it longer: seeds differ in that.
    for seed in 0..20 {
        let length = settings.ejection(1, &mut Rng::with_seed(seed));
        assert!(length >= Duration::MAX / 10 * 9, "{length:?}");
    }
}
