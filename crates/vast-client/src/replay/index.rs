//! Finds the answers of a recording by their places.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Mutex, PoisonError};

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
    sources: HashSet<std::sync::Arc<str>>,
}

impl AnswerIndex {
    pub(super) fn new(recording: &Recording) -> Self {
        let Recording { exchanges, documents, .. } = recording;
        let mut places: HashMap<_, VecDeque<_>> = HashMap::with_capacity(exchanges.len() + documents.len());
        let all = exchanges.iter().map(|one| &one.place).chain(documents.iter().map(|one| &one.place));
        for (number, place) in all.enumerate() {
            places.entry(key(place.clone())).or_default().push_back(number);
        }
        let sources = places.keys().map(|place| place.source.clone()).collect();
        let (exchanges, documents) = (exchanges.clone(), documents.clone());
        Self { exchanges, documents, places: Mutex::new(places), sources }
    }

    /// The exchange at this place, and its number.
    pub(super) fn take_exchange(&self, place: &ExchangePlace) -> Option<(AnswerNumber, &RecordedExchange)> {
        let number = self.take(place, |number| number < self.exchanges.len())?;
        Some((number, self.exchanges.get(number)?))
    }

    /// The document at this place that did not come from the cache, and its number.
    pub(super) fn take_document(&self, place: &ExchangePlace) -> Option<(AnswerNumber, &RecordedDocument)> {
        let number = self.take(place, |number| self.document(number).is_some_and(|one| one.age.is_none()))?;
        Some((number, self.document(number)?))
    }

    /// The document at this place that came from the cache.
    pub(super) fn take_cached(&self, place: &ExchangePlace) -> Option<&RecordedDocument> {
        let number = self.take(place, |number| self.document(number).is_some_and(|one| one.age.is_some()))?;
        self.document(number)
    }

    /// Whether the recording has any answer of this source.
    pub(super) fn has_source(&self, name: &str) -> bool {
        self.sources.contains(name)
    }

    /// The places that no replay has asked for.
    pub(super) fn left(&self) -> Vec<AnswerNumber> {
        let places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        let mut left: Vec<_> = places.values().flatten().copied().collect();
        left.sort_unstable();
        left
    }

    fn document(&self, number: AnswerNumber) -> Option<&RecordedDocument> {
        self.documents.get(number.checked_sub(self.exchanges.len())?)
    }

    fn take(&self, place: &ExchangePlace, is_meant: impl Fn(AnswerNumber) -> bool) -> Option<AnswerNumber> {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        let numbers = places.get_mut(&key(place.clone()))?;
        let at = numbers.iter().position(|number| is_meant(*number))?;
        numbers.remove(at)
    }
}

/// The place without the number of the document: the servers decide by their speed which document has which number.
fn key(place: ExchangePlace) -> ExchangePlace {
    ExchangePlace { hop: 0, ..place }
}
