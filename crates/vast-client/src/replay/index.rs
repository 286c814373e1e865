//! Finds the answers of a recording by their places.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::recording::{RecordedDocument, RecordedExchange, Recording};
use crate::transport::ExchangePlace;

/// The number of an answer: first the exchanges of the recording, then its documents.
pub(super) type AnswerNumber = usize;

/// The exchanges and documents of a recording by their places. Each is found once.
#[derive(Debug)]
pub(super) struct AnswerIndex {
    exchanges: Vec<RecordedExchange>,
    documents: Vec<RecordedDocument>,
    places: Mutex<HashMap<ExchangePlace, VecDeque<AnswerNumber>>>,
    sources: HashSet<Arc<str>>,
}

impl AnswerIndex {
    pub(super) fn new(recording: &Recording) -> Self {
        let Recording { exchanges, documents, .. } = recording;
        let mut places: HashMap<_, VecDeque<_>> = HashMap::with_capacity(exchanges.len() + documents.len());
        let all = exchanges.iter().map(|one| &one.place).chain(documents.iter().map(|one| &one.place));
        for (number, place) in all.enumerate() {
            places.entry(key(place.clone())).or_default().push_back(number);
        }
        let sources = places.keys().map(|place: &ExchangePlace| Arc::clone(&place.source)).collect();
        let (exchanges, documents) = (exchanges.clone(), documents.clone());
        Self { exchanges, documents, places: Mutex::new(places), sources }
    }

    /// The exchange at this place, and its number.
    pub(super) fn take_exchange(&self, place: &ExchangePlace) -> Option<(AnswerNumber, &RecordedExchange)> {
        let number = self.take(place, |number| number < self.exchanges.len())?;
        Some((number, self.exchanges.get(number)?))
    }

    /// The document at this place, and its number.
    pub(super) fn take_document(&self, place: &ExchangePlace) -> Option<(AnswerNumber, &RecordedDocument)> {
        let number = self.take(place, |number| number >= self.exchanges.len())?;
        Some((number, self.documents.get(number - self.exchanges.len())?))
    }

    /// The number of the exchange or document at this place.
    pub(super) fn find(&self, place: &ExchangePlace) -> Option<AnswerNumber> {
        self.places().get(&key(place.clone()))?.front().copied()
    }

    /// Whether the recording has any answer of this source.
    pub(super) fn has_source(&self, name: &str) -> bool {
        self.sources.contains(name)
    }

    /// The places of the answers that the replay has not asked for, in the order of the recording.
    pub(super) fn left(&self) -> Vec<&ExchangePlace> {
        let mut left: Vec<_> = self.places().values().flatten().copied().collect();
        left.sort_unstable();
        let all: Vec<_> =
            self.exchanges.iter().map(|one| &one.place).chain(self.documents.iter().map(|one| &one.place)).collect();
        left.into_iter().filter_map(|number| all.get(number).copied()).collect()
    }

    fn take(&self, place: &ExchangePlace, is_meant: impl Fn(AnswerNumber) -> bool) -> Option<AnswerNumber> {
        let mut places = self.places();
        let numbers = places.get_mut(&key(place.clone()))?;
        let at = numbers.iter().position(|number| is_meant(*number))?;
        numbers.remove(at)
    }

    fn places(&self) -> MutexGuard<'_, HashMap<ExchangePlace, VecDeque<AnswerNumber>>> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The place without the number of the document: the servers decide by their speed which document has which number.
fn key(place: ExchangePlace) -> ExchangePlace {
    ExchangePlace { hop: 0, ..place }
}
