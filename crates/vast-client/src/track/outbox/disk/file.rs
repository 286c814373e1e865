//! The files of an outbox: the lock that one process holds, and the database.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use redb::backends::FileBackend;
use redb::{Builder, Database, DatabaseError, ReadableDatabase, StorageBackend, TableError};

use super::super::interface::OutboxError;
use super::tables::{FORMAT, META, META_FORMAT};
use crate::env::Env;

/// How much of the file is kept in memory. The rows that are read were mostly written a moment ago.
const CACHE_BYTES: usize = 32 << 20;

/// A file that was opened.
pub(super) struct OpenedFile {
    pub(super) database: Database,
    /// Whether it had to be mended: it was not closed in order.
    pub(super) repaired: bool,
}

/// Why a file was not opened.
#[derive(Debug)]
pub(super) enum OpenFailure {
    /// It is damaged, or no outbox at all.
    Damaged(String),
    /// A newer version wrote it.
    Newer,
    /// Another process has it open.
    InUse,
    /// The system does not let us, and waiting does not mend it.
    Denied(io::Error),
    /// The system does not let us now: a full or failing disk.
    Failing(String),
}

/// Opens the file at `path`, setting a damaged one aside. What was set aside is entered in `aside`.
pub(super) fn open(path: &Path, env: &Env, aside: &mut Vec<PathBuf>) -> Result<OpenedFile, OpenFailure> {
    // The second try is on a file that was made just now.
    for _ in 0..2 {
        let kind = match open_file(path) {
            Err(OpenFailure::Damaged(_)) => "damaged",
            Err(OpenFailure::Newer) => "newer",
            other => return other,
        };
        aside.push(set_aside(path, kind, env).map_err(OpenFailure::Denied)?);
    }
    Err(OpenFailure::Failing("a file made just now cannot be read".to_owned()))
}

/// Files that were set aside at any time.
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

fn open_file(path: &Path) -> Result<OpenedFile, OpenFailure> {
    let is_new = !path.exists();
    let file = private(path).map_err(classify)?;
    if is_new {
        // A file whose name was not written down is gone after a power loss, whatever was synced into it.
        sync_folder(path).map_err(classify)?;
    }
    let backend = FileBackend::new(file).map_err(refusal)?;
    over(backend)
}

/// Opens what is in `backend`, checking all of it, and sees that its format is ours.
pub(super) fn over(backend: impl StorageBackend) -> Result<OpenedFile, OpenFailure> {
    let is_new = backend.len().map_err(classify)? == 0;
    let repaired = Arc::new(AtomicBool::new(false));
    let noted = Arc::clone(&repaired);
    let open = AssertUnwindSafe(|| {
        let mut builder = Builder::new();
        builder.set_cache_size(CACHE_BYTES);
        let repaired = Arc::clone(&noted);
        builder.set_repair_callback(move |_| repaired.store(true, Ordering::Relaxed));
        let mut database = builder.create_with_backend(backend).map_err(refusal)?;
        // Pages that turned are found here, not by whoever reads them later.
        if !is_new && !database.check_integrity().map_err(refusal)? {
            noted.store(true, Ordering::Relaxed);
        }
        check_format(&database)?;
        Ok(database)
    });
    // A file that was changed by other hands can make the reader panic.
    let database =
        catch_unwind(open).unwrap_or_else(|_| Err(OpenFailure::Damaged("reading it panicked".to_owned())))?;
    Ok(OpenedFile { database, repaired: repaired.load(Ordering::Relaxed) })
}

fn check_format(database: &Database) -> Result<(), OpenFailure> {
    let failed = |error: redb::Error| OpenFailure::Damaged(error.to_string());
    let read = database.begin_read().map_err(|error| failed(error.into()))?;
    let format = match read.open_table(META) {
        Ok(meta) => meta.get(META_FORMAT).map_err(|error| failed(error.into()))?.map(|format| format.value()),
        // Made just now, or by a process that did not come to write it.
        Err(TableError::TableDoesNotExist(_)) => None,
        Err(error) => return Err(failed(error.into())),
    };
    if format.is_some_and(|format| format > FORMAT) { Err(OpenFailure::Newer) } else { Ok(()) }
}

