//! The forms in which macros are written in a URL.

use super::table::Macro;
use memchr::memchr3;

/// The longest name of a macro in bytes. Longer text in brackets is not a macro.
const LONGEST_NAME: usize = 64;

/// The form in which a macro is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spelling {
    /// `[NAME]`
    Bracket,
    /// `%5BNAME%5D`
    EncodedBracket,
    /// `%%NAME%%`
    Percent,
    /// `${NAME}`
    Dollar,
}

impl Spelling {
    /// The form that begins at the start of `text`, and the length of its opening characters.
    fn starting(text: &[u8]) -> Option<(Spelling, usize)> {
        match text {
            [b'[', ..] => Some((Spelling::Bracket, 1)),
            [b'%', b'%', ..] => Some((Spelling::Percent, 2)),
            [b'%', b'5', b'B' | b'b', ..] => Some((Spelling::EncodedBracket, 3)),
            [b'$', b'{', ..] => Some((Spelling::Dollar, 2)),
            _ => None,
        }
    }

    /// The length of the closing characters, if `text` begins with them.
    fn closing(self, text: &[u8]) -> Option<usize> {
        match (self, text) {
            (Spelling::Bracket, [b']', ..]) | (Spelling::Dollar, [b'}', ..]) => Some(1),
            (Spelling::Percent, [b'%', b'%', ..]) => Some(2),
            (Spelling::EncodedBracket, [b'%', b'5', b'D' | b'd', ..]) => Some(3),
            _ => None,
        }
    }
}

/// The index of the first byte in `text` that can begin a macro in one of these forms.
pub(super) fn next_macro(text: &[u8]) -> Option<usize> {
    memchr3(b'[', b'%', b'$', text)
}

/// Whether this byte can begin a macro in one of these forms.
pub(super) fn is_macro_start(byte: u8) -> bool {
    matches!(byte, b'[' | b'%' | b'$')
}

/// The macro of the standard that this token stands for; `None` if there is no such macro.
pub(super) fn standard_name(token: &str) -> Option<Macro> {
    let (spelling, name, end) = macro_at(token, 0)?;
    if spelling == Spelling::Dollar || end != token.len() { None } else { Macro::from_name(name) }
}

/// The macro at `start`, whether its name is known or not: its form, its name, and its end.
pub(super) fn macro_at(template: &str, start: usize) -> Option<(Spelling, &str, usize)> {
    let text = &template.as_bytes()[start..];
    let (spelling, opening) = Spelling::starting(text)?;
    let behind = &text[opening..];
    let window = &behind[..behind.len().min(LONGEST_NAME + 3)];
    // No form closes with a character of a name, so the name ends where its characters end.
    let length = window.iter().position(|byte| !is_of_name(*byte)).filter(|length| *length > 0)?;
    let closing = spelling.closing(&window[length..])?;
    let name = template.get(start + opening..start + opening + length)?;
    Some((spelling, name, start + opening + length + closing))
}

fn is_of_name(byte: u8) -> bool {
    matches!(byte, b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_macro_is_closed_by_its_form_behind_a_name() {
        for (template, expected) in [
            ("[A-b_1.]x", Some((Spelling::Bracket, "A-b_1.", 8))),
            ("%5BA%5Dx", Some((Spelling::EncodedBracket, "A", 7))),
            ("%5bA%5dx", Some((Spelling::EncodedBracket, "A", 7))),
            ("%%A%%%", Some((Spelling::Percent, "A", 5))),
            ("${A}}", Some((Spelling::Dollar, "A", 4))),
            ("[A", None),
            ("[]", None),
            ("%%%%", None),
            ("[A B]", None),
            ("[\u{e4}]", None),
            ("[A%5D", None),
            ("%5BA]", None),
            ("%5BA%5", None),
            ("%%A%B%%", None),
            ("${A]", None),
            ("%5A", None),
            ("$A", None),
            ("A", None),
        ] {
            assert_eq!(macro_at(template, 0), expected, "{template}");
            assert_eq!(macro_at(&format!("x{template}"), 1).map(|found| found.1), expected.map(|found| found.1));
        }
        let longest = "A".repeat(LONGEST_NAME);
        for (open, close) in [("[", "]"), ("%5B", "%5D"), ("%%", "%%"), ("${", "}")] {
            assert!(macro_at(&format!("{open}{longest}{close}"), 0).is_some());
            assert_eq!(macro_at(&format!("{open}{longest}AAA{close}"), 0), None);
        }
    }
}
