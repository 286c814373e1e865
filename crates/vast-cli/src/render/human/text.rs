//! Text from elsewhere, made fit for a terminal: no control characters, never wider than its place.

use std::fmt::Write as _;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Stands for what was left out.
const GAP: &str = "…";

/// `text` with every character written out that would move the cursor, change colours, reorder or hide what stands around
/// it: control characters, line ends, bidirectional and invisible formatting.
pub(super) fn clean(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    for char in text.chars() {
        if is_unsafe(char) {
            // Writing to a string cannot fail.
            let _ = write!(cleaned, "{}", char.escape_default());
        } else {
            cleaned.push(char);
        }
    }
    cleaned
}

fn is_unsafe(char: char) -> bool {
    char.is_control()
        || matches!(char,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// How many columns `text` takes.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// `text` with its middle left out where it is wider than `most`: of a URL the host and the file's name stay.
pub(super) fn shorten(text: &str, most: usize) -> String {
    if width(text) <= most {
        return text.to_owned();
    }
    let room = most.saturating_sub(1);
    let tail = last_columns(text, room * 2 / 5);
    let head = first_columns(text, room - width(tail));
    format!("{head}{GAP}{tail}")
}

/// The lines of `text` at `most` columns, at most `lines` of them, broken between words; what fits into one line stays as
/// it is. A word that is wider than a line, a URL for example, is shortened and never broken.
pub(super) fn wrap(text: &str, most: usize, lines: usize) -> Vec<String> {
    let text = text.trim_end();
    if !text.is_empty() && width(text) <= most {
        return vec![text.to_owned()];
    }
    let mut wrapped: Vec<String> = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        match wrapped.last_mut() {
            Some(line) if width(line) + 1 + width(word) <= most => {
                line.push(' ');
                line.push_str(word);
            }
            _ => wrapped.push(shorten(word, most)),
        }
        if wrapped.len() > lines {
            wrapped.truncate(lines);
            mark_cut(wrapped.last_mut(), most);
            break;
        }
    }
    wrapped
}

fn mark_cut(line: Option<&mut String>, most: usize) {
    let Some(line) = line else { return };
    let kept = first_columns(line, most.saturating_sub(2)).trim_end().len();
    line.truncate(kept);
    line.push(' ');
    line.push_str(GAP);
}

fn first_columns(text: &str, most: usize) -> &str {
    let mut used = 0;
    let end = text.char_indices().find(|(_, char)| {
        used += char.width().unwrap_or(0);
        used > most
    });
    text.get(..end.map_or(text.len(), |(index, _)| index)).unwrap_or_default()
}

fn last_columns(text: &str, most: usize) -> &str {
    let mut used = 0;
    let start = text.char_indices().rev().find(|(_, char)| {
        used += char.width().unwrap_or(0);
        used > most
    });
    text.get(start.map_or(0, |(index, char)| index + char.len_utf8())..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_move_the_cursor_or_hide_text_is_written_out() {
        let cases = [
            ("plain ünï 広告", "plain ünï 広告"),
            ("\u{1b}[2J\u{1b}]0;x\u{7}", r"\u{1b}[2J\u{1b}]0;x\u{7}"),
            ("a\r\nb\tc", r"a\r\nb\tc"),
            ("\u{9b}31m", r"\u{9b}31m"),
            ("gpj\u{202e}exe", r"gpj\u{202e}exe"),
            ("zero\u{200b}width", r"zero\u{200b}width"),
        ];
        for (remote, shown) in cases {
            assert_eq!(clean(remote), shown);
        }
    }

    #[test]
    fn a_url_keeps_its_host_and_its_end() {
        let url = "https://cdn.example/campaigns/2026/11/shoes/shoes-1280x720.mp4";
        assert_eq!(shorten(url, 40), "https://cdn.example/camp…es-1280x720.mp4");
        assert_eq!(shorten(url, 100), url);
        assert_eq!(shorten("広告広告広告", 7), "広告…告");
        assert_eq!(shorten("abc", 1), "…");
    }

    #[test]
    fn words_are_kept_whole_and_lines_counted() {
        assert_eq!(wrap("no answer within per_source_timeout", 18, 9), ["no answer within", "per_source_timeout"]);
        assert_eq!(
            wrap("see https://ads.example/very/long/path.xml now", 20, 9),
            ["see", "https://ads.…ath.xml", "now"]
        );
        assert_eq!(wrap("one two three four five", 9, 2), ["one two", "three …"]);
        assert_eq!(wrap("  two  blanks ", 20, 2), ["  two  blanks"]);
        assert!(wrap("  ", 9, 2).is_empty());
    }
}
