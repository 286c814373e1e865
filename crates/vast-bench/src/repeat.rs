//! Repeats work that does not wait.

use std::hint::black_box;
use std::time::Duration;

use crate::clock::cpu_time;
use crate::effort::Failure;
use crate::units::Cost;

/// The least time between two readings of the clock, because a reading costs a fraction of a microsecond.
const BATCH: Duration = Duration::from_micros(500);

/// Repeats `work` for `time`, at least once. The results are used, so that the compiler leaves nothing out.
///
/// # Errors
/// The first failure of `work`.
pub(crate) fn repeat<T>(time: Duration, mut work: impl FnMut() -> Result<T, Failure>) -> Result<Cost, Failure> {
    let before = cpu_time();
    let spent = || cpu_time().saturating_sub(before);
    let (mut batch, mut units) = (1_u64, 0);
    loop {
        let begun = spent();
        for _ in 0..batch {
            black_box(work()?);
        }
        units += batch;
        let cpu = spent();
        if cpu >= time {
            return Ok(Cost { cpu, units });
        }
        if cpu.saturating_sub(begun) < BATCH {
            batch *= 2;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_is_counted_and_a_failure_ends_it() {
        let mut done = 0;
        let cost = repeat(Duration::from_millis(3), || {
            done += 1;
            Ok(())
        });
        let cost = cost.expect("no failure");
        assert_eq!(cost.units, done);
        assert!(cost.cpu >= Duration::from_millis(3));
        assert!(repeat(Duration::ZERO, || Err::<(), _>("it failed".into())).is_err());
    }
}
