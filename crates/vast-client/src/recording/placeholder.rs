//! Placeholders: texts that stand for personal values.
//!
//! A placeholder is as long as its value and has a letter for each letter and a digit for each digit; other characters stay. So a URL
//! stays a URL, percent-encoding and positions do not change, and shortening a user agent or an address gives the same as shortening
//! its placeholder.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;

use fastrand::Rng;

/// How often a random placeholder is drawn before the next free one is counted.
const DRAWS: usize = 8;

/// Draws placeholders. The same value always gets the same placeholder, and two values never share one.
pub(super) struct PlaceholderTable {
    rng: Rng,
    by_value: HashMap<Vec<u8>, Vec<u8>>,
    issued: HashSet<Vec<u8>>,
    /// The values that the host gave.
    given: HashSet<Vec<u8>>,
}

impl PlaceholderTable {
    pub(super) fn new(rng: Rng) -> Self {
        Self { rng, by_value: HashMap::new(), issued: HashSet::new(), given: HashSet::new() }
    }

    /// Whether the text is a placeholder itself.
    pub(super) fn has_issued(&self, text: &[u8]) -> bool {
        self.issued.contains(text)
    }

    /// The placeholder that stands for `value`, if there is one.
    pub(super) fn get(&self, value: &[u8]) -> Option<&[u8]> {
        self.by_value.get(value).map(Vec::as_slice)
    }

    /// Notes that the host gave `value`.
    pub(super) fn set_given(&mut self, value: &[u8]) {
        self.given.insert(value.to_vec());
    }

    /// Whether the host gave `value`.
    pub(super) fn is_given(&self, value: &[u8]) -> bool {
        self.given.contains(value)
    }

    /// The placeholder that stands for `value`, a text without a fixed form.
    pub(super) fn of_text(&mut self, value: &str) -> String {
        let placeholder = self.of_bytes(value.as_bytes());
        String::from_utf8_lossy(&placeholder).into_owned()
    }

    /// The placeholder that stands for the bytes `value`, which are a text or parts of one.
    pub(super) fn of_bytes(&mut self, value: &[u8]) -> Vec<u8> {
        if let Some(known) = self.by_value.get(value) {
            return known.clone();
        }
        let is_hexadecimal = value.iter().filter(|byte| byte.is_ascii_alphabetic()).all(u8::is_ascii_hexdigit);
        let mut drawn = value.to_vec();
        for _ in 0..DRAWS {
            for (new, old) in drawn.iter_mut().zip(value) {
                *new = drawn_byte(&mut self.rng, *old, is_hexadecimal);
            }
            keep_scheme(&mut drawn, value);
            if drawn != value && !self.issued.contains(&drawn) {
                break;
            }
        }
        // There are as many texts of this form as values of this form, so one of them is not used yet.
        let mut tries = 0;
        while (drawn == value || self.issued.contains(&drawn)) && tries < self.issued.len() + 2 {
            count_up(&mut drawn, is_hexadecimal);
            tries += 1;
        }
        self.issue(value, drawn)
    }

    /// The placeholder that stands for an address: a reserved address of the same length, if it has the usual form.
    pub(super) fn of_ip(&mut self, ip: IpAddr) -> IpAddr {
        let text = ip.to_string();
        if let Some(known) = self.by_value.get(text.as_bytes()).and_then(|known| parse_ip(known)) {
            return known;
        }
        for _ in 0..DRAWS {
            let drawn = match ip {
                IpAddr::V4(_) => drawn_v4(&mut self.rng, &text),
                IpAddr::V6(_) => drawn_v6(&mut self.rng, &text),
            };
            let parsed = drawn.parse::<IpAddr>().ok().filter(|parsed| parsed.to_string() == drawn && *parsed != ip);
            if let Some(parsed) = parsed.filter(|_| !self.issued.contains(drawn.as_bytes())) {
                self.issue(text.as_bytes(), drawn.into_bytes());
                return parsed;
            }
        }
        let fallback: IpAddr = match ip {
            IpAddr::V4(_) => [192, 0, 2, 1].into(),
            IpAddr::V6(_) => [0x2001, 0xdb8, 0, 0, 0, 0, 0, 1].into(),
        };
        self.issue(text.as_bytes(), fallback.to_string().into_bytes());
        fallback
    }

    /// Decides that `placeholder` stands for `value`.
    pub(super) fn issue(&mut self, value: &[u8], placeholder: Vec<u8>) -> Vec<u8> {
        self.issued.insert(placeholder.clone());
        self.by_value.insert(value.to_vec(), placeholder.clone());
        placeholder
    }
}

fn parse_ip(text: &[u8]) -> Option<IpAddr> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// A random byte of the class of `byte`. The bytes of characters outside of ASCII become those of one fixed character, so that the
/// text stays UTF-8.
fn drawn_byte(rng: &mut Rng, byte: u8, is_hexadecimal: bool) -> u8 {
    let last = if is_hexadecimal { 5 } else { 25 };
    match byte {
        b'0'..=b'9' => rng.u8(b'0'..=b'9'),
        b'a'..=b'z' => rng.u8(b'a'..=b'a' + last),
        b'A'..=b'Z' => rng.u8(b'A'..=b'A' + last),
        0x80..=0xbf => 0x95,
        0xc2..=0xdf => 0xc3,
        0xe0..=0xef => 0xe5,
        0xf0..=0xf4 => 0xf1,
        other => other,
    }
}

