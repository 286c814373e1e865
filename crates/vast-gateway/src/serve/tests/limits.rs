//! Clients that are too slow, too large or silent.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body_util::BodyExt as _;
use hyper::body::{Body, Frame};
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::interval;

use super::super::{ConnectionEnd, ListenSettings};
use super::clients::{Http1Client, Http2Client};
use super::site::{Site, StoppedClock};

/// A limit that ends a connection within the test.
const SHORT: Duration = Duration::from_millis(60);

#[tokio::test]
async fn headers_must_arrive_in_time() {
    let site = Site::open(ListenSettings { header_timeout: SHORT, ..Site::patient() });
    let mut once = Http1Client::connect(site.address).await;
    once.send("GET / HTTP/1.1\r\nhost: ").await;
    assert_eq!(once.until_closed().await, b"");
    site.until_end(ConnectionEnd::HeaderTimeout).await;

    // A byte from time to time does not help.
    let mut slow = Http1Client::connect(site.address).await;
    let mut tick = interval(SHORT / 10);
    while site.counts.ends(ConnectionEnd::HeaderTimeout) < 2 {
        tick.tick().await;
        slow.send("G").await;
    }

    // The preface of HTTP/2 is a header too.
    let mut preface = Http1Client::connect(site.address).await;
    preface.send("PRI * HTTP/2.0\r\n").await;
    preface.until_closed().await;
    site.until(|counts| counts.ends(ConnectionEnd::HeaderTimeout) == 3).await;

    // The second request of a connection has the same limit.
    let mut second = Http1Client::connect(site.address).await;
    assert_eq!(second.get("/").await.body, "hello");
    second.send("GET /").await;
    assert_eq!(second.until_closed().await, b"");
    site.until(|counts| counts.ends(ConnectionEnd::HeaderTimeout) == 4).await;
}

#[tokio::test]
async fn the_limit_for_headers_does_not_end_idle_connections() {
    let site = Site::open(ListenSettings { header_timeout: SHORT, ..Site::patient() });
    let mut silent = Http1Client::connect(site.address).await;
    let mut http1 = Http1Client::connect(site.address).await;
    assert_eq!(http1.get("/").await.body, "hello");
    let mut http2 = Http2Client::connect(site.address).await;
    assert_eq!(http2.get("/").await.unwrap().1, "hello");
    // Its end shows that the time has passed.
    let mut late = Http1Client::connect(site.address).await;
    late.send("GET").await;
    late.until_closed().await;
    assert_eq!(silent.get("/").await.body, "hello");
    assert_eq!(http1.get("/").await.body, "hello");
    assert_eq!(http2.get("/").await.unwrap().1, "hello");
}

#[tokio::test]
async fn idle_connections_are_closed() {
    let clock = StoppedClock::stop();
    let site = Site::open(ListenSettings { idle_timeout: SHORT, ..Site::patient() });
    let mut silent = Http1Client::connect(site.address).await;
    let mut http1 = Http1Client::connect(site.address).await;
    assert_eq!(http1.get("/").await.body, "hello");
    let mut http2 = Http2Client::connect(site.address).await;
    assert_eq!(http2.get("/").await.unwrap().1, "hello");
    clock.pass(2 * SHORT).await;
    assert_eq!(silent.until_closed().await, b"");
    assert_eq!(http1.until_closed().await, b"");
    // What the client may still send is read for some time.
    clock.pass(Duration::from_secs(5)).await;
    site.until(|counts| counts.ends(ConnectionEnd::IdleTimeout) == 3).await;
    assert!(http2.get("/").await.is_err());
}

#[tokio::test]
async fn an_answer_may_take_longer_than_all_limits_of_the_connection() {
    let clock = StoppedClock::stop();
    let site = Site::open(ListenSettings {
        header_timeout: SHORT,
        idle_timeout: SHORT,
        write_timeout: SHORT,
        ..Site::patient()
    });
    let mut http1 = Http1Client::connect(site.address).await;
    http1.send("GET /wait HTTP/1.1\r\nhost: a\r\n\r\n").await;
    let mut http2 = Http2Client::connect(site.address).await;
    let stream = tokio::spawn(async move { http2.get("/wait").await });
    site.until_waiting(2).await;
    let mut silent = Http1Client::connect(site.address).await;
    site.until(|counts| counts.open.load(Ordering::Relaxed) == 3).await;
    // The task of the connection begins to wait.
    tokio::task::yield_now().await;
    clock.pass(2 * SHORT).await;
    silent.until_closed().await;
    site.release();
    assert_eq!(http1.receive().await.body, "released");
    assert_eq!(stream.await.unwrap().unwrap().1, "released");
}

