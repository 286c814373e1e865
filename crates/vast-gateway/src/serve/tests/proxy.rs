//! PROXY headers: believed from trusted proxies only.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use super::super::{ConnectionEnd, ListenSettings};
use super::clients::Http1Client;
use super::site::Site;

const REQUEST: &str = "GET /peer HTTP/1.1\r\nhost: a\r\n\r\n";

fn trusting(network: &str) -> ListenSettings {
    ListenSettings { proxy_protocol_from: Arc::new([network.parse().unwrap()]), ..Site::patient() }
}

#[tokio::test]
async fn a_trusted_proxy_names_the_client() {
    let site = Site::open(trusting("127.0.0.0/8"));
    let version_2 = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\x02\x01\xc6\x33\x64\x01\xdc\x04\x01\xbb";
    let cases: [(&[u8], &str); 3] = [
        (b"PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n", "192.0.2.1:56324 false"),
        (b"PROXY TCP6 2001:db8::1 ::1 56324 443\r\n", "[2001:db8::1]:56324 false"),
        (version_2, "192.0.2.1:56324 false"),
    ];
    for (header, peer) in cases {
        let mut at_once = Http1Client::connect(site.address).await;
        at_once.send([header, REQUEST.as_bytes()].concat()).await;
        assert_eq!(at_once.receive().await.body, peer);
        // The header is read once per connection.
        assert_eq!(at_once.get("/peer").await.body, peer);
        let mut by_bytes = Http1Client::connect(site.address).await;
        for byte in header {
            by_bytes.send([*byte]).await;
        }
        by_bytes.send(REQUEST).await;
        assert_eq!(by_bytes.receive().await.body, peer);
    }
    let mut health_check = Http1Client::connect(site.address).await;
    health_check.send([b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0", REQUEST.as_bytes()].concat()).await;
    assert!(health_check.receive().await.body.starts_with("127.0.0.1:"));
}

#[tokio::test]
async fn a_trusted_proxy_must_send_a_header() {
    let site = Site::open(ListenSettings { header_timeout: Duration::from_millis(60), ..trusting("127.0.0.1/32") });
    let beginnings = ["GET /peer HTTP/1.1\r\nhost: a\r\n\r\n", "PROXY TCP4 192.0.2.1\r\n", "PROXY TCP4 192.0", ""];
    for (ended, beginning) in (1..).zip(beginnings) {
        let mut client = Http1Client::connect(site.address).await;
        client.send(beginning).await;
        assert_eq!(client.until_closed().await, b"", "{beginning}");
        site.until(|counts| counts.ends(ConnectionEnd::BadProxyHeader) == ended).await;
    }
}

#[tokio::test]
async fn other_clients_cannot_name_an_address() {
    let site = Site::open(trusting("192.0.2.0/24"));
    let mut client = Http1Client::connect(site.address).await;
    let local: SocketAddr = "127.0.0.1:0".parse().unwrap();
    client.send(REQUEST).await;
    assert!(client.receive().await.body.starts_with(&local.ip().to_string()));
    for header in ["PROXY TCP4 192.0.2.1 198.51.100.1 1 2\r\n", "\r\n\r\n\0\r\nQUIT\n\x20\0\0\0"] {
        let mut liar = Http1Client::connect(site.address).await;
        liar.send([header, REQUEST].concat()).await;
        assert_eq!(liar.receive().await.status, 400, "{header:?}");
    }
}
