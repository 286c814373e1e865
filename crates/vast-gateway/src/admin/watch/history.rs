//! The numbers of each second of the last 15 minutes.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;
use vast_client::stats::Histogram;

use super::sample::Sample;
use crate::outcome::AnswerOutcome;

/// The number of seconds that are kept.
pub(in crate::admin) const SECONDS: usize = 15 * 60;

/// The numbers of one second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::admin) struct SecondNumbers {
    /// The answers per second.
    pub(in crate::admin) rate: f64,
    /// The share of the answers of sources that have an ad; `None` without such an answer.
    pub(in crate::admin) fill: Option<f64>,
    /// The requests per second that were shed.
    pub(in crate::admin) shed: f64,
    /// The median, the 95th and the 99th percentile of the answers; `None` without an answer.
    pub(in crate::admin) times: Option<[Duration; 3]>,
}

/// The newest second is the last one.
#[derive(Default)]
pub(in crate::admin) struct History {
    seconds: VecDeque<SecondNumbers>,
    /// What was counted until the last second.
    last: Option<Totals>,
}

/// What was counted since the start.
#[derive(Clone)]
struct Totals {
    at: Instant,
    /// By outcome.
    answers: Vec<u64>,
    duration: Histogram,
}

impl Totals {
    fn of(sample: &Sample) -> Self {
        let mut duration = Histogram::default();
        sample.placements.values().for_each(|placement| duration.merge(&placement.duration));
        let count = |outcome: &AnswerOutcome| -> u64 {
            sample.placements.values().map(|placement| placement.answered(*outcome)).sum()
        };
        Self { at: sample.at, answers: AnswerOutcome::ALL.iter().map(count).collect(), duration }
    }

    fn since(&self, older: &Self) -> SecondNumbers {
        let seconds = self.at.duration_since(older.at).as_secs_f64().max(1e-3);
        let count = |outcome: AnswerOutcome| -> u64 {
            let of = |totals: &Self| totals.answers.get(outcome as usize).copied().unwrap_or_default();
            // A reload may remove a placement with its numbers.
            of(self).saturating_sub(of(older))
        };
        let per_second = |count: u64| f64::from(u32::try_from(count).unwrap_or(u32::MAX)) / seconds;
        let without =
            [AnswerOutcome::NoAd, AnswerOutcome::Failed, AnswerOutcome::Timeout].map(count).iter().sum::<u64>();
        let filled = count(AnswerOutcome::Filled);
        let asked = per_second(filled + without);
        let duration = self.duration.difference(&older.duration);
        let quantile = |share| duration.quantile(share);
        let times = quantile(0.5).zip(quantile(0.95)).zip(quantile(0.99)).map(|((p50, p95), p99)| [p50, p95, p99]);
        SecondNumbers {
            rate: per_second(AnswerOutcome::ALL.iter().map(|outcome| count(*outcome)).sum()),
            fill: (asked > 0.0).then(|| per_second(filled) / asked),
            shed: per_second(count(AnswerOutcome::Shed)),
            times,
        }
    }
}

impl History {
    /// Takes over what was counted until `sample`.
    pub(super) fn update(&mut self, sample: &Sample) {
        let totals = Totals::of(sample);
        if let Some(last) = &self.last {
            if self.seconds.len() >= SECONDS {
                self.seconds.pop_front();
            }
            self.seconds.push_back(totals.since(last));
        }
        self.last = Some(totals);
    }

    /// The seconds, the oldest first.
    pub(in crate::admin) fn seconds(&self) -> impl ExactSizeIterator<Item = &SecondNumbers> {
        self.seconds.iter()
    }
}

#[cfg(test)]
mod tests {
    use vast_client::stats::HistogramRecorder;

    use super::super::sample::PlacementSample;
    use super::*;

    /// A sample after so many filled answers of 10 ms, answers without an ad of 1 s, and requests that were shed.
    fn sample(at: Instant, [filled, no_ad, shed]: [u64; 3]) -> Sample {
        let recorder = HistogramRecorder::default();
        (0..filled).for_each(|_| recorder.record(Duration::from_millis(10)));
        (0..no_ad).for_each(|_| recorder.record(Duration::from_secs(1)));
        let count = |outcome: &AnswerOutcome| match outcome {
            AnswerOutcome::Filled => filled,
            AnswerOutcome::NoAd => no_ad,
            AnswerOutcome::Shed => shed,
            _ => 0,
        };
        let answers = AnswerOutcome::ALL.iter().map(count).collect();
        let placement = PlacementSample { answers, duration: recorder.snapshot(), ..PlacementSample::default() };
        Sample { at, placements: [("ad".to_owned(), placement)].into_iter().collect() }
    }

    #[tokio::test(start_paused = true)]
    async fn each_second_has_its_own_numbers_and_the_last_15_minutes_are_kept() {
        let (began, second) = (Instant::now(), Duration::from_secs(1));
        let mut history = History::default();
        history.update(&sample(began, [5, 0, 0]));
        assert_eq!(history.seconds().len(), 0, "one moment has no rate");
        history.update(&sample(began + second, [8, 1, 0]));
        history.update(&sample(began + 3 * second, [8, 1, 6]));
        // Another configuration has fewer placements.
        history.update(&sample(began + 4 * second, [0, 0, 0]));
        let found: Vec<_> = history.seconds().map(|one| (one.rate, one.fill, one.shed)).collect();
        assert_eq!(found, [(4.0, Some(0.75), 0.0), (3.0, None, 3.0), (0.0, None, 0.0)]);
        let times = history.seconds().next().and_then(|one| one.times).expect("answers");
        assert!(times[0] < Duration::from_millis(20) && times[2] > Duration::from_millis(900), "{times:?}");
        assert_eq!(history.seconds().nth(1).and_then(|one| one.times), None);
        for number in 0..1_000 {
            history.update(&sample(began + (5 + number) * second, [0, 0, 0]));
        }
        assert_eq!(history.seconds().len(), SECONDS);
    }
}
