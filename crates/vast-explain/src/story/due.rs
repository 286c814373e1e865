//! The trackers of a request: called, due, and called later by the player.

use vast_client::FetchResult;
use vast_client::journal::{Entry, Fact};
use vast_client::track::{TrackedBeacon, TrackerRef, trackers};

/// The trackers of a request.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Due<'a> {
    /// The beacons that were put into an outbox for the answer, with their states.
    pub tracked: &'a [TrackedBeacon],
    /// The error reports that are due: facts of the kind [`ReportDue`](vast_client::journal::Fact::ReportDue). They are called if the
    /// request calls error reports.
    pub reports: Vec<&'a Entry>,
    /// For each ad of the answer, the trackers that its player calls, by event.
    pub ads: Vec<Vec<EventTrackers<'a>>>,
}

/// The trackers of one event of an ad.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct EventTrackers<'a> {
    /// The name of the event, for example `impression` or `firstQuartile`.
    pub event: String,
    /// Its trackers, those of the outermost document first.
    pub trackers: Vec<TrackerRef<'a>>,
}

impl<'a> Due<'a> {
    pub(super) fn of(result: &'a FetchResult) -> Self {
        Self {
            tracked: &result.tracked,
            reports: result.reports_due(),
            ads: result.ads.iter().map(|candidate| by_event(trackers(&candidate.ad))).collect(),
        }
    }

    /// The URLs of the error reports, with macros not filled in.
    pub fn report_urls(&self) -> impl Iterator<Item = &'a str> {
        self.reports.iter().filter_map(|entry| match &entry.fact {
            Fact::ReportDue { url, .. } => Some(url.as_str()),
            _ => None,
        })
    }

    /// The number of trackers that the players of all ads call.
    pub fn at_play(&self) -> usize {
        self.ads.iter().flatten().map(|event| event.trackers.len()).sum()
    }
}

/// The events in the order of their first tracker.
fn by_event(trackers: Vec<TrackerRef<'_>>) -> Vec<EventTrackers<'_>> {
    let mut events: Vec<EventTrackers<'_>> = Vec::new();
    for tracker in trackers {
        match events.iter_mut().find(|known| known.event == tracker.event.as_str()) {
            Some(known) => known.trackers.push(tracker),
            None => events.push(EventTrackers { event: tracker.event.as_str().to_owned(), trackers: vec![tracker] }),
        }
    }
    events
}
