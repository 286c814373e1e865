//! Finds the ends of texts, CDATA sections and values, and sees control characters on the way.

use crate::sixteen::{Sixteen, WIDTH, first};
use memchr::{memchr_iter, memchr2};

/// How many chunks of a text are examined in the usual way. Most URLs are shorter, and `memchr` is faster in a longer text.
const USUAL_CHUNKS: usize = 16;

/// Where the CDATA section whose content begins at byte `start` ends, and whether it is certain that there is no control character
/// before.
#[inline(always)]
pub(super) fn section(bytes: &[u8], start: usize) -> Option<(usize, bool)> {
    let content = bytes.get(start..)?;
    let mut controls = 0;
    for (index, chunk) in content.as_chunks::<WIDTH>().0.iter().take(USUAL_CHUNKS).enumerate() {
        let chunk = Sixteen::of(chunk);
        let found = chunk.equal(b'>');
        if found != 0 {
            let place = found.trailing_zeros() as usize;
            match (index * WIDTH + place).checked_sub("]]".len()) {
                Some(end) if content[end..].starts_with(b"]]") => {
                    return Some((start + end, controls | chunk.controls() & first(place) == 0));
                }
                _ => break,
            }
        }
        controls |= chunk.controls();
    }
    Some((start + section_end(content)?, false))
}

/// Where the text that begins at byte `start` ends, and whether it is certain that there is no control character in it.
#[inline(always)]
pub(super) fn plain_text(bytes: &[u8], start: usize) -> Option<(usize, bool)> {
    let content = bytes.get(start..)?;
    let mut controls = 0;
    for (index, chunk) in content.as_chunks::<WIDTH>().0.iter().take(USUAL_CHUNKS).enumerate() {
        let chunk = Sixteen::of(chunk);
        let found = chunk.equal(b'<') | chunk.equal(b'&');
        if found != 0 {
            let place = found.trailing_zeros() as usize;
            return Some((start + index * WIDTH + place, controls | chunk.controls() & first(place) == 0));
        }
        controls |= chunk.controls();
    }
    Some((start + memchr2(b'<', b'&', content)?, false))
}

/// The index of the `]]>` that ends a CDATA section.
#[inline(always)]
pub(super) fn section_end(section: &[u8]) -> Option<usize> {
    let end = memchr_iter(b'>', section).find(|end| section[..*end].ends_with(b"]]"))?;
    Some(end - "]]".len())
}

/// The index of the closing quote, and whether an ampersand or a control character is before it.
#[inline(always)]
pub(super) fn find_quote(text: &[u8], quote: u8) -> Option<(usize, bool)> {
    let mut special = 0;
    let (chunks, rest) = text.as_chunks::<WIDTH>();
    for (index, chunk) in chunks.iter().enumerate() {
        let chunk = Sixteen::of(chunk);
        let found = chunk.equal(quote);
        let odd = chunk.equal(b'&') | chunk.controls();
        if found != 0 {
            let length = found.trailing_zeros() as usize;
            return Some((index * WIDTH + length, (special | odd & first(length)) != 0));
        }
        special |= odd;
    }
    let length = rest.iter().position(|byte| *byte == quote)?;
    let odd = rest[..length].iter().any(|byte| *byte == b'&' || *byte < b' ');
    Some((chunks.len() * WIDTH + length, special != 0 || odd))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text with each of its bytes replaced by `special`, one after the other, and unchanged.
    fn variants(text: &str, special: u8) -> Vec<Vec<u8>> {
        let changed = |place: usize| {
            let mut bytes = text.as_bytes().to_vec();
            bytes[place] = special;
            bytes
        };
        (0..text.len()).map(changed).chain([text.as_bytes().to_vec()]).collect()
    }

    #[test]
    fn ends_and_control_characters_are_found_at_any_place() {
        for length in 0..70 {
            let text = "https://ads.example/e?cb=[CB]&t=".repeat(3)[..length].to_owned();
            for special in [b'\n', b'\0', b'>', b']', b'x', 0xff] {
                for content in variants(&text, special) {
                    let has_control = content.iter().any(|byte| *byte < b' ');
                    let section_bytes = [b"<a>", &*content, b"]]> and more than sixteen bytes"].concat();
                    let (end, is_clean) = section(&section_bytes, 3).expect("it ends");
                    assert_eq!(end, 3 + content.len(), "{content:?}");
                    assert!(!(is_clean && has_control), "{content:?}");
                    let plain: Vec<u8> = content.iter().map(|byte| if *byte == b'&' { b'+' } else { *byte }).collect();
                    let (end, is_clean) = plain_text(&[&*plain, b"</a>"].concat(), 0).expect("it ends");
                    assert_eq!(end, content.len(), "{content:?}");
                    assert!(!(is_clean && has_control), "{content:?}");
                    let special = has_control || content.contains(&b'&');
                    assert_eq!(find_quote(&[&*content, b"\" b=\"c\">"].concat(), b'"'), Some((content.len(), special)));
                }
            }
        }
        assert!(
            section(b"<a>]>", 3).is_none() && plain_text(b"abc", 0).is_none() && find_quote(b"abc'", b'"').is_none()
        );
    }
}
