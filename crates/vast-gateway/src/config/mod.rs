//! The configuration: plain data with defaults, which a host program builds or a TOML file gives.

mod check;
mod cluster;
mod file;
mod listen_address;
mod listing;
mod placement_table;
mod secret;
mod secret_table;
mod telemetry;
mod value;

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vast_client::transport::EgressProxy;
use vast_client::xml::Version;
use vast_client::{ClientConfig, ConfigError, FetchConfig, SourceConfig};

pub use cluster::ClusterConfig;
pub use file::{LoadedFile, configuration_schema};
pub use listen_address::ListenAddress;
pub(crate) use listing::{ChangedSetting, SettingRows, changes, settings};
pub(crate) use secret::hash_of;
pub use secret::{AccessKey, SecretText, TokenSecret};
pub use telemetry::{TelemetryConfig, TelemetrySignal};
use value::{AddressList, KeyTable};

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

/// The sockets and the limits of the server.
#[derive(Debug, Clone, PartialEq, JsonSchema)]
#[non_exhaustive]
#[schemars(deny_unknown_fields, rename = "server")]
pub struct ServerConfig {
    /// The addresses of the public port: an IP address with a port, or `unix:PATH`, a socket in the file system. Default: 127.0.0.1:8080.
    #[schemars(with = "AddressList")]
    pub listen: Vec<ListenAddress>,
    /// The URL of the gateway as players see it, for the URLs in documents. It is never taken from a request. Default: the first
    /// address of `listen`.
    pub public_url: Option<String>,
    /// How long the URL of an event in a document is valid, at most 24 hours. Default: 6 hours.
    #[schemars(with = "String")]
    pub beacon_ttl: Duration,
    /// Whether events that a program without a viewer reports are left out: its user agent is empty or says so. Default: no, they are
    /// counted and delivered.
    pub drop_robots: bool,
    /// The address of the admin port. It must be a loopback address unless there are `admin_keys`. Default: 127.0.0.1:9090.
    #[schemars(with = "String")]
    pub admin: SocketAddr,
    /// An address that answers `/healthz`, `/readyz` and `/metrics` only, without a key. Default: none.
    #[schemars(with = "String")]
    pub probes: Option<SocketAddr>,
    /// The keys of the admin port. With at least one, every route of it except the three of `probes` needs a key. Default: none.
    #[schemars(with = "Vec<KeyTable>")]
    pub admin_keys: Vec<AccessKey>,
    /// The proxies in front of the gateway. They are believed about `X-Forwarded-For` and the header that `device_ip_from` names.
    /// Default: none, so that nobody can choose the address that ad servers see.
    #[schemars(with = "Vec<String>")]
    pub trusted_proxies: Vec<IpNet>,
    /// Whether `trusted_proxies` begin each connection with a PROXY header (version 1 or 2), which names the address of the client.
    /// Default: no.
    pub proxy_protocol: bool,
    /// The certificate of the public port. Default: none, the port speaks HTTP without TLS.
    pub tls: Option<TlsFiles>,
    /// Servers that may state the device in parameters without a key. Default: none.
    #[schemars(with = "Vec<String>")]
    pub trusted_callers: Vec<IpNet>,
    /// Where the address of the device is taken from; the first that is known counts: `param` (the parameter `ip`, if it is believed), `xff`
    /// (`X-Forwarded-For` of trusted proxies), `forwarded` (`Forwarded` of trusted proxies, RFC 7239), `header:NAME` (this header of trusted
    /// proxies), `peer` (the other end of the connection). Default: `param`, `xff`, `peer`.
    #[schemars(with = "Vec<String>")]
    pub device_ip_from: Vec<AddressOrigin>,
    /// The largest number of open connections. A connection above it is closed at once. An idle connection takes about 20 kB. Default: 20,000.
    pub max_connections: usize,
    /// The largest number of requests in flight. A request above it is shed. Default: 4,000, which take about 160 MB.
    pub max_in_flight: usize,
    /// The largest number of requests per second and client address, with bursts of twice as many; an IPv6 client is its /64 network.
    /// Callers with a key are not limited.
    /// Default: no limit.
    pub rate_per_client: Option<f64>,
    /// How late the tasks of the process may run. Above it, a growing share of the requests is shed. Default: 50 ms.
    #[schemars(with = "String")]
    pub max_lag: Duration,
    /// The answer to a shed request: `empty`, status 200 with an empty VAST; `503`, status 503 with an empty VAST. Default: `empty`.
    pub on_shed: OnShed,
    /// The time for the head of a request, from its first byte, and for a PROXY header. Default: 2 s.
    #[schemars(with = "String")]
    pub header_timeout: Duration,
    /// The time for the body of a request. Default: 5 s.
    #[schemars(with = "String")]
    pub body_timeout: Duration,
    /// The time for which a client may not read an answer. Default: 10 s.
    #[schemars(with = "String")]
    pub write_timeout: Duration,
    /// The largest number of bytes of answers that are in memory because clients have not read them, of all connections. Above half of it,
    /// `write_timeout` gets shorter, and at the limit it is zero: the clients that have waited longest lose their connections. At least
    /// 1,000,000. Default: 268,435,456 (256 MiB).
    pub max_unread_bytes: usize,
    /// The time for which a connection may have no request. Default: 60 s.
    #[schemars(with = "String")]
    pub idle_timeout: Duration,
    /// The largest number of requests at the same time on one HTTP/2 connection. Default: 256.
    pub max_streams: u32,
    /// The part of the caller's time limit (`tmax`) that the gateway keeps to write the answer. Default: 30 ms.
    #[schemars(with = "String")]
    pub answer_reserve: Duration,
    /// The times of an orderly end.
    pub drain: DrainLimits,
    /// A PEM file with certificate authorities that are trusted in addition to the built-in ones. Default: none.
    pub ca_file: Option<PathBuf>,
    /// How many requests the dashboard keeps with what they received, and how many without an ad besides. Each needs at most 34 kB. At
    /// most 1,000; 0 records nothing. Default: 100.
    pub keep_requests: usize,
    /// The HTTP proxy for all requests to ad servers and trackers, `http://HOST:PORT`. Default: none; settings of the environment have no effect.
    #[schemars(with = "Option<String>")]
    pub proxy: Option<EgressProxy>,
    /// Whether `/v1/unwrap` and `/v1/check` may request private addresses. For tests only. Default: no.
    pub unwrap_private: bool,
}

