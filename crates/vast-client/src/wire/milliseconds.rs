//! Times in milliseconds.

use std::time::Duration;

/// Whole milliseconds.
pub(super) fn whole(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Milliseconds with two decimals. No network time is known more exactly.
pub(super) fn measured(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 100_000.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measured_times_have_two_decimals() {
        let micros = [0, 4, 5, 12_344, 3_000_000].map(|micros| measured(Duration::from_micros(micros)).to_string());
        assert_eq!(micros, ["0", "0", "0.01", "12.34", "3000"]);
        assert_eq!(whole(Duration::from_micros(1_999)), 1);
    }
}
