//! Opens connections: resolves the name, checks its addresses, connects to one of them, and starts TLS.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt};
use http::Uri;
use hyper_util::rt::TokioIo;
use rustls_pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_rustls::TlsConnector;

use super::stream::{ConnectionStream, MeteredTcp, stream_failure};
use super::{AddressScope, EgressProxy, Resolver, TransportError, TransportErrorKind};
use crate::policy::TimeLimit;

/// The time after which the next address is tried in parallel. RFC 8305 section 5 recommends 250 ms, but here the whole
/// connect may take only 500 ms.
const NEXT_AFTER: Duration = Duration::from_millis(100);
/// How many addresses of one name are tried.
const MAX_ADDRESSES: usize = 8;
/// The time limit of a connect whose request has ended before. The pool keeps such a connection for the next request.
const ABANDONED_CONNECT: Duration = Duration::from_secs(10);

/// How many connections a transport has to one host and port at most. More requests wait for one of them, so that one server
/// that does not answer cannot use up the sockets of the process (1,024 by default on Linux).
pub(super) const MAX_CONNECTIONS_PER_HOST: usize = 256;
/// From this number of hosts on, those without connections are forgotten.
const HOSTS_KEPT: usize = 1024;

/// The number of connections to each host and port. All clones share the numbers.
#[derive(Clone, Default)]
pub(super) struct HostConnections(Arc<Mutex<ConnectionsByHost>>);

type ConnectionsByHost = HashMap<(String, u16), Arc<Semaphore>>;

impl HostConnections {
    /// Waits until one more connection is permitted.
    async fn permit(&self, host: &str, port: u16) -> Result<OwnedSemaphorePermit, TransportError> {
        let closed = |_| TransportError::new(TransportErrorKind::Connect, "the transport has ended");
        self.of(host, port).acquire_owned().await.map_err(closed)
    }

    fn of(&self, host: &str, port: u16) -> Arc<Semaphore> {
        let mut hosts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if hosts.len() >= HOSTS_KEPT {
            // Every connection, and every request that waits for one, holds the semaphore of its host.
            hosts.retain(|_, connections| Arc::strong_count(connections) > 1);
        }
        let connections = hosts.entry((host.to_owned(), port));
        Arc::clone(connections.or_insert_with(|| Arc::new(Semaphore::new(MAX_CONNECTIONS_PER_HOST))))
    }
}

/// Opens connections to the addresses of one scope.
#[derive(Clone)]
pub(super) struct Connector {
    resolver: Resolver,
    scope: AddressScope,
    tls: TlsConnector,
    connections: HostConnections,
    /// The proxy that opens the connections.
    proxy: Option<EgressProxy>,
}

impl Connector {
    pub(super) fn new(
        resolver: Resolver,
        scope: AddressScope,
        tls: TlsConnector,
        connections: HostConnections,
        proxy: Option<EgressProxy>,
    ) -> Self {
        Self { resolver, scope, tls, connections, proxy }
    }

    /// Opens a connection to the origin of `uri`.
    pub(super) async fn connect(&self, uri: &Uri) -> Result<TokioIo<ConnectionStream>, TransportError> {
        let connected = tokio::time::timeout(ABANDONED_CONNECT, self.open(uri)).await;
        connected.unwrap_or_else(|_| {
            let limit = TimeLimit::Connect;
            Err(TransportError::new(TransportErrorKind::Timeout(limit), limit.message()))
        })
    }

    async fn open(&self, uri: &Uri) -> Result<TokioIo<ConnectionStream>, TransportError> {
        let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
        let https = uri.scheme_str() == Some("https");
        let port = uri.port_u16().unwrap_or(if https { 443 } else { 80 });
        let addresses = self.permitted(host).await?;
        let permit = self.connections.permit(host, port).await?;
        let addresses = addresses.iter().map(|address| SocketAddr::new(*address, port));
        let tcp = match &self.proxy {
            None => first_connection(addresses).await?,
            Some(proxy) => self.tunnel(proxy, addresses).await?,
        };
        // Without this option, a request can wait 40 ms for an acknowledgement. A failure to set it has no other
        // effect, so it is ignored.
        let _ = tcp.set_nodelay(true);
        let tcp = MeteredTcp::new(tcp, permit);
        let stream = if https { self.handshake(host, tcp).await? } else { ConnectionStream::plain(tcp) };
        Ok(TokioIo::new(stream))
    }

    /// A connection through the proxy to the first of these addresses that the proxy reaches. The operator has named the proxy, so it may have
    /// any address.
    async fn tunnel(
        &self,
        proxy: &EgressProxy,
        addresses: impl Iterator<Item = SocketAddr>,
    ) -> Result<TcpStream, TransportError> {
        let host = proxy.host();
        let host = host.trim_matches(['[', ']']);
        let found = match host.parse::<IpAddr>() {
            Ok(address) => [address].into(),
            Err(_) => self.resolver.resolve(host).await?,
        };
        let mut failure = TransportError::new(TransportErrorKind::Connect, "there is no address to connect to");
        for address in addresses {
            let mut tcp = first_connection(found.iter().map(|one| SocketAddr::new(*one, proxy.port()))).await?;
            match proxy.tunnel(&mut tcp, address).await {
                Ok(()) => return Ok(tcp),
                Err(error) => failure = error,
            }
        }
        Err(failure)
    }

