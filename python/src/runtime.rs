//! The tokio runtime of this process. It is made at its first use, not at import: a server that forks its workers after the
//! import would leave them a runtime without threads.

use std::sync::{Mutex, PoisonError};

use pyo3::PyResult;
use pyo3::exceptions::PyRuntimeError;
use tokio::runtime::{Builder, Runtime};

/// The variable that sets the number of worker threads.
const WORKERS: &str = "VAST_CLIENT_WORKERS";
/// The number of worker threads by default. One thread reads about 10,000 answers per second.
const DEFAULT_WORKERS: usize = 2;

static RUNTIME: Mutex<Option<(u32, &'static Runtime)>> = Mutex::new(None);

/// The runtime of this process. A process that was forked gets a new one; the threads of the old one do not exist there, so it is
/// left alone and not dropped.
pub(crate) fn runtime() -> PyResult<&'static Runtime> {
    let process = std::process::id();
    let mut current = RUNTIME.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((owner, runtime)) = *current
        && owner == process
    {
        return Ok(runtime);
    }
    let runtime = Builder::new_multi_thread()
        .worker_threads(workers()?)
        .thread_name("vast-client")
        .enable_all()
        .build()
        .map_err(|error| PyRuntimeError::new_err(format!("the runtime cannot be started: {error}")))?;
    let runtime = &*Box::leak(Box::new(runtime));
    *current = Some((process, runtime));
    Ok(runtime)
}

fn workers() -> PyResult<usize> {
    let Ok(text) = std::env::var(WORKERS) else { return Ok(DEFAULT_WORKERS) };
    let number = text.parse().ok().filter(|number| (1..=1024).contains(number));
    number.ok_or_else(|| {
        PyRuntimeError::new_err(format!("{WORKERS} is {text:?}; a number from 1 to 1024 would be right"))
    })
}
