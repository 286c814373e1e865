//! START READING HERE. One request from beginning to end: tiers of lanes, then SELECT, then TRACK.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use smallvec::SmallVec;
use tokio::time::Instant;
use tracing::Instrument;

use crate::breaks::{BreakEnd, BreakLane, FinishedBreak, FinishedPlaylist};
use crate::config::{FetchConfig, SourceConfig};
use crate::context::{Outside, RequestContext, SharedParts};
use crate::env::Draws;
use crate::error::{ConfigError, ConfigTable, ErrorType, Failure};
use crate::fetch::Fetched;
use crate::journal::{Fact, LaneLog};
use crate::lane::{self, Admission, Arm, LaneAnswer, LaneAnswers, Plan, Tier, TierLanes, is_enough_after};
use crate::policy::{Deadline, FetchMode, TimeLimit};
#[cfg(feature = "recording")]
use crate::recording::{Recorder, Sampled};
use crate::report::{BreakResult, FetchResult, OrderReport, ResultParts, Schedule, SourceReport};
use crate::request::{AdRequest, GivenRequest, RunOptions, SourceTree};
use crate::resolve;
use crate::schedule::{self, Ranking};
use crate::select::{self, Candidate};
use crate::stats::{CountedAnswer, RequestCount};
use crate::track::{AnswerMoment, DueAtAnswer, TrackedAnswer, Tracker};
use crate::transport::{AddressRule, Transport};

/// Runs requests: FETCH, PARSE, RESOLVE, SELECT, TRACK. Cheap to clone.
#[derive(Clone)]
#[doc(alias = "VastMultiSourceOrchestrator")]
pub struct Orchestrator {
    parts: Arc<Parts>,
}

/// The parts of an orchestrator.
pub(crate) struct Parts {
    pub(crate) shared: SharedParts,
    /// Whether the host gave the selector.
    #[cfg(feature = "recording")]
    pub(crate) has_own_selector: bool,
    pub(crate) tracker: Tracker,
    pub(crate) identified: Box<IdentifiedTransport>,
    /// The default values of every request.
    pub(crate) request: Arc<AdRequest>,
    /// Whether there are any.
    pub(crate) has_default_values: bool,
    #[cfg(feature = "recording")]
    pub(crate) recorder: Option<Recorder>,
}

/// Creates the transport of a source that has a client certificate; `None` for a source without one. The text is the
/// place of the source in the configuration, for error messages.
pub(crate) type IdentifiedTransport =
    dyn Fn(&SourceConfig, ConfigTable) -> Result<Option<Arc<dyn Transport>>, ConfigError> + Send + Sync;

/// The arm of a request, and what is done with its answer.
struct ArmRun<'a> {
    arm: &'a Arm,
    options: RunOptions,
    /// The plan and the capture of the request, if it may be recorded.
    #[cfg(feature = "recording")]
    recorded: Option<(&'a Plan, Sampled)>,
}

/// The number of the seed, derived from that of the request, that draws the arm of a request without a key.
const ARM_DRAW: u64 = 2;

impl Orchestrator {
    pub(crate) fn new(parts: Parts) -> Self {
        Self { parts: Arc::new(parts) }
    }

    /// Checks and compiles a configuration. Create a plan once and run it often, because it remembers what requests have
    /// shown of its sources, for example their latencies. [`plan_after`](Self::plan_after) keeps that memory when the
    /// configuration changes.
    ///
    /// # Errors
    /// A [`ConfigError`] for the first wrong setting. No request is sent before.
    pub fn plan(&self, config: &FetchConfig) -> Result<Plan, ConfigError> {
        Plan::compile(config, &*self.parts.identified, None)
    }

    /// [`plan`](Self::plan) for a configuration that replaces the one of `older`. A source with the same name and the same URL,
    /// file or text as one of `older` keeps the memory of that source, and shares it with requests of `older` that still run.
    /// Its other settings may change.
    ///
    /// # Errors
    /// See [`plan`](Self::plan).
    pub fn plan_after(&self, config: &FetchConfig, older: &Plan) -> Result<Plan, ConfigError> {
        Plan::compile(config, &*self.parts.identified, Some(older))
    }

