//! What all requests share: the client, the configuration in use, the numbers.

use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use tokio::time::Instant;
use vast_client::VastClient;
use vast_client::env::Env;

use crate::cluster::{ClusterCounts, GatewayOutbox};
use crate::config::{GatewayConfig, GatewayConfigError};
use crate::counters::ServerCounters;
use crate::fleet::Fleet;
use crate::generation::{Generation, OperatorRules};
use crate::recent::RecentRequests;
use crate::serve::{AdmissionControl, ServeCounts, StopSignal};
use crate::telemetry::Telemetry;
use crate::token::HitLimits;

/// How long a refusal of the outbox counts. A load balancer sends no reports to a gateway that is not ready, so no report could show
/// that the outbox works again.
const REFUSAL_COUNTS: Duration = Duration::from_secs(10);

/// What all requests share.
pub(crate) struct GatewayState {
    /// Its own plan has the limits of `/v1/unwrap` and `/v1/check`. Its other parts are shared by the plans of all placements.
    pub(crate) client: VastClient,
    pub(crate) env: Env,
    pub(crate) admission: Arc<AdmissionControl>,
    pub(crate) counters: Arc<ServerCounters>,
    /// The connections of the public port.
    pub(crate) connections: Arc<ServeCounts>,
    /// Stops the public port.
    pub(crate) stop: StopSignal,
    /// What the collector gets; `None` without one.
    pub(crate) telemetry: Option<Telemetry>,
    /// How much the tokens of each session were used.
    pub(crate) hit_limits: HitLimits,
    /// The newest requests, for the dashboard.
    pub(crate) recent: RecentRequests,
    /// The gateways of the cluster.
    pub(crate) fleet: Fleet,
    /// The outbox of the gateway, when it is open.
    outbox: OnceLock<Arc<GatewayOutbox>>,
    /// When the outbox refused a beacon, if it has taken none since.
    outbox_refused: Mutex<Option<Instant>>,
    /// The configuration at the start. Its sockets, limits of connections, outbox, collector and cluster are in use until the end.
    started: GatewayConfig,
    generation: RwLock<Arc<Generation>>,
    /// Held while a newer configuration is made of the one in use, so that no change is lost.
    changes: Mutex<()>,
    /// Why the newest configuration is not in use.
    config_problem: Mutex<Option<String>>,
}

impl GatewayState {
    pub(crate) fn new(
        client: VastClient,
        env: Env,
        connections: Arc<ServeCounts>,
        mut generation: Generation,
        telemetry: Option<Telemetry>,
    ) -> Arc<Self> {
        generation.since = env.wall();
        let fleet = Fleet::new(generation.config().cluster.as_ref(), env.seed(), env.wall());
        Arc::new(Self {
            client,
            fleet,
            env,
            admission: AdmissionControl::new(),
            counters: Arc::default(),
            connections,
            stop: StopSignal::default(),
            telemetry,
            hit_limits: HitLimits::default(),
            recent: RecentRequests::new(generation.server.keep_requests),
            outbox: OnceLock::new(),
            outbox_refused: Mutex::default(),
            started: generation.config().clone(),
            generation: RwLock::new(Arc::new(generation)),
            changes: Mutex::default(),
            config_problem: Mutex::default(),
        })
    }

    /// The configuration in use.
    pub(crate) fn generation(&self) -> Arc<Generation> {
        Arc::clone(&self.generation.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Uses `config` for the requests that come from now on. Requests in flight keep theirs.
    ///
    /// # Errors
    /// The first setting that is wrong; then nothing has changed.
    pub(crate) fn replace(&self, config: &GatewayConfig) -> Result<usize, GatewayConfigError> {
        let number = self.change(|older| Generation::compile(config, self.client.orchestrator(), Some(older), None))?;
        self.recent.set_most(self.generation().server.keep_requests);
        let waiting = self.needs_restart();
        if !waiting.is_empty() {
            tracing::warn!(keys = waiting.join(", "), "these settings have changed and need a restart");
        }
        Ok(number)
    }

    /// Uses other rules of operators for the requests that come from now on.
    ///
    /// # Errors
    /// The rule that is wrong; then nothing has changed.
    pub(crate) fn set_rules(&self, rules: impl FnOnce(&mut OperatorRules)) -> Result<usize, GatewayConfigError> {
        self.change(|older| {
            let mut newer = older.rules.clone();
            rules(&mut newer);
            older.with_rules(newer, self.client.orchestrator())
        })
    }

    fn change(
        &self,
        newer: impl FnOnce(&Generation) -> Result<Generation, GatewayConfigError>,
    ) -> Result<usize, GatewayConfigError> {
        let _one_at_a_time = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
        let mut newer = newer(&self.generation())?;
        newer.since = self.env.wall();
        let number = newer.number;
        *self.generation.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(newer);
        Ok(number)
    }

    /// What has changed since the start and needs a restart: keys of `[server]`, and the tables `[outbox]`, `[telemetry]` and `[cluster]`.
    pub(crate) fn needs_restart(&self) -> Vec<&'static str> {
        let (started, generation) = (&self.started, self.generation());
        let newer = generation.config();
        let tables = [
            ("[outbox]", started.outbox != newer.outbox),
            ("[telemetry]", started.telemetry != newer.telemetry),
            ("[cluster]", started.cluster != newer.cluster),
        ];
        let tables = tables.into_iter().filter(|(_, is_changed)| *is_changed).map(|(table, _)| table);
        started.server.changes_at_restart(&newer.server).into_iter().chain(tables).collect()
    }

    /// Remembers why the newest configuration is not in use; `None` if it is.
    pub(crate) fn set_config_problem(&self, problem: Option<String>) {
        *self.config_problem.lock().unwrap_or_else(PoisonError::into_inner) = problem;
    }

    pub(crate) fn config_problem(&self) -> Option<String> {
        self.config_problem.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Remembers the outbox, to show how well it works.
    pub(crate) fn use_outbox(&self, outbox: Arc<GatewayOutbox>) {
        drop(self.outbox.set(outbox));
    }

    /// What works worse than it should although the gateway is ready; `None` if nothing does.
    pub(crate) fn degraded(&self) -> Option<String> {
        self.outbox.get().and_then(|outbox| outbox.degraded())
    }

    /// What the outbox that gateways share has counted.
    pub(crate) fn cluster_counts(&self) -> ClusterCounts {
        self.outbox.get().map(|outbox| outbox.counts()).unwrap_or_default()
    }

    /// Remembers whether the outbox has taken the newest beacon.
    pub(crate) fn set_outbox_refused(&self, is_refused: bool) {
        let now = is_refused.then(Instant::now);
        *self.outbox_refused.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }

    /// Why the gateway is not ready; empty if it is.
    pub(crate) fn reasons_not_ready(&self) -> Vec<&'static str> {
        let is_draining = self.stop.is_draining();
        let sheds = self.admission.shed_share() >= 0.5;
        let refused = *self.outbox_refused.lock().unwrap_or_else(PoisonError::into_inner);
        let refuses = refused.is_some_and(|at| at.elapsed() < REFUSAL_COUNTS);
        let reasons = [
            (is_draining, "it is ending"),
            (sheds, "it sheds half of the requests or more"),
            (refuses, "its outbox refuses beacons"),
        ];
        reasons.into_iter().filter(|(holds, _)| *holds).map(|(_, reason)| reason).collect()
    }
}
