//! What a server listens on, and its limits.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;

use crate::config::{ListenAddress, ServerConfig, TlsFiles};

/// The addresses and limits of one server. Those that `[server]` can set come from [`ServerConfig`], which has their defaults; the values of
/// `Default` are used in tests only.
#[derive(Debug, Clone)]
pub(crate) struct ListenSettings {
    /// At least one. Port 0 lets the operating system choose.
    pub(crate) addresses: Vec<ListenAddress>,
    /// Connections from these networks must begin with a PROXY header (version 1 or 2). Connections from other addresses
    /// must not, because anybody could claim any address with it. Empty: nobody sends PROXY headers.
    pub(crate) proxy_protocol_from: Arc<[IpNet]>,
    /// Without it the server does not use TLS.
    pub(crate) tls: Option<TlsFiles>,
    /// The largest number of open connections; more are closed at once. An idle connection takes about 20 kB.
    pub(crate) max_connections: usize,
    /// From the first byte of a request to the end of its headers; also the limit for a PROXY header.
    pub(crate) header_timeout: Duration,
    /// The time for a TLS handshake. 5 s in every server: a mobile client needs up to three slow round trips.
    pub(crate) handshake_timeout: Duration,
    /// The time for which a connection may have no request. The default of `[server]`, 60 s, is the idle time of common load balancers.
    pub(crate) idle_timeout: Duration,
    /// The time to read a body.
    pub(crate) body_timeout: Duration,
    /// How long the client may leave an answer unread when the buffers of the connection are full.
    pub(crate) write_timeout: Duration,
    /// The bytes of answers of all connections that clients may leave unread. Above half of it, `write_timeout` gets shorter.
    pub(crate) max_unread_bytes: usize,
    /// The largest size of the request line and all headers of a request in bytes, at least 8 KiB. 16 KiB in every server.
    pub(crate) max_header_bytes: usize,
    /// The largest size of a body in bytes. 1 MiB in every server.
    pub(crate) max_body_bytes: usize,
    /// The largest number of requests at the same time on one HTTP/2 connection.
    pub(crate) max_streams: u32,
    /// How the server stops.
    pub(crate) drain: DrainTimes,
}

impl Default for ListenSettings {
    fn default() -> Self {
        Self {
            addresses: vec![SocketAddr::from(([127, 0, 0, 1], 8080)).into()],
            proxy_protocol_from: Arc::new([]),
            tls: None,
            max_connections: 10_000,
            header_timeout: Duration::from_secs(2),
            handshake_timeout: Duration::from_secs(5),
            idle_timeout: Duration::from_secs(60),
            body_timeout: Duration::from_secs(5),
            write_timeout: Duration::from_secs(30),
            max_unread_bytes: 256 << 20,
            max_header_bytes: 16 << 10,
            max_body_bytes: 1 << 20,
            max_streams: 256,
            drain: DrainTimes::default(),
        }
    }
}

impl From<&ServerConfig> for ListenSettings {
    /// The settings of the public port.
    fn from(config: &ServerConfig) -> Self {
        let proxies = if config.proxy_protocol { config.trusted_proxies.as_slice() } else { &[] };
        Self {
            addresses: config.listen.clone(),
            proxy_protocol_from: proxies.into(),
            tls: config.tls.clone(),
            max_connections: config.max_connections,
            header_timeout: config.header_timeout,
            idle_timeout: config.idle_timeout,
            body_timeout: config.body_timeout,
            write_timeout: config.write_timeout,
            max_unread_bytes: config.max_unread_bytes,
            max_streams: config.max_streams,
            drain: DrainTimes { announce: config.drain.announce, requests: config.drain.requests },
            ..Self::default()
        }
    }
}

/// The two stages of a stop.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DrainTimes {
    /// The server goes on accepting connections, so that load balancers have time to see that it is not ready. Answers
    /// close their connections.
    pub(crate) announce: Duration,
    /// After that no connection is accepted, and requests in flight have this time to end.
    pub(crate) requests: Duration,
}

impl Default for DrainTimes {
    fn default() -> Self {
        Self { announce: Duration::from_secs(5), requests: Duration::from_secs(10) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::DrainLimits;

    #[test]
    fn the_public_port_has_the_settings_of_the_configuration() {
        let seconds = Duration::from_secs;
        let files = TlsFiles { certificate: "tls.crt".into(), key: "tls.key".into() };
        let proxy: IpNet = "10.0.0.0/8".parse().expect("a network");
        let mut config = ServerConfig {
            listen: vec!["127.0.0.1:7".parse().expect("an address")],
            trusted_proxies: vec![proxy],
            proxy_protocol: true,
            tls: Some(files.clone()),
            max_connections: 1,
            header_timeout: seconds(2),
            body_timeout: seconds(3),
            write_timeout: seconds(4),
            idle_timeout: seconds(5),
            max_streams: 6,
            max_unread_bytes: 10,
            drain: DrainLimits::new(seconds(7), seconds(8), seconds(9)),
            ..ServerConfig::default()
        };
        let settings = ListenSettings::from(&config);
        assert_eq!((&settings.addresses, &settings.tls), (&config.listen, &Some(files)));
        assert_eq!((settings.max_connections, settings.max_streams, settings.max_unread_bytes), (1, 6, 10));
        let ListenSettings { header_timeout, body_timeout, write_timeout, idle_timeout, drain, .. } = settings;
        let times = [header_timeout, body_timeout, write_timeout, idle_timeout, drain.announce, drain.requests];
        assert_eq!(times, [2, 3, 4, 5, 7, 8].map(seconds));
        assert_eq!(*settings.proxy_protocol_from, [proxy]);
        config.proxy_protocol = false;
        assert!(
            ListenSettings::from(&config).proxy_protocol_from.is_empty(),
            "proxies send the header where it is wanted"
        );
    }
}
