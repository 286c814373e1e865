//! What a request of the public port asks: who may ask it, its place among those in flight, and its parameters.

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{Method, Response};
use http_body_util::Full;
use tokio::time::Instant;

use super::placed_request::{PlacedRequest, TracedRequest};
use crate::answer::{self, Form, GatewayAnswer, PageAccess, Refusal};
use crate::beacon::{self, BeaconHit};
use crate::config::Access;
use crate::counters::AnswerCount;
use crate::generation::{Generation, PermittedOrigins, Placement, Tenant};
use crate::inspect;
use crate::intake::{self, AskedAd, BadParameter, Grant, KeyClaim, MAX_URL_BYTES, Query, Sender, Trust};
use crate::outcome::ShedReason;
use crate::route::Route;
use crate::serve::{AdmissionLimits, AdmissionPermit, LimitedBody, Peer};
use crate::state::GatewayState;

/// One request before its sources are asked.
#[derive(Clone, Copy)]
pub(super) struct PublicRequest<'h> {
    pub(super) state: &'h Arc<GatewayState>,
    /// The configuration that was in use when the request came.
    pub(super) generation: &'h Arc<Generation>,
    pub(super) route: Route<'h>,
    pub(super) placement: Option<&'h Arc<Placement>>,
    pub(super) head: &'h Parts,
    pub(super) peer: IpAddr,
    began: Instant,
}

/// What comes after the head of a request was read.
pub(super) enum NextStep {
    /// The sources are asked.
    Ask(PlacedRequest),
    /// The body is read.
    ReadBody(AdmittedBody),
}

/// The right of a caller to send a body.
pub(super) struct AdmittedBody {
    began: Instant,
    /// See [`intake::loop_header`].
    loop_header: String,
    /// Of a request for an ad. The other routes check the key of their caller themselves.
    ad: Option<AdmittedAd>,
}

/// What comes after the body of a request was read.
pub(super) enum AfterBody {
    /// The sources are asked.
    Ask(PlacedRequest),
    /// The request has its answer.
    Answer(GatewayAnswer),
}

/// A request for an ad that has its place among those in flight.
struct AdmittedAd {
    key: KeyClaim,
    permit: AdmissionPermit,
    /// Whether the request must still prove its signature. It takes its part of the rate of the tenant after that.
    is_unproved: bool,
}

impl<'h> PublicRequest<'h> {
    pub(super) fn new(
        state: &'h Arc<GatewayState>,
        generation: &'h Arc<Generation>,
        (route, head): (Route<'h>, &'h Parts),
        peer: Peer,
    ) -> Self {
        let placement = match route {
            Route::Ads { placement, .. } => generation.placement(placement),
            _ => None,
        };
        Self { state, generation, route, placement, head, peer: peer.address.ip(), began: Instant::now() }
    }

    /// The answer to OPTIONS.
    pub(super) fn options(self) -> Response<Full<Bytes>> {
        answer::options(self.page(), self.route.methods())
    }

    /// The page that may read the answer; `None` for a route that is not for players.
    pub(super) fn page(self) -> Option<PageAccess> {
        let all = PermittedOrigins::default();
        let origins = self.placement.map_or(&all, |placement| &placement.origins);
        self.route.is_for_players().then(|| PageAccess::of(&self.head.headers, origins))
    }

    /// Begins to count the answer.
    pub(super) fn count(self) -> AnswerCount {
        let counters = self.placement.map_or(&self.state.counters.unplaced, |placement| &placement.counters);
        AnswerCount::begin(counters, self.began)
    }

