//! Reads numbers, booleans and times from texts, in the standard's spelling and in other spellings that real documents
//! have.

use crate::model::{Offset, Percent};
use crate::xml::trim;
use std::time::Duration;

/// A value that was read from a text.
pub(crate) struct Understood<T> {
    /// `None` if the value counts as absent.
    pub(crate) value: Option<T>,
    /// Whether the standard does not allow this spelling.
    pub(crate) is_loose: bool,
}

impl<T> Understood<T> {
    /// Converts the value; `None` if it cannot be converted.
    pub(crate) fn map<U>(self, map: impl FnOnce(T) -> Option<U>) -> Option<Understood<U>> {
        Some(Understood { value: Some(map(self.value?)?), is_loose: self.is_loose })
    }
}

/// A function that reads a value from a text without blanks at its ends. It returns `None` for an invalid text.
pub(crate) type ScalarReader<T> = fn(&str) -> Option<Understood<T>>;

/// A value in a spelling that the standard allows.
pub(crate) fn strict<T>(value: T) -> Option<Understood<T>> {
    Some(Understood { value: Some(value), is_loose: false })
}

/// A value in a spelling that the standard does not allow.
pub(crate) fn loose<T>(value: T) -> Option<Understood<T>> {
    Some(Understood { value: Some(value), is_loose: true })
}

/// A boolean: `true`, `false`, `1` or `0`.
pub(crate) fn boolean(text: &str) -> Option<Understood<bool>> {
    match text {
        "true" | "1" => strict(true),
        "false" | "0" => strict(false),
        _ if text.eq_ignore_ascii_case("true") => loose(true),
        _ if text.eq_ignore_ascii_case("false") => loose(false),
        _ => None,
    }
}

/// A whole number; `640px` and `640.0` are accepted too.
#[inline]
pub(crate) fn integer(text: &str) -> Option<Understood<u32>> {
    if let Some(value) = short(text) {
        return strict(value);
    }
    long(text)?.map(|value| u32::try_from(value).ok())
}

/// A number of one to nine digits, as nearly all numbers are.
#[inline]
fn short(text: &str) -> Option<u32> {
    if text.is_empty() || text.len() > 9 {
        return None;
    }
    text.bytes().try_fold(0, |value, byte| byte.is_ascii_digit().then(|| value * 10 + u32::from(byte - b'0')))
}

/// A whole number for which 0 counts as absent. An `Ad@sequence` of 0 means a stand-alone ad.
#[inline]
pub(crate) fn positive(text: &str) -> Option<Understood<u32>> {
    let Understood { value, is_loose } = integer(text)?;
    Some(Understood { value: value.filter(|value| *value > 0), is_loose })
}

/// A bitrate in kbit/s. The value 0 counts as absent, because documents use it for an unknown bitrate. A value above
/// 100,000 is in bit/s.
#[inline]
pub(crate) fn bitrate(text: &str) -> Option<Understood<u32>> {
    match positive(text)? {
        Understood { value: Some(value), .. } if value > 100_000 => loose(value / 1000),
        read => Some(read),
    }
}

/// A whole number of up to 64 bits.
pub(crate) fn long(text: &str) -> Option<Understood<u64>> {
    if let Ok(value) = text.parse() {
        return strict(value);
    }
    let bare = text.strip_suffix("px").unwrap_or(text).trim_end();
    let (whole, fraction) = bare.split_once('.').unwrap_or((bare, ""));
    if !fraction.bytes().all(|byte| byte == b'0') || !whole.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    loose(whole.parse().ok()?)
}

/// A decimal number; a decimal comma is accepted too.
pub(crate) fn decimal(text: &str) -> Option<Understood<f64>> {
    let finite = |text: &str| text.parse::<f64>().ok().filter(|number| number.is_finite());
    match finite(text) {
        Some(value) => strict(value),
        None => loose(finite(&text.replace(',', "."))?),
    }
}

/// `HH:MM:SS` or `HH:MM:SS.mmm`; also accepted are `H:MM:SS`, `MM:SS`, plain seconds, any number of decimals, and a
/// decimal comma.
pub(crate) fn duration(text: &str) -> Option<Understood<Duration>> {
    if let Some(seconds) = clock(text.as_bytes()) {
        return strict(Duration::from_secs(seconds));
    }
    let (whole, fraction) = text.split_once(['.', ',']).unwrap_or((text, ""));
    let mut seconds = 0_u64;
    let mut parts = 0;
    for part in whole.split(':') {
        parts += 1;
        seconds = seconds.checked_mul(60)?.checked_add(digits(part)?)?;
    }
    let is_strict =
        parts == 3 && whole.len() == 8 && matches!(text.len(), 8 | 12) && !text.contains(',') && in_sixties(whole);
    let value = Duration::new(seconds, nanos(fraction)?);
    match (parts > 3, is_strict) {
        (true, _) => None,
        (false, true) => strict(value),
        (false, false) => loose(value),
    }
}

/// The number of seconds of a time in the standard's form `HH:MM:SS`, which nearly all durations have.
fn clock(text: &[u8]) -> Option<u64> {
    let two = |tens: &u8, ones: &u8, most: u8| {
        let pair = tens.is_ascii_digit() && ones.is_ascii_digit() && *tens <= most;
        pair.then(|| u64::from(tens - b'0') * 10 + u64::from(ones - b'0'))
    };
    let [h, hh, b':', m, mm, b':', s, ss] = text else { return None };
    Some(two(h, hh, b'9')? * 3600 + two(m, mm, b'5')? * 60 + two(s, ss, b'5')?)
}

