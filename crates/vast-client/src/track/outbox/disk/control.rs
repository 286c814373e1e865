//! The Unix socket beside an outbox file. Processes that may not open the file ask its owner: one request per connection, one
//! line of JSON in each direction.

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};

use super::super::interface::Outbox;
use super::super::ledger::{LedgerQuery, LedgerRow, OutboxStats};
use super::super::record::Timestamp;
use super::file::beside;

/// The longest question.
pub(super) const MOST_IN_QUESTION: u64 = 64 * 1024;
/// The longest answer: some hundred thousand rows.
pub(super) const MOST_IN_ANSWER: u64 = 512 * 1024 * 1024;

/// What is asked.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ControlRequest {
    Rows(LedgerQuery),
    Stats,
    Requeue(LedgerQuery, Timestamp),
}

/// What is answered.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ControlResponse {
    Rows(Vec<LedgerRow>),
    Stats(OutboxStats),
    Requeued(u64),
    Failed(String),
}

/// Where the owner of the outbox at `path` answers.
pub(super) fn socket_of(path: &Path) -> PathBuf {
    beside(path, "sock")
}

/// Writes one line.
pub(super) async fn write(stream: &mut (impl AsyncWrite + Unpin), value: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    stream.write_all(&line).await?;
    stream.shutdown().await
}

/// Reads to the end: one line, at most so long.
pub(super) async fn read<T: DeserializeOwned>(stream: &mut (impl AsyncRead + Unpin), most: u64) -> io::Result<T> {
    let mut text = Vec::new();
    stream.take(most).read_to_end(&mut text).await?;
    Ok(serde_json::from_slice(&text)?)
}

/// How long one question may take, its answer included.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long to wait after a connection that could not be accepted: file descriptors come back.
const ACCEPT_AGAIN: Duration = Duration::from_secs(1);

/// Answers questions about the outbox at `path` until it is gone. Where there can be no socket (its name too long, say)
/// there is none: those who ask are told who owns the file.
pub(super) async fn serve<O: Outbox>(path: PathBuf, outbox: impl Fn() -> Option<O>) {
    let Ok((listener, _removed)) = listen(&path) else { return };
    loop {
        let accepted = listener.accept().await;
        let Some(outbox) = outbox() else { return };
        match accepted {
            // An asker that goes away or talks nonsense is the asker's affair.
            Ok((stream, _)) if may_ask(&stream, &path) => {
                drop(tokio::time::timeout(PATIENCE, answer(stream, &outbox)).await);
            }
            Ok(_) => {}
            Err(_) => tokio::time::sleep(ACCEPT_AGAIN).await,
        }
    }
}

fn listen(path: &Path) -> io::Result<(UnixListener, SocketFile)> {
    let socket = socket_of(path);
    // Whoever bound it is gone: the file is ours.
    drop(fs::remove_file(&socket));
    let listener = UnixListener::bind(&socket)?;
    let removed = SocketFile(socket);
    fs::set_permissions(&removed.0, fs::Permissions::from_mode(0o600))?;
    Ok((listener, removed))
}

/// Whether the other side is the file's owner or root. The socket's rights say the same, but not on every system.
fn may_ask(stream: &UnixStream, path: &Path) -> bool {
    let (Ok(asker), Ok(file)) = (stream.peer_cred(), fs::metadata(path)) else { return false };
    asker.uid() == file.uid() || asker.uid() == 0
}

async fn answer(mut stream: UnixStream, outbox: &impl Outbox) -> io::Result<()> {
    let question = read(&mut stream, MOST_IN_QUESTION).await?;
    let reply = match question {
        ControlRequest::Rows(query) => outbox.rows(query).await.map(ControlResponse::Rows),
        ControlRequest::Stats => Ok(ControlResponse::Stats(outbox.stats().await)),
        ControlRequest::Requeue(query, now) => outbox.requeue(query, now).await.map(ControlResponse::Requeued),
    };
    let reply = reply.unwrap_or_else(|error| ControlResponse::Failed(error.to_string()));
    write(&mut stream, &reply).await
}

/// Takes the socket away when nobody answers any more.
struct SocketFile(PathBuf);

impl Drop for SocketFile {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.0));
    }
}
