//! What a replayed request gets from outside: the recorded answers and decisions.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{BoxFuture, ready};
use futures_util::{FutureExt, StreamExt, stream};
use tokio::time::Instant;

use super::body;
use super::course::Course;
use super::index::AnswerIndex;
use crate::context::{ObservedDocument, Outside};
use crate::error::{ErrorType, Failure};
use crate::journal::{FactTimes, SkipReason};
use crate::policy::{FetchStrategy, TierKind, TimeLimit, later};
use crate::recording::{ExchangeEnd, JournalTimes, PolicyFact, RecordedExchange, Recording};
use crate::transport::{ExchangePlace, HttpResponse, ObservedExchange, Target, TransportError, TransportErrorKind};

/// How long after its recorded end an exchange that was cut counts as not recorded. A limit that cuts it again at that time fires
/// first: timers fire up to a millisecond late.
const LIMIT_FIRST: Duration = Duration::from_millis(1);

/// A retry that is not recorded counts as one for which too little time was left, so long after its wait. If something else ended the lane,
/// it does so before: timers fire up to a millisecond late.
const ATTEMPT_LATE: Duration = Duration::from_millis(2);

/// When the answers are given.
pub(super) enum AnswerOrder {
    /// In the order of the recording, and the facts have the recorded times.
    AsRecorded(Arc<Course>),
    /// As long after their requests as it was recorded. The replay has this `connect_timeout`.
    ByDelay { connect_timeout: Duration },
}

/// The recorded answers and decisions of a request.
pub(super) struct RecordedOutside {
    answers: AnswerIndex,
    arm: Option<String>,
    order: AnswerOrder,
    journal: JournalTimes,
    breaks: Vec<JournalTimes>,
    rankings: Vec<RecordedRanking>,
    same_rules: SameRules,
    skipped: HashMap<String, SkipReason>,
    staggers: HashMap<String, Duration>,
    extra_requests: Mutex<HashMap<String, VecDeque<bool>>>,
    /// The answers that the replay has asked for, and that are not recorded.
    missed: Mutex<Vec<ExchangePlace>>,
}

/// Says which rules of the replay are equal to those of the recorded request. A recorded decision is used only if its rule is equal.
#[derive(Debug, Clone, Copy)]
pub(super) struct SameRules {
    /// The order of the sources.
    pub(super) order: bool,
    /// The circuit breaker.
    pub(super) breaker: bool,
}

impl SameRules {
    /// All rules are the same.
    pub(super) const ALL: Self = Self { order: true, breaker: true };

    /// Those that are the same in both strategies.
    pub(super) fn of(recorded: &FetchStrategy, replayed: &FetchStrategy) -> Self {
        Self { order: recorded.order == replayed.order, breaker: recorded.breaker == replayed.breaker }
    }
}

/// The order in which the sources of a tier were asked.
struct RecordedRanking {
    tier: TierKind,
    sources: Vec<usize>,
    is_exploration: bool,
}

impl RecordedOutside {
    /// What `recording` has.
    pub(super) fn new(recording: &Recording, order: AnswerOrder, same_rules: SameRules) -> Self {
        let mut outside = Self {
            answers: AnswerIndex::new(recording),
            arm: recording.request.arm.clone(),
            order,
            journal: recording.journal.clone(),
            breaks: recording.breaks.clone(),
            rankings: Vec::new(),
            same_rules,
            skipped: HashMap::new(),
            staggers: HashMap::new(),
            extra_requests: Mutex::default(),
            missed: Mutex::default(),
        };
        recording.policy.iter().for_each(|fact| outside.add(fact.clone()));
        outside
    }

    fn add(&mut self, fact: PolicyFact) {
        match fact {
            PolicyFact::Ranked { tier, sources, is_exploration } => {
                self.rankings.push(RecordedRanking { tier, sources, is_exploration });
            }
            PolicyFact::Turn { source, skipped } => {
                self.skipped.extend(skipped.map(|reason| (source, reason)));
            }
            // The source of the replay fails by itself.
            PolicyFact::NotPrepared { .. } => {}
            PolicyFact::StaggerAfter { source, wait } => drop(self.staggers.insert(source, wait)),
            PolicyFact::ExtraRequest { source, is_permitted } => {
                let all = self.extra_requests.get_mut().unwrap_or_else(PoisonError::into_inner);
                all.entry(source).or_default().push_back(is_permitted);
            }
        }
    }

