//! Sources that need no network: a file, and a document that the caller gives.

use std::future::{Future, poll_fn};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::task::Poll;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, ready};
use tokio::time::Instant;

use super::context::{FetchContext, Prepared};
use super::source::Source;
use crate::error::{ErrorType, Failure};
use crate::policy::TimeLimit;
use crate::regular_file::FileKind;
use crate::transport::Fetched;

/// A file on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileSource {
    path: PathBuf,
    label: String,
    max_bytes: u64,
}

impl FileSource {
    /// A file of at most `max_bytes`.
    pub fn new(path: impl Into<PathBuf>, max_bytes: u64) -> Self {
        let path = path.into();
        Self { label: path.display().to_string(), path, max_bytes }
    }
}

impl FileSource {
    async fn read(&self) -> Result<Bytes, Failure> {
        let (path, max_bytes) = (self.path.clone(), self.max_bytes);
        // A slow disk must not stop the other lanes.
        let read = tokio::task::spawn_blocking(move || read(&path, max_bytes));
        let read = read.await.map_err(|_| Failure::new(ErrorType::Internal, "reading the file panicked"))?;
        let body = match read {
            Ok(Some(body)) => body,
            Ok(None) => read_pipe(&self.path, self.max_bytes).await.map_err(|error| unreadable(&error))?,
            Err(error) => return Err(unreadable(&error)),
        };
        if body.len() as u64 > max_bytes {
            return Err(Failure::new(ErrorType::TooLarge, format!("larger than {max_bytes} bytes")));
        }
        Ok(body.into())
    }

    /// The failure at the deadline. The usual reason is a pipe to which no process writes.
    fn late(&self, limit: TimeLimit) -> Failure {
        let mut failure = Failure::timeout(limit);
        let metadata = std::fs::metadata(&self.path);
        let kind = metadata.map_or(FileKind::Regular, |metadata| FileKind::of(metadata.file_type())).as_str();
        failure.message = format!("it is {kind}: {}", failure.message).into();
        failure
    }
}

impl Source for FileSource {
    fn url(&self) -> &str {
        &self.label
    }

    fn default_name(&self) -> String {
        self.path.file_name().map_or_else(|| self.label.clone(), |name| name.to_string_lossy().into_owned())
    }

    fn fetch<'a>(
        &'a self,
        _prepared: &'a Prepared,
        context: &'a FetchContext<'a>,
    ) -> BoxFuture<'a, Result<Fetched, Failure>> {
        async move {
            let deadline = context.deadline();
            let mut read = pin!(deadline.within(self.read()));
            // The caller has the same deadline, and may poll this future before the timer in it has ended: the clock decides.
            let read = poll_fn(|cx| match read.as_mut().poll(cx) {
                Poll::Pending if Instant::now() >= deadline.at() => Poll::Ready(Err(deadline.limit())),
                read => read,
            });
            Ok(Fetched::local(read.await.map_err(|limit| self.late(limit))??))
        }
        .boxed()
    }
}

/// The content of a file, or a little more than `max_bytes` of it; `None` for a pipe.
fn read(path: &Path, max_bytes: u64) -> io::Result<Option<Vec<u8>>> {
    if cfg!(unix) && FileKind::of(std::fs::metadata(path)?.file_type()) == FileKind::Pipe {
        return Ok(None);
    }
    let mut body = Vec::new();
    std::fs::File::open(path)?.take(max_bytes + 1).read_to_end(&mut body)?;
    Ok(Some(body))
}

/// The content of a pipe. No thread reads it, because a thread could not be stopped while it waits for a process that writes.
#[cfg(unix)]
async fn read_pipe(path: &Path, max_bytes: u64) -> io::Result<Vec<u8>> {
    let pipe = tokio::net::unix::pipe::OpenOptions::new().open_receiver(path)?;
    let (mut body, mut piece) = (Vec::new(), vec![0; 16 << 10]);
    while body.len() as u64 <= max_bytes {
        pipe.readable().await?;
        match pipe.try_read(&mut piece) {
            Ok(0) => break,
            Ok(length) => body.extend_from_slice(&piece[..length]),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    Ok(body)
}

#[cfg(not(unix))]
async fn read_pipe(_path: &Path, _max_bytes: u64) -> io::Result<Vec<u8>> {
    Err(io::ErrorKind::Unsupported.into())
}

/// A second attempt to read a file would fail in the same way, so this failure is not retried.
fn unreadable(error: &io::Error) -> Failure {
    Failure::new(ErrorType::Connect, error.to_string()).after_answer()
}

/// A document that the caller gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InlineSource {
    label: String,
    body: Bytes,
}

impl InlineSource {
    /// The document `body`, shown as `label`.
    pub fn new(label: impl Into<String>, body: impl Into<Bytes>) -> Self {
        Self { label: label.into(), body: body.into() }
    }
}

impl Source for InlineSource {
    fn url(&self) -> &str {
        &self.label
    }

    fn fetch<'a>(
        &'a self,
        _prepared: &'a Prepared,
        _context: &'a FetchContext<'a>,
    ) -> BoxFuture<'a, Result<Fetched, Failure>> {
        ready(Ok(Fetched::local(self.body.clone()))).boxed()
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::io::Write;
    use std::process::Command;

    use super::*;

    fn pipe() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("pipe");
        assert!(Command::new("mkfifo").arg(&path).status().expect("mkfifo runs").success());
        (folder, path)
    }

    #[tokio::test]
    async fn a_pipe_is_read_to_its_end_or_to_the_limit() {
        for (length, max_bytes, expected) in
            [(3, 9, Some(3)), (300_000, 300_000, Some(300_000)), (300_000, 1_000, None)]
        {
            let (_folder, path) = pipe();
            let source = FileSource::new(&path, max_bytes);
            let write = tokio::task::spawn_blocking(move || {
                let mut pipe = std::fs::OpenOptions::new().write(true).open(&path).expect("a reader");
                // The reader leaves at its limit.
                drop(pipe.write_all(&vec![b'x'; length]));
            });
            let read = source.read().await;
            assert_eq!(read.as_ref().ok().map(Bytes::len), expected, "{read:?}");
            let is_too_large = read.is_err_and(|failure| failure.error_type == ErrorType::TooLarge);
            assert_eq!(is_too_large, expected.is_none());
            write.await.expect("it ends");
        }
    }

    /// A thread that waits for a writer would keep this runtime from ending.
    #[test]
    fn a_pipe_without_a_writer_keeps_no_thread() {
        let (_folder, path) = pipe();
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().expect("a runtime");
        let source = FileSource::new(&path, 9);
        let is_late = runtime.block_on(async {
            let mut read = std::pin::pin!(source.read());
            tokio::select! {
                _ = &mut read => false,
                () = tokio::time::sleep(std::time::Duration::from_millis(20)) => true,
            }
        });
        assert!(is_late);
        drop(runtime);
    }
}
