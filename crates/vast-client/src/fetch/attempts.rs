//! The attempts to fetch one document: deadlines, retries and waits, in the order in which they apply.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::time::Instant;

use super::context::{FetchContext, Prepared};
use super::source::Source;
use crate::cache::{CacheKey, CacheLookup};
use crate::context::{LaneContext, ObservedDocument};
use crate::error::{ErrorType, Failure};
use crate::journal::{Fact, Journal, LaneLog, TreeWarning};
use crate::memory::ExtraPermit;
use crate::policy::{ExtraRequest, TimeLimit};
use crate::transport::{Fetched, Target};

/// The attempts to fetch one document of a lane.
pub(crate) struct Attempts<'a> {
    lane: &'a LaneContext,
    /// The number of the document in its tree; 0 is the source's own.
    hop: u32,
    /// The time limit of one attempt, and its name.
    limit: Option<(Duration, TimeLimit)>,
}

/// Requests the own document of `source`.
pub(crate) fn own_document(
    source: &Arc<dyn Source>,
    lane: &mut LaneContext,
) -> impl Future<Output = Result<(Prepared, Fetched), Failure>> + Send {
    async move {
        let prepared = source.prepare(&FetchContext::new(lane)).inspect_err(|failure| {
            lane.outside().into_iter().for_each(|outside| outside.not_prepared(failure));
        })?;
        lane.set_origin(prepared.target.as_ref().map(|target| target.origin().clone()));
        let key = lane.own_cache_key(source.url());
        let is_counted = key.is_none();
        let fetched = match key {
            None => attempts_at_own(&**source, lane, &prepared).await?,
            Some(key) => {
                let (source, asked) = (Arc::clone(source), prepared.clone());
                let fetch = |lane| async move { attempts_at_own(&*source, &lane, &asked).await };
                // Boxed, because the future of every lane would be as large as this one.
                cached(lane, 0, &key, &prepared.url, fetch).boxed().await?
            }
        };
        if fetched.status.is_none() || !is_counted {
            // Bytes that arrived over HTTP for this lane were counted on arrival. Count the others here.
            lane.take_bytes(0, fetched.body.len())?;
        }
        lane.free_own_share();
        Ok((prepared, fetched))
    }
}

fn attempts_at_own(
    source: &dyn Source,
    lane: &LaneContext,
    prepared: &Prepared,
) -> impl Future<Output = Result<Fetched, Failure>> + Send {
    let limit = lane.limits().attempt_timeout.map(|limit| (limit, TimeLimit::Attempt));
    let attempts = Attempts { lane, hop: 0, limit };
    async move { attempts.run(&prepared.url, |context| one_attempt(source, prepared, context)).await }
}

/// Requests the document `hop` at `target`, which a wrapper names, or takes it from the cache if it has a `key`.
pub(crate) async fn wrapper_document(
    lane: &LaneContext,
    hop: u32,
    key: Option<CacheKey>,
    target: &Target,
) -> Result<Fetched, Failure> {
    let Some(key) = key else { return Attempts::of_hop(lane, hop).get(target).await };
    let asked = target.clone();
    let fetch = move |lane| async move { Attempts::of_hop(&lane, hop).get(&asked).await };
    let fetched = cached(lane, hop, &key, &Arc::from(target.as_str()), fetch).boxed().await?;
    lane.take_bytes(hop, fetched.body.len() + target.as_str().len())?;
    Ok(fetched)
}

/// Requests the document at `url`, a URL that the document at `base` contains. The macros of the IAB registry are filled in.
pub(crate) async fn document_of_url(lane: &LaneContext, url: &str, base: Option<&Target>) -> Result<Fetched, Failure> {
    let target = target_of(lane, url, base, Vec::new)?;
    let limit = lane.limits().attempt_timeout.map(|limit| (limit, TimeLimit::Attempt));
    Attempts { lane, hop: 0, limit }.get(&target).await
}

