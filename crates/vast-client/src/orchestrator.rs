//! READ FIRST. One request, top to bottom: tiers of lanes, then SELECT, then TRACK.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tracing::Instrument;

use crate::config::{FetchConfig, SourceConfig};
use crate::context::RequestContext;
use crate::env::Env;
use crate::error::{ConfigError, ConfigTable, ErrorType, Failure};
use crate::fetch::Fetched;
use crate::journal::LaneLog;
use crate::lane::{self, LaneAnswer, Plan, Tier, TierLanes, is_enough_after};
use crate::policy::{Deadline, FetchMode, TimeLimit};
use crate::report::{FetchResult, Finished};
use crate::request::{AdRequest, RunOptions};
use crate::resolve;
use crate::schedule;
use crate::select::Selector;
use crate::track::{AnswerRef, DueAtAnswer, TrackedAnswer, Tracker};
use crate::transport::{AddressRule, HttpClient, Transport};

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
    dyn Fn(&SourceConfig, ConfigTable) -> Result<Option<Arc<dyn Transport>>, ConfigError> + Send + Sync;

impl Orchestrator {
    pub(crate) fn new(parts: Parts) -> Self {
        Self { parts: Arc::new(parts) }
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
        let request = self.context(plan, request);
        let span = tracing::info_span!("request", id = request.values.request_id());
        self.answer(plan, request, options).instrument(span).await
    }

    async fn answer(&self, plan: &Plan, request: Arc<RequestContext>, options: RunOptions) -> FetchResult {
        let limits = &plan.settings.strategy.limits;
        let timeout = request.deadline.remaining(request.began);

        let mut answers: Vec<LaneAnswer> = Vec::new();
        for (index, tier) in plan.tiers.iter().enumerate() {
            let is_last = index + 1 == plan.tiers.len();
            let reserve = if is_last { Duration::ZERO } else { limits.reserve(timeout) };
            let deadline = request.deadline.reserving(reserve, TimeLimit::FallbackReserve);
            answers.extend(run_tier(tier, &request, deadline, &answers).await);
            if !is_last && is_enough_after(&request, tier.kind, &answers) {
                break;
            }
        }

        let (candidates, documents) = LaneAnswer::split(answers);
        let selection = request.selector.select(candidates, &request.request.slot);
        resolve::reports_of_selection(&selection).for_each(|(lane, report)| request.journal.record(lane, report));
        let mut result = FetchResult::assemble(Finished { plan, request: &request, documents, selection });
        let is_break = request.request.slot.break_duration.is_some();
        let options = if result.metadata.mode == FetchMode::Collect { options.of_collect(is_break) } else { options };
        let is_seeded = request.request.seed.is_some();
        let (answer, errors) = (AnswerRef::from(&result), result.reports_due());
        let due = DueAtAnswer { answer, options, values: &request.values, is_seeded, errors };
        let TrackedAnswer { tracked, omitted } = self.parts.tracker.track_answer(due).await;
        (result.tracked, result.metadata.beacons_omitted) = (tracked, omitted);
        let (ads, trackers) = (result.ads.len(), result.tracked.len());
        tracing::info!(source = result.source.as_deref(), ads, trackers, "answer");
        result
    }

    /// FETCH alone: gets the document of the plan's first source under all rules of a request (attempts, time, size,
    /// addresses, decoding). It is not read, no wrapper is followed and no tracker is called.
    ///
    /// # Errors
    /// The [`Failure`] of the last attempt.
    pub async fn fetch(&self, plan: &Plan, request: &AdRequest) -> Result<Fetched, Failure> {
        let Some(source) = plan.tiers.first().and_then(|tier| tier.sources.first()) else {
            return Err(Failure::new(ErrorType::Internal, "a plan without a source"));
        };
        let request = self.context(plan, request);
        let limit = source.source_timeout.unwrap_or(plan.settings.strategy.limits.source_limit());
        let deadline = request.deadline.cut(Instant::now(), limit, TimeLimit::Source);
        lane::fetch(&request, source, LaneLog::begin(&request.journal, 0), deadline).await
    }

    /// [`VastClient::get`](crate::VastClient::get), with the settings of this plan.
    pub(crate) async fn get(&self, plan: &Plan, url: &str, rule: &AddressRule) -> Result<Fetched, Failure> {
        let request = self.context(plan, &AdRequest::default());
        let limit = plan.settings.strategy.limits.source_limit();
        let deadline = request.deadline.cut(Instant::now(), limit, TimeLimit::Source);
        lane::get(&request, url, rule, deadline).await
    }

    /// The context of a request that begins now.
    pub(crate) fn context(&self, plan: &Plan, request: &AdRequest) -> Arc<RequestContext> {
        let Parts { exchange, env, selector, request: configured, .. } = &*self.parts;
        let request = request.or(configured).into_owned();
        Arc::new(RequestContext::new(exchange, env, selector, &plan.settings, plan.source_names().count(), request))
    }
}

/// Asks the sources of one tier by the rules of its mode.
async fn run_tier(
    tier: &Tier,
    request: &Arc<RequestContext>,
    deadline: Deadline,
    earlier: &[LaneAnswer],
) -> Vec<LaneAnswer> {
    let strategy = &request.settings.strategy;
    let ranks: Vec<_> = tier.sources.iter().map(|source| source.rank(strategy.order)).collect();
    let split_key = request.request.split_key.as_deref();
    let order = request.values.draws().with(|rng| schedule::ranked(strategy.order, &ranks, split_key, rng));
    let lanes = TierLanes::new(tier, request, deadline, earlier, order);
    let answers = schedule::run(&lanes, tier.rules(strategy), deadline).await;
    lanes.close(&answers);
    answers
}
