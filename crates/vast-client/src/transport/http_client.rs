//! The rules around single HTTP exchanges: redirects, address checks, time limits, byte limits, decoding.

mod responses;

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::FutureExt;
use http::StatusCode;
use http::header::HeaderMap;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tracing::Instrument;
use url::Host;

pub(crate) use self::responses::GetResponse;
use self::responses::{ExchangeResult, redirect, response, without_document};
use super::decode::{BodyLimits, DecodedBody, Decoder};
use super::exchange_span;
use super::linger::{Linger, Lingering, PendingExchange};
use super::lookups::LookupPurpose;
use super::observer::{ExchangeObserver, RedirectStep};
use super::request_headers::{self, ClientHeaders};
use super::{
    AddressRule, AddressScope, BackgroundTasks, ExchangePlace, HttpRequest, Resolver, Target, Transport,
    TransportError, TransportErrorKind,
};
use crate::error::{ErrorType, Failure};
use crate::policy::{Deadline, TimeLimit};

/// How many bytes are read of a body that is not needed (of a redirect or an error page), so that its connection can be
/// used again.
const DISCARDED_BYTES: usize = 16 * 1024;
/// For how long such a body is read: the request waits for it.
const DISCARDED_WITHIN: Duration = Duration::from_millis(20);

/// A body of at least this size, in bytes, counts as large.
const LARGE_BODY: u64 = 256 * 1024;
/// How many large bodies are read at the same time; the others wait. Without this limit, 64 hostile servers could fill 256 MiB.
const LARGE_BODIES: usize = 8;
/// After so many pieces of a body that were ready at once, the clock is read.
const CLOCK_AFTER: u32 = 8;
/// A piece of a body is decoded in parts of this size, in bytes, so that a compressed piece cannot become a large body at once.
const DECODED_AT_ONCE: usize = 2 * 1024;

/// Gets documents and calls trackers. Cheap to clone; clones share the transport, the resolver and the lingering exchanges.
#[derive(Clone)]
pub(crate) struct HttpClient(Arc<Inner>);

struct Inner {
    transport: Arc<dyn Transport>,
    resolver: Resolver,
    limits: BodyLimits,
    lingering: Lingering,
    large_bodies: Semaphore,
}

/// The limits of HTTP exchanges.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ExchangeSettings {
    /// How large a body may be. Default: see [`BodyLimits`].
    pub limits: BodyLimits,
    /// How far exchanges are read whose response is no longer wanted. Default: see [`Linger`].
    pub linger: Linger,
}

/// A GET request: the URL, the headers and the limits.
#[derive(Clone, Copy)]
pub(crate) struct GetRequest<'a> {
    /// The URL.
    pub target: &'a Target,
    /// The addresses that the request and its redirects may connect to.
    pub rule: &'a AddressRule,
    /// Headers for the origin of `target`. A redirect to another origin does not get them.
    pub origin_headers: &'a HeaderMap,
    /// Headers for all origins: `User-Agent`, `Accept`, `X-Device-*`. `Accept-Encoding` is set in every request. It is best given
    /// here too, because the map then needs no room for it.
    pub headers: &'a dyn ClientHeaders,
    /// The deadline for the last byte of the body, including redirects.
    pub deadline: Deadline,
    /// Whether the caller drops the request at the deadline, so that the request itself needs no timer for it.
    pub is_ended_by_caller: bool,
    /// How long name resolution, TCP and TLS of one exchange may take.
    pub connect_timeout: Duration,
    /// The longest silence between two reads of a body.
    pub idle_timeout: Duration,
    /// How many redirects are followed.
    pub max_redirects: u32,
    /// Counts the exchanges and their bodies, and records redirects.
    pub observer: &'a dyn ExchangeObserver,
    /// The transport for the origin of `target`, for example one with a client certificate. Other origins, and this one
    /// when it is `None`, are requested through the shared transport.
    pub transport: Option<&'a Arc<dyn Transport>>,
}

