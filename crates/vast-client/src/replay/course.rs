//! The course of an exact replay: it gives the recorded answers one after the other, in the order of the recording.
//!
//! The times of a request and of its replay differ by microseconds. So an answer that came shortly before a time limit could come too late,
//! and two answers could come in another order. Therefore the course moves the clock: it makes an answer ready first, and then moves the
//! clock on to the recorded time of the answer. An answer that came at the time at which its exchange began is ready when the exchange
//! begins. Where the recorded request began or dropped an exchange by itself, or skipped a source, the timers of the replay decide, and the
//! course waits for them.

use std::collections::BTreeSet;
use std::future::{Future, poll_fn};
use std::ops::Bound;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::Stream;
use futures_util::future::BoxFuture;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::body;
use super::index::AnswerNumber;
use crate::policy::later;
use crate::recording::{ExchangeEnd, FactTime, RecordedExchange, RecordedTime, Recording};
use crate::transport::{HttpResponse, TransportError};

/// How long after the recorded time the course waits until the request begins or drops an exchange. Timers fire up to a millisecond
/// later than in the live request. The whole time passes only if this version behaves in another way than the recorded one.
const WAIT: Duration = Duration::from_millis(20);
/// A body of this size in bytes may be parsed on another thread. The course then lets the parser end before the next answer, if that one
/// came at least [`PARSED_WITHIN`] later.
const LARGE_BODY: usize = 64 << 10;
const PARSED_WITHIN: Duration = Duration::from_millis(3);

/// Answers that arrived within this time may have been handled together.
const TOGETHER: Duration = Duration::from_micros(500);

/// The events of a recorded request, and how far its replay has come.
#[derive(Debug)]
pub(super) struct Course {
    events: Vec<PlannedEvent>,
    /// The times of the facts of the request: each is the beginning of a poll.
    polls: BTreeSet<Duration>,
    answers: Mutex<Vec<AnswerState>>,
    /// The places of the facts of the recorded journal that the replay has recorded too.
    facts: Mutex<BTreeSet<usize>>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct AnswerState {
    /// Whether the recorded request had begun the exchange by now.
    may_begin: bool,
    has_begun: bool,
    is_dropped: bool,
    /// How many steps of the answer are there: the head, each piece of the body, the end.
    steps: usize,
    /// How many of them came at the time at which the exchange began, before anything else happened.
    steps_at_once: usize,
    /// The steps of other answers that came right after the request had dropped this exchange: the request may have handled them in the
    /// same poll.
    steps_with_drop: Vec<(AnswerNumber, usize)>,
    waker: Option<Waker>,
}

/// What happens next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CourseEvent {
    /// The request begins the exchange, or asks for the document.
    Begun,
    /// The step of the answer with this number, from 1, arrives.
    Step(usize),
    /// The request drops the exchange.
    Dropped,
    /// A timer of the request fired, and a source was skipped. The number is the place of this fact in the journal.
    Skipped,
}

#[derive(Debug, Clone, Copy)]
struct PlannedEvent {
    moment: RecordedTime,
    /// The number of the answer.
    number: AnswerNumber,
    event: CourseEvent,
    /// Whether the answer has a large body.
    is_large: bool,
}

impl PlannedEvent {
    /// Whether this is the beginning of an exchange, and `step` came at the same time.
    fn is_at_once(&self, step: &Self) -> bool {
        self.event == CourseEvent::Begun && (self.number, self.moment.at) == (step.number, step.moment.at)
    }

    /// Whether the request dropped an exchange here, and `step` came directly after it.
    fn is_drop_with(&self, step: &Self) -> bool {
        self.event == CourseEvent::Dropped && step.moment.at.saturating_sub(self.moment.at) <= TOGETHER
    }
}