    /// The recorded answers.
    pub(super) fn answers(&self) -> &AnswerIndex {
        &self.answers
    }

    /// Takes the answers that the replay has asked for, and that are not recorded.
    pub(super) fn take_missed(&self) -> Vec<ExchangePlace> {
        std::mem::take(&mut *self.missed())
    }

    fn is_exact(&self) -> bool {
        matches!(self.order, AnswerOrder::AsRecorded(_))
    }

    fn missed(&self) -> MutexGuard<'_, Vec<ExchangePlace>> {
        self.missed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Outside for RecordedOutside {
    fn exchange(&self, place: ExchangePlace, _url: &Arc<str>) -> Option<ObservedExchange> {
        let response = match (self.answers.take_exchange(&place), &self.order) {
            (None, _) => {
                self.missed().push(place.clone());
                ready(Err(body::not_recorded("the recording does not have this exchange"))).boxed()
            }
            (Some((number, recorded)), AnswerOrder::AsRecorded(course)) => course.exchange(number, recorded),
            (Some((_, recorded)), AnswerOrder::ByDelay { connect_timeout }) => {
                by_delay(recorded, self.journal.elapsed, *connect_timeout)
            }
        };
        Some(ObservedExchange { place: Arc::new(place), log: None, response: Some(response) })
    }

    fn document(&self, place: ExchangePlace, _url: &Arc<str>, _target: Option<&Target>) -> Option<ObservedDocument> {
        // A document that was not in the cache was fetched, and its exchanges are recorded.
        let is_lookup = place.attempt == 0;
        let content = match (self.answers.take_document(&place), &self.order) {
            (None, _) if is_lookup => return None,
            (None, _) => {
                self.missed().push(place);
                let failure = Failure::new(ErrorType::NotRecorded, "the recording does not have this document");
                ready((Err(failure), None)).boxed()
            }
            (Some((number, recorded)), AnswerOrder::AsRecorded(course)) => {
                let document = (body::document(recorded), recorded.age);
                course.document(number).map(|()| document).boxed()
            }
            (Some((_, recorded)), AnswerOrder::ByDelay { .. }) => {
                let document = (body::document(recorded), recorded.age);
                let until = recorded.ended.map_or(self.journal.elapsed, |ended| ended.at);
                tokio::time::sleep(until.saturating_sub(recorded.began.at)).map(|()| document).boxed()
            }
        };
        Some(ObservedDocument { log: None, content: Some(content) })
    }

    fn attempt(&self, place: &ExchangePlace) -> Option<BoxFuture<'static, bool>> {
        let AnswerOrder::AsRecorded(course) = &self.order else { return None };
        Some(match self.answers.find(place) {
            Some(number) => course.turn(number).map(|()| true).boxed(),
            // Too little time was left for this attempt, or the lane ended before it. In the second case, the lane ends before this future.
            None => tokio::time::sleep(ATTEMPT_LATE).map(|()| false).boxed(),
        })
    }

    fn ranked(&self, tier: TierKind, sources: Vec<usize>, is_exploration: bool) -> (Vec<usize>, bool) {
        let recorded = self.rankings.iter().find(|ranking| ranking.tier == tier);
        match recorded.filter(|recorded| is_permutation(&recorded.sources, sources.len())) {
            Some(recorded) if self.same_rules.order => (recorded.sources.clone(), recorded.is_exploration),
            _ => (sources, is_exploration),
        }
    }

    fn turn(&self, source: &Arc<str>, permitted: Result<(), SkipReason>) -> Result<(), SkipReason> {
        match self.skipped.get(&**source) {
            // Another circuit breaker may permit the source. Its answer is not recorded.
            Some(SkipReason::BreakerOpen) if !self.same_rules.breaker => Err(SkipReason::NotRecorded),
            Some(reason) => Err(*reason),
            None if self.is_exact() => Ok(()),
            None if !self.answers.has_source(source) => Err(SkipReason::NotRecorded),
            None => permitted,
        }
    }

    fn stagger_after(&self, source: &Arc<str>, wait: Duration) -> Duration {
        self.staggers.get(&**source).copied().unwrap_or(wait)
    }

