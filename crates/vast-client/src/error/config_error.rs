//! The error for a wrong configuration, and the names of all configuration keys.

use std::convert::Infallible;
use std::fmt;

use super::config_key::ConfigKey;

/// A wrong configuration. It is reported before any request is sent, with the wrong setting and its accepted values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{problem}", self.place())]
#[non_exhaustive]
pub struct ConfigError {
    /// The setting that is wrong.
    pub path: ConfigPath,
    /// The line of the configuration file, from 1, if the error was found while the file was read.
    pub line: Option<usize>,
    /// The mistake and the accepted values, in one line.
    pub problem: String,
}

impl ConfigError {
    /// An error about the setting at `path`.
    pub fn new(path: impl Into<ConfigPath>, problem: impl Into<String>) -> Self {
        Self { path: path.into(), line: None, problem: problem.into() }
    }

    /// An error that is not about a single setting, such as a build without the HTTP transport.
    pub fn general(problem: impl Into<String>) -> Self {
        Self::new(ConfigPath::default(), problem)
    }

    /// The beginning of the message: the setting and the line.
    fn place(&self) -> String {
        match (self.line, &self.path) {
            (Some(line), path) if *path == ConfigPath::default() => format!("line {line}: "),
            (Some(line), path) => format!("line {line}, `{path}`: "),
            (None, path) if *path == ConfigPath::default() => String::new(),
            (None, path) => format!("{path}: "),
        }
    }
}

impl From<Infallible> for ConfigError {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

/// A setting of a configuration, for example `source[1].url` or `headers.X-Site`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConfigPath {
    /// The table of the key.
    pub table: ConfigTable,
    /// The key; `None` for the table as a whole.
    pub key: Option<ConfigKey>,
    /// The entry of `params`, `headers` and other tables within a table. Names of nested tables are joined with dots.
    pub entry: Option<String>,
}

impl ConfigPath {
    /// The entry `name` of the table at this path.
    #[must_use]
    pub fn entry(self, name: impl Into<String>) -> Self {
        let name = name.into();
        let entry = self.entry.map_or_else(|| name.clone(), |table| format!("{table}.{name}"));
        Self { entry: Some(entry), ..self }
    }
}

impl From<ConfigKey> for ConfigPath {
    fn from(key: ConfigKey) -> Self {
        ConfigTable::Root.key(key)
    }
}

impl From<ConfigTable> for ConfigPath {
    fn from(table: ConfigTable) -> Self {
        Self { table, ..Self::default() }
    }
}

impl fmt::Display for ConfigPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let table = match self.table {
            ConfigTable::Root => None,
            ConfigTable::Filter => Some("filter".to_owned()),
            ConfigTable::Break => Some("break".to_owned()),
            ConfigTable::Source(index) => Some(format!("source[{index}]")),
            ConfigTable::Fallback(index) => Some(format!("fallback[{index}]")),
            ConfigTable::Arm(index) => Some(format!("arm[{index}]")),
        };
        let key = self.key.map(|key| key.as_str().to_owned());
        let parts: Vec<String> = [table, key, self.entry.clone()].into_iter().flatten().collect();
        f.write_str(&parts.join("."))
    }
}

/// Checks that no entry of the list at `path` is empty: it would have no effect, or an effect on what has no value.
///
/// # Errors
/// A [`ConfigError`] about the list.
pub(crate) fn check_entries<S: AsRef<str>>(
    path: &ConfigPath,
    entries: impl IntoIterator<Item = S>,
) -> Result<(), ConfigError> {
    if entries.into_iter().any(|entry| entry.as_ref().trim().is_empty()) {
        return Err(ConfigError::new(path.clone(), "has an empty entry: leave it out, or write a value"));
    }
    Ok(())
}

/// Checks that every entry of the list at `path` is one word: not empty, and not a list with commas.
///
/// # Errors
/// A [`ConfigError`] about the list.
pub(crate) fn check_words(path: &ConfigPath, entries: &[String]) -> Result<(), ConfigError> {
    check_entries(path, entries)?;
    match entries.iter().find(|entry| entry.contains(',')) {
        Some(list) => {
            Err(ConfigError::new(path.clone(), format!("`{list}` is a list: write one entry for each value")))
        }
        None => Ok(()),
    }
}

/// A table of a configuration.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigTable {
    /// The keys outside of any table.
    #[default]
    Root,
    /// `[filter]`.
    Filter,
    /// `[break]`.
    Break,
    /// A `[[source]]`, by its index from 0.
    Source(usize),
    /// A `[[fallback]]`, by its index from 0.
    Fallback(usize),
    /// An `[[arm]]`, by its index from 0.
    Arm(usize),
}

impl ConfigTable {
    /// The key `key` of this table.
    pub fn key(self, key: ConfigKey) -> ConfigPath {
        ConfigPath { table: self, key: Some(key), entry: None }
    }
}
