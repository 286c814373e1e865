//! TLS and HTTP/2 over real sockets on loopback, with certificates made here.

use std::path::PathBuf;

use crate::support::fetching::{Fetching, loopback};
use crate::support::tls_server::{Authority, Manner, TlsServer};
use futures_util::future::join_all;
use http::Version;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use vast_client::fetch::Fetched;
use vast_client::transport::{ClientIdentity, HttpTransport, Linger, Resolver, TlsSettings};
use vast_client::{ErrorType, Failure};

/// Makes one request to a server with these properties.
async fn get(authority: &Authority, manner: Manner<'_>, tls: &TlsSettings) -> Result<Fetched, Failure> {
    let server = TlsServer::start(authority, manner).await;
    Fetching::with(loopback(), tls, Linger::OFF).get(&server.url("ads.example")).await
}

fn trusting(authority: &Authority) -> TlsSettings {
    TlsSettings { ca_file: Some(authority.ca_file()), ..TlsSettings::default() }
}

#[tokio::test]
async fn only_trusted_certificates_are_accepted() {
    let authority = Authority::new();
    let trusting = trusting(&authority);
    assert!(get(&authority, Manner::default(), &trusting).await.is_ok());
    let stranger = Authority::new();
    let cases = [
        ("unknown authority", &authority, Manner::default(), TlsSettings::default()),
        ("another authority", &stranger, Manner::default(), trusting.clone()),
        ("another name", &authority, Manner { name: "other.example", ..Manner::default() }, trusting.clone()),
        ("expired", &authority, Manner { expired: true, ..Manner::default() }, trusting.clone()),
    ];
    for (case, authority, manner, tls) in cases {
        let failure = get(authority, manner, &tls).await.expect_err(case);
        assert_eq!((failure.error_type, failure.is_retried()), (ErrorType::Tls, false), "{case}: {failure}");
    }
    let insecure = TlsSettings { insecure: true, ..TlsSettings::default() };
    assert!(get(&authority, Manner { expired: true, ..Manner::default() }, &insecure).await.is_ok());
}

/// Over HTTP/2 all responses of a connection may arrive before the first of them is read. They are no flood.
#[tokio::test]
async fn many_responses_at_once_over_http_2_are_read() {
    const REQUESTS: usize = 190;
    static BODY: [u8; 10_000] = [b' '; 10_000];
    let authority = Authority::new();
    let manner = Manner { answers_after: REQUESTS, body: &BODY, ..Manner::default() };
    let server = TlsServer::start(&authority, manner).await;
    let (fetching, url) = (Fetching::with(loopback(), &trusting(&authority), Linger::OFF), server.url("ads.example"));
    let fetched = join_all((0..REQUESTS).map(|_| fetching.get(&url))).await;
    let lengths: Vec<_> = fetched.iter().map(|one| one.as_ref().map(|one| one.body.len())).collect();
    assert!(lengths.iter().all(|length| *length == Ok(BODY.len())), "{lengths:?}");
}

#[tokio::test]
async fn http_2_is_negotiated_where_it_is_offered() {
    let authority = Authority::new();
    for (protocols, version) in
        [(&[&b"h2"[..], b"http/1.1"][..], Version::HTTP_2), (&[b"http/1.1"], Version::HTTP_11), (&[], Version::HTTP_11)]
    {
        let server = TlsServer::start(&authority, Manner { protocols, ..Manner::default() }).await;
        let fetching = Fetching::with(loopback(), &trusting(&authority), Linger::OFF);
        for _ in 0..5 {
            assert_eq!(&fetching.get(&server.url("ads.example")).await.expect("a document").body[..], b"<VAST/>");
        }
        let host = if version == Version::HTTP_2 { "ads.example" } else { &server.url("ads.example")[8..25] };
        assert_eq!(server.requests(), vec![(version, host.to_owned()); 5]);
        assert_eq!(server.accepted(), 1);
    }
}

#[tokio::test]
async fn requests_at_the_same_time_are_left_with_one_http_2_connection() {
    let authority = Authority::new();
    let server = TlsServer::start(&authority, Manner { protocols: &[b"h2"], ..Manner::default() }).await;
    let fetching = Fetching::with(loopback(), &trusting(&authority), Linger::OFF);
    let url = server.url("ads.example");
    let answers = futures_util::future::join_all((0..8).map(|_| fetching.get(&url))).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    let accepted = server.accepted();
    let answers = futures_util::future::join_all((0..8).map(|_| fetching.get(&url))).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!((server.accepted(), server.requests().len()), (accepted, 16));
}

