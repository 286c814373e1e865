//! The documents that are mutated.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The size limit in bytes. Larger documents take longer and find no other errors.
const LARGEST: usize = 8 << 10;

/// A set of valid and invalid documents.
#[derive(Clone, Debug, Default)]
pub struct Corpus {
    documents: Vec<Vec<u8>>,
}

impl Corpus {
    /// A corpus of these documents.
    pub fn of(documents: impl IntoIterator<Item = Vec<u8>>) -> Self {
        Self { documents: documents.into_iter().collect() }
    }

    /// Adds the XML files in a folder and its subfolders, in the order of their names, if they have at most 8 KiB.
    ///
    /// # Errors
    /// When the folder or a file in it cannot be read.
    pub fn add_folder(&mut self, folder: &Path) -> io::Result<&mut Self> {
        let entries = std::fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path()));
        let mut paths = entries.collect::<io::Result<Vec<PathBuf>>>()?;
        paths.sort();
        for path in paths {
            if path.is_dir() {
                self.add_folder(&path)?;
            } else if path.extension().is_some_and(|extension| extension == "xml") {
                self.documents.extend(read(&path)?);
            }
        }
        Ok(self)
    }

    /// The documents.
    pub fn documents(&self) -> &[Vec<u8>] {
        &self.documents
    }

    /// All texts in the documents that look like a URL, without duplicates.
    pub fn urls(&self) -> Vec<Vec<u8>> {
        let pieces = self.documents.iter().flat_map(|document| document.split(|byte| b" \t\r\n<>\"'".contains(byte)));
        let urls = pieces.map(|piece| piece.strip_prefix(b"![CDATA[").unwrap_or(piece));
        let urls = urls.map(|piece| piece.strip_suffix(b"]]").unwrap_or(piece));
        let mut urls: Vec<Vec<u8>> =
            urls.filter(|url| url.windows(3).any(|part| part == b"://")).map(Vec::from).collect();
        urls.sort();
        urls.dedup();
        urls
    }
}

/// The content of a file; `None` if it is too large.
fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(LARGEST as u64 + 1).read_to_end(&mut bytes)?;
    Ok(Some(bytes).filter(|bytes| bytes.len() <= LARGEST))
}