    /// [`plan`](Self::plan) and [`run`](Self::run) in one call, for a configuration that is used once. The request is
    /// the default request of the client, with its device and consent. `config` decides which trackers are called.
    ///
    /// The plan ends with this call. So the request is not part of [`VastClient::stats`](crate::VastClient::stats), and nothing is
    /// remembered of the sources: no circuit breaker, no latencies. Use [`plan`](Self::plan) and [`run`](Self::run) for these.
    ///
    /// # Errors
    /// See [`plan`](Self::plan). The request itself cannot fail.
    pub async fn execute_pipeline(&self, config: &FetchConfig) -> Result<FetchResult, ConfigError> {
        self.execute_pipeline_for(config, &AdRequest::default()).await
    }

    /// [`execute_pipeline`](Self::execute_pipeline) for this device, slot and consent. What `request` leaves unset is taken
    /// from the request that the client was built with ([`AdRequest::or`]).
    ///
    /// # Errors
    /// See [`plan`](Self::plan). The request itself cannot fail.
    pub async fn execute_pipeline_for(
        &self,
        config: &FetchConfig,
        request: &AdRequest,
    ) -> Result<FetchResult, ConfigError> {
        let plan = self.plan(config)?;
        Ok(self.run(&plan, request, config.run_options()).await)
    }

