//! The messages about a configuration file that cannot be read.

use crate::error::{ConfigError, ConfigKey, ConfigPath};

impl ConfigError {
    /// The error of the TOML file `text` as one line: the place, the key, the mistake and the accepted values.
    pub fn of_toml(text: &str, error: &toml::de::Error) -> Self {
        let start = error.span().map_or(0, |span| span.start);
        let line = text.get(..start).unwrap_or_default().matches('\n').count();
        let key = text.lines().nth(line).and_then(|line| line.split_once('=')).map(|(key, _)| key.trim());
        let message = error.message().replace('\n', " ");
        let problem =
            unknown_name(&message).unwrap_or_else(|| plain(&message, error.span().and_then(|span| text.get(span))));
        let key = key.filter(|key| !problem.contains(key)).and_then(ConfigKey::from_name);
        let path = key.map(ConfigPath::from).unwrap_or_default();
        Self { line: Some(line + 1), ..Self::new(path, problem) }
    }
}

/// The words of serde and of the TOML reader for types of Rust, and those of TOML.
const PLAIN_WORDS: [(&str, &str); 14] = [
    ("wanted string or table", "is not a text in quotes"),
    ("invalid socket address syntax", "is not an address with a port: write for example `127.0.0.1:9090`"),
    ("invalid IP address syntax", "is not an IP address: write for example `192.0.2.1`"),
    ("invalid type: map", "invalid type: a table"),
    ("invalid type: sequence", "invalid type: a list"),
    ("floating point `", "number `"),
    ("integer `", "number `"),
    ("expected a sequence", "expected a list"),
    ("expected a map", "expected a table"),
    ("expected a string", "expected a text in quotes"),
    ("expected path string", "expected a text in quotes"),
    ("expected a boolean", "expected true or false"),
    ("expected f64", "expected a number"),
    ("expected f32", "expected a number"),
];

/// The message of serde or of the TOML reader without names of types of Rust. `at` is the text at the place of the mistake.
fn plain(message: &str, at: Option<&str>) -> String {
    if let Some(name) = message.strip_prefix("missing field ") {
        return format!("{name} is missing");
    }
    if let (true, Some(name)) = (message == "duplicate key", at) {
        return format!("`{}` is there twice", name.trim());
    }
    let plain = PLAIN_WORDS.iter().fold(message.to_owned(), |text, (from, to)| text.replace(from, to));
    let Some((found, wanted)) = plain.split_once(", expected ") else { return plain };
    let is_number = wanted == "usize" || wanted.strip_prefix(['u', 'i']).is_some_and(|bits| bits.parse::<u8>().is_ok());
    match wanted {
        _ if is_number => format!("{found}, expected a whole number"),
        _ if wanted.starts_with("struct ") => format!("{found}, expected a table"),
        _ => plain,
    }
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
    match (is_key, nearest_name(given, &known)) {
        (true, Some(meant)) => Some(format!("unknown key `{given}`: did you mean `{meant}`?")),
        (true, None) => Some(format!("unknown key `{given}`: the keys here are {}", known.join(", "))),
        (false, Some(meant)) => Some(format!("`{given}` is not one of {}: did you mean `{meant}`?", known.join(", "))),
        (false, None) => Some(format!("`{given}` is not one of {}", known.join(", "))),
    }
}

/// The name that was probably intended by `given`; `None` if no name is similar.
pub fn nearest_name<'a>(given: &str, known: &[&'a str]) -> Option<&'a str> {
    let distances = known.iter().map(|name| (strsim::damerau_levenshtein(given, name), *name));
    distances.min().filter(|(distance, _)| *distance <= 2).map(|(_, name)| name)
}
