//! The files of an outbox: the lock that one process holds, and the database.
//!
//! Only regular files that are empty or have the format of an outbox are opened for writing. Everything else is refused before
//! anything is changed: other files, symbolic links, devices, damaged files and files of a newer format.

use std::borrow::Cow;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use redb::backends::FileBackend;
use redb::{Builder, Database, DatabaseError, ReadableDatabase, StorageBackend, TableError, TableHandle};

use super::super::interface::OutboxError;
use super::commit_log::LogStorage;
use super::layout::{LOG_FORMAT, META, META_FORMAT};
use super::overlay::Overlay;
use crate::regular_file;

/// The size of the memory cache for the file, in bytes. Most rows that are read were written shortly before.
const CACHE_BYTES: usize = 32 << 20;
/// The first bytes of every redb file.
const MAGIC: &[u8; 9] = b"redb\x1a\x0a\xa9\x0d\x0a";

/// An open database.
pub(super) struct OpenedFile {
    pub(super) database: Database,
    /// Whether the database was not closed properly and had to be repaired.
    pub(super) repaired: bool,
    pub(super) log: OpenedLog,
}

/// The commit log of an open file.
pub(super) enum OpenedLog {
    None,
    /// The bytes of the log, which is not changed.
    ReadOnly(Vec<u8>),
    Writable(Box<dyn LogStorage>),
}

/// Why a file was not opened.
#[derive(Debug, thiserror::Error)]
pub(super) enum OpenFailure {
    /// The file is a damaged outbox.
    #[error("the file is damaged: {0}")]
    Damaged(String),
    /// The file is not an outbox.
    #[error("the file is not an outbox: {0}")]
    Foreign(Cow<'static, str>),
    /// A newer version wrote the file, in this format.
    #[error("a newer version wrote the file")]
    Newer(Option<u64>),
    /// Another process uses the file.
    #[error("another process uses the file")]
    InUse,
    /// The operating system refuses access, and a retry does not help.
    #[error("{0}")]
    Denied(io::Error),
    /// The operating system reports an error that may go away, such as a full or failing disk.
    #[error("{0}")]
    Failing(String),
}

impl OpenFailure {
    pub(super) fn error(self, path: &Path) -> OutboxError {
        let path = path.to_owned();
        match self {
            Self::InUse => OutboxError::InUse { process: 0 },
            Self::Denied(error) => OutboxError::Open { path, reason: error.to_string() },
            Self::Foreign(reason) => OutboxError::NotAnOutbox { path, reason: reason.into_owned() },
            Self::Damaged(reason) => OutboxError::Damaged { path, reason },
            Self::Newer(format) => OutboxError::NewerFormat { path, format, supported: LOG_FORMAT },
            Self::Failing(reason) => OutboxError::Unavailable(reason),
        }
    }
}

/// Opens the file at `path` for writing, or creates it. Its commit log is not opened.
pub(super) fn open(path: &Path) -> Result<OpenedFile, OpenFailure> {
    let is_new = match kind_of(path)? {
        OutboxFile::Absent => {
            create(path).map_err(classify)?;
            // Sync the folder: otherwise a power loss may remove the name of the file, even after its content was
            // synced.
            sync_folder(path).map_err(classify)?;
            true
        }
        OutboxFile::Empty => true,
        OutboxFile::Database => {
            // First open it with an overlay in memory, because opening a database may change it.
            close(over(overlay(path)?)?.database);
            false
        }
    };
    let file = open_regular(path, true).map_err(classify)?;
    make_private(&file).map_err(classify)?;
    let backend = FileBackend::new(file).map_err(failure)?;
    let opened = over(backend)?;
    Ok(OpenedFile { repaired: opened.repaired && !is_new, ..opened })
}

/// Opens the file at `path` without changing it: writes are kept in memory only. Its commit log is not opened.
pub(super) fn open_read_only(path: &Path) -> Result<OpenedFile, OpenFailure> {
    match kind_of(path)? {
        OutboxFile::Absent => {
            Err(OpenFailure::Denied(io::Error::new(io::ErrorKind::NotFound, "there is no such file")))
        }
        OutboxFile::Empty | OutboxFile::Database => over(overlay(path)?),
    }
}

/// The file as a storage that is never changed.
fn overlay(path: &Path) -> Result<Overlay, OpenFailure> {
    open_regular(path, false).and_then(Overlay::over).map_err(classify)
}

/// The kind of file at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OutboxFile {
    Absent,
    Empty,
    /// A redb file. Only opening it shows whether it is an outbox.
    Database,
}

fn kind_of(path: &Path) -> Result<OutboxFile, OpenFailure> {
    let Some(metadata) = regular(path)? else { return Ok(OutboxFile::Absent) };
    let mut file = open_regular(path, false).map_err(classify)?;
    let mut magic = [0; MAGIC.len()];
    if metadata.len() == 0 {
        // Files of the kernel, such as those in `/proc`, say that they are empty.
        return match file.read(&mut magic) {
            Ok(0) => Ok(OutboxFile::Empty),
            Ok(_) => Err(OpenFailure::Foreign("it has content, although its size is 0".into())),
            Err(error) => Err(OpenFailure::Foreign(format!("its size is 0, and it cannot be read: {error}").into())),
        };
    }
    let read = file.read_exact(&mut magic);
    match read {
        Ok(()) if magic == *MAGIC => Ok(OutboxFile::Database),
        Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => Err(classify(error)),
        _ => Err(OpenFailure::Foreign("it does not have the format of an outbox".into())),
    }
}