/// The part of the response that the caller needs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Needed {
    Document,
    Status,
}

impl Needed {
    /// Trackers are called for their status.
    fn purpose(self) -> LookupPurpose {
        match self {
            Self::Document => LookupPurpose::Document,
            Self::Status => LookupPurpose::Tracker,
        }
    }

    /// Whether the body of a response with this status is read.
    fn has_document(self, status: StatusCode) -> bool {
        self == Self::Document && status.is_success() && !matches!(status.as_u16(), 204 | 205)
    }

    /// The message about more than `most` redirects. Only for documents the limit is a setting.
    fn too_many_redirects(self, most: u32) -> String {
        let word = if most == 1 { "redirect" } else { "redirects" };
        match self {
            Self::Document => format!("more than {most} {word} (`max_redirects`)"),
            Self::Status => format!("more than {most} {word}"),
        }
    }
}

/// What was decided about an exchange before it is sent.
struct AddressedTo {
    scope: AddressScope,
    /// How much of the connect timeout is left.
    connect_timeout: Duration,
    place: Option<Arc<ExchangePlace>>,
}

impl HttpClient {
    /// A client over `transport`. `resolver` gives the addresses that are checked before a request is sent; `transport`
    /// should use it too, so that it connects to the addresses that were checked. Lingering exchanges are tasks of
    /// `background`.
    pub(crate) fn new(
        transport: Arc<dyn Transport>,
        resolver: Resolver,
        settings: ExchangeSettings,
        background: BackgroundTasks,
    ) -> Self {
        let ExchangeSettings { limits, linger } = settings;
        let lingering = Lingering::new(linger, background);
        let large_bodies = Semaphore::new(LARGE_BODIES);
        Self(Arc::new(Inner { transport, resolver, limits, lingering, large_bodies }))
    }

    /// Gets a document.
    ///
    /// # Errors
    /// A [`Failure`] of the fetch phase: `dns`, `connect`, `tls`, `timeout` (naming the limit), `reset`, `http_status`,
    /// `redirect`, `blocked_address`, `too_large`, `encoding`. It is `answered` if a byte of any response has arrived, for
    /// example of a redirect.
    pub(crate) fn get<'a>(
        &'a self,
        request: &'a GetRequest<'a>,
    ) -> impl Future<Output = Result<GetResponse, Failure>> + Send + 'a {
        self.follow(request, Needed::Document)
    }

    /// Calls a tracker. Returns the status, 200 to 299; the body is ignored.
    ///
    /// # Errors
    /// See [`get`](Self::get), without the errors of the body.
    pub(crate) async fn call(&self, request: &GetRequest<'_>) -> Result<u16, Failure> {
        self.follow(request, Needed::Status).await.map(|response| response.status)
    }

    fn follow(
        &self,
        request: &GetRequest<'_>,
        needed: Needed,
    ) -> impl Future<Output = Result<GetResponse, Failure>> + Send {
        async move {
            let mut target = request.target.clone();
            let mut passed = Vec::new();
            let mut redirects: Vec<RedirectStep> = Vec::new();
            loop {
                request.observer.take_exchange()?;
                // One match, because each change of the type would copy the response.
                match self.0.traced_step(request, &target, needed, count(&passed)).await {
                    Ok(ExchangeResult::Arrived(response)) => return Ok(GetResponse { redirects, ..response }),
                    Err(failure) if passed.is_empty() => return Err(failure),
                    Err(failure) => return Err(failure.after_answer()),
                    Ok(ExchangeResult::Redirected(status, next)) => {
                        let recorded = |target: &Target| request.observer.recorded_url(target.as_str());
                        let url = redirects.last().map_or_else(|| recorded(&target), |step| Arc::clone(&step.location));
                        let step = RedirectStep { status, url, location: recorded(&next) };
                        request.observer.redirected(&step);
                        redirects.push(step);
                        // Servers choose the length of this URL, and every lane keeps its text twice while it runs.
                        request.observer.take_bytes(2 * next.as_str().len() as u64).map_err(Failure::after_answer)?;
                        passed.push(std::mem::replace(&mut target, next));
                    }
                }
                if passed.contains(&target) {
                    return Err(redirect("the redirects lead back to a URL that was requested before"));
                }
                if count(&passed) > request.max_redirects {
                    return Err(redirect(needed.too_many_redirects(request.max_redirects)));
                }
            }
        }
    }
}

