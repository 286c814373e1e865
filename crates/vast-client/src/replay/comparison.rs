//! Many recorded requests beside their replays: how they were answered then, and how they are answered now.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::recording::Recording;
use crate::report::FetchResult;
use crate::stats::{Histogram, HistogramRecorder};

/// Compares recorded requests with their replays.
#[derive(Debug, Default)]
pub struct Comparison {
    then: SideCounter,
    now: SideCounter,
    undecidable: u64,
    differing: Vec<DifferingRequest>,
}

#[derive(Debug, Default)]
struct SideCounter {
    requests: u64,
    filled: u64,
    winners: BTreeMap<String, u64>,
    latency: HistogramRecorder,
}

/// How requests were answered.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct AnswerNumbers {
    /// The number of requests.
    pub requests: u64,
    /// The number of requests with an ad.
    pub filled: u64,
    /// How many answers begin with an ad of each source, by its name.
    pub winners: BTreeMap<String, u64>,
    /// The times from the requests to their answers.
    pub latency: Histogram,
}

/// A request that is answered in another way than it was.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DifferingRequest {
    /// The name that the caller gave the recording, for example that of its file.
    pub recording: String,
    /// The id of the request.
    pub request_id: String,
    /// The answer of the recorded request.
    pub then: ShortAnswer,
    /// The answer of the replay.
    pub now: ShortAnswer,
    /// Whether the replay needed an answer that the recording does not have.
    pub is_undecidable: bool,
}

/// An answer in short.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShortAnswer {
    /// Whether there is an ad.
    pub success: bool,
    /// The source of the first ad.
    pub source: Option<String>,
    /// The time from the request to the answer.
    pub elapsed: Duration,
}

impl Comparison {
    /// Adds a recording, under this name, and the result of its replay.
    pub fn add(&mut self, name: &str, recording: &Recording, result: &FetchResult, is_undecidable: bool) {
        let recorded = recording.answer.as_ref();
        let then = ShortAnswer {
            success: recorded.is_some_and(|answer| answer.success),
            source: recorded.and_then(|answer| answer.source.clone()),
            elapsed: recording.journal.elapsed,
        };
        let now = ShortAnswer {
            success: result.success,
            source: result.source.as_deref().map(str::to_owned),
            elapsed: result.metadata.elapsed,
        };
        self.then.add(&then);
        self.now.add(&now);
        self.undecidable += u64::from(is_undecidable);
        if is_undecidable || (then.success, &then.source) != (now.success, &now.source) {
            let (recording, request_id) = (name.to_owned(), recording.request.id.clone());
            self.differing.push(DifferingRequest { recording, request_id, then, now, is_undecidable });
        }
    }

    /// How the recorded requests were answered.
    pub fn then(&self) -> AnswerNumbers {
        self.then.numbers()
    }

    /// How the replays are answered.
    pub fn now(&self) -> AnswerNumbers {
        self.now.numbers()
    }

    /// The number of replays that needed an answer that their recording does not have.
    pub fn undecidable(&self) -> u64 {
        self.undecidable
    }

    /// The requests that are answered by another source than they were, or for which this cannot be said.
    pub fn differing(&self) -> &[DifferingRequest] {
        &self.differing
    }
}

impl SideCounter {
    fn add(&mut self, answer: &ShortAnswer) {
        self.requests += 1;
        self.filled += u64::from(answer.success);
        self.latency.record(answer.elapsed);
        if let Some(source) = &answer.source {
            match self.winners.get_mut(source) {
                Some(count) => *count += 1,
                None => drop(self.winners.insert(source.clone(), 1)),
            }
        }
    }

    fn numbers(&self) -> AnswerNumbers {
        let Self { requests, filled, winners, latency } = self;
        AnswerNumbers { requests: *requests, filled: *filled, winners: winners.clone(), latency: latency.snapshot() }
    }
}

impl AnswerNumbers {
    /// The share of requests with an ad, from 0 to 1; 0 without requests.
    pub fn fill_rate(&self) -> f64 {
        if self.requests == 0 { 0.0 } else { self.filled as f64 / self.requests as f64 }
    }
}