    /// The permitted addresses of a host. The connection uses one of these addresses, so the name is not resolved a
    /// second time.
    async fn permitted(&self, host: &str) -> Result<Vec<IpAddr>, TransportError> {
        let addresses = match host.parse::<IpAddr>() {
            Ok(address) => [address].into(),
            Err(_) => self.resolver.resolve(host).await?,
        };
        let blocked = |why: crate::error::Failure| TransportError::new(TransportErrorKind::BlockedAddress, why.message);
        self.scope.check(host, &addresses).map_err(blocked)?;
        Ok(alternate_families(addresses.iter().copied().filter(|address| self.scope.permits(*address))))
    }

    async fn handshake(&self, host: &str, tcp: MeteredTcp) -> Result<ConnectionStream, TransportError> {
        let name = ServerName::try_from(host.to_owned()).map_err(|_| {
            TransportError::new(TransportErrorKind::Tls, format!("{host} is not a valid server name for TLS"))
        })?;
        match self.tls.connect(name, tcp).await {
            Ok(stream) => Ok(ConnectionStream::encrypted(stream)),
            Err(error) => Err(stream_failure(&error).unwrap_or_else(|| {
                let message = format!("the connection to {host} was closed during the TLS handshake: {error}");
                TransportError::new(TransportErrorKind::Connect, message)
            })),
        }
    }
}

/// IPv6 and IPv4 addresses alternately, each in the given order. Where IPv6 does not work, eight IPv6 addresses would
/// otherwise use up the time.
fn alternate_families(addresses: impl Iterator<Item = IpAddr> + Clone) -> Vec<IpAddr> {
    let first_is_v6 = addresses.clone().next().is_some_and(|first| first.is_ipv6());
    let mut first = addresses.clone().filter(|address| address.is_ipv6() == first_is_v6);
    let mut second = addresses.filter(|address| address.is_ipv6() != first_is_v6);
    let mut ordered = Vec::new();
    loop {
        let (one, other) = (first.next(), second.next());
        if one.is_none() && other.is_none() {
            ordered.truncate(MAX_ADDRESSES);
            return ordered;
        }
        ordered.extend(one);
        ordered.extend(other);
    }
}

/// The first connection that succeeds. The next address is tried when one has failed or has taken [`NEXT_AFTER`].
async fn first_connection(mut addresses: impl Iterator<Item = SocketAddr>) -> Result<TcpStream, TransportError> {
    let mut failure = TransportError::new(TransportErrorKind::Connect, "there is no address to connect to");
    let mut running = FuturesUnordered::new();
    running.extend(addresses.next().map(connect_to));
    let mut next = addresses.next();
    loop {
        tokio::select! {
            biased;
            ended = running.next() => match ended {
                Some(Ok(connected)) => return Ok(connected),
                Some(Err(error)) => failure = error,
                None if next.is_none() => return Err(failure),
                None => {}
            },
            () = tokio::time::sleep(NEXT_AFTER), if next.is_some() => {}
        }
        running.extend(next.take().map(connect_to));
        next = addresses.next();
    }
}

async fn connect_to(address: SocketAddr) -> Result<TcpStream, TransportError> {
    TcpStream::connect(address).await.map_err(|error| {
        TransportError::new(TransportErrorKind::Connect, format!("no connection to {address}: {error}"))
    })
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[test]
    fn address_families_alternate() {
        let read = |texts: &[&str]| texts.iter().map(|text| text.parse().expect("address")).collect::<Vec<IpAddr>>();
        let given = read(&["::1", "::2", "::3", "10.0.0.1", "10.0.0.2"]);
        assert_eq!(alternate_families(given.iter().copied()), read(&["::1", "10.0.0.1", "::2", "10.0.0.2", "::3"]));
        assert_eq!(alternate_families(given.iter().copied().cycle().take(50)).len(), MAX_ADDRESSES);
    }

    #[tokio::test]
    async fn hosts_without_connections_are_forgotten() {
        let connections = HostConnections::default();
        let held = connections.permit("held.example", 443).await.expect("a permit");
        for number in 0..5 * HOSTS_KEPT {
            drop(connections.permit(&format!("h{number}.example"), 443).await.expect("a permit"));
        }
        let known = connections.0.lock().expect("no panic").len();
        assert!(known <= HOSTS_KEPT, "{known}");
        let free = connections.of("held.example", 443).available_permits();
        assert_eq!(free, MAX_CONNECTIONS_PER_HOST - 1, "a host with a connection is known");
        drop(held);
    }

    #[tokio::test]
    async fn the_next_address_is_tried_after_a_refused_one() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let open = listener.local_addr().expect("an address");
        let closed = SocketAddr::from(([127, 0, 0, 1], 1));
        let connected = first_connection([closed, closed, open].into_iter()).await.expect("the third");
        assert_eq!(connected.peer_addr().expect("an address"), open);
        let error = first_connection([closed].into_iter()).await.expect_err("refused");
        assert_eq!(error.kind, TransportErrorKind::Connect);
        assert!(first_connection(std::iter::empty()).await.is_err());
    }
}
