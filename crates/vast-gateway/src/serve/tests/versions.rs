//! HTTP/1.1 and HTTP/2, panics, and clients that go away.

use std::sync::atomic::Ordering;

use http::{Method, StatusCode};

use super::super::ConnectionEnd;
use super::clients::{Http1Client, Http2Client};
use super::site::Site;

#[tokio::test]
async fn one_port_serves_both_versions() {
    let site = Site::open(Site::patient());
    let mut http1 = Http1Client::connect(site.address).await;
    for _ in 0..3 {
        let received = http1.get("/").await;
        assert_eq!((received.status, &*received.body), (200, "hello"));
    }
    // Two requests in one packet are answered in order.
    http1.send("GET /peer HTTP/1.1\r\nhost: a\r\n\r\nGET / HTTP/1.1\r\nhost: a\r\n\r\n").await;
    assert!(http1.receive().await.body.starts_with("127.0.0.1:"));
    assert_eq!(http1.receive().await.body, "hello");

    let mut http2 = Http2Client::connect(site.address).await;
    for _ in 0..3 {
        assert_eq!(http2.get("/").await.unwrap(), (StatusCode::OK, "hello".to_owned()));
    }
}

#[tokio::test]
async fn the_answer_to_head_has_no_body() {
    let site = Site::open(Site::patient());
    let mut http1 = Http1Client::connect(site.address).await;
    http1.send("HEAD / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await;
    let received = String::from_utf8(http1.until_closed().await).unwrap().to_ascii_lowercase();
    assert!(received.contains("\r\ncontent-length: 5\r\n") && received.ends_with("\r\n\r\n"), "{received}");
    let mut http2 = Http2Client::connect(site.address).await;
    assert_eq!(http2.ask(Method::HEAD, "/").await.unwrap(), (StatusCode::OK, String::new()));
    assert_eq!(http2.get("/").await.unwrap(), (StatusCode::OK, "hello".to_owned()));
}

#[tokio::test]
async fn the_first_bytes_may_arrive_one_by_one() {
    let site = Site::open(Site::patient());
    for request in ["GET / HTTP/1.1\r\nhost: a\r\n\r\n", "P / HTTP/1.1\r\nhost: a\r\n\r\n"] {
        let mut client = Http1Client::connect(site.address).await;
        for byte in request.bytes() {
            client.send([byte]).await;
        }
        assert_eq!(client.receive().await.status, 200);
    }
}

#[tokio::test]
async fn a_panic_gets_an_answer_and_the_connection_goes_on() {
    let site = Site::open(Site::patient());
    let mut http1 = Http1Client::connect(site.address).await;
    let mut http2 = Http2Client::connect(site.address).await;
    // In the future of the answer, and before there is one.
    for path in ["/panic", "/panic-at-once"] {
        assert_eq!(http1.get(path).await.status, 500, "{path}");
        assert_eq!(http1.get("/").await.body, "hello");
        assert_eq!(http2.get(path).await.unwrap().0, StatusCode::INTERNAL_SERVER_ERROR, "{path}");
        assert_eq!(http2.get("/").await.unwrap().1, "hello");
    }
    assert_eq!(site.counts.panics.load(Ordering::Relaxed), 4);
    assert_eq!(site.counts.open_requests.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn a_request_ends_when_its_client_goes_away() {
    let site = Site::open(Site::patient());
    let mut http1 = Http1Client::connect(site.address).await;
    http1.send("GET /wait HTTP/1.1\r\nhost: a\r\n\r\n").await;
    let mut http2 = Http2Client::connect(site.address).await;
    let stream = tokio::spawn({
        let mut http2 = http2.clone();
        async move { http2.get("/wait").await.is_ok() }
    });
    site.until_waiting(2).await;
    drop(http1);
    site.until(|counts| counts.torn.load(Ordering::Relaxed) == 1).await;
    // The client resets one stream; its connection goes on.
    stream.abort();
    site.until(|counts| counts.torn.load(Ordering::Relaxed) == 2).await;
    assert_eq!(http2.get("/").await.unwrap().1, "hello");
    assert_eq!(site.counts.open_requests.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn a_client_that_cancels_most_of_its_requests_loses_its_connection() {
    let site = Site::open(Site::patient());
    let http2 = Http2Client::connect(site.address).await;
    for request in 1..=101 {
        let mut http2 = http2.clone();
        let stream = tokio::spawn(async move { http2.get("/wait").await.is_ok() });
        site.until_waiting(request).await;
        stream.abort();
        site.until(|counts| counts.torn.load(Ordering::Relaxed) == request as u64).await;
    }
    site.until_end(ConnectionEnd::CancelFlood).await;
    assert!(http2.clone().get("/").await.is_err());
}
