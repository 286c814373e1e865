//! The tokio runtime of this process. It is made at its first use, not at import: a server that forks its workers after the
//! import would leave them a runtime without threads.

use std::future::Future;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use pyo3::exceptions::PyRuntimeError;
use pyo3::{PyResult, pyfunction};
use tokio::runtime::{Builder, Handle};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::requests::{Request, run_all};

/// The variable that sets the number of threads.
const WORKERS: &str = "VAST_CLIENT_WORKERS";
/// The number of threads by default. One thread runs more requests than one event loop of Python can make, and requests that stay on
/// one thread cost about a quarter less than requests that two threads share.
const DEFAULT_WORKERS: usize = 1;
const THREAD_NAME: &str = "vast-client";

/// The runtime, and the queue of the requests that it has to begin.
pub(crate) struct ProcessRuntime {
    handle: Handle,
    requests: UnboundedSender<Box<Request>>,
}

/// How many forks led to this process, as far as Python knows. A number in memory costs less than a system call for the process id.
static FORKS: AtomicU32 = AtomicU32::new(0);

/// Python calls this in the new process after each fork.
#[pyfunction]
pub(crate) fn after_fork() {
    FORKS.fetch_add(1, Ordering::Relaxed);
}

/// A number that tells this process from those that it was forked from.
pub(crate) fn process() -> u32 {
    FORKS.load(Ordering::Relaxed)
}

static RUNTIME: Mutex<Option<(u32, &'static ProcessRuntime)>> = Mutex::new(None);

/// The runtime of this process. A process that was forked gets a new one; the threads of the old one do not exist there, so it is
/// left alone and not dropped.
pub(crate) fn runtime() -> PyResult<&'static ProcessRuntime> {
    let process = process();
    let mut current = RUNTIME.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((owner, runtime)) = *current
        && owner == process
    {
        return Ok(runtime);
    }
    let (requests, receiver) = unbounded_channel();
    let handle = start(workers()?, receiver)
        .map_err(|error| PyRuntimeError::new_err(format!("the runtime cannot be started: {error}")))?;
    let runtime = &*Box::leak(Box::new(ProcessRuntime { handle, requests }));
    *current = Some((process, runtime));
    Ok(runtime)
}

fn start(workers: usize, requests: UnboundedReceiver<Box<Request>>) -> std::io::Result<Handle> {
    if workers == 1 {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let thread = std::thread::Builder::new().name(THREAD_NAME.to_owned());
        thread.spawn(move || runtime.block_on(run_all(requests)))?;
        return Ok(handle);
    }
    let runtime = Builder::new_multi_thread().worker_threads(workers).thread_name(THREAD_NAME).enable_all().build()?;
    let runtime = Box::leak(Box::new(runtime));
    runtime.spawn(run_all(requests));
    Ok(runtime.handle().clone())
}

fn workers() -> PyResult<usize> {
    let Ok(text) = std::env::var(WORKERS) else { return Ok(DEFAULT_WORKERS) };
    let number = text.parse().ok().filter(|number| (1..=1024).contains(number));
    number.ok_or_else(|| {
        PyRuntimeError::new_err(format!("{WORKERS} is {text:?}; a number from 1 to 1024 would be right"))
    })
}

impl ProcessRuntime {
    /// Begins a request.
    pub(crate) fn begin(&self, request: Box<Request>) {
        // The queue is closed only when the thread of the runtime has ended. Then the reply of the request says that it panicked.
        let _ = self.requests.send(request);
    }

    /// Runs a small future.
    pub(crate) fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) {
        drop(self.handle.spawn(future));
    }

    /// Runs a future and blocks the thread until it ends.
    pub(crate) fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.handle.block_on(future)
    }

    /// Makes this the runtime of the calling thread until the guard is dropped.
    pub(crate) fn enter(&self) -> tokio::runtime::EnterGuard<'_> {
        self.handle.enter()
    }
}
