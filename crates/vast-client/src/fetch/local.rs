//! Sources that need no network: a file, and a document that the caller gives.

use std::io::Read;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, ready};

use super::context::{FetchContext, Fetched, Prepared};
use super::source::Source;
use crate::error::{ErrorType, Failure};
use crate::policy::TimeLimit;
use crate::regular_file::FileKind;

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
    /// The failure at the deadline. The usual reason is a pipe to which no process writes.
    fn late(&self, limit: TimeLimit) -> Failure {
        let mut failure = Failure::timeout(limit);
        let metadata = std::fs::metadata(&self.path);
        let kind = metadata.map_or(FileKind::Regular, |metadata| FileKind::of(metadata.file_type())).as_str();
        failure.message = format!("{} is {kind}: {}", self.label, failure.message).into();
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
            let (path, max_bytes) = (self.path.clone(), self.max_bytes);
            // A slow disk must not stop the other lanes.
            let read = tokio::task::spawn_blocking(move || read(&path, max_bytes));
            let read = context.deadline().within(read).await.map_err(|limit| self.late(limit))?;
            let body = read.unwrap_or_else(|_| Err(Failure::new(ErrorType::Internal, "reading the file panicked")))?;
            Ok(Fetched::local(body))
        }
        .boxed()
    }
}

fn read(path: &Path, max_bytes: u64) -> Result<Bytes, Failure> {
    let mut body = Vec::new();
    let file = std::fs::File::open(path).and_then(|file| file.take(max_bytes + 1).read_to_end(&mut body));
    // A second attempt to read a file would fail in the same way, so these failures are not retried.
    file.map_err(|error| Failure::new(ErrorType::Connect, format!("{}: {error}", path.display())).after_answer())?;
    if body.len() as u64 > max_bytes {
        let message = format!("{} is larger than {max_bytes} bytes", path.display());
        return Err(Failure::new(ErrorType::TooLarge, message));
    }
    Ok(body.into())
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
