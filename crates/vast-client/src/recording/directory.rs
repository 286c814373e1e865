//! A folder of recordings, one file each, of limited size and number.

use std::collections::VecDeque;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use super::model::Recording;
use crate::config::RecordConfig;

/// How many recordings a folder has at most. When a new one exceeds a limit, the oldest ones are removed. Other files in the folder
/// are neither counted nor removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DirectoryLimits {
    /// The largest number of bytes of all recordings. Default 1 GiB, which is about 500,000 requests with one small document.
    pub max_bytes: u64,
    /// The largest number of recordings. Default 10,000: more files in one folder are hard to handle with the usual tools.
    pub max_files: usize,
}

impl Default for DirectoryLimits {
    fn default() -> Self {
        Self { max_bytes: RecordConfig::MAX_BYTES, max_files: RecordConfig::MAX_FILES }
    }
}

/// The ending of the file of a recording.
pub const EXTENSION: &str = "vastrec";
/// The ending of a file that is not whole yet.
const UNFINISHED: &str = "part";

pub(super) struct Directory {
    path: PathBuf,
    limits: DirectoryLimits,
    /// The recordings, the oldest first, each with its size.
    files: VecDeque<(PathBuf, u64)>,
    bytes: u64,
}

impl Directory {
    /// The folder at `path`, which is created if it does not exist.
    pub(super) fn open(path: PathBuf, limits: DirectoryLimits) -> io::Result<Self> {
        fs::create_dir_all(&path)?;
        let mut files = Vec::new();
        for entry in fs::read_dir(&path)? {
            let entry = entry?;
            if entry.path().extension().is_some_and(|extension| extension == EXTENSION) {
                files.push((entry.path(), entry.metadata()?.len()));
            }
        }
        // The names begin with the time.
        files.sort();
        let bytes = files.iter().map(|(_, bytes)| bytes).sum();
        Ok(Self { path, limits, files: files.into(), bytes })
    }

    /// Writes the file of a recording. It gets its name when it is whole, so that readers see whole recordings only.
    ///
    /// In a folder that is full, the file of the oldest recording is used again. On ext4, removing a file and creating another one costs
    /// several times as much, because the file system searches all file numbers that were freed in the last minute. Whoever reads the
    /// oldest recording at that moment finds that its checksum is wrong.
    pub(super) fn add(&mut self, recording: &Recording, content: &[u8]) -> io::Result<()> {
        let size = content.len() as u64;
        if self.limits.max_files == 0 || size > self.limits.max_bytes {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "the recording is larger than the folder may be"));
        }
        let path = self.path.join(file_name(recording));
        let unfinished = path.with_extension(UNFINISHED);
        let mut is_used_again = false;
        while self.files.len() >= self.limits.max_files || self.bytes + size > self.limits.max_bytes {
            let Some((oldest, bytes)) = self.files.pop_front() else { break };
            self.bytes = self.bytes.saturating_sub(bytes);
            if is_used_again {
                remove(&oldest)?;
            } else {
                is_used_again = fs::rename(&oldest, &unfinished).is_ok();
            }
        }
        let written = write(&unfinished, content).and_then(|()| fs::rename(&unfinished, &path));
        if written.is_err() {
            drop(fs::remove_file(&unfinished));
        }
        written?;
        self.bytes += size;
        self.files.push_back((path, size));
        Ok(())
    }
}

/// Writes a file, which may have other content. It is not emptied first: ext4 writes a file that was emptied to the disk at once.
fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = fs::File::options().write(true).create(true).truncate(false).open(path)?;
    file.write_all(content)?;
    file.set_len(content.len() as u64)
}

/// Removes a file that another process may have removed already.
fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// The name of the file of a recording in a folder: the time of the request in milliseconds since 1970 (UTC) and its id.
pub fn file_name(recording: &Recording) -> String {
    let began = recording.request.began.duration_since(UNIX_EPOCH).unwrap_or_default();
    let id: String = recording.request.id.chars().filter(|char| char.is_ascii_alphanumeric() || *char == '-').collect();
    format!("{:013}-{id}.{EXTENSION}", began.as_millis())
}