impl Default for ServerConfig {
    fn default() -> Self {
        let loopback = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        Self {
            listen: vec![loopback(8080).into()],
            public_url: None,
            beacon_ttl: Duration::from_secs(6 * 3600),
            drop_robots: false,
            admin: loopback(9090),
            probes: None,
            admin_keys: Vec::new(),
            trusted_proxies: Vec::new(),
            proxy_protocol: false,
            tls: None,
            trusted_callers: Vec::new(),
            device_ip_from: vec![AddressOrigin::Parameter, AddressOrigin::ForwardedFor, AddressOrigin::Peer],
            max_connections: 20_000,
            max_in_flight: 4_000,
            rate_per_client: None,
            max_lag: Duration::from_millis(50),
            on_shed: OnShed::Empty,
            header_timeout: Duration::from_secs(2),
            body_timeout: Duration::from_secs(5),
            write_timeout: Duration::from_secs(10),
            max_unread_bytes: 256 << 20,
            idle_timeout: Duration::from_secs(60),
            max_streams: 256,
            answer_reserve: Duration::from_millis(30),
            drain: DrainLimits::default(),
            ca_file: None,
            keep_requests: 100,
            proxy: None,
            unwrap_private: false,
        }
    }
}

impl ServerConfig {
    /// The keys that `newer` changes and that are read at the start of the gateway only.
    pub(crate) fn changes_at_restart(&self, newer: &Self) -> Vec<&'static str> {
        // Without PROXY headers they are asked for each request, and a change has its effect at once.
        let begin_connections = self.proxy_protocol && newer.proxy_protocol;
        let changes = [
            ("trusted_proxies", begin_connections && self.trusted_proxies != newer.trusted_proxies),
            ("listen", self.listen != newer.listen),
            ("admin", self.admin != newer.admin),
            ("probes", self.probes != newer.probes),
            ("proxy_protocol", self.proxy_protocol != newer.proxy_protocol),
            ("tls", self.tls != newer.tls),
            ("max_connections", self.max_connections != newer.max_connections),
            ("header_timeout", self.header_timeout != newer.header_timeout),
            ("body_timeout", self.body_timeout != newer.body_timeout),
            ("write_timeout", self.write_timeout != newer.write_timeout),
            ("idle_timeout", self.idle_timeout != newer.idle_timeout),
            ("max_streams", self.max_streams != newer.max_streams),
            ("max_unread_bytes", self.max_unread_bytes != newer.max_unread_bytes),
            ("drain", (self.drain.announce, self.drain.requests) != (newer.drain.announce, newer.drain.requests)),
            ("ca_file", self.ca_file != newer.ca_file),
            ("proxy", self.proxy != newer.proxy),
        ];
        changes.into_iter().filter(|(_, is_changed)| *is_changed).map(|(key, _)| key).collect()
    }
}

/// The certificate and the key of the public port, in PEM form. The files are read again every 2 seconds, so that a renewed certificate is
/// used without a restart.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "tls")]
pub struct TlsFiles {
    /// The certificate of the server, followed by the intermediate certificates.
    pub certificate: PathBuf,
    /// The private key: PKCS#8, PKCS#1 or SEC1.
    pub key: PathBuf,
}

/// The times of an orderly end. Their sum is the time that Kubernetes gives by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema)]
#[non_exhaustive]
#[schemars(deny_unknown_fields, rename = "drain")]
pub struct DrainLimits {
    /// The time in which the gateway says that it is not ready and still answers. Default: 5 s.
    #[schemars(with = "String")]
    pub announce: Duration,
    /// The time for the requests in flight after that. Default: 10 s.
    #[schemars(with = "String")]
    pub requests: Duration,
    /// The time to deliver beacons after that. Default: 15 s.
    #[schemars(with = "String")]
    pub beacons: Duration,
}

impl DrainLimits {
    /// Limits with these times.
    pub const fn new(announce: Duration, requests: Duration, beacons: Duration) -> Self {
        Self { announce, requests, beacons }
    }
}

impl Default for DrainLimits {
    fn default() -> Self {
        Self::new(Duration::from_secs(5), Duration::from_secs(10), Duration::from_secs(15))
    }
}

/// Where the address of a device is taken from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AddressOrigin {
    /// `param`: the parameter `ip`, of callers that are believed.
    Parameter,
    /// `xff`: `X-Forwarded-For` of trusted proxies: the right-most address that is not a trusted proxy.
    ForwardedFor,
    /// `forwarded`: the same of `Forwarded` (RFC 7239).
    Forwarded,
    /// `header:NAME`: this header of trusted proxies.
    Header(http::HeaderName),
    /// `peer`: the other end of the connection.
    Peer,
}

/// The answer to a shed request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum OnShed {
    /// Status 200 with an empty VAST: a player continues with its content.
    #[default]
    #[serde(rename = "empty")]
    Empty,
    /// Status 503 with an empty VAST, for load balancers that try another gateway.
    #[serde(rename = "503")]
    Unavailable,
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
