//! Makes untrusted text safe for a terminal and a log.

use std::fmt::Write as _;

/// `text` with control characters, line ends, and bidirectional or invisible formatting characters escaped: they would move the
/// cursor, change colours, or reorder or hide other text.
pub(crate) fn sanitize(text: &str) -> String {
    let mut sanitized = String::with_capacity(text.len());
    for char in text.chars() {
        if is_unsafe(char) {
            // Writing to a string cannot fail.
            let _ = write!(sanitized, "{}", char.escape_default());
        } else {
            sanitized.push(char);
        }
    }
    sanitized
}

fn is_unsafe(char: char) -> bool {
    char.is_control()
        || matches!(char,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// `text` without the user names, passwords, queries and fragments of the URLs in it.
pub(crate) fn redact(text: &str) -> String {
    let mut redacted = String::with_capacity(text.len());
    for word in text.split_inclusive(ends_url) {
        redact_word(word, &mut redacted);
    }
    redacted
}

/// Whether a URL in a message ends before this character.
fn ends_url(char: char) -> bool {
    char.is_whitespace() || matches!(char, '`' | '\'' | '"' | '<' | '>' | '(' | ')' | ',')
}

fn redact_word(word: &str, redacted: &mut String) {
    let (url, end) = word.split_at(word.trim_end_matches(ends_url).len());
    let starts_query = |char: char| char == '?' || (char == '#' && url.contains("://"));
    let (address, has_query) = match url.split_once(starts_query) {
        // A question mark at the end belongs to the sentence.
        Some((address, query)) => (address, !query.trim_matches([':', '.', ';', '?']).is_empty()),
        None => (url, false),
    };
    match user_info(address) {
        Some(range) => {
            redacted.push_str(&address[..range.start]);
            redacted.push_str("...");
            redacted.push_str(&address[range.end..]);
        }
        None => redacted.push_str(address),
    }
    if has_query {
        redacted.push_str("?...");
        let punctuation = url.len() - url.trim_end_matches([':', '.', ';', '?']).len();
        redacted.push_str(&url[url.len() - punctuation..]);
    } else {
        redacted.push_str(&url[address.len()..]);
    }
    redacted.push_str(end);
}

/// The range of `user:password` in the address of a URL.
fn user_info(address: &str) -> Option<std::ops::Range<usize>> {
    let start = address.find("://")? + "://".len();
    let authority = address[start..].split('/').next().unwrap_or_default();
    authority.rfind('@').map(|length| start..start + length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unsafe_characters_are_escaped() {
        let cases = [
            ("plain ünï 広告", "plain ünï 広告"),
            ("\u{1b}[2J\u{1b}]0;x\u{7}", r"\u{1b}[2J\u{1b}]0;x\u{7}"),
            ("a\r\nb\tc", r"a\r\nb\tc"),
            ("\u{9b}31m", r"\u{9b}31m"),
            ("gpj\u{202e}exe", r"gpj\u{202e}exe"),
            ("zero\u{200b}width", r"zero\u{200b}width"),
        ];
        for (text, expected) in cases {
            assert_eq!(sanitize(text), expected);
        }
    }

    #[test]
    fn secrets_in_urls_are_left_out() {
        let cases = [
            ("no URL: 5 of 7 (a, b)?", "no URL: 5 of 7 (a, b)?"),
            ("https://u:p@h.example/a?k=v: status 404", "https://...@h.example/a?...: status 404"),
            ("SOURCE `east=https://u:p@h/?k`: wrong", "SOURCE `east=https://...@h/?...`: wrong"),
            ("`ads.example/vast?k=v`: No such file", "`ads.example/vast?...`: No such file"),
            ("did you mean VC-expired?; see the list", "did you mean VC-expired?; see the list"),
            ("did you mean `https://h/v`?", "did you mean `https://h/v`?"),
            ("did you mean `https://h/v?k=v`?", "did you mean `https://h/v?...`?"),
            ("see https://h/a#k=v.", "see https://h/a?...."),
            ("https://h/a@b/c", "https://h/a@b/c"),
            ("files#1 GET /empty.xml", "files#1 GET /empty.xml"),
            ("Linear@skipoffset: dropped", "Linear@skipoffset: dropped"),
        ];
        for (text, expected) in cases {
            assert_eq!(redact(text), expected);
        }
    }
}
