//! Numbers with their units for people.

use std::time::Duration;

/// An elapsed time: `<1 ms`, `12 ms`, `1.24 s`.
pub fn elapsed(duration: Duration) -> String {
    match duration.as_millis() {
        0 if duration.is_zero() => "0 ms".to_owned(),
        0 => "<1 ms".to_owned(),
        millis @ 1..1000 => format!("{millis} ms"),
        _ => format!("{:.2} s", duration.as_secs_f64()),
    }
}

/// The distance to a moment: `12 ms`, `1.24 s`, `2 min 5 s`, `23 h 59 min`, `7 d 0 h`.
pub fn away(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..60 => elapsed(duration),
        60..3_600 => format!("{} min {} s", seconds / 60, seconds % 60),
        3_600..86_400 => format!("{} h {} min", seconds / 3_600, seconds / 60 % 60),
        _ => format!("{} d {} h", seconds / 86_400, seconds / 3_600 % 24),
    }
}

/// The duration of an ad: `15 s`, `7.5 s`.
pub fn length(duration: Duration) -> String {
    format!("{} s", duration.as_secs_f64())
}

/// A number with its noun, for example `1 ad` or `2 ads`.
pub fn count(number: usize, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {}", plural(one)) }
}

/// The size of a document: `83 B`, `3.0 kB`, `1.2 MB`.
pub fn bytes(number: u64) -> String {
    match number {
        0..1_000 => format!("{number} B"),
        1_000..1_000_000 => format!("{:.1} kB", number as f64 / 1e3),
        _ => format!("{:.1} MB", number as f64 / 1e6),
    }
}

fn plural(one: &str) -> String {
    match one.strip_suffix('y') {
        Some(stem) => format!("{stem}ies"),
        None => format!("{one}s"),
    }
}

/// A size, for example `1280x720`; `None` for an unknown size and for 0x0, which audio has.
pub fn size(width: Option<u32>, height: Option<u32>) -> Option<String> {
    match (width, height) {
        (None | Some(0), None | Some(0)) => None,
        _ => {
            let side = |side: Option<u32>| side.map_or_else(|| "?".to_owned(), |side| side.to_string());
            Some(format!("{}x{}", side(width), side(height)))
        }
    }
}

/// A bitrate, for example `2000 kbit/s`, or the range of an adaptive file.
pub fn bitrate(exact: Option<u32>, low: Option<u32>, high: Option<u32>) -> Option<String> {
    match (exact, low, high) {
        (Some(exact), ..) => Some(format!("{exact} kbit/s")),
        (None, Some(low), Some(high)) => Some(format!("{low}-{high} kbit/s")),
        (None, Some(low), None) => Some(format!("from {low} kbit/s")),
        (None, None, Some(high)) => Some(format!("to {high} kbit/s")),
        (None, None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_readable_unit() {
        let shown =
            [0, 400, 12_000, 999_900, 1_000_000, 1_235_600].map(|micros| elapsed(Duration::from_micros(micros)));
        assert_eq!(shown, ["0 ms", "<1 ms", "12 ms", "999 ms", "1.00 s", "1.24 s"]);
        let shown = [59, 125, 3_600, 86_399, 86_400, 7 * 86_400].map(|seconds| away(Duration::from_secs(seconds)));
        assert_eq!(shown, ["59.00 s", "2 min 5 s", "1 h 0 min", "23 h 59 min", "1 d 0 h", "7 d 0 h"]);
        assert_eq!([15_000, 7_500].map(|millis| length(Duration::from_millis(millis))), ["15 s", "7.5 s"]);
    }

    #[test]
    fn sizes_have_a_readable_unit() {
        assert_eq!([83, 3_037, 1_234_567].map(bytes), ["83 B", "3.0 kB", "1.2 MB"]);
    }

    #[test]
    fn unknown_values_are_left_out_or_marked() {
        assert_eq!(size(Some(1280), Some(720)).as_deref(), Some("1280x720"));
        assert_eq!(size(Some(300), None).as_deref(), Some("300x?"));
        assert_eq!(size(Some(0), Some(0)), None);
        assert_eq!(bitrate(None, Some(300), Some(3000)).as_deref(), Some("300-3000 kbit/s"));
        assert_eq!(
            (count(1, "query"), count(2, "query"), count(0, "ad")),
            ("1 query".to_owned(), "2 queries".to_owned(), "0 ads".to_owned())
        );
    }
}
