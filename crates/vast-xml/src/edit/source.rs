//! The text of a document as UTF-8.

use crate::xml::{declared, decode};
use std::borrow::Cow;

/// The text of a document as UTF-8. A byte order mark is removed, and an XML declaration with another encoding is
/// changed to UTF-8; everything else stays the same. The text is borrowed if nothing has to be converted.
///
/// `charset` is the character set of the HTTP header, if any; see [`decode`](crate::decode()) for the order of
/// precedence. Bytes that do not fit the encoding become U+FFFD.
///
/// ```
/// let latin = b"<?xml version='1.0' encoding='ISO-8859-1'?><VAST  version='3.0'>\xe9</VAST>";
/// let text = vast_xml::edit::source_text(latin, None);
/// assert_eq!(text, "<?xml version='1.0' encoding='UTF-8'?><VAST  version='3.0'>é</VAST>");
/// ```
pub fn source_text<'a>(input: &'a [u8], charset: Option<&str>) -> Cow<'a, str> {
    let text = decode(input, charset).text;
    match declared(text.as_bytes()) {
        Some(name) if !text[name.clone()].eq_ignore_ascii_case("utf-8") => {
            Cow::Owned([&text[..name.start], "UTF-8", &text[name.end..]].concat())
        }
        _ => text,
    }
}
