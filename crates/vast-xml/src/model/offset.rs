//! Offsets in the time of an ad: `skipoffset`, `Tracking@offset`, `Icon@offset`.

use std::fmt;
use std::time::Duration;

/// An offset in the time of an ad: a time or a percentage of its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Offset {
    /// The time from the start of the ad.
    Time(Duration),
    /// A percentage of the ad's length. Some tags have values above 100%, which are never reached.
    Percent(Percent),
}

impl Offset {
    /// The time from the start of an ad with this length. `None` for a percentage if the length is unknown.
    pub fn within(self, length: Option<Duration>) -> Option<Duration> {
        match self {
            Offset::Time(time) => Some(time),
            Offset::Percent(percent) => length.map(|length| percent.of(length)),
        }
    }
}

impl fmt::Display for Offset {
    /// The spelling of the standard: `HH:MM:SS`, `HH:MM:SS.mmm` or `n%`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Offset::Time(time) => write_time(*time, formatter),
            Offset::Percent(percent) => percent.fmt(formatter),
        }
    }
}

fn write_time(time: Duration, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    let seconds = time.as_secs();
    write!(formatter, "{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)?;
    match time.subsec_millis() {
        0 => Ok(()),
        millis => write!(formatter, ".{millis:03}"),
    }
}

/// A percentage with a precision of one millionth of a percent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Percent {
    millionths: u32,
}

impl Percent {
    /// A percentage from millionths of a percent: 25% is 25,000,000.
    pub fn from_millionths(millionths: u32) -> Percent {
        Percent { millionths }
    }

    /// A whole percentage. Values above 4294 become 4294.
    pub fn whole(percents: u16) -> Percent {
        Percent { millionths: u32::from(percents).saturating_mul(1_000_000) }
    }

    /// The percentage as a number: 25% is 25.0.
    pub fn as_f64(self) -> f64 {
        f64::from(self.millionths) / 1e6
    }

    /// This percentage of a duration.
    pub fn of(self, length: Duration) -> Duration {
        let nanos = length.as_nanos().saturating_mul(u128::from(self.millionths)) / 100_000_000;
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, fraction) = (self.millionths / 1_000_000, self.millionths % 1_000_000);
        if fraction == 0 {
            return write!(formatter, "{whole}%");
        }
        write!(formatter, "{whole}.{}%", format!("{fraction:06}").trim_end_matches('0'))
    }
}
