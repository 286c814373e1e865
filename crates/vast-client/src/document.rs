//! FETCH alone: the bytes of one document, for those who want to look at it rather than play it.

use std::sync::Arc;

use crate::error::{ErrorType, Failure};
use crate::fetch::{Attempts, FetchContext, Fetched, guarded};
use crate::journal::{Journal, LaneLog};
use crate::lane::Plan;
use crate::orchestrator::{Orchestrator, Parts};
use crate::policy::{Deadline, TimeLimit};
use crate::request::AdRequest;
use crate::request::RequestValues;

impl Orchestrator {
    /// Gets the document of the plan's first source under all rules of a request: attempts, time, size, addresses,
    /// decoding. It is not read, no wrapper is followed and nothing is tracked.
    ///
    /// # Errors
    /// The [`Failure`] of the last attempt.
    pub async fn fetch(&self, plan: &Plan, request: &AdRequest) -> Result<Fetched, Failure> {
        let Parts { exchange, env, .. } = self.parts();
        let request = &*request.or(&self.parts().request);
        let Some(source) = plan.tiers.first().and_then(|tier| tier.sources.first()) else {
            return Err(Failure::new(ErrorType::Internal, "a plan without a source"));
        };
        let strategy = &plan.settings.strategy;
        let (limits, now) = (&strategy.limits, env.now());
        let deadline = Deadline::after(now, request.timeout.unwrap_or(limits.timeout), TimeLimit::Request);
        let deadline = deadline.cut(now, source.timeout.unwrap_or(limits.per_source()), TimeLimit::PerSource);
        let values = RequestValues::new(env, request, &plan.settings.identity);
        let (transaction_id, disclosure) = (values.transaction_id(), values.disclosure(&source.privacy, &source.name));
        let log = LaneLog::begin(&Arc::new(Journal::new(now)), 0);
        let attempts = Attempts { hop: 0, retry: &strategy.retry, limits, deadline, draws: values.draws(), log: &log };
        let transaction_id = &*transaction_id;
        let context = FetchContext {
            request,
            deadline,
            limits,
            allow_private: source.allow_private,
            exchange,
            values: &values,
            transaction_id,
            disclosure: &disclosure,
        };
        let fetched = deadline.within(guarded(&*source.source, attempts, context)).await;
        fetched.unwrap_or_else(|limit| Err(Failure::timeout(limit))).map(|(_, fetched)| fetched)
    }
}