impl Course {
    pub(super) fn new(recording: &Recording) -> Self {
        let mut answers = Vec::new();
        answers.resize_with(recording.exchanges.len() + recording.documents.len(), AnswerState::default);
        let events = events(recording);
        let mut before: Option<&PlannedEvent> = None;
        for event in &events {
            let CourseEvent::Step(step) = event.event else {
                before = Some(event);
                continue;
            };
            let answer = before.and_then(|before| answers.get_mut(before.number).map(|answer| (before, answer)));
            match answer {
                Some((before, answer)) if before.is_at_once(event) => answer.steps_at_once = step,
                Some((before, answer)) if before.is_drop_with(event) => {
                    answer.steps_with_drop.push((event.number, step));
                }
                _ => before = None,
            }
        }
        let polls = recording.journal.facts.iter().map(|fact| fact.at).collect();
        Self { events, polls, answers: Mutex::new(answers), facts: Mutex::default(), changed: Notify::new() }
    }

    /// Ends when the recorded request had begun the exchange with this number. Two timers may fire in another order than they did, so an
    /// attempt waits until it is its turn.
    pub(super) fn turn(self: &Arc<Self>, number: AnswerNumber) -> BoxFuture<'static, ()> {
        let course = Arc::clone(self);
        poll_fn(move |context| course.poll_answer(number, context, |answer| answer.may_begin)).boxed()
    }

    /// The answer of the exchange with this number, which begins now.
    pub(super) fn exchange(
        self: &Arc<Self>,
        number: AnswerNumber,
        recorded: &RecordedExchange,
    ) -> BoxFuture<'static, Result<HttpResponse, TransportError>> {
        let answer = PendingAnswer::begin(self, number);
        let recorded = recorded.clone();
        async move {
            answer.step(0).await;
            match (&recorded.response, &recorded.end) {
                (Some(response), _) => {
                    let body = CourseBody { answer, read: 0, recorded: recorded.clone() };
                    Ok(body::response(response, Box::pin(body)))
                }
                (None, ExchangeEnd::Failed(error)) => Err(body::transport_error(error)),
                (None, _) => std::future::pending().await,
            }
        }
        .boxed()
    }

    /// Ends when the document with this number, which is asked for now, is there.
    pub(super) fn document(self: &Arc<Self>, number: AnswerNumber) -> impl Future<Output = ()> + Send + 'static {
        let answer = PendingAnswer::begin(self, number);
        async move { answer.step(0).await }
    }

    /// Gives the answers of a request that began at `began`.
    pub(super) async fn lead(self: Arc<Self>, began: Instant) {
        let mut events = self.events.iter().peekable();
        while let Some(event) = events.next() {
            let at = later(began, event.moment.at);
            match event.event {
                CourseEvent::Begun => {
                    self.give(event.number, |answer| answer.may_begin = true);
                    self.wait(at, || self.is_there(event.number, |answer| answer.has_begun)).await;
                }
                CourseEvent::Dropped => {
                    self.wait(at, || self.is_there(event.number, |answer| answer.is_dropped)).await;
                }
                CourseEvent::Skipped => self.wait(at, || self.facts().contains(&event.number)).await,
                CourseEvent::Step(step) => {
                    self.give(event.number, |answer| answer.steps = answer.steps.max(step));
                    let mut last = event;
                    let mut is_one_answer = true;
                    while let Some(next) = events.next_if(|next| self.come_together(last, next, is_one_answer)) {
                        if let CourseEvent::Step(step) = next.event {
                            self.give(next.number, |answer| answer.steps = answer.steps.max(step));
                        }
                        is_one_answer &= next.number == last.number;
                        last = next;
                    }
                    let last = later(began, last.moment.at);
                    move_to(last).await;
                    let next = events.peek().map(|next| later(began, next.moment.at));
                    if next.is_some_and(|next| next >= later(last, PARSED_WITHIN)) && event.is_large {
                        // The paused clock does not move before the other thread has ended.
                        tokio::time::sleep(Duration::from_millis(1)).await;
                    }
                }
            }
        }
    }

    /// The replay has recorded the fact with this place in the recorded journal.
    pub(super) fn has_fact(&self, place: usize) {
        self.facts().insert(place);
        self.changed.notify_one();
    }

    /// Waits until the request has come to this state, but not much longer than until `at`.
    async fn wait(&self, at: Instant, is_there: impl Fn() -> bool) {
        let changed = async {
            loop {
                let change = self.changed.notified();
                if is_there() {
                    return;
                }
                change.await;
            }
        };
        let _ = tokio::time::timeout_at(later(at, WAIT), changed).await;
    }

    /// Whether the step `next` is given together with the step `last`: nothing else happened between them, and they belong to the same
    /// answer, or the request handled both in one poll. `is_one_answer` says whether all steps that are given together so far belong to
    /// one answer: the others must not wait for a later step of this one.
    fn come_together(&self, last: &PlannedEvent, next: &PlannedEvent, is_one_answer: bool) -> bool {
        let (from, to) = (last.moment.at, next.moment.at);
        let is_one_poll = || {
            let is_near = from <= to && to - from <= TOGETHER;
            is_near && (from == to || self.polls.range((Bound::Excluded(from), Bound::Included(to))).next().is_none())
        };
        matches!(next.event, CourseEvent::Step(_)) && (is_one_answer && next.number == last.number || is_one_poll())
    }

    /// Changes an answer and wakes those who wait for it.
    fn give(&self, number: AnswerNumber, change: impl FnOnce(&mut AnswerState)) {
        let mut answers = self.answers();
        let Some(answer) = answers.get_mut(number) else { return };
        change(answer);
        if let Some(waker) = answer.waker.take() {
            waker.wake();
        }
    }

    fn poll_answer(
        &self,
        number: AnswerNumber,
        context: &Context<'_>,
        is_there: impl Fn(&AnswerState) -> bool,
    ) -> Poll<()> {
        let mut answers = self.answers();
        let Some(answer) = answers.get_mut(number) else { return Poll::Pending };
        if is_there(answer) {
            return Poll::Ready(());
        }
        answer.waker = Some(context.waker().clone());
        Poll::Pending
    }

    fn change(&self, number: AnswerNumber, change: impl FnMut(&mut AnswerState)) {
        self.answers().get_mut(number).into_iter().for_each(change);
        self.changed.notify_one();
    }

    fn is_there(&self, number: AnswerNumber, is_there: impl Fn(&AnswerState) -> bool) -> bool {
        self.answers().get(number).is_none_or(is_there)
    }

    fn facts(&self) -> MutexGuard<'_, BTreeSet<usize>> {
        self.facts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answers(&self) -> MutexGuard<'_, Vec<AnswerState>> {
        // No code panics while it holds the lock.
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Moves the clock on to `at`. Whoever waits for an answer that is there is polled before the timers that are due by then.
async fn move_to(at: Instant) {
    match at.saturating_duration_since(Instant::now()) {
        Duration::ZERO => tokio::task::yield_now().await,
        later => tokio::time::advance(later).await,
    }
}

