//! `cargo xtask conformance`: compares the table of requirements in `conformance.toml` with the tests that prove them.
//!
//! A test proves a requirement by its name: `r034_...` proves R-034, `r034_r035_...` both. [`register`] reads the table,
//! [`proofs`] finds the tests, [`agreement`] compares them, [`table`] and [`sample`] print them, [`update`] rewrites the
//! table. [`texts`] checks that every requirement has its sentence in docs/requirements.md.

use std::fs;
use std::io;
use std::path::Path;

use crate::finding::Finding;
use crate::repository::Repository;

pub mod agreement;
pub mod proofs;
pub mod register;
pub mod requirement;
pub mod sample;
pub mod table;
pub mod texts;
pub mod update;

/// The table's file, in the repository's root.
pub const FILE: &str = register::FILE;

/// The table and the tests of a repository, read once.
#[derive(Debug)]
pub struct Conformance {
    /// The text of the table.
    pub text: String,
    /// The text of [`texts::FILE`]; empty if the file does not exist.
    pub sentences: String,
    /// The table.
    pub register: register::Register,
    /// All tests named for requirements.
    pub proofs: Vec<proofs::Proof>,
}

impl Conformance {
    /// Reads both from the checkout at `root`.
    ///
    /// # Errors
    /// If the table or a source cannot be read, or the table is not TOML.
    pub fn open(root: &Path) -> io::Result<Self> {
        let text = fs::read_to_string(root.join(FILE))
            .map_err(|error| io::Error::new(error.kind(), format!("{FILE}: {error}")))?;
        let register = register::Register::parse(&text)?;
        let repository = Repository::open(root)?;
        let sentences = if repository.has(texts::FILE) { repository.text(texts::FILE)? } else { None };
        let proofs = proofs::find(&repository)?;
        Ok(Self { text, sentences: sentences.unwrap_or_default(), register, proofs })
    }

    /// All differences between the table, the tests and the sentences.
    pub fn findings(&self) -> Vec<Finding> {
        let gaps = agreement::check(&self.register, &self.proofs).into_iter().map(|gap| gap.finding);
        gaps.chain(texts::check(&self.sentences)).collect()
    }

    /// The table by stage, as printed.
    pub fn table(&self) -> String {
        table::render(&self.register, &agreement::check(&self.register, &self.proofs))
    }

    /// The new text of the table: see [`update::update`].
    pub fn updated(&self) -> String {
        update::update(&self.text, &self.register, &self.proofs)
    }

    /// Randomly chosen requirements: see [`sample::sample`].
    pub fn sample(&self, count: usize, seed: u64) -> String {
        sample::sample(&self.register, &self.proofs, count, seed)
    }
}
