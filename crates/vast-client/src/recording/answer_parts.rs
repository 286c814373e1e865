//! The parts of an answer that a recording needs.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::model::{DeliveryRecord, FactTime, JournalTimes, RecordedAnswer};
use crate::context::RequestContext;
use crate::journal::{Entry, Fact};
use crate::lane::Plan;
use crate::report::{FetchResult, Schedule};
use crate::request::{AdRequest, RunOptions};
use crate::track::TrackedBeacon;

/// The request, its configuration and the answer in short.
pub(crate) struct AnswerParts {
    pub(super) plan: Plan,
    pub(super) arm: Option<Arc<str>>,
    pub(super) options: RunOptions,
    /// Whether code of the host chose among the usable ads.
    pub(super) has_own_selector: bool,
    pub(super) request: Arc<AdRequest>,
    pub(super) request_id: String,
    pub(super) began: SystemTime,
    pub(super) seed: u64,
    pub(super) journal: JournalTimes,
    pub(super) breaks: Vec<JournalTimes>,
    pub(super) answer: RecordedAnswer,
    pub(super) deliveries: Vec<DeliveryRecord>,
}

impl AnswerParts {
    pub(crate) fn new(plan: &Plan, context: &RequestContext, options: RunOptions, result: &FetchResult) -> Self {
        let breaks = result.schedule.iter().flat_map(|schedule| &schedule.breaks).enumerate();
        let breaks = breaks.filter_map(|(number, one)| Some((number, one.answer.as_ref()?)));
        let outcomes = result.sources.iter().map(|source| (source.name.to_string(), source.outcome)).collect();
        Self {
            plan: plan.clone(),
            arm: result.metadata.arm.clone(),
            options,
            has_own_selector: false,
            request: Arc::clone(&result.request),
            request_id: result.metadata.request_id.clone(),
            began: result.metadata.requested_at,
            seed: context.values.seed(),
            journal: times(None, result.metadata.elapsed, &result.journal),
            breaks: breaks.map(|(number, one)| times(Some(number), one.metadata.elapsed, &one.journal)).collect(),
            answer: RecordedAnswer {
                success: result.success,
                source: result.source.as_deref().map(str::to_owned),
                outcomes,
            },
            deliveries: deliveries(result),
        }
    }
}

/// The beacons of the answer and of its breaks.
pub(super) fn deliveries(result: &FetchResult) -> Vec<DeliveryRecord> {
    let of_breaks = result.schedule.iter().flat_map(Schedule::answers).flat_map(|answer| &answer.tracked);
    result.tracked.iter().chain(of_breaks).map(DeliveryRecord::from).collect()
}

fn times(ad_break: Option<usize>, elapsed: Duration, entries: &[Entry]) -> JournalTimes {
    JournalTimes { ad_break, elapsed, facts: entries.iter().map(FactTime::from).collect() }
}

impl From<&Entry> for FactTime {
    fn from(entry: &Entry) -> Self {
        let Entry { at, lane, fact } = entry;
        let document = match fact {
            Fact::Parsed { document, .. } => Some(document),
            _ => None,
        };
        Self {
            lane: *lane,
            fact: fact.name().into(),
            at: *at,
            began: document.map(|document| document.began),
            elapsed: document.map(|document| document.elapsed),
        }
    }
}

impl From<&TrackedBeacon> for DeliveryRecord {
    fn from(beacon: &TrackedBeacon) -> Self {
        Self {
            key: beacon.key.clone(),
            event: beacon.event.as_str().to_owned(),
            url: beacon.url.clone(),
            state: beacon.state.as_str().to_owned(),
            attempts: beacon.attempts,
            status: beacon.status,
            reason: beacon.reason.clone(),
        }
    }
}
