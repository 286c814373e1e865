//! Asking about an outbox from outside: through its owner while it has one, else the file itself.

use std::path::{Path, PathBuf};

use super::super::error::OutboxError;
use super::super::ledger::{Query, Row, Stats};
use super::super::store::Outbox;
use super::super::timestamp::Timestamp;
#[cfg(unix)]
use super::protocol::{self, MOST_IN_ANSWER, Question, Reply};
use super::store::DiskOutbox;

/// Where questions about an outbox are answered, whoever owns its file.
#[derive(Debug)]
pub struct Desk(Place);

#[derive(Debug)]
enum Place {
    /// Nobody owned it: we do now.
    Own(DiskOutbox),
    /// This process owns it and answers over the socket beside it.
    Other(PathBuf, u32),
}

impl Desk {
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
            Ok(outbox) => Ok(Self(Place::Own(outbox))),
            Err(OutboxError::InUse { process }) => Ok(Self(Place::Other(path.to_owned(), process))),
            Err(error) => Err(error),
        }
    }

    /// The outbox, when nobody else owns it.
    pub fn own(&self) -> Option<&DiskOutbox> {
        match &self.0 {
            Place::Own(outbox) => Some(outbox),
            Place::Other(..) => None,
        }
    }

    /// See [`Outbox::rows`].
    ///
    /// # Errors
    /// [`OutboxError::Unavailable`]; [`OutboxError::InUse`] when the owner does not answer.
    pub async fn rows(&self, query: Query) -> Result<Vec<Row>, OutboxError> {
        match &self.0 {
            Place::Own(outbox) => outbox.rows(query).await,
            #[cfg(unix)]
            Place::Other(path, process) => match ask(path, *process, Question::Rows(query)).await? {
                Reply::Rows(rows) => Ok(rows),
                other => Err(unexpected(other)),
            },
            #[cfg(not(unix))]
            Place::Other(_, process) => Err(OutboxError::InUse { process: *process }),
        }
    }

    /// See [`Outbox::stats`].
    ///
    /// # Errors
    /// [`OutboxError::InUse`] when the owner does not answer.
    pub async fn stats(&self) -> Result<Stats, OutboxError> {
        match &self.0 {
            Place::Own(outbox) => Ok(outbox.stats().await),
            #[cfg(unix)]
            Place::Other(path, process) => match ask(path, *process, Question::Stats).await? {
                Reply::Stats(stats) => Ok(stats),
                other => Err(unexpected(other)),
            },
            #[cfg(not(unix))]
            Place::Other(_, process) => Err(OutboxError::InUse { process: *process }),
        }
    }

    /// See [`Outbox::requeue`].
    ///
    /// # Errors
    /// [`OutboxError::Unavailable`]; [`OutboxError::InUse`] when the owner does not answer.
    pub async fn requeue(&self, query: Query, now: Timestamp) -> Result<u64, OutboxError> {
        match &self.0 {
            Place::Own(outbox) => outbox.requeue(query, now).await,
            #[cfg(unix)]
            Place::Other(path, process) => match ask(path, *process, Question::Requeue(query, now)).await? {
                Reply::Requeued(number) => Ok(number),
                other => Err(unexpected(other)),
            },
            #[cfg(not(unix))]
            Place::Other(_, process) => Err(OutboxError::InUse { process: *process }),
        }
    }
}

/// Asks the owner.
#[cfg(unix)]
async fn ask(path: &Path, process: u32, question: Question) -> Result<Reply, OutboxError> {
    let asked = async {
        let mut stream = tokio::net::UnixStream::connect(protocol::socket_of(path)).await?;
        protocol::write(&mut stream, &question).await?;
        protocol::read(&mut stream, MOST_IN_ANSWER).await
    };
    let patience = std::time::Duration::from_secs(30);
    match tokio::time::timeout(patience, asked).await {
        Ok(Ok(Reply::Failed(reason))) => Err(OutboxError::Unavailable(reason)),
        Ok(Ok(reply)) => Ok(reply),
        Ok(Err(_)) | Err(_) => Err(OutboxError::InUse { process }),
    }
}

#[cfg(unix)]
fn unexpected(_reply: Reply) -> OutboxError {
    OutboxError::Unavailable("its owner answered another question".to_owned())
}
