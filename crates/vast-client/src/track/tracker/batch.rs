//! What is put into the outbox: the beacons of one event, and those of many events at once.

use std::fmt::Write as _;
use std::sync::Arc;

use crate::request::Consent;
use crate::track::beacon::{Beacon, RefusalReason, TrackedBeacon};
use crate::track::delivery::DeliverySettings;
use crate::track::outbox::{Record, Timestamp};

/// The most beacons in one batch, and the most that the outbox takes at once. The beacons of a batch beyond that are refused.
pub(super) const MAX_BATCH: usize = 10_000;

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
pub(super) type BatchPart = Vec<(usize, Record)>;

/// Beacons that are put into the outbox together.
pub(super) struct BatchDraft {
    pub(super) tracked: Vec<TrackedBeacon>,
    pub(super) parts: Vec<BatchPart>,
    pub(super) now: Timestamp,
}

impl BatchDraft {
    /// An empty draft of what is put at this time.
    pub(super) fn new(now: Timestamp) -> Self {
        Self { tracked: Vec::new(), parts: Vec::new(), now }
    }

    /// Adds the parts of a batch. Its beacons are counted from 0 over all its parts.
    pub(super) fn add(&mut self, name: BatchName<'_>, parts: Vec<Vec<Beacon>>, settings: &DeliverySettings) {
        let BatchName { group, occurrence, consent } = name;
        let (group, consent): (Arc<str>, Arc<str>) = (group.into(), consent_query(consent).into());
        let first = self.tracked.len();
        for part in parts {
            let mut of_part = BatchPart::new();
            for beacon in part {
                let place = self.tracked.len();
                let number = place - first;
                let mut one = TrackedBeacon::new(&beacon, format!("{group}.{occurrence}.{number}"));
                one.refusal = beacon.refusal.or((number >= MAX_BATCH).then_some(RefusalReason::BatchTooLarge));
                if one.refusal.is_none() {
                    let (key, group, consent) = (one.key.clone(), Arc::clone(&group), Arc::clone(&consent));
                    let Beacon { event, url, hop, source, rule, headers, .. } = beacon;
                    let (created, expires) = (self.now, self.now.after(settings.age_limit(event.as_str())));
                    let event = event.as_str().to_owned().into();
                    let record =
                        Record { key, group, event, source, hop, url, rule, headers, consent, created, expires };
                    of_part.push((place, record));
                }
                self.tracked.push(one);
            }
            self.parts.push(of_part);
        }
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
