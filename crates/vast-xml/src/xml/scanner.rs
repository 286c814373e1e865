//! The attributes of one start tag, scanned once and without copying.

use memchr::memchr;

/// What comes next in a tag.
pub(crate) enum Scanned<'a> {
    Attribute {
        name: &'a str,
        raw: &'a str,
    },
    /// The same with quotes that are missing or of another kind than XML's.
    Loose {
        name: &'a str,
        raw: &'a str,
    },
    /// Not well formed from here on.
    Bad(&'a str),
    End,
}

/// The rest of a tag behind its name.
pub(crate) struct Scanner<'a> {
    rest: &'a str,
}

impl<'a> Scanner<'a> {
    pub(crate) fn new(rest: &'a str) -> Scanner<'a> {
        Scanner { rest }
    }

    /// How many bytes are not yet scanned.
    pub(crate) fn remaining(&self) -> usize {
        self.rest.len()
    }

    #[inline]
    pub(crate) fn next(&mut self) -> Scanned<'a> {
        self.rest = trim_start(self.rest);
        if self.rest.is_empty() {
            return Scanned::End;
        }
        match split(self.rest) {
            Some((name, raw, behind)) => {
                self.rest = behind;
                Scanned::Attribute { name, raw }
            }
            None => match split_loosely(self.rest) {
                Some((name, raw, behind)) => {
                    self.rest = behind;
                    Scanned::Loose { name, raw }
                }
                None => Scanned::Bad(std::mem::take(&mut self.rest)),
            },
        }
    }
}

/// Splits off `name = "value"`.
fn split(text: &str) -> Option<(&str, &str, &str)> {
    let end = text.bytes().position(|byte| byte == b'=' || is_blank(byte)).filter(|end| *end > 0)?;
    let (name, behind) = text.split_at(end);
    // Nearly always it stands so.
    let value = match behind.as_bytes() {
        [b'=', b'"', ..] => &behind[1..],
        _ => trim_start(trim_start(behind).strip_prefix('=')?),
    };
    let quote = *value.as_bytes().first().filter(|quote| matches!(quote, b'"' | b'\''))?;
    let length = memchr(quote, &value.as_bytes()[1..])?;
    Some((name, &value[1..=length], &value[length + 2..]))
}

/// Quotes that are meant as such: escaped ones, those of text processors, and references.
const LOOSE_QUOTES: &[(&str, &str)] = &[
    ("\\\"", "\\\""),
    ("\\'", "\\'"),
    ("\u{201c}", "\u{201d}"),
    ("\u{201c}", "\u{201c}"),
    ("\u{201d}", "\u{201d}"),
    ("\u{201e}", "\u{201c}"),
    ("\u{2018}", "\u{2019}"),
    ("\u{2019}", "\u{2019}"),
    ("\u{ab}", "\u{bb}"),
    ("`", "`"),
    ("&quot;", "&quot;"),
    ("&#34;", "&#34;"),
    ("&apos;", "&apos;"),
];

/// Splits off `name = value` where the quotes are of another kind, or where there are none and the value is one word.
#[cold]
fn split_loosely(text: &str) -> Option<(&str, &str, &str)> {
    let end = text.bytes().position(|byte| byte == b'=' || is_blank(byte)).filter(|end| *end > 0)?;
    let (name, behind) = text.split_at(end);
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'_' | b'-' | b'.');
    if !name.bytes().all(is_name) {
        return None;
    }
    let value = trim_start(trim_start(behind).strip_prefix('=')?);
    for (open, close) in LOOSE_QUOTES {
        if let Some(inside) = value.strip_prefix(open)
            && let Some(end) = inside.find(close)
        {
            return Some((name, &inside[..end], &inside[end + close.len()..]));
        }
    }
    let end = value.bytes().position(is_blank).unwrap_or(value.len());
    let (word, behind) = value.split_at(end);
    let is_word = !word.is_empty() && !word.contains(['"', '\'', '=', '<', '`']);
    is_word.then_some((name, word, behind))
}

fn trim_start(text: &str) -> &str {
    let blanks = text.bytes().take_while(|byte| is_blank(*byte)).count();
    &text[blanks..]
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(text: &str) -> Vec<(&str, &str)> {
        let mut scanner = Scanner::new(text);
        let mut found = Vec::new();
        loop {
            match scanner.next() {
                Scanned::Attribute { name, raw } => found.push((name, raw)),
                Scanned::Loose { name, raw } => found.push((name, raw)),
                Scanned::Bad(rest) => return [found, vec![("BAD", rest)]].concat(),
                Scanned::End => return found,
            }
        }
    }

    #[test]
    fn reads_both_quotes_and_blanks_anywhere() {
        assert_eq!(scan(" a=\"1\"\n b = '2>\"' c=''"), [("a", "1"), ("b", "2>\""), ("c", "")]);
        assert_eq!(scan("  "), []);
    }

    #[test]
    fn quotes_of_other_kinds_and_missing_ones_are_read() {
        for (text, found) in [
            ("a=1 b=x/y;z", &[("a", "1"), ("b", "x/y;z")][..]),
            ("a=\\\"start it\\\" b=\"2\"", &[("a", "start it"), ("b", "2")]),
            ("a=\u{201c}x y\u{201d} b=&quot;z&quot;", &[("a", "x y"), ("b", "z")]),
            ("a = `x` b='y'", &[("a", "x"), ("b", "y")]),
        ] {
            assert_eq!(scan(text), found);
        }
    }

    #[test]
    fn what_is_not_well_formed_ends_the_tag() {
        for (text, found) in [
            ("a=\"1\" b", &[("a", "1"), ("BAD", "b")][..]),
            ("a=\"1\" b='2", &[("a", "1"), ("BAD", "b='2")]),
            ("a", &[("BAD", "a")]),
            ("a=", &[("BAD", "a=")]),
            ("=\"1\"", &[("BAD", "=\"1\"")]),
            ("a=\"1", &[("BAD", "a=\"1")]),
            ("é=\"é\"", &[("é", "é")]),
        ] {
            assert_eq!(scan(text), found);
        }
    }
}
