//! Which connections are kept, and who is served first.

use hyper_util::rt::TokioIo;

use super::*;

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
    (Http1Connection { sender, state: ConnectionState::default() }, server)
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
