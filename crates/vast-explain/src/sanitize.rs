//! Makes untrusted text safe for a terminal, a log and a page.

use std::fmt::Write as _;

/// `text` with control characters, line ends, and bidirectional or invisible formatting characters escaped: they would move the
/// cursor, change colours, or reorder or hide other text.
pub fn sanitize(text: &str) -> String {
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
}
