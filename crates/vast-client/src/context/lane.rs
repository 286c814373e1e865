//! The context of a lane: the values that do not change while the lane runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use super::budget::{LaneBudget, MAX_REPORTS};
use super::outside::LaneOutside;
use super::request::{RequestContext, Settings};
use crate::cache::{CacheKey, CacheRules};
use crate::error::Failure;
use crate::journal::{Fact, Journal, LaneLog};
use crate::memory::SourceMemory;
use crate::policy::{Deadline, TimeLimit, TimeLimits};
use crate::request::{AdRequest, Disclosure, Privacy, RequestValues, SourceTree};
use crate::transport::{
    AddressRule, ExchangeObserver, HttpClient, ObservedExchange, Origin, RedirectStep, SpareTimer, Target,
};

/// The values and limits that one source of a request uses: the documents of its tree share them.
///
/// To test your own [`Source`](crate::fetch::Source) without a request, create a context with
/// [`VastClient::lane_context`](crate::VastClient::lane_context).
pub struct LaneContext {
    request: Arc<RequestContext>,
    tree: Arc<SourceTree>,
    memory: Arc<SourceMemory>,
    deadline: Deadline,
    log: LaneLog,
    /// Where error reports are recorded: with the lane of the source, also those of the breaks of its playlist.
    reports: ReportLog,
    budget: LaneBudget,
    cache: LaneCache,
    notes: LaneNotes,
    outside: Option<Arc<LaneOutside>>,
}

/// What is noted while a lane runs.
#[derive(Default)]
struct LaneNotes {
    /// Whether the source's own document, or the reason why there is none, comes from the cache.
    is_from_cache: AtomicBool,
    /// Whether the caller drops the lane at its deadline.
    is_timed: bool,
    /// The timer of exchanges for documents below wrappers.
    timer: SpareTimer,
}

/// The cache rules of a lane.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct LaneCache {
    pub(crate) rules: CacheRules,
    /// A part of the key of each document: a hash of the settings of the source that are sent with each request.
    pub(crate) salt: u64,
    /// The time limit of the source, if it has one. A fetch for the cache ends at it, and not at the limit of a request.
    pub(crate) source_timeout: Option<Duration>,
}

impl LaneCache {
    /// Whether documents are cached for this request.
    fn is_used_for(&self, request: &AdRequest) -> bool {
        self.rules.is_used() && (self.rules.shared || !request.has_viewer())
    }

    /// The key of the own document of `source`, whose URL is made of `template`; `None` if it is not cached for this request.
    fn own_key(&self, request: &AdRequest, source: &str, template: &str, disclosure: &Disclosure) -> Option<CacheKey> {
        let url = self.is_used_for(request).then(|| RequestValues::own_tag_for_cache(template, disclosure))?;
        Some(CacheKey::new(source, self.salt, &url, disclosure.headers()))
    }
}

/// The journal and the lane that error reports are recorded with.
#[derive(Clone)]
struct ReportLog {
    journal: Arc<Journal>,
    lane: usize,
}

/// The settings of a lane's source.
pub(crate) struct LaneRules<'a> {
    /// The name of the source.
    pub(crate) source: &'a Arc<str>,
    /// The data about the viewer that the servers of the source's tree may receive.
    pub(crate) privacy: &'a Privacy,
    /// Whether the documents and trackers of the source's tree may have private addresses.
    pub(crate) allow_private: bool,
    /// What earlier requests have shown of the source.
    pub(crate) memory: &'a Arc<SourceMemory>,
    pub(crate) cache: LaneCache,
    /// Whether the source is an ad tag.
    pub(crate) is_tag: bool,
}

impl LaneRules<'_> {
    /// Whether the cache has the source's own document for `request`, so that the source need not be asked. The URL of the document is
    /// made of `template`.
    pub(crate) fn is_in_cache(&self, request: &RequestContext, template: &str) -> bool {
        let RequestContext { values, ad_request, settings, cache, .. } = request;
        if !self.cache.is_used_for(ad_request) {
            return false;
        }
        let disclosure = values.disclosure(&settings.identity, ad_request, self.privacy, self.source);
        let key = self.cache.own_key(ad_request, self.source, template, &disclosure);
        key.is_some_and(|key| cache.has_document(&key))
    }
}

