//! A file that an argument names for the output of a command.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::error::CommandError;
use crate::exit::Exit;

/// A file for the output of a command. A reader sees either the older file or the whole new one: the text goes to a temporary file
/// beside it, which replaces it at the end.
pub(super) struct OutputFile {
    /// The argument that names the file.
    flag: &'static str,
    path: PathBuf,
    /// `None` for a pipe or a device, which cannot be replaced.
    temporary: Option<PathBuf>,
}

impl OutputFile {
    /// Prepares the file. This happens before any request, so that a wrong path costs no ad.
    ///
    /// # Errors
    /// A [`CommandError`] of usage: the file cannot be written.
    pub(super) fn prepare(flag: &'static str, path: Option<&Path>) -> Result<Option<Self>, CommandError> {
        let Some(path) = path else { return Ok(None) };
        let prepared = Self::new(flag, path);
        prepared.map(Some).map_err(|error| CommandError::usage(format!("{flag}: `{}`: {error}", path.display())))
    }

    fn new(flag: &'static str, path: &Path) -> io::Result<Self> {
        // A link stays a link: the file that it leads to is replaced.
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        match fs::metadata(&path) {
            Ok(metadata) if metadata.is_dir() => return Err(io::Error::other("is a folder")),
            Ok(metadata) if !metadata.is_file() => return Ok(Self { flag, path, temporary: None }),
            _ => {}
        }
        let name = path.file_name().ok_or_else(|| io::Error::other("is not a file name"))?;
        let temporary = path.with_file_name(format!(".{}.{}.tmp", name.display(), std::process::id()));
        File::create_new(&temporary)?;
        Ok(Self { flag, path, temporary: Some(temporary) })
    }

    /// Writes the text.
    ///
    /// # Errors
    /// A [`CommandError`]: the file cannot be written.
    pub(super) fn write(mut self, text: &[u8]) -> Result<(), CommandError> {
        let written = match &self.temporary {
            Some(temporary) => fs::write(temporary, text).and_then(|()| fs::rename(temporary, &self.path)),
            None => File::options().write(true).open(&self.path).and_then(|mut file| file.write_all(text)),
        };
        if written.is_ok() {
            self.temporary = None;
        }
        let (flag, shown) = (self.flag, self.path.display());
        written.map_err(|error| CommandError::new(Exit::Failed, format!("{flag}: `{shown}`: {error}")))
    }
}

impl Drop for OutputFile {
    fn drop(&mut self) {
        if let Some(temporary) = &self.temporary {
            // If it cannot be removed, the error cannot be reported, so it is ignored.
            drop(fs::remove_file(temporary));
        }
    }
}
