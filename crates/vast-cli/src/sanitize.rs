//! Makes untrusted text safe for a terminal and a log.

pub(crate) use vast_explain::sanitize;

/// `text` without the user names, passwords, queries and fragments of the URLs in it.
pub(crate) fn redact(text: &str) -> String {
    let mut redacted = String::with_capacity(text.len());
    for word in text.split_inclusive(ends_url) {
        redact_word(word, &mut redacted);
    }
    redacted
}

/// Whether a URL in a message ends before this character.
fn ends_url(char: char) -> bool {
    char.is_whitespace() || matches!(char, '`' | '\'' | '"' | '<' | '>' | '(' | ')' | ',')
}

fn redact_word(word: &str, redacted: &mut String) {
    let (url, end) = word.split_at(word.trim_end_matches(ends_url).len());
    let starts_query = |char: char| char == '?' || (char == '#' && url.contains("://"));
    let (address, has_query) = match url.split_once(starts_query) {
        // A question mark at the end belongs to the sentence.
        Some((address, query)) => (address, !query.trim_matches([':', '.', ';', '?']).is_empty()),
        None => (url, false),
    };
    match user_info(address) {
        Some(range) => {
            redacted.push_str(&address[..range.start]);
            redacted.push_str("...");
            redacted.push_str(&address[range.end..]);
        }
        None => redacted.push_str(address),
    }
    if has_query {
        redacted.push_str("?...");
        let punctuation = url.len() - url.trim_end_matches([':', '.', ';', '?']).len();
        redacted.push_str(&url[url.len() - punctuation..]);
    } else {
        redacted.push_str(&url[address.len()..]);
    }
    redacted.push_str(end);
}

/// The range of `user:password` in the address of a URL.
fn user_info(address: &str) -> Option<std::ops::Range<usize>> {
    let start = address.find("://")? + "://".len();
    let authority = address[start..].split('/').next().unwrap_or_default();
    authority.rfind('@').map(|length| start..start + length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_in_urls_are_left_out() {
        let cases = [
            ("no URL: 5 of 7 (a, b)?", "no URL: 5 of 7 (a, b)?"),
            ("https://u:p@h.example/a?k=v: status 404", "https://...@h.example/a?...: status 404"),
            ("SOURCE `east=https://u:p@h/?k`: wrong", "SOURCE `east=https://...@h/?...`: wrong"),
            ("`ads.example/vast?k=v`: No such file", "`ads.example/vast?...`: No such file"),
            ("did you mean VC-expired?; see the list", "did you mean VC-expired?; see the list"),
            ("did you mean `https://h/v`?", "did you mean `https://h/v`?"),
            ("did you mean `https://h/v?k=v`?", "did you mean `https://h/v?...`?"),
            ("see https://h/a#k=v.", "see https://h/a?...."),
            ("https://h/a@b/c", "https://h/a@b/c"),
            ("files#1 GET /empty.xml", "files#1 GET /empty.xml"),
            ("Linear@skipoffset: dropped", "Linear@skipoffset: dropped"),
        ];
        for (text, expected) in cases {
            assert_eq!(redact(text), expected);
        }
    }
}
