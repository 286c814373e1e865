//! How a server stops.

use std::net::SocketAddr;
use std::sync::atomic::Ordering;
use std::time::Duration;

use http_body_util::BodyExt as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::super::server::Drained;
use super::super::{ConnectionEnd, DrainTimes, ListenSettings};
use super::clients::{Http1Client, Http2Client};
use super::site::{Site, StoppedClock};

fn stages(announce: u64, requests: u64) -> ListenSettings {
    let drain = DrainTimes { announce: Duration::from_millis(announce), requests: Duration::from_millis(requests) };
    ListenSettings { drain, ..Site::patient() }
}

#[tokio::test]
async fn requests_in_flight_are_answered_and_their_connections_closed() {
    let clock = StoppedClock::stop();
    let site = Site::open(stages(0, 60_000));
    let mut idle = Http1Client::connect(site.address).await;
    assert!(!idle.get("/").await.closes());
    let mut silent = Http1Client::connect(site.address).await;
    let mut http1 = Http1Client::connect(site.address).await;
    http1.send("GET /wait HTTP/1.1\r\nhost: a\r\n\r\n").await;
    let mut http2 = Http2Client::connect(site.address).await;
    let stream = tokio::spawn({
        let mut http2 = http2.clone();
        async move { http2.get("/wait").await }
    });
    site.until_waiting(2).await;
    site.stop.drain();
    assert_eq!(clock.pass_until(idle.until_closed()).await, b"");
    assert_eq!(clock.pass_until(silent.until_closed()).await, b"");
    assert!(TcpStream::connect(site.address).await.is_err(), "no new connections");
    // No new streams, as soon as the client has heard of it.
    let mut late = 0;
    while http2.get("/").await.is_ok() {
        late += 1;
    }
    site.release();
    let received = http1.receive().await;
    assert!(received.body == "released" && received.closes(), "{received:?}");
    assert_eq!(clock.pass_until(http1.until_closed()).await, b"");
    assert_eq!(stream.await.unwrap().unwrap().1, "released");
    assert_eq!(clock.pass_until(site.ended()).await, Drained { answered: 2 + late, aborted: 0 });
}

#[tokio::test]
async fn a_connection_that_was_accepted_last_is_answered() {
    let clock = StoppedClock::stop();
    let site = Site::open(stages(0, 60_000));
    let mut silent = Http1Client::connect(site.address).await;
    let mut first = Http1Client::connect(site.address).await;
    assert_eq!(first.get("/").await.body, "hello");
    site.stop.drain();
    // Its end shows that the server has closed.
    clock.pass_until(first.until_closed()).await;
    assert_eq!(silent.get("/").await.body, "hello");
    clock.pass_until(silent.until_closed()).await;
    clock.pass_until(site.ended()).await;
}

#[tokio::test]
async fn the_announcement_serves_new_connections() {
    let site = Site::open(stages(60_000, 60_000));
    let mut old = Http1Client::connect(site.address).await;
    assert!(!old.get("/").await.closes());
    site.stop.drain();
    assert!(old.get("/").await.closes());
    assert!(Http1Client::connect(site.address).await.get("/").await.closes());
    assert_eq!(Http2Client::connect(site.address).await.get("/").await.unwrap().1, "hello");
    // A client can have its whole answer before the server has counted it.
    site.until(|counts| counts.open_requests.load(Ordering::Relaxed) == 0).await;
    site.stop.abort();
    assert_eq!(site.ended().await, Drained { answered: 3, aborted: 0 });
}

#[tokio::test]
async fn a_client_that_reads_slowly_gets_its_whole_answer() {
    let site = Site::open(stages(0, 60_000));
    let mut http1 = TcpStream::connect(site.address).await.unwrap();
    http1.write_all(b"GET /large HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    let mut http2 = Http2Client::connect(site.address).await;
    let stream = http2.begin("/large").await;
    // It never says that it has seen the end.
    let mut unused = Http1Client::connect(site.address).await;
    unused.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await;
    // Its answer is ready when its first byte is there.
    http1.read_u8().await.unwrap();
    site.stop.drain();
    // The time of connections without a request has passed.
    unused.until_closed().await;
    site.until_end(ConnectionEnd::Stopped).await;
    let mut received = vec![b'H'];
    http1.read_to_end(&mut received).await.unwrap();
    assert!(received.len() > 32 << 20, "{}", received.len());
    assert_eq!(stream.into_body().collect().await.unwrap().to_bytes().len(), 32 << 20);
    site.ended().await;
}

#[tokio::test]
async fn requests_that_do_not_end_are_aborted() {
    let site = Site::open(stages(0, 50));
    let mut http1 = Http1Client::connect(site.address).await;
    http1.send("GET /wait HTTP/1.1\r\nhost: a\r\n\r\n").await;
    let mut http2 = Http2Client::connect(site.address).await;
    let stream = tokio::spawn(async move { http2.get("/wait").await });
    site.until_waiting(2).await;
    site.stop.drain();
    assert!(http1.try_receive().await.is_none());
    assert!(stream.await.unwrap().is_err());
    let counts = site.counts.clone();
    assert_eq!(site.ended().await, Drained { answered: 0, aborted: 2 });
    assert_eq!(counts.open_requests.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn answers_that_are_not_taken_whole_are_aborted() {
    let site = Site::open(stages(0, 50));
    let mut http1 = TcpStream::connect(site.address).await.unwrap();
    http1.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\nGET /large HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    // The whole first answer, and the beginning of the second one.
    http1.read_exact(&mut [0; 1_000]).await.unwrap();
    let _stream = Http2Client::connect(site.address).await.begin("/large").await;
    site.stop.drain();
    let counts = site.counts.clone();
    assert_eq!(site.ended().await, Drained { answered: 0, aborted: 2 });
    assert_eq!(counts.answered.load(Ordering::Relaxed), 1);
}

/// Sends requests until the server says that it closes the connection, on connections with several requests and on
/// connections with one. Returns the number of answers.
async fn send_until_closed(address: SocketAddr, requests_per_connection: usize) -> usize {
    let mut answers = 0;
    loop {
        let mut client = Http1Client::connect(address).await;
        for _ in 0..requests_per_connection {
            let received = client.get("/").await;
            assert_eq!(received.body, "hello");
            answers += 1;
            if received.closes() {
                return answers;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_fails_while_the_server_stops_under_load() {
    let site = Site::open(stages(60_000, 60_000));
    let mut clients = JoinSet::new();
    for client in 0..16 {
        clients.spawn(send_until_closed(site.address, if client % 2 == 0 { 1 } else { 1_000_000 }));
    }
    site.until(|counts| counts.answered.load(Ordering::Relaxed) > 2_000).await;
    site.stop.drain();
    let answers: Vec<usize> = clients.join_all().await;
    assert!(answers.iter().all(|&answers| answers > 0), "{answers:?}");
    // A client can have its whole answer before the server has counted it.
    site.until(|counts| counts.open_requests.load(Ordering::Relaxed) == 0).await;
    site.stop.abort();
    assert_eq!(site.ended().await.aborted, 0);
}
