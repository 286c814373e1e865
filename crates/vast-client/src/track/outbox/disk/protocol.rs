//! What is said over the socket beside an outbox: one question per connection, one line of JSON each way.

use std::io;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::super::ledger::{Query, Row, Stats};
use super::super::timestamp::Timestamp;
use super::owner::beside;

/// The longest question.
pub(super) const MOST_IN_QUESTION: u64 = 64 * 1024;
/// The longest answer: some hundred thousand rows.
pub(super) const MOST_IN_ANSWER: u64 = 512 * 1024 * 1024;

/// What is asked.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Question {
    Rows(Query),
    Stats,
    Requeue(Query, Timestamp),
}

/// What is answered.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Reply {
    Rows(Vec<Row>),
    Stats(Stats),
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
