//! The time that a source needs for one usable answer.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The time that a source needs for one usable answer, from its last turns: the mean time of a turn, divided by the share of turns
/// that end with a usable answer. It is the mean wait for an ad if the source were asked again until it has one, so it compares a
/// fast source that seldom has an ad with a slow source that often has one.
#[derive(Debug, Default)]
pub(crate) struct AnswerTime(Mutex<Means>);

/// Means in which a turn counts the less the older it is, so that an outage is forgotten after about thirty good turns.
#[derive(Debug, Default)]
struct Means {
    /// The turns that ended.
    turns: u32,
    /// The turns that were cut.
    cuts: u32,
    /// The mean time of a turn, in seconds. While all turns were cut, the time of the longest one.
    seconds: f64,
    /// The share of turns with a usable answer, from 0 to 1.
    usable: f64,
}

/// How many turns are needed before a time is given.
const ENOUGH: u32 = 5;
/// The weight of a new turn in the means, as soon as there are more than eight.
const NEWEST: f64 = 0.125;

impl AnswerTime {
    /// Adds a turn that ended with a usable answer after `elapsed`.
    pub(crate) fn usable(&self, elapsed: Duration) {
        self.means().ended(elapsed, 1.0);
    }

    /// Adds a turn that ended without a usable answer after `elapsed`.
    pub(crate) fn unusable(&self, elapsed: Duration) {
        self.means().ended(elapsed, 0.0);
    }

    /// Adds a turn that was cut after `elapsed`. The source would have taken longer, so the time counts only where it makes the mean
    /// longer. If cut turns did not count, a source that always loses a race would keep the good times of the past, and a source that
    /// hangs while others have an ad would never have a time.
    pub(crate) fn cut(&self, elapsed: Duration) {
        let (mut means, seconds) = (self.means(), elapsed.as_secs_f64());
        means.cuts = means.cuts.saturating_add(1);
        if seconds > means.seconds {
            let weight = if means.turns == 0 { 1.0 } else { NEWEST };
            means.seconds += weight * (seconds - means.seconds);
        }
    }

    /// The time per usable answer; `None` after fewer than five turns. A source that never has an ad gets [`Duration::MAX`]. If all turns
    /// were cut, the time is that of the longest one.
    pub(crate) fn get(&self) -> Option<Duration> {
        let means = self.means();
        let usable = if means.turns == 0 { 1.0 } else { means.usable };
        let is_enough = means.turns.saturating_add(means.cuts) >= ENOUGH;
        is_enough.then(|| Duration::try_from_secs_f64(means.seconds / usable).unwrap_or(Duration::MAX))
    }

    fn means(&self) -> MutexGuard<'_, Means> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Means {
    /// Adds a turn with this time and share of usable answers.
    fn ended(&mut self, elapsed: Duration, usable: f64) {
        self.turns = self.turns.saturating_add(1);
        let newest = NEWEST.max(1.0 / f64::from(self.turns));
        self.seconds += newest * (elapsed.as_secs_f64() - self.seconds);
        self.usable += newest * (usable - self.usable);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Adds a turn of a kind.
    type Add = fn(&AnswerTime, Duration);
    /// How many turns, of which kind, and how long each took in milliseconds.
    type Turns = (u32, Add, u64);
    const USABLE: Add = AnswerTime::usable;
    const NO_AD: Add = AnswerTime::unusable;
    const CUT: Add = AnswerTime::cut;

    /// The time in milliseconds after these turns.
    fn after(turns: &[Turns]) -> Option<f64> {
        let time = AnswerTime::default();
        for (times, add, millis) in turns {
            (0..*times).for_each(|_| add(&time, Duration::from_millis(*millis)));
        }
        time.get().map(|time| (time.as_secs_f64() * 1000.0).round())
    }

    #[test]
    fn the_time_per_answer_grows_with_the_time_and_with_each_turn_without_an_ad() {
        let cases: [(&[Turns], Option<f64>); 10] = [
            (&[(4, USABLE, 100)], None),
            (&[(5, USABLE, 100)], Some(100.0)),
            (&[(4, USABLE, 100), (4, NO_AD, 100)], Some(200.0)),
            (&[(8, USABLE, 100), (20, CUT, 50)], Some(100.0)),
            (&[(8, USABLE, 100), (1, CUT, 900)], Some(200.0)),
            (&[(4, CUT, 100)], None),
            (&[(9, CUT, 100)], Some(100.0)),
            (&[(4, CUT, 100), (1, CUT, 300), (4, CUT, 10)], Some(300.0)),
            (&[(5, CUT, 300), (1, USABLE, 50)], Some(50.0)),
            (&[(3, USABLE, 100), (2, CUT, 50)], Some(100.0)),
        ];
        for (case, (turns, expected)) in cases.into_iter().enumerate() {
            assert_eq!(after(turns), expected, "case {case}");
        }
        let never = after(&[(5, NO_AD, 1)]).expect("enough turns");
        assert!(never > 1e12, "never an ad");
    }

    #[test]
    fn a_source_that_recovered_is_as_fast_as_before_after_about_thirty_turns() {
        let after_good = |turns| after(&[(200, NO_AD, 2000), (turns, USABLE, 50)]).expect("enough turns");
        assert!(after_good(30) < 100.0 && after_good(8) > 500.0, "{} {}", after_good(30), after_good(8));
    }
}
