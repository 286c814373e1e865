//! What a source may use for an attempt.

use std::borrow::Cow;
use std::sync::Arc;

use http::HeaderMap;

use super::source::{Fetched, Prepared};
use crate::context::LaneContext;
use crate::error::{ErrorType, Failure};
use crate::policy::Deadline;
use crate::request::AdRequest;
use crate::transport::{AddressRule, GetRequest, GetResponse, Target, Transport};

/// What a source may use for an attempt.
#[derive(Debug, Clone, Copy)]
pub struct FetchContext<'a> {
    lane: &'a LaneContext,
    deadline: Deadline,
}

impl<'a> FetchContext<'a> {
    /// The context of an attempt that may take as long as the lane.
    pub fn new(lane: &'a LaneContext) -> Self {
        Self { lane, deadline: lane.deadline() }
    }

    /// The same context with this deadline.
    pub(super) fn until(self, deadline: Deadline) -> Self {
        Self { deadline, ..self }
    }

    /// For whom and for what the ad is asked.
    pub fn request(&self) -> &'a AdRequest {
        self.lane.request()
    }

    /// When the attempt is over.
    pub fn deadline(&self) -> Deadline {
        self.deadline
    }

    /// `template`, which the operator wrote, with all macros filled in.
    pub fn expand<'t>(&self, template: &'t str) -> Cow<'t, str> {
        let tree = self.lane.tree();
        self.lane.values().expand_own_tag(template, &tree.transaction_id, &tree.disclosure)
    }

    /// Asks the target of `prepared` by HTTP, under the rules that hold for all requests: `origin_headers` go to its origin
    /// only, through `transport` where one is given.
    ///
    /// # Errors
    /// The [`Failure`] of the exchange: time, status, addresses, size, decoding. `internal` when there is no target.
    pub async fn get(
        &self,
        prepared: &Prepared,
        origin_headers: &HeaderMap,
        transport: Option<&Arc<dyn Transport>>,
    ) -> Result<Fetched, Failure> {
        let Some(target) = &prepared.target else {
            return Err(Failure::new(ErrorType::Internal, "a source that asks by HTTP without a target"));
        };
        let allow_private = self.lane.tree().rule.allow_private;
        let rule = AddressRule { named: Some(target.origin().clone()), allow_private };
        self.get_within(target, &rule, origin_headers, transport).await
    }

    /// Asks for a document that a wrapper names, under the rule of the tree. A source's own headers never leave its own
    /// request.
    pub(crate) async fn get_hop(&self, target: &Target) -> Result<Fetched, Failure> {
        self.get_within(target, &self.lane.tree().rule, &HeaderMap::new(), None).await
    }

    async fn get_within(
        &self,
        target: &Target,
        rule: &AddressRule,
        origin_headers: &HeaderMap,
        transport: Option<&Arc<dyn Transport>>,
    ) -> Result<Fetched, Failure> {
        let limits = self.lane.limits();
        let answer = self.lane.http().get(GetRequest {
            target,
            rule,
            origin_headers,
            headers: &self.lane.tree().disclosure.headers,
            deadline: self.deadline,
            connect_timeout: limits.connect_timeout,
            idle_timeout: limits.idle_timeout,
            transport,
        });
        answer.await.map(Fetched::from)
    }
}

impl From<GetResponse> for Fetched {
    fn from(answer: GetResponse) -> Self {
        let GetResponse { status, target, charset, body, wire_bytes, .. } = answer;
        Self { body, charset, status: Some(status), wire_bytes, base: Some(target) }
    }
}
