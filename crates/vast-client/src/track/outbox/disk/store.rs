//! The outbox on disk.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use redb::Database;
use tokio::sync::oneshot;

use super::super::interface::{Claim, Claims, Outbox, OutboxError, PutOutcome, Settlement};
use super::super::ledger::{LedgerQuery, LedgerRow, OutboxStats};
use super::super::quota::Quota;
use super::super::record::{Record, Timestamp};
use super::answers::Responder;
use super::commit::{StoreCommand, StoreStatus};
#[cfg(unix)]
use super::control;
use super::file::{self, FileLock, OpenFailure};
use super::inbox::Inbox;
use super::ledger_rows;
use super::log_file;
use super::writer::{Opener, RECOVERY, WriterThread, closed};

use crate::env::Env;

/// An outbox in a file. Cheap to clone; clones are the same outbox.
///
/// Beacons that [`put`](Outbox::put) has stored survive the end of the process and a power loss. One process uses the
/// file; others use [`OutboxAdmin`](super::OutboxAdmin). Only the owner of the file may read it, its lock and its
/// socket, because beacons identify the devices of people.
///
/// One thread writes. It ends when the last clone is dropped.
///
/// # The commit log
///
/// A commit adds its changes to a log, the file `PATH.commits` of 1 MiB, which takes less time than to write the tables. The changes of many
/// commits are written to the tables together: when the log is full, when a reader asks for rows, and when the outbox is closed. The log exists while the outbox
/// is open. One that a killed process left is read when the file is opened: move or copy both files, or open and close the outbox before.
///
/// # Upgrade and rollback
///
/// The file has a format number ([`OutboxStats::format`]): 1 since the first version for a file that was closed, and 3 while it has a log.
/// A newer version of this crate reads all older formats. A version that meets a newer format refuses the file and does not change it. So a
/// rollback to a version without logs needs a file that was closed: open it with this version and close it. Before an upgrade
/// whose changelog names a new format, copy the file.
#[derive(Clone)]
pub struct DiskOutbox(Arc<DiskShared>);

struct DiskShared {
    path: PathBuf,
    status: Arc<StoreStatus>,
    inbox: Arc<Inbox<StoreCommand>>,
    writer: Mutex<Option<JoinHandle<()>>>,
}

impl DiskOutbox {
    /// Opens the outbox at `path` with [`Quota::DISK`], or creates it.
    ///
    /// Only a missing file, an empty file or an outbox is opened. A full or failing disk is not an error here: puts fail until it
    /// works again. Opening takes the same time for any number of rows, because a thread reads them afterwards; a file that was
    /// not closed properly is checked as a whole.
    ///
    /// # Errors
    /// [`OutboxError::InUse`] if another process uses it; [`OutboxError::NotAnOutbox`], [`OutboxError::Damaged`] and
    /// [`OutboxError::NewerFormat`], after which the file is unchanged; [`OutboxError::Open`] if the folder or the permission is
    /// missing.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, OutboxError> {
        Self::with_quota(path, Quota::DISK)
    }

    /// [`open`](Self::open) with another quota.
    ///
    /// # Errors
    /// See [`open`](Self::open).
    pub fn with_quota(path: impl AsRef<Path>, quota: Quota) -> Result<Self, OutboxError> {
        let path = path.as_ref().to_owned();
        let lock = FileLock::take(&path)?;
        let file = path.clone();
        Self::with_opener(path, quota, Box::new(move || log_file::open(&file)), Some(lock))
    }

    /// A view of the outbox at `path`: changes are in memory and are lost when it is closed.
    pub(super) fn view(path: &Path) -> Result<Self, OutboxError> {
        let file = path.to_owned();
        Self::with_opener(path.to_owned(), Quota::DISK, Box::new(move || log_file::open_read_only(&file)), None)
    }

    fn with_opener(
        path: PathBuf,
        quota: Quota,
        mut opener: Opener,
        lock: Option<FileLock>,
    ) -> Result<Self, OutboxError> {
        let opened = match opener() {
            Err(failure @ OpenFailure::Failing(_)) => Err(failure),
            Err(failure) => return Err(failure.error(&path)),
            Ok(opened) => Ok(opened),
        };
        let status = Arc::new(StoreStatus::new(&file::aside(&path)));
        let writer = WriterThread {
            opener,
            quota,
            recovery: RECOVERY,
            env: Env::system(),
            status,
            opened: Some(opened),
            store: None,
            failed: None,
            lock,
        };
        Ok(Self::start(path, writer))
    }

    /// See [`OutboxAdmin::purge`](super::OutboxAdmin::purge).
    pub(super) async fn purge(&self, query: LedgerQuery, now: Timestamp) -> Result<u64, OutboxError> {
        self.ask(move |reply| StoreCommand::Purge(query, now, reply)).await
    }

    /// The database, when it is loaded.
    pub(super) fn database(&self) -> Option<Arc<Database>> {
        self.0.status.database()
    }

    /// An outbox over the storage of `opener`, for tests of disk failures.
    #[cfg(test)]
    pub(super) fn over(mut opener: Opener, quota: Quota) -> Self {
        let opened = Some(opener());
        let (env, status) = (Env::fixed(std::time::UNIX_EPOCH, 1), Arc::new(StoreStatus::new(&[])));
        let recovery = std::time::Duration::ZERO;
        let writer =
            WriterThread { opener, quota, recovery, env, status, opened, store: None, failed: None, lock: None };
        Self::start(PathBuf::new(), writer)
    }

    fn start(path: PathBuf, writer: WriterThread) -> Self {
        let inbox = Arc::new(Inbox::new());
        let (received, status) = (Arc::clone(&inbox), Arc::clone(&writer.status));
        let thread = thread::Builder::new().name("outbox".to_owned()).spawn(move || writer.run(&received)).ok();
        if thread.is_none() {
            inbox.close();
        }
        Self(Arc::new(DiskShared { path, status, inbox, writer: Mutex::new(thread) }))
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// Writes all beacons that were put, and closes the file. Later calls are refused. This method waits for the disk.
    /// Dropping the last clone does the same.
    pub fn close(&self) {
        self.0.close();
    }

    async fn ask<T>(&self, command: impl FnOnce(Responder<T>) -> StoreCommand) -> Result<T, OutboxError> {
        let (reply, answer) = oneshot::channel();
        if !self.0.inbox.send(command(reply)) {
            return Err(closed());
        }
        // A commit that failed drops the replies of its commands.
        answer.await.map_or_else(|_| Err(self.0.problem()), |reply| reply.answer)
    }
}

