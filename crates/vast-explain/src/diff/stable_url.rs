//! URLs without the values that change with each request.
//!
//! When the tag of yesterday is compared with the tag of today, nearly every URL has another random number, time or request id. Such a
//! value is replaced by [`CHANGING`]. A value is one if its parameter has a name that is used for such values, or if it looks like a
//! time, a UUID or a random text. Other numbers, for example the number of a campaign, count.

/// Stands for a value that changes with each request.
const CHANGING: &str = "*";

/// The parameters whose values change with each request, in small letters and without `-` and `_`.
const NAMES: [&str; 48] = [
    "auctionid",
    "bidid",
    "cachebust",
    "cachebuster",
    "cachebusting",
    "cb",
    "clickid",
    "correlator",
    "eventid",
    "exp",
    "expires",
    "guid",
    "hash",
    "impid",
    "impressionid",
    "iid",
    "nocache",
    "nonce",
    "ord",
    "queryid",
    "r",
    "rand",
    "random",
    "reqid",
    "requestid",
    "rid",
    "rnd",
    "servingid",
    "session",
    "sessionid",
    "sid",
    "sig",
    "sign",
    "signature",
    "t",
    "time",
    "timestamp",
    "token",
    "traceid",
    "transactionid",
    "ts",
    "txid",
    "tid",
    "uid",
    "uuid",
    "visitid",
    "vpid",
    "_",
];

/// The length from which letters and digits without a separator are a random text.
const RANDOM: usize = 16;

/// `url` with [`CHANGING`] in place of each value that changes with each request.
pub(super) fn stable_url(url: &str) -> String {
    let mut stable = String::with_capacity(url.len());
    let (before, fragment) = url.split_once('#').map_or((url, None), |(before, after)| (before, Some(after)));
    let (address, query) = before.split_once('?').map_or((before, None), |(before, after)| (before, Some(after)));
    // Some ad servers write their parameters into the path, after semicolons.
    stable.extend(pieces(address, &['/', ';']).flat_map(|(separator, piece)| [separator.to_owned(), parameter(piece)]));
    for (sign, part) in [("?", query), ("#", fragment)] {
        if let Some(part) = part {
            stable.push_str(sign);
            stable.extend(
                pieces(part, &['&', ';']).flat_map(|(separator, piece)| [separator.to_owned(), parameter(piece)]),
            );
        }
    }
    stable
}

/// A text that is no URL, for example an id, with [`CHANGING`] in place of each word that changes with each request.
pub(super) fn stable_text(text: &str) -> String {
    let words = pieces(text, &[' ', '\n', '\t', '"', '\'', ',', ':', '=', '&', '/', '<', '>']);
    words.flat_map(|(separator, word)| [separator.to_owned(), stable_value(word)]).collect()
}

/// The pieces of a text with the separator before each.
fn pieces<'t>(text: &'t str, separators: &'static [char]) -> impl Iterator<Item = (&'t str, &'t str)> {
    text.split_inclusive(separators).scan("", move |before, piece| {
        let end = piece.strip_suffix(separators).unwrap_or(piece);
        let separator = std::mem::replace(before, &piece[end.len()..]);
        Some((separator, end))
    })
}

/// A parameter, or a segment of a path.
fn parameter(piece: &str) -> String {
    match piece.split_once('=') {
        Some((name, _)) if is_changing_name(name) => format!("{name}={CHANGING}"),
        // The value may be a URL with parameters, for example the target of a click.
        Some((name, value)) if value.contains("://") || value.contains("%3A%2F%2F") || value.contains("%3a%2f%2f") => {
            format!("{name}={}", nested(value))
        }
        Some((name, value)) => format!("{name}={}", stable_value(value)),
        None => stable_value(piece),
    }
}

/// A URL in a value, which may be percent-encoded.
fn nested(value: &str) -> String {
    let decoded = value.replace("%3A", ":").replace("%3a", ":").replace("%2F", "/").replace("%2f", "/");
    let decoded =
        decoded.replace("%3F", "?").replace("%3f", "?").replace("%3D", "=").replace("%3d", "=").replace("%26", "&");
    let mut words = decoded.split(['?', '&']);
    let address = words.next().unwrap_or_default().split('/').map(stable_value).collect::<Vec<_>>().join("/");
    let rest = words.map(|word| match word.split_once('=') {
        Some((name, _)) if is_changing_name(name) => format!("{name}={CHANGING}"),
        Some((name, value)) => format!("{name}={}", stable_value(value)),
        None => stable_value(word),
    });
    std::iter::once(address).chain(rest).collect::<Vec<_>>().join("&")
}