    /// Requests an ad. All entry points use this method. It cannot fail: the result has the outcome of each source.
    /// What `request` leaves unset is taken from the request that the client was built with ([`AdRequest::or`]). A borrowed request is
    /// copied, a shared one is used as it is.
    pub fn run<'r>(
        &self,
        plan: &Plan,
        request: impl Into<GivenRequest<'r>>,
        options: RunOptions,
    ) -> impl Future<Output = FetchResult> {
        // Not in an async function, whose future would have a place for the whole request.
        self.run_complete(plan, self.completed(request.into()), options, None)
    }

    /// [`run`](Self::run) with this recorder instead of that of the client.
    #[cfg(feature = "recording")]
    pub fn run_recorded<'a, 'r>(
        &'a self,
        plan: &'a Plan,
        request: impl Into<GivenRequest<'r>>,
        options: RunOptions,
        recorder: &Recorder,
    ) -> impl Future<Output = FetchResult> {
        let (run, request) = self.begin(plan, self.completed(request.into()), options, None, Some(recorder));
        self.answer_in_span(run, request)
    }

    /// [`run`](Self::run) for the request that the client was built with.
    pub(crate) async fn run_default(
        &self,
        plan: &Plan,
        options: RunOptions,
        outside: Option<Arc<dyn Outside>>,
    ) -> FetchResult {
        self.run_complete(plan, Arc::clone(&self.parts.request), options, outside).await
    }

    /// `request` with the default values for what it leaves unset.
    fn completed(&self, request: GivenRequest<'_>) -> Arc<AdRequest> {
        request.completed(&self.parts.request, self.parts.has_default_values)
    }

    /// [`run`](Self::run) for a request that is complete. `outside` sees what enters it.
    fn run_complete(
        &self,
        plan: &Plan,
        request: Arc<AdRequest>,
        options: RunOptions,
        outside: Option<Arc<dyn Outside>>,
    ) -> impl Future<Output = FetchResult> {
        async move {
            #[cfg(feature = "recording")]
            let (run, request) = self.begin(plan, request, options, outside, self.parts.recorder.as_ref());
            #[cfg(not(feature = "recording"))]
            let (run, request) = self.begin(plan, request, options, outside);
            self.answer_in_span(run, request).await
        }
    }

    fn answer_in_span<'a>(
        &'a self,
        run: ArmRun<'a>,
        request: Arc<RequestContext>,
    ) -> impl Future<Output = FetchResult> + 'a {
        let span = tracing::info_span!("request", id = request.values.request_id(), arm = run.arm.name.as_deref());
        self.answer(run, request).instrument(span)
    }

    /// The context of a request that begins now, and what is done with its answer. It is no part of an async function, whose future
    /// would keep a place for every value in it.
    fn begin<'a>(
        &self,
        plan: &'a Plan,
        request: Arc<AdRequest>,
        options: RunOptions,
        outside: Option<Arc<dyn Outside>>,
        #[cfg(feature = "recording")] recorder: Option<&Recorder>,
    ) -> (ArmRun<'a>, Arc<RequestContext>) {
        let recorded = outside.as_ref().and_then(|outside| plan.arm_named(outside.arm()?));
        let arm = recorded.unwrap_or_else(|| plan.arm_of(request.split_key.as_deref(), || self.arm_draw(&request)));
        let mut request = self.context(arm, request);
        #[cfg(feature = "recording")]
        let sampled = recorder.and_then(|recorder| recorder.begin(request.began));
        #[cfg(feature = "recording")]
        let outside = outside.or_else(|| Some(sampled.as_ref()?.outside()));
        let run = ArmRun {
            arm,
            options,
            #[cfg(feature = "recording")]
            recorded: sampled.map(|sampled| (plan, sampled)),
        };
        request.set_outside(outside);
        (run, Arc::new(request))
    }

    /// The number that decides the arm of a request without a key.
    fn arm_draw(&self, request: &AdRequest) -> u64 {
        request.seed.map_or_else(|| self.parts.shared.env.seed(), |seed| Draws::nth(seed, ARM_DRAW))
    }

    /// The tiers one after the other, then SELECT and TRACK.
    async fn answer(&self, run: ArmRun<'_>, request: Arc<RequestContext>) -> FetchResult {
        let ArmRun { arm, options, .. } = run;
        let limits = &arm.settings.strategy.limits;
        let timeout = request.deadline.remaining(request.began);
        let mut count = RequestCount::begin(&arm.counters, &request.journal);

        let admission = Admission::new(arm, &request);
        let mut answers: Vec<LaneAnswer> = Vec::new();
        let mut order = OrderReport::new(arm.settings.strategy.order);
        for (index, tier) in arm.tiers.iter().enumerate() {
            let is_last = index + 1 == arm.tiers.len();
            let reserve = if is_last { Duration::ZERO } else { limits.reserve(timeout) };
            let deadline = request.begin_tier(limits.reserve(timeout)).reserving(reserve, TimeLimit::FallbackReserve);
            let read_all = options.report_not_used;
            let asked = run_tier(tier, &request, &admission, deadline, &answers, &mut order, read_all);
            let of_tier = asked.await;
            // Most requests have one tier, whose list is not copied.
            if answers.is_empty() {
                answers = of_tier;
            } else {
                answers.extend(of_tier);
            }
            if !is_last && is_enough_after(&request, tier.kind, &answers) {
                break;
            }
        }

        let mut result = finish(arm, &request, answers, order, &mut count);
        let is_break = request.ad_request.slot.break_duration.is_some();
        let options = if result.metadata.mode == FetchMode::Collect { options.of_collect(is_break) } else { options };
        let errors = result.reports_due();
        if options.auto_track || options.report_not_used || (options.report_errors && !errors.is_empty()) {
            let is_seeded = request.ad_request.seed.is_some();
            let answered = request.began + result.metadata.elapsed;
            let moment = AnswerMoment { at: request.values.wall_at(answered), draws: request.values.draws() };
            let due = DueAtAnswer { answers: result.answers().collect(), options, moment, is_seeded, errors };
            // Boxed, because few answers have something to track, and the future of every request would have a place for it.
            let TrackedAnswer { tracked, omitted } = self.parts.tracker.track_answer(due).boxed().await;
            result.set_tracked(tracked, omitted);
        }
        trace_answer(&result);
        #[cfg(feature = "recording")]
        if let Some((plan, sampled)) = run.recorded {
            sampled.answered(plan, &request, run.options, self.parts.has_own_selector, &result);
        }
        result
    }

    /// Only FETCH: gets the document of the plan's first source under all rules of a request (attempts, time, size,
    /// addresses, decoding). The document is not parsed, no wrapper is followed and no tracker is called.
    ///
    /// # Errors
    /// The [`Failure`] of the last attempt.
    pub async fn fetch(&self, plan: &Plan, request: &AdRequest) -> Result<Fetched, Failure> {
        let Some(source) = plan.all.tiers.first().and_then(|tier| tier.sources.first()) else {
            return Err(Failure::new(ErrorType::Internal, "a plan without a source"));
        };
        let request = self.context_of(plan, request);
        let limit = source.source_timeout.unwrap_or(plan.all.settings.strategy.limits.source_limit());
        let deadline = request.deadline.cut(Instant::now(), limit, TimeLimit::Source);
        lane::fetch(&request, source, LaneLog::begin(&request.journal, 0), deadline).await
    }

    /// [`VastClient::get`](crate::VastClient::get), with the settings of this plan.
    pub(crate) async fn get(&self, plan: &Plan, url: &str, rule: &AddressRule) -> Result<Fetched, Failure> {
        let request = self.context_of(plan, &AdRequest::default());
        let limit = plan.all.settings.strategy.limits.source_limit();
        let deadline = request.deadline.cut(Instant::now(), limit, TimeLimit::Source);
        lane::get(&request, url, rule, deadline).await
    }

    /// [`VastClient::document_bytes`](crate::VastClient::document_bytes).
    pub(crate) fn document_bytes(&self) -> u64 {
        self.parts.shared.documents.taken()
    }

    /// The context of a request that begins now, under the rules outside of arms.
    pub(crate) fn context_of(&self, plan: &Plan, request: &AdRequest) -> Arc<RequestContext> {
        Arc::new(self.context(&plan.all, self.completed(request.into())))
    }

    /// The context of a request of `arm` that begins now. `request` is complete.
    fn context(&self, arm: &Arm, request: Arc<AdRequest>) -> RequestContext {
        RequestContext::new(&self.parts.shared, &arm.settings, arm.source_count(), request)
    }
}

