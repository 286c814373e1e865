//! The data about the viewer that the servers of one source's tree receive. It is computed once per lane, so that the
//! first request, wrappers and beacons carry the same values (VAST 4.3 section 1.1.3).

use std::fmt;
use std::sync::Arc;

use http::HeaderMap;
use vast_xml::macros::Values;

use super::viewer_values::ViewerValues;
use crate::transport::{AddressRule, ClientHeaders};

/// The data about the viewer and about this client that the servers of one source's tree receive. Cheap to clone.
#[derive(Clone, Default)]
pub struct Disclosure {
    values: ViewerValues,
}

impl Disclosure {
    pub(super) fn new(values: ViewerValues) -> Self {
        Self { values }
    }

    /// `User-Agent`, `Accept`, `Accept-Encoding` and the `X-Device-*` headers. Those about a viewer are made at the first call.
    pub fn headers(&self) -> &Arc<HeaderMap> {
        self.values.headers()
    }

    /// The same headers for an exchange.
    pub(crate) fn sent_headers(&self) -> &dyn ClientHeaders {
        &self.values
    }

    /// The macro values that are the same in the whole request.
    pub fn values(&self) -> &Arc<Values> {
        self.values.get()
    }

    /// Whether a URL may contain macros. Most URLs contain none, and the values are not needed then.
    pub(super) fn may_replace(&self, template: &str) -> bool {
        self.values.may_replace(template)
    }
}

impl PartialEq for Disclosure {
    fn eq(&self, other: &Self) -> bool {
        self.headers() == other.headers() && self.values() == other.values()
    }
}

impl Eq for Disclosure {}

/// Logs must not contain personal data, so only the number of headers is shown.
impl fmt::Debug for Disclosure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Disclosure").field("headers", &self.headers().len()).finish_non_exhaustive()
    }
}

/// The values that all requests and trackers of one source's tree share. The tree is the source's own document, the
/// documents that its wrappers lead to, and the ads in them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceTree {
    /// The name of the source.
    pub source: Arc<str>,
    /// The addresses that the requests for documents and trackers of the tree may connect to.
    pub rule: AddressRule,
    /// The value of `[TRANSACTIONID]` in every URL of the tree.
    pub transaction_id: Arc<str>,
    /// The data about the viewer that the servers of the tree receive, the same in every request and tracker.
    pub disclosure: Disclosure,
}
