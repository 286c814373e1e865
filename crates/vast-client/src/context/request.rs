//! The context of a request: the values that do not change while the request runs.

use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::budget::RequestBudget;
use crate::env::Env;
use crate::journal::Journal;
use crate::policy::{Deadline, FetchStrategy, TimeLimit};
use crate::request::{AdRequest, Identity, RequestValues};
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

/// The values that all lanes of a request share.
pub(crate) struct RequestContext {
    pub(crate) settings: Arc<Settings>,
    pub(crate) request: AdRequest,
    pub(crate) http: HttpClient,
    pub(crate) selector: Arc<dyn Selector>,
    pub(crate) values: RequestValues,
    pub(crate) journal: Arc<Journal>,
    pub(crate) budget: RequestBudget,
    /// One large document is parsed at a time: its parts can need 20 times its size, and are counted only after parsing.
    pub(crate) parsing: Arc<Semaphore>,
    /// The time at which the request began.
    pub(crate) began: Instant,
    /// The deadline of the answer.
    pub(crate) deadline: Deadline,
}

impl RequestContext {
    /// The context of `request` to this number of sources. The request begins now.
    pub(crate) fn new(
        http: &HttpClient,
        env: &Env,
        selector: &Arc<dyn Selector>,
        settings: &Arc<Settings>,
        sources: usize,
        request: AdRequest,
    ) -> Self {
        let began = env.now();
        let timeout = request.timeout.unwrap_or(settings.strategy.limits.timeout);
        Self {
            values: RequestValues::new(env, &request, &settings.identity),
            request,
            http: http.clone(),
            selector: Arc::clone(selector),
            journal: Arc::new(Journal::new(began)),
            parsing: Arc::new(Semaphore::new(1)),
            budget: RequestBudget::new(settings.strategy.cost, sources),
            settings: Arc::clone(settings),
            began,
            deadline: Deadline::after(began, timeout, TimeLimit::Request),
        }
    }
}
