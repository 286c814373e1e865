//! Which connections are kept, and who is served first.

use hyper_util::rt::TokioIo;
use tokio_rustls::TlsConnector;

use super::*;
use crate::transport::connect::HostConnections;
use crate::transport::stream::ConnectionState;
use crate::transport::{AddressScope, Resolver, TlsSettings};

/// Servers that have answered on a connection each: their names, and their sides of the connections.
async fn each_used_once(numbers: std::ops::Range<usize>) -> Vec<(String, Http1Connection, tokio::io::DuplexStream)> {
    let mut servers = Vec::new();
    for number in numbers {
        let (used, server) = connection().await;
        servers.push((format!("h{number}"), used, server));
    }
    servers
}

/// Gives their connections back. Returns the servers' sides.
fn give_back(
    origins: &mut Origins,
    servers: Vec<(String, Http1Connection, tokio::io::DuplexStream)>,
) -> Vec<tokio::io::DuplexStream> {
    let kept = servers.into_iter().map(|(name, used, server)| {
        Arc::clone(origins.http.entry(name.into()).or_insert_with(origin)).give_back(used);
        server
    });
    kept.collect()
}

fn with_connections(origins: &Origins) -> Vec<&str> {
    let kept = origins.http.iter().filter(|(_, origin)| !origin.connections().idle.is_empty());
    kept.map(|(name, _)| &**name).collect()
}

fn origin() -> Arc<OriginPool> {
    Arc::new(OriginPool {
        uri: Uri::default(),
        host: HeaderValue::from_static("ads.example"),
        connections: Mutex::default(),
    })
}

/// A connection, and the server's side of it. The connection is closed when that side is dropped.
async fn connection() -> (Http1Connection, tokio::io::DuplexStream) {
    let (client, server) = tokio::io::duplex(1024);
    let (mut sender, task) = http1::handshake(TokioIo::new(client)).await.expect("a handshake");
    tokio::spawn(task.map(drop));
    sender.ready().await.expect("an open connection");
    (Http1Connection::new(sender, ConnectionState::default()), server)
}

#[tokio::test]
async fn a_connection_that_no_request_needs_is_kept_while_few_are_idle() {
    let origin = origin();
    let mut servers = Vec::new();
    for (opened, idle) in [(SPARE_PER_ORIGIN, SPARE_PER_ORIGIN), (5, SPARE_PER_ORIGIN)] {
        for _ in 0..opened {
            let (unneeded, server) = connection().await;
            servers.push(server);
            let connecting = async { Ok(Checkout { connection: PooledConnection::Http1(unneeded), is_reused: false }) };
            finish_in_background(connecting.boxed(), Arc::clone(&origin));
        }
        tokio::task::yield_now().await;
        assert_eq!(origin.connections().idle.len(), idle);
    }
    // A connection that has carried an exchange is always kept: so many connections were in use at the same time.
    let (used, _server) = connection().await;
    Arc::clone(&origin).give_back(used);
    assert_eq!(origin.connections().idle.len(), SPARE_PER_ORIGIN + 1);
}

#[tokio::test]
async fn a_connection_that_was_opened_for_another_serves_a_request_that_waits() {
    let origin = origin();
    let mut idle = Vec::new();
    for _ in 0..SPARE_PER_ORIGIN {
        let (used, server) = connection().await;
        Arc::clone(&origin).give_back(used);
        idle.push(server);
    }
    let mut waiting = Waiting::new(&origin);
    let (unneeded, _server) = connection().await;
    let connecting = async { Ok(Checkout { connection: PooledConnection::Http1(unneeded), is_reused: false }) };
    finish_in_background(connecting.boxed(), Arc::clone(&origin));
    poll_fn(|cx| waiting.poll(cx)).await;
    assert_eq!(origin.connections().idle.len(), SPARE_PER_ORIGIN);
}

#[tokio::test]
async fn requests_that_wait_no_longer_leave_the_queue() {
    let origin = origin();
    let mut waiting: Vec<_> = (0..100).map(|_| Waiting::new(&origin)).collect();
    let queue = |origin: &OriginPool| {
        let connections = origin.connections();
        (connections.waiters.len(), connections.gone)
    };
    waiting.truncate(50);
    assert_eq!(queue(&origin), (100, 50), "half of the queue is gone: it is not searched yet");
    waiting.truncate(49);
    assert_eq!(queue(&origin), (49, 0));
    // A connection goes to the first request that still waits. The requests before it are gone.
    drop(waiting.drain(..3));
    assert_eq!(queue(&origin), (49, 3));
    let (used, _server) = connection().await;
    Arc::clone(&origin).give_back(used);
    assert_eq!(queue(&origin), (45, 0));
    assert!(poll_fn(|cx| waiting[0].poll(cx)).now_or_never().is_some());
    drop(waiting);
    assert_eq!(queue(&origin), (0, 0));
}

#[tokio::test]
async fn of_too_many_idle_connections_the_ones_that_were_used_last_are_kept() {
    let mut origins = Origins::default();
    let mut servers = give_back(&mut origins, each_used_once(0..3).await);
    origins.next_step();
    servers.extend(give_back(&mut origins, each_used_once(3..5).await));
    // One of the old ones carries an exchange.
    let h1 = Arc::clone(&origins.http["h1"]);
    let Some(PooledConnection::Http1(again)) = h1.take() else { panic!("an idle connection") };
    h1.give_back(again);
    origins.close_excess(4);
    assert_eq!(with_connections(&origins), ["h1", "h2", "h3", "h4"]);
    origins.close_excess(3);
    assert_eq!(with_connections(&origins), ["h1", "h3", "h4"]);
    // Of equal age, any: as many as are too many.
    origins.close_excess(2);
    assert_eq!(with_connections(&origins).len(), 2);
    origins.next_step();
    assert_eq!(origins.http.len(), 2, "an origin without a connection is forgotten");
}

#[tokio::test(start_paused = true)]
async fn the_idle_connections_to_all_hosts_have_a_limit() {
    let tls = TlsSettings::default().client_config().expect("settings");
    let (resolver, tls) = (Resolver::system(), TlsConnector::from(Arc::new(tls)));
    let connector = Connector::new(resolver, AddressScope::Any, tls, HostConnections::default(), None);
    let pool = ConnectionPool::new(connector);
    pool.origin(&Uri::from_static("http://main.example/")).expect("an origin");
    let idle = || pool.0.origins().idle_by_age().iter().sum::<usize>();
    let mut servers = Vec::new();
    for round in 0..3 * IDLE_IN_ALL / OPENED_PER_LOOK {
        let used = each_used_once(round * OPENED_PER_LOOK..(round + 1) * OPENED_PER_LOOK).await;
        servers.extend(give_back(&mut pool.0.origins(), used));
        (0..OPENED_PER_LOOK).for_each(|_| pool.0.opened.one_more());
        tokio::task::yield_now().await;
        assert!(idle() <= IDLE_IN_ALL, "in round {round}");
    }
    assert_eq!(idle(), IDLE_IN_ALL);
    let origins = pool.0.origins().http.len();
    assert!(origins <= IDLE_IN_ALL + 2 * OPENED_PER_LOOK, "{origins}");
}
