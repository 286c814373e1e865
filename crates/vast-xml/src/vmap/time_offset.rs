//! `AdBreak@timeOffset` (VMAP 1.0.1, section 2.3.1).

use crate::model::{Offset, Percent};
use std::fmt;
use std::num::NonZeroU32;
use std::time::Duration;

/// When a break is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TimeOffset {
    /// `start`: before the content.
    Start,
    /// `end`: after the content.
    End,
    /// `hh:mm:ss` or `hh:mm:ss.mmm`: when so much content has been played.
    Time(Duration),
    /// `n%`: at this share of the content's length.
    Percent(Percent),
    /// `#m`: the m-th opportunity, from 1, where the times are not known beforehand, as in live content.
    Position(NonZeroU32),
}

impl TimeOffset {
    /// The point in a content of this length. `None` for an opportunity, for the end and shares of an unknown length, and
    /// for what lies behind the content's end and so is never due.
    pub fn within(self, length: Option<Duration>) -> Option<Duration> {
        let point = match self {
            TimeOffset::Start => Duration::ZERO,
            TimeOffset::End => length?,
            TimeOffset::Time(time) => time,
            TimeOffset::Percent(percent) => percent.of(length?),
            TimeOffset::Position(_) => return None,
        };
        Some(point).filter(|point| length.is_none_or(|length| *point <= length))
    }
}

impl fmt::Display for TimeOffset {
    /// The spelling of the standard.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TimeOffset::Start => formatter.write_str("start"),
            TimeOffset::End => formatter.write_str("end"),
            TimeOffset::Time(time) => Offset::Time(*time).fmt(formatter),
            TimeOffset::Percent(percent) => percent.fmt(formatter),
            TimeOffset::Position(position) => write!(formatter, "#{position}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn a_break_is_somewhere_in_the_content_or_nowhere() {
        let third = TimeOffset::Position(NonZeroU32::MIN.saturating_add(2));
        for (offset, spelling, known, unknown) in [
            (TimeOffset::Start, "start", Some(0), Some(0)),
            (TimeOffset::End, "end", Some(600), None),
            (TimeOffset::Time(MINUTE), "00:01:00", Some(60), Some(60)),
            (TimeOffset::Time(11 * MINUTE), "00:11:00", None, Some(660)),
            (TimeOffset::Percent(Percent::whole(50)), "50%", Some(300), None),
            (TimeOffset::Percent(Percent::whole(101)), "101%", None, None),
            (third, "#3", None, None),
        ] {
            assert_eq!(offset.to_string(), spelling);
            assert_eq!(offset.within(Some(10 * MINUTE)).map(|point| point.as_secs()), known, "{spelling}");
            assert_eq!(offset.within(None).map(|point| point.as_secs()), unknown, "{spelling}");
        }
    }
}
