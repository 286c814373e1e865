//! The cache rules of a source.

use std::time::Duration;

/// The rules for the documents of one source in the cache. Default: nothing is cached.
///
/// While the circuit breaker ejects a source, its documents in the cache are still used, because no request is sent for them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CacheRules {
    /// How long a document with ads is used. An ad with a shorter `Expires` (VAST 4.3 section 3.4.10) ends it earlier. Default: never.
    pub ttl: Option<Duration>,
    /// How long a failure, an empty document or one that cannot be read is used, at most [`MAX_NEGATIVE`](Self::MAX_NEGATIVE).
    /// Default: never.
    pub negative: Option<Duration>,
    /// Whether requests with data about a viewer (a device or consent) use the cache. What the source receives of the viewer is part of
    /// the key: two viewers share a document only if the source could not tell them apart. Default `false`.
    pub shared: bool,
    /// Whether the documents that wrappers lead to are cached too. Default `false`.
    pub wrappers: bool,
}

impl CacheRules {
    /// The longest time for which a failure is used: the source is asked again soon after it has recovered.
    pub const MAX_NEGATIVE: Duration = Duration::from_secs(5);

    /// Sets [`ttl`](Self::ttl).
    #[must_use]
    pub fn with_ttl(mut self, ttl: Duration) -> Self {
        self.ttl = Some(ttl);
        self
    }

    /// Sets [`negative`](Self::negative).
    #[must_use]
    pub fn with_negative(mut self, negative: Duration) -> Self {
        self.negative = Some(negative);
        self
    }

    /// Sets [`shared`](Self::shared).
    #[must_use]
    pub fn with_shared(mut self, shared: bool) -> Self {
        self.shared = shared;
        self
    }

    /// Sets [`wrappers`](Self::wrappers).
    #[must_use]
    pub fn with_wrappers(mut self, wrappers: bool) -> Self {
        self.wrappers = wrappers;
        self
    }

    /// Whether anything is cached.
    pub(crate) fn is_used(&self) -> bool {
        self.ttl.is_some() || self.negative.is_some()
    }
}
