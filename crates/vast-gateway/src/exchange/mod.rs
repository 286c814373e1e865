//! START READING HERE. One request from its head to its answer: route, admission, intake, the pipeline, the answer.
//!
//! What needs the head is done before the future of the answer exists: only then does hyper read into the same buffer again. A request
//! with a body keeps its head until the body is there.

mod hit;
mod placed_request;
mod public_request;
#[cfg(test)]
mod tests;

use std::future::ready;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt as _;
use http::request::Parts;
use http::{Method, Request, Response};
use http_body_util::Full;

use self::hit::HitExchange;
use self::placed_request::PlacedRequest;
use self::public_request::{AdmittedBody, AfterBody, NextStep, PublicRequest};
use crate::answer::{Form, GatewayAnswer, PageAccess, Refusal};
use crate::counters::{AnswerCount, millis};
use crate::generation::{Generation, Placement};
use crate::intake::BadParameter;
use crate::outcome::AnswerOutcome;
use crate::route::Route;
use crate::serve::{AnswerFuture, Handler, LimitedBody, Peer};
use crate::state::GatewayState;
use crate::telemetry::RequestEnd;

/// The public port.
pub(crate) struct PublicPort {
    state: Arc<GatewayState>,
}

impl PublicPort {
    pub(crate) fn new(state: &Arc<GatewayState>) -> Arc<Self> {
        Arc::new(Self { state: Arc::clone(state) })
    }
}

impl Handler for PublicPort {
    type Body = Full<Bytes>;

    fn answer(self: &Arc<Self>, request: Request<LimitedBody>, peer: Peer) -> AnswerFuture<Full<Bytes>> {
        let (head, body) = request.into_parts();
        let generation = self.state.generation();
        let Some(route) = Route::of(head.uri.path()) else {
            self.state.counters.unplaced.count(AnswerOutcome::UnknownRoute);
            let refusal = GatewayAnswer::refusal(Form::Json, &Refusal::UnknownRoute);
            return Box::pin(ready(refusal.into_response(None)));
        };
        let exchange = PublicRequest::new(&self.state, &generation, (route, &head), peer);
        if head.method == Method::OPTIONS {
            return Box::pin(ready(exchange.options()));
        }
        if let Some(hit) = HitExchange::begin(&exchange) {
            return Box::pin(hit.answer());
        }
        let course = AnswerCourse::of(&exchange);
        let begun = catch_unwind(AssertUnwindSafe(|| exchange.begin()));
        match begun.unwrap_or(Err(Refusal::Panicked)) {
            Err(refusal) => Box::pin(ready(course.end(Err(refusal)))),
            Ok(NextStep::Ask(placed)) => Box::pin(course.asked(placed)),
            Ok(NextStep::ReadBody(admitted)) => Box::pin(course.read(generation, (head, body), peer, admitted)),
        }
    }

    fn refuse_host(&self, request: &Request<LimitedBody>, problem: &'static str) -> Response<Full<Bytes>> {
        let form = Route::of(request.uri().path()).map_or(Form::Json, Route::form);
        let refusal = Refusal::BadParameter(BadParameter::new("Host", problem));
        self.state.counters.unplaced.count(refusal.outcome());
        GatewayAnswer::refusal(form, &refusal).into_response(None)
    }
}

/// What the end of an answer needs.
struct AnswerCourse {
    state: Arc<GatewayState>,
    placement: Option<Arc<Placement>>,
    count: AnswerCount,
    page: Option<PageAccess>,
    form: Form,
    /// With a collector only.
    asked: Option<Box<AskedRoute>>,
}

/// What a collector is told of a request that is refused.
struct AskedRoute {
    route: &'static str,
    method: Method,
}

impl AnswerCourse {
    fn of(request: &PublicRequest<'_>) -> Self {
        Self {
            state: Arc::clone(request.state),
            placement: request.placement.map(Arc::clone),
            count: request.count(),
            page: request.page(),
            form: request.route.form(),
            asked: request.state.telemetry.as_ref().map(|_| {
                let (route, method) = (request.route.pattern(), request.head.method.clone());
                Box::new(AskedRoute { route, method })
            }),
        }
    }

    /// Asks the sources. No async function, whose future would have room for the one of the pipeline twice.
    fn asked(self, placed: PlacedRequest) -> impl Future<Output = Response<Full<Bytes>>> + Send {
        caught(placed.answer()).map(|reply| self.end(reply))
    }

    /// Reads the body, and goes on.
    async fn read(
        self,
        generation: Arc<Generation>,
        (head, body): (Parts, LimitedBody),
        peer: Peer,
        admitted: AdmittedBody,
    ) -> Response<Full<Bytes>> {
        let state = Arc::clone(&self.state);
        let read = async {
            let route = Route::of(head.uri.path()).ok_or(Refusal::UnknownRoute)?;
            PublicRequest::new(&state, &generation, (route, &head), peer).read(admitted, body).await
        };
        match caught(read).await {
            Ok(AfterBody::Ask(placed)) => {
                drop(head);
                self.asked(placed).await
            }
            Ok(AfterBody::Answer(reply)) => self.end(Ok(reply)),
            Err(refusal) => self.end(Err(refusal)),
        }
    }

    /// Counts, traces and logs the answer.
    fn end(self, reply: Result<GatewayAnswer, Refusal>) -> Response<Full<Bytes>> {
        let Self { state, placement, count, page, form, asked } = self;
        let reply = reply.unwrap_or_else(|refusal| GatewayAnswer::refusal(form, &refusal));
        let elapsed = count.finish(reply.outcome);
        let placement = placement.as_ref().map(|placement| placement.name.as_str());
        let refused = asked.filter(|_| reply.request_id.is_none());
        if let Some((telemetry, asked)) = state.telemetry.as_ref().zip(refused.as_deref()) {
            // The pipeline did not run, so there is nothing below the span of the request.
            let end = RequestEnd {
                placement,
                route: asked.route,
                method: &asked.method,
                status: reply.status.as_u16(),
                outcome: reply.outcome,
                before: Duration::ZERO,
                elapsed,
            };
            telemetry.end(&telemetry.begin(None), end, None);
        }
        tracing::info!(
            placement,
            request = reply.request_id.as_deref(),
            outcome = reply.outcome.as_str(),
            source = reply.source.as_deref(),
            status = reply.status.as_u16(),
            elapsed_ms = millis(elapsed),
            "served"
        );
        reply.into_response(page)
    }
}

/// The result of `work`, or the refusal if it panics. It is no async function, whose future would have room for `work` twice.
fn caught<T>(work: impl Future<Output = Result<T, Refusal>>) -> impl Future<Output = Result<T, Refusal>> {
    AssertUnwindSafe(work).catch_unwind().map(|ended| ended.unwrap_or(Err(Refusal::Panicked)))
}