/// What the file system knows of the regular file at `path`; `None` if there is no file.
pub(super) fn regular(path: &Path) -> Result<Option<fs::Metadata>, OpenFailure> {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_file() => Ok(Some(metadata)),
        Ok(metadata) if metadata.is_dir() => Err(OpenFailure::Denied(io::ErrorKind::IsADirectory.into())),
        Ok(metadata) => Err(OpenFailure::Foreign(
            format!("it is {}", regular_file::FileKind::of(metadata.file_type()).as_str()).into(),
        )),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(classify(error)),
    }
}

/// Opens the database in `backend`. A file that was not closed properly is checked as a whole; otherwise only its header and last
/// commit are checked, so that opening takes the same time for any number of rows.
pub(super) fn over(backend: impl StorageBackend) -> Result<OpenedFile, OpenFailure> {
    let is_new = backend.len().map_err(classify)? == 0;
    let repaired = Arc::new(AtomicBool::new(false));
    let noted = Arc::clone(&repaired);
    let open = || {
        let mut builder = Builder::new();
        builder.set_cache_size(CACHE_BYTES);
        let repaired = Arc::clone(&noted);
        builder.set_repair_callback(move |_| repaired.store(true, Ordering::Relaxed));
        let mut database = builder.create_with_backend(backend).map_err(failure)?;
        if !is_new && noted.load(Ordering::Relaxed) {
            check(&mut database)?;
        }
        check_format(&database)?;
        Ok(database)
    };
    // A file that was changed by another program can make the reader panic.
    let database = caught(open).unwrap_or_else(|| Err(OpenFailure::Damaged("reading it failed".to_owned())))?;
    Ok(OpenedFile { database, repaired: repaired.load(Ordering::Relaxed), log: OpenedLog::None })
}

/// Closes a database that may be damaged: that can make it panic.
pub(super) fn close<T: Send>(database: T) {
    caught(move || drop(database));
}

/// The result of work on a file that may be damaged; `None` if it panicked. The work runs on a thread with a name, so
/// that a program can distinguish these panics, which are handled here, from other panics.
pub(super) fn caught<T: Send>(work: impl FnOnce() -> T + Send) -> Option<T> {
    thread::scope(|scope| {
        let thread = thread::Builder::new().name("outbox-file".to_owned()).spawn_scoped(scope, work);
        thread.ok()?.join().ok()
    })
}

/// Checks every page of the database. Pages of the last commit are repaired where that is possible.
pub(super) fn check(database: &mut Database) -> Result<bool, OpenFailure> {
    database.check_integrity().map_err(failure)
}

/// [`check`] for a file that may be damaged in any way: a panic of the reader is damage.
pub(super) fn check_guarded(database: &mut Database) -> Result<bool, OpenFailure> {
    caught(|| check(database)).unwrap_or_else(|| Err(OpenFailure::Damaged("reading it failed".to_owned())))
}

/// The format of the file; `None` if it was created and not written yet.
pub(super) fn check_format(database: &Database) -> Result<Option<u64>, OpenFailure> {
    let failed = |error: redb::Error| OpenFailure::Damaged(error.to_string());
    let read = database.begin_read().map_err(|error| failed(error.into()))?;
    let format = match read.open_table(META) {
        Ok(meta) => meta.get(META_FORMAT).map_err(|error| failed(error.into()))?.map(|format| format.value()),
        // The file is new, or its process ended before it wrote the format. With other tables it is not an outbox.
        Err(TableError::TableDoesNotExist(_)) => {
            let mut tables = read.list_tables().map_err(|error| failed(error.into()))?;
            let is_empty = tables.all(|table| table.name() == META.name());
            return if is_empty {
                Ok(None)
            } else {
                Err(OpenFailure::Foreign("it is the database of another program".into()))
            };
        }
        Err(TableError::TableTypeMismatch { .. } | TableError::TableIsMultimap(_)) => {
            return Err(OpenFailure::Foreign("it is the database of another program".into()));
        }
        Err(error) => return Err(failed(error.into())),
    };
    match format {
        None => Err(OpenFailure::Foreign("it is the database of another program".into())),
        Some(newer) if newer > LOG_FORMAT => Err(OpenFailure::Newer(Some(newer))),
        Some(format) => Ok(Some(format)),
    }
}

fn failure(error: DatabaseError) -> OpenFailure {
    match error {
        DatabaseError::DatabaseAlreadyOpen => OpenFailure::InUse,
        DatabaseError::UpgradeRequired(_) => OpenFailure::Newer(None),
        DatabaseError::Storage(redb::StorageError::Io(error)) => classify(error),
        DatabaseError::Storage(redb::StorageError::Corrupted(reason)) => OpenFailure::Damaged(reason),
        DatabaseError::RepairAborted => OpenFailure::Damaged("it cannot be repaired".to_owned()),
        other => OpenFailure::Failing(other.to_string()),
    }
}

