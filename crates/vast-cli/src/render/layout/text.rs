//! Measuring, shortening and wrapping text for a terminal.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The text that replaces an omitted part.
const GAP: &str = "…";

/// The number of terminal columns of `text`.
pub(crate) fn columns(text: &str) -> usize {
    text.width()
}

/// `text` without its middle part when it is wider than `most`. The host and the file name of a URL stay.
pub(crate) fn shorten(text: &str, most: usize) -> String {
    if columns(text) <= most {
        return text.to_owned();
    }
    let room = most.saturating_sub(1);
    let tail = last_columns(text, room * 2 / 5);
    let head = first_columns(text, room - columns(tail));
    format!("{head}{GAP}{tail}")
}

/// `text` in at most `lines` lines of at most `most` columns, broken between words. A text that fits into one line is not changed. A
/// word that is wider than a line, such as a URL, is shortened and never broken.
pub(crate) fn wrap(text: &str, most: usize, lines: usize) -> Vec<String> {
    let text = text.trim_end();
    if !text.is_empty() && columns(text) <= most {
        return vec![text.to_owned()];
    }
    let mut wrapped: Vec<String> = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        match wrapped.last_mut() {
            Some(line) if columns(line) + 1 + columns(word) <= most => {
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
    fn a_url_keeps_its_host_and_its_end() {
        let url = "https://cdn.example/campaigns/2026/11/shoes/shoes-1280x720.mp4";
        assert_eq!(shorten(url, 40), "https://cdn.example/camp…es-1280x720.mp4");
        assert_eq!(shorten(url, 100), url);
        assert_eq!(shorten("広告広告広告", 7), "広告…告");
        assert_eq!(shorten("abc", 1), "…");
    }

    #[test]
    fn words_are_not_broken_and_lines_are_limited() {
        assert_eq!(wrap("no answer within source_timeout", 18, 9), ["no answer within", "source_timeout"]);
        assert_eq!(
            wrap("see https://ads.example/very/long/path.xml now", 20, 9),
            ["see", "https://ads.…ath.xml", "now"]
        );
        assert_eq!(wrap("one two three four five", 9, 2), ["one two", "three …"]);
        assert_eq!(wrap("  two  blanks ", 20, 2), ["  two  blanks"]);
        assert!(wrap("  ", 9, 2).is_empty());
    }
}
