//! [`Text`]: a string that is usually a range of the document from which it was read.

use std::borrow::{Borrow, Cow};
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::num::NonZeroU64;
use std::ops::{Deref, Range};
use std::sync::Arc;

/// A read-only string, cheap to clone and safe to send between threads.
///
/// If a value is in the document in its final form, the `Text` is a range of the document's buffer, and nothing is
/// copied. The buffer is kept in memory as long as any `Text` of it exists. Values that are stored for longer than a
/// request should be [`Text::detached`], so that a single tracker does not keep a whole document in memory.
#[derive(Clone)]
pub struct Text {
    /// `None` for an empty text, so that no references are counted for it.
    buffer: Option<Arc<str>>,
    place: TextRange,
}

/// A range of 32-bit offsets in one number: the processor stalls when it copies together what was written in two parts. The upper
/// half is the end, which is not zero, so that an `Option<Text>` is no larger than a `Text`.
#[derive(Clone, Copy)]
struct TextRange(NonZeroU64);

impl TextRange {
    const NONE: TextRange = TextRange(NonZeroU64::MIN);

    /// `None` if the end is zero or does not fit 32 bits.
    #[inline(always)]
    fn new(range: Range<usize>) -> Option<TextRange> {
        let (start, end) = (u32::try_from(range.start).ok()?, u32::try_from(range.end).ok()?);
        if end == 0 { None } else { NonZeroU64::new(u64::from(end) << 32 | u64::from(start)).map(TextRange) }
    }

    #[inline(always)]
    fn range(self) -> Range<usize> {
        let both = self.0.get();
        both as u32 as usize..(both >> 32) as usize
    }
}

impl Text {
    /// A copy of the text in a separate buffer. It does not keep the document in memory.
    pub fn detached(&self) -> Text {
        match &self.buffer {
            Some(buffer) if self.len() != buffer.len() => Text::from(self.as_str()),
            _ => self.clone(),
        }
    }

    /// The text as a `str`.
    pub fn as_str(&self) -> &str {
        self.buffer.as_deref().and_then(|buffer| buffer.get(self.place.range())).unwrap_or_default()
    }

    /// The bytes of the text. They are found without a look at the characters at its ends.
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        self.buffer.as_deref().and_then(|buffer| buffer.as_bytes().get(self.place.range())).unwrap_or_default()
    }

    /// Whether it is the empty text. It does not look at the characters.
    pub(crate) fn is_nothing(&self) -> bool {
        self.buffer.is_none()
    }

    /// A range of `buffer`. The text is copied only if the range does not fit 32 bits.
    #[inline(always)]
    pub(crate) fn slice(buffer: &Arc<str>, range: Range<usize>) -> Text {
        if range.is_empty() {
            return Text::default();
        }
        // One expression for both cases: a text that another function returns would be in memory, not in registers.
        let (buffer, place) = match TextRange::new(range.clone()) {
            Some(place) => (Arc::clone(buffer), place),
            None => far_piece(buffer, range),
        };
        Text { buffer: Some(buffer), place }
    }
}

/// A copy of a piece that ends after 4 GiB.
#[cold]
fn far_piece(buffer: &str, range: Range<usize>) -> (Arc<str>, TextRange) {
    let piece = buffer.get(range).unwrap_or_default();
    let end = u32::try_from(piece.len()).unwrap_or_else(|_| last_boundary(piece)) as usize;
    (Arc::from(&piece[..end]), TextRange::new(0..end).unwrap_or(TextRange::NONE))
}

impl Default for Text {
    /// The empty text.
    fn default() -> Text {
        Text { buffer: None, place: TextRange::NONE }
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl From<Arc<str>> for Text {
    /// A text of at most 4 GiB. A longer text is cut at the last character that fits.
    fn from(buffer: Arc<str>) -> Text {
        let end = u32::try_from(buffer.len()).unwrap_or_else(|_| last_boundary(&buffer));
        match TextRange::new(0..end as usize) {
            Some(place) => Text { buffer: Some(buffer), place },
            None => Text::default(),
        }
    }
}

/// The last character boundary that fits 32 bits.
fn last_boundary(text: &str) -> u32 {
    (0..=u32::MAX).rev().find(|end| text.is_char_boundary(*end as usize)).unwrap_or_default()
}

impl From<&str> for Text {
    fn from(text: &str) -> Text {
        // Nothing is allocated for an empty text.
        if text.is_empty() { Text::default() } else { Text::from(Arc::<str>::from(text)) }
    }
}

impl From<String> for Text {
    fn from(text: String) -> Text {
        Text::from(Arc::<str>::from(text))
    }
}

impl From<Cow<'_, str>> for Text {
    fn from(text: Cow<'_, str>) -> Text {
        Text::from(Arc::<str>::from(text))
    }
}

impl From<&Text> for Text {
    fn from(text: &Text) -> Text {
        text.clone()
    }
}

impl From<Text> for String {
    fn from(text: Text) -> String {
        text.as_str().to_owned()
    }
}

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        self
    }
}

/// `Text` hashes and compares like its `str`, so a map with `Text` keys can be searched with a `&str`.
impl Borrow<str> for Text {
    fn borrow(&self) -> &str {
        self
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Text) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Text {}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl PartialEq<Text> for str {
    fn eq(&self, other: &Text) -> bool {
        self == other.as_str()
    }
}

impl PartialEq<Text> for &str {
    fn eq(&self, other: &Text) -> bool {
        *self == other.as_str()
    }
}

impl PartialOrd for Text {
    fn partial_cmp(&self, other: &Text) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Text {
    fn cmp(&self, other: &Text) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl Hash for Text {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), formatter)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.as_str(), formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slice_has_its_characters() {
        let document = Arc::<str>::from("<Error>https://a.example/é</Error>");
        let text = Text::slice(&document, 7..27);
        assert_eq!(text, "https://a.example/é");
        assert_eq!(text.to_string(), "https://a.example/é");
    }

    #[test]
    fn detached_lets_the_document_go() {
        let document = Arc::<str>::from("0123456789");
        let text = Text::slice(&document, 2..4);
        let own = text.detached();
        drop(text);
        assert_eq!(Arc::strong_count(&document), 1);
        assert_eq!(own, "23");
    }

    #[test]
    fn an_empty_and_an_absent_text_need_no_memory() {
        for empty in [Text::default(), Text::from(""), Text::slice(&Arc::from("abc"), 1..1)] {
            assert_eq!(empty, "");
            assert!(empty.buffer.is_none());
        }
        assert_eq!(size_of::<Option<Text>>(), size_of::<Text>());
    }

    #[test]
    fn a_range_outside_a_character_is_empty_and_does_not_panic() {
        let document = Arc::<str>::from("é");
        assert_eq!(Text::slice(&document, 1..2), "");
    }
}
