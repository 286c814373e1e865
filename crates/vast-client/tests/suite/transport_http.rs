//! The HTTP transport and the HTTP client that uses it, over real sockets on loopback.

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::support::fetching::{Fetching, LONG, SHORT, let_background_tasks_run, loopback};
use crate::support::raw_server::{RawServer, Reply, Then};
use flate2::Compression;
use futures_util::FutureExt;
use tokio::sync::Notify;
use vast_client::policy::TimeLimit;
use vast_client::transport::{
    AddressRule, AddressScope, HttpRequest, HttpTransport, Linger, Lookup, Resolver, Target, TlsSettings, Transport,
    TransportErrorKind,
};
use vast_client::{ErrorType, FetchConfig, SourceConfig, VastClient};

#[tokio::test]
async fn ten_requests_use_one_connection() {
    let server = RawServer::start(|_| Reply::document()).await;
    let fetching = Fetching::new(Linger::OFF);
    for _ in 0..10 {
        assert_eq!(&fetching.get(&server.url("/v?x={a|b}")).await.expect("a document").body[..], b"<VAST/>");
    }
    assert_eq!(server.accepted(), 1);
    let request = &server.requests()[9];
    assert!(request.starts_with("GET /v?x={a|b} HTTP/1.1\r\n"), "{request}");
    assert!(request.to_ascii_lowercase().contains(&format!("host: {}\r\n", server.address)), "{request}");
}

#[tokio::test]
async fn error_pages_and_redirects_keep_the_connection() {
    let server = RawServer::start(|number| match number {
        0 => Reply::http(302, "Location: /w\r\n", b"moved"),
        1 => Reply::http(503, "Retry-After: 2\r\n", &[b'x'; 5000]),
        _ => Reply::document(),
    })
    .await;
    let fetching = Fetching::new(Linger::OFF);
    let failure = fetching.get(&server.url("/v")).await.expect_err("503");
    assert_eq!((failure.status, failure.retry_after), (Some(503), Some(Duration::from_secs(2))));
    assert!(fetching.get(&server.url("/v")).await.is_ok());
    assert_eq!((server.accepted(), server.requests().len()), (1, 3));
}

#[tokio::test]
async fn r026_cookies_are_neither_kept_nor_sent() {
    let server = RawServer::start(|number| match number {
        0 => Reply::http(302, "Set-Cookie: a=1\r\nLocation: /w\r\n", b""),
        _ => Reply::http(200, "Set-Cookie: b=2\r\n", b"<VAST/>"),
    })
    .await;
    let fetching = Fetching::new(Linger::OFF);
    for _ in 0..2 {
        assert!(fetching.get(&server.url("/")).await.is_ok());
    }
    let requests = server.requests();
    assert!(requests.len() == 3 && requests.iter().all(|request| !request.to_ascii_lowercase().contains("cookie")));
}

#[tokio::test]
async fn a_broken_connection_says_whether_the_response_had_begun() {
    let begun_body: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<VAST>";
    let begun_chunk: &[u8] = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<VA";
    for (sent, answered) in [
        (&b""[..], false),
        (b"HTTP/1.1 2", true),
        (b"220 mail.example ready\r\n\r\n", true),
        (begun_body, true),
        (begun_chunk, true),
    ] {
        for then in [Then::Close, Then::Reset] {
            let reply = Reply::raw(sent, then);
            let server = RawServer::start(move |_| reply.clone()).await;
            let failure = Fetching::new(Linger::OFF).get(&server.url("/")).await.expect_err("a broken connection");
            assert_eq!(failure.error_type, ErrorType::Reset, "{}", sent.escape_ascii());
            // A reset can arrive before the bytes that were sent before it; a close cannot.
            let sure = sent.is_empty() || failure.answered == answered;
            assert!(sure, "{}: {failure:?}", sent.escape_ascii());
            assert_eq!(failure.is_retried(), !failure.answered);
            assert_eq!(server.requests().len(), 1, "it is never repeated below the retry policy");
        }
    }
}

#[tokio::test]
async fn a_request_written_to_a_kept_connection_is_not_repeated() {
    let server = RawServer::start(|number| match number {
        0 => Reply::document(),
        _ => Reply::raw(b"", Then::Close),
    })
    .await;
    let fetching = Fetching::new(Linger::OFF);
    assert!(fetching.get(&server.url("/")).await.is_ok());
    let failure = fetching.get(&server.url("/")).await.expect_err("closed");
    assert_eq!((failure.error_type, failure.answered), (ErrorType::Reset, false));
    assert_eq!((server.requests().len(), server.accepted()), (2, 1));
}

