//! Asking about an outbox from outside: through its owner while it has one, else the file itself.

use std::path::{Path, PathBuf};

use super::super::interface::Outbox;
use super::super::interface::OutboxError;
use super::super::ledger::{LedgerQuery, LedgerRow, OutboxStats};
use super::super::record::Timestamp;
#[cfg(unix)]
use super::control::{self, ControlRequest, ControlResponse, MOST_IN_ANSWER};
use super::store::DiskOutbox;

/// Where questions about an outbox are answered, whoever owns its file.
#[derive(Debug)]
pub struct OutboxAdmin(OutboxAccess);

#[derive(Debug)]
enum OutboxAccess {
    /// Nobody owned it: we do now.
    File(DiskOutbox),
    /// This process owns it and answers over the socket beside it.
    Owner(PathBuf, u32),
}

impl OutboxAdmin {
    /// The desk of the outbox at `path`. A file that is not there is not made.
    ///
    /// # Errors
    /// [`OutboxError::Open`] when there is no such file or it may not be read.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, OutboxError> {
        let path = path.as_ref();
        if let Err(error) = std::fs::metadata(path) {
            return Err(OutboxError::Open { path: path.to_owned(), reason: error.to_string() });
        }
        match DiskOutbox::open(path) {
            Ok(outbox) => Ok(Self(OutboxAccess::File(outbox))),
            Err(OutboxError::InUse { process }) => Ok(Self(OutboxAccess::Owner(path.to_owned(), process))),
            Err(error) => Err(error),
        }
    }

    /// The outbox, when nobody else owns it.
    pub fn own(&self) -> Option<&DiskOutbox> {
        match &self.0 {
            OutboxAccess::File(outbox) => Some(outbox),
            OutboxAccess::Owner(..) => None,
        }
    }

    /// See [`Outbox::rows`].
    ///
    /// # Errors
    /// [`OutboxError::Unavailable`]; [`OutboxError::InUse`] when the owner does not answer.
    pub async fn rows(&self, query: LedgerQuery) -> Result<Vec<LedgerRow>, OutboxError> {
        match &self.0 {
            OutboxAccess::File(outbox) => outbox.rows(query).await,
            #[cfg(unix)]
            OutboxAccess::Owner(path, process) => match ask(path, *process, ControlRequest::Rows(query)).await? {
                ControlResponse::Rows(rows) => Ok(rows),
                other => Err(unexpected(other)),
            },
            #[cfg(not(unix))]
            OutboxAccess::Owner(_, process) => Err(OutboxError::InUse { process: *process }),
        }
    }

    /// See [`Outbox::stats`].
    ///
    /// # Errors
    /// [`OutboxError::InUse`] when the owner does not answer.
    pub async fn stats(&self) -> Result<OutboxStats, OutboxError> {
        match &self.0 {
            OutboxAccess::File(outbox) => Ok(outbox.stats().await),
            #[cfg(unix)]
            OutboxAccess::Owner(path, process) => match ask(path, *process, ControlRequest::Stats).await? {
                ControlResponse::Stats(stats) => Ok(stats),
                other => Err(unexpected(other)),
            },
            #[cfg(not(unix))]
            OutboxAccess::Owner(_, process) => Err(OutboxError::InUse { process: *process }),
        }
    }

    /// See [`Outbox::requeue`].
    ///
    /// # Errors
    /// [`OutboxError::Unavailable`]; [`OutboxError::InUse`] when the owner does not answer.
    pub async fn requeue(&self, query: LedgerQuery, now: Timestamp) -> Result<u64, OutboxError> {
        match &self.0 {
            OutboxAccess::File(outbox) => outbox.requeue(query, now).await,
            #[cfg(unix)]
            OutboxAccess::Owner(path, process) => match ask(path, *process, ControlRequest::Requeue(query, now)).await?
            {
                ControlResponse::Requeued(number) => Ok(number),
                other => Err(unexpected(other)),
            },
            #[cfg(not(unix))]
            OutboxAccess::Owner(_, process) => Err(OutboxError::InUse { process: *process }),
        }
    }
}

/// Asks the owner.
#[cfg(unix)]
async fn ask(path: &Path, process: u32, question: ControlRequest) -> Result<ControlResponse, OutboxError> {
    let asked = async {
        let mut stream = tokio::net::UnixStream::connect(control::socket_of(path)).await?;
        control::write(&mut stream, &question).await?;
        control::read(&mut stream, MOST_IN_ANSWER).await
    };
    let patience = std::time::Duration::from_secs(30);
    match tokio::time::timeout(patience, asked).await {
        Ok(Ok(ControlResponse::Failed(reason))) => Err(OutboxError::Unavailable(reason)),
        Ok(Ok(reply)) => Ok(reply),
        Ok(Err(_)) | Err(_) => Err(OutboxError::InUse { process }),
    }
}

#[cfg(unix)]
fn unexpected(_reply: ControlResponse) -> OutboxError {
    OutboxError::Unavailable("its owner answered another question".to_owned())
}
