//! The asynchronous runtime of a command, and the signals that end it.

use std::future::Future;
use std::num::NonZeroUsize;

use tokio::runtime::Builder;

use crate::error::{CommandError, Signal};
use crate::exit::Exit;

/// Runs `work` on one thread, which is enough for a client that mostly waits. A signal drops it, which cancels its requests.
pub(super) fn run_cancellable<T>(work: impl Future<Output = Result<T, CommandError>>) -> Result<T, CommandError> {
    block_on(Builder::new_current_thread(), or_signal(work))
}

/// Runs `work` on one thread. `work` handles signals itself.
pub(super) fn run_single_threaded<T>(work: impl Future<Output = Result<T, CommandError>>) -> Result<T, CommandError> {
    block_on(Builder::new_current_thread(), work)
}

/// Runs `work` on one thread per core, or on as many as `TOKIO_WORKER_THREADS` says, for servers. `work` handles signals itself.
pub(super) fn run_multi_threaded(work: impl Future<Output = Result<Exit, CommandError>>) -> Result<Exit, CommandError> {
    // Threads that share their tasks have to tell each other of them, also if there is only one.
    let builder = if threads() == 1 { Builder::new_current_thread() } else { Builder::new_multi_thread() };
    block_on(builder, work)
}

/// The number of threads that a runtime of many threads would have.
fn threads() -> usize {
    let wanted = std::env::var("TOKIO_WORKER_THREADS").ok().and_then(|text| text.parse().ok());
    wanted.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, NonZeroUsize::get))
}

fn block_on<T>(mut builder: Builder, work: impl Future<Output = Result<T, CommandError>>) -> Result<T, CommandError> {
    let runtime = builder.enable_all().build();
    let runtime =
        runtime.map_err(|error| CommandError::new(Exit::Failed, format!("the runtime cannot be started: {error}")))?;
    let result = runtime.block_on(work);
    // A name lookup blocks a thread until the system's resolver gives up. The program does not wait for it.
    runtime.shutdown_background();
    result
}

/// Runs `work` until it ends or a signal arrives; then `work` is dropped.
pub(super) async fn or_signal<T>(work: impl Future<Output = Result<T, CommandError>>) -> Result<T, CommandError> {
    tokio::select! {
        biased;
        result = work => result,
        signal = signal() => Err(CommandError::Signal(signal)),
    }
}

/// Ends at Ctrl-C or SIGTERM. Where signals cannot be received it never ends, and the system's default action ends the process.
pub(super) async fn signal() -> Signal {
    tokio::select! {
        Ok(()) = tokio::signal::ctrl_c() => Signal::Interrupt,
        () = terminated() => Signal::Terminate,
        else => std::future::pending().await,
    }
}

#[cfg(unix)]
async fn terminated() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut signal) => drop(signal.recv().await),
        Err(_) => std::future::pending().await,
    }
}

#[cfg(not(unix))]
async fn terminated() {
    std::future::pending::<()>().await;
}
