//! The documents in the cache, and the requests for documents that several requests wait for.

use std::collections::HashMap;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};
use tokio::time::Instant;

use super::lifetime::lifetime;
use super::{CacheKey, CacheRules};
use crate::error::{ErrorType, Failure};
use crate::parse::LARGE_BODY;
use crate::policy::{BytePool, PooledBytes};
use crate::transport::Fetched;

/// The number of documents that may be fetched for the cache at the same time. A request beyond it fetches its document without the
/// cache. Without this limit, many requests that are dropped would leave as many fetches running.
const MAX_FETCHES: usize = 256;
/// The bytes that the documents of these fetches may have together, beyond what each may have in any case.
const FETCH_BYTES: u64 = 64 << 20;
/// The parts of the cache with a lock each. A document must fit into one part, so more parts would be too small.
const SHARDS: usize = 8;
/// The memory that an entry needs besides its key and its body, in bytes, with URLs of usual length.
const ENTRY_BYTES: usize = 512;

/// The documents that are cached for all sources of a client. Their size in sum is bounded.
pub(crate) struct DocumentCache {
    entries: Cache<CacheKey, Arc<CachedAnswer>, EntryWeight>,
    /// The fetches that have not ended.
    fetches: Mutex<HashMap<CacheKey, SharedFetch>>,
    /// The bytes of the documents that are fetched.
    fetch_bytes: Arc<BytePool>,
    /// One large document is read at a time: its parts can need 20 times its size.
    large: tokio::sync::Mutex<()>,
}

/// What a source answered, and how long it may be used.
#[derive(Debug)]
struct CachedAnswer {
    content: Result<Fetched, Failure>,
    stored: Instant,
    lifetime: Duration,
}

type SharedFetch = Shared<BoxFuture<'static, Arc<CachedAnswer>>>;

/// A document, or why there is none, and where it comes from.
#[derive(Debug)]
pub(crate) struct CacheLookup {
    pub(crate) content: Result<Fetched, Failure>,
    /// How long ago the document was fetched for another request; `None` if it was fetched for this one.
    pub(crate) age: Option<Duration>,
}

#[derive(Debug, Clone)]
struct EntryWeight;

impl Weighter<CacheKey, Arc<CachedAnswer>> for EntryWeight {
    fn weight(&self, key: &CacheKey, entry: &Arc<CachedAnswer>) -> u64 {
        (key.size() + entry.size()) as u64
    }
}

impl CachedAnswer {
    fn answer(&self, is_cached: bool) -> CacheLookup {
        let age = is_cached.then(|| self.stored.elapsed());
        CacheLookup { content: self.content.clone().map(|fetched| Fetched { age, ..fetched }), age }
    }

    fn is_fresh(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.stored) < self.lifetime
    }

    fn size(&self) -> usize {
        let content = match &self.content {
            Ok(fetched) => {
                let steps = fetched.redirects.iter().map(|step| step.location.len() + step.url.len()).sum::<usize>();
                fetched.body.len() + fetched.base.as_ref().map_or(0, |base| base.as_str().len()) + steps
            }
            Err(failure) => failure.message.len(),
        };
        ENTRY_BYTES + content
    }
}

impl DocumentCache {
    /// A cache that holds this number of bytes at most.
    pub(crate) fn new(max_bytes: u64) -> Self {
        let documents = usize::try_from(max_bytes / 4096).unwrap_or(usize::MAX).clamp(16, 100_000);
        let options = OptionsBuilder::new()
            .shards(SHARDS)
            .estimated_items_capacity(documents)
            .weight_capacity(max_bytes)
            .build()
            .unwrap_or_else(|_| unreachable!("both capacities are given"));
        let entries =
            Cache::with_options(options, EntryWeight, DefaultHashBuilder::default(), DefaultLifecycle::default());
        let fetch_bytes = BytePool::new(FETCH_BYTES, "documents that are fetched for the cache at the same time");
        Self { entries, fetches: Mutex::default(), fetch_bytes, large: tokio::sync::Mutex::default() }
    }

