//! Inspection and maintenance of an outbox from another process: through the process that uses it, or on the file itself.

use std::path::{Path, PathBuf};

use super::super::interface::{Outbox, OutboxError};
use super::super::ledger::{LedgerQuery, LedgerRow, OutboxStats};
use super::super::record::Timestamp;
#[cfg(unix)]
use super::control::{self, ControlRequest, ControlResponse, MAX_RESPONSE};
use super::file::{self, FileLock, OpenedFile};
use super::salvage;
use super::store::DiskOutbox;

/// Inspection and maintenance of an outbox, whether or not a process uses it. Inspection never changes the file.
#[derive(Debug)]
pub struct OutboxAdmin {
    path: PathBuf,
    access: OutboxAccess,
}

#[derive(Debug)]
enum OutboxAccess {
    /// No process uses the file. The fields are a view of the file, which keeps changes in memory, and the number of
    /// rows that cannot be read.
    View(DiskOutbox, u64),
    /// The process with this id uses the file and answers over the socket beside it.
    Owner(u32),
}

impl OutboxAdmin {
    /// Opens the outbox at `path` for inspection. A missing file is not created.
    ///
    /// # Errors
    /// [`OutboxError::Open`] if there is no such file or it cannot be read; [`OutboxError::NotAnOutbox`],
    /// [`OutboxError::Damaged`], [`OutboxError::NewerFormat`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self, OutboxError> {
        let path = path.as_ref().to_owned();
        if let Some(process) = FileLock::owner(&path) {
            return Ok(Self { path, access: OutboxAccess::Owner(process) });
        }
        let view = DiskOutbox::view(&path)?;
        let unreadable = view.database().map_or(0, |database| salvage::count_unreadable(&database));
        Ok(Self { path, access: OutboxAccess::View(view, unreadable) })
    }

    /// Whether a process uses the outbox.
    pub fn has_owner(&self) -> bool {
        matches!(self.access, OutboxAccess::Owner(_))
    }

    /// See [`Outbox::rows`].
    ///
    /// # Errors
    /// [`OutboxError::Unavailable`]; [`OutboxError::InUse`] if the process that uses it does not answer.
    pub async fn rows(&self, query: LedgerQuery) -> Result<Vec<LedgerRow>, OutboxError> {
        match &self.access {
            OutboxAccess::View(view, _) => view.rows(query).await,
            #[cfg(unix)]
            OutboxAccess::Owner(process) => match ask(&self.path, *process, ControlRequest::Rows(query)).await? {
                ControlResponse::Rows(rows) => Ok(rows),
                _ => Err(unexpected()),
            },
            #[cfg(not(unix))]
            OutboxAccess::Owner(process) => Err(OutboxError::InUse { process: *process }),
        }
    }

    /// See [`Outbox::stats`]. If no process uses the outbox, every row is read, and those that cannot be read are counted.
    ///
    /// # Errors
    /// [`OutboxError::InUse`] if the process that uses it does not answer.
    pub async fn stats(&self) -> Result<OutboxStats, OutboxError> {
        match &self.access {
            OutboxAccess::View(view, unreadable) => {
                let stats = view.stats().await;
                Ok(OutboxStats { unreadable: *unreadable, ..stats })
            }
            #[cfg(unix)]
            OutboxAccess::Owner(process) => match ask(&self.path, *process, ControlRequest::Stats).await? {
                ControlResponse::Stats(stats) => Ok(stats),
                _ => Err(unexpected()),
            },
            #[cfg(not(unix))]
            OutboxAccess::Owner(process) => Err(OutboxError::InUse { process: *process }),
        }
    }

    /// [`stats`](Self::stats) after a check of every page of the file, if no process uses it.
    ///
    /// # Errors
    /// See [`stats`](Self::stats); [`OutboxError::Damaged`].
    pub async fn check(&self) -> Result<OutboxStats, OutboxError> {
        let mut stats = self.stats().await?;
        if matches!(self.access, OutboxAccess::View(..)) {
            let OpenedFile { mut database, .. } =
                file::open_read_only(&self.path).map_err(|error| error.error(&self.path))?;
            let checked = file::check_guarded(&mut database);
            file::close(database);
            match checked {
                Ok(true) => {}
                Ok(false) => stats.problem = Some("pages of the file are damaged".to_owned()),
                Err(error) => return Err(error.error(&self.path)),
            }
        }
        Ok(stats)
    }

    /// See [`Outbox::requeue`].
    ///
    /// # Errors
    /// [`OutboxError::Unavailable`]; [`OutboxError::InUse`] if the process that uses it does not answer.
    pub async fn requeue(&self, query: LedgerQuery, now: Timestamp) -> Result<u64, OutboxError> {
        match &self.access {
            OutboxAccess::View(..) => {
                let outbox = DiskOutbox::open(&self.path)?;
                let requeued = outbox.requeue(query, now).await;
                outbox.close();
                requeued
            }
            #[cfg(unix)]
            OutboxAccess::Owner(process) => {
                match ask(&self.path, *process, ControlRequest::Requeue(query, now)).await? {
                    ControlResponse::Requeued(number) => Ok(number),
                    _ => Err(unexpected()),
                }
            }
            #[cfg(not(unix))]
            OutboxAccess::Owner(process) => Err(OutboxError::InUse { process: *process }),
        }
    }

    /// Removes settled beacons that match the query from the ledger: delivered ones and dead letters. With
    /// [`DeliveryState::Waiting`](super::super::DeliveryState::Waiting) as the state, beacons that wait are removed and will
    /// never be called. Returns how many were removed.
    ///
    /// # Errors
    /// See [`requeue`](Self::requeue).
    pub async fn purge(&self, query: LedgerQuery, now: Timestamp) -> Result<u64, OutboxError> {
        match &self.access {
            OutboxAccess::View(..) => {
                let outbox = DiskOutbox::open(&self.path)?;
                let purged = outbox.purge(query, now).await;
                outbox.close();
                purged
            }
            #[cfg(unix)]
            OutboxAccess::Owner(process) => match ask(&self.path, *process, ControlRequest::Purge(query, now)).await? {
                ControlResponse::Purged(number) => Ok(number),
                _ => Err(unexpected()),
            },
            #[cfg(not(unix))]
            OutboxAccess::Owner(process) => Err(OutboxError::InUse { process: *process }),
        }
    }

    /// Makes the file as small as its content allows. Returns its bytes before and after.
    ///
    /// # Errors
    /// [`OutboxError::InUse`] if a process uses the outbox; [`OutboxError::Unavailable`].
    pub fn compact(&self) -> Result<(u64, u64), OutboxError> {
        if let OutboxAccess::Owner(process) = self.access {
            return Err(OutboxError::InUse { process });
        }
        let _lock = FileLock::take(&self.path)?;
        let length = || std::fs::metadata(&self.path).map_or(0, |metadata| metadata.len());
        let before = length();
        let OpenedFile { mut database, .. } = file::open(&self.path).map_err(|error| error.error(&self.path))?;
        let compacted = database.compact().map_err(|error| OutboxError::Unavailable(error.to_string()))?;
        drop(database);
        Ok((before, if compacted { length() } else { before }))
    }
}

/// Sends a request to the process that uses the outbox.
#[cfg(unix)]
async fn ask(path: &Path, process: u32, request: ControlRequest) -> Result<ControlResponse, OutboxError> {
    let exchange = async {
        let mut stream = tokio::net::UnixStream::connect(control::socket_of(path)).await?;
        control::write(&mut stream, &request).await?;
        control::read(&mut stream, MAX_RESPONSE).await
    };
    match tokio::time::timeout(std::time::Duration::from_secs(30), exchange).await {
        Ok(Ok(ControlResponse::Failed(reason))) => Err(OutboxError::Unavailable(reason)),
        Ok(Ok(response)) => Ok(response),
        Ok(Err(_)) | Err(_) => Err(OutboxError::InUse { process }),
    }
}

#[cfg(unix)]
fn unexpected() -> OutboxError {
    OutboxError::Unavailable("its process answered another request".to_owned())
}
