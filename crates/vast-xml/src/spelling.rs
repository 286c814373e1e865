//! How values are spelled: the form in which they are written, and by which a value is known to be unchanged.

use crate::model::Offset;
use crate::vmap::TimeOffset;
use std::fmt::Write;
use std::time::Duration;

/// A value with a canonical spelling. Different values have different ones.
pub(crate) trait Spelled {
    /// Appends the spelling.
    fn spell(&self, out: &mut String);

    fn spelled(&self) -> String {
        let mut out = String::new();
        self.spell(&mut out);
        out
    }
}

impl Spelled for bool {
    fn spell(&self, out: &mut String) {
        out.push_str(if *self { "true" } else { "false" });
    }
}

impl Spelled for Duration {
    fn spell(&self, out: &mut String) {
        Offset::Time(*self).spell(out);
    }
}

macro_rules! displayed {
    ($($type:ty)*) => {
        $(impl Spelled for $type {
            fn spell(&self, out: &mut String) {
                // Formatting into a string cannot fail.
                let _ = write!(out, "{self}");
            }
        })*
    };
}

displayed! { u32 u64 f64 TimeOffset }

impl Spelled for Offset {
    /// To the nanosecond, where the standard's form ends at milliseconds: what was read is written back.
    fn spell(&self, out: &mut String) {
        // Formatting into a string cannot fail.
        let _ = write!(out, "{self}");
        if let Offset::Time(time) = self
            && !time.subsec_nanos().is_multiple_of(1_000_000)
        {
            let point = if time.subsec_millis() == 0 { ".000" } else { "" };
            let _ = write!(out, "{point}{:06}", time.subsec_nanos() % 1_000_000);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_apart_to_the_nanosecond() {
        let spelled = |nanos| Duration::from_nanos(nanos).spelled();
        assert_eq!(spelled(1_000_000_000), "00:00:01");
        assert_eq!(spelled(1_500_000_000), "00:00:01.500");
        assert_eq!(spelled(1_500_000_001), "00:00:01.500000001");
        assert_eq!(spelled(1_000_000_001), "00:00:01.000000001");
    }
}