impl LaneContext {
    /// The context of a lane of `request` that writes to `log` and must end by `deadline`.
    pub(crate) fn new(request: &Arc<RequestContext>, rules: &LaneRules<'_>, log: LaneLog, deadline: Deadline) -> Self {
        let RequestContext { values, ad_request, settings, .. } = &**request;
        let LaneRules { source, privacy, allow_private, cache, memory, is_tag } = *rules;
        let tree = SourceTree {
            source: Arc::clone(source),
            rule: AddressRule { named: None, allow_private },
            transaction_id: values.transaction_id(),
            disclosure: values.disclosure(&settings.identity, ad_request, privacy, source),
        };
        let reports = ReportLog { journal: Arc::clone(&request.journal), lane: log.lane() };
        let budget = request.budget.lane();
        let outside = request.outside.as_ref().map(|outside| Arc::new(LaneOutside::new(outside, source, is_tag)));
        let (request, tree, memory) = (Arc::clone(request), Arc::new(tree), Arc::clone(memory));
        let notes = LaneNotes::default();
        Self { request, tree, memory, deadline, log, reports, budget, cache, notes, outside }
    }

    /// The context of a fetch for the cache, with the tree and the viewer of this lane. Its budget, journal and deadline are separate,
    /// because the fetch goes on when this lane is dropped.
    pub(crate) fn of_cached_fetch(&self) -> Self {
        let limit = self.cache.source_timeout.unwrap_or(self.limits().source_limit());
        let deadline = Deadline::after(Instant::now(), limit, TimeLimit::Source);
        let request = Arc::new(self.request.of_cached_fetch(deadline));
        let reports = ReportLog { journal: Arc::clone(&request.journal), lane: 0 };
        let (log, budget) = (LaneLog::detached(&request.journal), request.budget.lane());
        let (tree, memory) = (Arc::clone(&self.tree), Arc::clone(&self.memory));
        let cache = LaneCache::default();
        let outside = self.outside.clone();
        let notes = LaneNotes::default();
        Self { request, tree, memory, deadline, log, reports, budget, cache, notes, outside }
    }

    /// The context of the break with this number of this lane's playlist. The tree of the break has the same source, addresses and
    /// values; the exchanges and bytes are those of this lane.
    pub(crate) fn of_break(
        &self,
        number: usize,
        request: &Arc<RequestContext>,
        log: LaneLog,
        deadline: Deadline,
    ) -> Self {
        let outside = self.outside.as_ref().map(|outside| Arc::new(outside.of_break(number)));
        let (request, tree, memory) = (Arc::clone(request), Arc::clone(&self.tree), Arc::clone(&self.memory));
        let (reports, budget, cache) = (self.reports.clone(), self.budget.of_break(), LaneCache::default());
        let notes = LaneNotes::default();
        Self { request, tree, memory, deadline, log, reports, budget, cache, notes, outside }
    }

    /// The key of the source's own document, whose URL is made of `template`; `None` if it is not cached.
    pub(crate) fn own_cache_key(&self, template: &str) -> Option<CacheKey> {
        let SourceTree { source, disclosure, .. } = &*self.tree;
        self.cache.own_key(self.ad_request(), source, template, disclosure)
    }

    /// The key of the document that a wrapper in the document at `base` names with `template`; `None` if it is not cached. `blocked` has
    /// the categories that the wrappers above block.
    pub(crate) fn wrapper_cache_key(
        &self,
        template: &str,
        base: Option<&Target>,
        blocked: impl FnOnce() -> Vec<String>,
    ) -> Option<CacheKey> {
        if !self.cache.rules.wrappers || !self.cache.is_used_for(self.ad_request()) {
            return None;
        }
        let SourceTree { source, disclosure, .. } = &*self.tree;
        let url = RequestValues::hop_for_cache(template, disclosure, blocked).ok()?;
        let target = Target::parse(&url, base).ok()?;
        Some(CacheKey::new(source, 0, target.as_str(), disclosure.headers()))
    }

