//! Connections: a name's addresses, judged, one of them connected to, TLS on top.

use std::net::{IpAddr, SocketAddr};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt};
use http::Uri;
use hyper_util::rt::TokioIo;
use rustls_pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tower_service::Service;

use super::stream::{Stream, tls_failure};
use super::{Reach, Resolver, TransportError, TransportErrorKind};
use crate::policy::TimeLimit;

/// How long one address has before the next is tried beside it (RFC 8305 section 5 recommends 250 ms for a page; a
/// whole connect has 500 ms here).
const NEXT_AFTER: Duration = Duration::from_millis(100);
/// More addresses of one name are not tried.
const ADDRESSES: usize = 8;
/// The end of a connect that its request has left behind: the client keeps such a connection for the next request.
const LEFT_BEHIND: Duration = Duration::from_secs(10);

/// Opens connections to addresses within one reach.
#[derive(Clone)]
pub(super) struct Connector {
    resolver: Resolver,
    reach: Reach,
    tls: TlsConnector,
}

impl Connector {
    pub(super) fn new(resolver: Resolver, reach: Reach, tls: TlsConnector) -> Self {
        Self { resolver, reach, tls }
    }

    async fn connect(&self, uri: &Uri) -> Result<TokioIo<Stream>, TransportError> {
        let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
        let https = uri.scheme_str() == Some("https");
        let port = uri.port_u16().unwrap_or(if https { 443 } else { 80 });
        let addresses = self.permitted(host).await?;
        let tcp = first_of(addresses.iter().map(|address| SocketAddr::new(*address, port))).await?;
        // Without it a request can wait 40 ms for an acknowledgement. A failure costs only that.
        let _ = tcp.set_nodelay(true);
        let stream = if https { self.handshake(host, tcp).await? } else { Stream::plain(tcp) };
        Ok(TokioIo::new(stream))
    }

    /// The addresses that were judged are the addresses that are connected to.
    async fn permitted(&self, host: &str) -> Result<Vec<IpAddr>, TransportError> {
        let addresses = match host.parse::<IpAddr>() {
            Ok(address) => [address].into(),
            Err(_) => self.resolver.resolve(host).await?,
        };
        let blocked = |why: crate::error::Failure| TransportError::new(TransportErrorKind::BlockedAddress, why.message);
        self.reach.check(host, &addresses).map_err(blocked)?;
        Ok(in_turns(addresses.iter().copied().filter(|address| self.reach.permits(*address))))
    }

    async fn handshake(&self, host: &str, tcp: TcpStream) -> Result<Stream, TransportError> {
        let name = ServerName::try_from(host.to_owned())
            .map_err(|_| TransportError::new(TransportErrorKind::Tls, format!("{host} is no name for TLS")))?;
        match self.tls.connect(name, tcp).await {
            Ok(stream) => Ok(Stream::encrypted(stream)),
            Err(error) => Err(tls_failure(&error).unwrap_or_else(|| {
                let message = format!("the connection to {host} ended in the TLS handshake: {error}");
                TransportError::new(TransportErrorKind::Connect, message)
            })),
        }
    }
}

impl Service<Uri> for Connector {
    type Response = TokioIo<Stream>;
    type Error = TransportError;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connector = self.clone();
        Box::pin(async move {
            let connected = tokio::time::timeout(LEFT_BEHIND, connector.connect(&uri)).await;
            connected.unwrap_or_else(|_| {
                let limit = TimeLimit::Connect;
                Err(TransportError::new(TransportErrorKind::Timeout(limit), limit.message()))
            })
        })
    }
}

/// The families in turns, in the order given: where IPv6 leads nowhere, eight of its addresses must not use up the time.
fn in_turns(addresses: impl Iterator<Item = IpAddr> + Clone) -> Vec<IpAddr> {
    let first_is_v6 = addresses.clone().next().is_some_and(|first| first.is_ipv6());
    let mut first = addresses.clone().filter(|address| address.is_ipv6() == first_is_v6);
    let mut second = addresses.filter(|address| address.is_ipv6() != first_is_v6);
    let mut turns = Vec::new();
    loop {
        let (one, other) = (first.next(), second.next());
        if one.is_none() && other.is_none() {
            turns.truncate(ADDRESSES);
            return turns;
        }
        turns.extend(one);
        turns.extend(other);
    }
}

/// The first connection to be had; the next address is tried when one failed or was silent for a moment.
async fn first_of(mut addresses: impl Iterator<Item = SocketAddr>) -> Result<TcpStream, TransportError> {
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
    fn the_families_take_turns() {
        let read = |texts: &[&str]| texts.iter().map(|text| text.parse().expect("address")).collect::<Vec<IpAddr>>();
        let given = read(&["::1", "::2", "::3", "10.0.0.1", "10.0.0.2"]);
        assert_eq!(in_turns(given.iter().copied()), read(&["::1", "10.0.0.1", "::2", "10.0.0.2", "::3"]));
        assert_eq!(in_turns(given.iter().copied().cycle().take(50)).len(), ADDRESSES);
    }

    #[tokio::test]
    async fn a_refused_address_gives_way_to_the_next() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let open = listener.local_addr().expect("an address");
        let closed = SocketAddr::from(([127, 0, 0, 1], 1));
        let connected = first_of([closed, closed, open].into_iter()).await.expect("the third");
        assert_eq!(connected.peer_addr().expect("an address"), open);
        let error = first_of([closed].into_iter()).await.expect_err("refused");
        assert_eq!(error.kind, TransportErrorKind::Connect);
        assert!(first_of(std::iter::empty()).await.is_err());
    }
}
