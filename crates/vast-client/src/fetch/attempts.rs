//! The policy around one document's exchanges, in the order in which it applies.

use std::future::Future;
use std::sync::Arc;

use tokio::time::Instant;

use super::source::{FetchContext, Fetched, Prepared, Source};
use crate::env::Draws;
use crate::error::{ErrorType, Failure};
use crate::journal::{Fact, LaneLog};
use crate::policy::{Deadline, RetryPolicy, TimeLimit, TimeLimits};

/// What governs the attempts at one document.
#[derive(Clone, Copy)]
pub(crate) struct Attempts<'a> {
    /// The number of the document in its tree; 0 is the source's own.
    pub(crate) hop: u32,
    pub(crate) retry: &'a RetryPolicy,
    pub(crate) limits: &'a TimeLimits,
    pub(crate) deadline: Deadline,
    pub(crate) draws: &'a Draws,
    pub(crate) log: &'a LaneLog,
}

/// Asks `source` for its own document: attempts, each under `attempt_timeout`, under the lane's deadline.
pub(crate) async fn guarded(
    source: &dyn Source,
    attempts: Attempts<'_>,
    context: FetchContext<'_>,
) -> Result<(Prepared, Fetched), Failure> {
    let prepared = source.prepare(&context)?;
    let per_attempt = attempts.limits.attempt_timeout;
    let fetched = attempts
        .run(&prepared.url, |now| {
            let deadline = match per_attempt {
                Some(limit) => attempts.deadline.cut(now, limit, TimeLimit::Attempt),
                None => attempts.deadline,
            };
            one_attempt(source, &prepared, FetchContext { deadline, ..context }, attempts.deadline)
        })
        .await?;
    Ok((prepared, fetched))
}

async fn one_attempt(
    source: &dyn Source,
    prepared: &Prepared,
    context: FetchContext<'_>,
    lane: Deadline,
) -> Result<Fetched, Failure> {
    if context.deadline == lane {
        // The lane is waited for under this very deadline; a second timer would only cost.
        return source.fetch(prepared, &context).await;
    }
    // A source of the user's own may not look at its deadline.
    context.deadline.within(source.fetch(prepared, &context)).await.unwrap_or_else(|limit| Err(Failure::timeout(limit)))
}

impl Attempts<'_> {
    /// Runs `attempt` until it succeeds, fails for good, or nothing useful can be begun any more. Every attempt and every
    /// failure but the last, which the caller reports, is a fact.
    pub(crate) async fn run<F: Future<Output = Result<Fetched, Failure>>>(
        &self,
        url: &Arc<str>,
        mut attempt: impl FnMut(Instant) -> F,
    ) -> Result<Fetched, Failure> {
        let mut number = 1;
        loop {
            let now = Instant::now();
            if self.deadline.remaining(now) < self.limits.min_useful {
                return Err(Failure::timeout(self.deadline.limit()));
            }
            self.log.record(Fact::Attempt { hop: self.hop, number, url: Arc::clone(url) });
            let failure = match attempt(now).await {
                Ok(fetched) => return Ok(self.answered(fetched, url)),
                Err(failure) => failure,
            };
            if !self.goes_on(&failure, number) {
                return Err(failure);
            }
            let wait = self.draws.with(|rng| self.retry.backoff().wait(number, failure.retry_after, rng));
            if self.deadline.remaining(Instant::now()) < wait + self.limits.min_useful {
                return Err(failure);
            }
            self.log.record(Fact::Failed { hop: self.hop, failure });
            tokio::time::sleep(wait).await;
            number += 1;
        }
    }

    fn goes_on(&self, failure: &Failure, number: u32) -> bool {
        let timeout = failure.error_type == ErrorType::Timeout && failure.limit == Some(TimeLimit::Connect);
        let timeout = timeout || (failure.error_type == ErrorType::Timeout && self.retry.retry_timeouts);
        number <= self.retry.max_retries && (failure.is_retried() || timeout)
    }

    fn answered(&self, fetched: Fetched, url: &Arc<str>) -> Fetched {
        let after_redirects = fetched.base.as_ref().map(|base| base.as_str()).filter(|base| *base != &**url);
        let url = after_redirects.map_or_else(|| Arc::clone(url), Into::into);
        let (status, bytes) = (fetched.status, fetched.wire_bytes);
        self.log.record(Fact::Answered { hop: self.hop, status, bytes, url });
        fetched
    }
}