/// The target of a URL that the document at `base` contains. Macros are filled in before the text is parsed as a URL.
/// `blocked_categories` has the value of that macro.
pub(crate) fn target_of(
    lane: &LaneContext,
    url: &str,
    base: Option<&Target>,
    blocked_categories: impl FnOnce() -> Vec<String>,
) -> Result<Target, Failure> {
    let tree = lane.tree();
    let unusable = |error: &dyn std::fmt::Display| {
        Failure::new(ErrorType::WrapperUri, format!("the URL cannot be requested: {error}"))
    };
    let now = lane.log().time_of_fact();
    let url = lane.values().expand_hop(url, now, &tree.transaction_id, &tree.disclosure, blocked_categories);
    let url = url.map_err(|error| unusable(&error))?;
    Target::parse(&url, base).map_err(|error| unusable(&error))
}

fn one_attempt<'a>(
    source: &'a dyn Source,
    prepared: &'a Prepared,
    context: FetchContext<'a>,
) -> impl Future<Output = Result<Fetched, Failure>> + Send + 'a {
    async move {
        // What few attempts need is boxed, because the future of every lane would be as large as this one.
        if let Some(observed) = observed(prepared, &context) {
            return observed_attempt(source, prepared, context, observed).boxed().await;
        }
        if context.deadline().limit() != TimeLimit::Attempt {
            // The whole lane already runs under this deadline, so no second timer is needed.
            return source.fetch(prepared, &context).await;
        }
        // A source that the host implements may ignore its deadline.
        let fetched = context.deadline().within(source.fetch(prepared, &context)).boxed().await;
        fetched.unwrap_or_else(|limit| Err(Failure::timeout(limit)))
    }
}

/// The document of an attempt that is noted as a whole, or given by a recording.
fn observed(prepared: &Prepared, context: &FetchContext<'_>) -> Option<ObservedDocument> {
    context.lane().outside()?.own_document(context.attempt(), &prepared.url, prepared.target.as_ref())
}

async fn observed_attempt(
    source: &dyn Source,
    prepared: &Prepared,
    context: FetchContext<'_>,
    observed: ObservedDocument,
) -> Result<Fetched, Failure> {
    let ObservedDocument { log, content } = observed;
    let fetched = async {
        match content {
            Some(content) => content.await.0,
            None => source.fetch(prepared, &context).await,
        }
    };
    let fetched = context.deadline().within(fetched).await.unwrap_or_else(|limit| Err(Failure::timeout(limit)));
    log.into_iter().for_each(|log| log.arrived(&fetched, None));
    fetched
}

impl<'a> Attempts<'a> {
    /// The attempts to fetch the document with this number, which a wrapper names.
    pub(crate) fn of_hop(lane: &'a LaneContext, hop: u32) -> Self {
        Self { lane, hop, limit: Some((lane.limits().hop_timeout, TimeLimit::Hop)) }
    }

    /// Requests `target` over HTTP.
    pub(crate) async fn get(&self, target: &Target) -> Result<Fetched, Failure> {
        // The URL comes from a document, with its macros filled in, and is kept with the document that it leads to.
        self.lane.take_bytes(self.hop, target.as_str().len())?;
        let url = target.text();
        self.run(&url, |context| async move { context.get_hop(target).await }).await
    }

