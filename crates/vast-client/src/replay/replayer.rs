//! Runs replays.

use std::io;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, ready};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::time::Instant;

use super::body;
use super::config::{recorded_config, without_files};
use super::course::Course;
use super::differences::{Difference, differences};
use super::error::ReplayError;
use super::outside::{AnswerOrder, RecordedOutside, SameRules};
use super::unsent::{UnsentBeacons, set_states};
use crate::client::VastClient;
use crate::config::ClientConfig;
use crate::context::Outside;
use crate::env::Env;
use crate::error::ErrorType;
use crate::journal::{EndReason, Entry, Fact, SkipReason};
use crate::recording::Recording;
use crate::report::FetchResult;
use crate::request::RunOptions;
use crate::select::Selector;
use crate::transport::{ExchangeSettings, HttpRequest, HttpResponse, Linger, Lookup, Transport, TransportError};

/// Runs replays, one after the other, on a runtime with a paused clock. It can be used inside and outside of another tokio runtime.
/// Create one and use it for many recordings.
pub struct Replayer {
    /// It is only `None` while the replayer is dropped.
    runtime: Option<Runtime>,
    selector: Option<Arc<dyn Selector>>,
}

/// An exact replay of a recorded request.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ExactReplay {
    /// The result, with the recorded times. Its JSON is that of the recorded request.
    pub result: FetchResult,
    /// What differs from the recording, for example because the recording was made by another version. Empty if nothing does.
    pub differences: Vec<Difference>,
}

/// What another configuration would have done.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct WhatIf {
    /// The result. Its times are those of the replay: whole milliseconds.
    pub result: FetchResult,
    /// Whether the result is uncertain: the replay needed an answer that the recording does not have, and its source counts as
    /// [`NotRecorded`](SkipReason::NotRecorded); or the ads were chosen by a selector of the host that the replayer does not have
    /// ([`Replayer::with_selector`]).
    pub is_undecidable: bool,
}

impl Replayer {
    /// A replayer.
    ///
    /// # Errors
    /// [`ReplayError::Runtime`].
    pub fn new() -> Result<Self, ReplayError> {
        let runtime = Builder::new_current_thread().enable_time().start_paused(true).build();
        Ok(Self { runtime: Some(runtime.map_err(ReplayError::Runtime)?), selector: None })
    }

    /// Sets the selector that chooses among usable ads in replays. Give that of the recorded client: a recording does not have code.
    /// Default: [`DefaultSelector`](crate::select::DefaultSelector).
    #[must_use]
    pub fn with_selector(mut self, selector: impl Selector) -> Self {
        self.selector = Some(Arc::new(selector));
        self
    }

    /// Whether the selector of the recorded request is missing.
    fn lacks_selector(&self, recording: &Recording) -> bool {
        recording.request.has_own_selector && self.selector.is_none()
    }

    /// Runs the recorded request again. The answers come in the order of the recording, and the facts have the recorded times.
    ///
    /// # Errors
    /// [`ReplayError::Config`], [`ReplayError::Unfinished`].
    pub fn exact(&mut self, recording: &Recording) -> Result<ExactReplay, ReplayError> {
        if recording.answer.is_none() {
            return Err(ReplayError::Unfinished);
        }
        let config = recorded_config(recording)?;
        let course = Arc::new(Course::new(recording));
        let order = AnswerOrder::AsRecorded(Arc::clone(&course));
        let outside = Arc::new(RecordedOutside::new(recording, order, SameRules::ALL));
        let options = recording.request.options;
        let mut result = self.run(recording, config, options, &outside, Some(course))?;
        let beacons = set_states(&mut result, &recording.deliveries);
        let mut differences = differences(recording, &outside, &result);
        // A selector of the host may choose as the default one.
        if self.lacks_selector(recording) && !differences.is_empty() {
            differences.insert(0, Difference::OwnSelector);
        }
        differences.extend((beacons > 0).then_some(Difference::Beacons(beacons)));
        Ok(ExactReplay { result, differences })
    }

