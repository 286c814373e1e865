//! What a plan knows of its sources, and the ejection of a source by the host.

use std::time::Duration;

use tokio::time::Instant;

use super::{Arm, Plan, PlannedSource};
use crate::policy::{BreakerState, Latency, OwnEjection};
use crate::stats::{PlanStats, SourceStats};

impl Plan {
    /// The latencies of the last responses of the source with this name, over all requests with this plan and with the older
    /// plans whose memory it took over.
    pub fn latency(&self, source: &str) -> Option<&Latency> {
        self.planned(source).map(|planned| &planned.memory.latency)
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
        self.planned(source).map(|planned| planned.memory.breaker(Instant::now()))
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
        self.planned(source).inspect(|planned| planned.memory.set_ejected(is_ejected)).is_some()
    }

    /// Whether the source with this name is [ejected](Self::eject) by the host.
    pub fn is_ejected(&self, source: &str) -> bool {
        self.sources().any(|planned| &*planned.name == source && planned.memory.is_ejected())
    }

    /// The ejection of the source with this name that the requests of this process have caused and that is not over. Other processes
    /// that ask the same source can [adopt](Self::adopt_ejection) it.
    pub fn own_ejection(&self, source: &str) -> Option<OwnEjection> {
        self.planned(source)?.memory.own_ejection(Instant::now())
    }

    /// The process whose ejection of the source with this name was adopted and still holds.
    pub fn adopted_from(&self, source: &str) -> Option<u64> {
        self.planned(source)?.memory.adopted_from()
    }

    /// Ejects the source with this name for the time `left`, because the requests of another process, `origin`, have ejected it. The
    /// circuit breaker is open then as if own requests had failed, but its ejections do not become longer. Afterwards one own request
    /// probes the source. The time is at most the longest one of the source's settings. Returns whether the source was not ejected for
    /// so long already; a source without a circuit breaker, or one that is being probed, stays as it is.
    pub fn adopt_ejection(&self, source: &str, origin: u64, left: Duration) -> bool {
        let planned = self.planned(source);
        planned.is_some_and(|planned| planned.memory.adopt_ejection(&planned.policy, origin, left, Instant::now()))
    }

    /// Ends an ejection that was [adopted](Self::adopt_ejection) from the process `origin`, because the source works for it again. An
    /// ejection by own requests stays. Returns whether there was one.
    pub fn lift_ejection(&self, source: &str, origin: u64) -> bool {
        let planned = self.planned(source);
        planned.is_some_and(|planned| planned.memory.lift_ejection(&planned.policy, origin, Instant::now()))
    }

    fn planned(&self, source: &str) -> Option<&PlannedSource> {
        self.sources().find(|planned| &*planned.name == source)
    }

    /// The names of all sources, tier by tier.
    pub fn source_names(&self) -> impl Iterator<Item = &str> {
        self.sources().map(|source| &*source.name)
    }
}
