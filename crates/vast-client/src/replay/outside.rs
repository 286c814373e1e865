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
use crate::context::Outside;
use crate::error::{ErrorType, Failure};
use crate::journal::{FactTimes, SkipReason};
use crate::policy::{TierKind, TimeLimit};
use crate::recording::{ExchangeEnd, JournalTimes, PolicyFact, RecordedExchange, Recording};
use crate::schedule::Ranking;
use crate::transport::{ExchangePlace, Fetched, HttpResponse, TransportError, TransportErrorKind};

/// When the answers are given.
pub(super) enum AnswerOrder {
    /// In the order of the recording, and the facts have the recorded times.
    AsRecorded(Arc<Course>),
    /// As long after their requests as it was recorded.
    ByDelay,
}

/// The recorded answers and decisions of a request.
pub(super) struct RecordedOutside {
    answers: AnswerIndex,
    order: AnswerOrder,
    journal: JournalTimes,
    breaks: Vec<JournalTimes>,
    rankings: Vec<(TierKind, Ranking)>,
    skipped: HashMap<String, SkipReason>,
    staggers: HashMap<String, Duration>,
    extra_requests: Mutex<HashMap<String, VecDeque<bool>>>,
    /// The answers that the replay has asked for, and that are not recorded.
    missed: Mutex<Vec<ExchangePlace>>,
}

impl RecordedOutside {
    pub(super) fn new(recording: &Recording, order: AnswerOrder) -> Self {
        let mut outside = Self {
            answers: AnswerIndex::new(recording),
            order,
            journal: recording.journal.clone(),
            breaks: recording.breaks.clone(),
            rankings: Vec::new(),
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
                self.rankings.push((tier, Ranking { sources, is_exploration }));
            }
            PolicyFact::Turn { source, skipped } => {
                skipped.into_iter().for_each(|reason| drop(self.skipped.insert(source.clone(), reason)));
            }
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
    fn exchange(
        &self,
        place: ExchangePlace,
        connect_timeout: Duration,
    ) -> BoxFuture<'static, Result<HttpResponse, TransportError>> {
        let Some((number, recorded)) = self.answers.take_exchange(&place) else {
            self.missed().push(place);
            return ready(Err(body::not_recorded("the recording does not have this exchange"))).boxed();
        };
        match &self.order {
            AnswerOrder::AsRecorded(course) => course.exchange(number, recorded),
            AnswerOrder::ByDelay => by_delay(recorded, self.journal.elapsed, connect_timeout),
        }
    }

    fn document(&self, place: ExchangePlace) -> BoxFuture<'static, Result<Fetched, Failure>> {
        let Some((number, recorded)) = self.answers.take_document(&place) else {
            self.missed().push(place);
            let failure = Failure::new(ErrorType::NotRecorded, "the recording does not have this document");
            return ready(Err(failure)).boxed();
        };
        let document = body::document(recorded);
        match &self.order {
            AnswerOrder::AsRecorded(course) => {
                let answered = course.document(number);
                answered.map(|()| document).boxed()
            }
            AnswerOrder::ByDelay => {
                let until = recorded.ended.map_or(self.journal.elapsed, |ended| ended.at);
                let delay = until.saturating_sub(recorded.began.at);
                tokio::time::sleep(delay).map(|()| document).boxed()
            }
        }
    }

    fn cached(&self, place: &ExchangePlace) -> Option<Result<Fetched, Failure>> {
        self.answers.take_cached(place).map(body::document)
    }

    fn skip_reason(&self, source: &str) -> Option<SkipReason> {
        let is_unknown = !self.is_exact() && !self.answers.has_source(source);
        self.skipped.get(source).copied().or_else(|| is_unknown.then_some(SkipReason::NotRecorded))
    }

    fn ranking(&self, tier: TierKind, sources: usize) -> Option<Ranking> {
        let (_, ranking) = self.rankings.iter().find(|(of, _)| *of == tier)?;
        let is_of_these = ranking.sources.len() == sources && ranking.sources.iter().all(|index| *index < sources);
        is_of_these.then(|| ranking.clone())
    }

    fn stagger_after(&self, source: &str) -> Option<Duration> {
        self.staggers.get(source).copied()
    }

    fn permits_extra_request(&self, source: &str) -> Option<bool> {
        let mut all = self.extra_requests.lock().unwrap_or_else(PoisonError::into_inner);
        all.get_mut(source)?.pop_front()
    }

    fn fact_times(&self, ad_break: Option<usize>) -> Option<FactTimes> {
        if !self.is_exact() {
            return None;
        }
        let recorded = match ad_break {
            None => &self.journal,
            Some(number) => self.breaks.iter().find(|one| one.ad_break == Some(number))?,
        };
        let mut times = FactTimes::new(recorded.elapsed);
        recorded.facts.iter().for_each(|fact| times.push(fact.lane, &fact.fact, fact.at));
        Some(times)
    }
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
        tokio::time::sleep_until(self.began + at.saturating_sub(self.recorded.began.at)).await;
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
        let error = match end {
            ExchangeEnd::Complete => None,
            ExchangeEnd::Failed(error) => Some(body::transport_error(error)),
            ExchangeEnd::Abandoned => {
                let waited = last.saturating_sub(began.at).as_millis();
                Some(body::not_recorded(&format!("the recorded request waited for it only {waited} ms")))
            }
        };
        (last, error)
    }
}
