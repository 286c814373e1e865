//! The attributes of one start tag, scanned once and without copying.

use memchr::memchr;

/// The next part of a start tag.
pub(crate) enum Scanned<'a> {
    Attribute {
        name: &'a str,
        raw: &'a str,
    },
    /// An attribute without quotes, or with quotes that XML does not allow.
    Loose {
        name: &'a str,
        raw: &'a str,
    },
    /// A name without a value.
    Bare(&'a str),
    /// Not well formed from here on.
    Bad(&'a str),
    End,
}

/// Scans a start tag from the end of its name.
pub(crate) struct Scanner<'a> {
    rest: &'a str,
    /// Whether the last value had no quotes. The next word may then belong to that value.
    unquoted: bool,
}

impl<'a> Scanner<'a> {
    pub(crate) fn new(rest: &'a str) -> Scanner<'a> {
        Scanner { rest, unquoted: false }
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
                self.unquoted = false;
                self.rest = behind;
                Scanned::Attribute { name, raw }
            }
            None => self.unusual(),
        }
    }

    #[cold]
    fn unusual(&mut self) -> Scanned<'a> {
        let text = self.rest;
        if let Some((name, raw, behind)) = split_loosely(text) {
            self.unquoted = raw.as_bytes().as_ptr_range().end == behind.as_ptr();
            self.rest = behind;
            return Scanned::Loose { name, raw };
        }
        let (word, behind) = text.split_at(text.bytes().position(is_blank).unwrap_or(text.len()));
        if is_name(word) && !self.unquoted && !trim_start(behind).starts_with('=') {
            self.rest = behind;
            return Scanned::Bare(word);
        }
        Scanned::Bad(std::mem::take(&mut self.rest))
    }
}

/// Splits off `name = "value"`.
fn split(text: &str) -> Option<(&str, &str, &str)> {
    let end = text.bytes().position(|byte| byte == b'=' || is_blank(byte)).filter(|end| *end > 0)?;
    let (name, behind) = text.split_at(end);
    // The usual form: XML quotes.
    let value = match behind.as_bytes() {
        [b'=', b'"', ..] => &behind[1..],
        _ => trim_start(trim_start(behind).strip_prefix('=')?),
    };
    let quote = *value.as_bytes().first().filter(|quote| matches!(quote, b'"' | b'\''))?;
    let length = memchr(quote, &value.as_bytes()[1..])?;
    Some((name, &value[1..=length], &value[length + 2..]))
}

/// Escaped quotes and references to quotes.
const ESCAPED_QUOTES: &[&str] = &[
    "\\\"", "\\'", "&quot;", "&#34;", "&#x22;", "&apos;", "&#39;", "&#x27;", "&ldquo;", "&rdquo;", "&lsquo;", "&rsquo;",
];

/// Typographic quotes, first double, then single ones. U+FFFD is what remains of a quote in another character set.
const TYPED_QUOTES: &[&[char]] = &[
    &['\u{201c}', '\u{201d}', '\u{201e}', '\u{201f}', '\u{2033}', '\u{ff02}', '\u{ab}', '\u{bb}', '\u{fffd}'],
    &['\u{2018}', '\u{2019}', '\u{201a}', '\u{201b}', '\u{2032}', '\u{ff07}', '\u{b4}', '`'],
];

/// Splits off `name = value` with quotes that XML does not allow, or with a value of one word without quotes.
fn split_loosely(text: &str) -> Option<(&str, &str, &str)> {
    let end = text.bytes().position(|byte| byte == b'=' || is_blank(byte)).filter(|end| *end > 0)?;
    let (name, behind) = text.split_at(end);
    if !is_name(name) {
        return None;
    }
    let value = trim_start(trim_start(behind).strip_prefix('=')?);
    if let Some((inside, behind)) = between_quotes(value) {
        return Some((name, inside, behind));
    }
    let end = value.bytes().position(is_blank).unwrap_or(value.len());
    let (word, behind) = value.split_at(end);
    let is_quote = |c: char| matches!(c, '"' | '\'' | '\\') || TYPED_QUOTES.iter().any(|kind| kind.contains(&c));
    let is_escaped = ESCAPED_QUOTES.iter().any(|quote| word.contains(quote));
    let is_word = !word.is_empty() && !is_escaped && !word.contains(['=', '<']) && !word.contains(is_quote);
    is_word.then_some((name, word, behind))
}

/// The value between quotes that XML does not allow, and the text after the closing quote.
fn between_quotes(value: &str) -> Option<(&str, &str)> {
    if let Some(open) = ESCAPED_QUOTES.iter().find(|quote| value.starts_with(**quote)) {
        let inside = &value[open.len()..];
        let closes = open.replacen("&ld", "&rd", 1).replacen("&ls", "&rs", 1);
        return inside.split_once(closes.as_str()).filter(|(inside, _)| !inside.contains(['"', '\'']));
    }
    let first = value.chars().next()?;
    let kind = TYPED_QUOTES.iter().find(|kind| kind.contains(&first))?;
    value[first.len_utf8()..].split_once(*kind).filter(|(inside, _)| !inside.contains(['"', '=']))
}

fn is_name(word: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'_' | b'-' | b'.');
    !word.is_empty() && word.bytes().all(is_part)
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
                Scanned::Bare(name) => found.push(("BARE", name)),
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
            ("a=\u{ab}x\u{bb} b=\u{bb}y\u{ab} c=\u{fffd}z\u{fffd}", &[("a", "x"), ("b", "y"), ("c", "z")]),
            ("a=&ldquo;x&rdquo; b=&#39;y&#39;", &[("a", "x"), ("b", "y")]),
            ("a=1 b=\"2\" c", &[("a", "1"), ("b", "2"), ("BARE", "c")]),
            ("a b=\"1\" c", &[("BARE", "a"), ("b", "1"), ("BARE", "c")]),
        ] {
            assert_eq!(scan(text), found);
        }
    }

    #[test]
    fn malformed_markup_ends_the_tag() {
        for (text, found) in [
            ("a=\"1\" b='2", &[("a", "1"), ("BAD", "b='2")][..]),
            // The word may belong to the value.
            ("a=x y", &[("a", "x"), ("BAD", "y")]),
            ("a= b=\"1\"", &[("BAD", "a= b=\"1\"")]),
            ("a=\u{201c}x b=\"1\"", &[("BAD", "a=\u{201c}x b=\"1\"")]),
            ("a=x\u{201d}", &[("BAD", "a=x\u{201d}")]),
            ("a=\\\\\"x\\\\\"", &[("BAD", "a=\\\\\"x\\\\\"")]),
            ("a=", &[("BAD", "a=")]),
            ("=\"1\"", &[("BAD", "=\"1\"")]),
            ("a=\"1", &[("BAD", "a=\"1")]),
            ("é=\"é\"", &[("é", "é")]),
        ] {
            assert_eq!(scan(text), found);
        }
    }
}
