//! What stands above one HTTP exchange: redirects, the address rule, time limits, byte limits, decoding.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use http::header::{ACCEPT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION, RETRY_AFTER};
use tokio::time::Instant;
use url::Host;

use super::decode::{self, Decoder, Limits};
use super::linger::{Held, Linger, Lingering};
use super::{AddressRule, HttpRequest, Reach, Resolver, Target, Transport, TransportError, TransportErrorKind};
use crate::error::{ErrorType, Failure};
use crate::policy::{Deadline, TimeLimit};
use crate::transport::Background;

/// How much of a body that nobody needs (a redirect's, an error page's) is read so that its connection survives.
const SETTLED_BYTES: usize = 16 * 1024;
/// And how long that may keep the request waiting.
const SETTLED_WITHIN: Duration = Duration::from_millis(20);

/// Gets documents. Cheap to clone; clones share their transport, resolver and lingering exchanges.
#[derive(Clone)]
pub struct Exchange(Arc<Parts>);

struct Parts {
    transport: Arc<dyn Transport>,
    resolver: Resolver,
    limits: Limits,
    max_redirects: u32,
    lingering: Lingering,
}

/// How exchanges are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExchangeSettings {
    /// How large a body may be. Default: see [`Limits`].
    pub limits: Limits,
    /// How many redirects are followed from one URL. Default 5; they do not count as wrappers.
    pub max_redirects: u32,
    /// What becomes of exchanges that nobody waits for any more. Default: see [`Linger`].
    pub linger: Linger,
}

impl Default for ExchangeSettings {
    fn default() -> Self {
        Self { limits: Limits::default(), max_redirects: 5, linger: Linger::default() }
    }
}

/// What to get and within what.
#[derive(Clone, Copy)]
pub struct Ask<'a> {
    /// Where it is.
    pub target: &'a Target,
    /// Which addresses the way there may lead to.
    pub rule: &'a AddressRule,
    /// Headers for the target's own origin; a redirect elsewhere does not get them.
    pub own_headers: &'a HeaderMap,
    /// Headers of every request: `User-Agent`, `Accept`, the `X-Device-*` set. `Accept-Encoding` is added here, from
    /// what can be decoded.
    pub everywhere: &'a HeaderMap,
    /// When all of it must be done, redirects and body included.
    pub deadline: Deadline,
    /// How long name resolution, TCP and TLS of one exchange may take.
    pub connect_timeout: Duration,
    /// The longest silence between two reads of a body.
    pub idle_timeout: Duration,
    /// A transport for the target's own origin, with the source's client certificate for example. Elsewhere the
    /// shared one is used.
    pub transport: Option<&'a Arc<dyn Transport>>,
}

/// A document that arrived.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status, 200 to 299.
    pub status: u16,
    /// Where it came from in the end: relative URLs in it are relative to this.
    pub target: Target,
    /// The `charset` of its `Content-Type`, as written there.
    pub charset: Option<String>,
    /// The body, decoded. Empty with 204 and 205.
    pub body: Bytes,
    /// How many bytes of the body arrived, before decoding.
    pub wire_bytes: u64,
    /// How many redirects were followed.
    pub redirects: u32,
}

/// What an answer is wanted for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Document,
    Status,
}

/// What one exchange led to.
enum Step {
    Arrived(Answer),
    Redirected(Target),
}

impl Exchange {
    /// Exchanges over `transport`. Names are resolved by `resolver` to judge their addresses; give it to the transport
    /// too, so that what was judged is what is connected to. Exchanges that linger do so in `background`.
    pub fn new(
        transport: Arc<dyn Transport>,
        resolver: Resolver,
        settings: ExchangeSettings,
        background: Background,
    ) -> Self {
        let ExchangeSettings { limits, max_redirects, linger } = settings;
        let lingering = Lingering::new(linger, background);
        Self(Arc::new(Parts { transport, resolver, limits, max_redirects, lingering }))
    }

