//! Puts beacons into the outbox: those of one event, and those of many events at once.

use std::fmt::Write as _;
use std::sync::Arc;

use super::Tracker;
use crate::request::Consent;
use crate::track::beacon::{Beacon, RefusalReason, TrackedBeacon};
use crate::track::outbox::{OutboxError, PutOutcome, Record, Timestamp};

/// The most beacons in one batch, and the most that the outbox takes at once. The beacons of a batch beyond that are refused.
const MAX_BATCH: usize = 10_000;

/// The beacons of one event, at all levels. The outbox takes them as a whole or not at all.
#[derive(Debug, Clone)]
pub struct BeaconBatch<'a> {
    /// The request or session. The ledger can be queried by this value.
    pub group: &'a str,
    /// Distinguishes this occurrence of an event from the others of its group, for example `ad-1.firstQuartile`. It
    /// becomes a part of each beacon's idempotency key: an occurrence that is put twice is stored once.
    pub occurrence: &'a str,
    /// The viewer's consent.
    pub consent: &'a Consent,
    /// The beacons.
    pub beacons: Vec<Beacon>,
}

/// What the beacons of a batch have in common.
#[derive(Clone, Copy)]
pub(super) struct BatchName<'a> {
    pub(super) group: &'a str,
    pub(super) occurrence: &'a str,
    pub(super) consent: &'a Consent,
}

/// A part of what is put: the outbox takes it as a whole or not at all. Each record has the number of its beacon in
/// [`BatchDraft::tracked`].
type BatchPart = Vec<(usize, Record)>;

/// Beacons that are put into the outbox together.
#[derive(Default)]
struct BatchDraft {
    tracked: Vec<TrackedBeacon>,
    parts: Vec<BatchPart>,
}

impl Tracker {
    /// Puts the beacons of one event into the outbox, all or none, and starts calling them. When this returns, the outbox has
    /// stored them. A beacon that it did not take is [`BeaconState::Refused`](crate::track::BeaconState::Refused) and has a
    /// [`refusal`](TrackedBeacon::refusal). A batch may have 10,000 beacons; those beyond that are refused.
    pub async fn put(&self, batch: BeaconBatch<'_>) -> Vec<TrackedBeacon> {
        let BeaconBatch { group, occurrence, consent, beacons } = batch;
        self.put_parts(BatchName { group, occurrence, consent }, vec![beacons]).await
    }

    /// [`put`](Self::put) for the beacons of many events. The outbox stores up to 10,000 beacons at once, so an outbox on disk writes
    /// once for all of them. If it has no room for all, each batch is put as a whole or not at all, in order.
    ///
    /// Returns the beacons of each batch, in order.
    pub async fn put_all(&self, batches: Vec<BeaconBatch<'_>>) -> Vec<Vec<TrackedBeacon>> {
        let now = self.now();
        let mut draft = BatchDraft::default();
        let mut sizes = Vec::with_capacity(batches.len());
        for BeaconBatch { group, occurrence, consent, beacons } in batches {
            sizes.push(beacons.len());
            self.add(&mut draft, BatchName { group, occurrence, consent }, vec![beacons], now);
        }
        let mut tracked = self.put_draft(draft, now).await.into_iter();
        sizes.into_iter().map(|size| tracked.by_ref().take(size).collect()).collect()
    }

    /// [`put`](Self::put) for a batch of several parts, for example one per ad. If the outbox has no room for all of them, each
    /// part is put as a whole or not at all, in order.
    pub(super) async fn put_parts(&self, name: BatchName<'_>, parts: Vec<Vec<Beacon>>) -> Vec<TrackedBeacon> {
        let now = self.now();
        let mut draft = BatchDraft::default();
        self.add(&mut draft, name, parts, now);
        self.put_draft(draft, now).await
    }

    /// Adds the parts of a batch. Its beacons are counted from 0 over all its parts.
    fn add(&self, draft: &mut BatchDraft, name: BatchName<'_>, parts: Vec<Vec<Beacon>>, now: Timestamp) {
        let BatchName { group, occurrence, consent } = name;
        let (group, consent): (Arc<str>, Arc<str>) = (group.into(), consent_query(consent).into());
        let first = draft.tracked.len();
        for part in parts {
            let mut of_part = BatchPart::new();
            for beacon in part {
                let place = draft.tracked.len();
                let number = place - first;
                let mut one = TrackedBeacon::new(&beacon, format!("{group}.{occurrence}.{number}"));
                one.refusal = beacon.refusal.or((number >= MAX_BATCH).then_some(RefusalReason::BatchTooLarge));
                if one.refusal.is_none() {
                    of_part.push((place, self.record(beacon, one.key.clone(), &group, &consent, now)));
                }
                draft.tracked.push(one);
            }
            draft.parts.push(of_part);
        }
    }

