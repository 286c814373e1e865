//! The order of the sources of a request.

use std::sync::Arc;

use crate::policy::SourceOrder;

/// The order of the sources of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OrderReport {
    /// The rule for the order.
    pub strategy: SourceOrder,
    /// The names of the sources in this order: those of the primary tier, and those of the fallbacks if they were needed. The end of
    /// the list may not have been asked, because an earlier source settled the request; [`SourceReport`](super::SourceReport) has
    /// the outcome of each source.
    pub sources: Vec<Arc<str>>,
    /// Whether the first source of a tier was drawn at random, so that [`SourceOrder::Fastest`] measures its time again.
    pub is_exploration: bool,
}

impl OrderReport {
    /// The order before the first tier.
    pub(crate) fn new(strategy: SourceOrder) -> Self {
        Self { strategy, sources: Vec::new(), is_exploration: false }
    }

    /// Adds the sources of the next tier.
    pub(crate) fn add(&mut self, sources: impl Iterator<Item = Arc<str>>, is_exploration: bool) {
        self.sources.extend(sources);
        self.is_exploration |= is_exploration;
    }
}