/// Whether the minutes and seconds of `HH:MM:SS` are below 60.
fn in_sixties(whole: &str) -> bool {
    let bytes = whole.as_bytes();
    bytes.get(3).is_some_and(|digit| *digit < b'6') && bytes.get(6).is_some_and(|digit| *digit < b'6')
}

fn digits(text: &str) -> Option<u64> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}

/// The nanoseconds of a decimal fraction. Decimals after the ninth are ignored.
fn nanos(fraction: &str) -> Option<u32> {
    if fraction.is_empty() {
        return Some(0);
    }
    let nine = fraction.get(..fraction.len().min(9))?;
    digits(fraction.get(9..).unwrap_or("0").get(..1).unwrap_or("0"))?;
    let value = u32::try_from(digits(nine)?).ok()?;
    value.checked_mul(10_u32.pow(u32::try_from(9 - nine.len()).ok()?))
}

/// A time as in [`duration`], or a percentage `n%`.
pub(crate) fn offset(text: &str) -> Option<Understood<Offset>> {
    let Some(number) = text.strip_suffix('%') else {
        return duration(text)?.map(|time| Some(Offset::Time(time)));
    };
    strict(Offset::Percent(percent(number.trim_end())?))
}

/// Reads an offset: a time (`HH:MM:SS`, `HH:MM:SS.mmm`) or a percentage (`n%`), also in the other spellings that
/// [`parse`](crate::parse()) accepts. `None` for an invalid text.
pub fn parse_offset(text: &str) -> Option<Offset> {
    offset(trim(text))?.value
}

fn percent(number: &str) -> Option<Percent> {
    let (whole, fraction) = number.split_once(['.', ',']).unwrap_or((number, ""));
    let millionths = digits(whole)?.checked_mul(1_000_000)?.checked_add(u64::from(nanos(fraction)? / 1000))?;
    Some(Percent::from_millionths(u32::try_from(millionths).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<T>(reader: ScalarReader<T>, text: &str) -> Option<(T, bool)> {
        let Understood { value, is_loose } = reader(text)?;
        Some((value?, is_loose))
    }

    #[test]
    fn r041_durations() {
        let cases = [
            ("00:00:16", Some((16_000, false))),
            ("12:34:56", Some((45_296_000, false))),
            ("00:60:00", Some((3_600_000, true))),
            ("00:01:30.123", Some((90_123, false))),
            ("100:00:00", Some((360_000_000, true))),
            ("0:00:16", Some((16_000, true))),
            ("01:30", Some((90_000, true))),
            ("30", Some((30_000, true))),
            ("30.5", Some((30_500, true))),
            ("00:00:16,5", Some((16_500, true))),
            ("00:00:01.123456789", Some((1_123, true))),
            ("00:00:01.1234567891", Some((1_123, true))),
            ("00:00:75", Some((75_000, true))),
            ("", None),
            ("undefined", None),
            ("-00:00:10", None),
            ("00:00:+1", None),
            ("1:2:3:4", None),
            ("00::10", None),
            ("99999999999999999999", None),
            ("00:00:01.é", None),
        ];
        for (text, millis) in cases {
            let found = read(duration, text).map(|(value, loose)| (value.as_millis(), loose));
            assert_eq!(found, millis, "{text}");
        }
    }

    #[test]
    fn r042_offsets_are_times_or_shares() {
        assert_eq!(read(offset, "00:00:05"), Some((Offset::Time(Duration::from_secs(5)), false)));
        assert_eq!(read(offset, "3"), Some((Offset::Time(Duration::from_secs(3)), true)));
        assert_eq!(read(offset, "25%"), Some((Offset::Percent(Percent::whole(25)), false)));
        assert_eq!(read(offset, "33.5 %"), Some((Offset::Percent(Percent::from_millionths(33_500_000)), false)));
        assert_eq!(read(offset, "150%"), Some((Offset::Percent(Percent::whole(150)), false)));
        assert_eq!(read(offset, "0%"), Some((Offset::Percent(Percent::whole(0)), false)));
        for text in ["%", "-5%", "x%", "99999%", "soon"] {
            assert_eq!(read(offset, text), None, "{text}");
        }
    }

    #[test]
    fn r043_truth_values() {
        for (text, value) in
            [("true", true), ("1", true), ("TRUE", true), ("false", false), ("0", false), ("False", false)]
        {
            assert_eq!(read(boolean, text).map(|found| found.0), Some(value), "{text}");
        }
        assert_eq!(read(boolean, "yes"), None);
    }

    #[test]
    fn numbers() {
        assert_eq!(read(integer, "640"), Some((640, false)));
        assert_eq!(read(integer, "640px"), Some((640, true)));
        assert_eq!(read(integer, "640.0"), Some((640, true)));
        for text in ["-1", "4294967296", "300MB", "1.5", "px", "."] {
            assert_eq!(read(integer, text), None, "{text}");
        }
        assert_eq!(read(long, "4294967296"), Some((4_294_967_296, false)));
        assert_eq!(read(decimal, "1,5"), Some((1.5, true)));
        assert_eq!(read(decimal, "inf"), None);
    }
}