/// Emits the one event of level INFO that a request has.
fn trace_answer(result: &FetchResult) {
    let FetchResult { ads, tracked, sources, errors, metadata, .. } = result;
    tracing::info!(
        outcome = if result.success { "filled" } else { "unfilled" },
        source = result.source.as_deref(),
        mode = metadata.mode.as_str(),
        order = metadata.order.as_ref().map(|order| order.strategy.as_str()),
        ads = ads.len(),
        trackers = tracked.len(),
        sources = sources.len(),
        errors = errors.len(),
        error.type = errors.last().filter(|_| !result.success).map(|error| error.failure.error_type.as_str()),
        elapsed_ms = u64::try_from(metadata.elapsed.as_millis()).unwrap_or(u64::MAX),
        "answer"
    );
}

/// SELECT over the answers of all lanes, and the result, which `count` counts.
fn finish(
    arm: &Arm,
    request: &RequestContext,
    answers: Vec<LaneAnswer>,
    order: OrderReport,
    count: &mut RequestCount<'_>,
) -> FetchResult {
    let elapsed = request.journal.elapsed();
    let LaneAnswers { candidates, documents, playlist } = LaneAnswers::of(answers);
    let playlist_lane = playlist.as_ref().map(|(lane, _)| *lane);
    let schedule = playlist.map(|(lane, playlist)| {
        let FinishedPlaylist { document, tree, extensions, breaks } = playlist;
        let finished = |(number, one)| finish_break(arm, request, lane, &tree, number, one);
        let breaks = breaks.into_iter().enumerate().map(finished).collect();
        (
            lane,
            Schedule { version: document.info.version.clone(), extensions, breaks, tree: Arc::clone(&tree) },
            document,
        )
    });
    let record = |lane, fact| request.journal.record(lane, fact);
    let parts = ResultParts {
        sources: SourceReport::of_tiers(&arm.tiers),
        mode: arm.mode(),
        arm: arm.name.clone(),
        order: Some(order),
        documents,
        schedule,
        elapsed,
        break_number: None,
    };
    let result = finish_slot(request, candidates, parts, record);
    count_answer(count, &result, playlist_lane);
    result
}

