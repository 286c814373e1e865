//! Clients that are slow, silent or gone.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use vast_gateway::Gateway;
use vast_gateway::config::DrainLimits;

use crate::support::{PATIENCE, Running, ad_servers};

async fn start(change: &str) -> (vast_mock::Mock, Running) {
    let mock = ad_servers().await;
    let config = format!(
        "[server]\n{change}\n[placement.ad]\nsource = [{{ url = \"ADS/ad\" }}]\n[placement.hang]\ntimeout = \"30s\"\nsource = [{{ url = \"ADS/hang\" }}]\n"
    );
    let gateway = Running::start(&mock, &config).await;
    (mock, gateway)
}

/// Whether the gateway closes the connection without a further byte from the client.
async fn is_closed(stream: &mut TcpStream) -> bool {
    let mut bytes = Vec::new();
    timeout(PATIENCE, stream.read_to_end(&mut bytes)).await.is_ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_is_too_slow_is_cut() {
    let (_silent, idle) = start("header_timeout = \"60s\"\nidle_timeout = \"200ms\"").await;
    let mut silent = TcpStream::connect(idle.address).await.expect("it listens");
    assert!(is_closed(&mut silent).await);
    idle.until_metric("vast_gateway_connection_ends_total{reason=\"idle_timeout\"} 1").await;
    let (_mock, gateway) = start("header_timeout = \"200ms\"\nidle_timeout = \"60s\"").await;
    for start in ["GET /v1/ad/vast HTTP/1.1\r\nHost: x\r\nX-", "PRI * HTTP/2.0\r\n"] {
        let mut stream = TcpStream::connect(gateway.address).await.expect("it listens");
        stream.write_all(start.as_bytes()).await.expect("it reads");
        assert!(is_closed(&mut stream).await, "{start:?}");
    }
    let mut stream = TcpStream::connect(gateway.address).await.expect("it listens");
    stream.write_all(b"GET /v1/ad/vast HTTP/1.1\r\nHost: x\r\nX: ").await.expect("it reads");
    let dripping = async {
        // The other requests take the time between two bytes.
        while stream.write_all(b"x").await.is_ok() {
            assert_eq!(gateway.get("/v1/ad/vast").await.outcome(), "filled");
        }
    };
    timeout(PATIENCE, dripping).await.expect("one byte after the other is no progress");
    gateway.until_metric("vast_gateway_connection_ends_total{reason=\"header_timeout\"} 3").await;
    assert_eq!(gateway.get("/v1/ad/vast").await.outcome(), "filled");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_carries_many_requests_and_may_be_idle() {
    let (_mock, gateway) = start("header_timeout = \"200ms\"\nidle_timeout = \"60s\"").await;
    let mut stream = TcpStream::connect(gateway.address).await.expect("it listens");
    for _ in 0..3 {
        stream.write_all(b"GET /v1/ad/vast HTTP/1.1\r\nHost: x\r\n\r\n").await.expect("it reads");
        let mut bytes = vec![0; 64 << 10];
        let mut read = 0;
        while !bytes[..read].ends_with(b"</VAST>\n") {
            let more = timeout(PATIENCE, stream.read(&mut bytes[read..])).await.expect("in time").expect("it answers");
            assert!(more > 0, "the connection stays open");
            read += more;
        }
        // Its end shows that the time for a head has passed.
        let mut late = TcpStream::connect(gateway.address).await.expect("it listens");
        late.write_all(b"GET").await.expect("it reads");
        assert!(is_closed(&mut late).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_whose_caller_is_gone_is_cancelled() {
    let (mock, gateway) = start("").await;
    let mut stream = TcpStream::connect(gateway.address).await.expect("it listens");
    stream.write_all(b"GET /v1/hang/vast HTTP/1.1\r\nHost: x\r\n\r\n").await.expect("it reads");
    mock.wait_for(|log| log.len() == 1).await.expect("the ad server is asked");
    drop(stream);
    mock.wait_for(|log| log[0].ended.is_some()).await.expect("the request to the ad server ends");
    gateway.until_metric("vast_gateway_answers_total{placement=\"hang\",outcome=\"cancelled\"} 1").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_closes_its_side_while_it_waits_is_gone() {
    let (mock, gateway) = start("").await;
    let mut stream = TcpStream::connect(gateway.address).await.expect("it listens");
    stream.write_all(b"GET /v1/hang/vast HTTP/1.1\r\nHost: x\r\n\r\n").await.expect("it reads");
    mock.wait_for(|log| log.len() == 1).await.expect("the ad server is asked");
    stream.shutdown().await.expect("half of it is closed");
    assert!(is_closed(&mut stream).await);
    mock.wait_for(|log| log[0].ended.is_some()).await.expect("the request to the ad server ends");
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_above_the_limit_are_closed_and_idle_ones_do_not_hinder_others() {
    let (_mock, gateway) = start("max_connections = 300").await;
    let mut idle = Vec::new();
    for _ in 0..299 {
        idle.push(TcpStream::connect(gateway.address).await.expect("it listens"));
    }
    while gateway.admin("/api/state").await.json()["open_connections"] != 299 {}
    assert_eq!(gateway.get("/v1/ad/vast").await.outcome(), "filled");
    while gateway.admin("/api/state").await.json()["open_connections"] != 299 {}
    let _last = TcpStream::connect(gateway.address).await.expect("it listens");
    let mut above = TcpStream::connect(gateway.address).await.expect("it listens");
    assert!(is_closed(&mut above).await);
    let metrics = gateway.admin("/metrics").await.body;
    assert!(metrics.contains("vast_gateway_connections_total{event=\"refused\"} 1\n"), "{metrics}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trusted_proxy_names_the_client_in_a_proxy_header() {
    let mock = ad_servers().await;
    let config = |more: &str| {
        format!(
            "[server]\ntrusted_proxies = [\"127.0.0.1/32\"]\n{more}\n[placement.ad]\nsource = [{{ url = \"ADS/ad?ip=[DEVICEIP]\" }}]\n"
        )
    };
    let request = "GET /v1/ad/vast HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let header = "PROXY TCP4 192.0.2.9 198.51.100.1 56324 443\r\n";
    // Configuration, bytes, the beginning of the answer, the address that the ad server gets.
    for (more, bytes, status, ip) in [
        ("proxy_protocol = true", format!("{header}{request}"), "HTTP/1.1 200", Some("192.0.2.9")),
        ("proxy_protocol = true", request.to_owned(), "", None),
        ("", format!("{header}{request}"), "HTTP/1.1 400", None),
        ("", request.to_owned(), "HTTP/1.1 200", Some("127.0.0.1")),
    ] {
        let gateway = Running::start(&mock, &config(more)).await;
        let before = mock.log().len();
        let mut stream = TcpStream::connect(gateway.address).await.expect("it listens");
        stream.write_all(bytes.as_bytes()).await.expect("it reads");
        let mut answer = Vec::new();
        timeout(PATIENCE, stream.read_to_end(&mut answer)).await.expect("in time").ok();
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.starts_with(status) && answer.is_empty() == status.is_empty(), "{more} {bytes}: {answer}");
        let heard = mock.log().into_iter().skip(before).map(|exchange| exchange.request.query()[0].1.clone());
        assert_eq!(heard.collect::<Vec<_>>(), ip.into_iter().collect::<Vec<_>>(), "{more} {bytes}");
    }
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_of_this_machine_uses_a_socket_in_the_file_system() {
    use std::os::unix::net::UnixListener;
    use vast_gateway::GatewayError;
    use vast_gateway::config::ListenAddress;

    let (mock, folder) = (ad_servers().await, tempfile::tempdir().expect("a folder"));
    let path = folder.path().join("vast.sock");
    let text = "[server]\ntrusted_proxies = [\"127.0.0.1/32\"]\n[placement.ad]\nsource = [{ url = \"ADS/ad?ip=[DEVICEIP]\" }]\n";
    let bind = async |path: &std::path::Path| {
        let mut config = crate::support::config(&mock, text);
        config.server.listen = vec!["127.0.0.1:0".parse().expect("an address"), ListenAddress::Unix(path.to_owned())];
        config.server.admin = "127.0.0.1:0".parse().expect("an address");
        config.server.drain = DrainLimits::new(Duration::ZERO, PATIENCE, PATIENCE);
        Gateway::builder().bind(config).await
    };
    let is_refused = |bound: Result<Gateway, GatewayError>| {
        matches!(bound, Err(GatewayError::Listen { address: ListenAddress::Unix(_), .. }))
    };
    // A process that was killed leaves its file.
    drop(UnixListener::bind(&path).expect("a socket"));
    let gateway = Running::of(bind(&path).await);
    assert!(is_refused(bind(&path).await), "a gateway listens there");
    let mut stream = tokio::net::UnixStream::connect(&path).await.expect("it listens");
    let request = "GET /v1/ad/vast HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 192.0.2.8\r\nConnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).await.expect("it reads");
    let mut answer = String::new();
    timeout(PATIENCE, stream.read_to_string(&mut answer)).await.expect("in time").expect("it answers");
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("</VAST>\n"), "{answer}");
    let heard = mock.log().pop().expect("a request").request.query()[0].1.clone();
    assert_eq!(heard, "192.0.2.8", "the proxy is a client of this machine");
    assert_eq!(gateway.get("/v1/ad/vast").await.outcome(), "filled", "the other address answers too");
    timeout(PATIENCE, gateway.stop()).await.expect("in time").expect("no panic");
    assert!(!path.exists(), "the file is removed");
    std::fs::write(&path, "important").expect("a file");
    assert!(is_refused(bind(&path).await), "the file is no socket");
    assert_eq!(std::fs::read_to_string(&path).expect("a file"), "important");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_is_too_large_is_refused() {
    let (_mock, gateway) = start("").await;
    let answer = gateway.get_with("/v1/ad/vast", &format!("X: {}\r\n", "x".repeat(20_000))).await;
    assert_eq!(answer.status, 431, "{answer:?}");
    let many: String = (0..200).map(|number| format!("X-{number}: 1\r\n")).collect();
    assert_eq!(gateway.get_with("/v1/ad/vast", &many).await.status, 431);
    assert_eq!(gateway.get("/v1/ad/vast").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_without_exactly_one_host_is_refused_on_both_ports() {
    let (mock, gateway) = start("").await;
    // Port, path, lines of the head, status.
    let (public, admin, tag, state) = (gateway.address, gateway.admin, "/v1/ad/vast", "/healthz");
    let cases = [
        (public, tag, "HTTP/1.1\r\n", 400),
        (public, tag, "HTTP/1.1\r\nHost: a.example\r\nHost: b.example\r\n", 400),
        (public, tag, "HTTP/1.1\r\nHost: a.example/x\r\n", 400),
        (public, "/v1/unwrap", "HTTP/1.1\r\n", 400),
        (public, "/b/token", "HTTP/1.1\r\n", 400),
        (public, tag, "HTTP/1.0\r\n", 200),
        (public, tag, "HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n", 200),
        (admin, state, "HTTP/1.1\r\n", 400),
        (admin, state, "HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: 127.0.0.1\r\n", 400),
        (admin, state, "HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n", 200),
    ];
    for (address, path, lines, status) in cases {
        let mut stream = TcpStream::connect(address).await.expect("it listens");
        stream.write_all(format!("GET {path} {lines}\r\n").as_bytes()).await.expect("it reads");
        let mut answer = String::new();
        let read = timeout(PATIENCE, stream.read_to_string(&mut answer)).await;
        read.expect("the connection ends").expect("text");
        let found = answer.split(' ').nth(1).and_then(|code| code.parse::<u16>().ok());
        assert_eq!(found, Some(status), "{path} {lines:?}: {answer}");
        let is_vast = path == tag && status == 400;
        assert_eq!(answer.contains("<VAST") && answer.contains("<!-- Host: "), is_vast, "{path} {lines:?}: {answer}");
    }
    assert_eq!(mock.log().len(), 2, "no ad server is asked for a request that is refused");
    let metrics = gateway.admin("/metrics").await.body;
    assert!(metrics.contains("outcome=\"bad_request\"} 5\n"), "{metrics}");
}
