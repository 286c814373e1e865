//! The asynchronous runtime of a command, and Ctrl-C.

use std::future::Future;

use tokio::runtime::Builder;

use crate::error::CommandError;
use crate::exit::Exit;

/// Runs `work` on one thread, which is enough for a client that mostly waits. Ctrl-C drops it, which cancels its requests.
pub(super) fn run_single_threaded<T>(work: impl Future<Output = Result<T, CommandError>>) -> Result<T, CommandError> {
    block_on(Builder::new_current_thread(), or_interrupted(work))
}

/// Runs `work` on one thread per core, for mock servers next to their client. `work` handles Ctrl-C itself.
pub(super) fn run_multi_threaded(work: impl Future<Output = Result<Exit, CommandError>>) -> Result<Exit, CommandError> {
    block_on(Builder::new_multi_thread(), work)
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

/// Runs `work` until it ends or Ctrl-C is pressed; then `work` is dropped.
pub(super) async fn or_interrupted<T>(work: impl Future<Output = Result<T, CommandError>>) -> Result<T, CommandError> {
    tokio::select! {
        biased;
        result = work => result,
        () = interrupted() => Err(CommandError::Interrupted),
    }
}

/// Ends at Ctrl-C. Where the signal cannot be received it never ends, and the system's default action ends the process.
pub(super) async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