impl Inner {
    /// [`step`](Self::step) in a span of its own.
    fn traced_step(
        &self,
        request: &GetRequest<'_>,
        target: &Target,
        needed: Needed,
        redirects: u32,
    ) -> impl Future<Output = Result<ExchangeResult, Failure>> + Send {
        async move {
            let span = exchange_span::start(target);
            let mut step = pin!(self.step(request, target, needed, redirects).instrument(span));
            let result = step.as_mut().await;
            let status = match &result {
                Ok(ExchangeResult::Arrived(response)) => Some(response.status),
                Ok(ExchangeResult::Redirected(status, _)) => Some(*status),
                Err(failure) => failure.status,
            };
            exchange_span::end(step.span(), status, result.as_ref().err());
            result
        }
    }

    /// Makes one exchange, after this number of `redirects`: checks the address, sends the request, reads the head, and reads the body
    /// if it is needed.
    fn step(
        &self,
        request: &GetRequest<'_>,
        target: &Target,
        needed: Needed,
        redirects: u32,
    ) -> impl Future<Output = Result<ExchangeResult, Failure>> + Send {
        async move {
            let scope = request.rule.scope(target.origin())?;
            if request.deadline.has_passed(request.observer.now()) {
                return Err(Failure::timeout(request.deadline.limit()));
            }
            let mut exchange = {
                let mut observed = request.observer.begin(target, redirects);
                let mut exchange = match observed.as_mut().and_then(|observed| observed.response.take()) {
                    Some(response) => PendingExchange::new(response, self.lingering.cancellation(), &self.lingering),
                    None => {
                        let checked = match self.check_known(request, target, scope) {
                            Some(checked) => checked,
                            // Boxed, because the addresses of most servers are known, and every future would have a place for it.
                            None => self.check_resolved(request, target, scope, needed).boxed().await,
                        };
                        let connect_timeout = checked.inspect_err(|failure| {
                            observed.iter_mut().for_each(|observed| observed.was_not_sent(failure));
                        })?;
                        let place = observed.as_ref().map(|observed| Arc::clone(&observed.place));
                        self.send(request, target, AddressedTo { scope, connect_timeout, place })
                    }
                };
                if let Some(observed) = observed {
                    exchange.set_log(observed.log);
                }
                exchange
            };
            let head = if request.is_ended_by_caller && redirects == 0 {
                poll_fn(|context| exchange.poll_head(context)).await
            } else if let Some(timer) = request.observer.spare_timer() {
                timer.within(request.deadline, |context| exchange.poll_head(context)).await.map_err(Failure::timeout)?
            } else {
                let head = poll_fn(|context| exchange.poll_head(context));
                request.deadline.within(head).await.map_err(Failure::timeout)?
            };
            let (status, headers) = head.map_err(failure)?;
            if !needed.has_document(status) {
                // Boxed, because most documents have one exchange, and every future would have a place for it.
                self.discard(request, &mut exchange).boxed().await;
                return without_document(status, &headers, target);
            }
            match self.body(request, &mut exchange, headers).await {
                Ok(body) => {
                    let wire_bytes = exchange.wire_bytes().unwrap_or(body.wire_bytes);
                    Ok(ExchangeResult::Arrived(response(status, target, DecodedBody { wire_bytes, ..body })))
                }
                Err(BodyError::Broken(failure)) => Err(failure.after_answer()),
                Err(BodyError::Refused(failure)) => {
                    exchange.abandon();
                    Err(failure.after_answer())
                }
            }
        }
    }

