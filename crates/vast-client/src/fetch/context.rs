//! The context of an attempt, and its input and output.

use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

use http::HeaderMap;

use crate::context::LaneContext;
use crate::error::{ErrorType, Failure};
use crate::policy::Deadline;
use crate::request::AdRequest;
use crate::transport::{AddressRule, ExchangeObserver, Fetched, GetRequest, Target, Transport};

/// The context that a source gets for an attempt.
#[derive(Debug, Clone, Copy)]
pub struct FetchContext<'a> {
    lane: &'a LaneContext,
    /// The number of the document in its tree; 0 is the source's own.
    hop: u32,
    /// The attempt at the document, from 1.
    attempt: u32,
    deadline: Deadline,
}

impl<'a> FetchContext<'a> {
    /// The context of an attempt that may take as long as the lane.
    pub fn new(lane: &'a LaneContext) -> Self {
        Self { lane, hop: 0, attempt: 1, deadline: lane.deadline() }
    }

    /// The same context for this attempt at the document of this number, with this deadline.
    pub(super) fn of(self, hop: u32, attempt: u32, deadline: Deadline) -> Self {
        Self { hop, attempt, deadline, ..self }
    }

    /// The viewer and the slot for which the ad is requested.
    pub fn request(&self) -> &'a AdRequest {
        self.lane.ad_request()
    }

    /// The lane.
    pub(super) fn lane(&self) -> &'a LaneContext {
        self.lane
    }

    /// The attempt, from 1.
    pub(super) fn attempt(&self) -> u32 {
        self.attempt
    }

    /// The deadline of the attempt.
    pub fn deadline(&self) -> Deadline {
        self.deadline
    }

    /// Fills all macros into `template`, which the operator wrote.
    pub fn expand<'t>(&self, template: &'t str) -> Cow<'t, str> {
        let tree = self.lane.tree();
        let now = self.lane.log().began();
        self.lane.values().expand_own_tag(template, now, &tree.transaction_id, &tree.disclosure)
    }

    /// Requests the target of `prepared` over HTTP, under the rules of all requests. `origin_headers` are sent to the
    /// origin of the target only. If `transport` is given, it is used for that origin.
    ///
    /// # Errors
    /// The [`Failure`] of the exchange: time, status, addresses, size, decoding. `internal` if `prepared` has no
    /// target.
    pub async fn get(
        &self,
        prepared: &Prepared,
        origin_headers: &HeaderMap,
        transport: Option<&Arc<dyn Transport>>,
    ) -> Result<Fetched, Failure> {
        let Some(target) = &prepared.target else {
            return Err(Failure::new(ErrorType::Internal, "a source that asks by HTTP without a target"));
        };
        let of_tree = &self.lane.tree().rule;
        // The tree is named after the prepared URL. A source may request another URL.
        let is_named = of_tree.named.as_ref() == Some(target.origin());
        let own = (!is_named).then(|| {
            Box::new(AddressRule { named: Some(target.origin().clone()), allow_private: of_tree.allow_private })
        });
        let observer = self.lane.exchanges(self.hop, self.attempt);
        let rule = own.as_deref().unwrap_or(of_tree);
        let request = GetRequest { origin_headers, transport, ..self.request_for(target, rule, &observer) };
        self.lane.http().get(&request).await.map(Fetched::from)
    }

    /// Requests a document that a wrapper names, under the address rule of the tree. The headers of the source are not
    /// sent, because they belong to its own request only.
    pub(crate) async fn get_hop(&self, target: &Target) -> Result<Fetched, Failure> {
        let observer = self.lane.exchanges(self.hop, self.attempt);
        let request = self.request_for(target, &self.lane.tree().rule, &observer);
        self.lane.http().get(&request).await.map(Fetched::from)
    }

    /// The request for `target` without headers or a transport of the source.
    fn request_for<'r>(
        &'r self,
        target: &'r Target,
        rule: &'r AddressRule,
        observer: &'r dyn ExchangeObserver,
    ) -> GetRequest<'r> {
        static NO_HEADERS: LazyLock<HeaderMap> = LazyLock::new(HeaderMap::new);
        let limits = self.lane.limits();
        GetRequest {
            target,
            rule,
            origin_headers: &NO_HEADERS,
            headers: self.lane.tree().disclosure.sent_headers(),
            deadline: self.deadline,
            // The lane of a source ends at its deadline with the same failure as the exchange would. A document below a wrapper
            // has to be reported.
            is_ended_by_caller: self.hop == 0
                && self.lane.is_timed_by_caller()
                && self.deadline == self.lane.deadline(),
            connect_timeout: limits.connect_timeout,
            idle_timeout: limits.idle_timeout,
            max_redirects: self.lane.settings().strategy.cost.max_redirects,
            observer,
            transport: None,
        }
    }
}

/// The URL that an attempt requests.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// The URL, path or label.
    pub url: Arc<str>,
    /// The parsed URL of an HTTP source. Its origin may have a private address, because the operator named it; no other
    /// origin may.
    pub target: Option<Target>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::room_of_future;

    #[test]
    fn a_fetch_takes_little_room() {
        type Asked = (&'static FetchContext<'static>, &'static Prepared, &'static HeaderMap);
        let fetch = |(context, prepared, headers): Asked| context.get(prepared, headers, None);
        assert!(room_of_future(fetch) <= 1_000, "{}", room_of_future(fetch));
    }
}
