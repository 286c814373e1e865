//! The outbox on disk.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, ready};
use tokio::sync::oneshot;

use super::super::interface::{Claim, Claims, Outbox, OutboxError, PutOutcome, Settlement};
use super::super::ledger::{LedgerQuery, LedgerRow, OutboxStats};
use super::super::quota::Quota;
use super::super::record::{Record, Timestamp};
use super::commit::{Responder, StoreCommand, StoreStatus};
#[cfg(unix)]
use super::control;
use super::file::{self, FileLock, OpenFailure};
use super::tables;
use super::writer::{Opener, RECOVERY, WriterThread, closed};

use crate::env::Env;

/// An outbox in a file. Cheap to clone; clones are the same outbox.
///
/// What [`put`](Outbox::put) took survives the process and the power. One process owns the file; [`OutboxAdmin`](super::OutboxAdmin) is
/// how others ask it. The file, its lock and its socket can be read by their owner only: beacons name people's devices.
///
/// A thread of its own writes; it ends when the last clone is dropped.
#[derive(Clone)]
pub struct DiskOutbox(Arc<DiskShared>);

struct DiskShared {
    path: PathBuf,
    status: Arc<StoreStatus>,
    /// Taken when it is closed.
    commands: Mutex<Option<Sender<StoreCommand>>>,
    writer: Mutex<Option<JoinHandle<()>>>,
}

impl DiskOutbox {
    /// Opens the outbox at `path` with [`Quota::DISK`], or makes it.
    ///
    /// A damaged file, and one of a newer version, is set aside under another name, and a new one is begun:
    /// [`OutboxStats::set_aside`] names it. A disk that is full or failing keeps nothing from starting either: puts fail until it
    /// has recovered.
    ///
    /// # Errors
    /// [`OutboxError::InUse`] when another process owns it; [`OutboxError::Open`] when the folder or the right is missing.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, OutboxError> {
        Self::with_quota(path, Quota::DISK)
    }

    /// [`open`](Self::open) with another quota.
    ///
    /// # Errors
    /// See [`open`](Self::open).
    pub fn with_quota(path: impl AsRef<Path>, quota: Quota) -> Result<Self, OutboxError> {
        let path = path.as_ref().to_owned();
        let owner = FileLock::take(&path)?;
        let env = Env::system();
        let status = Arc::new(StoreStatus::new(&file::aside(&path)));
        let opener: Opener = Box::new({
            let (path, env, status) = (path.clone(), env.clone(), Arc::clone(&status));
            move || {
                let opened = file::open(&path, &env, &mut Vec::new());
                status.set_aside(&file::aside(&path));
                opened
            }
        });
        let mut writer = WriterThread {
            opener,
            quota,
            recovery: RECOVERY,
            env,
            status,
            store: None,
            failed: None,
            owner: Some(owner),
        };
        match writer.open() {
            Err(refusal @ (OpenFailure::InUse | OpenFailure::Denied(_))) => Err(refusal.error(&path)),
            Ok(()) | Err(_) => Ok(Self::start(path, writer)),
        }
    }

    /// An outbox over whatever `opener` opens, for tests of what a disk can do to it.
    #[cfg(test)]
    pub(super) fn over(mut opener: Opener, quota: Quota) -> Self {
        let opened = opener();
        let mut opened = Some(opened);
        let opener: Opener = Box::new(move || opened.take().unwrap_or_else(&mut opener));
        let (env, status) = (Env::fixed(std::time::UNIX_EPOCH, 1), Arc::default());
        let recovery = std::time::Duration::ZERO;
        let mut writer = WriterThread { opener, quota, recovery, env, status, store: None, failed: None, owner: None };
        drop(writer.open());
        Self::start(PathBuf::new(), writer)
    }

    fn start(path: PathBuf, writer: WriterThread) -> Self {
        let (commands, received) = mpsc::channel();
        let status = Arc::clone(&writer.status);
        let thread = thread::Builder::new().name("outbox".to_owned()).spawn(move || writer.run(&received));
        // Without a thread every command is refused.
        let (commands, thread) = thread.map_or((None, None), |thread| (Some(commands), Some(thread)));
        Self(Arc::new(DiskShared { path, status, commands: Mutex::new(commands), writer: Mutex::new(thread) }))
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// Ends the writer after what it was told so far, and gives up the file. Whatever is asked afterwards is refused.
    /// Waits for the disk; dropping the last clone does the same.
    pub fn close(&self) {
        self.0.close();
    }

    async fn ask<T>(&self, command: impl FnOnce(Responder<T>) -> StoreCommand) -> Result<T, OutboxError> {
        let (reply, answer) = oneshot::channel();
        let sent = {
            let commands = self.0.commands.lock().unwrap_or_else(PoisonError::into_inner);
            commands.as_ref().is_some_and(|commands| commands.send(command(reply)).is_ok())
        };
        if !sent {
            return Err(closed());
        }
        // A commit that failed drops the replies of its commands.
        answer.await.unwrap_or_else(|_| Err(self.0.problem()))
    }
}

impl DiskShared {
    fn problem(&self) -> OutboxError {
        self.status.stats().problem.map_or_else(closed, OutboxError::Unavailable)
    }

    fn close(&self) {
        drop(self.commands.lock().unwrap_or_else(PoisonError::into_inner).take());
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        // A writer that panicked has nothing left to say.
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
        let Some(database) = self.0.status.database() else { return ready(Err(self.0.problem())).boxed() };
        let read = move || {
            let rows = tables::rows(&database, &query);
            rows.map_err(|error| OutboxError::Unavailable(error.to_string()))
        };
        aside(read, Err(closed())).boxed()
    }

    fn stats(&self) -> BoxFuture<'_, OutboxStats> {
        let status = Arc::clone(&self.0.status);
        aside(move || status.stats(), OutboxStats::default()).boxed()
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

/// Does on a thread of its own what reads the disk, since it may take long. Rare enough that the thread costs nothing.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static, otherwise: T) -> T {
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