    /// Counts the bytes of one fetch for the cache.
    pub(crate) fn bytes_of_fetch(&self) -> PooledBytes {
        self.fetch_bytes.part()
    }

    /// Whether a document of `key` is in the cache that may be used now. A failure is no document.
    pub(crate) fn has_document(&self, key: &CacheKey) -> bool {
        self.fresh(key).is_some_and(|entry| entry.content.is_ok())
    }

    /// The document of `key`: cached, from the fetch of another request that is under way, or from `fetch`. A fetch goes on when this
    /// future is dropped, so that other requests that wait for it get its document.
    pub(crate) async fn get<F>(
        self: &Arc<Self>,
        key: &CacheKey,
        rules: CacheRules,
        fetch: impl FnOnce() -> F,
    ) -> CacheLookup
    where
        F: Future<Output = Result<Fetched, Failure>> + Send + 'static,
    {
        if let Some(entry) = self.fresh(key) {
            return entry.answer(true);
        }
        let (shared, is_own) = match self.join(key, rules, fetch) {
            Ok(joined) => joined,
            Err(fetch) => return CacheLookup { content: fetch().await, age: None },
        };
        shared.await.answer(!is_own)
    }

    /// The fetch for `key` that is under way, or a new one; in the second case `true`. `Err` gives `fetch` back if there are too many.
    #[allow(clippy::type_complexity)] // Named types would not say more.
    fn join<F, M>(self: &Arc<Self>, key: &CacheKey, rules: CacheRules, fetch: M) -> Result<(SharedFetch, bool), M>
    where
        M: FnOnce() -> F,
        F: Future<Output = Result<Fetched, Failure>> + Send + 'static,
    {
        let mut fetches = self.lock();
        if let Some(under_way) = fetches.get(key) {
            return Ok((under_way.clone(), false));
        }
        // A fetch stores its document before it leaves the list.
        if let Some(entry) = self.fresh(key) {
            return Ok((std::future::ready(entry).boxed().shared(), false));
        }
        if fetches.len() >= MAX_FETCHES {
            return Err(fetch);
        }
        let (cache, own_key, fetch) = (Arc::clone(self), key.clone(), fetch());
        let fetch = async move {
            let content = AssertUnwindSafe(fetch).catch_unwind().await;
            let content =
                content.unwrap_or_else(|_| Err(Failure::new(ErrorType::Internal, "a bug: the fetch panicked")));
            let lifetime = cache.lifetime(&content, rules).await;
            cache.store(&own_key, lifetime, content)
        };
        let shared = fetch.boxed().shared();
        fetches.insert(key.clone(), shared.clone());
        drop(fetches);
        tokio::spawn(shared.clone());
        Ok((shared, true))
    }

    async fn lifetime(&self, content: &Result<Fetched, Failure>, rules: CacheRules) -> Duration {
        let Ok(fetched) = content else { return rules.negative.unwrap_or_default() };
        if fetched.body.len() < LARGE_BODY {
            return lifetime(fetched, rules);
        }
        let _one_at_a_time = self.large.lock().await;
        let fetched = fetched.clone();
        let read = tokio::task::spawn_blocking(move || lifetime(&fetched, rules)).await;
        read.unwrap_or_default()
    }

    fn store(&self, key: &CacheKey, lifetime: Duration, content: Result<Fetched, Failure>) -> Arc<CachedAnswer> {
        let entry = Arc::new(CachedAnswer { content, stored: Instant::now(), lifetime });
        if !lifetime.is_zero() {
            self.entries.insert(key.clone(), Arc::clone(&entry));
        }
        self.lock().remove(key);
        entry
    }

    fn fresh(&self, key: &CacheKey) -> Option<Arc<CachedAnswer>> {
        let entry = self.entries.get(key)?;
        if entry.is_fresh(Instant::now()) {
            return Some(entry);
        }
        // Not a newer entry of the same key.
        self.entries.remove_if(key, |other| Arc::ptr_eq(other, &entry));
        None
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<CacheKey, SharedFetch>> {
        self.fetches.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for DocumentCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DocumentCache").field("documents", &self.entries.len()).finish_non_exhaustive()
    }
}
