//! What a plan knows of its sources, and the ejection of a source by the host.

use tokio::time::Instant;

use super::{Arm, Plan, PlannedSource};
use crate::policy::{BreakerState, Latency};
use crate::stats::{PlanStats, SourceStats};

impl Plan {
    /// The latencies of the last responses of the source with this name, over all requests with this plan and with the older
    /// plans whose memory it took over.
    pub fn latency(&self, source: &str) -> Option<&Latency> {
        let mut sources = self.sources();
        sources.find(|planned| &*planned.name == source).map(|planned| &planned.memory.latency)
    }

    /// The numbers of the requests that this plan has run, of its sources and of its arms. A plan that was made
    /// [after](crate::Orchestrator::plan_after) an older one goes on with the numbers of the requests, with those of the
    /// sources whose memory it took over, and with those of the arms with the same name.
    pub fn stats(&self) -> PlanStats {
        let now = Instant::now();
        let of_source = |source: &PlannedSource| SourceStats {
            breaker: Some(source.memory.breaker(now)),
            ..source.memory.counters.snapshot(&source.name)
        };
        PlanStats {
            requests: self.all.counters.requests.snapshot(),
            sources: self.sources().map(of_source).collect(),
            arms: self.arms.iter().filter_map(Arm::stats).collect(),
        }
    }

    /// The state of the circuit breaker of the source with this name; `None` if the plan has no such source.
    pub fn breaker(&self, source: &str) -> Option<BreakerState> {
        let planned = self.sources().find(|planned| &*planned.name == source);
        planned.map(|planned| planned.memory.breaker(Instant::now()))
    }

    /// Ejects the source with this name: no request asks it until [`restore`](Self::restore), also if it is the only source. Its
    /// circuit breaker and its numbers stay as they are. A plan that is made [after](crate::Orchestrator::plan_after) this one and
    /// takes over the memory of the source ejects it too. Returns whether the plan has such a source.
    pub fn eject(&self, source: &str) -> bool {
        self.set_ejected(source, true)
    }

    /// Ends an [ejection](Self::eject). Returns whether the plan has such a source.
    pub fn restore(&self, source: &str) -> bool {
        self.set_ejected(source, false)
    }

    fn set_ejected(&self, source: &str, is_ejected: bool) -> bool {
        let planned = self.sources().find(|planned| &*planned.name == source);
        planned.inspect(|planned| planned.memory.set_ejected(is_ejected)).is_some()
    }

    /// Whether the source with this name is [ejected](Self::eject) by the host.
    pub fn is_ejected(&self, source: &str) -> bool {
        self.sources().any(|planned| &*planned.name == source && planned.memory.is_ejected())
    }

    /// The names of all sources, tier by tier.
    pub fn source_names(&self) -> impl Iterator<Item = &str> {
        self.sources().map(|source| &*source.name)
    }
}