fn is_changing_name(name: &str) -> bool {
    let plain: String = match name {
        "_" => name.to_owned(),
        name => name
            .chars()
            .filter(|letter| !matches!(letter, '-' | '_'))
            .map(|letter| letter.to_ascii_lowercase())
            .collect(),
    };
    NAMES.contains(&plain.as_str())
}

/// A value, or [`CHANGING`] if it looks like one that changes. In a value with separators each part counts alone.
fn stable_value(value: &str) -> String {
    if is_uuid(value) || is_time(value) {
        return CHANGING.to_owned();
    }
    if !value.bytes().any(|byte| byte.is_ascii_digit()) || value.len() < RANDOM {
        return value.to_owned();
    }
    let parts = pieces(value, &['-', '_', '.', '~', '%', '+', '=', '!', '|']);
    parts
        .flat_map(|(separator, part)| [separator, if is_random(part) || is_time(part) { CHANGING } else { part }])
        .collect()
}

fn is_uuid(value: &str) -> bool {
    let groups: Vec<&str> = value.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Seconds, milliseconds or microseconds since 1970, from 2014 to 2033.
fn is_time(value: &str) -> bool {
    matches!(value.len(), 10 | 13 | 16)
        && value.bytes().all(|byte| byte.is_ascii_digit())
        && matches!(value.as_bytes(), [b'1', b'4'..=b'9', ..])
}

/// Letters and digits in turn, or digits alone, that are too long for a word or a number.
fn is_random(part: &str) -> bool {
    let digits = part.bytes().filter(u8::is_ascii_digit).count();
    part.len() >= RANDOM && part.bytes().all(|byte| byte.is_ascii_alphanumeric()) && digits >= 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_change_with_each_request_are_replaced() {
        let cases = [
            ("https://a.example/vast?cb=12345678&campaign=7654321", "https://a.example/vast?cb=*&campaign=7654321"),
            ("https://a.example/v?cb=[CACHEBUSTING]", "https://a.example/v?cb=*"),
            ("https://a.example/v?Request-ID=a&_=1", "https://a.example/v?Request-ID=*&_=*"),
            ("https://a.example/v?x=1764259200&y=1764259200123", "https://a.example/v?x=*&y=*"),
            ("https://a.example/v?x=2764259200", "https://a.example/v?x=2764259200"),
            ("https://a.example/0f8fad5b-d9cb-469f-a165-70867728950e/p.gif", "https://a.example/*/p.gif"),
            ("https://a.example/p/Q2hlY2tNZTEyMzQ1Njc4/x", "https://a.example/p/*/x"),
            ("https://a.example/t;ord=123;size=1x1?", "https://a.example/t;ord=*;size=1x1?"),
            (
                "https://cdn.example/shoes-2024-summer-campaign-1080p.mp4",
                "https://cdn.example/shoes-2024-summer-campaign-1080p.mp4",
            ),
            ("https://cdn.example/a.mp4?token=abc&e=5#t=3", "https://cdn.example/a.mp4?token=*&e=5#t=*"),
            (
                "https://a.example/c?to=https%3A%2F%2Fb.example%2F%3Fcb%3D1%26id%3D2",
                "https://a.example/c?to=https://b.example/&cb=*&id=2",
            ),
            ("https://a.example/c?to=https://b.example/x", "https://a.example/c?to=https://b.example/x"),
            ("", ""),
            ("not a URL", "not a URL"),
        ];
        for (url, expected) in cases {
            assert_eq!(stable_url(url), expected, "{url}");
        }
    }

    #[test]
    fn texts_keep_their_words() {
        let cases = [
            ("Shoes 2024", "Shoes 2024"),
            ("{\"id\":\"0f8fad5b-d9cb-469f-a165-70867728950e\",\"n\":5}", "{\"id\":\"*\",\"n\":5}"),
            ("987654321", "987654321"),
        ];
        for (text, expected) in cases {
            assert_eq!(stable_text(text), expected, "{text}");
        }
    }
}