#[tokio::test]
async fn an_earlier_response_of_a_connection_does_not_count_for_the_next_request() {
    let server = RawServer::start(|number| match number {
        0 => Reply::document(),
        _ => Reply::raw(b"HTTP/1.1 20", Then::Close),
    })
    .await;
    let fetching = Fetching::new(Linger::OFF);
    assert!(fetching.get(&server.url("/")).await.is_ok());
    assert!(fetching.get(&server.url("/")).await.expect_err("closed").answered);
}

#[tokio::test]
async fn a_kept_connection_that_was_closed_is_replaced() {
    let server = RawServer::start(|_| Reply { then: Then::Close, ..Reply::document() }).await;
    let fetching = Fetching::new(Linger::OFF);
    for _ in 0..5 {
        assert!(fetching.get(&server.url("/")).await.is_ok());
        // The client notices the closed connection before the next request. Another test sends a request while the
        // connection is being closed.
        tokio::time::timeout(LONG, server.closed.notified()).await.expect("the client closes it too");
    }
    assert_eq!((server.accepted(), server.requests().len()), (5, 5));
}

#[tokio::test]
async fn a_response_with_two_lengths_is_the_last_of_its_connection() {
    const LENGTH: &str = "Content-Length: 5\r\n";
    const CHUNKED: &str = "Transfer-Encoding: chunked\r\n";
    for (headers, connections) in [(vec![CHUNKED], 1), (vec![LENGTH, CHUNKED], 3), (vec![CHUNKED, LENGTH], 3)] {
        let reply = format!("HTTP/1.1 200 OK\r\n{}\r\n7\r\n<VAST/>\r\n0\r\n\r\n", headers.concat());
        let server = RawServer::start(move |_| Reply::raw(reply.as_bytes(), Then::Next)).await;
        let fetching = Fetching::new(Linger::OFF);
        for _ in 0..3 {
            assert_eq!(&fetching.get(&server.url("/")).await.expect("a document").body[..], b"<VAST/>");
        }
        assert_eq!(server.accepted(), connections, "{headers:?}");
    }
}

#[tokio::test]
async fn an_idle_connection_is_kept_for_at_most_50_seconds() {
    let server = RawServer::start(|_| Reply::document()).await;
    let fetching = Fetching::new(Linger::OFF);
    assert!(fetching.get(&server.url("/")).await.is_ok());
    for (idle, connections) in [(44, 1), (51, 2)] {
        tokio::time::pause();
        tokio::time::sleep(Duration::from_secs(idle)).await;
        tokio::time::resume();
        assert!(fetching.get(&server.url("/")).await.is_ok());
        assert_eq!(server.accepted(), connections, "after {idle} s");
    }
}

#[tokio::test]
async fn a_closed_port_is_a_connect_failure() {
    let failure = Fetching::new(Linger::OFF).get("http://127.0.0.1:1/").await.expect_err("closed");
    assert_eq!((failure.error_type, failure.is_retried()), (ErrorType::Connect, true));
}

#[tokio::test]
async fn a_timeout_names_the_limit_that_fired() {
    let server = RawServer::start(|_| Reply::raw(b"", Then::Hang)).await;
    let connect_first = Fetching { connect: SHORT, ..Fetching::new(Linger::OFF) };
    let attempt_first = Fetching { attempt: SHORT, ..Fetching::new(Linger::OFF) };
    // The TLS handshake gets no answer, so there is no connection.
    let tls = format!("https://{}/", server.address);
    assert_eq!(connect_first.get(&tls).await.expect_err("silence").limit, Some(TimeLimit::Connect));
    assert_eq!(attempt_first.get(&tls).await.expect_err("silence").limit, Some(TimeLimit::Attempt));
    // Here the connection is open, and then the time of both limits passes.
    let both = Fetching { connect: LONG / 4, attempt: LONG / 2, ..Fetching::new(Linger::OFF) };
    let asked = async {
        server.asked.notified().await;
        tokio::time::pause();
    };
    let url = server.url("/");
    let (failed, ()) = tokio::join!(both.get(&url), asked);
    assert_eq!(failed.expect_err("silence").limit, Some(TimeLimit::Attempt));
}

#[tokio::test]
async fn a_name_that_does_not_resolve_is_a_dns_failure() {
    let lookup = |_| async { Err(std::io::Error::other("no such name")) }.boxed();
    let fetching = Fetching::with(Arc::new(lookup), &TlsSettings::default(), Linger::OFF);
    let failure = fetching.get("http://gone.example/").await.expect_err("no such name");
    assert_eq!((failure.error_type, failure.is_retried()), (ErrorType::Dns, true));
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(body).expect("memory");
    encoder.finish().expect("memory")
}

