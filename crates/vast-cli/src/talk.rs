//! What is said to people: lines on stderr.

use std::io::Write;

/// Says one line. Control characters, which may come from anywhere, are shown escaped.
pub(crate) fn line(text: &str) {
    // Whoever closed stderr does not want to hear it.
    drop(writeln!(std::io::stderr().lock(), "{}", escaped(text)));
}

/// Says a mistake: one line, then what may help.
pub(crate) fn mistake(text: &str, hint: Option<&str>) {
    line(&format!("error: {text}"));
    if let Some(hint) = hint {
        line("");
        line(&format!("hint: {hint}"));
    }
}

fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for char in text.chars() {
        if char.is_control() { shown.extend(char.escape_debug()) } else { shown.push(char) }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_from_outside_is_one_line_and_cannot_move_the_cursor() {
        assert_eq!(escaped("a\u{1b}[2J\r\nb\tü"), "a\\u{1b}[2J\\r\\nb\\tü");
    }
}
