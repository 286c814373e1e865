//! The file of `--metrics-file`.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use vast_client::stats::ClientStats;

use crate::error::CommandError;
use crate::exit::Exit;

/// The file of `--metrics-file`. A reader sees either the older file or the whole new one: the numbers go to a temporary file beside it, which
/// replaces it at the end.
pub(super) struct MetricsFile {
    path: PathBuf,
    /// `None` for a pipe or a device, which cannot be replaced.
    temporary: Option<PathBuf>,
}

impl MetricsFile {
    /// Prepares the file. This happens before any request, so that a wrong path costs no ad.
    ///
    /// # Errors
    /// A [`CommandError`] of usage: the file cannot be written.
    pub(super) fn prepare(path: Option<&Path>) -> Result<Option<Self>, CommandError> {
        let Some(path) = path else { return Ok(None) };
        let prepared = Self::new(path);
        prepared
            .map(Some)
            .map_err(|error| CommandError::usage(format!("--metrics-file: `{}`: {error}", path.display())))
    }

    fn new(path: &Path) -> io::Result<Self> {
        // A link stays a link: the file that it leads to is replaced.
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        match fs::metadata(&path) {
            Ok(metadata) if metadata.is_dir() => return Err(io::Error::other("is a folder")),
            Ok(metadata) if !metadata.is_file() => return Ok(Self { path, temporary: None }),
            _ => {}
        }
        let name = path.file_name().ok_or_else(|| io::Error::other("is not a file name"))?;
        let temporary = path.with_file_name(format!(".{}.{}.tmp", name.display(), std::process::id()));
        File::create_new(&temporary)?;
        Ok(Self { path, temporary: Some(temporary) })
    }

    /// Writes the numbers.
    ///
    /// # Errors
    /// A [`CommandError`]: the file cannot be written.
    pub(super) fn write(mut self, stats: &ClientStats) -> Result<(), CommandError> {
        let text = stats.to_prometheus();
        let written = match &self.temporary {
            Some(temporary) => fs::write(temporary, text).and_then(|()| fs::rename(temporary, &self.path)),
            None => File::options().write(true).open(&self.path).and_then(|mut file| file.write_all(text.as_bytes())),
        };
        if written.is_ok() {
            self.temporary = None;
        }
        let shown = self.path.display();
        written.map_err(|error| CommandError::new(Exit::Failed, format!("--metrics-file: `{shown}`: {error}")))
    }
}

impl Drop for MetricsFile {
    fn drop(&mut self) {
        if let Some(temporary) = &self.temporary {
            // If it cannot be removed, the error cannot be reported, so it is ignored.
            drop(fs::remove_file(temporary));
        }
    }
}