    /// Makes attempts until one succeeds, one fails with an error that is not retried, or too little time or retry budget is left.
    /// It records every attempt, and every failure except the last one, which the caller records.
    fn run<F: Future<Output = Result<Fetched, Failure>>>(
        &self,
        url: &Arc<str>,
        mut attempt: impl FnMut(FetchContext<'a>) -> F,
    ) -> impl Future<Output = Result<Fetched, Failure>> {
        async move {
            let (lane, hop) = (self.lane, self.hop);
            let mut number = 1;
            // Held until the retry has ended.
            let mut permit = None;
            loop {
                let now = lane.log().now();
                if lane.deadline().remaining(now) < lane.limits().min_useful {
                    return Err(Failure::timeout(lane.deadline().limit()));
                }
                lane.log().record(Fact::Attempt { hop, number, url: Arc::clone(url) });
                let wait = match attempt(self.context(now, number)).await {
                    Ok(fetched) => {
                        if permit.is_none() {
                            lane.memory().answered_at_once();
                        }
                        return self.answered(&fetched, url).map(|()| fetched);
                    }
                    Err(failure) => self.wait_after(failure, number, &mut permit)?,
                };
                tokio::time::sleep(wait).await;
                number += 1;
                if let Some(outside) = lane.outside()
                    && let Some(turn) = outside.all().attempt(&outside.place(hop, number, 0))
                    && !turn.await
                {
                    return Err(Failure::timeout(lane.deadline().limit()));
                }
            }
        }
    }

    /// How long to wait before the attempt after the one with this number, which has failed. `permit` becomes that of the next attempt.
    ///
    /// # Errors
    /// The failure, if there is no other attempt.
    fn wait_after(
        &self,
        failure: Failure,
        number: u32,
        permit: &mut Option<ExtraPermit<'a>>,
    ) -> Result<Duration, Failure> {
        let lane = self.lane;
        if !self.is_repeated(&failure, number) {
            return Err(failure);
        }
        let retry = &lane.settings().strategy.retry;
        let wait = lane.values().draws().with(|rng| retry.backoff().wait(number, failure.retry_after, rng));
        if lane.deadline().remaining(lane.log().now()) < wait.saturating_add(lane.limits().min_useful) {
            return Err(failure);
        }
        let extra = if failure.status == Some(429) { ExtraRequest::Throttled } else { ExtraRequest::Usual };
        drop(permit.take());
        *permit = lane.memory().extra_request(extra);
        if let Some(outside) = lane.outside() {
            let is_permitted = outside.all().extra_request(&lane.memory().name, permit.is_some());
            permit.take_if(|_| !is_permitted);
        }
        if permit.is_none() {
            return Err(failure);
        }
        lane.log().record(Fact::Failed { hop: self.hop, failure });
        Ok(wait)
    }

    /// The context of this attempt, which begins now.
    fn context(&self, now: Instant, number: u32) -> FetchContext<'a> {
        let context = FetchContext::new(self.lane);
        let lane = self.lane.deadline();
        context.of(self.hop, number, self.limit.map_or(lane, |(limit, name)| lane.cut(now, limit, name)))
    }

    fn is_repeated(&self, failure: &Failure, number: u32) -> bool {
        let retry = &self.lane.settings().strategy.retry;
        let timeout = failure.error_type == ErrorType::Timeout && failure.limit == Some(TimeLimit::Connect);
        let timeout = timeout || (failure.error_type == ErrorType::Timeout && retry.retry_timeouts);
        number <= retry.max_retries && (failure.is_retried() || timeout)
    }

    /// Records the answer. The URL after redirects is kept with the document, so it counts like a part of it.
    pub(super) fn answered(&self, fetched: &Fetched, url: &Arc<str>) -> Result<(), Failure> {
        let after_redirects = fetched.base.as_ref().filter(|base| base.as_str() != &**url);
        let url = match after_redirects {
            Some(base) => {
                self.lane.take_bytes(self.hop, base.as_str().len())?;
                base.text()
            }
            None => Arc::clone(url),
        };
        let (status, bytes) = (fetched.status, fetched.wire_bytes);
        self.lane.log().record(Fact::Answered { hop: self.hop, status, bytes, url });
        if let Some(warning) = &fetched.encoding_warning {
            let message = warning.to_string().into();
            self.lane.log().record(Fact::Warned { hop: self.hop, kind: TreeWarning::ContentEncoding, message });
        }
        Ok(())
    }
}

/// Gets the document `hop` of the lane from the cache, or by `fetch`, which gets the context of a fetch that is independent of the lane.
async fn cached<F>(
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
    let (log, recorded) = lane
        .outside()
        .and_then(|outside| outside.cached(hop, url))
        .map_or((None, None), |document| (document.log, document.content));
    let CacheLookup { content, age } = match recorded {
        Some(recorded) => {
            let (content, age) = recorded.await;
            CacheLookup { content, age }
        }
        None => cache.get(key, lane.cache_rules(), || fetch(independent)).await,
    };
    if let Some(log) = log {
        if age.is_some() { log.arrived(&content, age) } else { log.forget() }
    }
    let Some(age) = age else { return content };
    if hop == 0 {
        lane.own_from_cache();
    }
    lane.log().record(Fact::FromCache { hop, url: Arc::clone(url), age });
    let fetched = content?;
    Attempts::of_hop(lane, hop).answered(&fetched, url).map(|()| fetched)
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
