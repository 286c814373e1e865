//! The configuration: plain data with defaults, which a host program builds or a TOML file gives.

mod check;
mod cluster;
mod file;
mod listen_address;
mod listing;
mod placement_table;
mod secret;
mod secret_table;
mod server;
mod telemetry;
mod value;

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vast_client::xml::Version;
use vast_client::{ClientConfig, ConfigError, FetchConfig, SourceConfig};

pub use cluster::ClusterConfig;
pub use file::{LoadedFile, configuration_schema};
pub use listen_address::ListenAddress;
pub(crate) use listing::{ChangedSetting, SettingRows, changes, settings};
pub(crate) use secret::hash_of;
pub use secret::{AccessKey, SecretText, TokenSecret};
pub use server::{AddressOrigin, DrainLimits, OnShed, ServerConfig, TlsFiles};
pub use telemetry::{TelemetryConfig, TelemetrySignal};
use value::KeyTable;

/// The tables of the file.
const SERVER: &str = "server";
const TENANT: &str = "tenant";
const PLACEMENT: &str = "placement";
const SECRET: &str = "secret";
const OUTBOX: &str = "outbox";
pub(crate) const TELEMETRY: &str = "telemetry";
const CLUSTER: &str = "cluster";

/// The configuration of a gateway. A program that has no file makes each placement of the configuration of a client:
///
/// ```
/// use vast_client::{ClientConfig, FetchConfig};
/// use vast_gateway::config::{GatewayConfig, PlacementConfig};
///
/// let fetch = FetchConfig::new(["https://ads.example/vast?g=[genre]"]);
/// let mut placement = PlacementConfig::from(ClientConfig::from(fetch));
/// placement.accept = vec!["genre".to_owned()];
/// let mut config = GatewayConfig::default();
/// config.placements.insert("preroll".to_owned(), placement);
/// assert!(vast_gateway::check_config(&config).is_ok());
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct GatewayConfig {
    /// The sockets and the limits of the server.
    pub server: ServerConfig,
    /// The tenants by name. Each has keys, and limits that its placements share.
    pub tenants: BTreeMap<String, TenantConfig>,
    /// The secrets that seal the trackers of answers. The first seals, all open. Default: none, so trackers stay as they are.
    pub secrets: Vec<TokenSecret>,
    /// The file of the outbox. It is opened at the start; a later change has no effect. Default: the outbox is in memory, and a crash
    /// loses the beacons that wait.
    pub outbox: Option<PathBuf>,
    /// The collector that gets traces, metrics and logs. It is read at the start; a later change has no effect. Default: none.
    pub telemetry: Option<TelemetryConfig>,
    /// The NATS servers over which several gateways share the beacons that wait. Read at the start; a later change has no effect. The
    /// outbox on disk then takes the beacons while NATS does not. Default: none.
    pub cluster: Option<ClusterConfig>,
    /// The placements by name. The name is part of the ad tag: `/v1/NAME/vast`.
    pub placements: BTreeMap<String, PlacementConfig>,
}

impl GatewayConfig {
    /// One placement `default` with these sources, open to everybody, on 127.0.0.1:8080.
    pub fn of_sources<S: Into<SourceConfig>>(sources: impl IntoIterator<Item = S>) -> Self {
        let placement = PlacementConfig::from(ClientConfig::from(FetchConfig::new(sources)));
        Self { placements: BTreeMap::from([("default".to_owned(), placement)]), ..Self::default() }
    }
}

/// A tenant: keys, and limits that its placements share.
#[derive(Debug, Clone, Default, PartialEq, JsonSchema)]
#[non_exhaustive]
#[schemars(deny_unknown_fields, rename = "tenant")]
pub struct TenantConfig {
    /// The keys of its callers. Default: none.
    #[schemars(with = "Vec<KeyTable>")]
    pub keys: Vec<AccessKey>,
    /// The largest number of requests per second. Default: no limit.
    pub rate: Option<f64>,
    /// The number of requests at once. It needs `rate`. Default: twice the rate.
    pub burst: Option<f64>,
    /// The largest number of requests in flight. Default: no limit.
    pub max_in_flight: Option<usize>,
    /// The origins whose pages may read the answers (CORS), for example `https://player.example`. Default: all.
    pub origins: Option<Vec<String>>,
}