    /// Everything before the body is read, or before the sources are asked where there is none.
    ///
    /// # Errors
    /// Why the request gets no ad.
    pub(super) fn begin(&self) -> Result<NextStep, Refusal> {
        self.route.check_method(&self.head.method)?;
        let url = self.head.uri.path_and_query().map_or("", |text| text.as_str());
        if url.len() > MAX_URL_BYTES {
            let problem = format!("path and query have more than {MAX_URL_BYTES} bytes");
            return Err(Refusal::BadParameter(BadParameter::new("the tag", problem)));
        }
        let loop_header = intake::loop_header(&self.head.headers).map_err(Refusal::BadParameter)?;
        let ad = match (self.route, self.placement) {
            (Route::Ads { form, .. }, Some(placement)) => {
                let admitted = self.admitted(placement, form)?;
                if self.head.method != Method::POST {
                    return self.placed((placement, form), &self.query()?, admitted, &loop_header).map(NextStep::Ask);
                }
                Some(admitted)
            }
            (Route::Ads { placement, .. }, None) => return Err(Refusal::UnknownPlacement(placement.to_owned())),
            _ => None,
        };
        Ok(NextStep::ReadBody(AdmittedBody { began: self.began, loop_header: loop_header.into_owned(), ad }))
    }

    /// Reads the body and uses it.
    ///
    /// # Errors
    /// Why the request gets no ad, or no answer.
    pub(super) async fn read(mut self, admitted: AdmittedBody, body: LimitedBody) -> Result<AfterBody, Refusal> {
        let AdmittedBody { began, loop_header, ad } = admitted;
        self.began = began;
        match (self.route, self.placement, ad) {
            (Route::Ads { form, .. }, Some(placement), Some(admitted)) => {
                let mut query = self.query()?;
                let body = intake::read_body(&self.head.headers, body).await;
                let added = body.and_then(|body| intake::parameters_of_json(&body, &mut query));
                added.map_err(Refusal::BadParameter)?;
                self.placed((placement, form), &query, admitted, &loop_header).map(AfterBody::Ask)
            }
            // In boxes: these futures are large, and each future around them is as large.
            (Route::Report, ..) => Box::pin(self.reported(body)).await.map(AfterBody::Answer),
            _ => Box::pin(self.inspected(loop_header, body)).await.map(AfterBody::Answer),
        }
    }

    /// The place of a reported event among the requests in flight.
    ///
    /// # Errors
    /// The limit that it exceeds.
    pub(super) fn admit_hit(self) -> Result<AdmissionPermit, ShedReason> {
        let server = &self.generation.server;
        let client = server.rate_per_client.map(|_| self.client_address());
        let permit = self.state.admission.admit_report(AdmissionLimits::from(server), client);
        permit.inspect_err(|reason| self.state.counters.shed(*reason))
    }

