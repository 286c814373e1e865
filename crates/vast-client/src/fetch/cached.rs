//! FETCH through the cache.

use std::future::Future;
use std::sync::Arc;

use super::attempts::Attempts;
use super::context::Fetched;
use crate::cache::{Answer, CacheKey};
use crate::context::LaneContext;
use crate::error::Failure;
use crate::journal::{Fact, Journal, LaneLog};

/// Gets the document `hop` of the lane from the cache, or by `fetch`, which gets the context of a fetch that is independent of the lane.
pub(super) async fn cached<F>(
    lane: &LaneContext,
    hop: u32,
    key: &CacheKey,
    url: &Arc<str>,
    fetch: impl FnOnce(LaneContext) -> F,
) -> Result<Fetched, Failure>
where
    F: Future<Output = Result<Fetched, Failure>> + Send + 'static,
{
    let independent = lane.of_cached_fetch();
    let _facts = FactsOfFetch { log: lane.log(), journal: Arc::clone(&independent.request_context().journal) };
    let cache = &lane.request_context().cache;
    let Answer { content, age } = cache.get(key, lane.cache_rules(), || fetch(independent)).await;
    let Some(age) = age else { return content };
    if hop == 0 {
        lane.own_from_cache();
    }
    lane.log().record(Fact::FromCache { hop, url: Arc::clone(url), age });
    let fetched = content?;
    Attempts::of_hop(lane, hop).answered(fetched, url)
}

/// Moves the facts of a fetch into the log of the lane that began it, also when the lane is dropped before the fetch has ended.
struct FactsOfFetch<'a> {
    log: &'a LaneLog,
    journal: Arc<Journal>,
}

impl Drop for FactsOfFetch<'_> {
    fn drop(&mut self) {
        self.log.adopt(&self.journal);
    }
}
