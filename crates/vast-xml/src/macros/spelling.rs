//! The forms in which macros are written in a URL.

use super::table::Macro;
use memchr::{memchr, memchr3, memmem};

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

    /// The end of the name in `text`, and the length of the closing characters.
    fn end(self, text: &[u8]) -> Option<(usize, usize)> {
        let window = &text[..text.len().min(LONGEST_NAME + 3)];
        match self {
            Spelling::Bracket => Some((memchr(b']', window)?, 1)),
            Spelling::Percent => Some((memmem::find(window, b"%%")?, 2)),
            Spelling::Dollar => Some((memchr(b'}', window)?, 1)),
            Spelling::EncodedBracket => {
                let end = memchr(b'%', window)?;
                matches!(window.get(end + 1..end + 3), Some(b"5D" | b"5d")).then_some((end, 3))
            }
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
    let (length, closing) = spelling.end(&text[opening..])?;
    let name = template.get(start + opening..start + opening + length)?;
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
    is_name.then_some((spelling, name, start + opening + length + closing))
}
