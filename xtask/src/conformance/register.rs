//! Reads `conformance.toml` into one entry per requirement.

use std::collections::BTreeMap;
use std::io;

use serde::Deserialize;

use super::requirement::Requirement;

/// The table's file, in the repository's root.
pub const FILE: &str = "conformance.toml";

/// The entry of one requirement.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "status", rename_all = "lowercase", deny_unknown_fields)]
#[non_exhaustive]
pub enum Entry {
    /// Tests prove the requirement.
    Tested {
        /// The names of the tests. If empty, every test that is named for the requirement counts.
        #[serde(default)]
        tests: Vec<String>,
    },
    /// The requirement is not fulfilled yet.
    Later {
        /// What is missing.
        why: String,
    },
    /// Only the host (a player with a screen) can fulfil it; tests prove that our API permits it.
    Host {
        /// The API that the host uses for it.
        api: String,
        /// See [`Entry::Tested`].
        #[serde(default)]
        tests: Vec<String>,
    },
}

/// The table.
#[derive(Debug, Default)]
pub struct Register {
    /// The valid entries.
    pub entries: BTreeMap<Requirement, Entry>,
    /// The keys or values that are not valid, with the reason.
    pub unreadable: Vec<Unreadable>,
    /// The line of each key, counted from 1.
    lines: BTreeMap<String, usize>,
}

/// An entry that is not valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// Its line, counted from 1.
    pub line: usize,
    /// The requirement, if at least the key is valid.
    pub requirement: Option<Requirement>,
    /// The problem.
    pub message: String,
}

impl Register {
    /// Reads the table.
    ///
    /// # Errors
    /// If the text is not TOML (a duplicate key included). A single invalid entry is not an error: see
    /// [`Register::unreadable`].
    pub fn parse(text: &str) -> io::Result<Self> {
        let table: toml::Table = text
            .parse()
            .map_err(|error: toml::de::Error| io::Error::new(io::ErrorKind::InvalidData, format!("{FILE}: {error}")))?;
        let mut register = Self { lines: lines_of_keys(text), ..Self::default() };
        for (key, value) in table {
            register.add(&key, value);
        }
        Ok(register)
    }

    /// The line of a requirement; 1 if it has none.
    pub fn line(&self, requirement: Requirement) -> usize {
        self.line_of_key(&requirement.to_string())
    }

    fn add(&mut self, key: &str, value: toml::Value) {
        let line = self.line_of_key(key);
        let requirement = match key.parse::<Requirement>() {
            Ok(requirement) => requirement,
            Err(message) => return self.unreadable.push(Unreadable { line, requirement: None, message }),
        };
        match value.try_into() {
            Ok(entry) => {
                self.entries.insert(requirement, entry);
            }
            Err(error) => {
                let message = format!("{requirement}: {}", error.to_string().trim());
                self.unreadable.push(Unreadable { line, requirement: Some(requirement), message });
            }
        }
    }

    fn line_of_key(&self, key: &str) -> usize {
        self.lines.get(key).copied().unwrap_or(1)
    }
}

/// The key at the start of a line, quoted or not.
pub fn key_of_line(line: &str) -> Option<&str> {
    let (key, _) = line.split_once('=')?;
    Some(key.trim().trim_matches('"'))
}

fn lines_of_keys(text: &str) -> BTreeMap<String, usize> {
    let numbered = text.lines().enumerate();
    numbered.filter_map(|(index, line)| Some((key_of_line(line)?.to_owned(), index + 1))).collect()
}
