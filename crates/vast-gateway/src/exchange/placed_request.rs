//! A request whose head and body were read: its sources are asked, and their result becomes the answer.

use std::sync::Arc;
use std::time::Duration;

use http::Method;
use tokio::time::Instant;
use vast_client::report::SourceReport;
use vast_client::wire::RequestResult;
use vast_client::xml::Version;
use vast_client::{AdRequest, FetchResult};

use crate::answer::{self, Form, GatewayAnswer, Refusal};
use crate::beacon::{self, AnswerSealer};
use crate::config::TrackedBy;
use crate::generation::{Generation, Placement};
use crate::intake::AskedAd;
use crate::serve::AdmissionPermit;
use crate::state::GatewayState;
use crate::telemetry::{RequestEnd, RequestTrace};

/// What a placement is asked. It has nothing of the head of the request.
pub(super) struct PlacedRequest {
    state: Arc<GatewayState>,
    generation: Arc<Generation>,
    placement: Arc<Placement>,
    form: Form,
    /// It is moved into the pipeline, so that no memory is kept for it while the sources are asked.
    request: Option<Arc<AdRequest>>,
    version: Option<Version>,
    content_duration: Option<Duration>,
    is_postroll: bool,
    is_debug: bool,
    has_unreadable_consent: bool,
    traced: Option<Box<TracedRequest>>,
    _permit: AdmissionPermit,
}

/// A request whose course a collector may get.
pub(super) struct TracedRequest {
    pub(super) trace: RequestTrace,
    pub(super) began: Instant,
    pub(super) method: Method,
    pub(super) route: &'static str,
}

impl PlacedRequest {
    pub(super) fn new(
        (state, generation, placement): (Arc<GatewayState>, Arc<Generation>, Arc<Placement>),
        form: Form,
        asked: AskedAd,
        traced: Option<Box<TracedRequest>>,
        permit: AdmissionPermit,
    ) -> Self {
        let is_postroll = asked.is_postroll();
        let AskedAd { request, version, content_duration, is_debug, has_unreadable_consent, .. } = asked;
        Self {
            state,
            generation,
            placement,
            form,
            request: Some(request),
            version,
            content_duration,
            is_postroll,
            is_debug,
            has_unreadable_consent,
            traced,
            _permit: permit,
        }
    }

    /// Asks the sources.
    pub(super) fn answer(mut self) -> impl Future<Output = Result<GatewayAnswer, Refusal>> + Send {
        async move { Ok(self.run().await) }
    }

    async fn run(&mut self) -> GatewayAnswer {
        let runs_from = self.traced.as_ref().map(|_| Instant::now());
        let request = self.request.take().unwrap_or_default();
        let Self { state, placement, .. } = &*self;
        let (orchestrator, plan, options) = (state.client.orchestrator(), &placement.plan, placement.options);
        let mut result = match state.recent.recorder() {
            Some(recorder) => orchestrator.run_recorded(plan, request, options, recorder).await,
            None => orchestrator.run(plan, request, options).await,
        };
        let mut reply = self.reply_of(&mut result).with_unreadable_consent(self.has_unreadable_consent);
        if self.is_debug {
            reply = reply.with_debug(&result.metadata.request_id, &timing_of(&result));
        }
        self.trace(&result, &reply, runs_from);
        self.state.recent.served(&result.metadata.request_id, &placement.name, reply.outcome, reply.session);
        reply.source = result.source;
        reply.request_id = Some(result.metadata.request_id);
        reply
    }

    /// Gives the course of the request to the collector.
    fn trace(&self, result: &FetchResult, reply: &GatewayAnswer, runs_from: Option<Instant>) {
        let traced = self.state.telemetry.as_ref().zip(self.traced.as_ref()).zip(runs_from);
        let Some(((telemetry, traced), runs_from)) = traced else { return };
        let TracedRequest { trace, began, method, route } = &**traced;
        let end = RequestEnd {
            placement: Some(&self.placement.name),
            route,
            method,
            status: reply.status.as_u16(),
            outcome: reply.outcome,
            before: runs_from.saturating_duration_since(*began),
            elapsed: began.elapsed(),
        };
        telemetry.end(trace, end, Some(result));
    }

    /// The answer to a request that was run.
    fn reply_of(&self, result: &mut FetchResult) -> GatewayAnswer {
        let Self { placement, form, version, content_duration, is_postroll, .. } = self;
        let (form, version) = (*form, *version);
        let outcome = answer::outcome_of(result);
        let raw = result.raw_response.take().filter(|_| form == Form::Vast || placement.shows_document);
        result.raw_response = raw;
        let result = &*result;
        let mut sealer = self.sealer(result);
        let session = sealer.as_ref().map(AnswerSealer::session);
        let mut reply = match form {
            Form::Vast | Form::Vmap if !result.success => {
                let error = placement.no_ad_url.as_deref().zip(sealer.as_mut());
                let error = error.and_then(|(url, sealer)| sealer.no_ad_url(url));
                GatewayAnswer::no_ad(form, outcome, version, placement.no_ad, error)
            }
            Form::Vast => {
                let sealer = sealer.as_mut().filter(|_| placement.seals_documents());
                GatewayAnswer::document(form, outcome, answer::vast(result, version, sealer))
            }
            Form::Vmap => {
                let sealer = sealer.as_mut().filter(|_| placement.seals_documents());
                let document = answer::vmap(result, version, *content_duration, *is_postroll, sealer);
                GatewayAnswer::document(form, outcome, document)
            }
            Form::Json => {
                // A result is plain data with text keys, so writing it cannot fail.
                let json = match sealer.as_mut().filter(|_| placement.track == TrackedBy::Timeline) {
                    Some(sealer) => {
                        let mut json = serde_json::to_value(RequestResult::from(result)).unwrap_or_default();
                        beacon::add_timeline(&mut json, result, sealer);
                        serde_json::to_vec(&json)
                    }
                    None => serde_json::to_vec(&RequestResult::from(result)),
                };
                GatewayAnswer::document(form, outcome, json.unwrap_or_default())
            }
        };
        reply.session = session;
        reply
    }

    /// Seals the trackers of an answer, if it can have tokens and the configuration has a secret.
    fn sealer<'r>(&'r self, result: &'r FetchResult) -> Option<AnswerSealer<'r>> {
        let has_tokens = match self.form {
            Form::Vast | Form::Vmap if !result.success => self.placement.no_ad_url.is_some(),
            Form::Vast | Form::Vmap => self.placement.seals_documents(),
            Form::Json => self.placement.track == TrackedBy::Timeline,
        };
        let settings = self.generation.relay.as_ref().filter(|_| has_tokens)?;
        let read = result.document.as_ref().and_then(|document| document.version.as_deref());
        let version = self.version.map(|version| version.as_str()).or(read);
        let (wall, counters) = (self.state.env.wall(), &self.state.counters.beacons);
        let answer = (&*result.ads, &result.request.consent);
        Some(AnswerSealer::new(settings, &self.placement, answer, wall, counters)?.for_version(version))
    }
}

/// The sources as `Server-Timing`: `east;dur=41;desc="no_ad"`.
fn timing_of(result: &FetchResult) -> String {
    let token = |name: &str| -> String {
        name.chars().map(|char| if char.is_ascii_alphanumeric() || "-_.".contains(char) { char } else { '-' }).collect()
    };
    let one = |source: &SourceReport| {
        let millis = source.elapsed.unwrap_or_default().as_millis();
        format!("{};dur={millis};desc=\"{}\"", token(&source.name), source.outcome.as_str())
    };
    result.sources.iter().map(one).collect::<Vec<_>>().join(", ")
}