#[tokio::test]
async fn r014_encoded_bodies_are_decoded_and_bombs_are_not() {
    let server = RawServer::start(|number| match number {
        0 => Reply::http(200, "Content-Encoding: gzip\r\n", &gzip(b"<VAST/>")),
        1 => Reply::http(200, "Content-Encoding: gzip\r\n", &gzip(&vec![0; 10_000_000])),
        2 => Reply::http(200, "Content-Encoding: gzip, gzip\r\n", &gzip(&gzip(b"<VAST/>"))),
        3 => Reply::http(200, "Content-Encoding: gzip\r\n", &gzip(b"<VAST/>")[..20]),
        _ => Reply::raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", Then::Hang),
    })
    .await;
    let fetching = Fetching::new(Linger::OFF);
    let answer = fetching.get(&server.url("/")).await.expect("a document");
    assert_eq!((&answer.body[..], answer.wire_bytes), (&b"<VAST/>"[..], gzip(b"<VAST/>").len() as u64));
    for wanted in [ErrorType::TooLarge, ErrorType::Encoding, ErrorType::Encoding, ErrorType::TooLarge] {
        let failure = fetching.get(&server.url("/")).await.expect_err("a bad body");
        assert_eq!((failure.error_type, failure.answered), (wanted, true));
    }
}

/// Cancels a request that the server has read, lets the server answer it, and makes another request.
async fn cancel_and_request_again(linger: Linger) -> (RawServer, Fetching) {
    let gate = Arc::new(Notify::new());
    let gated = gate.clone();
    let server =
        RawServer::start(move |number| Reply { gate: (number == 0).then(|| gated.clone()), ..Reply::document() }).await;
    let fetching = Fetching::new(linger);
    let url = server.url("/");
    tokio::select! {
        biased;
        () = server.asked.notified() => {}
        _ = fetching.get(&url) => panic!("the server has not answered"),
    }
    gate.notify_one();
    let_background_tasks_run().await;
    fetching.get(&url).await.expect("a document");
    (server, fetching)
}

#[tokio::test]
async fn a_cancelled_exchange_keeps_its_connection_with_linger() {
    let (server, _fetching) = cancel_and_request_again(Linger { time: LONG, ..Linger::default() }).await;
    assert_eq!((server.accepted(), server.requests().len()), (1, 2));
}

#[tokio::test]
async fn a_cancelled_exchange_closes_its_connection_without_linger() {
    let (server, _fetching) = cancel_and_request_again(Linger::OFF).await;
    assert_eq!((server.accepted(), server.requests().len()), (2, 2));
    tokio::time::timeout(LONG, server.closed.notified()).await.expect("the first connection is closed");
}

#[tokio::test]
async fn a_request_that_is_cancelled_before_it_was_sent_is_never_sent() {
    let (asked, release) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (was_asked, released) = (asked.clone(), release.clone());
    let lookup: Lookup = Arc::new(move |_| {
        let (asked, release) = (was_asked.clone(), released.clone());
        async move {
            asked.notify_one();
            release.notified().await;
            Ok(vec![IpAddr::V4(Ipv4Addr::LOCALHOST)])
        }
        .boxed()
    });
    let server = RawServer::start(|_| Reply::document()).await;
    let fetching = Fetching::with(lookup, &TlsSettings::default(), Linger { time: LONG, ..Linger::default() });
    let url = format!("http://house.example:{}/", server.address.port());
    tokio::select! {
        biased;
        () = asked.notified() => {}
        _ = fetching.get(&url) => panic!("the name is not resolved"),
    }
    release.notify_one();
    let_background_tasks_run().await;
    assert_eq!(server.requests().len(), 0);
    fetching.get(&url).await.expect("the next one is sent");
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn r025_a_redirect_of_the_named_origin_may_not_name_another_port() {
    let other = RawServer::start(|_| Reply::document()).await;
    let elsewhere = other.url("/secret");
    let server = RawServer::start(move |number| match number {
        0 => Reply::http(302, "Location: /same\r\n", b""),
        1 => Reply::document(),
        _ => Reply::http(302, &format!("Location: {elsewhere}\r\n"), b""),
    })
    .await;
    let fetching = Fetching::new(Linger::OFF);
    let document = fetching.get(&server.url("/")).await.expect("a redirect on the same origin");
    assert_eq!(document.base.expect("a URL").as_str(), server.url("/same"));
    let failure = fetching.get(&server.url("/")).await.expect_err("another port");
    assert_eq!(failure.error_type, ErrorType::BlockedAddress);
    assert_eq!(other.accepted(), 0);
    assert!(fetching.get_anywhere(&server.url("/")).await.is_ok(), "unless the operator allows it");
}

/// The URL comes from a document and not from the operator.
#[tokio::test]
async fn r025_a_url_is_fetched_under_the_rule_that_is_given() {
    let looked_up = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&looked_up);
    let lookup: Lookup = Arc::new(move |name| {
        counter.fetch_add(1, Ordering::SeqCst);
        loopback()(name)
    });
    let other = RawServer::start(|_| Reply::document()).await;
    let elsewhere = format!("Location: {}\r\n", other.url("/secret"));
    let server = RawServer::start(move |number| match number {
        0 => Reply::document(),
        _ => Reply::http(302, &elsewhere, b""),
    })
    .await;
    let port = server.address.port();
    let url = format!("http://house.example:{port}/v?cb=[CACHEBUSTING]");
    let named = |url: &str| AddressRule::of(&Target::parse(url, None).expect("a URL"));
    let config = FetchConfig::new([SourceConfig::inline("<VAST/>")]);
    let client = VastClient::builder().lookup(lookup).build(config).expect("a configuration");
    let blocked = Err(ErrorType::BlockedAddress);
    let cases = [
        ("a port that is not public", AddressRule::default(), blocked, 0),
        ("a private address", named("http://house.example:1/"), blocked, 0),
        ("the named origin", named(&url), Ok(()), 1),
        ("a redirect of the named origin to another port", named(&url), blocked, 2),
    ];
    for (case, rule, expected, requests) in cases {
        let got = client.get(&url, &rule).await.map(|document| assert!(!document.body.is_empty()));
        assert_eq!(got.map_err(|failure| failure.error_type), expected, "{case}");
        assert_eq!(server.requests().len(), requests, "{case}");
    }
    assert!(server.requests().iter().all(|request| !request.contains("CACHEBUSTING")), "macros are filled in");
    assert_eq!(other.accepted(), 0);
    assert_eq!(looked_up.load(Ordering::SeqCst), 1, "the address that was checked is the one that is connected to");
    let failure = client.get("ads.example/v", &AddressRule::default()).await.expect_err("a relative URL");
    assert_eq!(failure.error_type, ErrorType::WrapperUri);
}