/// Counts the answer, and which sources have an ad in it. `playlist_lane` is the lane of its playlist. It is not inlined, because
/// `vast-bench counted` finds its instructions by its name.
#[inline(never)]
fn count_answer(count: &mut RequestCount<'_>, result: &FetchResult, playlist_lane: Option<usize>) {
    let FetchResult { ads, success: is_filled, .. } = result;
    let of_playlist = playlist_lane.filter(|_| *is_filled && ads.is_empty());
    let winners = ads.iter().map(|ad| ad.lane).chain(of_playlist);
    let (is_filled, elapsed) = (*is_filled, result.metadata.elapsed);
    count.answered(&CountedAnswer { journal: &result.journal, is_filled, elapsed }, winners);
    if let (Some(lane), Some(schedule)) = (playlist_lane, &result.schedule) {
        schedule.answers().for_each(|of_break| count.add_break(lane, &of_break.journal));
    }
}

/// SELECT for a break of a playlist, and its result.
fn finish_break(
    arm: &Arm,
    request: &RequestContext,
    lane: usize,
    tree: &SourceTree,
    number: usize,
    one: FinishedBreak,
) -> BreakResult {
    let FinishedBreak { ad_break, end } = one;
    match end {
        BreakEnd::Skipped(reason) => BreakResult::skipped(ad_break, reason),
        BreakEnd::Run(of_break) => {
            let BreakLane { request: context, tier, url, candidates, document, outcome, reason, elapsed } = *of_break;
            let sources = vec![SourceReport::unasked(&tree.source, url, tier)];
            let documents = document.map(|document| (0, document)).into_iter().collect();
            let parts = ResultParts {
                sources,
                mode: arm.mode(),
                arm: arm.name.clone(),
                order: None,
                documents,
                schedule: None,
                elapsed,
                break_number: Some(number),
            };
            // The reports belong to the lane of the playlist: they are sent unless that lane has lost.
            let record = |_, fact| request.journal.record(lane, fact);
            BreakResult::new(ad_break, outcome, reason, finish_slot(&context, candidates, parts, record))
        }
    }
}

/// SELECT for one slot, and its result. `record` gets the error reports of ads that are cut, each with its lane.
fn finish_slot(
    request: &RequestContext,
    candidates: Vec<Candidate>,
    parts: ResultParts,
    record: impl Fn(usize, Fact),
) -> FetchResult {
    let selection = select::of_preferred_type(&*request.selector, candidates, &request.ad_request.slot);
    resolve::reports_of_selection(&selection).for_each(|(lane, fact)| record(lane, fact));
    FetchResult::assemble(request, selection, parts)
}

/// Asks the sources of one tier under the rules of its mode, and adds their order to `asked`. With `read_all`, the documents of
/// sources that lose are read too.
fn run_tier<'a>(
    tier: &'a Tier,
    request: &'a Arc<RequestContext>,
    admission: &'a Admission<'a>,
    deadline: Deadline,
    earlier: &'a [LaneAnswer],
    asked: &mut OrderReport,
    read_all: bool,
) -> impl Future<Output = Vec<LaneAnswer>> + Send + use<'a> {
    let strategy = &request.settings.strategy;
    let ranks: SmallVec<[_; 1]> = tier.sources.iter().map(|source| source.rank(strategy.order)).collect();
    let split_key = request.ad_request.split_key.as_deref();
    let order = request.values.draws().with(|rng| schedule::ranked(strategy.order, &ranks, split_key, rng));
    let order = match &request.outside {
        Some(outside) => {
            let (sources, is_exploration) = outside.ranked(tier.kind, order.sources, order.is_exploration);
            Ranking { sources, is_exploration }
        }
        None => order,
    };
    let named = order.sources.iter().filter_map(|index| tier.sources.get(*index));
    asked.add(named.map(|source| Arc::clone(&source.name)), order.is_exploration);
    let lanes = TierLanes::new(tier, request, admission, deadline, earlier, order.sources);
    let lanes = if read_all { lanes.reading_all() } else { lanes };
    // What is above is no part of the future.
    async move {
        let answers = schedule::run(&lanes, tier.rules(strategy), deadline).await;
        lanes.close(&answers);
        answers
    }
}
