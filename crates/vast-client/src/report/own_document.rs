//! The bytes of the winning document, where they are the answer without any change.

use bytes::Bytes;

use super::result::FetchResult;
use crate::journal::Fact;

impl FetchResult {
    /// The bytes of the winning source's own document, if a player gets from them exactly what [`flatten`](Self::flatten) would give
    /// it: the answer is its only ad, an `InLine`; the document is UTF-8, has only absolute URLs and no deviation from the
    /// standard that had to be repaired; and no impression of the ad was called. `None` otherwise, and without
    /// [`keep_raw`](crate::FetchConfig::keep_raw).
    pub fn own_document(&self) -> Option<&Bytes> {
        let raw = self.raw_response.as_ref()?;
        let ([ad], Some(document), None) = (&*self.ads, &self.document, &self.schedule) else { return None };
        let is_only_ad = self.journal.iter().any(|entry| {
            let Fact::Parsed { document, ads: 1, warnings } = &entry.fact else { return false };
            entry.lane == ad.lane && document.hop == 0 && warnings.is_empty()
        });
        let is_unchanged = ad.ad.wrappers.is_empty() && self.tracked.is_empty() && document.is_self_contained;
        (is_only_ad && is_unchanged && is_utf8(raw)).then_some(raw)
    }
}

/// The declaration of most documents, up to the name of the encoding.
const USUAL: &[u8] = b"<?xml version=\"1.0\" encoding=\"UTF-8\"";

/// Whether the text is UTF-8, does not declare to be anything else, and has only characters that XML allows (section 2.2 of XML 1.0). Text
/// in UTF-16 can be UTF-8 too: it has bytes of the value 0 then.
fn is_utf8(raw: &[u8]) -> bool {
    // Most documents are plain ASCII, which is seen several times as fast.
    if !is_plain_ascii(raw) && (std::str::from_utf8(raw).is_err() || raw.iter().any(|byte| is_refused(*byte))) {
        return false;
    }
    if raw.starts_with(USUAL) {
        return true;
    }
    let text = raw.strip_prefix("\u{feff}".as_bytes()).unwrap_or(raw);
    let declaration = text.strip_prefix(b"<?xml").unwrap_or_default();
    // It ends with the first `>`, or is torn.
    let declaration = declaration.split(|byte| *byte == b'>').next().unwrap_or_default();
    let encoding = declaration.windows(8).position(|word| word == b"encoding");
    let value = encoding.and_then(|at| declaration.get(at + 8..));
    value.is_none_or(|value| {
        let name = value.iter().position(|byte| !byte.is_ascii_whitespace() && !b"='\"".contains(byte));
        let name = name.and_then(|at| value.get(at..at + 5));
        name.is_some_and(|name| name.eq_ignore_ascii_case(b"utf-8"))
    })
}

/// Whether all bytes are ASCII characters that XML allows. Without branches, so that the compiler checks many bytes with one instruction: in a
/// signed byte, what is not ASCII is below all ASCII characters.
fn is_plain_ascii(bytes: &[u8]) -> bool {
    const SPACE: i8 = b' '.cast_signed();
    let is_plain = |byte: u8| (byte.cast_signed() >= SPACE) | (byte == b'\t') | (byte == b'\n') | (byte == b'\r');
    bytes.iter().fold(true, |all, byte| all & is_plain(*byte))
}

/// Whether the byte is a control character that XML does not allow.
fn is_refused(byte: u8) -> bool {
    byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_utf8_that_declares_nothing_else_is_utf8() {
        let cases: [(&[u8], bool); 12] = [
            (b"<VAST/>", true),
            ("\u{feff}<VAST/>".as_bytes(), true),
            ("<VAST>\u{e9}</VAST>".as_bytes(), true),
            (b"<?xml version=\"1.0\" encoding=\"UTF-8\"?><VAST/>", true),
            (b"<?xml version=\"1.0\" encoding=\"UTF-8\"?><VAST>\x01</VAST>", false),
            (b"<?xml version=\"1.0\" encoding=\"UTF-16\"?><VAST/>", false),
            (b"<?xml version='1.0' encoding = 'utf-8'?><VAST/>", true),
            (b"<?xml version='1.0' encoding='ISO-8859-1'?><VAST/>", false),
            (b"<VAST>\xe9</VAST>", false),
            (b"\0<\0V\0A\0S\0T\0/\0>", false),
            (b"<VAST>\x01</VAST>", false),
            (b"<VAST>\r\n\t</VAST>", true),
        ];
        for (text, expected) in cases {
            assert_eq!(is_utf8(text), expected, "{}", String::from_utf8_lossy(text));
        }
    }

    #[test]
    fn a_character_that_xml_refuses_is_found_at_every_place() {
        for place in 0..100 {
            for byte in 0..=0x7f {
                let is_allowed = byte >= b' ' || b"\t\n\r".contains(&byte);
                for more in ["", "\u{e9}"] {
                    let mut text = vec![b'a'; 100];
                    text[place] = byte;
                    text.extend(more.as_bytes());
                    assert_eq!(is_utf8(&text), is_allowed, "{byte} at {place}, {more}");
                }
            }
        }
    }
}
