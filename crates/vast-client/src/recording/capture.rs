//! Captures a request while it runs. As little as possible is done here: bodies are shared, and everything else waits until the
//! request has its answer.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use tokio::time::Instant;

use super::answer_parts::AnswerParts;
use super::exchange::{ExchangeEnd, RecordedError, RecordedFailure};
use super::policy_fact::PolicyFact;
use super::recorded_time::RecordedTime;
use crate::context::{DocumentLog, ObservedDocument, Outside};
use crate::error::Failure;
use crate::journal::SkipReason;
use crate::policy::TierKind;
use crate::transport::{ExchangeLog, ExchangePlace, Fetched, HttpResponse, ObservedExchange, Target, TransportError};

/// How many bytes of bodies one recording has at most: twice what a request may need for documents. Pieces beyond it are left out,
/// and the exchange counts as abandoned.
pub(super) const MAX_CAPTURED_BYTES: usize = 32 << 20;

/// A request that is captured. It is complete when its last owner drops it: the request, or an exchange that is read to its end after
/// the answer.
pub(crate) struct Capture {
    keeper: Arc<dyn KeepsRequests>,
    began: Instant,
    next_rank: AtomicU32,
    state: Mutex<Captured>,
    /// The answer; none if it is not known yet, or the request is not kept.
    answer: OnceLock<AnswerParts>,
}

/// What was captured.
#[derive(Default)]
pub(super) struct Captured {
    pub(super) exchanges: Vec<CapturedExchange>,
    pub(super) documents: Vec<CapturedDocument>,
    pub(super) policy: Vec<PolicyFact>,
    /// The bytes of all bodies.
    pub(super) bytes: usize,
}

/// A captured request that is kept, with its answer.
pub(super) struct KeptRequest {
    pub(super) captured: Captured,
    pub(super) answer: AnswerParts,
}

pub(super) struct CapturedExchange {
    pub(super) place: Arc<ExchangePlace>,
    pub(super) url: Arc<str>,
    pub(super) began: RecordedTime,
    pub(super) sent: Option<RecordedTime>,
    pub(super) head: Option<CapturedHead>,
    pub(super) pieces: Vec<(RecordedTime, Bytes)>,
    pub(super) end: ExchangeEnd,
    pub(super) ended: Option<RecordedTime>,
    pub(super) cut: Option<RecordedTime>,
}

pub(super) struct CapturedHead {
    pub(super) arrived: RecordedTime,
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) multiplexed: bool,
}

pub(super) struct CapturedDocument {
    pub(super) place: ExchangePlace,
    pub(super) url: Arc<str>,
    pub(super) target: Option<Arc<str>>,
    pub(super) began: RecordedTime,
    pub(super) ended: Option<RecordedTime>,
    pub(super) age: Option<Duration>,
    pub(super) content: Option<Result<Fetched, Failure>>,
}

/// Takes requests whose capture is complete.
pub(super) trait KeepsRequests: Send + Sync {
    fn put(&self, kept: KeptRequest);
}

impl Capture {
    /// The capture of a request that begins at `began`.
    pub(super) fn new(keeper: Arc<dyn KeepsRequests>, began: Instant) -> Arc<Self> {
        let (next_rank, state) = (AtomicU32::new(0), Mutex::default());
        Arc::new(Self { keeper, began, next_rank, state, answer: OnceLock::new() })
    }

    /// Keeps the request with this answer.
    pub(crate) fn keep(&self, answer: AnswerParts) {
        let _ = self.answer.set(answer);
    }

    fn now(&self) -> RecordedTime {
        RecordedTime::new(self.next_rank.fetch_add(1, Ordering::Relaxed), self.began.elapsed())
    }

    fn lock(&self) -> MutexGuard<'_, Captured> {
        // A panic cannot leave the lists in a wrong state, so a poisoned lock is no problem.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, fact: PolicyFact) {
        self.lock().policy.push(fact);
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        let captured = std::mem::take(self.state.get_mut().unwrap_or_else(PoisonError::into_inner));
        if let Some(answer) = self.answer.take() {
            self.keeper.put(KeptRequest { captured, answer });
        }
    }
}

/// A capture that the request and its exchanges share.
#[derive(Clone)]
pub(crate) struct SharedCapture(pub(crate) Arc<Capture>);

impl Outside for SharedCapture {
    fn exchange(&self, place: ExchangePlace, url: &Arc<str>) -> Option<ObservedExchange> {
        let place = Arc::new(place);
        let exchange = CapturedExchange {
            place: Arc::clone(&place),
            url: Arc::clone(url),
            began: self.0.now(),
            sent: None,
            head: None,
            pieces: Vec::new(),
            end: ExchangeEnd::Abandoned,
            ended: None,
            cut: None,
        };
        let mut state = self.0.lock();
        let index = state.exchanges.len();
        state.exchanges.push(exchange);
        let log = CapturedLog { capture: Arc::clone(&self.0), index, has_ended: false };
        Some(ObservedExchange { place, log: Some(Box::new(log)), response: None })
    }