#[tokio::test]
async fn a_client_that_does_not_read_is_cut() {
    let site = Site::open(ListenSettings { write_timeout: SHORT, ..Site::patient() });
    let mut client = Http1Client::connect(site.address).await;
    client.send("GET /large HTTP/1.1\r\nhost: a\r\n\r\n").await;
    site.until_end(ConnectionEnd::WriteTimeout).await;
}

#[tokio::test]
async fn a_client_of_http2_that_gives_an_answer_no_window_is_cut() {
    let site = Site::open(ListenSettings { write_timeout: SHORT, ..Site::patient() });
    let mut reading = Http2Client::connect(site.address).await;
    let mut stalled = Http2Client::connect_with_window(site.address, 0).await;
    assert!(stalled.get("/large").await.is_err());
    site.until_end(ConnectionEnd::WriteTimeout).await;
    // A client that reads is not cut, however many answers it has had.
    for _ in 0..50 {
        assert_eq!(reading.get("/").await.unwrap().1, "hello");
    }
}

#[tokio::test]
async fn the_unread_answers_of_all_connections_have_a_limit() {
    // Three answers to `/large`.
    let site = Site::open(ListenSettings { max_unread_bytes: 96 << 20, ..Site::patient() });
    let mut first = Http1Client::connect(site.address).await;
    first.send("GET /large HTTP/1.1\r\nhost: a\r\n\r\n").await;
    site.until(|counts| counts.unread_bytes.load(Ordering::Relaxed) == 32 << 20).await;
    let mut reading = Http1Client::connect(site.address).await;
    assert_eq!(reading.get("/large").await.body.len(), 32 << 20);
    let stalled = Http2Client::connect_with_window(site.address, 0).await;
    let streams: JoinSet<_> = [stalled.clone(), stalled.clone(), stalled]
        .into_iter()
        .map(|mut client| async move { client.get("/large").await.is_err() })
        .collect();
    assert_eq!(streams.join_all().await, [true; 3]);
    site.until(|counts| counts.ends(ConnectionEnd::UnreadLimit) >= 1).await;
    assert_eq!(reading.get("/").await.body, "hello");
    drop(first);
    site.until(|counts| counts.open.load(Ordering::Relaxed) == 1).await;
    assert_eq!(site.counts.unread_bytes.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn oversized_requests_are_refused_readably() {
    let site = Site::open(ListenSettings { max_body_bytes: 1_000, ..Site::patient() });
    let request =
        |path: &str, headers: &str, body: &str| format!("POST {path} HTTP/1.1\r\nhost: a\r\n{headers}\r\n{body}");
    let body = "x".repeat(1_001);
    let cases = [
        (request("/", &format!("h: {}\r\n", "v".repeat(15 << 10)), ""), 200),
        (request("/", &format!("h: {}\r\n", "v".repeat(16 << 10)), ""), 431),
        // The client sends much more than is read.
        (request("/", &format!("h: {}\r\n", "v".repeat(250 << 10)), ""), 431),
        (request("/", &"h: v\r\n".repeat(101), ""), 431),
        (request("/body", "content-length: 1000\r\n", &body[1..]), 200),
        (request("/body", "content-length: 1001\r\n", &body), 413),
        (request("/body", "content-length: 99999999999999999999\r\n", &body), 400),
        (request("/body", "transfer-encoding: chunked\r\n", &format!("3e8\r\n{}\r\n0\r\n\r\n", &body[1..])), 200),
        (request("/body", "transfer-encoding: chunked\r\n", &format!("3e9\r\n{body}\r\n0\r\n\r\n")), 413),
        ("no request at all\r\n\r\n".to_owned(), 400),
    ];
    for (request, status) in cases {
        let mut client = Http1Client::connect(site.address).await;
        client.send(&request).await;
        assert_eq!(client.receive().await.status, status, "{:.60}", request);
    }
    // The requests that hyper refused, so that no handler got them.
    site.until(|counts| counts.ends(ConnectionEnd::BadHead) == 5).await;
}

/// A client that reads the answer only when it has sent its whole request.
#[tokio::test]
async fn a_body_that_is_too_large_can_be_sent_to_its_end() {
    let site = Site::open(Site::patient());
    let mut client = TcpStream::connect(site.address).await.unwrap();
    let size = 12 << 20;
    client
        .write_all(format!("POST /body HTTP/1.1\r\nhost: a\r\ncontent-length: {size}\r\n\r\n").as_bytes())
        .await
        .unwrap();
    client.write_all(&vec![b'x'; size]).await.unwrap();
    let received = Http1Client::over(client).receive().await;
    assert_eq!((received.status, &*received.body), (413, "too large"));
}

#[tokio::test]
async fn a_connection_of_http2_with_an_error_takes_little_more() {
    let site = Site::open(Site::patient());
    let mut client = TcpStream::connect(site.address).await.unwrap();
    client.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.unwrap();
    // A piece of a body that belongs to no stream.
    client.write_all(b"\0\0\x01\0\0\0\0\0\0x").await.unwrap();
    client.write_all(&vec![b'x'; 12 << 20]).await.expect_err("the connection is closed");
}

/// The body of a request, in pieces.
struct Pieces(mpsc::Receiver<Bytes>);

impl Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(cx).map(|piece| piece.map(|piece| Ok(Frame::data(piece))))
    }
}