impl DiskShared {
    fn problem(&self) -> OutboxError {
        self.status.problem().map_or_else(closed, OutboxError::Unavailable)
    }

    fn close(&self) {
        self.inbox.close();
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        // The error is ignored: a writer thread that panicked has no result.
        drop(writer.map(JoinHandle::join));
    }
}

impl Drop for DiskShared {
    fn drop(&mut self) {
        self.close();
    }
}

impl Outbox for DiskOutbox {
    fn put(&self, batch: Vec<Record>, now: Timestamp) -> BoxFuture<'_, Result<Vec<PutOutcome>, OutboxError>> {
        self.ask(move |reply| StoreCommand::PutBatch(batch, now, reply)).boxed()
    }

    fn claim(&self, claim: Claim) -> BoxFuture<'_, Result<Claims, OutboxError>> {
        self.ask(move |reply| StoreCommand::Claim(claim, reply)).boxed()
    }

    fn settle(&self, settlements: Vec<Settlement>, now: Timestamp) -> BoxFuture<'_, Result<usize, OutboxError>> {
        self.ask(move |reply| StoreCommand::Settle(settlements, now, reply)).boxed()
    }

    fn rows(&self, query: LedgerQuery) -> BoxFuture<'_, Result<Vec<LedgerRow>, OutboxError>> {
        let status = Arc::clone(&self.0.status);
        let read = move || {
            let unavailable = |reason| Err(OutboxError::Unavailable(reason));
            let Some(database) = status.database() else {
                return status.problem().map_or_else(|| Err(closed()), unavailable);
            };
            // A damaged page can make the reader panic.
            match catch_unwind(AssertUnwindSafe(|| ledger_rows::rows(&database, &query))) {
                Ok(rows) => rows.or_else(|error| unavailable(error.to_string())),
                Err(_) => unavailable("reading the file failed".to_owned()),
            }
        };
        async {
            self.ask(StoreCommand::Fold).await?;
            on_thread(read, Err(closed())).await
        }
        .boxed()
    }

    fn stats(&self) -> BoxFuture<'_, OutboxStats> {
        let status = Arc::clone(&self.0.status);
        on_thread(move || status.stats(), OutboxStats::default()).boxed()
    }

    fn requeue(&self, query: LedgerQuery, now: Timestamp) -> BoxFuture<'_, Result<u64, OutboxError>> {
        self.ask(move |reply| StoreCommand::Requeue(query, now, reply)).boxed()
    }

    #[cfg(unix)]
    fn attend(&self) -> Option<BoxFuture<'static, ()>> {
        let weak = Arc::downgrade(&self.0);
        let outbox = move || weak.upgrade().map(DiskOutbox);
        Some(control::serve(self.path().to_owned(), outbox).boxed())
    }
}

/// Runs work that reads the disk on a separate thread, because it may take long.
async fn on_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static, otherwise: T) -> T {
    let (reply, answer) = oneshot::channel();
    let thread = thread::Builder::new().name("outbox-reader".to_owned()).spawn(move || drop(reply.send(work())));
    match thread {
        Ok(_) => answer.await.unwrap_or(otherwise),
        Err(_) => otherwise,
    }
}

impl std::fmt::Debug for DiskOutbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DiskOutbox").field("path", &self.0.path).finish_non_exhaustive()
    }
}

#[cfg(unix)]
impl control::ManagedOutbox for DiskOutbox {
    fn purge(&self, query: LedgerQuery, now: Timestamp) -> BoxFuture<'_, Result<u64, OutboxError>> {
        Self::purge(self, query, now).boxed()
    }
}
