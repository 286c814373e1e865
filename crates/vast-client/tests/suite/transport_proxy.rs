//! A proxy for all connections (`proxy`): what it is asked for, and how its failures end.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use futures_util::FutureExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use vast_client::transport::{EgressProxy, EgressProxyError, HttpTransport, Linger, Lookup, Resolver, TlsSettings};
use vast_client::{ErrorType, FetchConfig, SourceConfig};

use crate::pipeline::{ads, client, client_with, end_of, inline, one_server, within};
use crate::support::fetching::{Fetching, SHORT, loopback};
use crate::support::tls_server::{Authority, Manner, TlsServer};

/// A proxy on loopback.
#[derive(Clone)]
struct ProxyServer {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

/// What the proxy does with each request.
#[derive(Clone, Copy)]
enum Answer {
    /// It connects to the port on this machine, whatever the address is.
    Tunnel,
    /// It sends this and closes the connection.
    Bytes(&'static str),
    /// It sends nothing.
    Nothing,
}

impl ProxyServer {
    async fn start(answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let server = Self { address: listener.local_addr().expect("an address"), asked: Arc::default() };
        let this = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(this.clone().serve(stream, answer));
            }
        });
        server
    }

    async fn serve(self, mut stream: TcpStream, answer: Answer) {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let Ok(byte) = stream.read_u8().await else { return };
            head.push(byte);
        }
        let head = String::from_utf8(head).expect("a head is ASCII");
        let line = head.lines().next().expect("a line").to_owned();
        let port = line.rsplit_once(':').and_then(|(_, rest)| rest.split(' ').next()?.parse::<u16>().ok());
        self.asked.lock().expect("no panic").push(line);
        match answer {
            Answer::Nothing => std::future::pending().await,
            // The client may close the connection at any time.
            Answer::Bytes(bytes) => drop(stream.write_all(bytes.as_bytes()).await),
            Answer::Tunnel => {
                let to = (Ipv4Addr::LOCALHOST, port.expect("a port"));
                let mut server = TcpStream::connect(to).await.expect("the server listens");
                stream.write_all(b"HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n").await.expect("it reads");
                let _ = copy_bidirectional(&mut stream, &mut server).await;
            }
        }
    }

    fn proxy(&self) -> EgressProxy {
        format!("http://{}", self.address).parse().expect("a proxy")
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("no panic").clone()
    }
}

fn fetching(proxy: &ProxyServer, tls: &TlsSettings, lookup: Lookup) -> Fetching {
    let resolver = Resolver::with_lookup(lookup.clone());
    let transport = HttpTransport::with_proxy(resolver, tls, Some(proxy.proxy())).expect("TLS settings");
    Fetching::over(transport, lookup, Linger::OFF)
}

#[tokio::test]
async fn the_proxy_gets_the_address_that_was_checked_and_not_the_name() {
    let (proxy, mock) = (ProxyServer::start(Answer::Tunnel).await, one_server([inline()]).await);
    let port = mock.address("east").expect("a server").port();
    let lookup: Lookup = Arc::new(|_| async { Ok(vec![IpAddr::V4(Ipv4Addr::new(203, 0, 113, 9))]) }.boxed());
    let fetching = fetching(&proxy, &TlsSettings::default(), lookup);
    let fetched = fetching.get(&format!("http://ads.example:{port}/v")).await.expect("a document");
    assert!(fetched.body.starts_with(b"<?xml"));
    assert_eq!(proxy.asked(), [format!("CONNECT 203.0.113.9:{port} HTTP/1.1")]);
    assert_eq!(mock.log()[0].request.header("host"), Some(format!("ads.example:{port}").as_str()));
}

