//! HTTPS.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use tokio_rustls::{Connect, TlsConnector};

use super::super::{ConnectionEnd, DrainTimes, ListenSettings};
use super::clients::{Http1Client, Http2Client};
use super::site::{Site, StoppedClock};
use crate::config::TlsFiles;

/// Settings with a certificate for `gateway.example`, and what a client needs to trust it.
fn encrypted(folder: &TempDir) -> (ListenSettings, RootCertStore) {
    let issued = rcgen::generate_simple_self_signed(["gateway.example".to_owned()]).unwrap();
    let files = TlsFiles { certificate: folder.path().join("tls.crt"), key: folder.path().join("tls.key") };
    fs::write(&files.certificate, issued.cert.pem()).unwrap();
    fs::write(&files.key, issued.signing_key.serialize_pem()).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(issued.cert.der().clone()).unwrap();
    (ListenSettings { tls: Some(files), ..Site::patient() }, roots)
}

async fn connect(site: &Site, roots: &RootCertStore, protocols: &[&str]) -> TlsStream<TcpStream> {
    connecting(site, roots, protocols).await.await.unwrap()
}

/// A handshake that has not begun.
async fn connecting(site: &Site, roots: &RootCertStore, protocols: &[&str]) -> Connect<TcpStream> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let rules = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let mut rules = rules.with_root_certificates(roots.clone()).with_no_client_auth();
    rules.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    let stream = TcpStream::connect(site.address).await.unwrap();
    let name = ServerName::try_from("gateway.example").unwrap();
    TlsConnector::from(Arc::new(rules)).connect(name, stream)
}

#[tokio::test]
async fn the_client_chooses_the_version() {
    let folder = tempfile::tempdir().unwrap();
    let (settings, roots) = encrypted(&folder);
    let site = Site::open(settings);
    let mut http2 = Http2Client::over(connect(&site, &roots, &["h2", "http/1.1"]).await).await;
    assert!(http2.get("/peer").await.unwrap().1.ends_with(" true"));
    for protocols in [&["http/1.1"][..], &[]] {
        let mut http1 = Http1Client::over(connect(&site, &roots, protocols).await);
        assert!(http1.get("/peer").await.body.ends_with(" true"));
        assert!(http1.get("/peer").await.body.ends_with(" true"));
    }
}

#[tokio::test]
async fn a_handshake_must_succeed_in_time() {
    let folder = tempfile::tempdir().unwrap();
    let (settings, _) = encrypted(&folder);
    let short = Duration::from_millis(60);
    let site = Site::open(ListenSettings { handshake_timeout: short, ..settings.clone() });
    let mut silent = Http1Client::connect(site.address).await;
    silent.until_closed().await;
    site.until_end(ConnectionEnd::HandshakeTimeout).await;
    let site = Site::open(settings);
    let mut plain = Http1Client::connect(site.address).await;
    plain.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n").await;
    plain.until_closed().await;
    site.until_end(ConnectionEnd::HandshakeFailed).await;
}

#[tokio::test]
async fn the_limits_hold_over_tls() {
    let folder = tempfile::tempdir().unwrap();
    let (settings, roots) = encrypted(&folder);
    let site = Site::open(ListenSettings { header_timeout: Duration::from_millis(60), ..settings });
    let mut slow = Http1Client::over(connect(&site, &roots, &[]).await);
    slow.send("GET /").await;
    slow.until_closed().await;
    site.until_end(ConnectionEnd::HeaderTimeout).await;
}

#[tokio::test]
async fn a_connection_whose_handshake_ended_last_is_answered() {
    let clock = StoppedClock::stop();
    let folder = tempfile::tempdir().unwrap();
    let (settings, roots) = encrypted(&folder);
    let drain = DrainTimes { announce: Duration::ZERO, requests: Duration::from_secs(60) };
    let site = Site::open(ListenSettings { drain, ..settings });
    let mut client = Http1Client::over(connect(&site, &roots, &[]).await);
    let mut first = Http1Client::over(connect(&site, &roots, &[]).await);
    assert!(!first.get("/").await.closes());
    site.stop.drain();
    // Its end shows that the server has closed.
    clock.pass_until(first.until_closed()).await;
    assert!(client.get("/").await.closes());
    clock.pass_until(site.ended()).await;
}

#[tokio::test]
async fn an_answer_that_is_not_taken_whole_is_aborted() {
    let folder = tempfile::tempdir().unwrap();
    let (settings, roots) = encrypted(&folder);
    let drain = DrainTimes { announce: Duration::ZERO, requests: Duration::from_millis(50) };
    let site = Site::open(ListenSettings { drain, ..settings });
    let mut client = connect(&site, &roots, &[]).await;
    client.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\nGET /large HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    client.read_exact(&mut [0; 1_000]).await.unwrap();
    site.stop.drain();
    assert_eq!(site.ended().await.aborted, 1);
}

#[tokio::test]
async fn a_handshake_that_has_begun_is_finished_and_one_that_has_not_is_not_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let (settings, roots) = encrypted(&folder);
    let drain = DrainTimes { announce: Duration::ZERO, requests: Duration::from_secs(600) };
    let site = Site::open(ListenSettings { drain, handshake_timeout: Duration::from_secs(600), ..settings });
    let mut first = Http1Client::over(connect(&site, &roots, &[]).await);
    assert!(!first.get("/").await.closes());
    let mut silent = Http1Client::connect(site.address).await;
    let mut half = Http1Client::connect(site.address).await;
    half.send(b"\x16\x03").await;
    let mut begun = connecting(&site, &roots, &[]).await;
    assert!(futures_util::poll!(&mut begun).is_pending());
    site.until(|counts| counts.open.load(Ordering::Relaxed) == 4).await;
    site.stop.drain();
    // Its end shows that the server has closed.
    first.until_closed().await;
    assert!(Http1Client::over(begun.await.unwrap()).get("/").await.closes());
    silent.until_closed().await;
    half.until_closed().await;
    let counts = site.counts.clone();
    site.ended().await;
    assert_eq!(counts.ends(ConnectionEnd::Stopped), 2);
}

#[tokio::test]
async fn at_the_end_a_client_without_a_byte_has_a_second_and_one_in_its_handshake_another() {
    let clock = StoppedClock::stop();
    let folder = tempfile::tempdir().unwrap();
    let (settings, roots) = encrypted(&folder);
    let hour = Duration::from_secs(3_600);
    let drain = DrainTimes { announce: Duration::ZERO, requests: hour };
    let site = Site::open(ListenSettings { drain, handshake_timeout: hour, ..settings });
    let mut first = Http1Client::over(connect(&site, &roots, &[]).await);
    assert!(!first.get("/").await.closes());
    let _silent = Http1Client::connect(site.address).await;
    let mut half = Http1Client::connect(site.address).await;
    half.send(b"\x16\x03").await;
    site.until(|counts| counts.open.load(Ordering::Relaxed) == 3).await;
    site.stop.drain();
    // Its end shows that the server has closed.
    clock.pass_until(first.until_closed()).await;
    for stopped in [1, 2] {
        clock.pass(Duration::from_millis(1_100)).await;
        site.until(|counts| counts.ends(ConnectionEnd::Stopped) >= stopped).await;
        assert_eq!(site.counts.ends(ConnectionEnd::Stopped), stopped);
    }
    clock.pass_until(site.ended()).await;
}
