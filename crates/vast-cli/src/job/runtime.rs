//! What asynchronous work runs on.

use std::future::Future;

use tokio::runtime::Builder;

use super::interrupt;
use crate::exit::Exit;
use crate::problem::Problem;

/// Runs `work` on one thread: a request waits far more than it computes.
pub(super) fn single<T>(work: impl Future<Output = Result<T, Problem>>) -> Result<T, Problem> {
    run(Builder::new_current_thread(), interrupt::or(work))
}

/// Runs `work` on as many threads as the machine has: servers and their client side by side. It is asked to end by
/// Ctrl-C only if it says so itself.
pub(super) fn many(work: impl Future<Output = Result<Exit, Problem>>) -> Result<Exit, Problem> {
    run(Builder::new_multi_thread(), work)
}

fn run<T>(mut builder: Builder, work: impl Future<Output = Result<T, Problem>>) -> Result<T, Problem> {
    let runtime = builder.enable_all().build();
    let runtime = runtime.map_err(|error| Problem::new(Exit::Failed, format!("nothing can be run: {error}")))?;
    let ended = runtime.block_on(work);
    // A name that is still being resolved on a thread of its own must not keep the answer's reader waiting.
    runtime.shutdown_background();
    ended
}
