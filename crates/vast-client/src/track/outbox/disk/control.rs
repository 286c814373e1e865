//! The Unix socket beside an outbox file. Processes that may not open the file ask its owner: one request per connection, one
//! line of JSON in each direction.

use std::fs;
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};

use super::super::interface::{Outbox, OutboxError};
use super::super::ledger::{LedgerQuery, LedgerRow, OutboxStats};
use super::super::record::Timestamp;
use super::file::beside;

/// The most bytes of a request.
pub(super) const MAX_REQUEST: u64 = 64 * 1024;
/// The most bytes of a response: some hundred thousand rows.
pub(super) const MAX_RESPONSE: u64 = 512 * 1024 * 1024;

/// A request.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ControlRequest {
    Rows(LedgerQuery),
    Stats,
    Requeue(LedgerQuery, Timestamp),
    Purge(LedgerQuery, Timestamp),
}

/// The response to a request.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ControlResponse {
    Rows(Vec<LedgerRow>),
    Stats(OutboxStats),
    Requeued(u64),
    Purged(u64),
    Failed(String),
}

/// The socket of the process that uses the outbox at `path`.
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

/// Reads one line to the end, at most `most` bytes.
pub(super) async fn read<T: DeserializeOwned>(stream: &mut (impl AsyncRead + Unpin), most: u64) -> io::Result<T> {
    let mut text = Vec::new();
    stream.take(most).read_to_end(&mut text).await?;
    Ok(serde_json::from_slice(&text)?)
}

/// How long a client may take to send its request.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(2);
/// How long one request and its response may take.
const EXCHANGE_TIMEOUT: Duration = Duration::from_secs(30);
/// The largest number of connections that are served at the same time. Further connections wait.
const MAX_CONNECTIONS: usize = 16;
/// The wait after a failed accept, for example because no file descriptor is free.
const ACCEPT_RETRY: Duration = Duration::from_secs(1);

/// An outbox that can be managed over the socket.
pub(super) trait ManagedOutbox: Outbox {
    /// Removes beacons that match the query.
    fn purge(&self, query: LedgerQuery, now: Timestamp) -> BoxFuture<'_, Result<u64, OutboxError>>;
}

/// Answers requests about the outbox at `path` until it is closed. Without a socket, for example because its name is too long,
/// other processes get the error that this process uses the file.
pub(super) async fn serve<O: ManagedOutbox>(path: PathBuf, outbox: impl Fn() -> Option<O>) {
    let Ok((listener, _file)) = listen(&path) else { return };
    let mut connections = FuturesUnordered::new();
    loop {
        // Several connections at once: a client that sends nothing must not block the others.
        let accepted = tokio::select! {
            Some(()) = connections.next(), if !connections.is_empty() => continue,
            accepted = listener.accept(), if connections.len() < MAX_CONNECTIONS => accepted,
        };
        let Some(outbox) = outbox() else { return };
        match accepted {
            Ok((stream, _)) if may_ask(&stream, &path) => connections.push(async move {
                // A client that disconnects or sends no valid request gets no response.
                drop(tokio::time::timeout(EXCHANGE_TIMEOUT, answer(stream, &outbox)).await);
            }),
            Ok(_) => {}
            Err(_) => tokio::time::sleep(ACCEPT_RETRY).await,
        }
    }
}

fn listen(path: &Path) -> io::Result<(UnixListener, SocketFile)> {
    let socket = socket_of(path);
    // This process holds the lock, so an existing socket was left by a process that has ended. A file of another kind
    // is not removed.
    if fs::symlink_metadata(&socket).is_ok_and(|metadata| metadata.file_type().is_socket()) {
        drop(fs::remove_file(&socket));
    }
    let listener = UnixListener::bind(&socket)?;
    let removed = SocketFile(socket);
    fs::set_permissions(&removed.0, fs::Permissions::from_mode(0o600))?;
    Ok((listener, removed))
}

/// Whether the client is the owner of the file or root. The rights of the socket ensure it too, but not on every system.
fn may_ask(stream: &UnixStream, path: &Path) -> bool {
    let (Ok(asker), Ok(file)) = (stream.peer_cred(), fs::metadata(path)) else { return false };
    asker.uid() == file.uid() || asker.uid() == 0
}

async fn answer(mut stream: UnixStream, outbox: &impl ManagedOutbox) -> io::Result<()> {
    let request = tokio::time::timeout(REQUEST_TIMEOUT, read(&mut stream, MAX_REQUEST)).await??;
    let response = match request {
        ControlRequest::Rows(query) => outbox.rows(query).await.map(ControlResponse::Rows),
        ControlRequest::Stats => Ok(ControlResponse::Stats(outbox.stats().await)),
        ControlRequest::Requeue(query, now) => outbox.requeue(query, now).await.map(ControlResponse::Requeued),
        ControlRequest::Purge(query, now) => outbox.purge(query, now).await.map(ControlResponse::Purged),
    };
    let response = response.unwrap_or_else(|error| ControlResponse::Failed(error.to_string()));
    write(&mut stream, &response).await
}

/// Removes the socket when it is dropped.
struct SocketFile(PathBuf);

impl Drop for SocketFile {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.0));
    }
}
