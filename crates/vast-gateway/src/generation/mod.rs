//! A configuration that was checked and compiled. A reload makes a new one; requests in flight keep theirs.

mod keys;
mod placement;
mod relay_settings;
mod tenant;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use vast_client::Orchestrator;

use crate::config::{GatewayConfig, GatewayConfigError, ListenAddress, ServerConfig, TelemetryConfig};
pub(crate) use keys::KeyRing;
pub(crate) use placement::Placement;
pub(crate) use relay_settings::RelaySettings;
pub(crate) use tenant::{PermittedOrigins, Tenant};

/// A configuration that was checked and compiled.
pub(crate) struct Generation {
    /// Counts from 1.
    pub(crate) number: usize,
    pub(crate) server: ServerConfig,
    /// The collector of this configuration. That of the start is in use.
    pub(crate) telemetry: Option<TelemetryConfig>,
    /// The keys of the admin port.
    pub(crate) admin_keys: KeyRing,
    /// The keys of all tenants, for routes without a placement.
    tenants: BTreeMap<String, Arc<Tenant>>,
    placements: BTreeMap<String, Arc<Placement>>,
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
        config.check()?;
        let address =
            address.or_else(|| older?.address).or_else(|| config.server.listen.iter().find_map(ListenAddress::tcp));
        let relay = RelaySettings::compile(config, address)?;
        let mut tenants = BTreeMap::new();
        for (name, tenant) in &config.tenants {
            let usage = older.and_then(|older| older.tenants.get(name));
            tenants.insert(name.clone(), Arc::new(Tenant::compile(name, tenant, usage.map(|tenant| &**tenant))));
        }
        let mut placements = BTreeMap::new();
        for (name, placement) in &config.placements {
            let older = older.and_then(|older| older.placements.get(name));
            let compiled =
                Placement::compile(name, placement, &tenants, orchestrator, older.map(|placement| &**placement))?;
            placements.insert(name.clone(), Arc::new(compiled));
        }
        Ok(Self {
            number: older.map_or(1, |older| older.number + 1),
            server: config.server.clone(),
            telemetry: config.telemetry.clone(),
            admin_keys: KeyRing::new(&config.server.admin_keys),
            tenants,
            placements,
            relay,
            address,
        })
    }

    /// The placement with this name.
    pub(crate) fn placement(&self, name: &str) -> Option<&Arc<Placement>> {
        self.placements.get(name)
    }

    /// All placements by name.
    pub(crate) fn placements(&self) -> impl Iterator<Item = &Placement> {
        self.placements.values().map(|placement| &**placement)
    }

    /// The tenant with this key.
    pub(crate) fn tenant_of_key(&self, key: &str) -> Option<&Arc<Tenant>> {
        self.tenants.values().find(|tenant| tenant.keys.name_of(key).is_some())
    }
}
