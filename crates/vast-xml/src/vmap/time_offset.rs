//! `AdBreak@timeOffset` (VMAP 1.0.1, section 2.3.1).

use crate::model::{Offset, Percent};
use std::fmt;
use std::num::NonZeroU32;
use std::time::Duration;

/// The time at which a break is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TimeOffset {
    /// `start`: before the content.
    Start,
    /// `end`: after the content.
    End,
    /// `hh:mm:ss` or `hh:mm:ss.mmm`: after this duration of the content.
    Time(Duration),
    /// `n%`: at this percentage of the content's length.
    Percent(Percent),
    /// `#m`: the m-th opportunity for a break, from 1. It is used if the times are not known in advance, as in live
    /// content.
    Position(NonZeroU32),
}

impl TimeOffset {
    /// The time from the start of a content with this length. `None` for an opportunity `#m`, for the end and for
    /// percentages if the length is unknown, and for a time after the end of the content, which is never due.
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
    /// Writes the standard's spelling.
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
