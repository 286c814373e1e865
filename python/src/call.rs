//! [`HostCall`]: one call of code of Python by a request, and how it ended.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::PyTuple;

/// A call of an object of Python on its event loop.
pub(crate) struct HostCall {
    callable: Arc<Py<PyAny>>,
    /// The URL and the headers, for an HTTP client.
    request: Option<(String, Vec<(String, String)>)>,
}

impl HostCall {
    pub(crate) fn new(callable: &Arc<Py<PyAny>>, request: Option<(String, Vec<(String, String)>)>) -> Self {
        Self { callable: Arc::clone(callable), request }
    }

    /// The callable and its arguments.
    pub(crate) fn into_python(self, py: Python<'_>) -> PyResult<(Py<PyAny>, Py<PyTuple>)> {
        let arguments = match self.request {
            Some((url, headers)) => (url, headers).into_pyobject(py)?,
            None => PyTuple::empty(py),
        };
        Ok((self.callable.clone_ref(py), arguments.unbind()))
    }
}

/// How a call ended.
pub(crate) enum Called {
    Answered { body: Vec<u8>, status: u16, headers: Vec<(String, String)> },
    Failed { kind: String, message: String, status: Option<u16> },
}

impl Called {
    /// The end of a call whose event loop was closed.
    pub(crate) fn gone() -> Self {
        Self::Failed { kind: "internal".to_owned(), message: "the event loop was closed".to_owned(), status: None }
    }
}