    /// Gets a document.
    ///
    /// # Errors
    /// A [`Failure`] of the fetch phase: `dns`, `connect`, `tls`, `timeout` (naming the limit), `reset`, `http_status`,
    /// `redirect`, `blocked_address`, `too_large`, `encoding`. It is `answered` once a byte of any answer has arrived,
    /// a redirect's included.
    pub async fn get(&self, ask: Ask<'_>) -> Result<Answer, Failure> {
        self.follow(ask, Wanted::Document).await
    }

    /// Calls a URL for the sake of the call: the status is all that counts, and the body may be anything. Gives the status,
    /// 200 to 299.
    ///
    /// # Errors
    /// See [`get`](Self::get); nothing about the body is one.
    pub async fn call(&self, ask: Ask<'_>) -> Result<u16, Failure> {
        self.follow(ask, Wanted::Status).await.map(|answer| answer.status)
    }

    async fn follow(&self, ask: Ask<'_>, wanted: Wanted) -> Result<Answer, Failure> {
        let mut target = ask.target.clone();
        let mut passed = Vec::new();
        loop {
            let step = self.0.step(&ask, &target, wanted).await;
            match step.map_err(|failure| if passed.is_empty() { failure } else { failure.after_answer() })? {
                Step::Arrived(answer) => return Ok(Answer { redirects: count(&passed), ..answer }),
                Step::Redirected(next) => passed.push(std::mem::replace(&mut target, next)),
            }
            if passed.contains(&target) {
                return Err(redirect("the redirects lead in a circle"));
            }
            if count(&passed) > self.0.max_redirects {
                return Err(redirect(format!("more than {} redirects", self.0.max_redirects)));
            }
        }
    }
}

impl Parts {
    /// One exchange: judge the address, send, read the head, then follow what it says.
    async fn step(&self, ask: &Ask<'_>, target: &Target, wanted: Wanted) -> Result<Step, Failure> {
        let reach = ask.rule.reach(target.origin())?;
        let connect_timeout = self.judge(ask, target, reach).await?;
        let mut held = self.send(ask, target, reach, connect_timeout);
        let head = ask.deadline.within(held.head()).await.map_err(Failure::timeout)?;
        let (status, headers) = head.map_err(failure)?;
        match status.as_u16() {
            code if matches!(code, 204 | 205) || (wanted == Wanted::Status && status.is_success()) => {
                self.settle(ask, held).await;
                Ok(Step::Arrived(answer(status, target, &headers, Bytes::new(), 0)))
            }
            200..=299 => {
                let (body, wire_bytes) = self.body(ask, held, &headers).await.map_err(Failure::after_answer)?;
                Ok(Step::Arrived(answer(status, target, &headers, body, wire_bytes)))
            }
            301 | 302 | 303 | 307 | 308 => {
                self.settle(ask, held).await;
                follow(status, &headers, target).map(Step::Redirected)
            }
            _ => {
                self.settle(ask, held).await;
                Err(Failure::http_status(status.as_u16(), retry_after(&headers)))
            }
        }
    }

    /// Resolves a name and judges its addresses before anything is sent, so that this holds for every transport. Gives
    /// what is left of the time for connecting.
    async fn judge(&self, ask: &Ask<'_>, target: &Target, reach: Reach) -> Result<Duration, Failure> {
        let now = Instant::now();
        if ask.deadline.remaining(now).is_zero() {
            return Err(Failure::timeout(ask.deadline.limit()));
        }
        // An address was judged by the rule; where any address will do there is nothing to judge.
        let (Host::Domain(name), Reach::Public) = (&target.origin().host, reach) else {
            return Ok(ask.connect_timeout);
        };
        if let Some(addresses) = self.resolver.known(name) {
            reach.check(name, &addresses)?;
            return Ok(ask.connect_timeout);
        }
        let limit = ask.deadline.cut(now, ask.connect_timeout, TimeLimit::Connect);
        let addresses = limit.within(self.resolver.resolve(name)).await.map_err(Failure::timeout)?.map_err(failure)?;
        reach.check(name, &addresses)?;
        Ok(ask.connect_timeout.saturating_sub(now.elapsed()))
    }