#[tokio::test]
async fn a_client_certificate_is_shown_where_one_is_asked_for() {
    let authority = Authority::new();
    let (certificate, key) = authority.issue("client.example", false);
    let identity = ClientIdentity {
        certificate: authority.file("client.pem", &certificate.pem()),
        key: authority.file("client.key", &key.serialize_pem()),
    };
    let asking = || Manner { asks_for_certificate: true, ..Manner::default() };
    let known = TlsSettings { identity: Some(identity), ..trusting(&authority) };
    assert!(get(&authority, asking(), &known).await.is_ok());
    let failure = get(&authority, asking(), &trusting(&authority)).await.expect_err("no certificate");
    assert_eq!(failure.error_type, ErrorType::Tls, "{failure}");
}

/// The server may close the connection before the client has written its request, while it writes, or after.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_missing_client_certificate_is_the_reason_whenever_the_server_closes() {
    let authority = Authority::new();
    for protocols in [&[&b"h2"[..]][..], &[b"http/1.1"]] {
        let manner = Manner { asks_for_certificate: true, protocols, ..Manner::default() };
        let server = TlsServer::start(&authority, manner).await;
        let fetching = Fetching::with(loopback(), &trusting(&authority), Linger::OFF);
        for attempt in 0..150 {
            let failure = fetching.get(&server.url("ads.example")).await.expect_err("no certificate");
            assert_eq!(failure.error_type, ErrorType::Tls, "{attempt}: {failure}");
        }
    }
}

#[tokio::test]
async fn plain_http_where_tls_is_expected_is_a_tls_failure() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("https://{}/", listener.local_addr().expect("an address"));
    let fetching = Fetching::new(Linger::OFF);
    let answering = async {
        let (mut stream, _) = listener.accept().await.expect("a client");
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.expect("sent");
        std::future::pending::<()>().await;
    };
    let failure = tokio::select! {
        () = answering => unreachable!("it waits"),
        got = fetching.get(&url) => got.expect_err("not TLS"),
    };
    assert_eq!(failure.error_type, ErrorType::Tls, "{failure}");
}

#[test]
fn wrong_files_are_named() {
    let authority = Authority::new();
    let (certificate, key) = authority.issue("client.example", false);
    let (_, other_key) = authority.issue("other.example", false);
    let pem = authority.file("client.pem", &certificate.pem());
    let good_key = authority.file("client.key", &key.serialize_pem());
    let other_key = authority.file("other.key", &other_key.serialize_pem());
    let empty = authority.file("empty.pem", "nothing\n");
    let missing = PathBuf::from("/nowhere/file.pem");
    let (device, folder) = (PathBuf::from("/dev/zero"), std::env::temp_dir());
    let with_ca = |path: &PathBuf| TlsSettings { ca_file: Some(path.clone()), ..TlsSettings::default() };
    let with_identity = |certificate: &PathBuf, key: &PathBuf| TlsSettings {
        identity: Some(ClientIdentity { certificate: certificate.clone(), key: key.clone() }),
        ..TlsSettings::default()
    };
    for (settings, key) in [
        (with_ca(&missing), "ca_file"),
        (with_ca(&empty), "ca_file"),
        (with_ca(&device), "ca_file"),
        (with_ca(&folder), "ca_file"),
        (with_identity(&device, &good_key), "client_certificate"),
        (with_identity(&pem, &device), "client_key"),
        (with_identity(&missing, &good_key), "client_certificate"),
        (with_identity(&empty, &good_key), "client_certificate"),
        (with_identity(&pem, &missing), "client_key"),
        (with_identity(&pem, &pem), "client_key"),
        (with_identity(&pem, &other_key), "client_key"),
    ] {
        assert_eq!(
            HttpTransport::new(Resolver::with_lookup(loopback()), &settings).expect_err(key).path.to_string(),
            key
        );
    }
    assert!(HttpTransport::new(Resolver::with_lookup(loopback()), &with_identity(&pem, &good_key)).is_ok());
}
