//! `conformance.toml`, read into one entry per requirement.

use std::collections::BTreeMap;
use std::io;

use serde::Deserialize;

use super::requirement::Requirement;

/// The table's file, in the repository's root.
pub const FILE: &str = "conformance.toml";

/// What the table says about one requirement.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "status", rename_all = "lowercase", deny_unknown_fields)]
#[non_exhaustive]
pub enum Entry {
    /// Tests prove it.
    Tested {
        /// Their names; when empty, every test named for the requirement counts.
        #[serde(default)]
        tests: Vec<String>,
    },
    /// It is not met yet.
    Later {
        /// What is missing.
        why: String,
    },
    /// Only the host (a player with a screen) can meet it; tests prove that our API lets it.
    Host {
        /// The API by which the host does it.
        api: String,
        /// As for [`Entry::Tested`].
        #[serde(default)]
        tests: Vec<String>,
    },
}

/// The table.
#[derive(Debug, Default)]
pub struct Register {
    /// The entries that can be read.
    pub entries: BTreeMap<Requirement, Entry>,
    /// Keys or values that cannot, with the reason.
    pub unreadable: Vec<Unreadable>,
    /// The line of each key, counted from 1.
    lines: BTreeMap<String, usize>,
}

/// An entry that is not understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// Its line, counted from 1.
    pub line: usize,
    /// The requirement, when at least the key is right.
    pub requirement: Option<Requirement>,
    /// What is wrong.
    pub message: String,
}

impl Register {
    /// Reads the table.
    ///
    /// # Errors
    /// When the text is not TOML (a key that stands twice included). A single wrong entry is no error: see
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

    /// The line on which a requirement stands, or 1.
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
