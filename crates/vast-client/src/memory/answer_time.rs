//! The time that a source needs for one usable answer.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::turn::TurnOutcome;

/// The time that a source needs for one usable answer, from its last turns: the mean time of a turn, divided by the share of turns
/// that end with a usable answer. It is the mean wait for an ad if the source were asked again until it has one, so it compares a
/// fast source that seldom has an ad with a slow source that often has one.
#[derive(Debug, Default)]
pub(crate) struct AnswerTime(Mutex<Means>);

/// Means in which a turn counts the less the older it is, so that an outage is forgotten after about thirty good turns.
#[derive(Debug, Default)]
struct Means {
    turns: u32,
    /// The mean time of a turn, in seconds.
    seconds: f64,
    /// The share of turns with a usable answer, from 0 to 1.
    usable: f64,
}

/// How many turns are needed before a time is given.
const ENOUGH: u32 = 5;
/// The weight of a new turn in the means, as soon as there are more than eight.
const NEWEST: f64 = 0.125;

impl AnswerTime {
    /// Adds a turn that ended after `elapsed`.
    pub(super) fn record(&self, outcome: TurnOutcome, elapsed: Duration) {
        let mut means = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let seconds = elapsed.as_secs_f64();
        if outcome == TurnOutcome::Cancelled {
            // The source would have taken longer than this, so the time counts only where it makes the mean longer. Without it, a
            // source that always loses a race would keep the good times of the past.
            if means.turns > 0 && seconds > means.seconds {
                means.seconds += NEWEST * (seconds - means.seconds);
            }
            return;
        }
        means.turns = means.turns.saturating_add(1);
        let newest = NEWEST.max(1.0 / f64::from(means.turns));
        let usable = if outcome == TurnOutcome::Usable { 1.0 } else { 0.0 };
        means.seconds += newest * (seconds - means.seconds);
        means.usable += newest * (usable - means.usable);
    }

    /// The time per usable answer; `None` after fewer than five turns. A source that never has an ad needs the longest time that
    /// there is.
    pub(crate) fn get(&self) -> Option<Duration> {
        let means = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let seconds = means.seconds / means.usable;
        (means.turns >= ENOUGH).then(|| Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(turns: &[(u32, TurnOutcome, u64)]) -> AnswerTime {
        let time = AnswerTime::default();
        for (times, outcome, millis) in turns {
            (0..*times).for_each(|_| time.record(*outcome, Duration::from_millis(*millis)));
        }
        time
    }

    #[test]
    fn the_time_per_answer_grows_with_the_time_and_with_each_turn_without_an_ad() {
        use TurnOutcome::{Cancelled, NoAd, Rejected, Usable};
        let cases: [(&[(u32, TurnOutcome, u64)], Option<u64>); 7] = [
            (&[(4, Usable, 100)], None),
            (&[(5, Usable, 100)], Some(100)),
            (&[(4, Usable, 100), (4, NoAd, 100)], Some(200)),
            (&[(2, Usable, 100), (6, Rejected, 100)], Some(400)),
            (&[(8, Usable, 100), (20, Cancelled, 50)], Some(100)),
            (&[(8, Usable, 100), (1, Cancelled, 900)], Some(200)),
            (&[(9, Cancelled, 100)], None),
        ];
        for (turns, millis) in cases {
            let found = after(turns).get().map(|time| time.as_secs_f64() * 1000.0);
            assert_eq!(found.map(f64::round), millis.map(|millis| Duration::from_millis(millis).as_secs_f64() * 1000.0), "{turns:?}");
        }
        assert_eq!(after(&[(5, NoAd, 1)]).get(), Some(Duration::MAX), "never an ad");
    }

    #[test]
    fn a_source_that_recovered_is_as_fast_as_before_after_about_thirty_turns() {
        use TurnOutcome::{NoAd, Usable};
        let time = after(&[(200, NoAd, 2000), (26, Usable, 50)]);
        assert!(time.get() < Some(Duration::from_millis(120)), "{:?}", time.get());
        assert!(after(&[(200, NoAd, 2000), (8, Usable, 50)]).get() > Some(Duration::from_millis(500)));
    }
}
