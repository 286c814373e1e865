//! Trackers of an event, and what became known of them, between Python and the outbox.

use std::sync::Arc;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use vast_client::env::Env;
use vast_client::track::{AdEvent, Beacon, BeaconBatch, BeaconEvent, Moment, TrackedBeacon, TrackingResults};
use vast_client::transport::{AddressRule, Target};
use vast_client::xml::macros::{self, Context, Values};
use vast_client::{Consent, FetchResult, VastClient};

use crate::answer::Answer;
use crate::document;

/// An event to report. With an `answer`, its trackers are those of the answer's ads, with their macro values, headers and address
/// rules. Otherwise they are `urls`, which may be called at public addresses and at the origin of `named`.
pub(crate) struct EventItem {
    event: String,
    answer: Option<Arc<FetchResult>>,
    urls: Vec<String>,
    values: Values,
    macros: Vec<(String, String)>,
    group: String,
    occurrence: u64,
    rule: AddressRule,
}

impl<'a, 'py> FromPyObject<'a, 'py> for EventItem {
    type Error = PyErr;

    fn extract(item: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        let text = |name: &str| item.get_item(name)?.extract::<String>();
        let answer: Option<PyRef<'_, Answer>> = item.get_item("answer")?.extract()?;
        let macros: Vec<(String, String)> = item.get_item("macros")?.extract()?;
        let named: Option<String> = item.get_item("named")?.extract()?;
        let named = named.and_then(|url| Target::parse(&url, None).ok()).map(|target| target.origin().clone());
        let allow_private = item.get_item("allow_private")?.extract()?;
        Ok(Self {
            event: text("event")?,
            answer: answer.map(|answer| Arc::clone(&answer.result)),
            urls: item.get_item("urls")?.extract()?,
            values: document::values(&macros)?,
            macros,
            group: text("group")?,
            occurrence: item.get_item("occurrence")?.extract()?,
            rule: AddressRule { named, allow_private },
        })
    }
}

/// A tracker after it was put: its URL and its state.
pub(crate) type TrackedState = (String, &'static str);

pub(crate) fn states(tracked: Vec<TrackedBeacon>) -> Vec<TrackedState> {
    tracked.into_iter().map(|one| (one.url, one.state.as_str())).collect()
}

/// Puts the trackers of an event into the outbox.
pub(crate) async fn track(client: &VastClient, item: EventItem) -> Vec<TrackedState> {
    let event = BeaconEvent::from_name(&item.event);
    match &item.answer {
        Some(result) => {
            let at = Moment { macros: item.macros, ..Moment::new(Env::system().wall(), item.occurrence) };
            track_answer(client, result, &event, &at).await
        }
        None => {
            let context = if event == BeaconEvent::Error { Context::Error } else { Context::Tracking };
            let beacon = |url: &String| {
                let url = macros::expand(url, context, &item.values).into_owned();
                let mut beacon = Beacon::new(event.clone(), url, "python");
                beacon.rule = item.rule.clone();
                beacon
            };
            let beacons = item.urls.iter().map(beacon).collect();
            let occurrence = format!("{}-{}", event.as_str(), item.occurrence);
            let (group, consent) = (item.group.as_str(), &Consent::default());
            states(client.tracker().put(BeaconBatch { group, occurrence: &occurrence, consent, beacons }).await)
        }
    }
}

async fn track_answer(
    client: &VastClient,
    result: &FetchResult,
    event: &BeaconEvent,
    at: &Moment,
) -> Vec<TrackedState> {
    // An impression counts once, however often it is reported.
    let (event, seed) = match event {
        BeaconEvent::Impression => (AdEvent::Impression, 0),
        other => (AdEvent::Named(other.clone()), at.seed),
    };
    let at = Moment { seed, ..at.clone() };
    let mut tracked = Vec::new();
    for candidate in &result.ads {
        tracked.extend(states(client.tracker().track_event(result, &candidate.ad, &event, &at).await));
    }
    tracked
}

/// Puts the impressions of all ads of an answer into the outbox.
pub(crate) async fn track_impressions(client: &VastClient, result: &FetchResult) -> Vec<TrackedState> {
    track_answer(client, result, &BeaconEvent::Impression, &Moment::new(Env::system().wall(), 0)).await
}

/// The rows of the ledger as dictionaries, with their sums.
pub(crate) fn rows<'py>(py: Python<'py>, results: &TrackingResults) -> PyResult<Bound<'py, PyAny>> {
    let dict = pyo3::types::PyDict::new(py);
    dict.set_item("queued", results.queued)?;
    dict.set_item("delivered", results.delivered)?;
    dict.set_item("failed", results.failed)?;
    let rows = pythonize::pythonize(py, &results.rows).map_err(|error| PyValueError::new_err(error.to_string()))?;
    dict.set_item("beacons", rows)?;
    Ok(dict.into_any())
}
