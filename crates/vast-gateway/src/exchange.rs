//! START READING HERE. One request from its head to its answer: route, admission, intake, the pipeline, the answer.

use std::net::{IpAddr, SocketAddr};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use http::{Method, Request, Response};
use http_body_util::Full;
use tokio::time::Instant;

use crate::answer::{self, Form, GatewayAnswer, PageAccess, Refusal};
use crate::beacon::{self, BeaconHit, HitKind};
use crate::config::Access;
use crate::counters::AnswerCount;
use crate::generation::{Generation, PermittedOrigins, Placement, Tenant};
use crate::inspect;
use crate::intake::{self, AskedAd, BadParameter, Grant, KeyClaim, MAX_URL_BYTES, Query, Sender, Trust};
use crate::outcome::{AnswerOutcome, HitEnd, ShedReason};
use crate::placed_request::{PlacedRequest, TracedRequest};
use crate::route::Route;
use crate::serve::{AdmissionLimits, AdmissionPermit, Handler, LimitedBody, Peer};
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

    async fn answer(&self, request: Request<LimitedBody>, peer: Peer) -> Response<Full<Bytes>> {
        let generation = self.state.generation();
        // Reading a request takes more room than the wait for its ad servers. The box is gone when they are asked, and with it the head,
        // which is a part of the buffer of the connection: the buffer can be used again only then.
        match Box::pin(self.begin(&generation, request, peer)).await {
            BegunAnswer::Complete(response) => response,
            BegunAnswer::Waits(course, asked) => course.end(caught(Box::pin(asked.answer())).await),
        }
    }

    fn refuse_host(&self, request: &Request<LimitedBody>, problem: &'static str) -> Response<Full<Bytes>> {
        let form = Route::of(request.uri().path()).map_or(Form::Json, Route::form);
        let refusal = Refusal::BadParameter(BadParameter::new("Host", problem));
        self.state.counters.unplaced.count(refusal.outcome());
        GatewayAnswer::refusal(form, &refusal).into_response(None)
    }
}

impl PublicPort {
    /// Everything before the sources are asked.
    async fn begin<'g>(
        &'g self,
        generation: &'g Generation,
        request: Request<LimitedBody>,
        peer: Peer,
    ) -> BegunAnswer<'g> {
        let (head, body) = request.into_parts();
        let Some(route) = Route::of(head.uri.path()) else {
            self.state.counters.unplaced.count(AnswerOutcome::UnknownRoute);
            let refusal = GatewayAnswer::refusal(Form::Json, &Refusal::UnknownRoute);
            return BegunAnswer::Complete(refusal.into_response(None));
        };
        let placement = match route {
            Route::Ads { placement, .. } => generation.placement(placement),
            _ => None,
        };
        let (all, none) = (PermittedOrigins::default(), PermittedOrigins::none());
        let origins = placement.map_or(&all, |placement| &placement.origins);
        let origins = Some(origins).filter(|_| route.is_for_players());
        if head.method == Method::OPTIONS {
            let preflight = answer::preflight(&head.headers, origins.unwrap_or(&none), route.methods());
            return BegunAnswer::Complete(preflight);
        }
        let counters = placement.map_or(&self.state.counters.unplaced, |placement| &placement.counters);
        let began = Instant::now();
        let count = AnswerCount::begin(counters, began);
        let exchange = PublicRequest { state: &self.state, generation, route, head: &head, peer: peer.address, began };
        if route.is_hit()
            && let Some((end, outcome, response)) = exchange.caught_hit().await
        {
            let elapsed = count.finish(outcome);
            let status = response.status().as_u16();
            tracing::info!(outcome = end.as_str(), status, elapsed_ms = millis(elapsed), "reported");
            return BegunAnswer::Complete(response);
        }
        let course = AnswerCourse {
            state: &self.state,
            placement: placement.map(|placement| &**placement),
            count,
            page: origins.map(|origins| PageAccess::of(&head.headers, origins)),
            form: route.form(),
            route: route.pattern(),
            method: head.method.clone(),
        };
        match caught(exchange.reply(course.placement, body)).await {
            Ok(AfterIntake::Run(asked)) => BegunAnswer::Waits(course, asked),
            Ok(AfterIntake::Answer(reply)) => BegunAnswer::Complete(course.end(Ok(reply))),
            Err(refusal) => BegunAnswer::Complete(course.end(Err(refusal))),
        }
    }
}

/// A request after its head and its body were read.
#[allow(clippy::large_enum_variant)] // It lives for a moment.
enum BegunAnswer<'g> {
    Complete(Response<Full<Bytes>>),
    /// The sources are asked.
    Waits(AnswerCourse<'g>, Box<PlacedRequest<'g>>),
}

