//! Arguments and a file to a configuration, and the right words for what is wrong with it.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use vast_client::config::Location;
use vast_client::{ConfigError, ConfigFile, ConfigKey, ConfigPath, ConfigTable, SourceConfig};

use super::stdin::Stdin;
use crate::args::{RequestArgs, SourceArgument, SourcePlace};
use crate::hint;
use crate::problem::Problem;

/// The largest configuration that is read.
const MAX_FILE_BYTES: u64 = 1 << 20;

/// The configuration that arguments, their file and the defaults give, in this order.
///
/// # Errors
/// A [`Problem`] that names the argument or the file and its key.
pub(super) fn request(arguments: &RequestArgs, stdin: &Stdin) -> Result<ConfigFile, Problem> {
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

/// Reads a configuration.
fn read(path: &Path) -> Result<ConfigFile, Problem> {
    let shown = path.display();
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(MAX_FILE_BYTES + 1).read_to_string(&mut text));
    read.map_err(|error| Problem::usage(format!("--config: `{shown}`: {error}")))?;
    if text.len() as u64 > MAX_FILE_BYTES {
        return Err(Problem::usage(format!("--config: `{shown}`: larger than {MAX_FILE_BYTES} bytes")));
    }
    let base = path.parent().unwrap_or(Path::new(""));
    ConfigFile::parse(&text, base).map_err(|error| Problem::usage(format!("{shown}: {error}")))
}

/// What is said about a configuration that is wrong.
pub(super) fn complaint(error: &ConfigError, arguments: &RequestArgs) -> Problem {
    let (name, given) = place(&error.path, arguments);
    // Most complaints about a source quote it.
    let name = match given {
        Some(SourceArgument { text, .. }) if !error.problem.contains(text.as_str()) => format!("{name} `{text}`"),
        _ => name,
    };
    let hint = match given {
        Some(source) if error.path.key == Some(ConfigKey::File) => hint::missing_file(&source.text),
        None if error.path == ConfigKey::Source.into() => Some(hint::NO_SOURCE.to_owned()),
        _ => None,
    };
    Problem::usage(format!("{name}: {}", error.problem)).with_hint(hint)
}

/// The name of the setting at `path` for the user, and the source argument that it came from.
fn place<'a>(path: &ConfigPath, arguments: &'a RequestArgs) -> (String, Option<&'a SourceArgument>) {
    let given = match path.table {
        ConfigTable::Source(index) => arguments.sources.get(index).map(|source| ("SOURCE", source)),
        ConfigTable::Fallback(index) => arguments.fallbacks.get(index).map(|source| ("--fallback", source)),
        _ => None,
    };
    match given {
        Some((name, source)) => (name.to_owned(), Some(source)),
        None if *path == ConfigKey::Source.into() => ("SOURCE".to_owned(), None),
        None if arguments.config.is_some() => (path.to_string(), None),
        None => (flag(path), None),
    }
}

/// The flag that fills the setting at `path`, with the entry of a flag that is given once for each entry.
pub(super) fn flag(path: &ConfigPath) -> String {
    let name = path.key.map(flag_name).unwrap_or_default();
    path.entry.as_ref().map_or_else(|| format!("--{name}"), |entry| format!("--{name} {entry}"))
}

/// The flag for a key: the same name, except for lists, of which a flag gives one entry.
fn flag_name(key: ConfigKey) -> String {
    match key {
        ConfigKey::ApiFrameworks => "api-framework".to_owned(),
        ConfigKey::Headers => "header".to_owned(),
        ConfigKey::Macros => "macro".to_owned(),
        ConfigKey::MediaTypes => "media-type".to_owned(),
        ConfigKey::Params => "param".to_owned(),
        ConfigKey::RequiredDimensions => "dimensions".to_owned(),
        key => key.as_str().replace('_', "-"),
    }
}

/// The configuration for one document.
pub(super) fn document(source: &SourceArgument) -> SourceConfig {
    match &source.place {
        SourcePlace::Given(text) => text.as_str().into(),
        SourcePlace::Stdin => SourceConfig::new(Location::Inline(String::new())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_called_by_the_flags_that_fill_them() {
        let cases = [
            (ConfigPath::from(ConfigKey::Patience), "--patience"),
            (ConfigTable::Filter.key(ConfigKey::MinDuration), "--min-duration"),
            (ConfigTable::Filter.key(ConfigKey::RequiredDimensions), "--dimensions"),
            (ConfigPath::from(ConfigKey::Headers).entry("X Y"), "--header X Y"),
            (ConfigPath::from(ConfigKey::CaFile), "--ca-file"),
        ];
        for (path, expected) in cases {
            assert_eq!(flag(&path), expected);
        }
    }
}
