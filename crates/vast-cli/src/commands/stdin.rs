//! Standard input as a source.

use std::io::Read;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use vast_client::fetch::{FetchContext, Fetched, Prepared, Source};
use vast_client::{ErrorType, Failure, SourceConfig};
use vast_xml::Limits;

use crate::error::CommandError;
use crate::exit::Exit;

/// The content of standard input. It is read once, after all arguments were checked, and can be used by several sources.
#[derive(Debug, Clone, Default)]
pub(super) struct Stdin(Arc<OnceLock<Bytes>>);

impl Stdin {
    /// A source that gives the content.
    pub(super) fn source(&self) -> SourceConfig {
        SourceConfig::custom(StdinSource { content: Arc::clone(&self.0) })
    }

    /// Reads standard input if a source uses it.
    ///
    /// # Errors
    /// See [`read`].
    pub(super) fn fill(&self) -> Result<(), CommandError> {
        // Every source that uses standard input holds one more reference.
        if Arc::strong_count(&self.0) > 1 && self.0.get().is_none() {
            let content = read(Exit::Failed)?;
            self.0.get_or_init(|| content);
        }
        Ok(())
    }
}

/// The whole standard input, up to the size limit of a document.
///
/// # Errors
/// A [`CommandError`] with the exit code `too_large` if standard input is larger, and with [`Exit::Failed`] if it
/// cannot be read.
pub(super) fn read(too_large: Exit) -> Result<Bytes, CommandError> {
    let most = Limits::default().bytes;
    let mut content = Vec::new();
    let read = std::io::stdin().lock().take(most as u64 + 1).read_to_end(&mut content);
    read.map_err(|error| CommandError::new(Exit::Failed, format!("-: standard input cannot be read: {error}")))?;
    if content.len() > most {
        return Err(CommandError::new(too_large, format!("-: standard input is larger than {most} bytes")));
    }
    Ok(content.into())
}

struct StdinSource {
    content: Arc<OnceLock<Bytes>>,
}

impl Source for StdinSource {
    fn url(&self) -> &'static str {
        "-"
    }

    fn default_name(&self) -> String {
        "stdin".to_owned()
    }

    fn fetch<'a>(
        &'a self,
        _prepared: &'a Prepared,
        _context: &'a FetchContext<'a>,
    ) -> BoxFuture<'a, Result<Fetched, Failure>> {
        async move {
            let unread = || Failure::new(ErrorType::Internal, "standard input was not read");
            let body = self.content.get().cloned().ok_or_else(unread)?;
            Ok(Fetched::local(body))
        }
        .boxed()
    }
}