#[tokio::test]
async fn a_body_that_nobody_wants_can_be_sent_to_its_end_in_http_2() {
    let site = Site::open(ListenSettings { max_body_bytes: 1_000, ..Site::patient() });
    for (path, status) in [("/", 200), ("/body", 413)] {
        let stream = TokioIo::new(TcpStream::connect(site.address).await.unwrap());
        let (mut sender, connection) = http2::handshake(TokioExecutor::new(), stream).await.unwrap();
        tokio::spawn(connection);
        let (pieces, body) = mpsc::channel(1);
        let request = Request::post(format!("http://gateway.example{path}")).body(Pieces(body)).unwrap();
        let answer = tokio::spawn(sender.send_request(request));
        pieces.send(Bytes::from(vec![b'x'; 2_000])).await.unwrap();
        let answer = answer.await.unwrap().unwrap();
        assert_eq!(answer.status(), status, "{path}");
        answer.into_body().collect().await.unwrap();
        // The stream has its answer. More is sent than fits into its window.
        for _ in 0..20 {
            pieces.send(Bytes::from(vec![b'x'; 16 << 10])).await.expect("the stream goes on");
        }
    }
}

#[tokio::test]
async fn a_body_must_arrive_in_time() {
    let site = Site::open(ListenSettings { body_timeout: SHORT, ..Site::patient() });
    let mut client = Http1Client::connect(site.address).await;
    client.send("POST /body HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nbo").await;
    assert_eq!(client.receive().await.body, "timed out");
}

#[tokio::test]
async fn more_connections_than_allowed_are_closed_at_once() {
    let site = Site::open(ListenSettings { max_connections: 2, ..Site::patient() });
    let mut first = Http1Client::connect(site.address).await;
    let mut second = Http1Client::connect(site.address).await;
    assert_eq!(first.get("/").await.body, "hello");
    assert_eq!(second.get("/").await.body, "hello");
    let mut third = Http1Client::connect(site.address).await;
    assert_eq!(third.until_closed().await, b"");
    assert_eq!(site.counts.over_limit.load(Ordering::Relaxed), 1);
    drop(first);
    site.until(|counts| counts.open.load(Ordering::Relaxed) == 1).await;
    let mut fourth = Http1Client::connect(site.address).await;
    assert_eq!(fourth.get("/").await.body, "hello");
    assert_eq!(second.get("/").await.body, "hello");
}
