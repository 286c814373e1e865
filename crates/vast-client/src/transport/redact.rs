//! Removes personal data from URLs for logs, and cuts long URLs.

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
}