/// The events of the recording in their order. What arrived after the request had dropped an exchange is left out.
fn events(recording: &Recording) -> Vec<PlannedEvent> {
    let mut events = Vec::new();
    for (number, exchange) in recording.exchanges.iter().enumerate() {
        let is_large = exchange.response.as_ref().is_some_and(|response| response.body.len() >= LARGE_BODY);
        let mut add = |moment, event| events.push(PlannedEvent { moment, number, event, is_large });
        let is_wanted = |moment: &RecordedTime| exchange.cut.is_none_or(|cut| moment.rank < cut.rank);
        add(exchange.began, CourseEvent::Begun);
        let head = exchange.response.iter().map(|response| response.head);
        let pieces = exchange.response.iter().flat_map(|response| &response.pieces).map(|piece| piece.arrived);
        let ended = exchange.ended.filter(|_| exchange.end != ExchangeEnd::Abandoned);
        let steps = (1..).zip(head.chain(pieces).chain(ended).filter(is_wanted));
        steps.for_each(|(step, moment)| add(moment, CourseEvent::Step(step)));
        exchange.cut.into_iter().for_each(|cut| add(cut, CourseEvent::Dropped));
    }
    for (number, document) in (recording.exchanges.len()..).zip(&recording.documents) {
        let is_large = matches!(&document.content, Some(Ok(content)) if content.body.len() >= LARGE_BODY);
        let mut add = |moment, event| events.push(PlannedEvent { moment, number, event, is_large });
        add(document.began, CourseEvent::Begun);
        document.ended.into_iter().for_each(|ended| add(ended, CourseEvent::Step(1)));
    }
    events.sort_by_key(|event| event.moment.rank);
    for (place, at) in skips_by_timer(&recording.journal.facts) {
        let next = events.iter().position(|event| event.moment.at >= at).unwrap_or(events.len());
        let rank = events.get(next).map_or(u32::MAX, |next| next.moment.rank);
        let moment = RecordedTime::new(rank, at);
        events.insert(next, PlannedEvent { moment, number: place, event: CourseEvent::Skipped, is_large: false });
    }
    events
}

