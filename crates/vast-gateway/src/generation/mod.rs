//! A configuration that was checked and compiled. A reload makes a new one; requests in flight keep theirs.

mod keys;
mod operator_rules;
mod placement;
mod relay_settings;
mod tenant;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::SystemTime;

use vast_client::Orchestrator;

use crate::config::{GatewayConfig, GatewayConfigError, ListenAddress, ServerConfig};
use crate::counters::{AnswerSum, RemovedPlacements};
pub(crate) use keys::KeyRing;
pub(crate) use operator_rules::{BlockKind, BlockRule, OperatorMark, OperatorRules, PlacedSource};
pub(crate) use placement::Placement;
use placement::PlacementParts;
pub(crate) use relay_settings::RelaySettings;
pub(crate) use tenant::{PermittedOrigins, Tenant};

/// A configuration that was checked and compiled.
pub(crate) struct Generation {
    /// Counts from 1.
    pub(crate) number: usize,
    pub(crate) server: ServerConfig,
    /// The configuration that it was compiled from.
    config: Arc<GatewayConfig>,
    /// Since when it is in use.
    pub(crate) since: SystemTime,
    /// What operators have changed. A reload keeps it.
    pub(crate) rules: OperatorRules,
    /// The keys of the admin port.
    pub(crate) admin_keys: KeyRing,
    /// The keys of all tenants, for routes without a placement.
    tenants: BTreeMap<String, Arc<Tenant>>,
    placements: BTreeMap<String, Arc<Placement>>,
    removed: Arc<RemovedPlacements>,
    /// How events are sealed; `None` without a secret.
    pub(crate) relay: Option<RelaySettings>,
    /// The address of the public port.
    address: Option<SocketAddr>,
}

impl Generation {
    /// Checks and compiles `config`. `address` is that of the public port, if it is open. Placements and tenants with the same name as in `older` keep their numbers and what is known of
    /// their sources.
    ///
    /// # Errors
    /// The first setting that is wrong. Nothing was changed then.
    pub(crate) fn compile(
        config: &GatewayConfig,
        orchestrator: &Orchestrator,
        older: Option<&Self>,
        address: Option<SocketAddr>,
    ) -> Result<Self, GatewayConfigError> {
        let rules = older.map(|older| older.rules.clone()).unwrap_or_default();
        Self::compile_with(Arc::new(config.clone()), orchestrator, older, address, rules)
    }

    /// The same configuration with other rules of operators.
    ///
    /// # Errors
    /// The rule that is wrong. Nothing was changed then.
    pub(crate) fn with_rules(
        &self,
        rules: OperatorRules,
        orchestrator: &Orchestrator,
    ) -> Result<Self, GatewayConfigError> {
        Self::compile_with(Arc::clone(&self.config), orchestrator, Some(self), None, rules)
    }

    fn compile_with(
        config: Arc<GatewayConfig>,
        orchestrator: &Orchestrator,
        older: Option<&Self>,
        address: Option<SocketAddr>,
        rules: OperatorRules,
    ) -> Result<Self, GatewayConfigError> {
        config.check()?;
        let address =
            address.or_else(|| older?.address).or_else(|| config.server.listen.iter().find_map(ListenAddress::tcp));
        let relay = RelaySettings::compile(&config, address)?;
        let mut tenants = BTreeMap::new();
        for (name, tenant) in &config.tenants {
            let usage = older.and_then(|older| older.tenants.get(name));
            tenants.insert(name.clone(), Arc::new(Tenant::compile(name, tenant, usage.map(|tenant| &**tenant))));
        }
        let removed = older.map(|older| Arc::clone(&older.removed)).unwrap_or_default();
        let mut placements = BTreeMap::new();
        for (name, placement) in &config.placements {
            let older = older.and_then(|older| older.placements.get(name));
            let parts = PlacementParts { tenants: &tenants, orchestrator, rules: &rules, removed: &removed };
            let compiled = Placement::compile(name, placement, parts, older.map(|placement| &**placement))?;
            placements.insert(name.clone(), Arc::new(compiled));
        }
        // Sources have their memory in common with those of the older configuration, so this comes when nothing can fail any more.
        placements.values().for_each(|placement: &Arc<Placement>| placement.eject_by(&rules));
        Ok(Self {
            number: older.map_or(1, |older| older.number + 1),
            server: config.server.clone(),
            admin_keys: KeyRing::new(&config.server.admin_keys),
            config,
            since: SystemTime::UNIX_EPOCH,
            rules,
            tenants,
            placements,
            removed,
            relay,
            address,
        })
    }

    /// The configuration that it was compiled from, without the rules of operators.
    pub(crate) fn config(&self) -> &GatewayConfig {
        &self.config
    }

    /// The placement with this name.
    pub(crate) fn placement(&self, name: &str) -> Option<&Arc<Placement>> {
        self.placements.get(name)
    }

    /// The placement with this name and a plan that shares nothing with the one in use, for a test; `None` if there is none.
    pub(crate) fn for_test(
        &self,
        name: &str,
        orchestrator: &Orchestrator,
    ) -> Option<Result<Placement, GatewayConfigError>> {
        let parts = PlacementParts { tenants: &self.tenants, orchestrator, rules: &self.rules, removed: &self.removed };
        let compiled = Placement::compile(name, self.config.placements.get(name)?, parts, None);
        Some(compiled.inspect(|placement| placement.eject_by(&self.rules)))
    }

    /// All placements by name.
    pub(crate) fn placements(&self) -> impl Iterator<Item = &Placement> {
        self.placements.values().map(|placement| &**placement)
    }

    /// The answers of all placements, also of those that a reload has removed.
    pub(crate) fn answers(&self) -> AnswerSum {
        let mut sum = self.removed.answers();
        self.placements().for_each(|placement| sum += placement.counters.answers());
        sum
    }

    /// The tenant with this key.
    pub(crate) fn tenant_of_key(&self, key: &str) -> Option<&Arc<Tenant>> {
        self.tenants.values().find(|tenant| tenant.keys.name_of(key).is_some())
    }
}
