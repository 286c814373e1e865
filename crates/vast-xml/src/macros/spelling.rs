//! How macros are written in a URL.

use super::table::Macro;
use memchr::{memchr, memchr3, memmem};

/// Longer names than this are not looked for.
const LONGEST_NAME: usize = 64;

/// How a macro is written.
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
    /// The spelling that begins here, and the length of its opening.
    fn starting(text: &[u8]) -> Option<(Spelling, usize)> {
        match text {
            [b'[', ..] => Some((Spelling::Bracket, 1)),
            [b'%', b'%', ..] => Some((Spelling::Percent, 2)),
            [b'%', b'5', b'B' | b'b', ..] => Some((Spelling::EncodedBracket, 3)),
            [b'$', b'{', ..] => Some((Spelling::Dollar, 2)),
            _ => None,
        }
    }

    /// Where the name in `text` ends, and the length of what closes it.
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

/// The first byte in `text` with which a macro in one of these spellings can begin.
pub(super) fn next_macro(text: &[u8]) -> Option<usize> {
    memchr3(b'[', b'%', b'$', text)
}

/// Whether a macro in one of these spellings can begin with this byte.
pub(super) fn is_macro_start(byte: u8) -> bool {
    matches!(byte, b'[' | b'%' | b'$')
}

/// The macro of the standard that this token is.
pub(super) fn standard_name(token: &str) -> Option<Macro> {
    let (spelling, name, end) = macro_at(token, 0)?;
    if spelling == Spelling::Dollar || end != token.len() { None } else { Macro::from_name(name) }
}

/// The name that is written like a macro at `start`: its spelling, the name, and the place where the macro ends.
pub(super) fn macro_at(template: &str, start: usize) -> Option<(Spelling, &str, usize)> {
    let text = &template.as_bytes()[start..];
    let (spelling, opening) = Spelling::starting(text)?;
    let (length, closing) = spelling.end(&text[opening..])?;
    let name = template.get(start + opening..start + opening + length)?;
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
    is_name.then_some((spelling, name, start + opening + length + closing))
}