    pub(super) fn beacon_hit(&self) -> BeaconHit<'h> {
        let Self { state, generation, head, peer, .. } = *self;
        BeaconHit { state, generation, headers: &head.headers, peer }
    }

    /// The address that counts for the rate of the client.
    fn client_address(self) -> IpAddr {
        intake::client_address(self.peer, &self.head.headers, None, &self.generation.server)
    }

    /// The events that a server reports.
    async fn reported(self, body: LimitedBody) -> Result<GatewayAnswer, Refusal> {
        let (tenant, _permit) = self.tenant_of_key()?;
        let body = intake::read_body(&self.head.headers, body).await.map_err(Refusal::BadParameter)?;
        let ends = beacon::report(self.beacon_hit(), &tenant.name, &body).await.map_err(Refusal::BadParameter)?;
        Ok(answer::report(&ends))
    }

    /// The tenant of a caller with a key, and its place among the requests in flight.
    fn tenant_of_key(&self) -> Result<(&'h Arc<Tenant>, AdmissionPermit), Refusal> {
        let key = intake::key_of(&self.head.headers, None).ok_or(Refusal::Forbidden("a key is needed"))?;
        let tenant = self.generation.tenant_of_key(&key).ok_or(Refusal::Forbidden("the key is wrong"))?;
        let mut permit = self.admit(KeyClaim::Valid)?;
        permit.take_from(tenant).map_err(|reason| self.shed(reason))?;
        Ok((tenant, permit))
    }

    /// Whether the caller may ask the placement, as far as that is known without its parameters, and its place among the requests in
    /// flight.
    fn admitted(&self, placement: &Placement, form: Form) -> Result<AdmittedAd, Refusal> {
        let query = self.head.uri.query().filter(|_| self.head.method == Method::GET);
        let sent = intake::key_of(&self.head.headers, query);
        let key = KeyClaim::of(sent.as_deref(), placement.tenant.as_ref().map(|tenant| &tenant.keys));
        // Strangers cannot use up the rate of a tenant: who has a wrong key, or a wrong signature, takes nothing from it.
        key.check(placement.access).map_err(Refusal::Forbidden)?;
        // The JSON shows more than a player needs: the sources, their URLs and their failures.
        if form == Form::Json && placement.access == Access::Open && key == KeyClaim::Absent {
            return Err(Refusal::Forbidden("a key is needed"));
        }
        let permit = self.admit(key)?;
        // Whether the caller must show a signature is known before the query is read, whether it is right only after that.
        let is_unproved = placement.access == Access::Signed && key == KeyClaim::Absent;
        let mut admitted = AdmittedAd { key, permit, is_unproved };
        if !is_unproved {
            self.take(placement, &mut admitted)?;
        }
        Ok(admitted)
    }

    /// Takes the request's part of the rate of its tenant.
    fn take(&self, placement: &Placement, admitted: &mut AdmittedAd) -> Result<(), Refusal> {
        let Some(tenant) = &placement.tenant else { return Ok(()) };
        admitted.permit.take_from(tenant).map_err(|reason| self.shed(reason))
    }

    /// What a placement is asked.
    fn placed(
        &self,
        (placement, form): (&Arc<Placement>, Form),
        query: &Query<'_>,
        mut admitted: AdmittedAd,
        loop_header: &str,
    ) -> Result<PlacedRequest, Refusal> {
        let grant = Grant::of(placement, admitted.key, query, || self.state.env.wall()).map_err(Refusal::Forbidden)?;
        if admitted.is_unproved {
            self.take(placement, &mut admitted)?;
        }
        let mut asked = self.asked(placement, query, grant, loop_header)?;
        self.note(query, &asked);
        asked.is_debug &= grant == Grant::Key;
        let Self { state, generation, head, route, .. } = *self;
        let traced = state.telemetry.as_ref().map(|telemetry| {
            let is_believed = grant == Grant::Key || intake::is_trusted_caller(self.peer, &generation.server);
            let trace = telemetry.begin(Some(&head.headers).filter(|_| is_believed));
            Arc::make_mut(&mut asked.request).traceparent = telemetry.traceparent(&trace);
            Box::new(TracedRequest { trace, began: self.began, method: head.method.clone(), route: route.pattern() })
        });
        let parts = (Arc::clone(state), Arc::clone(generation), Arc::clone(placement));
        Ok(PlacedRequest::new(parts, form, asked, traced, admitted.permit))
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

    /// The parameters of the query.
    fn query(&self) -> Result<Query<'h>, Refusal> {
        Query::parse(self.head.uri.query().unwrap_or_default()).map_err(Refusal::BadParameter)
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
            _ if intake::is_trusted_caller(self.peer, server) => Trust::All,
            Grant::Signature(names) => Trust::Signed(names),
            Grant::Open => Trust::Signed(&[]),
        };
        let sender = Sender { peer: self.peer, headers: &self.head.headers, loop_header };
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
        let body = intake::read_body(&self.head.headers, body).await.map_err(Refusal::BadParameter)?;
        let content_type = self.head.headers.get(CONTENT_TYPE);
        let asked = inspect::InspectRequest::read(&body, content_type).map_err(Refusal::BadParameter)?;
        let inspector = inspect::Inspector::new(&self.state.client, self.generation.server.unwrap_private, loop_header);
        let inspected = match self.route {
            Route::Check => inspector.check(&asked).await,
            _ => inspector.unwrap(&asked, &self.head.headers).await,
        };
        inspected.map_err(Refusal::BadParameter)
    }
}
