//! READ FIRST. One request, top to bottom: tiers of lanes, then SELECT, then TRACK.

use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::time::Duration;

use crate::config::{FetchConfig, FetchMode, SourceConfig};
use crate::env::Env;
use crate::error::ConfigError;
use crate::journal::Journal;
use crate::lane::{Answer, Scope};
use crate::lane::{Plan, Tier};
use crate::lane::{TierLanes, is_enough};
use crate::policy::{Deadline, TimeLimit};
use crate::report::{FetchResult, Finished};
use crate::request::{AdRequest, RequestValues, RunOptions};
use crate::resolve;
use crate::schedule;
use crate::select::Selector;
use crate::track::{AnswerRef, DueAtAnswer, Tracker};
use crate::transport::{HttpClient, Transport};

/// Runs requests: FETCH, PARSE, RESOLVE, SELECT, TRACK. Cheap to clone.
#[derive(Clone)]
#[doc(alias = "VastMultiSourceOrchestrator")]
pub struct Orchestrator {
    parts: Arc<Parts>,
}

/// What an orchestrator is made of.
pub(crate) struct Parts {
    pub(crate) exchange: HttpClient,
    pub(crate) env: Env,
    pub(crate) selector: Arc<dyn Selector>,
    pub(crate) tracker: Tracker,
    pub(crate) identified: Box<IdentifiedTransport>,
    /// What every request says unless it says something else itself.
    pub(crate) request: AdRequest,
}

/// Makes the transport of a source that shows a client certificate; `None` for one that shows none. The text is the
/// source's place in the configuration, for complaints.
pub(crate) type IdentifiedTransport =
    dyn Fn(&SourceConfig, &str) -> Result<Option<Arc<dyn Transport>>, ConfigError> + Send + Sync;

impl Orchestrator {
    pub(crate) fn new(parts: Parts) -> Self {
        Self { parts: Arc::new(parts) }
    }

    pub(crate) fn parts(&self) -> &Parts {
        &self.parts
    }

    /// Checks and compiles a configuration. A plan is made once and run often: it keeps what is learnt of its sources.
    ///
    /// # Errors
    /// The first thing that is wrong, before anything is requested.
    pub fn plan(&self, config: &FetchConfig) -> Result<Plan, ConfigError> {
        Plan::compile(config, &*self.parts.identified)
    }

    /// [`plan`](Self::plan) and [`run`](Self::run) in one, for a request that is made once. Device, consent and everything
    /// else of the request are those that the client was built with; the trackers that are called are those that `config`
    /// says.
    ///
    /// # Errors
    /// See [`plan`](Self::plan); asking cannot fail.
    pub async fn execute_pipeline(&self, config: &FetchConfig) -> Result<FetchResult, ConfigError> {
        self.execute_pipeline_for(config, &AdRequest::default()).await
    }

    /// [`execute_pipeline`](Self::execute_pipeline) for this device, slot and consent. What `request` leaves unset is taken
    /// from the request that the client was built with ([`AdRequest::or`]).
    ///
    /// # Errors
    /// See [`plan`](Self::plan); asking cannot fail.
    pub async fn execute_pipeline_for(
        &self,
        config: &FetchConfig,
        request: &AdRequest,
    ) -> Result<FetchResult, ConfigError> {
        let plan = self.plan(config)?;
        Ok(self.run(&plan, request, config.run_options()).await)
    }

    /// Asks for an ad: the one path of every request. It cannot fail; the result says what each source did. What `request`
    /// leaves unset is taken from the request that the client was built with ([`AdRequest::or`]).
    pub async fn run(&self, plan: &Plan, request: &AdRequest, options: RunOptions) -> FetchResult {
        let Parts { exchange, env, selector, tracker, .. } = &*self.parts;
        let request = &*request.or(&self.parts.request);
        let limits = &plan.settings.strategy.limits;
        let started = env.now();
        let timeout = request.timeout.unwrap_or(limits.timeout);
        let deadline = Deadline::after(started, timeout, TimeLimit::Request);
        let journal = Arc::new(Journal::new(started));
        let values = RequestValues::new(env, request, &plan.settings.identity);
        let documents = AtomicU32::new(0);
        let scope =
            Scope { settings: &plan.settings, request, exchange, values: &values, selector: &**selector, documents };

        let mut answers: Vec<Answer> = Vec::new();
        for (index, tier) in plan.tiers.iter().enumerate() {
            if is_enough(&**selector, request, &answers, &[]) {
                break;
            }
            let is_last = index + 1 == plan.tiers.len();
            let reserve = if is_last { Duration::ZERO } else { limits.reserve(timeout) };
            let deadline = deadline.reserving(reserve, TimeLimit::FallbackReserve);
            answers.extend(self.run_tier(tier, &scope, &journal, deadline, &answers).await);
        }

        let (candidates, documents) = Answer::split(answers);
        let selection = selector.select(candidates, &request.slot);
        resolve::owed_by_selection(&selection).for_each(|(lane, owed)| journal.record(lane, owed));
        let elapsed = started.elapsed();
        let finished = Finished { plan, request, values: &values, journal, documents, selection, elapsed };
        let mut result = FetchResult::assemble(finished);
        let options = if result.metadata.mode == FetchMode::Collect { options.of_collect() } else { options };
        let is_seeded = request.seed.is_some();
        let (answer, errors) = (AnswerRef::from(&result), result.owed_errors());
        result.tracked =
            tracker.track_answer(DueAtAnswer { answer, options, values: &values, is_seeded, errors }).await;
        result
    }

    /// Asks the sources of one tier by its mode's rules.
    async fn run_tier(
        &self,
        tier: &Tier,
        scope: &Scope<'_>,
        journal: &Arc<Journal>,
        deadline: Deadline,
        earlier: &[Answer],
    ) -> Vec<Answer> {
        let strategy = &scope.settings.strategy;
        let ranks: Vec<_> = tier.sources.iter().map(|source| source.rank(strategy.order)).collect();
        let split_key = scope.request.split_key.as_deref();
        let order = scope.values.draws().with(|rng| schedule::ranked(strategy.order, &ranks, split_key, rng));
        let lanes = TierLanes::new(tier, scope, journal, deadline, earlier, order, &*self.parts.selector);
        let answers = schedule::run(&lanes, tier.rules(strategy), deadline).await;
        lanes.close(&answers);
        answers
    }
}
