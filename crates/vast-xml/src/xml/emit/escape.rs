//! Escapes the characters that have a meaning in XML and drops those that XML forbids.

use crate::xml::charset::is_allowed;

/// The place where a text is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Spot {
    Text,
    Attribute,
}

/// How carriage returns in CDATA are written. XML readers turn those that are written as they are into line feeds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Returns {
    /// Written as they are.
    Raw,
    /// Written as references between two sections.
    Referenced,
}

/// Whether a character is `DEL` or one of the C1 controls. XML allows but discourages them. Terminals may execute them, so
/// they are written only as references.
pub(crate) fn is_terminal_control(character: char) -> bool {
    matches!(character, '\u{7f}'..='\u{9f}')
}

/// Appends `text` to `out`: `replace` writes each special character and each control character that terminals may execute, and
/// characters that XML forbids are dropped. Special characters are ASCII.
fn copy(out: &mut String, text: &str, is_special: impl Fn(u8) -> bool, replace: impl Fn(&mut String, char)) {
    let is_suspect = |byte: u8| is_control(byte) | is_special(byte);
    let is_special = |character| u8::try_from(character).is_ok_and(&is_special) || is_terminal_control(character);
    let mut rest = text;
    while let Some(at) = position(rest.as_bytes(), &is_suspect) {
        let (plain, behind) = rest.split_at(at);
        out.push_str(plain);
        let mut characters = behind.chars();
        match characters.next() {
            Some(character) if !is_allowed(character) => {}
            Some(character) if is_special(character) => replace(out, character),
            Some(character) => out.push(character),
            None => {}
        }
        rest = characters.as_str();
    }
    out.push_str(rest);
}

/// Whether the text has no control character, no character that XML forbids, and none that [`cdata`] looks at. May be false for other
/// texts.
pub(super) fn is_plain(text: &str) -> bool {
    position(text.as_bytes(), &|byte| is_control(byte) | is_end_of_section(byte)).is_none()
}

/// Whether the end of a CDATA section, or a carriage return, may end with this byte.
fn is_end_of_section(byte: u8) -> bool {
    (byte == b'>') | (byte == b'\r')
}

/// Whether a control character or a character that XML forbids may begin with this byte. XML forbids ASCII control characters,
/// U+FFFE and U+FFFF. In UTF-8, the latter two begin with 0xEF, C1 controls with 0xC2.
fn is_control(byte: u8) -> bool {
    // Without branches, so that the compiler checks many bytes with one instruction.
    (byte < b' ') | (byte == 0x7f) | (byte == 0xc2) | (byte == 0xef)
}

/// The index of the first wanted byte. It checks 16 bytes together, because texts are long and such bytes are rare.
fn position(bytes: &[u8], is_wanted: &impl Fn(u8) -> bool) -> Option<usize> {
    let is_free = |piece: &[u8; 16]| !piece.iter().fold(false, |found, byte| found | is_wanted(*byte));
    let (pieces, rest) = bytes.as_chunks::<16>();
    let free = pieces.iter().take_while(|piece| is_free(piece)).count();
    if free == pieces.len() {
        // No letter is wanted, so the rest can be filled up with one.
        let mut last = [b'a'; 16];
        last[..rest.len()].copy_from_slice(rest);
        if is_free(&last) {
            return None;
        }
    }
    let free = free * 16;
    bytes[free..].iter().position(|byte| is_wanted(*byte)).map(|at| free + at)
}

/// The text with references for the characters of markup, as `@xmlEncoded` announces it.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    push_escaped(&mut escaped, text, Spot::Text);
    escaped
}

/// Appends `text`, escaped. Tabs and line feeds in attribute values and all carriage returns become references, because
/// XML readers change those that are written as they are.
pub(super) fn push_escaped(out: &mut String, text: &str, spot: Spot) {
    let in_attribute = spot == Spot::Attribute;
    let is_special = |byte| {
        let blank_or_quote = (byte == b'"') | (byte == b'\t') | (byte == b'\n');
        (byte == b'&') | (byte == b'<') | (byte == b'>') | (byte == b'\r') | (in_attribute & blank_or_quote)
    };
    copy(out, text, is_special, |out, character| match character {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        '"' => out.push_str("&quot;"),
        _ => out.push_str(&format!("&#{};", u32::from(character))),
    });
}

pub(super) fn cdata(out: &mut String, text: &str, returns: Returns) {
    out.push_str("<![CDATA[");
    copy(out, text, is_end_of_section, |out, character| match character {
        // A forbidden character between these three may have been dropped, so check the written text and not `text`.
        '>' if out.ends_with("]]") => out.push_str("]]><![CDATA[>"),
        '\r' if returns == Returns::Referenced => out.push_str("]]>&#13;<![CDATA["),
        character if is_terminal_control(character) => {
            out.push_str(&format!("]]>&#{};<![CDATA[", u32::from(character)));
        }
        _ => out.push(character),
    });
    out.push_str("]]>");
}

pub(super) fn comment(out: &mut String, text: &str) {
    out.push_str("<!--");
    let start = out.len();
    copy(
        out,
        text,
        |byte| byte == b'-',
        |out, character| {
            if is_terminal_control(character) {
                return;
            }
            if out.len() > start && out.ends_with('-') {
                out.push(' ');
            }
            out.push(character);
        },
    );
    if out.len() > start && out.ends_with('-') {
        out.push(' ');
    }
    out.push_str("-->");
}