    fn document(&self, place: ExchangePlace, url: &Arc<str>, target: Option<&Target>) -> Option<ObservedDocument> {
        let (url, target) = (Arc::clone(url), target.map(Target::text));
        let began = self.0.now();
        let document = CapturedDocument { place, url, target, began, ended: None, age: None, content: None };
        let log = CapturedDocumentLog { capture: Arc::clone(&self.0), document: Some(document) };
        Some(ObservedDocument { log: Some(Box::new(log)), content: None })
    }

    fn ranked(&self, tier: TierKind, sources: Vec<usize>, is_exploration: bool) -> (Vec<usize>, bool) {
        self.0.note(PolicyFact::Ranked { tier, sources: sources.clone(), is_exploration });
        (sources, is_exploration)
    }

    fn turn(&self, source: &Arc<str>, permitted: Result<(), SkipReason>) -> Result<(), SkipReason> {
        self.0.note(PolicyFact::Turn { source: source.to_string(), skipped: permitted.err() });
        permitted
    }

    fn stagger_after(&self, source: &Arc<str>, wait: Duration) -> Duration {
        // The scheduler asks for the wait each time it wakes up. The newest value is recorded.
        let mut state = self.0.lock();
        let same = |fact: &&mut PolicyFact| matches!(fact, PolicyFact::StaggerAfter { source: other, .. } if **other == **source);
        match state.policy.iter_mut().find(same) {
            Some(PolicyFact::StaggerAfter { wait: known, .. }) => *known = wait,
            _ => state.policy.push(PolicyFact::StaggerAfter { source: source.to_string(), wait }),
        }
        wait
    }

    fn not_prepared(&self, source: &Arc<str>, failure: &Failure) {
        self.0.note(PolicyFact::NotPrepared { source: source.to_string(), failure: RecordedFailure::from(failure) });
    }

    fn extra_request(&self, source: &Arc<str>, is_permitted: bool) -> bool {
        self.0.note(PolicyFact::ExtraRequest { source: source.to_string(), is_permitted });
        is_permitted
    }
}

/// The log of one exchange.
struct CapturedLog {
    capture: Arc<Capture>,
    index: usize,
    has_ended: bool,
}

impl CapturedLog {
    fn with(&self, note: impl FnOnce(&mut CapturedExchange, RecordedTime)) {
        let now = self.capture.now();
        if let Some(exchange) = self.capture.lock().exchanges.get_mut(self.index) {
            note(exchange, now);
        }
    }
}

impl ExchangeLog for CapturedLog {
    fn sent(&mut self) {
        self.with(|exchange, now| exchange.sent = Some(now));
    }

    fn head(&mut self, response: &HttpResponse) {
        let HttpResponse { status, headers, multiplexed, .. } = response;
        let (status, headers, multiplexed) = (*status, headers.clone(), *multiplexed);
        self.with(|exchange, arrived| exchange.head = Some(CapturedHead { arrived, status, headers, multiplexed }));
    }

    fn piece(&mut self, piece: &Bytes) {
        let now = self.capture.now();
        let mut state = self.capture.lock();
        if self.has_ended {
            return;
        }
        if state.bytes + piece.len() > MAX_CAPTURED_BYTES {
            self.has_ended = true;
            return;
        }
        state.bytes += piece.len();
        if let Some(exchange) = state.exchanges.get_mut(self.index) {
            exchange.pieces.push((now, piece.clone()));
        }
    }

    fn ended(&mut self, error: Option<&TransportError>) {
        if self.has_ended {
            return;
        }
        self.has_ended = true;
        let end = error.map_or(ExchangeEnd::Complete, |error| ExchangeEnd::Failed(RecordedError::from(error)));
        self.with(|exchange, now| (exchange.end, exchange.ended) = (end, Some(now)));
    }

    fn cut(&mut self) {
        self.with(|exchange, now| exchange.cut = Some(now));
    }
}

impl Drop for CapturedLog {
    fn drop(&mut self) {
        // A lane that is dropped while a name is looked up has no exchange that could announce the cut.
        if !self.has_ended {
            self.with(|exchange, now| {
                if exchange.sent.is_none() {
                    exchange.cut = Some(now);
                }
            });
        }
    }
}

/// The log of one document.
struct CapturedDocumentLog {
    capture: Arc<Capture>,
    document: Option<CapturedDocument>,
}

impl DocumentLog for CapturedDocumentLog {
    fn arrived(mut self: Box<Self>, content: &Result<Fetched, Failure>, age: Option<Duration>) {
        if let Some(document) = &mut self.document {
            document.ended = Some(self.capture.now());
            document.age = age;
            document.content = Some(content.clone());
        }
    }

    fn forget(mut self: Box<Self>) {
        self.document = None;
    }
}

impl Drop for CapturedDocumentLog {
    fn drop(&mut self) {
        let Some(mut document) = self.document.take() else { return };
        let mut state = self.capture.lock();
        let bytes =
            document.content.as_ref().and_then(|content| content.as_ref().ok()).map_or(0, |fetched| fetched.body.len());
        if state.bytes + bytes > MAX_CAPTURED_BYTES {
            document.content = None;
        } else {
            state.bytes += bytes;
        }
        state.documents.push(document);
    }
}
