//! The messages about a configuration file that cannot be read.

use crate::error::{ConfigError, ConfigKey, ConfigPath};

/// The error as one line: the place, the key, the mistake and the accepted values.
pub(super) fn config_error(text: &str, error: &toml::de::Error) -> ConfigError {
    let start = error.span().map_or(0, |span| span.start);
    let line = text.get(..start).unwrap_or_default().matches('\n').count();
    let key = text.lines().nth(line).and_then(|line| line.split_once('=')).map(|(key, _)| key.trim());
    let message = error.message().replace('\n', " ");
    let problem = unknown_name(&message).unwrap_or(message);
    let key = key.filter(|key| !problem.contains(key)).and_then(ConfigKey::from_name);
    let path = key.map(ConfigPath::from).unwrap_or_default();
    ConfigError { line: Some(line + 1), ..ConfigError::new(path, problem) }
}

/// The message of serde about an unknown key or value, with the name that was probably intended; `None` if no name is similar.
fn unknown_name(message: &str) -> Option<String> {
    let is_key = message.starts_with("unknown field ");
    if !is_key && !message.starts_with("unknown variant ") {
        return None;
    }
    let mut names = message.split('`').skip(1).step_by(2);
    let given = names.next()?;
    let known: Vec<&str> = names.collect();
    match (is_key, nearest(given, &known)) {
        (true, Some(meant)) => Some(format!("unknown key `{given}`: did you mean `{meant}`?")),
        (true, None) => Some(format!("unknown key `{given}`: the keys here are {}", known.join(", "))),
        (false, Some(meant)) => Some(format!("`{given}` is not one of {}: did you mean `{meant}`?", known.join(", "))),
        (false, None) => Some(format!("`{given}` is not one of {}", known.join(", "))),
    }
}

/// The name that was probably intended by `given`; `None` if no name is similar.
pub(super) fn nearest<'a>(given: &str, known: &[&'a str]) -> Option<&'a str> {
    let distances = known.iter().map(|name| (strsim::damerau_levenshtein(given, name), *name));
    distances.min().filter(|(distance, _)| *distance <= 2).map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::config::ClientConfig;

    fn parse(text: &str) -> Result<ClientConfig, String> {
        ClientConfig::parse(text, Path::new("")).map_err(|error| error.to_string())
    }

    #[test]
    fn an_error_is_one_line_that_names_the_key_and_the_accepted_values() {
        let cases = [
            (
                "mode = \"paralel\"",
                "line 1, `mode`: `paralel` is not one of parallel, sequential, race, staggered, collect: did you mean `parallel`?",
            ),
            ("\ntimeout = \"3\"", "line 2, `timeout`: `3` has no unit: write `3s` or `3ms`"),
            ("timeout = 3", "line 1, `timeout`: `3` has no unit: write \"3s\" or \"3ms\""),
            (
                "[filter]\nrequired_dimensions = \"big\"",
                "line 2, `required_dimensions`: `big` is not a size: write for example `1920x1080`",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(parse(text), Err(expected.to_owned()));
        }
        assert_eq!(parse("timeot = \"3s\""), Err("line 1: unknown key `timeot`: did you mean `timeout`?".to_owned()));
        let unknown = parse("colour = \"red\"").expect_err("an unknown key");
        assert!(unknown.starts_with("line 1: unknown key `colour`: the keys here are mode, "), "{unknown}");
        assert!(!unknown.contains('\n'), "{unknown}");
    }
}