/// A URL keeps its scheme, so that it stays one.
fn keep_scheme(placeholder: &mut [u8], value: &[u8]) {
    let schemes = [&b"https://"[..], b"http://"];
    let scheme = schemes
        .into_iter()
        .find(|scheme| value.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)));
    let length = scheme.map_or(0, <[u8]>::len);
    placeholder.iter_mut().zip(value).take(length).for_each(|(new, old)| *new = *old);
}

/// The next text of the same form.
fn count_up(text: &mut [u8], is_hexadecimal: bool) {
    let last = if is_hexadecimal { 5 } else { 25 };
    for byte in text.iter_mut().rev() {
        let (first, end) = match *byte {
            b'0'..=b'9' => (b'0', b'9'),
            b'a'..=b'z' => (b'a', b'a' + last),
            b'A'..=b'Z' => (b'A', b'A' + last),
            _ => continue,
        };
        if *byte < end {
            *byte += 1;
            return;
        }
        *byte = first;
    }
}

/// An IPv4 address whose parts have as many digits as those of `text`, in a range that is not routed: 0/8, 10/8 or 240/4.
fn drawn_v4(rng: &mut Rng, text: &str) -> String {
    let parts = text.split('.').enumerate().map(|(place, part)| match (place, part.len()) {
        (0, 1) => 0,
        (0, 2) => 10,
        (0, _) => rng.u8(240..=254),
        (_, 1) => rng.u8(1..=9),
        (_, 2) => rng.u8(10..=99),
        _ => rng.u8(100..=254),
    });
    parts.map(|part| part.to_string()).collect::<Vec<_>>().join(".")
}

/// An IPv6 address whose parts have as many digits as those of `text`. One that begins with four digits is in the range fc00::/7, which
/// is not routed. Zeros stay, so that both addresses are shortened at the same place; an IPv4 address that is mapped stays one.
fn drawn_v6(rng: &mut Rng, text: &str) -> String {
    const MAPPED: &str = "::ffff:";
    if let Some(mapped) = text.strip_prefix(MAPPED).filter(|rest| rest.contains('.')) {
        return format!("{MAPPED}{}", drawn_v4(rng, mapped));
    }
    let digit = |rng: &mut Rng, first: bool| char::from(b"0123456789abcdef"[rng.usize(usize::from(first)..16)]);
    let parts = text.split(':').enumerate().map(|(place, part)| {
        if part.contains('.') {
            return drawn_v4(rng, part);
        }
        if part == "0" {
            return part.to_owned();
        }
        let drawn: String = (0..part.len()).map(|index| digit(rng, index == 0)).collect();
        match drawn.get(2..) {
            Some(rest) if place == 0 && part.len() == 4 => format!("fd{rest}"),
            _ => drawn,
        }
    });
    parts.collect::<Vec<_>>().join(":")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> PlaceholderTable {
        PlaceholderTable::new(Rng::with_seed(1))
    }

    fn form(text: &str) -> String {
        let class = |char: char| match char {
            '0'..='9' => '0',
            'a'..='z' => 'a',
            'A'..='Z' => 'A',
            other => other,
        };
        text.chars().map(class).collect()
    }

    #[test]
    fn a_placeholder_has_the_form_of_its_value() {
        let mut table = table();
        for value in
            ["6D92078a-8246-4ba4-ae5b-76104861e7dc", "Mozilla/5.0 (Linux; Android 13; X1) Chrome/112.0", "1YNN"]
        {
            let placeholder = table.of_text(value);
            assert_eq!(form(&placeholder), form(value));
            assert_ne!(placeholder, value);
            assert_eq!(table.of_text(value), placeholder, "the same value gets the same placeholder");
        }
        let page = table.of_text("https://page.example/a?b=1");
        assert!(page.starts_with("https://") && !page.contains("page.example"), "{page}");
        assert_eq!(table.of_text("Jürgen 北京 😀").len(), "Jürgen 北京 😀".len());
    }

    #[test]
    fn two_values_never_share_a_placeholder() {
        let mut table = table();
        let drawn: HashSet<String> = (0..10).map(|digit| table.of_text(&digit.to_string())).collect();
        assert_eq!(drawn.len(), 10);
    }

    #[test]
    fn the_placeholder_of_an_address_is_a_reserved_address_of_the_same_length() {
        let mut table = table();
        for text in [
            "203.0.113.9",
            "8.8.8.8",
            "85.10.2.77",
            "2001:db8:85a3::8a2e:370:7334",
            "2a02:8108:9640::1",
            "2001:db8:0:7::5",
            "::1",
            "::ffff:203.0.113.9",
        ] {
            let ip: IpAddr = text.parse().expect("an address");
            let placeholder = table.of_ip(ip);
            assert_ne!(placeholder, ip);
            assert_eq!(placeholder.to_string().len(), text.len(), "{placeholder}");
            assert_eq!(table.of_ip(ip), placeholder);
            if let IpAddr::V4(placeholder) = placeholder {
                assert!(matches!(placeholder.octets()[0], 0 | 10 | 240..), "{placeholder}");
            }
        }
    }
}