    async fn put_draft(&self, draft: BatchDraft, now: Timestamp) -> Vec<TrackedBeacon> {
        let BatchDraft { mut tracked, mut parts } = draft;
        parts.retain(|part| !part.is_empty());
        let mut parts = parts.into_iter().peekable();
        while let Some(first) = parts.next() {
            let mut count = first.len();
            let mut together = vec![first];
            while let Some(part) = parts.next_if(|part| count + part.len() <= MAX_BATCH) {
                count += part.len();
                together.push(part);
            }
            self.put_together(together, &mut tracked, now).await;
        }
        tracked.iter_mut().for_each(TrackedBeacon::settle_refusal);
        tracked
    }

    /// Puts these parts at once, or each of them if the outbox has no room for all. Errors are ignored, because `tracked` contains them
    /// as refusals.
    async fn put_together(&self, mut parts: Vec<BatchPart>, tracked: &mut [TrackedBeacon], now: Timestamp) {
        if parts.len() == 1 {
            drop(self.take(parts.remove(0), tracked, now).await);
            return;
        }
        if matches!(self.take(parts.concat(), tracked, now).await, Err(OutboxError::Full { .. })) {
            for part in parts {
                drop(self.take(part, tracked, now).await);
            }
        }
    }

    /// Puts records into the outbox and notes in `tracked`, by their numbers, which of them were refused.
    async fn take(&self, records: BatchPart, tracked: &mut [TrackedBeacon], now: Timestamp) -> Result<(), OutboxError> {
        let (numbers, records): (Vec<_>, Vec<_>) = records.into_iter().unzip();
        let outcomes = self.put_records(records, now).await;
        for (place, number) in numbers.into_iter().enumerate() {
            let Some(one) = tracked.get_mut(number) else { continue };
            one.is_known = outcomes.as_ref().is_ok_and(|outcomes| outcomes.get(place) == Some(&PutOutcome::Duplicate));
            one.refusal = match &outcomes {
                // The key of a duplicate is known, so the outbox has stored this beacon before.
                Ok(outcomes) => match outcomes.get(place) {
                    Some(PutOutcome::Queued | PutOutcome::Duplicate) => None,
                    Some(PutOutcome::TooLarge) => Some(RefusalReason::TooLarge),
                    None => Some(RefusalReason::OutboxFailed),
                },
                Err(OutboxError::Full { .. }) => Some(RefusalReason::OutboxFull),
                Err(_) if self.0.dispatcher.closing.is_cancelled() => Some(RefusalReason::ShutDown),
                Err(_) => Some(RefusalReason::OutboxFailed),
            };
            one.reason = outcomes.as_ref().err().map(ToString::to_string);
        }
        outcomes.map(drop)
    }

    fn record(&self, beacon: Beacon, key: String, group: &Arc<str>, consent: &Arc<str>, now: Timestamp) -> Record {
        let Beacon { event, url, hop, source, rule, headers, .. } = beacon;
        let expires = now.after(self.0.dispatcher.settings.age_limit(event.as_str()));
        let (event, group, consent) = (event.as_str().to_owned().into(), Arc::clone(group), Arc::clone(consent));
        Record { key, group, event, source, hop, url, rule, headers, consent, created: now, expires }
    }
}

/// The consent in the form of a URL query.
pub(super) fn consent_query(consent: &Consent) -> String {
    let mut form = String::new();
    let mut add = |name: &str, value: &str| {
        let separator = if form.is_empty() { "" } else { "&" };
        // Writing into a String cannot fail.
        let _ = write!(form, "{separator}{name}={value}");
    };
    for (name, value) in [("gdpr", consent.gdpr), ("coppa", consent.coppa), ("lmt", consent.limit_ad_tracking)] {
        value.into_iter().for_each(|value| add(name, if value { "1" } else { "0" }));
    }
    for (name, value) in [("gdpr_consent", &consent.gdpr_consent), ("gpp", &consent.gpp)] {
        value.iter().for_each(|value| add(name, value));
    }
    let sections: Vec<_> = consent.gpp_sections.iter().map(u16::to_string).collect();
    if !sections.is_empty() {
        add("gpp_sid", &sections.join(","));
    }
    form
}