    /// What `config` would have done with the servers of the recorded request. [`recorded_config`] gives the configuration of the
    /// recording, with the viewer and the slot of the request. No tracker is due: a replay is no play of an ad.
    ///
    /// # Errors
    /// [`ReplayError::Config`].
    pub fn what_if(&mut self, recording: &Recording, config: ClientConfig) -> Result<WhatIf, ReplayError> {
        let recorded = recorded_config(recording)?;
        let strategy = &config.fetch.strategy;
        let order = AnswerOrder::ByDelay { connect_timeout: strategy.limits.connect_timeout };
        let same_rules = SameRules::of(&recorded.fetch.strategy, strategy);
        let outside = Arc::new(RecordedOutside::new(recording, order, same_rules));
        let result = self.run(recording, config, RunOptions::NONE, &outside, None)?;
        let is_undecidable = needs_more(&result) || self.lacks_selector(recording);
        Ok(WhatIf { result, is_undecidable })
    }

    fn run(
        &mut self,
        recording: &Recording,
        mut config: ClientConfig,
        options: RunOptions,
        outside: &Arc<RecordedOutside>,
        course: Option<Arc<Course>>,
    ) -> Result<FetchResult, ReplayError> {
        config.fetch = without_files(config.fetch, recording);
        config.request.seed = Some(recording.request.seed);
        // A replay opens no file, so it is not recorded either.
        config.record = None;
        let selector = self.selector.clone();
        self.block_on(|| async {
            let client = client(recording, config, selector)?;
            let began = Instant::now();
            let course = course.map(|course| tokio::spawn(course.lead(began)));
            let (plan, outside) = (client.plan(), Arc::clone(outside) as Arc<dyn Outside>);
            let result = client.orchestrator().run_default(plan, options, Some(outside)).await;
            course.into_iter().for_each(|course| course.abort());
            Ok(result)
        })
    }

    /// Runs `work` on the paused clock. Inside of another runtime this needs a thread, because a runtime must not wait for another one.
    fn block_on<T, F>(&mut self, work: impl FnOnce() -> F + Send) -> Result<T, ReplayError>
    where
        T: Send,
        F: Future<Output = Result<T, ReplayError>>,
    {
        let Some(runtime) = &self.runtime else { return Err(ReplayError::Runtime(io::ErrorKind::NotConnected.into())) };
        let run = || runtime.block_on(work());
        if Handle::try_current().is_err() {
            return run();
        }
        let ended = std::thread::scope(|scope| scope.spawn(run).join());
        ended.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }
}

impl std::fmt::Debug for Replayer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { runtime, selector } = self;
        f.debug_struct("Replayer").field("runtime", runtime).field("has_selector", &selector.is_some()).finish()
    }
}

impl Drop for Replayer {
    fn drop(&mut self) {
        // Inside of another runtime, a runtime must not wait for its threads.
        self.runtime.take().into_iter().for_each(Runtime::shutdown_background);
    }
}

fn client(
    recording: &Recording,
    config: ClientConfig,
    selector: Option<Arc<dyn Selector>>,
) -> Result<VastClient, ReplayError> {
    let no_names: Lookup = Arc::new(|_| ready(Err(io::ErrorKind::Unsupported.into())).boxed());
    let builder = match selector {
        Some(selector) => VastClient::builder().selector(selector),
        None => VastClient::builder(),
    };
    let client = builder
        .transport(NoServers)
        .lookup(no_names)
        .env(Env::fixed(recording.request.began, recording.request.seed))
        .exchange(ExchangeSettings { linger: Linger::OFF, ..ExchangeSettings::default() })
        .outbox(UnsentBeacons)
        .cache_bytes(0)
        .build(config);
    client.map_err(ReplayError::Config)
}

/// Whether the replay needed an answer that the recording does not have.
fn needs_more(result: &FetchResult) -> bool {
    let breaks = result.schedule.iter().flat_map(|schedule| &schedule.breaks);
    let journals = breaks.filter_map(|one| one.answer.as_ref()).map(|answer| &answer.journal);
    std::iter::once(&result.journal).chain(journals).flatten().any(is_not_recorded)
}

fn is_not_recorded(entry: &Entry) -> bool {
    match &entry.fact {
        Fact::Failed { failure, .. } => failure.error_type == ErrorType::NotRecorded,
        Fact::BreakFailed { failure, .. } => failure.error_type == ErrorType::NotRecorded,
        Fact::Ended { reason, .. } => *reason == Some(EndReason::Skipped(SkipReason::NotRecorded)),
        _ => false,
    }
}

/// A replay gets its answers from the recording, so nothing is ever sent.
struct NoServers;

impl Transport for NoServers {
    fn send(&self, _request: HttpRequest) -> BoxFuture<'static, Result<HttpResponse, TransportError>> {
        ready(Err(body::not_recorded("a replay sends nothing"))).boxed()
    }
}
