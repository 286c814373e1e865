//! The time of a line of the log.

use std::cell::RefCell;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use vast_client::env;

/// The bytes of a date and a time to the second, as `2026-11-22T08:15:07`.
const TO_THE_SECOND: usize = 19;

thread_local! {
    /// The second of the last line since 1970, and its time as a text: many lines have the same second.
    static LAST: RefCell<(u64, String)> = RefCell::default();
}

/// Calls `write` with the text of the time of now, in the form of [`with_text_of`].
pub(super) fn with_text<T>(write: impl FnOnce(&str) -> T) -> T {
    #[expect(clippy::disallowed_methods, reason = "lines have the time of the system, which can be set meanwhile")]
    with_text_of(SystemTime::now(), write)
}

/// Calls `write` with the text of a time in UTC with microseconds, as `2026-11-22T08:15:07.127456Z`.
fn with_text_of<T>(time: SystemTime, write: impl FnOnce(&str) -> T) -> T {
    let since_epoch = time.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    LAST.with_borrow_mut(|(second, text)| {
        if *second != since_epoch.as_secs() || text.is_empty() {
            (*second, *text) = (since_epoch.as_secs(), env::timestamp(time));
        }
        text.truncate(TO_THE_SECOND);
        let (mut rest, mut micros) = (*b".000000Z", since_epoch.subsec_micros());
        for digit in rest[1..7].iter_mut().rev() {
            *digit += (micros % 10) as u8;
            micros /= 10;
        }
        text.push_str(std::str::from_utf8(&rest).unwrap_or_default());
        write(text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_a_line_is_in_utc_with_microseconds() {
        let seconds = 1_795_335_307;
        for (seconds, micros, expected) in [
            (seconds, 127_456, "2026-11-22T08:15:07.127456Z"),
            (seconds, 7, "2026-11-22T08:15:07.000007Z"),
            (seconds + 53, 0, "2026-11-22T08:16:00.000000Z"),
            (0, 999_999, "1970-01-01T00:00:00.999999Z"),
        ] {
            let time = UNIX_EPOCH + Duration::from_secs(seconds) + Duration::from_micros(micros);
            with_text_of(time, |text| assert_eq!(text, expected));
        }
    }
}
