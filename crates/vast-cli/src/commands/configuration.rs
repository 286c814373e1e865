//! The configuration of `vast request` from its arguments and file, and the messages for a wrong one.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use vast_client::config::Location;
use vast_client::{ConfigError, ConfigFile, SourceConfig};

use super::stdin::Stdin;
use crate::args::{RequestArgs, SourceArgument, SourceLocation};
use crate::error::CommandError;
use crate::hints;

/// The size limit of a configuration file.
const MAX_FILE_BYTES: u64 = 1 << 20;

/// The configuration. An argument overrides the file, the file overrides the default.
///
/// # Errors
/// A [`CommandError`] that names the argument or the file and its key.
pub(super) fn request(arguments: &RequestArgs, stdin: &Stdin) -> Result<ConfigFile, CommandError> {
    let mut file = arguments.config.as_deref().map(read).transpose()?.unwrap_or_default();
    arguments.apply(&mut file);
    let sources = |given: &[SourceArgument]| given.iter().map(|source| source.config(|| stdin.source())).collect();
    if !arguments.sources.is_empty() {
        file.fetch.sources = sources(&arguments.sources);
    }
    if !arguments.fallbacks.is_empty() {
        file.fetch.fallbacks = sources(&arguments.fallbacks);
    }
    if arguments.allow_private {
        let all = file.fetch.sources.iter_mut().chain(&mut file.fetch.fallbacks);
        all.for_each(|source| source.allow_private = true);
    }
    Ok(file)
}

/// Reads a configuration file. Relative paths in it start at its folder.
fn read(path: &Path) -> Result<ConfigFile, CommandError> {
    let shown = path.display();
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(MAX_FILE_BYTES + 1).read_to_string(&mut text));
    read.map_err(|error| CommandError::usage(format!("--config: `{shown}`: {error}")))?;
    if text.len() as u64 > MAX_FILE_BYTES {
        return Err(CommandError::usage(format!("--config: `{shown}`: larger than {MAX_FILE_BYTES} bytes")));
    }
    let base = path.parent().unwrap_or(Path::new(""));
    ConfigFile::parse(&text, base).map_err(|error| CommandError::usage(format!("{shown}: {error}")))
}

/// The message for a wrong configuration.
pub(super) fn config_error(error: &ConfigError, arguments: &RequestArgs) -> CommandError {
    let (name, given) = argument(&error.key, arguments);
    // Most messages about a source quote it already.
    let name = match given {
        Some(SourceArgument { text, .. }) if !error.problem.contains(text.as_str()) => format!("{name} `{text}`"),
        _ => name,
    };
    let hint = match given {
        Some(source) if error.key.ends_with(".file") => hints::missing_file(&source.text),
        None if error.key == "sources" => Some(hints::NO_SOURCE.to_owned()),
        _ => None,
    };
    CommandError::usage(format!("{name}: {}", error.problem)).with_hint(hint)
}

/// The name of `key` for the user, and the source argument that it came from.
fn argument<'a>(key: &str, arguments: &'a RequestArgs) -> (String, Option<&'a SourceArgument>) {
    for (table, name, given) in
        [("source", "SOURCE", &arguments.sources), ("fallback", "--fallback", &arguments.fallbacks)]
    {
        if let Some(source) = index(key, table).and_then(|index| given.get(index)) {
            return (name.to_owned(), Some(source));
        }
    }
    let name = match (key, &arguments.config) {
        ("sources", _) => "SOURCE".to_owned(),
        (_, Some(_)) => key.to_owned(),
        (_, None) => flag(key),
    };
    (name, None)
}

/// The number in `source[1].url`.
fn index(key: &str, table: &str) -> Option<usize> {
    key.strip_prefix(table)?.strip_prefix('[')?.split_once(']')?.0.parse().ok()
}

/// The flag for a key: the same name, except for tables that a flag fills entry by entry.
pub(super) fn flag(key: &str) -> String {
    let key = key.strip_prefix("filter.").unwrap_or(key);
    let (table, entry) = key.split_once('.').map_or((key, None), |(table, entry)| (table, Some(entry)));
    let name = match table {
        "headers" => "header".to_owned(),
        other => other.replace('_', "-"),
    };
    entry.map_or_else(|| format!("--{name}"), |entry| format!("--{name} {entry}"))
}

/// The source for one document. Standard input is read elsewhere.
pub(super) fn document(source: &SourceArgument) -> SourceConfig {
    match &source.location {
        SourceLocation::Given(text) => text.as_str().into(),
        SourceLocation::Stdin => SourceConfig::new(Location::Inline(String::new())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_named_after_its_flag() {
        let cases = [
            ("patience", "--patience"),
            ("filter.min_duration", "--min-duration"),
            ("headers.X Y", "--header X Y"),
            ("ca_file", "--ca-file"),
        ];
        for (key, expected) in cases {
            assert_eq!(flag(key), expected);
        }
        assert_eq!((index("source[12].url", "source"), index("sources", "source")), (Some(12), None));
    }
}
