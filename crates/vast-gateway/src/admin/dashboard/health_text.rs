//! The condition of a source in words.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use vast_client::policy::BreakerState;
use vast_client::stats::SourceStats;
use vast_explain::{Tone, units};

use super::figures;
use crate::admin::watch::{SourceCondition, SourceHealth};
use crate::generation::OperatorMark;

/// Times that are longer ago are shown with their date.
const ONE_DAY: Duration = Duration::from_secs(24 * 3_600);

/// The condition, since when: `ejected since 20:31:05 UTC (2 min 5 s)`. `ejected_by` is the name of the other gateway whose ejection
/// holds here.
pub(super) fn condition(health: &SourceHealth, ejected_by: Option<&str>, now: SystemTime) -> (String, Tone) {
    let (word, tone) = match (health.condition, health.breaker) {
        (SourceCondition::Well, _) => ("works", Tone::Good),
        (SourceCondition::Failing, _) => ("fails", Tone::Bad),
        (SourceCondition::Ejected, Some(BreakerState::HalfOpen)) => ("ejected, being tried again,", Tone::Bad),
        (SourceCondition::Ejected, _) => ("ejected", Tone::Bad),
    };
    let mut text = health.since.map_or_else(|| word.to_owned(), |since| format!("{word} {}", since_when(since, now)));
    if let (SourceCondition::Ejected, Some(gateway)) = (health.condition, ejected_by) {
        text += &format!(", because {} has ejected it", figures::name(gateway));
    }
    (text, tone)
}

/// That an operator has ejected the source: `ejected by ops since 20:31:05 UTC (2 min 5 s)`.
pub(super) fn ejection(mark: &OperatorMark, now: SystemTime) -> String {
    let key = mark.key.as_deref().map_or_else(|| "hand".to_owned(), figures::name);
    format!("ejected by {key} {}", since_when(mark.since, now))
}

/// The line of the banner for an ill source. `condition` is its condition in words, `minute` has its numbers of the last minute.
pub(super) fn alarm(placement: &str, condition: &str, minute: &SourceStats) -> String {
    let (failed, answered) = (minute.failed.total(), minute.answered());
    let most = minute.failed.iter().max_by_key(|(_, count)| *count);
    let most = most.map_or_else(String::new, |(kind, _)| format!(", most with {}", kind.as_str()));
    format!(
        "{} of {placement}: {condition}. In the last minute {failed} of {answered} requests failed{most}.",
        minute.name
    )
}

/// `since 20:31:05 UTC (2 min 5 s)`.
pub(super) fn since_when(since: SystemTime, now: SystemTime) -> String {
    let age = Duration::from_secs(now.duration_since(since).unwrap_or_default().as_secs());
    let format = if age < ONE_DAY { "%H:%M:%S" } else { "%Y-%m-%d %H:%M:%S" };
    let time = Timestamp::try_from(since).map(|time| time.strftime(format).to_string()).unwrap_or_default();
    let age = if age.as_secs() < 60 { format!("{} s", age.as_secs()) } else { units::away(age) };
    format!("since {time} UTC ({age})")
}

#[cfg(test)]
mod tests {
    use vast_client::ErrorType;

    use super::*;

    #[test]
    fn a_condition_says_since_when() {
        let at = |seconds: u64| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        let health = |condition, breaker, since: Option<u64>| SourceHealth { condition, breaker, since: since.map(at) };
        use SourceCondition::{Ejected, Failing, Well};
        let cases = [
            (health(Well, None, None), 10, "works"),
            (health(Well, None, Some(3_600)), 3_642, "works since 01:00:00 UTC (42 s)"),
            (health(Failing, None, Some(0)), 125, "fails since 00:00:00 UTC (2 min 5 s)"),
            (
                health(Ejected, Some(BreakerState::Open), Some(0)),
                90_000,
                "ejected since 1970-01-01 00:00:00 UTC (1 d 1 h)",
            ),
            (
                health(Ejected, Some(BreakerState::HalfOpen), Some(9)),
                9,
                "ejected, being tried again, since 00:00:09 UTC (0 s)",
            ),
            // The clock of the machine was set back.
            (health(Failing, None, Some(10)), 5, "fails since 00:00:10 UTC (0 s)"),
        ];
        for (health, now, expected) in cases {
            assert_eq!(condition(&health, None, at(now)).0, expected);
        }
        let ejected = health(Ejected, Some(BreakerState::Open), Some(0));
        let expected = "ejected since 00:00:00 UTC (5 s), because east-2 has ejected it";
        assert_eq!(condition(&ejected, Some("east-2"), at(5)).0, expected);
        // It works again, but its breaker still knows whose ejection it was.
        assert_eq!(condition(&health(Well, None, None), Some("east-2"), at(5)).0, "works");
        let mut minute = SourceStats::default();
        (minute.name, minute.filled) = ("east".into(), 1);
        minute.failed = [(ErrorType::Timeout, 2), (ErrorType::HttpStatus, 5)].into_iter().collect();
        let line = alarm("preroll", &condition(&health(Failing, None, Some(0)), None, at(8)).0, &minute);
        let expected = "east of preroll: fails since 00:00:00 UTC (8 s). In the last minute 7 of 8 requests failed, most with \
                        http_status.";
        assert_eq!(line, expected);
    }
}
