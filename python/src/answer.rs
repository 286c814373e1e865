//! [`Answer`]: the result of a request, which Python reads when it needs it.

use std::sync::Arc;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use vast_client::track::{BeaconEvent, BeaconState};
use vast_client::wire::RequestResult;
use vast_client::{FetchResult, Outcome};

use crate::document;
use crate::host::Captured;

/// The result of a request.
#[pyclass(frozen)]
pub(crate) struct Answer {
    pub(crate) result: Arc<FetchResult>,
    captured: Option<Captured>,
}

impl Answer {
    pub(crate) fn new(result: FetchResult, captured: Option<Captured>) -> Self {
        Self { result: Arc::new(result), captured }
    }
}

#[pymethods]
impl Answer {
    #[getter]
    fn success(&self) -> bool {
        self.result.success
    }

    /// The name of the source of the first ad: the URL as it was configured.
    #[getter]
    fn source(&self) -> Option<&str> {
        self.result.source.as_deref()
    }

    #[getter]
    fn request_id(&self) -> &str {
        &self.result.metadata.request_id
    }

    #[getter]
    fn used_fallback(&self) -> bool {
        self.result.metadata.used_fallback
    }

    /// The winning document as text; empty if there is none.
    fn raw(&self) -> String {
        let raw = self.result.raw_response.as_ref();
        raw.map_or_else(String::new, |raw| String::from_utf8_lossy(raw).into_owned())
    }

    /// The dictionary of the ads; `None` without an ad.
    fn parsed<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDict>>> {
        self.result.success.then(|| document::of_answer(py, &self.result)).transpose()
    }

    /// The facts of the request with the keys of the described system.
    fn metadata<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let facts = &self.result.metadata;
        let metadata = PyDict::new(py);
        metadata.set_item("elapsed_time", facts.elapsed.as_secs_f64())?;
        metadata.set_item("source_count", facts.source_count)?;
        metadata.set_item("mode", facts.mode.as_str())?;
        metadata.set_item("request_id", &facts.request_id)?;
        if let Some(winner) = self.result.source.as_deref().and_then(|name| self.result.source_report(name)) {
            metadata.set_item("content_length", self.result.raw_response.as_ref().map_or(0, |raw| raw.len()))?;
            metadata.set_item("attempt", winner.attempts)?;
            metadata.set_item("parsed", true)?;
        }
        if facts.used_fallback {
            metadata.set_item("used_fallback", true)?;
        }
        Ok(metadata)
    }

    /// Every failure: source, stage, kind, message, HTTP status, the time limit that fired, bytes of the source's document.
    fn failures<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let list = PyList::empty(py);
        for error in &self.result.errors {
            let failure = &error.failure;
            list.append((
                &*error.source,
                error.phase.as_str(),
                failure.error_type.as_str(),
                &*failure.message,
                failure.status,
                failure.limit.map(|limit| limit.as_str()),
                self.result.source_report(&error.source).map_or(0, |source| source.bytes),
            ))?;
        }
        Ok(list)
    }

    /// Whether the request ended at its time limit: a source was ended by it, or was not asked any more.
    #[getter]
    fn is_timed_out(&self) -> bool {
        use vast_client::policy::TimeLimit::Request;
        let by_limit = self.result.errors.iter().any(|error| error.failure.limit == Some(Request));
        by_limit && !self.result.success
    }

    /// The states of the impressions that were put into the outbox with the answer.
    fn impressions(&self) -> Vec<(String, &'static str)> {
        let tracked = self.result.tracked.iter().filter(|tracked| tracked.event == BeaconEvent::Impression);
        tracked.map(|tracked| (tracked.url.clone(), tracked.state.as_str())).collect()
    }

    /// Whether every impression was put into the outbox, and there is at least one.
    #[getter]
    fn is_impression_tracked(&self) -> bool {
        let mut tracked =
            self.result.tracked.iter().filter(|tracked| tracked.event == BeaconEvent::Impression).peekable();
        tracked.peek().is_some() && tracked.all(|tracked| tracked.state != BeaconState::Refused)
    }

    /// The status and the bytes of the last document of a plan that captures; `None` if no document arrived.
    fn document(&self) -> Option<(Option<u16>, Vec<u8>)> {
        self.captured.as_ref().map(|captured| (captured.status, captured.body.to_vec()))
    }

    /// The outcome of each source with its name, in configured order.
    fn outcomes(&self) -> Vec<(&str, &'static str)> {
        self.result.sources.iter().map(|source| (&*source.name, Outcome::as_str(source.outcome))).collect()
    }

    /// Why the request got this ad, or none.
    fn explain(&self) -> String {
        vast_cli::explain(&self.result)
    }

    /// The result as the documented JSON, as Python values.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let wire = RequestResult::from(&*self.result);
        pythonize::pythonize(py, &wire).map_err(|error| PyValueError::new_err(error.to_string()))
    }
}