    fn send(&self, ask: &Ask<'_>, target: &Target, reach: Reach, connect_timeout: Duration) -> Held<'_> {
        let at_home = target.origin() == ask.target.origin();
        let mut headers = ask.everywhere.clone();
        if at_home && !ask.own_headers.is_empty() {
            headers.extend(ask.own_headers.clone());
        }
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(decode::ACCEPTED));
        let transport = ask.transport.filter(|_| at_home).unwrap_or(&self.transport);
        let interest = self.lingering.interest();
        let uri = target.uri().clone();
        let request = HttpRequest { uri, headers, reach, connect_timeout, interest: interest.clone() };
        Held::new(transport.send(request), interest, &self.lingering)
    }

    /// The body, decoded, and the number of its bytes on the wire.
    async fn body(&self, ask: &Ask<'_>, mut held: Held<'_>, headers: &HeaderMap) -> Result<(Bytes, u64), Failure> {
        let decoded = async {
            let mut decoder = Decoder::new(headers, self.limits).map_err(Unread::Refused)?;
            loop {
                let limit = ask.deadline.cut(Instant::now(), ask.idle_timeout, TimeLimit::Idle);
                match limit.within(held.piece()).await.map_err(|limit| Unread::Late(Failure::timeout(limit)))? {
                    Some(Ok(piece)) => decoder.push(piece).map_err(Unread::Refused)?,
                    Some(Err(error)) => return Err(Unread::Late(failure(error))),
                    None => break,
                }
            }
            let wire_bytes = decoder.wire_bytes();
            Ok((decoder.finish().map_err(Unread::Refused)?, wire_bytes))
        };
        match decoded.await {
            Ok(body) => Ok(body),
            Err(Unread::Late(failure)) => Err(failure),
            Err(Unread::Refused(failure)) => {
                held.abandon();
                Err(failure)
            }
        }
    }

    /// Reads a body that is not needed, if that is quickly done; what is left lingers or is dropped.
    async fn settle(&self, ask: &Ask<'_>, mut held: Held<'_>) {
        let limit = ask.deadline.cut(Instant::now(), SETTLED_WITHIN, TimeLimit::Idle);
        let _ = limit.within(held.settle(SETTLED_BYTES)).await;
    }
}

/// Why a body was not read to its end.
enum Unread {
    /// Time or the connection ended.
    Late(Failure),
    /// It is not acceptable, so its rest is not worth reading either.
    Refused(Failure),
}

fn answer(status: StatusCode, target: &Target, headers: &HeaderMap, body: Bytes, wire_bytes: u64) -> Answer {
    let (status, target) = (status.as_u16(), target.clone());
    Answer { status, target, charset: charset(headers), body, wire_bytes, redirects: 0 }
}

fn follow(status: StatusCode, headers: &HeaderMap, target: &Target) -> Result<Target, Failure> {
    let Some(location) = headers.get(LOCATION) else {
        return Err(redirect(format!("the answer is {} without a Location", status.as_u16())));
    };
    let location = String::from_utf8_lossy(location.as_bytes());
    Target::parse(&location, Some(target)).map_err(|error| redirect(format!("the redirect leads nowhere: {error}")))
}

fn redirect(message: impl Into<std::borrow::Cow<'static, str>>) -> Failure {
    Failure::new(ErrorType::Redirect, message).after_answer()
}

fn count(passed: &[Target]) -> u32 {
    u32::try_from(passed.len()).unwrap_or(u32::MAX)
}

/// `Retry-After` in seconds. The form with a date is ignored: it would need the wall clock, and the usual backoff does.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

fn charset(headers: &HeaderMap) -> Option<String> {
    let content_type = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let parameters = content_type.split(';').skip(1).filter_map(|parameter| parameter.split_once('='));
    let (_, value) = parameters.into_iter().find(|(name, _)| name.trim().eq_ignore_ascii_case("charset"))?;
    let value = value.trim().trim_matches(['"', '\'']);
    (!value.is_empty()).then(|| value.to_owned())
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
    };
    Failure { answered, ..Failure::new(error_type, message) }
}

impl std::fmt::Debug for Exchange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Exchange").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