#[tokio::test]
async fn tls_is_spoken_with_the_server_and_not_with_the_proxy() {
    let (proxy, authority) = (ProxyServer::start(Answer::Tunnel).await, Authority::new());
    let tls = TlsSettings { ca_file: Some(authority.ca_file()), ..TlsSettings::default() };
    for (name, is_good) in [("ads.example", true), ("other.example", false)] {
        let server = TlsServer::start(&authority, Manner { name, ..Manner::default() }).await;
        let got = fetching(&proxy, &tls, loopback()).get(&server.url("ads.example")).await;
        let expected = if is_good { None } else { Some(ErrorType::Tls) };
        assert_eq!(got.err().map(|failure| failure.error_type), expected, "{name}");
    }
    assert_eq!(proxy.asked().len(), 2);
}

#[tokio::test]
async fn a_proxy_that_fails_is_a_failed_connection() {
    let long =
        "HTTP/1.1 200 OK\r\nX: xxxxxxxxxxxxxxxx\r\n".to_owned() + "X: xxxxxxxxxxxxxxxx\r\n".repeat(1000).as_str();
    let cases = [
        (Answer::Bytes("HTTP/1.1 403 Forbidden\r\n\r\n"), "with status 403"),
        (Answer::Bytes("SSH-2.0-x\r\n\r\n"), "not HTTP"),
        (Answer::Bytes("HTTP/1.1 200 OK\r\n"), "proxy"),
        (Answer::Bytes(long.leak()), "more than 8192 bytes"),
    ];
    for (answer, part) in cases {
        let proxy = ProxyServer::start(answer).await;
        let failure = fetching(&proxy, &TlsSettings::default(), loopback()).get("http://ads.example:81/v").await;
        let failure = failure.expect_err(part);
        assert_eq!(failure.error_type, ErrorType::Connect, "{failure}");
        assert!(failure.message.contains(part), "{failure}");
    }
    let proxy = ProxyServer::start(Answer::Nothing).await;
    let mut silent = fetching(&proxy, &TlsSettings::default(), loopback());
    silent.connect = SHORT;
    let failure = silent.get("http://ads.example:81/v").await.expect_err("silence");
    assert_eq!(
        (failure.error_type, failure.limit.map(|limit| limit.as_str())),
        (ErrorType::Timeout, Some("connect_timeout"))
    );
}

#[tokio::test]
async fn private_addresses_are_refused_before_the_proxy_is_asked() {
    let (proxy, mock) = (ProxyServer::start(Answer::Tunnel).await, one_server([inline()]).await);
    let wrapper = "<VAST version='4.2'><Ad id='w'><Wrapper><AdSystem>x</AdSystem><VASTAdTagURI>http://127.0.0.1/</VASTAdTagURI>\
                   </Wrapper></Ad></VAST>";
    let mut config = FetchConfig::new([SourceConfig::inline(wrapper).named("w")]);
    config.proxy = Some(proxy.proxy());
    assert_eq!(end_of(&within(client(config, Linger::OFF).request_ad()).await, "w"), "blocked_address");
    assert!(proxy.asked().is_empty());
    // The same client with a source that the operator names.
    let mut config = FetchConfig::new([SourceConfig::url(format!("{}/v?ad=shoes", mock.url("east")))]);
    config.proxy = Some(proxy.proxy());
    assert_eq!(ads(&within(client_with(config, |builder| builder).request_ad()).await), ["shoes"]);
    assert_eq!(proxy.asked().len(), 1);
}

#[test]
fn a_proxy_is_an_http_url_without_more() {
    for (text, shown) in [
        ("http://proxy.internal:3128", "http://proxy.internal:3128"),
        ("http://PROXY.internal/", "http://proxy.internal"),
        ("http://[::1]:3128", "http://[::1]:3128"),
    ] {
        assert_eq!(text.parse::<EgressProxy>().map(|proxy| proxy.to_string()).as_deref(), Ok(shown));
    }
    for text in ["", "proxy:3128", "https://proxy", "socks5://proxy", "http://proxy/path", "http://proxy/?x", "http://"]
    {
        assert_eq!(text.parse::<EgressProxy>(), Err(EgressProxyError::Url(text.to_owned())));
    }
    assert_eq!("http://user:secret@proxy".parse::<EgressProxy>(), Err(EgressProxyError::Credentials));
}