pub(super) fn classify(error: io::Error) -> OpenFailure {
    use io::ErrorKind::{
        InvalidData, InvalidInput, IsADirectory, NotADirectory, NotFound, PermissionDenied, ReadOnlyFilesystem,
        UnexpectedEof,
    };
    match error.kind() {
        // The header of the file is wrong, or the file is truncated.
        InvalidData | UnexpectedEof => OpenFailure::Damaged(error.to_string()),
        NotFound | PermissionDenied | NotADirectory | IsADirectory | ReadOnlyFilesystem | InvalidInput => {
            OpenFailure::Denied(error)
        }
        _ => OpenFailure::Failing(error.to_string()),
    }
}

/// Damaged or newer files that earlier versions have renamed.
pub(super) fn aside(path: &Path) -> Vec<PathBuf> {
    let Some(name) = path.file_name().map(|name| name.to_string_lossy().into_owned()) else { return Vec::new() };
    let folder = folder_of(path);
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let is_ours = |entry: &fs::DirEntry| {
        let other = entry.file_name().to_string_lossy().into_owned();
        let end = other.strip_prefix(&name).unwrap_or_default();
        end.starts_with(".damaged-") || end.starts_with(".newer-")
    };
    let mut found: Vec<_> = entries.flatten().filter(is_ours).map(|entry| folder.join(entry.file_name())).collect();
    found.sort();
    found
}

pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder_of(path))?.sync_all() } else { Ok(()) }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The ownership of an outbox. The process that owns the outbox holds a lock on the file `PATH.lock`, which contains
/// its process id. The operating system releases the lock when the process ends.
#[derive(Debug)]
pub(super) struct FileLock {
    _lock: File,
}

impl FileLock {
    /// Takes the ownership of the outbox at `path`. It checks the file first, so that no lock file is created beside a file that
    /// is not an outbox.
    pub(super) fn take(path: &Path) -> Result<Self, OutboxError> {
        kind_of(path).map_err(|failure| failure.error(path))?;
        let place = beside(path, "lock");
        let mut lock = open_lock(&place).map_err(|failure| failure.error(&place))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(OutboxError::InUse { process: number_in(&mut lock) }),
            Err(TryLockError::Error(error)) => return Err(OpenFailure::Denied(error).error(&place)),
        }
        // The number is information for users only: a full disk must not prevent the use of the outbox.
        drop(write_number(&mut lock));
        Ok(Self { _lock: lock })
    }

    /// The process that owns the outbox at `path`, if there is one. Nothing is created or changed.
    pub(super) fn owner(path: &Path) -> Option<u32> {
        let mut lock = open_regular(&beside(path, "lock"), false).ok()?;
        matches!(lock.try_lock_shared(), Err(TryLockError::WouldBlock)).then(|| number_in(&mut lock))
    }
}

/// Opens the lock file or creates it. A file with other content than a process id is not ours.
fn open_lock(place: &Path) -> Result<File, OpenFailure> {
    match fs::symlink_metadata(place) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => match create(place) {
            // Another process has created it in the meantime.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => open_lock(place),
            created => created.map_err(classify),
        },
        Err(error) => Err(classify(error)),
        Ok(_) => {
            let Some(metadata) = regular(place)? else { return Err(classify(io::ErrorKind::NotFound.into())) };
            let mut lock = open_regular(place, true).map_err(classify)?;
            let mut text = String::new();
            let read = (&lock).take(32).read_to_string(&mut text);
            lock.rewind().map_err(classify)?;
            let is_number = text.trim().bytes().all(|byte| byte.is_ascii_digit());
            if metadata.len() > 20 || read.is_err() || !is_number {
                return Err(OpenFailure::Foreign("it is not the lock file of an outbox".into()));
            }
            make_private(&lock).map_err(classify)?;
            Ok(lock)
        }
    }
}

/// The path of the file `PATH.END` beside `path`.
pub(super) fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(end);
    name.into()
}

/// Creates a file that only its owner may read.
pub(super) fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Opens an existing regular file; a symbolic link, a pipe or a device is an error.
pub(super) fn open_regular(path: &Path, write: bool) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(write);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NOFOLLOW | libc::O_NONBLOCK);
    let file = options.open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::other("it is not a regular file")) }
}

/// Removes the access rights of other users, because beacons identify the devices of people.
pub(super) fn make_private(file: &File) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        if file.metadata()?.permissions().mode() & 0o077 != 0 {
            file.set_permissions(fs::Permissions::from_mode(0o600))?;
        }
    }
    Ok(())
}

fn write_number(lock: &mut File) -> io::Result<()> {
    lock.set_len(0)?;
    lock.rewind()?;
    write!(lock, "{}", std::process::id())
}

fn number_in(lock: &mut File) -> u32 {
    let mut text = String::new();
    drop(lock.take(20).read_to_string(&mut text));
    text.trim().parse().unwrap_or_default()
}