    /// Checks the addresses of the server before anything is sent, so that the check holds for every transport. Returns how much of the
    /// connect timeout is left; `None` if the name has to be resolved first.
    fn check_known(
        &self,
        request: &GetRequest<'_>,
        target: &Target,
        scope: AddressScope,
    ) -> Option<Result<Duration, Failure>> {
        // `AddressRule::scope` has checked a host that is an address. In the scope `Any` there is nothing to check.
        let checked = match (&target.origin().host, scope) {
            (Host::Domain(name), AddressScope::Public) => scope.check(name, &self.resolver.known(name)?),
            _ => Ok(()),
        };
        Some(checked.map(|()| request.connect_timeout))
    }

    /// [`check_known`](Self::check_known) after the name was resolved.
    async fn check_resolved(
        &self,
        request: &GetRequest<'_>,
        target: &Target,
        scope: AddressScope,
        needed: Needed,
    ) -> Result<Duration, Failure> {
        let Host::Domain(name) = &target.origin().host else { return Ok(request.connect_timeout) };
        let now = Instant::now();
        let limit = request.deadline.cut(now, request.connect_timeout, TimeLimit::Connect);
        let resolved = limit.within(self.resolver.resolve_for(needed.purpose(), name)).await;
        let addresses = resolved.map_err(Failure::timeout)?.map_err(failure)?;
        scope.check(name, &addresses)?;
        Ok(request.connect_timeout.saturating_sub(now.elapsed()))
    }

    fn send(&self, request: &GetRequest<'_>, target: &Target, to: AddressedTo) -> PendingExchange<'_> {
        let AddressedTo { scope, connect_timeout, place } = to;
        let to_own_origin = target.origin() == request.target.origin();
        let own = to_own_origin.then_some(request.origin_headers);
        let headers = request_headers::sent(request.headers, own);
        let transport = request.transport.filter(|_| to_own_origin).unwrap_or(&self.transport);
        let cancellation = self.lingering.cancellation();
        let uri = target.uri().clone();
        let request =
            HttpRequest { uri, headers, scope, connect_timeout, cancellation: cancellation.clone(), place, body: None };
        PendingExchange::new(transport.send(request), cancellation, &self.lingering)
    }

    /// Reads and decodes the body of a response with these headers, which are not kept while it is read.
    fn body<'s, 'g, 'l>(
        &'s self,
        request: &'s GetRequest<'g>,
        exchange: &'s mut PendingExchange<'l>,
        headers: HeaderMap,
    ) -> impl Future<Output = Result<DecodedBody, BodyError>> + Send + use<'s, 'g, 'l> {
        let mut decoding = Decoder::new(&headers, self.limits);
        drop(headers);
        async move {
            let Ok(decoder) = &mut decoding else { return decoded(decoding) };
            let mut is_large = None;
            let mut pieces = 0_u32;
            let mut received = 0_usize;
            // The clock is read when the body is waited for the first time. Most bodies are complete before that.
            let mut waited_since = None;
            loop {
                pieces = pieces.wrapping_add(1);
                // If the next piece of a body is always ready, this loop never waits and the deadline is never checked.
                // So let the runtime interrupt it, and look at the clock now and then.
                tokio::task::coop::consume_budget().await;
                if pieces.is_multiple_of(CLOCK_AFTER) && request.deadline.has_passed(Instant::now()) {
                    return Err(BodyError::Broken(Failure::timeout(request.deadline.limit())));
                }
                let limit = || {
                    let now = Instant::now();
                    let since = *waited_since.get_or_insert(now);
                    let idle = request.deadline.cut(now, request.idle_timeout, TimeLimit::Idle);
                    let permitted = self.limits.permitted_time(received, request.idle_timeout);
                    permitted.map_or(idle, |time| idle.cut(since, time, TimeLimit::BodyRate))
                };
                match within(limit, |context| exchange.poll_piece(context))
                    .await
                    .map_err(|limit| BodyError::Broken(Failure::timeout(limit)))?
                {
                    Some(Ok(mut piece)) => {
                        received = received.saturating_add(piece.len());
                        while !piece.is_empty() {
                            let held = decoder.held_bytes();
                            let part = piece.split_to(decoder.part_size(&piece, DECODED_AT_ONCE));
                            decoder.push(part).map_err(BodyError::Refused)?;
                            let added = decoder.held_bytes().saturating_sub(held);
                            request.observer.take_bytes(added).map_err(BodyError::Refused)?;
                            if is_large.is_none() && decoder.held_bytes() > LARGE_BODY {
                                // Boxed, because few bodies are large, and every future would have a place for it.
                                let permit = request.deadline.within(self.large_bodies.acquire()).boxed().await;
                                is_large = Some(permit.map_err(|limit| BodyError::Broken(Failure::timeout(limit)))?);
                            }
                        }
                    }
                    Some(Err(error)) => return Err(BodyError::Broken(failure(error))),
                    None => break,
                }
            }
            decoded(decoding)
        }
    }

    /// Reads a body that is not needed if that takes little time. A longer one lingers or is dropped.
    async fn discard(&self, request: &GetRequest<'_>, exchange: &mut PendingExchange<'_>) {
        let limit = request.deadline.cut(Instant::now(), DISCARDED_WITHIN, TimeLimit::Idle);
        let _ = limit.within(exchange.discard_body(DISCARDED_BYTES)).await;
    }
}

