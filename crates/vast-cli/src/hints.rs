//! Hints: advice below an error message.

use vast_client::{ErrorType, FetchResult};

/// The hint for a request without a source.
pub(crate) const NO_SOURCE: &str = "name a URL, a file or `-`, for example `vast request https://ads.example/vast`; \
                                    `vast demo` shows everything without an ad server";

/// The hint for a source argument that was read as a path, but no such file exists.
pub(crate) fn missing_file(text: &str) -> Option<String> {
    let bare = text.split_once('=').filter(|(name, _)| is_name(name)).map_or(text, |(_, rest)| rest);
    if bare.contains("://") && bare.len() < text.len() {
        return Some(format!("`{bare}` does not begin with http: or https:, so `{text}` was taken for a file"));
    }
    let host = bare.split(['/', '?']).next().unwrap_or_default();
    let has_path = bare.contains(['/', '?']);
    let is_host = has_path && host.contains('.') && !host.starts_with('.') && !host.ends_with('.');
    if is_host || host.starts_with("localhost:") {
        return Some(format!("a URL begins with http:// or https://: did you mean `https://{bare}`?"));
    }
    let named = bare.len() < text.len();
    named.then(|| format!("after a name a file begins with `/` or `./`: did you mean `./{bare}` there?"))
}

fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.chars().all(|char| char.is_ascii_alphanumeric() || "_-".contains(char))
}

/// The hint for a request that failed because of a setting.
pub(crate) fn of_result(result: &FetchResult) -> Option<&'static str> {
    let has = |error_type| result.errors.iter().any(|error| error.failure.error_type == error_type);
    if result.success {
        None
    } else if has(ErrorType::BlockedAddress) {
        Some("--allow-private allows redirects, wrappers and trackers at private addresses and on other ports")
    } else if has(ErrorType::Tls) {
        Some("--ca-file FILE adds your own certificate authority")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hint_suggests_the_argument_that_was_meant() {
        let cases = [
            ("ads.example/vast", Some("https://ads.example/vast")),
            ("localhost:8080/vast", Some("https://localhost:8080/vast")),
            ("east=htp://ads.example/vast", Some("`htp://ads.example/vast` does not begin")),
            ("east=ad.xml", Some("`./ad.xml` there")),
            ("ad.xml", None),
            ("./ads.example/vast", None),
            ("../ad.xml", None),
        ];
        for (text, expected) in cases {
            let hint = missing_file(text);
            let fits = match (&hint, expected) {
                (Some(hint), Some(expected)) => hint.contains(expected),
                (hint, expected) => hint.is_none() && expected.is_none(),
            };
            assert!(fits, "{text}: {hint:?}");
        }
    }
}
