//! Ctrl-C.

use std::future::Future;

use crate::problem::Problem;

/// Runs `work` until it ends or the user has enough of it; then it is dropped, which cancels what it was waiting for.
pub(super) async fn or<T>(work: impl Future<Output = Result<T, Problem>>) -> Result<T, Problem> {
    tokio::select! {
        biased;
        ended = work => ended,
        () = signal() => Err(Problem::Interrupted),
    }
}

/// Ends when the user has enough. Never, where that cannot be known: then the system's own way of ending us holds.
pub(super) async fn signal() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
