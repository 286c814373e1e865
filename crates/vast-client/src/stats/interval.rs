//! Confidence intervals of measured numbers. They show whether the difference between two arms may be chance.
//!
//! All intervals are for 95 percent: in 95 of 100 measurements, the interval contains the true number.

/// The number of standard deviations on each side of the mean that contain 95 percent of a normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// A range that contains the true number with a confidence of 95 percent.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Interval {
    /// Whether zero is outside: a difference with this interval is more than chance.
    pub fn excludes_zero(self) -> bool {
        self.low > 0.0 || self.high < 0.0
    }
}

/// How many of a number of trials had a property, for example how many requests were filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proportion {
    /// The trials with the property, at most `trials`.
    pub hits: u64,
    /// All trials.
    pub trials: u64,
}

impl Proportion {
    /// The share of hits, from 0 to 1; `None` without a trial.
    pub fn share(self) -> Option<f64> {
        (self.trials > 0).then(|| number(self.hits) / number(self.trials))
    }

    /// The interval of the share, from 0 to 1; `None` without a trial. It is Wilson's score interval, which is right also for few
    /// trials and for shares near 0 and 1.
    pub fn interval(self) -> Option<Interval> {
        let (share, trials) = (self.share()?, number(self.trials));
        let middle = share + Z * Z / (2.0 * trials);
        let half = Z * (share * (1.0 - share) / trials + Z * Z / (4.0 * trials * trials)).sqrt();
        let scale = 1.0 + Z * Z / trials;
        Some(Interval { low: ((middle - half) / scale).max(0.0), high: ((middle + half) / scale).min(1.0) })
    }

    /// The interval of the difference between this share and `other`; `None` if one of them has no trial. It is Newcombe's, which
    /// combines the two score intervals. The shares differ by more than chance if it [excludes zero](Interval::excludes_zero).
    pub fn minus(self, other: Self) -> Option<Interval> {
        let (one, two) = (self.share()?, other.share()?);
        let (of_one, of_two) = (self.interval()?, other.interval()?);
        let low = ((one - of_one.low).powi(2) + (of_two.high - two).powi(2)).sqrt();
        let high = ((of_one.high - one).powi(2) + (two - of_two.low).powi(2)).sqrt();
        Some(Interval { low: one - two - low, high: one - two + high })
    }
}

/// The ranks, from 1, of the two values of a sorted sample between which the quantile `share` of all values lies; `None` for an empty
/// sample. `share` is from 0 to 1. It holds for any distribution of the values.
pub(super) fn quantile_ranks(values: u64, share: f64) -> Option<(u64, u64)> {
    let count = number(values);
    let (middle, half) = (count * share, Z * (count * share * (1.0 - share)).sqrt());
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Between 1 and the number of values.
    let rank = |rank: f64| (rank as u64).clamp(1, values);
    (values > 0).then(|| (rank((middle - half).floor()), rank((middle + half).ceil() + 1.0)))
}

#[allow(clippy::cast_precision_loss)] // A count of more than 2^53 is not reached.
fn number(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use fastrand::Rng;

    use super::*;

    fn rounded(interval: Option<Interval>) -> Option<(f64, f64)> {
        let round = |number: f64| (number * 1e4).round() / 1e4;
        interval.map(|Interval { low, high }| (round(low), round(high)))
    }

    /// The expected values are those of Newcombe, "Two-sided confidence intervals for the single proportion" (1998), table I.
    #[test]
    fn the_interval_of_a_share_is_wilsons() {
        let cases = [
            (81, 263, Some((0.2553, 0.3662))),
            (15, 148, Some((0.0624, 0.1605))),
            (0, 20, Some((0.0, 0.1611))),
            (1, 29, Some((0.0061, 0.1718))),
            (20, 20, Some((0.8389, 1.0))),
            (0, 0, None),
        ];
        for (hits, trials, expected) in cases {
            assert_eq!(rounded(Proportion { hits, trials }.interval()), expected, "{hits} of {trials}");
        }
    }

    /// The expected values are those of Newcombe, "Interval estimation for the difference between independent proportions" (1998),
    /// table II, method 10.
    #[test]
    fn the_interval_of_a_difference_is_newcombes() {
        let cases = [
            ((56, 70), (48, 80), Some((0.0524, 0.3339)), true),
            ((9, 10), (3, 10), Some((0.1705, 0.8090)), true),
            ((5, 56), (0, 29), Some((-0.0381, 0.1926)), false),
            ((0, 10), (0, 10), Some((-0.2775, 0.2775)), false),
            ((1, 10), (0, 0), None, false),
        ];
        for ((hits, trials), (other_hits, other_trials), expected, differs) in cases {
            let difference = Proportion { hits, trials }.minus(Proportion { hits: other_hits, trials: other_trials });
            assert_eq!(rounded(difference), expected, "{hits}/{trials} - {other_hits}/{other_trials}");
            assert_eq!(difference.is_some_and(Interval::excludes_zero), differs);
        }
    }

    #[test]
    fn equal_arms_are_called_different_in_about_five_of_a_hundred_tests() {
        let mut rng = Rng::with_seed(1);
        let mut sample = || Proportion { hits: (0..500).filter(|_| rng.f64() < 0.3).count() as u64, trials: 500 };
        let called = (0..2000).filter(|_| sample().minus(sample()).is_some_and(Interval::excludes_zero)).count();
        assert!((60..=140).contains(&called), "{called} of 2,000");
    }

    #[test]
    fn a_quantile_lies_between_its_ranks() {
        for (values, share, expected) in [
            (0, 0.5, None),
            (1, 0.5, Some((1, 1))),
            (100, 0.5, Some((40, 61))),
            (100, 0.95, Some((90, 100))),
            (1000, 0.95, Some((936, 965))),
        ] {
            assert_eq!(quantile_ranks(values, share), expected, "{values} {share}");
        }
    }
}