#[tokio::test]
async fn r025_a_request_for_public_addresses_never_uses_a_connection_to_a_private_one() {
    let server = RawServer::start(|_| Reply::document()).await;
    let resolver = Resolver::with_lookup(loopback());
    let transport = HttpTransport::new(resolver, &TlsSettings::default()).expect("no files");
    let request = |scope| {
        let uri = format!("http://house.example:{}/", server.address.port()).parse().expect("a URI");
        let mut request = HttpRequest::new(uri);
        (request.scope, request.connect_timeout) = (scope, LONG);
        request
    };
    transport.send(request(AddressScope::Any)).await.expect("any address");
    let error = transport.send(request(AddressScope::Public)).await.expect_err("a loopback address");
    assert_eq!(error.kind, TransportErrorKind::BlockedAddress);
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn one_host_has_a_limited_number_of_connections() {
    const LIMIT: usize = 256;
    let silent = RawServer::start(|_| Reply::raw(b"", Then::Hang)).await;
    let good = RawServer::start(|_| Reply::document()).await;
    let transport = HttpTransport::new(Resolver::with_lookup(loopback()), &TlsSettings::default()).expect("no files");
    let request = |url: String| {
        let mut request = HttpRequest::new(url.parse().expect("a URI"));
        request.connect_timeout = LONG;
        request
    };
    let waiting: Vec<_> = (0..LIMIT + 50).map(|_| tokio::spawn(transport.send(request(silent.url("/"))))).collect();
    while silent.requests().len() < LIMIT {
        tokio::task::yield_now().await;
    }
    let_background_tasks_run().await;
    assert_eq!(silent.accepted(), LIMIT);
    assert!(transport.send(request(good.url("/"))).await.is_ok(), "another host is served");
    // A connection that ends makes room for the next.
    waiting[0].abort();
    while silent.accepted() == LIMIT {
        tokio::task::yield_now().await;
    }
    waiting.iter().for_each(tokio::task::JoinHandle::abort);
}

/// What belongs to no body has limits, in one answer and without progress. Large answers one after another are no flood.
#[tokio::test]
async fn a_head_has_a_limit_and_large_answers_in_sum_have_none() {
    let padded = |length: usize| Reply::http(200, &format!("X-Pad: {}\r\n", "a".repeat(length)), b"<VAST/>");
    let server = RawServer::start(move |number| match number {
        0..10 => padded(60_000),
        10..13 => Reply::http(200, "", &vec![b' '; 2_000_000]),
        _ => padded(70_000),
    })
    .await;
    let fetching = Fetching::new(Linger::OFF);
    for number in 0..13 {
        assert!(fetching.get(&server.url("/")).await.is_ok(), "{number}");
    }
    assert_eq!(server.accepted(), 1);
    let failure = fetching.get(&server.url("/")).await.expect_err("a large head");
    assert_eq!(failure.error_type, ErrorType::TooLarge);
}