    /// Notes that the source's own document, or the reason why there is none, comes from the cache.
    pub(crate) fn own_from_cache(&self) {
        self.notes.is_from_cache.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_from_cache(&self) -> bool {
        self.notes.is_from_cache.load(Ordering::Relaxed)
    }

    pub(crate) fn cache_rules(&self) -> CacheRules {
        self.cache.rules
    }

    /// Records an error report, unless the source has had too many; returns how many there were before it.
    pub(crate) fn report(&self, fact: Fact) -> u32 {
        let before = self.budget.take_report();
        if before < MAX_REPORTS {
            self.reports.journal.record(self.reports.lane, fact);
        }
        before
    }

    /// Sets the origin that the operator named. Only this origin of the tree may have a private address.
    pub(crate) fn set_origin(&mut self, origin: Option<Origin>) {
        Arc::make_mut(&mut self.tree).rule.named = origin;
    }

    /// The number of the next wrapper document, from 1.
    ///
    /// # Errors
    /// A [`Failure`] when there were too many.
    pub(crate) fn next_document(&self) -> Result<u32, Failure> {
        self.budget.next_document(&self.request.budget)
    }

    /// Notes that the caller drops the lane at its deadline, so that exchanges need no timer for it.
    pub(crate) fn set_timed_by_caller(&mut self) {
        self.notes.is_timed = true;
    }

    /// Whether the caller drops the lane at its deadline.
    pub(crate) fn is_timed_by_caller(&self) -> bool {
        self.notes.is_timed
    }

    /// Checks that the lane has time left.
    ///
    /// # Errors
    /// A [`Failure`] that names the limit if the deadline has passed.
    pub(crate) fn check_time(&self) -> Result<(), Failure> {
        if self.deadline.has_passed(self.log.now()) {
            return Err(Failure::timeout(self.deadline.limit()));
        }
        Ok(())
    }

    /// The observer of the exchanges of this attempt at a document.
    pub(crate) fn exchanges(&self, hop: u32, attempt: u32) -> DocumentExchanges<'_> {
        DocumentExchanges { lane: self, hop, attempt }
    }

    /// Sees what enters the lane from outside, if the request is recorded or replayed.
    pub(crate) fn outside(&self) -> Option<&LaneOutside> {
        self.outside.as_deref()
    }

    /// Counts `more` bytes that the document `hop` needs in memory.
    ///
    /// # Errors
    /// A [`Failure`] when there were too many.
    pub(crate) fn take_bytes(&self, hop: u32, more: usize) -> Result<(), Failure> {
        self.budget.take_bytes(&self.request.budget, more as u64, hop == 0)
    }

    /// Call this when the source's own document has arrived: the bytes that were reserved for it are free for all lanes now.
    pub(crate) fn free_own_share(&self) {
        self.budget.free_share(&self.request.budget);
    }

    /// The values that all lanes of the request share.
    pub(crate) fn request_context(&self) -> &RequestContext {
        &self.request
    }

    /// The viewer and the slot.
    pub(crate) fn ad_request(&self) -> &AdRequest {
        &self.request.ad_request
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.request.settings
    }

    pub(crate) fn limits(&self) -> &TimeLimits {
        &self.request.settings.strategy.limits
    }

    pub(crate) fn http(&self) -> &HttpClient {
        &self.request.http
    }

    pub(crate) fn values(&self) -> &RequestValues {
        &self.request.values
    }

    pub(crate) fn tree(&self) -> &Arc<SourceTree> {
        &self.tree
    }

    pub(crate) fn memory(&self) -> &SourceMemory {
        &self.memory
    }

    pub(crate) fn deadline(&self) -> Deadline {
        self.deadline
    }

    pub(crate) fn log(&self) -> &LaneLog {
        &self.log
    }
}

impl Drop for LaneContext {
    fn drop(&mut self) {
        self.budget.free_share(&self.request.budget);
    }
}

/// The exchanges for one document of a lane: they are counted, and redirects are recorded.
pub(crate) struct DocumentExchanges<'a> {
    lane: &'a LaneContext,
    hop: u32,
    attempt: u32,
}

impl ExchangeObserver for DocumentExchanges<'_> {
    fn take_exchange(&self) -> Result<(), Failure> {
        self.lane.budget.take_exchange(&self.lane.request.budget)
    }

    fn take_bytes(&self, more: u64) -> Result<(), Failure> {
        self.lane.budget.take_bytes(&self.lane.request.budget, more, self.hop == 0)
    }

    fn now(&self) -> Instant {
        self.lane.request.journal.last_tick()
    }

    fn recorded_url(&self, url: &str) -> Arc<str> {
        self.lane.request.budget.recorded_url(url)
    }

    fn redirected(&self, step: &RedirectStep) {
        self.lane.log.record(Fact::Redirected { hop: self.hop, step: step.clone() });
    }

    fn spare_timer(&self) -> Option<&SpareTimer> {
        Some(&self.lane.notes.timer)
    }

    fn begin(&self, target: &Target, redirects: u32) -> Option<ObservedExchange> {
        let outside = self.lane.outside()?;
        outside.all().exchange(outside.place(self.hop, self.attempt, redirects), &target.text())
    }
}

impl std::fmt::Debug for LaneContext {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LaneContext").field("source", &self.tree.source).finish_non_exhaustive()
    }
}
