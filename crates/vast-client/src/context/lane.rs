//! The context of a lane: the values that do not change while the lane runs.

use std::sync::Arc;

use super::budget::{LaneBudget, MAX_REPORTS};
use super::request::{RequestContext, Settings};
use crate::error::Failure;
use crate::journal::{Fact, Journal, LaneLog};
use crate::policy::{Deadline, TimeLimits};
use crate::request::{AdRequest, Privacy, RequestValues, SourceTree};
use crate::transport::{AddressRule, ExchangeObserver, HttpClient, Origin, RedirectStep};

/// The values and limits that one source of a request uses: the documents of its tree share them.
///
/// To test your own [`Source`](crate::fetch::Source) without a request, create a context with
/// [`VastClient::lane_context`](crate::VastClient::lane_context).
pub struct LaneContext {
    request: Arc<RequestContext>,
    tree: Arc<SourceTree>,
    deadline: Deadline,
    log: LaneLog,
    /// Where error reports are recorded: with the lane of the source, also those of the breaks of its playlist.
    reports: ReportLog,
    budget: LaneBudget,
}

/// The journal and the lane that error reports are recorded with.
#[derive(Clone)]
struct ReportLog {
    journal: Arc<Journal>,
    lane: usize,
}

/// The settings of a lane's source.
pub(crate) struct LaneRules<'a> {
    /// The name of the source.
    pub(crate) source: &'a Arc<str>,
    /// The data about the viewer that the servers of the source's tree may receive.
    pub(crate) privacy: &'a Privacy,
    /// Whether the documents and trackers of the source's tree may have private addresses.
    pub(crate) allow_private: bool,
}

impl LaneContext {
    /// The context of a lane of `request` that writes to `log` and must end by `deadline`.
    pub(crate) fn new(request: &Arc<RequestContext>, rules: &LaneRules<'_>, log: LaneLog, deadline: Deadline) -> Self {
        let RequestContext { values, request: ad_request, settings, .. } = &**request;
        let LaneRules { source, privacy, allow_private } = *rules;
        let tree = SourceTree {
            source: Arc::clone(source),
            rule: AddressRule { named: None, allow_private },
            transaction_id: values.transaction_id(),
            disclosure: values.disclosure(&settings.identity, ad_request, privacy, source),
        };
        let reports = ReportLog { journal: Arc::clone(&request.journal), lane: log.lane() };
        let budget = request.budget.lane();
        Self { request: Arc::clone(request), tree: Arc::new(tree), deadline, log, reports, budget }
    }

    /// The context of a break of this lane's playlist. The tree of the break has the same source, addresses and values; the
    /// exchanges and bytes are those of this lane.
    pub(crate) fn of_break(&self, request: &Arc<RequestContext>, log: LaneLog, deadline: Deadline) -> Self {
        let (request, tree) = (Arc::clone(request), Arc::clone(&self.tree));
        Self { request, tree, deadline, log, reports: self.reports.clone(), budget: self.budget.of_break() }
    }

    /// Records an error report, unless the source has had too many; returns how many there were before it.
    pub(crate) fn report(&self, fact: Fact) -> u32 {
        let before = self.budget.take_report();
        if before < MAX_REPORTS {
            self.reports.journal.record(self.reports.lane, fact);
        }
        before
    }

    /// Sets the origin that the operator named. Only this origin of the tree may have a private address.
    pub(crate) fn set_origin(&mut self, origin: Option<Origin>) {
        Arc::make_mut(&mut self.tree).rule.named = origin;
    }

    /// The number of the next wrapper document, from 1.
    ///
    /// # Errors
    /// A [`Failure`] when there were too many.
    pub(crate) fn next_document(&self) -> Result<u32, Failure> {
        self.budget.next_document(&self.request.budget)
    }

    /// Checks that the lane has time left.
    ///
    /// # Errors
    /// A [`Failure`] that names the limit if the deadline has passed.
    pub(crate) fn check_time(&self) -> Result<(), Failure> {
        if self.deadline.remaining(self.log.now()).is_zero() {
            return Err(Failure::timeout(self.deadline.limit()));
        }
        Ok(())
    }

    /// The observer of the exchanges for one document.
    pub(crate) fn exchanges(&self, hop: u32) -> DocumentExchanges<'_> {
        DocumentExchanges { lane: self, hop }
    }

    /// Counts `more` bytes that the document `hop` needs in memory.
    ///
    /// # Errors
    /// A [`Failure`] when there were too many.
    pub(crate) fn take_bytes(&self, hop: u32, more: usize) -> Result<(), Failure> {
        self.budget.take_bytes(&self.request.budget, more as u64, hop == 0)
    }

    /// Call this when the source's own document has arrived.
    pub(crate) fn own_arrived(&self) {
        self.budget.free_share(&self.request.budget);
    }

    pub(crate) fn of_request(&self) -> &RequestContext {
        &self.request
    }

    pub(crate) fn request(&self) -> &AdRequest {
        &self.request.request
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.request.settings
    }

    pub(crate) fn limits(&self) -> &TimeLimits {
        &self.request.settings.strategy.limits
    }

    pub(crate) fn http(&self) -> &HttpClient {
        &self.request.http
    }

    pub(crate) fn values(&self) -> &RequestValues {
        &self.request.values
    }

    pub(crate) fn tree(&self) -> &Arc<SourceTree> {
        &self.tree
    }

    pub(crate) fn deadline(&self) -> Deadline {
        self.deadline
    }

    pub(crate) fn log(&self) -> &LaneLog {
        &self.log
    }
}

impl Drop for LaneContext {
    fn drop(&mut self) {
        self.budget.free_share(&self.request.budget);
    }
}

/// The exchanges for one document of a lane: they are counted, and redirects are recorded.
pub(crate) struct DocumentExchanges<'a> {
    lane: &'a LaneContext,
    hop: u32,
}

impl ExchangeObserver for DocumentExchanges<'_> {
    fn take_exchange(&self) -> Result<(), Failure> {
        self.lane.budget.take_exchange(&self.lane.request.budget)
    }

    fn take_bytes(&self, more: u64) -> Result<(), Failure> {
        self.lane.budget.take_bytes(&self.lane.request.budget, more, self.hop == 0)
    }

    fn recorded_url(&self, url: &str) -> Arc<str> {
        self.lane.request.budget.recorded_url(url)
    }

    fn redirected(&self, step: &RedirectStep) {
        self.lane.log.record(Fact::Redirected { hop: self.hop, step: step.clone() });
    }
}

impl std::fmt::Debug for LaneContext {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LaneContext").field("source", &self.tree.source).finish_non_exhaustive()
    }
}
