//! `[server]`: the sockets and the limits of the server.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use schemars::JsonSchema;
use serde::Deserialize;
use vast_client::ClientBuilder;
use vast_client::transport::EgressProxy;

use super::listen_address::ListenAddress;
use super::secret::AccessKey;
use super::value::{AddressList, KeyTable};

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
    /// The largest number of bytes of the documents of ad servers that all requests have in memory, as text and as a model. Each request may
    /// have 128 KiB beside it. A document over the limit is an error of the type `overloaded`, and its source is not blamed for it. Default:
    /// 268,435,456 (256 MiB).
    pub max_document_bytes: u64,
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
            max_document_bytes: ClientBuilder::DEFAULT_MAX_DOCUMENT_BYTES,
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
            ("max_document_bytes", self.max_document_bytes != newer.max_document_bytes),
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
