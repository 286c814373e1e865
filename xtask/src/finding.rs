//! A finding of a check: one line with the position, the rule and the problem.

use std::fmt;

/// The rule that a [`Finding`] breaks. A new rule needs a new variant, a new file and a new test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Rule {
    /// A source file cannot be read or parsed, so the other rules do not check it.
    Source,
    /// Modules of one crate depend on each other in a cycle.
    Cycle,
    /// Folders of one crate, or a folder and a file beside it, depend on each other in a cycle.
    FolderCycle,
    /// A module names an item by a re-export of the crate's root instead of by its module.
    RootImport,
    /// A type's name is defined more than once.
    DoubledName,
    /// A Rust file is longer than [`crate::tidy::MAX_LINES`].
    LongFile,
    /// A crate, folder, file or module has a name that does not say what it does.
    BannedName,
    /// A file contains a path of the machine it was written on.
    MachinePath,
    /// ARCHITECTURE.md names a file or module that does not exist.
    Architecture,
    /// A link in a Markdown file leads to a file or a heading that does not exist, or out of the book.
    BrokenLink,
    /// A page of docs/ is not in docs/SUMMARY.md.
    UnlistedPage,
    /// A generated page of docs/ differs from what its sources give.
    Docs,
    /// One of our crates depends on another one that it must not depend on.
    CrateEdge,
    /// A dependency needs a newer compiler than our `rust-version`.
    RustVersion,
    /// A published package lacks metadata.
    Package,
    /// The public API differs from its listing in docs/api.
    Api,
    /// conformance.toml and the tests disagree about a requirement.
    Conformance,
}

impl Rule {
    /// The name of the rule as printed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Cycle => "cycle",
            Self::FolderCycle => "folder-cycle",
            Self::RootImport => "root-import",
            Self::DoubledName => "doubled-name",
            Self::LongFile => "long-file",
            Self::BannedName => "banned-name",
            Self::MachinePath => "machine-path",
            Self::Architecture => "architecture",
            Self::BrokenLink => "broken-link",
            Self::UnlistedPage => "unlisted-page",
            Self::Docs => "docs",
            Self::CrateEdge => "crate-edge",
            Self::RustVersion => "rust-version",
            Self::Package => "package",
            Self::Api => "api",
            Self::Conformance => "conformance",
        }
    }
}

/// One broken rule. Its `Display` form is `position: [rule] message`, which editors and terminals make clickable.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The file, relative to the repository's root and with `/`; may be followed by `:line`.
    pub place: String,
    /// The rule that is broken.
    pub rule: Rule,
    /// The problem. The line must be understandable without the other lines.
    pub message: String,
}

impl Finding {
    /// A finding about a whole file or folder.
    pub fn file(place: &str, rule: Rule, message: impl Into<String>) -> Self {
        Self { place: place.to_owned(), rule, message: message.into() }
    }

    /// A finding about one line (counted from 1) of a file.
    pub fn line(file: &str, line: usize, rule: Rule, message: impl Into<String>) -> Self {
        Self { place: format!("{file}:{line}"), rule, message: message.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: [{}] {}", self.place, self.rule.name(), self.message)
    }
}