/// The sources that were skipped when a timer fired: the place of each fact in the journal, and its time. Where a source ends, the next
/// one is skipped at the same time; then no timer decides.
fn skips_by_timer(facts: &[FactTime]) -> Vec<(usize, Duration)> {
    let (mut skips, mut lanes, mut last_end) = (Vec::new(), BTreeSet::new(), None);
    for (place, fact) in facts.iter().enumerate() {
        let is_first = lanes.insert(fact.lane);
        if fact.fact != "ended" {
            continue;
        }
        if !is_first {
            last_end = Some(fact.at);
        } else if lanes.len() > 1 && last_end != Some(fact.at) {
            skips.push((place, fact.at));
        }
    }
    skips
}

/// An answer that the request waits for. Dropping it means that the request does not want it any more.
#[derive(Debug)]
struct PendingAnswer {
    course: Arc<Course>,
    number: AnswerNumber,
}

impl PendingAnswer {
    fn begin(course: &Arc<Course>, number: AnswerNumber) -> Self {
        course
            .change(number, |answer| (answer.has_begun, answer.steps) = (true, answer.steps.max(answer.steps_at_once)));
        Self { course: Arc::clone(course), number }
    }

    /// Waits for the step of the answer with this number.
    async fn step(&self, number: usize) {
        poll_fn(|context| self.poll_step(number, context)).await;
    }

    fn poll_step(&self, number: usize, context: &Context<'_>) -> Poll<()> {
        self.course.poll_answer(self.number, context, |answer| answer.steps > number)
    }
}

impl Drop for PendingAnswer {
    fn drop(&mut self) {
        let mut steps = Vec::new();
        self.course.change(self.number, |answer| {
            answer.is_dropped = true;
            steps = std::mem::take(&mut answer.steps_with_drop);
        });
        for (number, step) in steps {
            self.course.give(number, |answer| answer.steps = answer.steps.max(step));
        }
    }
}

/// The body of an answer.
struct CourseBody {
    answer: PendingAnswer,
    /// How many pieces were read.
    read: usize,
    recorded: RecordedExchange,
}

impl Stream for CourseBody {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(response) = &self.recorded.response else { return Poll::Ready(None) };
        if self.read > response.pieces.len() {
            return Poll::Ready(None);
        }
        // The first step is the head.
        if self.answer.poll_step(self.read + 1, context).is_pending() {
            return Poll::Pending;
        }
        let next = match (body::piece(response, self.read), &self.recorded.end) {
            (Some(piece), _) => Some(Ok(piece)),
            (None, ExchangeEnd::Failed(error)) => Some(Err(body::transport_error(error))),
            (None, _) => None,
        };
        self.read += 1;
        Poll::Ready(next)
    }
}
