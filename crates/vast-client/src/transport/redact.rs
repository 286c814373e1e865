//! Removes personal data from URLs and messages, and cuts long URLs.

use std::borrow::Cow;

/// `url` without the parts that may hold personal data or secrets: user information, the values of the query, and the fragment. The
/// names of the query stay, so that a tag can still be recognized.
///
/// ```
/// let shown = vast_client::transport::redacted_url("https://user:secret@ads.example/v?slot=1&ifa=8d8a#top");
/// assert_eq!(shown, "https://ads.example/v?slot=&ifa=");
/// ```
pub fn redacted_url(url: &str) -> String {
    let url = url.split_once('#').map_or(url, |(url, _)| url);
    let (address, query) = url.split_once('?').map_or((url, None), |(address, query)| (address, Some(query)));
    let mut shown = without_user(address);
    let pairs = query.into_iter().flat_map(|query| query.split('&'));
    for (number, pair) in pairs.enumerate() {
        shown.push(if number == 0 { '?' } else { '&' });
        // A pair without a name is a value.
        let name = pair.split_once('=').map_or("", |(name, _)| name);
        shown.push_str(name);
        shown.push('=');
    }
    shown
}

/// `url` as logs show it: without user information, query and fragment, and with `*` for each segment of the path that may be a
/// value. Tags may have macros in the path too, so a segment is shown only if it has at most 32 characters, at most three digits, no
/// capital letter and nothing that is percent-encoded. An address, an advertising id, a user agent and a consent string have one of
/// these.
///
/// ```
/// let shown = vast_client::transport::logged_url("https://ads.example/v1/203.0.113.7/vast?ifa=8d8a");
/// assert_eq!(shown, "https://ads.example/v1/*/vast");
/// ```
pub fn logged_url(url: &str) -> String {
    let end = url.find(['?', '#']).unwrap_or(url.len());
    let address = without_user(url.get(..end).unwrap_or_default());
    let path_start = address.find("://").and_then(|at| address.get(at + 3..)?.find('/').map(|slash| at + 3 + slash));
    let path_start = path_start.unwrap_or(if address.contains("://") { address.len() } else { 0 });
    let (origin, path) = address.split_at(path_start);
    let segments: Vec<&str> =
        path.split('/').map(|segment| if may_be_value(segment) { "*" } else { segment }).collect();
    format!("{origin}{}", segments.join("/"))
}

/// A message as logs show it: URLs in it are shown as [`logged_url`] does.
pub(crate) fn logged_text(text: &str) -> Cow<'_, str> {
    if !text.contains(['/', '?']) {
        return Cow::Borrowed(text);
    }
    let is_border = |char: char| char.is_whitespace() || "`'\"()<>,".contains(char);
    let show = |word: &str| if word.contains("//") || word.contains('?') { logged_url(word) } else { word.to_owned() };
    let (mut shown, mut word) = (String::with_capacity(text.len()), String::new());
    for char in text.chars() {
        if is_border(char) {
            shown.push_str(&show(&word));
            word.clear();
            shown.push(char);
        } else {
            word.push(char);
        }
    }
    shown.push_str(&show(&word));
    Cow::Owned(shown)
}

fn may_be_value(segment: &str) -> bool {
    let digits = segment.bytes().filter(u8::is_ascii_digit).count();
    digits > 3 || segment.len() > 32 || segment.contains(|char: char| char == '%' || char.is_uppercase())
}

/// The first `most` bytes of a URL that is longer, with its length; a shorter one as it is.
pub(crate) fn cut_url(url: &str, most: usize) -> Cow<'_, str> {
    if url.len() <= most {
        return Cow::Borrowed(url);
    }
    let end = (0..=most).rev().find(|end| url.is_char_boundary(*end));
    let start = url.get(..end.unwrap_or_default()).unwrap_or_default();
    Cow::Owned(format!("{start}... ({} bytes)", url.len()))
}

fn without_user(address: &str) -> String {
    let Some(scheme_end) = address.find("//").map(|at| at + 2) else { return address.to_owned() };
    let (scheme, rest) = address.split_at(scheme_end);
    let authority_end = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at(authority_end);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    format!("{scheme}{host}{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_url_is_cut_between_characters() {
        for (most, shown) in [(12, "https://a/é"), (11, "https://a/... (12 bytes)"), (10, "https://a/... (12 bytes)")]
        {
            assert_eq!(cut_url("https://a/é", most), shown, "{most}");
        }
    }

    #[test]
    fn urls_in_a_message_are_shown_as_in_a_log() {
        let cases = [
            ("more than 5 redirects (`max_redirects`)", "more than 5 redirects (`max_redirects`)"),
            ("no ad (document 1: https://a/v?ip=1.2.3.4)", "no ad (document 1: https://a/v)"),
            ("`/hop?ifa=x` is no URL", "`/hop` is no URL"),
            ("a type such as video/mp4", "a type such as video/mp4"),
        ];
        for (text, shown) in cases {
            assert_eq!(logged_text(text), shown);
        }
    }
}
