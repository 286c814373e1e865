//! What is kept of one request.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

use vast_client::report::SourceReport;
use vast_client::{FetchResult, Outcome};

use crate::outcome::AnswerOutcome;
use crate::token::SessionId;

/// The largest recording that is kept, in bytes.
pub(super) const MOST_BYTES: usize = 32 << 10;
/// The largest number of sources of a request that are kept outside of its recording.
const MOST_LANES: usize = 32;

/// What is kept of one request.
pub(crate) struct RecentRequest {
    /// Later requests have higher numbers.
    pub(crate) number: u64,
    pub(crate) id: String,
    pub(crate) at: SystemTime,
    pub(crate) elapsed: Duration,
    /// The source of the first ad.
    pub(crate) winner: Option<Arc<str>>,
    /// The sources in the order of the configuration, at most 32 of them.
    pub(crate) lanes: Vec<RecentLane>,
    /// How many sources it has.
    pub(crate) sources: usize,
    /// How the gateway answered.
    pub(crate) served: OnceLock<ServedAs>,
    /// Empty until the recording is complete: up to a second after the answer.
    pub(crate) recording: OnceLock<KeptRecording>,
}

/// A source of a request.
pub(crate) struct RecentLane {
    pub(crate) source: Arc<str>,
    pub(crate) outcome: Outcome,
    /// When it was asked, since the beginning of the request.
    pub(crate) began: Option<Duration>,
    pub(crate) elapsed: Option<Duration>,
}

/// How the gateway answered a request.
pub(crate) struct ServedAs {
    pub(crate) placement: String,
    pub(crate) outcome: AnswerOutcome,
    /// The session of its sealed trackers: the group of its beacons in the outbox.
    pub(crate) session: Option<SessionId>,
}

/// The recording of a request.
#[derive(Debug, Clone)]
pub(crate) enum KeptRecording {
    /// Its bytes in a file.
    Whole(Arc<[u8]>),
    /// It has so many bytes, too many to keep.
    TooLarge(usize),
}

impl RecentRequest {
    pub(super) fn new(number: u64, result: &FetchResult) -> Self {
        Self {
            number,
            id: result.metadata.request_id.clone(),
            at: result.metadata.requested_at,
            elapsed: result.metadata.elapsed,
            winner: result.source.clone(),
            lanes: result.sources.iter().take(MOST_LANES).map(RecentLane::from).collect(),
            sources: result.sources.len(),
            served: OnceLock::new(),
            recording: OnceLock::new(),
        }
    }

    /// Keeps the recording, which is `file` in a file.
    pub(super) fn keep(&self, file: &[u8]) {
        let kept = if file.len() > MOST_BYTES {
            KeptRecording::TooLarge(file.len())
        } else {
            KeptRecording::Whole(file.into())
        };
        // A request has one recording.
        drop(self.recording.set(kept));
    }
}

impl From<&SourceReport> for RecentLane {
    fn from(report: &SourceReport) -> Self {
        let SourceReport { name, outcome, began, elapsed, .. } = report;
        Self { source: Arc::clone(name), outcome: *outcome, began: *began, elapsed: *elapsed }
    }
}
