//! The native part of the Python package `vast_client`: the pipeline of the crate `vast-client`, and the exchange of its answers
//! with event loops of Python.
//!
//! Dataclasses, enums and exceptions are Python; this module takes and gives plain values. Start reading in `engine`.

mod answer;
mod call;
mod document;
mod engine;
mod host;
mod port;
mod requests;
mod runtime;
mod session;
mod settings;
mod tracking;
mod viewer;

use pyo3::prelude::*;

/// Answers are allocated on the thread of the runtime and freed on that of the event loop, which is slow with the allocator of glibc.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[pymodule(gil_used = false)]
mod _native {
    use std::ffi::OsString;

    use pyo3::prelude::*;

    #[pymodule_export]
    use crate::answer::Answer;
    #[pymodule_export]
    use crate::document::{expand_url, parse_document};
    #[pymodule_export]
    use crate::engine::{Engine, OutboxInUse};
    #[pymodule_export]
    use crate::port::Port;
    #[pymodule_export]
    use crate::runtime::after_fork;
    #[pymodule_export]
    use crate::session::{BreakSession, SessionBeacons};
    #[pymodule_export]
    use crate::settings::Plan;

    /// Runs the command `vast` with these arguments, and returns its exit code.
    #[pyfunction]
    fn run_command(py: Python<'_>, arguments: Vec<OsString>) -> u8 {
        py.detach(|| vast_cli::run(arguments))
    }

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