/// A placement: its sources with their rules, and what its callers may say.
#[derive(Debug, Clone, PartialEq, JsonSchema)]
#[non_exhaustive]
#[schemars(deny_unknown_fields, rename = "placement")]
pub struct PlacementConfig {
    /// The tenant: whose keys open the placement, and whose limits hold. Default: none, so `access` must be `open`.
    pub tenant: Option<String>,
    /// Who may ask: `open`, everybody; `key`, callers with a key of the tenant; `signed`, also callers of a tag that is signed with a key of
    /// the tenant. Default: `open`.
    pub access: Access,
    /// The parameters that the signature of a signed tag covers. Those about the device are believed then. Default: none.
    pub signed: Vec<String>,
    /// Who calls the trackers: `player`; `inject`, the player, and the gateway counts the main events; `relay`, the gateway when the player
    /// reports an event; `timeline`, the gateway when a server reports it. All but `player` need
    /// a `[[secret]]`. Default: `player`.
    pub track: TrackedBy,
    /// The version of the documents: `as_read`, that of the ad server's document, or 2.0, 3.0, 4.0, 4.1, 4.2 or 4.3. Default: `as_read`.
    #[schemars(with = "String")]
    pub version: Option<Version>,
    /// The names of the macros that callers may set (`m.NAME`). They are filled into the tags of the sources only. Default: none.
    pub accept: Vec<String>,
    /// The viewer whom the trackers see when the gateway calls them: `request`, the device that reports the event; `token`, the device of
    /// the ad request. Default: `request`; a timeline always has `token`.
    pub identity: BeaconIdentity,
    /// The answer without an ad: `empty`, status 200 with an empty VAST; `204`, status 204 without a body. Default: `empty`.
    pub no_ad: NoAdAnswer,
    /// A URL that the player makes the gateway call for an answer without an ad, as a sealed `<Error>` of the document; `[ERRORCODE]`
    /// in it becomes 303. It needs a `[[secret]]`. Default: none.
    pub no_ad_url: Option<String>,
    /// The sources, their rules, and the default values of requests.
    #[schemars(skip)]
    pub client: ClientConfig,
}

impl From<ClientConfig> for PlacementConfig {
    fn from(client: ClientConfig) -> Self {
        Self {
            tenant: None,
            access: Access::default(),
            signed: Vec::new(),
            track: TrackedBy::default(),
            version: None,
            accept: Vec::new(),
            identity: BeaconIdentity::default(),
            no_ad: NoAdAnswer::default(),
            no_ad_url: None,
            client,
        }
    }
}

/// Who may ask a placement.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// Everybody.
    #[default]
    Open,
    /// Callers with a key of the tenant.
    Key,
    /// Callers with a key of the tenant, and tags that are signed with one.
    Signed,
}

/// Who calls the trackers of an ad.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TrackedBy {
    /// The player: the URLs stay as they are.
    #[default]
    Player,
    /// The player. Impression, error, start, the quartiles and complete have one more URL, which the gateway counts.
    Inject,
    /// The gateway: the player calls one URL of the gateway for each event, and the gateway calls the trackers.
    Relay,
    /// The gateway, after the report of a server that plays the ads for its viewers: `ads.json` has a token for each event. In other
    /// documents the URLs stay as they are.
    Timeline,
}

impl TrackedBy {
    /// Whether the gateway calls trackers.
    pub(crate) fn needs_outbox(self) -> bool {
        matches!(self, Self::Relay | Self::Timeline)
    }
}

/// The viewer whom the trackers see when the gateway calls them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BeaconIdentity {
    /// The device that reports the event: its address and its user agent.
    #[default]
    Request,
    /// The device of the ad request. It is sealed in the URL. A timeline always has this.
    Token,
}

/// The answer without an ad.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum NoAdAnswer {
    /// Status 200 with an empty VAST.
    #[default]
    #[serde(rename = "empty")]
    Empty,
    /// Status 204 without a body. Many players take it for a failure of the request.
    #[serde(rename = "204")]
    NoContent,
}

/// A wrong configuration of a gateway: the table, and the setting in it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct GatewayConfigError {
    /// The table, for example `placement.preroll`; `None` for the file as a whole.
    pub table: Option<String>,
    /// The setting in the table, and what would be right.
    pub error: ConfigError,
}

impl GatewayConfigError {
    /// An error about `error` in `table`.
    pub(crate) fn of_table(table: impl Into<String>, error: ConfigError) -> Self {
        Self { table: Some(table.into()), error }
    }

    /// An error about the key `key` of `table` that is not one of a client's configuration.
    pub(crate) fn of_key(table: &str, key: &str, problem: impl Into<String>) -> Self {
        Self::of_table(format!("{table}.{key}"), ConfigError::general(problem))
    }
}

impl std::fmt::Display for GatewayConfigError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ConfigError { path, line, problem, .. } = &self.error;
        let parts = [self.table.clone().unwrap_or_default(), path.to_string()];
        let place: Vec<&str> = parts.iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
        let place = place.join(".");
        match (line, place.is_empty()) {
            (Some(line), true) => write!(f, "line {line}: {problem}"),
            (Some(line), false) => write!(f, "line {line}, `{place}`: {problem}"),
            (None, true) => f.write_str(problem),
            (None, false) => write!(f, "{place}: {problem}"),
        }
    }
}

impl std::error::Error for GatewayConfigError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_proxies_need_a_restart_where_they_begin_connections() {
        let server = |proxy_protocol: bool, proxy: &str| ServerConfig {
            proxy_protocol,
            trusted_proxies: vec![proxy.parse().expect("a network")],
            ..ServerConfig::default()
        };
        let (one, other) = ("10.0.0.0/8", "192.0.2.0/24");
        for (started, newer, expected) in [
            (server(true, one), server(true, one), &[][..]),
            (server(true, one), server(true, other), &["trusted_proxies"]),
            (server(false, one), server(false, other), &[]),
            (server(false, one), server(true, other), &["proxy_protocol"]),
        ] {
            assert_eq!(started.changes_at_restart(&newer), expected, "{started:?} {newer:?}");
        }
    }
}
