//! The context of a request: the values that do not change while the request runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use super::budget::RequestBudget;
use super::outside::Outside;
use crate::cache::DocumentCache;
use crate::env::Env;
use crate::journal::Journal;
use crate::policy::{BytePool, Deadline, FetchStrategy, TimeLimit};
use crate::request::{AdRequest, Identity, RequestValues, Slot};
use crate::select::{ParseFilter, Selector};
use crate::transport::HttpClient;

/// The settings that all sources of a plan share.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) strategy: FetchStrategy,
    pub(crate) filter: ParseFilter,
    pub(crate) keep_raw: bool,
    pub(crate) identity: Identity,
}

/// What all requests of a client share.
pub(crate) struct SharedParts {
    pub(crate) http: HttpClient,
    pub(crate) cache: Arc<DocumentCache>,
    /// The bytes of the documents of all requests that run, beside those of fetches for the cache.
    pub(crate) documents: Arc<BytePool>,
    pub(crate) env: Env,
    pub(crate) selector: Arc<dyn Selector>,
}

/// The values that all lanes of a request share.
pub(crate) struct RequestContext {
    pub(crate) settings: Arc<Settings>,
    /// The viewer and the slot: the request of the caller, completed with the configured one.
    pub(crate) ad_request: Arc<AdRequest>,
    pub(crate) http: HttpClient,
    pub(crate) cache: Arc<DocumentCache>,
    pub(crate) selector: Arc<dyn Selector>,
    pub(crate) values: Arc<RequestValues>,
    pub(crate) journal: Arc<Journal>,
    pub(crate) budget: Arc<RequestBudget>,
    /// Sees what enters the request from outside, if it is recorded or replayed.
    pub(crate) outside: Option<Arc<dyn Outside>>,
    /// The time at which the request began.
    pub(crate) began: Instant,
    /// The deadline of the answer.
    pub(crate) deadline: Deadline,
    /// The time until which breaks of playlists may run, in milliseconds since the request began; 0 without a playlist.
    breaks_until: AtomicU64,
}

impl RequestContext {
    /// The context of `ad_request` to this number of sources. The request begins now.
    pub(crate) fn new(
        shared: &SharedParts,
        settings: &Arc<Settings>,
        sources: usize,
        ad_request: Arc<AdRequest>,
    ) -> Self {
        let SharedParts { http, cache, documents, env, selector } = shared;
        let began = env.now();
        let timeout = ad_request.timeout.unwrap_or(settings.strategy.limits.timeout);
        Self {
            values: Arc::new(RequestValues::new(env, &ad_request, &settings.identity)),
            ad_request,
            http: http.clone(),
            cache: Arc::clone(cache),
            selector: Arc::clone(selector),
            journal: Arc::new(Journal::new(began, sources)),
            budget: Arc::new(RequestBudget::new(settings.strategy.cost, sources, documents.part())),
            settings: Arc::clone(settings),
            outside: None,
            began,
            deadline: Deadline::after(began, timeout, TimeLimit::Request),
            breaks_until: AtomicU64::new(0),
        }
    }

    /// Lets `outside` see what enters the request.
    pub(crate) fn set_outside(&mut self, outside: Option<Arc<dyn Outside>>) {
        let Some(outside) = outside else { return };
        if let Some(times) = outside.fact_times(None) {
            self.journal = Arc::new(Journal::new(self.began, 1).with_recorded_times(Some(times)));
        }
        self.outside = Some(outside);
    }

    /// The context of a break of a playlist: a request for this slot with this journal and deadline, which begins with its journal. It
    /// shares the values and the budget of the request that the playlist answers.
    pub(crate) fn of_break(&self, slot: Slot, journal: Journal, deadline: Deadline) -> Self {
        let ad_request = Arc::new(AdRequest { slot, ..(*self.ad_request).clone() });
        self.with_request(ad_request, journal, deadline)
    }

    /// This context for `ad_request`, with this journal and deadline.
    fn with_request(&self, ad_request: Arc<AdRequest>, journal: Journal, deadline: Deadline) -> Self {
        let began = journal.started();
        Self {
            settings: Arc::clone(&self.settings),
            ad_request,
            http: self.http.clone(),
            cache: Arc::clone(&self.cache),
            selector: Arc::clone(&self.selector),
            values: Arc::clone(&self.values),
            journal: Arc::new(journal),
            budget: Arc::clone(&self.budget),
            outside: self.outside.clone(),
            began,
            deadline,
            breaks_until: AtomicU64::new(0),
        }
    }

    /// The context of a fetch for the cache that begins now. It has a separate journal and a separate budget, because the fetch goes on
    /// when this request is dropped.
    pub(crate) fn of_cached_fetch(&self, deadline: Deadline) -> Self {
        let bytes = self.cache.bytes_of_fetch();
        let budget = Arc::new(RequestBudget::new(self.settings.strategy.cost, 1, bytes));
        let journal = Journal::new(Instant::now(), 1);
        Self { budget, ..self.with_request(Arc::clone(&self.ad_request), journal, deadline) }
    }

    /// How long the request may take: the limit of the call, else that of the configuration.
    pub(crate) fn timeout(&self) -> Duration {
        self.ad_request.timeout.unwrap_or(self.settings.strategy.limits.timeout)
    }

    /// Notes that the breaks of a playlist run from now on and may take this long, whatever the deadline of the request is.
    pub(crate) fn extend_for_breaks(&self, duration: Duration) {
        let until = self.began.elapsed().saturating_add(duration).as_millis();
        self.breaks_until.fetch_max(u64::try_from(until).unwrap_or(u64::MAX).saturating_add(1), Ordering::Relaxed);
    }

    /// The deadline of the breaks of playlists that run now; `None` if none run.
    pub(crate) fn deadline_of_breaks(&self) -> Option<Deadline> {
        let until = Some(self.breaks_until.load(Ordering::Relaxed)).filter(|until| *until > 0)?;
        Some(Deadline::after(self.began, Duration::from_millis(until), TimeLimit::Request))
    }

    /// Call this when a tier begins. Returns the deadline of the request, or a later one that leaves `least` if the breaks of the
    /// tier before have used up the time.
    pub(crate) fn begin_tier(&self, least: Duration) -> Deadline {
        if self.breaks_until.swap(0, Ordering::Relaxed) == 0 {
            return self.deadline;
        }
        let later = Deadline::after(Instant::now(), least, TimeLimit::Request);
        if later.at() > self.deadline.at() { later } else { self.deadline }
    }
}
