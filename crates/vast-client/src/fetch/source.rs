//! The trait [`Source`]: a source of VAST documents.

use futures_util::future::BoxFuture;

use super::context::{FetchContext, Prepared};
use crate::error::Failure;
use crate::transport::Fetched;

/// A source of VAST documents. A source makes exactly one attempt. Retries, time limits and all other rules are applied
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
    /// The URL template, path or label of the source. Results show it if the source was not asked.
    fn url(&self) -> &str;

    /// The name of the source if the configuration gives none. For a tag it is the host. Default: [`url`](Self::url).
    fn default_name(&self) -> String {
        self.url().to_owned()
    }

    /// The URL to request, with its macros filled in. It is computed once per request, so all attempts use the same
    /// URL.
    ///
    /// # Errors
    /// A [`Failure`] if the URL is not valid after its macros are filled in.
    fn prepare(&self, context: &FetchContext<'_>) -> Result<Prepared, Failure> {
        let _ = context;
        Ok(Prepared { url: self.url().into(), target: None })
    }

    /// Makes one attempt.
    ///
    /// # Errors
    /// A [`Failure`]. Its type decides whether another attempt is made ([`Failure::is_retried`]).
    fn fetch<'a>(
        &'a self,
        prepared: &'a Prepared,
        context: &'a FetchContext<'a>,
    ) -> BoxFuture<'a, Result<Fetched, Failure>>;
}
