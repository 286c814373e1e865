//! Parsers for argument values, and how an argument overrides a setting of the file.

use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use vast_check::Severity;
use vast_client::request::ForeignMacroError;
use vast_client::{FetchMode, ForeignMacros, MediaType, SourceOrder};
use vast_xml::Version;
use vast_xml::model::Event;

/// Parses a duration such as `1500ms` or `3s`.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    vast_client::config::parse_duration(text)
}

/// Parses a version such as `4.2`.
pub(super) fn version(text: &str) -> Result<Version, String> {
    text.parse().map_err(|_| format!("write one of {}", Version::ALL.map(Version::as_str).join(", ")))
}

/// Parses the URL of a tracker. Its macros are not checked, because the player fills them in.
pub(super) fn tracker(text: &str) -> Result<String, String> {
    let has_scheme = ["http://", "https://"].iter().any(|scheme| text.len() > scheme.len() && text.starts_with(scheme));
    if has_scheme { Ok(text.to_owned()) } else { Err("write a URL that begins with https:// or http://".to_owned()) }
}

/// Parses `EVENT=URL`.
pub(super) fn event_tracker(text: &str) -> Result<(Event, String), String> {
    let Some((name, url)) = text.split_once('=') else { return Err("write EVENT=URL".to_owned()) };
    match Event::from_name(name.trim()) {
        Event::Other(_) => Err(format!("`{name}` is not an event of the standard, such as start or complete")),
        Event::Progress => Err("a progress tracker needs a time, which cannot be given here".to_owned()),
        event => Ok((event, tracker(url)?)),
    }
}

/// Parses a number of requests per second.
pub(super) fn rate(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|rate| (0.001..=1_000_000.0).contains(rate));
    number.ok_or_else(|| {
        "write how many requests to start per second, from 0.001 to 1000000; without a rate, the next one starts when another \
         has ended"
            .to_owned()
    })
}

/// Parses a word that is not empty, such as the name of an API framework. A list is refused, because the flag is given
/// once for each entry.
pub(super) fn word(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("write a value that is not empty".to_owned()),
        list if list.contains(',') => Err("write one value, and repeat the argument for the next one".to_owned()),
        word => Ok(word.to_owned()),
    }
}

/// Parses a MIME type such as `video/mp4`.
pub(super) fn mime_type(text: &str) -> Result<String, String> {
    match text.trim().split_once('/') {
        Some((kind, subtype)) if !kind.is_empty() && !subtype.is_empty() => word(text),
        _ => Err("write a MIME type such as `video/mp4`".to_owned()),
    }
}

/// Parses a size such as `1920x1080`.
pub(super) fn dimensions(text: &str) -> Result<(u32, u32), String> {
    vast_client::config::parse_dimensions(text)
}

/// Parses `NAME=VALUE`. The value may be empty and may contain `=`.
pub(super) fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().to_owned(), value.to_owned())),
        _ => Err("write NAME=VALUE".to_owned()),
    }
}

/// Parses `TOKEN=VALUE` of a foreign macro.
pub(super) fn foreign_macro(text: &str) -> Result<(String, String), String> {
    let Some((token, value)) = text.split_once('=') else { return Err("write TOKEN=VALUE".to_owned()) };
    ForeignMacros::new([(token, value)]).map_err(|error| match error {
        ForeignMacroError::Standard(known) => {
            format!("this is a macro of the standard: set it with --macro {}=VALUE", known.name())
        }
        error => error.to_string(),
    })?;
    Ok((token.to_owned(), value.to_owned()))
}

/// Parses a header such as `Name: value`.
pub(super) fn header(text: &str) -> Result<(String, String), String> {
    match text.split_once(':') {
        Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().to_owned(), value.trim().to_owned())),
        _ => Err("write 'Name: value'".to_owned()),
    }
}

/// Replaces the pairs that have the names of `given` by `given`.
pub(super) fn override_pairs(pairs: &mut Vec<(String, String)>, given: &[(String, String)], ignore_case: bool) {
    let same = |one: &str, other: &str| if ignore_case { one.eq_ignore_ascii_case(other) } else { one == other };
    pairs.retain(|(name, _)| !given.iter().any(|(given, _)| same(name, given)));
    pairs.extend_from_slice(given);
}

/// Sets `field` when a value is given.
pub(super) fn set<T>(field: &mut T, given: Option<T>) {
    if let Some(given) = given {
        *field = given;
    }
}

/// The parser for `--mode` and `--fallback-mode`.
pub(super) fn mode() -> impl TypedValueParser<Value = FetchMode> {
    one_of(FetchMode::ALL, FetchMode::as_str)
}

/// The parser for `--media-type`.
pub(super) fn media_type() -> impl TypedValueParser<Value = MediaType> {
    one_of(MediaType::ALL, MediaType::as_str)
}

/// The parser for `--order`.
pub(super) fn order() -> impl TypedValueParser<Value = SourceOrder> {
    one_of(SourceOrder::ALL, SourceOrder::as_str)
}

/// The parser for `--severity`.
pub(super) fn severity() -> impl TypedValueParser<Value = Severity> {
    one_of(&Severity::ALL, Severity::as_str)
}

fn one_of<T: Copy + Send + Sync + 'static>(
    choices: &[T],
    name: fn(T) -> &'static str,
) -> impl TypedValueParser<Value = T> + use<T> {
    let choices = choices.to_vec();
    PossibleValuesParser::new(choices.iter().map(|choice| name(*choice))).try_map(move |given| {
        choices.iter().copied().find(|choice| name(*choice) == given).ok_or("not one of the values")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use vast_client::ClientConfig;

    #[test]
    fn a_value_may_contain_the_separator() {
        let text = |pair: (String, String)| format!("{}|{}", pair.0, pair.1);
        assert_eq!(pair("k=v=w ").map(text).as_deref(), Ok("k|v=w "));
        assert_eq!(pair("k=").map(text).as_deref(), Ok("k|"));
        assert_eq!(header("X-A: b: c ").map(text).as_deref(), Ok("X-A|b: c"));
        assert!(pair("=v").is_err() && pair("k").is_err() && header("k v").is_err() && header(": v").is_err());
    }

    #[test]
    fn given_pairs_replace_those_of_the_same_name() {
        let pairs = |list: &[(&str, &str)]| list.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect::<Vec<_>>();
        let mut params = pairs(&[("a", "1"), ("b", "2"), ("a", "3")]);
        override_pairs(&mut params, &pairs(&[("a", "4"), ("a", "5"), ("B", "6")]), false);
        assert_eq!(params, pairs(&[("b", "2"), ("a", "4"), ("a", "5"), ("B", "6")]));
        override_pairs(&mut params, &pairs(&[("b", "7")]), true);
        assert_eq!(params, pairs(&[("a", "4"), ("a", "5"), ("b", "7")]));
    }

    fn file(text: &str) -> ClientConfig {
        ClientConfig::try_from(text).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn names_mean_the_same_in_arguments_and_files() {
        for mode in FetchMode::ALL {
            assert_eq!(file(&format!("mode = \"{mode}\"")).fetch.strategy.mode, *mode);
        }
        for order in SourceOrder::ALL {
            assert_eq!(file(&format!("order = \"{}\"", order.as_str())).fetch.strategy.order, *order);
        }
        for media_type in MediaType::ALL {
            let read = file(&format!("[filter]\nmedia_types = [\"{}\"]", media_type.as_str()));
            assert_eq!(read.fetch.parse_filter.media_types, [*media_type]);
        }
    }
}