/// What the end of an answer needs.
struct AnswerCourse<'g> {
    state: &'g Arc<GatewayState>,
    placement: Option<&'g Placement>,
    count: AnswerCount,
    page: Option<PageAccess>,
    form: Form,
    route: &'static str,
    method: Method,
}

impl AnswerCourse<'_> {
    /// Counts, traces and logs the answer.
    fn end(self, reply: Result<GatewayAnswer, Refusal>) -> Response<Full<Bytes>> {
        let Self { state, placement, count, page, form, route, method } = self;
        let reply = reply.unwrap_or_else(|refusal| GatewayAnswer::refusal(form, &refusal));
        let elapsed = count.finish(reply.outcome);
        let placement = placement.map(|placement| placement.name.as_str());
        if let Some(telemetry) = state.telemetry.as_ref().filter(|_| reply.request_id.is_none()) {
            // The pipeline did not run, so there is nothing below the span of the request.
            let end = RequestEnd {
                placement,
                route,
                method: &method,
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

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// The result of `work`, or the refusal if it panics. It is no async function, whose future would have room for `work` twice.
fn caught<T>(work: impl Future<Output = Result<T, Refusal>>) -> impl Future<Output = Result<T, Refusal>> {
    AssertUnwindSafe(work).catch_unwind().map(|ended| ended.unwrap_or(Err(Refusal::Panicked)))
}

/// What comes after the head and the body of a request were read.
enum AfterIntake<'a> {
    /// The sources are asked.
    Run(Box<PlacedRequest<'a>>),
    /// The request has its answer.
    Answer(GatewayAnswer),
}

/// One request: `'g` is the time of its configuration, `'h` that of its head.
#[derive(Clone, Copy)]
struct PublicRequest<'g, 'h> {
    state: &'g Arc<GatewayState>,
    /// The configuration that was in use when the request came.
    generation: &'g Generation,
    route: Route<'h>,
    head: &'h http::request::Parts,
    peer: SocketAddr,
    began: Instant,
}

impl<'g, 'h> PublicRequest<'g, 'h> {
    async fn reply(&self, placement: Option<&'g Placement>, body: LimitedBody) -> Result<AfterIntake<'g>, Refusal> {
        self.route.check_method(&self.head.method)?;
        let url = self.head.uri.path_and_query().map_or("", |text| text.as_str());
        if url.len() > MAX_URL_BYTES {
            let problem = format!("has more than {MAX_URL_BYTES} bytes");
            return Err(Refusal::BadParameter(BadParameter::new("url", problem)));
        }
        let loop_header = intake::loop_header(&self.head.headers).map_err(Refusal::BadParameter)?;
        match (self.route, placement) {
            (Route::Ads { form, .. }, Some(placement)) => {
                let placed = self.placed(placement, form, &loop_header, body).await?;
                Ok(AfterIntake::Run(placed))
            }
            (Route::Ads { placement, .. }, None) => Err(Refusal::UnknownPlacement(placement.to_owned())),
            // In boxes: these futures are large, and each future around them is as large.
            (Route::Report, _) => Box::pin(self.reported(body)).await.map(AfterIntake::Answer),
            (Route::Beacon { .. } | Route::Click { .. } | Route::Unwrap | Route::Check, _) => {
                Box::pin(self.inspected(loop_header.into_owned(), body)).await.map(AfterIntake::Answer)
            }
        }
    }

    /// [`hit`](Self::hit), also if it panics.
    async fn caught_hit(&self) -> Option<(HitEnd, AnswerOutcome, Response<Full<Bytes>>)> {
        let hit = AssertUnwindSafe(self.hit()).catch_unwind().await;
        hit.unwrap_or_else(|_panic| Some(self.panicked_hit()))
    }

    /// The end of a reported event or of a click, with its answer; `None` for another route or another method.
    async fn hit(&self) -> Option<(HitEnd, AnswerOutcome, Response<Full<Bytes>>)> {
        let (headers, query) = (&self.head.headers, self.head.uri.query().unwrap_or_default());
        // A token can come from a page of any origin in which a player runs.
        let origins = PermittedOrigins::default();
        self.route.check_method(&self.head.method).ok()?;
        match self.route {
            Route::Beacon { token } => {
                let end = match self.admit_hit() {
                    Ok(_permit) => Box::pin(self.beacon_hit().event(token, query, self.hit_kind())).await,
                    Err(end) => end,
                };
                Some((end, end.outcome(), answer::hit(end, &self.head.method, headers, &origins)))
            }
            Route::Click { token } => {
                let permit = self.admit_hit();
                let denied = permit.as_ref().err().copied();
                let (end, page) = Box::pin(self.beacon_hit().click(token, query, self.hit_kind(), denied)).await;
                Some((end, end.outcome(), answer::click(end, page.as_deref(), headers, &origins)))
            }
            Route::Ads { .. } | Route::Report | Route::Unwrap | Route::Check => None,
        }
    }

    /// The end of a reported event or of a click in whose handler is a bug: it was not taken, and may be reported again.
    fn panicked_hit(self) -> (HitEnd, AnswerOutcome, Response<Full<Bytes>>) {
        let end = HitEnd::Refused;
        self.state.counters.beacons.hit(end);
        let response = answer::hit(end, &self.head.method, &self.head.headers, &PermittedOrigins::default());
        (end, AnswerOutcome::Internal, response)
    }

    /// The place of a reported event among the requests in flight.
    fn admit_hit(self) -> Result<AdmissionPermit, HitEnd> {
        let server = &self.generation.server;
        let client = server.rate_per_client.map(|_| self.client_address());
        self.state.admission.admit_report(AdmissionLimits::from(server), client).map_err(|reason| {
            self.state.counters.shed(reason);
            if reason == ShedReason::ClientRate { HitEnd::Limited } else { HitEnd::Refused }
        })
    }

    /// The address that counts for the rate of the client.
    fn client_address(self) -> IpAddr {
        intake::client_address(self.peer.ip(), &self.head.headers, None, &self.generation.server)
    }

    fn hit_kind(self) -> HitKind {
        if self.head.method == Method::HEAD { HitKind::Head } else { HitKind::Player }
    }

    fn beacon_hit(&self) -> BeaconHit<'_> {
        let Self { state, generation, head, peer, .. } = self;
        BeaconHit { state, generation, headers: &head.headers, peer: *peer }
    }

    /// The events that a server reports.
    async fn reported(self, body: LimitedBody) -> Result<GatewayAnswer, Refusal> {
        let (tenant, _permit) = self.tenant_of_key()?;
        let body = intake::read_body(body).await.map_err(Refusal::BadParameter)?;
        let ends = beacon::report(self.beacon_hit(), &tenant.name, &body).await.map_err(Refusal::BadParameter)?;
        Ok(answer::report(&ends))
    }

    /// The tenant of a caller with a key, and its place among the requests in flight.
    fn tenant_of_key(&self) -> Result<(&Arc<Tenant>, AdmissionPermit), Refusal> {
        let key = intake::key_of(&self.head.headers, None).ok_or(Refusal::Forbidden("a key is needed"))?;
        let tenant = self.generation.tenant_of_key(&key).ok_or(Refusal::Forbidden("the key is wrong"))?;
        let mut permit = self.admit(KeyClaim::Valid)?;
        permit.take_from(tenant).map_err(|reason| self.shed(reason))?;
        Ok((tenant, permit))
    }

    /// What a placement is asked.
    async fn placed(
        &self,
        placement: &'g Placement,
        form: Form,
        loop_header: &str,
        body: LimitedBody,
    ) -> Result<Box<PlacedRequest<'g>>, Refusal> {
        let sent = intake::key_of(&self.head.headers, self.head.uri.query());
        let key = KeyClaim::of(sent.as_deref(), placement.tenant.as_ref().map(|tenant| &tenant.keys));
        // Strangers cannot use up the rate of a tenant: who has a wrong key, or a wrong signature, takes nothing from it.
        key.check(placement.access).map_err(Refusal::Forbidden)?;
        // The JSON shows more than a player needs: the sources, their URLs and their failures.
        if form == Form::Json && placement.access == Access::Open && key == KeyClaim::Absent {
            return Err(Refusal::Forbidden("a key is needed"));
        }
        let mut permit = self.admit(key)?;
        // Whether the caller must show a signature is known before the query is read, whether it is right only after that.
        let is_unproved = placement.access == Access::Signed && key == KeyClaim::Absent;
        let mut take = |wanted: bool| match placement.tenant.as_ref().filter(|_| wanted) {
            Some(tenant) => permit.take_from(tenant).map_err(|reason| self.shed(reason)),
            None => Ok(()),
        };
        take(!is_unproved)?;
        let query = self.query(body).await?;
        let grant = Grant::of(placement, key, &query, || self.state.env.wall()).map_err(Refusal::Forbidden)?;
        take(is_unproved)?;
        let mut asked = self.asked(placement, &query, grant, loop_header)?;
        self.note(&query, &asked);
        asked.is_debug &= grant == Grant::Key;
        let Self { state, generation, head, route, .. } = *self;
        let traced = state.telemetry.as_ref().map(|telemetry| {
            let is_believed = grant == Grant::Key || intake::is_trusted_caller(self.peer.ip(), &generation.server);
            let trace = telemetry.begin(Some(&head.headers).filter(|_| is_believed));
            Arc::make_mut(&mut asked.request).traceparent = telemetry.traceparent(&trace);
            TracedRequest { trace, began: self.began, method: head.method.clone(), route: route.pattern() }
        });
        Ok(PlacedRequest::new((state, generation, placement), form, asked, traced, permit))
    }

    /// The place of the request among those in flight.
    fn admit(self, key: KeyClaim) -> Result<AdmissionPermit, Refusal> {
        let server = &self.generation.server;
        let client = (server.rate_per_client.is_some() && key != KeyClaim::Valid).then(|| self.client_address());
        self.state.admission.admit(AdmissionLimits::from(server), client).map_err(|reason| self.shed(reason))
    }

    /// Counts a request that exceeds a limit.
    fn shed(self, reason: ShedReason) -> Refusal {
        self.state.counters.shed(reason);
        Refusal::Shed(reason, self.generation.server.on_shed)
    }

    /// The parameters of the query and of the body.
    async fn query(&self, body: LimitedBody) -> Result<Query<'h>, Refusal> {
        let mut query = Query::parse(self.head.uri.query().unwrap_or_default()).map_err(Refusal::BadParameter)?;
        if self.head.method == Method::POST {
            // In a box, because few requests have a body, and the future of each would have room for it.
            let body = Box::pin(intake::read_body(body)).await;
            let added = body.and_then(|body| intake::parameters_of_json(&body, &mut query));
            added.map_err(Refusal::BadParameter)?;
        }
        Ok(query)
    }

    fn asked(
        self,
        placement: &Placement,
        query: &Query<'_>,
        grant: Grant<'_>,
        loop_header: &str,
    ) -> Result<AskedAd, Refusal> {
        let server = &self.generation.server;
        let trust = match grant {
            Grant::Key => Trust::All,
            _ if intake::is_trusted_caller(self.peer.ip(), server) => Trust::All,
            Grant::Signature(names) => Trust::Signed(names),
            Grant::Open => Trust::Signed(&[]),
        };
        let sender = Sender { peer: self.peer.ip(), headers: &self.head.headers, loop_header };
        intake::ask(placement, query, sender, trust, server).map_err(Refusal::BadParameter)
    }

    /// Counts what had no effect.
    fn note(self, query: &Query<'_>, asked: &AskedAd) {
        let counters = &self.state.counters;
        query.unknown.iter().for_each(|name| counters.unknown_parameter(name));
        (0..asked.ignored_macros).for_each(|_| counters.ignored_macros.add_one());
        if asked.has_unreadable_consent {
            counters.unreadable_consent.add_one();
        }
    }

    /// A document of the caller, without its wrappers or with its mistakes.
    async fn inspected(self, loop_header: String, body: LimitedBody) -> Result<GatewayAnswer, Refusal> {
        let (_, _permit) = self.tenant_of_key()?;
        let body = intake::read_body(body).await.map_err(Refusal::BadParameter)?;
        let asked = inspect::InspectRequest::read(&body).map_err(Refusal::BadParameter)?;
        let inspector = inspect::Inspector::new(&self.state.client, self.generation.server.unwrap_private, loop_header);
        let inspected = match self.route {
            Route::Check => inspector.check(&asked).await,
            _ => inspector.unwrap(&asked, &self.head.headers).await,
        };
        inspected.map_err(Refusal::BadParameter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The size of the future that a function returns. The function is not called.
    fn room<A, F>(_: impl Fn(A) -> F) -> usize {
        size_of::<F>()
    }

    #[test]
    fn a_request_that_waits_for_its_sources_takes_little_room() {
        type Arrived = (&'static PublicPort, Request<LimitedBody>, Peer);
        let answer = |(port, request, peer): Arrived| port.answer(request, peer);
        assert!(room(answer) <= 700, "an answer: {}", room(answer));
        // It is copied into its box.
        let begin = |(port, generation, request, peer): (&'static PublicPort, &'static Generation, _, _)| {
            port.begin(generation, request, peer)
        };
        assert!(room(begin) <= 1_500, "its beginning: {}", room(begin));
        assert!(size_of::<PlacedRequest<'_>>() <= 200, "its request: {}", size_of::<PlacedRequest<'_>>());
        let asked = |placed: Box<PlacedRequest<'static>>| placed.answer();
        assert!(room(asked) <= 1_700, "the pipeline: {}", room(asked));
    }
}
