//! [`BreakSession`]: reports about playback become events of the ads of an answer.

use std::sync::{Arc, Mutex, PoisonError};

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use vast_client::FetchResult;
use vast_client::env::Env;
use vast_client::track::session::{self, BreakEvent, PlayerReport, ReportContext, SessionOptions};

use crate::answer::Answer;
use crate::settings::duration;

/// The playback of the ads of an answer. It calls nothing: each event has the URLs that are due.
#[pyclass(frozen)]
pub(crate) struct BreakSession {
    result: Arc<FetchResult>,
    state: Mutex<session::BreakSession>,
}

/// An event with the trackers that are due.
#[pyclass(frozen)]
pub(crate) struct SessionBeacons {
    result: Arc<FetchResult>,
    event: BreakEvent,
}

impl SessionBeacons {
    pub(crate) fn event_of_answer(&self) -> (Arc<FetchResult>, BreakEvent) {
        (Arc::clone(&self.result), self.event.clone())
    }
}

#[pymethods]
impl SessionBeacons {
    /// The index of the ad, from 0.
    #[getter]
    fn ad(&self) -> usize {
        self.event.ad
    }

    /// The name of the event, as in `tracking_events`; `None` for one without trackers of its own.
    #[getter]
    fn event(&self) -> Option<String> {
        self.event.event.event.beacon_event().map(|event| event.as_str().to_owned())
    }

    /// The URLs to call, with macros filled in.
    #[getter]
    fn urls(&self) -> Vec<String> {
        self.event.beacons(&self.result.ads).into_iter().map(|beacon| beacon.url).collect()
    }
}

impl BreakSession {
    fn events(
        &self,
        of: impl FnOnce(&mut session::BreakSession, &ReportContext) -> Vec<BreakEvent>,
    ) -> Vec<SessionBeacons> {
        let now = ReportContext::new(Env::system().wall());
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let events = of(&mut state, &now).into_iter();
        events.map(|event| SessionBeacons { result: Arc::clone(&self.result), event }).collect()
    }
}

#[pymethods]
impl BreakSession {
    #[new]
    fn new(answer: &Answer) -> Self {
        let result = Arc::clone(&answer.result);
        let options = SessionOptions { requested_at: Some(result.metadata.requested_at), ..SessionOptions::default() };
        let state = session::BreakSession::new(&result.ads, &options, Env::system().seed());
        Self { result, state: Mutex::new(state) }
    }

    /// The position in the break, in seconds.
    fn playhead(&self, seconds: f64) -> PyResult<Vec<SessionBeacons>> {
        let position = duration("seconds", seconds)?;
        Ok(self.events(|state, now| state.playhead(position, now)))
    }

    /// A jump of the viewer to a position in the break, in seconds.
    fn seek(&self, seconds: f64) -> PyResult<Vec<SessionBeacons>> {
        let position = duration("seconds", seconds)?;
        Ok(self.events(|state, now| state.seek(position, now)))
    }

    /// A report of a player about an ad.
    #[pyo3(signature = (name, *, ad=0, code=900))]
    fn report(&self, name: &str, ad: usize, code: u16) -> PyResult<Vec<SessionBeacons>> {
        let report = player_report(name, code)?;
        Ok(self.events(|state, now| state.report(ad, &report, now)))
    }

    /// The break has ended.
    fn finish(&self) -> Vec<SessionBeacons> {
        self.events(session::BreakSession::finish)
    }
}

/// The reports without a value, by name.
const REPORTS: [(&str, PlayerReport); 15] = [
    ("loaded", PlayerReport::Loaded),
    ("started", PlayerReport::Started),
    ("ended", PlayerReport::Ended),
    ("paused", PlayerReport::Paused),
    ("resumed", PlayerReport::Resumed),
    ("muted", PlayerReport::Muted),
    ("unmuted", PlayerReport::Unmuted),
    ("player_expanded", PlayerReport::PlayerExpanded),
    ("player_collapsed", PlayerReport::PlayerCollapsed),
    ("skipped", PlayerReport::Skipped),
    ("closed", PlayerReport::Closed),
    ("clicked", PlayerReport::Clicked(None)),
    ("custom_clicked", PlayerReport::CustomClicked(None)),
    ("abandoned", PlayerReport::Abandoned),
    ("not_used", PlayerReport::NotUsed),
];

fn player_report(name: &str, code: u16) -> PyResult<PlayerReport> {
    if name == "failed" {
        return Ok(PlayerReport::Failed(code));
    }
    let found = REPORTS.iter().find(|(known, _)| *known == name).map(|(_, report)| report.clone());
    found.ok_or_else(|| {
        let names: Vec<&str> = REPORTS.iter().map(|(known, _)| *known).chain(["failed"]).collect();
        PyValueError::new_err(format!("{name:?} is no report; the reports are {}", names.join(", ")))
    })
}