/// The output of `poll`, or the limit that fired first. The limit is computed, and its timer started, only if there is no output at
/// once.
async fn within<T>(
    mut limit: impl FnMut() -> Deadline,
    mut poll: impl FnMut(&mut Context<'_>) -> Poll<T>,
) -> Result<T, TimeLimit> {
    let mut timer = pin!(None);
    let mut name = None;
    poll_fn(|cx| {
        if let Poll::Ready(output) = poll(cx) {
            return Poll::Ready(Ok(output));
        }
        let fires = *name.get_or_insert_with(|| {
            let limit = limit();
            // A future that has used up its turn must not keep the timer from firing.
            timer.set(Some(tokio::task::coop::unconstrained(tokio::time::sleep_until(limit.at()))));
            limit.limit()
        });
        timer.as_mut().as_pin_mut().map_or(Poll::Pending, |timer| timer.poll(cx).map(|()| Err(fires)))
    })
    .await
}

/// The body, after all of it has arrived.
fn decoded(decoding: Result<Decoder, Failure>) -> Result<DecodedBody, BodyError> {
    decoding.and_then(Decoder::finish).map_err(BodyError::Refused)
}

/// Why a body was not read to its end.
enum BodyError {
    /// A time limit fired or the connection failed.
    Broken(Failure),
    /// The body is too large or cannot be decoded. The rest of the body is not read.
    Refused(Failure),
}

fn count(passed: &[Target]) -> u32 {
    u32::try_from(passed.len()).unwrap_or(u32::MAX)
}

fn failure(error: TransportError) -> Failure {
    let TransportError { kind, message, answered } = error;
    let error_type = match kind {
        TransportErrorKind::Timeout(limit) => return Failure { answered, ..Failure::timeout(limit) },
        TransportErrorKind::Dns => ErrorType::Dns,
        TransportErrorKind::Connect => ErrorType::Connect,
        TransportErrorKind::Tls => ErrorType::Tls,
        TransportErrorKind::BlockedAddress => ErrorType::BlockedAddress,
        TransportErrorKind::Reset => ErrorType::Reset,
        TransportErrorKind::TooLarge => ErrorType::TooLarge,
        TransportErrorKind::NotRecorded => ErrorType::NotRecorded,
    };
    Failure { answered, ..Failure::new(error_type, message) }
}

impl std::fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HttpClient").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
