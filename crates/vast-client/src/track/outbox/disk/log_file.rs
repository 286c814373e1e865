//! The file of a [commit log](super::commit_log).

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::commit_log::{LOG_BYTES, LogStorage, MAGIC};
use super::file::{self, OpenFailure, OpenedFile, OpenedLog};

/// The path of the log of the outbox at `path`.
pub(super) fn beside(path: &Path) -> PathBuf {
    file::beside(path, "commits")
}

/// Opens the outbox at `path` and its log for writing, or creates them.
pub(super) fn open(path: &Path) -> Result<OpenedFile, OpenFailure> {
    // Before anything is changed: the log may be a file of another program.
    read(path)?;
    let opened = file::open(path)?;
    match LogFile::open(path) {
        Ok(log) => Ok(OpenedFile { log: OpenedLog::Writable(Box::new(log)), ..opened }),
        Err(failure) => {
            file::close(opened.database);
            Err(failure)
        }
    }
}

/// Opens the outbox at `path` and its log without changing them: writes are kept in memory only.
pub(super) fn open_read_only(path: &Path) -> Result<OpenedFile, OpenFailure> {
    let log = OpenedLog::ReadOnly(read(path)?);
    Ok(OpenedFile { log, ..file::open_read_only(path)? })
}

/// A log in a file.
struct LogFile {
    path: PathBuf,
    file: File,
}

impl LogFile {
    /// Opens the log of the outbox at `path`, or creates it with its full size: a commit that made the file larger would take longer.
    fn open(path: &Path) -> Result<Self, OpenFailure> {
        let path = beside(path);
        let file = match file::regular(&path)? {
            None => file::create(&path),
            Some(_) => file::open_regular(&path, true),
        };
        let file = file.map_err(file::classify)?;
        file::make_private(&file).map_err(file::classify)?;
        let mut log = Self { path, file };
        let bytes = log.bytes().map_err(file::classify)?;
        check(&bytes)?;
        if bytes.len() < LOG_BYTES || !bytes.starts_with(MAGIC) {
            log.fill(bytes).map_err(file::classify)?;
        }
        Ok(log)
    }

    fn bytes(&mut self) -> io::Result<Vec<u8>> {
        self.file.seek(SeekFrom::Start(0))?;
        content(&self.file)
    }

    /// Writes the full size. Zeros are written too: without them the places on the disk would be found at the first commit that needs them.
    fn fill(&mut self, mut bytes: Vec<u8>) -> io::Result<()> {
        let kept = bytes.len().max(MAGIC.len());
        bytes.resize(kept.max(LOG_BYTES), 0);
        bytes[..MAGIC.len()].copy_from_slice(MAGIC);
        self.write(0, &bytes)?;
        self.file.sync_all()?;
        file::sync_folder(&self.path)
    }
}

/// The bytes of the log of the outbox at `path`, which is not changed; none without a log.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, OpenFailure> {
    let path = beside(path);
    if file::regular(&path)?.is_none() {
        return Ok(Vec::new());
    }
    let log = file::open_regular(&path, false).map_err(file::classify)?;
    let bytes = content(&log).map_err(file::classify)?;
    check(&bytes)?;
    Ok(bytes)
}

/// The bytes of a log from here on. A file of another program may be larger than every log.
fn content(log: &File) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    log.take(LOG_BYTES as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A process that ended while it created the file may have left it empty, or with zeros only.
fn check(bytes: &[u8]) -> Result<(), OpenFailure> {
    let start = bytes.get(..MAGIC.len()).unwrap_or(bytes);
    if start == MAGIC || bytes.iter().all(|byte| *byte == 0) || (bytes.len() < MAGIC.len() && MAGIC.starts_with(start))
    {
        return Ok(());
    }
    Err(OpenFailure::Foreign("the file beside it whose name ends with `.commits` is not its commit log".into()))
}

impl LogStorage for LogFile {
    fn read(&mut self) -> io::Result<Vec<u8>> {
        self.bytes()
    }

    #[cfg(unix)]
    fn write(&mut self, at: u64, bytes: &[u8]) -> io::Result<()> {
        std::os::unix::fs::FileExt::write_all_at(&self.file, bytes, at)
    }

    #[cfg(not(unix))]
    fn write(&mut self, at: u64, bytes: &[u8]) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(at))?;
        io::Write::write_all(&mut self.file, bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn remove(self: Box<Self>) -> io::Result<()> {
        fs::remove_file(&self.path)
    }
}
