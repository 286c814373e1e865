//! The configuration of a request from its arguments and its file, and the messages for a wrong configuration.

use std::io::{self, ErrorKind};
use std::path::Path;

use vast_client::config::Location;
use vast_client::{
    ClientConfig, ConfigError, ConfigKey, ConfigPath, ConfigTable, MAX_CONFIG_BYTES, SourceConfig, read_regular_file,
};

use super::stdin::Stdin;
use crate::args::{AskArgs, SourceArgument, SourceLocation};
use crate::error::CommandError;
use crate::flag_names::{FlagNames, flag};
use crate::hints;

/// The size limit of a file with certificates. All public authorities together have less than 1 MiB.
const MAX_CA_FILE_BYTES: u64 = 16 << 20;

/// The configuration. An argument overrides the file, the file overrides the default.
///
/// # Errors
/// A [`CommandError`] that names the argument or the file and its key.
pub(super) fn request(arguments: &AskArgs, stdin: &Stdin) -> Result<ClientConfig, CommandError> {
    let mut file = arguments.config.as_deref().map(|path| read(path, "--config")).transpose()?.unwrap_or_default();
    arguments.apply(&mut file)?;
    let is_argument = arguments.network.ca_file.is_some();
    check_ca_file(file.fetch.ca_file.as_deref(), if is_argument { CA_FILE } else { "ca_file" })?;
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

/// Reads a configuration file. Relative paths in it start at its folder. Messages name the file `name`.
///
/// # Errors
/// A [`CommandError`] of usage.
pub(super) fn read(path: &Path, name: &str) -> Result<ClientConfig, CommandError> {
    parse(&text(path, name)?, path, name)
}

/// The text of the configuration file at `path`. Messages name the file `name`.
///
/// # Errors
/// A [`CommandError`] of usage.
pub(super) fn text(path: &Path, name: &str) -> Result<String, CommandError> {
    let text = read_text(path, MAX_CONFIG_BYTES);
    text.map_err(|error| CommandError::usage(format!("{name}: `{}`: {error}", path.display())))
}

/// The configuration of the file at `path` with this text. Messages name the file `name`.
///
/// # Errors
/// A [`CommandError`] of usage.
pub(super) fn parse(text: &str, path: &Path, name: &str) -> Result<ClientConfig, CommandError> {
    let base = path.parent().unwrap_or(Path::new(""));
    let wrong = |error| CommandError::usage(format!("{name}: `{}`: {error}", path.display()));
    ClientConfig::parse(text, base).map_err(wrong)
}

/// The text of a regular file of at most `limit` bytes.
fn read_text(path: &Path, limit: u64) -> io::Result<String> {
    String::from_utf8(read_regular_file(path, limit)?)
        .map_err(|_| io::Error::new(ErrorKind::InvalidData, "not UTF-8 text"))
}

/// The name of the argument with the file of certificates.
pub(super) const CA_FILE: &str = "--ca-file";

/// Checks the file of `--ca-file` before the library reads it. Messages name it `name`.
///
/// # Errors
/// A [`CommandError`] of usage.
pub(super) fn check_ca_file(path: Option<&Path>, name: &str) -> Result<(), CommandError> {
    let Some(path) = path else { return Ok(()) };
    let checked = read_regular_file(path, MAX_CA_FILE_BYTES).map(drop);
    checked.map_err(|error| CommandError::usage(format!("{name}: `{}`: {error}", path.display())))
}

/// The message for a wrong configuration.
pub(super) fn config_error(error: &ConfigError, arguments: &AskArgs) -> CommandError {
    let (name, given) = argument(&error.path, arguments);
    let has_file = arguments.config.is_some();
    let problem = if has_file { error.problem.clone() } else { FlagNames::of("request").in_text(&error.problem) };
    // Most messages about a source already contain its text.
    let name = match given {
        Some(SourceArgument { text, .. }) if !error.problem.contains(text.as_str()) => format!("{name} `{text}`"),
        _ => name,
    };
    let hint = match given {
        Some(source) if error.path.key == Some(ConfigKey::File) => hints::missing_file(&source.text),
        None if error.path == ConfigKey::Source.into() => Some(hints::NO_SOURCE.to_owned()),
        _ => None,
    };
    CommandError::usage(format!("{name}: {problem}")).with_hint(hint)
}

/// The name of the setting at `path` for the user, and the source argument that it came from.
fn argument<'a>(path: &ConfigPath, arguments: &'a AskArgs) -> (String, Option<&'a SourceArgument>) {
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

/// The source for one document. Standard input is read elsewhere.
pub(super) fn document(source: &SourceArgument) -> SourceConfig {
    match &source.location {
        SourceLocation::Given(text) => text.as_str().into(),
        SourceLocation::Stdin => SourceConfig::new(Location::Inline(String::new())),
    }
}

#[cfg(test)]
mod reference;
#[cfg(test)]
mod tests;
