//! Values of arguments whose mistakes deserve better words than a type error.

use std::time::Duration;

use vast_xml::Version;
use vast_xml::model::Event;

/// `1500ms`, `3s`.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    vast_client::config::parse_duration(text)
}

/// `4.2`.
pub(super) fn version(text: &str) -> Result<Version, String> {
    text.parse().map_err(|_| format!("write one of {}", Version::ALL.map(Version::as_str).join(", ")))
}

/// The URL of a tracker. Whether its macros make sense is the player's to say.
pub(super) fn tracker(text: &str) -> Result<String, String> {
    let has_scheme = ["http://", "https://"].iter().any(|scheme| text.len() > scheme.len() && text.starts_with(scheme));
    if has_scheme { Ok(text.to_owned()) } else { Err("write a URL that begins with https:// or http://".to_owned()) }
}

/// `EVENT=URL`.
pub(super) fn event_tracker(text: &str) -> Result<(Event, String), String> {
    let Some((name, url)) = text.split_once('=') else { return Err("write EVENT=URL".to_owned()) };
    match Event::from_name(name.trim()) {
        Event::Other(_) => Err(format!("`{name}` is no event of the standard, such as start or complete")),
        Event::Progress => Err("a progress tracker needs a time, which cannot be given here".to_owned()),
        event => Ok((event, tracker(url)?)),
    }
}

/// `1920x1080`.
pub(super) fn dimensions(text: &str) -> Result<(u32, u32), String> {
    vast_client::config::parse_dimensions(text)
}

/// `NAME=VALUE`. The value may be empty and may hold more `=`.
pub(super) fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().to_owned(), value.to_owned())),
        _ => Err("write NAME=VALUE".to_owned()),
    }
}

/// `Name: value`.
pub(super) fn header(text: &str) -> Result<(String, String), String> {
    match text.split_once(':') {
        Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().to_owned(), value.trim().to_owned())),
        _ => Err("write 'Name: value'".to_owned()),
    }
}

/// Takes `given` over what stands in `pairs` under the same names.
pub(super) fn override_pairs(pairs: &mut Vec<(String, String)>, given: &[(String, String)], ignore_case: bool) {
    let same = |one: &str, other: &str| if ignore_case { one.eq_ignore_ascii_case(other) } else { one == other };
    pairs.retain(|(name, _)| !given.iter().any(|(given, _)| same(name, given)));
    pairs.extend_from_slice(given);
}

/// Takes `given`, when there is one.
pub(super) fn set<T>(field: &mut T, given: Option<T>) {
    if let Some(given) = given {
        *field = given;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_and_headers_keep_what_follows_the_first_sign() {
        let text = |pair: (String, String)| format!("{}|{}", pair.0, pair.1);
        assert_eq!(pair("k=v=w ").map(text).as_deref(), Ok("k|v=w "));
        assert_eq!(pair("k=").map(text).as_deref(), Ok("k|"));
        assert_eq!(header("X-A: b: c ").map(text).as_deref(), Ok("X-A|b: c"));
        assert!(pair("=v").is_err() && pair("k").is_err() && header("k v").is_err() && header(": v").is_err());
    }

    #[test]
    fn a_given_pair_replaces_all_of_its_name_and_keeps_the_others() {
        let pairs = |list: &[(&str, &str)]| list.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect::<Vec<_>>();
        let mut params = pairs(&[("a", "1"), ("b", "2"), ("a", "3")]);
        override_pairs(&mut params, &pairs(&[("a", "4"), ("a", "5"), ("B", "6")]), false);
        assert_eq!(params, pairs(&[("b", "2"), ("a", "4"), ("a", "5"), ("B", "6")]));
        override_pairs(&mut params, &pairs(&[("b", "7")]), true);
        assert_eq!(params, pairs(&[("a", "4"), ("a", "5"), ("b", "7")]));
    }
}
