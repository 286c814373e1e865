//! One process owns an outbox's file: it holds a lock on a file beside it, in which its number stands. The system releases
//! the lock when the process ends, however it ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use super::super::error::OutboxError;

/// The ownership of a file, until dropped.
#[derive(Debug)]
pub(super) struct Owner {
    _lock: File,
}

impl Owner {
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
