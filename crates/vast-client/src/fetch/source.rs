//! The trait [`Source`]: something that gives VAST bytes.

use futures_util::future::BoxFuture;

use super::context::{FetchContext, Fetched, Prepared};
use crate::error::Failure;

/// Something that gives VAST bytes. A source makes exactly one attempt. Retries, time limits and all other rules are applied
/// around it.
///
/// ```
/// use vast_client::fetch::{FetchContext, Fetched, Prepared, Source};
/// use vast_client::{BoxFuture, Failure};
///
/// struct NoAd;
///
/// impl Source for NoAd {
///     fn url(&self) -> &str {
///         "no-ad"
///     }
///
///     fn fetch<'a>(&'a self, _: &'a Prepared, _: &'a FetchContext<'a>) -> BoxFuture<'a, Result<Fetched, Failure>> {
///         Box::pin(async move { Ok(Fetched::local("<VAST version=\"4.2\"/>")) })
///     }
/// }
/// # let _ = vast_client::SourceConfig::custom(NoAd);
/// ```
///
/// [`VastClient::lane_context`](crate::VastClient::lane_context) shows how to test one.
pub trait Source: Send + Sync + 'static {
    /// Its URL template, path or label, as results show it when it was not asked.
    fn url(&self) -> &str;

    /// The name of the source when none is configured: for a tag its host. Default: [`url`](Self::url).
    fn default_name(&self) -> String {
        self.url().to_owned()
    }

    /// What is asked for, macros filled in. It is made once per request; all attempts ask for the same.
    ///
    /// # Errors
    /// A [`Failure`] when what the macros' values make of it cannot be asked for.
    fn prepare(&self, context: &FetchContext<'_>) -> Result<Prepared, Failure> {
        let _ = context;
        Ok(Prepared { url: self.url().into(), target: None })
    }

    /// Makes one attempt.
    ///
    /// # Errors
    /// A [`Failure`]; its type decides whether another attempt is made ([`Failure::is_retried`]).
    fn fetch<'a>(
        &'a self,
        prepared: &'a Prepared,
        context: &'a FetchContext<'a>,
    ) -> BoxFuture<'a, Result<Fetched, Failure>>;
}
