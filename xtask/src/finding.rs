//! A finding of a check: one line with the rule, the place and the fault.

use std::fmt;

/// The rule that a [`Finding`] breaks. Closed: a new rule is a new variant, a new file and a new test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Rule {
    /// A source file that cannot be read or does not parse, so that the other rules cannot see into it.
    Source,
    /// Modules of one crate depend on each other in a circle.
    Cycle,
    /// Folders of one crate, or a folder and a file beside it, depend on each other in a circle.
    FolderCycle,
    /// A type's name is defined more than once.
    DoubledName,
    /// A Rust file is longer than [`crate::tidy::MAX_LINES`].
    LongFile,
    /// A crate, folder, file or module has a name that says nothing about its job.
    BannedName,
    /// A file names a folder of the machine it was written on.
    MachinePath,
    /// ARCHITECTURE.md names a file or module that does not exist.
    Architecture,
    /// A crate of ours depends on one that it must not know.
    CrateEdge,
    /// A dependency needs a newer compiler than the `rust-version` we promise.
    RustVersion,
    /// A published package does not say what it is.
    Package,
    /// The public API is not what its listing in docs/api says.
    Api,
    /// conformance.toml and the tests say different things about a requirement.
    Conformance,
}

impl Rule {
    /// The rule's name as printed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Cycle => "cycle",
            Self::FolderCycle => "folder-cycle",
            Self::DoubledName => "doubled-name",
            Self::LongFile => "long-file",
            Self::BannedName => "banned-name",
            Self::MachinePath => "machine-path",
            Self::Architecture => "architecture",
            Self::CrateEdge => "crate-edge",
            Self::RustVersion => "rust-version",
            Self::Package => "package",
            Self::Api => "api",
            Self::Conformance => "conformance",
        }
    }
}

/// One broken rule. Its `Display` form is `place: [rule] message`, which editors and terminals make clickable.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The file, relative to the repository's root and with `/`; may be followed by `:line`.
    pub place: String,
    /// The rule that is broken.
    pub rule: Rule,
    /// What is wrong, in one line that can be read alone.
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