fn refusal(error: DatabaseError) -> OpenFailure {
    match error {
        DatabaseError::DatabaseAlreadyOpen => OpenFailure::InUse,
        DatabaseError::UpgradeRequired(_) => OpenFailure::Newer,
        DatabaseError::Storage(redb::StorageError::Io(error)) => classify(error),
        DatabaseError::Storage(redb::StorageError::Corrupted(reason)) => OpenFailure::Damaged(reason),
        DatabaseError::RepairAborted => OpenFailure::Damaged("its repair was given up".to_owned()),
        other => OpenFailure::Failing(other.to_string()),
    }
}

fn classify(error: io::Error) -> OpenFailure {
    use io::ErrorKind::{
        InvalidData, InvalidInput, IsADirectory, NotADirectory, NotFound, PermissionDenied, ReadOnlyFilesystem,
        UnexpectedEof,
    };
    match error.kind() {
        // What is not a database at all, or ends too early.
        InvalidData | UnexpectedEof => OpenFailure::Damaged(error.to_string()),
        NotFound | PermissionDenied | NotADirectory | IsADirectory | ReadOnlyFilesystem | InvalidInput => {
            OpenFailure::Denied(error)
        }
        _ => OpenFailure::Failing(error.to_string()),
    }
}

/// Gives a file another name; returns that.
fn set_aside(path: &Path, kind: &str, env: &Env) -> io::Result<PathBuf> {
    let seconds = super::super::record::Timestamp::from(env.wall()).millis() / 1000;
    let name = |number: u32| beside(path, &format!("{kind}-{}", seconds + u64::from(number)));
    let free = (0..1000).map(name).find(|name| !name.exists());
    let free = free.ok_or_else(|| io::Error::other("too many files were set aside"))?;
    fs::rename(path, &free)?;
    sync_folder(path)?;
    Ok(free)
}

fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder_of(path))?.sync_all() } else { Ok(()) }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

impl OpenFailure {
    /// What the caller is told.
    pub(super) fn error(self, path: &Path) -> OutboxError {
        match self {
            Self::InUse => OutboxError::InUse { process: 0 },
            Self::Denied(error) => OutboxError::Open { path: path.to_owned(), reason: error.to_string() },
            Self::Failing(reason) | Self::Damaged(reason) => OutboxError::Unavailable(reason),
            Self::Newer => OutboxError::Unavailable("a newer version wrote the file".to_owned()),
        }
    }
}

/// The ownership of a file, until dropped.
#[derive(Debug)]
pub(super) struct FileLock {
    _lock: File,
}

impl FileLock {
    /// Takes the ownership of the outbox at `path`.
    pub(super) fn take(path: &Path) -> Result<Self, OutboxError> {
        let place = beside(path, "lock");
        let failed = |error: &io::Error| OutboxError::Open { path: place.clone(), reason: error.to_string() };
        let mut lock = private(&place).map_err(|error| failed(&error))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(OutboxError::InUse { process: number_in(&mut lock) }),
            Err(TryLockError::Error(error)) => return Err(failed(&error)),
        }
        // The number is only told to people: a full disk must not keep the outbox shut.
        drop(write_number(&mut lock));
        Ok(Self { _lock: lock })
    }
}

/// `path.end`.
pub(super) fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(end);
    name.into()
}

/// Opens a file that only its owner may read, and makes it when it is not there.
pub(super) fn private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
        options.mode(0o600);
        let file = options.open(path)?;
        // One that was made by other means, or before: beacons name people's devices.
        if file.metadata()?.permissions().mode() & 0o077 != 0 {
            file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
        }
        Ok(file)
    }
    #[cfg(not(unix))]
    options.open(path)
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