    fn extra_request(&self, source: &Arc<str>, is_permitted: bool) -> bool {
        let mut all = self.extra_requests.lock().unwrap_or_else(PoisonError::into_inner);
        all.get_mut(&**source).and_then(VecDeque::pop_front).unwrap_or(is_permitted)
    }

    fn arm(&self) -> Option<&str> {
        self.arm.as_deref()
    }

    fn fact_times(&self, ad_break: Option<usize>) -> Option<FactTimes> {
        let AnswerOrder::AsRecorded(course) = &self.order else { return None };
        let recorded = match ad_break {
            None => &self.journal,
            Some(number) => self.breaks.iter().find(|one| one.ad_break == Some(number))?,
        };
        let mut times = FactTimes::new(recorded.elapsed);
        recorded.facts.iter().for_each(|fact| times.push(fact.lane, &fact.fact, fact.at));
        if ad_break.is_some() {
            return Some(times);
        }
        let course = Arc::clone(course);
        Some(times.observed_by(move |place| course.has_fact(place)))
    }
}

/// Whether `indices` has each number below `count` once.
fn is_permutation(indices: &[usize], count: usize) -> bool {
    let mut sorted = indices.to_vec();
    sorted.sort_unstable();
    sorted.into_iter().eq(0..count)
}

/// The answer of an exchange that begins now, as long after its beginning as it was recorded. The recorded request took `elapsed`.
fn by_delay(
    recorded: &RecordedExchange,
    elapsed: Duration,
    connect_timeout: Duration,
) -> BoxFuture<'static, Result<HttpResponse, TransportError>> {
    let delayed = Arc::new(Delayed { began: Instant::now(), elapsed, recorded: recorded.clone() });
    async move {
        let Some(response) = &delayed.recorded.response else {
            return Err(delayed.failure(connect_timeout).await);
        };
        delayed.until(response.head.at).await;
        let pieces = stream::unfold((Arc::clone(&delayed), 0), |(delayed, number)| async move {
            let piece = delayed.piece(number).await?;
            Some((piece, (delayed, number + 1)))
        });
        Ok(body::response(response, pieces.boxed()))
    }
    .boxed()
}

/// An exchange whose answer is given as long after its beginning as it was recorded.
struct Delayed {
    began: Instant,
    /// The time that the recorded request took.
    elapsed: Duration,
    recorded: RecordedExchange,
}

impl Delayed {
    /// Waits until the time that `at` of the recording is in the replay.
    async fn until(&self, at: Duration) {
        tokio::time::sleep_until(later(self.began, at.saturating_sub(self.recorded.began.at))).await;
    }

    /// Waits for the failure of an exchange without a response.
    async fn failure(&self, connect_timeout: Duration) -> TransportError {
        let (at, error) = self.end();
        self.until(at).await;
        let error = error.unwrap_or_else(|| body::not_recorded("the recording has no response"));
        let had = at.saturating_sub(self.recorded.began.at);
        if error.kind == TransportErrorKind::Timeout(TimeLimit::Connect) && had < connect_timeout {
            return body::not_recorded("the recorded request had a shorter `connect_timeout`");
        }
        error
    }

    /// Waits for the piece of the body with this number, or for its end.
    async fn piece(&self, number: usize) -> Option<Result<Bytes, TransportError>> {
        let response = self.recorded.response.as_ref()?;
        if let Some(piece) = response.pieces.get(number) {
            self.until(piece.arrived.at).await;
            return Some(Ok(body::piece(response, number)?));
        }
        if number > response.pieces.len() {
            return None;
        }
        let (at, error) = self.end();
        self.until(at).await;
        error.map(Err)
    }

    /// When the exchange ends, and the error, unless the body ends then.
    fn end(&self) -> (Duration, Option<TransportError>) {
        let RecordedExchange { began, end, ended, cut, .. } = &self.recorded;
        let last = ended.or(*cut).map_or(self.elapsed, |end| end.at);
        match end {
            ExchangeEnd::Complete => (last, None),
            ExchangeEnd::Failed(error) => (last, Some(body::transport_error(error))),
            ExchangeEnd::Abandoned => {
                let waited = last.saturating_sub(began.at).as_millis();
                let error = body::not_recorded(&format!("the recorded request waited for it only {waited} ms"));
                (last + LIMIT_FIRST, Some(error))
            }
        }
    }
}
