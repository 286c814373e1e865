//! The servers of all faults.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use futures_util::FutureExt;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use vast_client::transport::Lookup;
use vast_mock::{Answer, CutEnd, Mock, Script};

use super::fault::{Fault, FaultServer};
use super::http2_frames::Http2Server;
use super::tls_server::{Authority, TlsServer};
use crate::support::AD;

/// The id of the ad of the good source.
pub(crate) const GOOD: &str = "good";

/// Servers that run until this is dropped.
pub(crate) struct FaultServers {
    pub(crate) authority: Authority,
    _mock: Mock,
    _http2: Vec<Http2Server>,
    _closed: Vec<TcpSocket>,
    urls: BTreeMap<&'static str, String>,
    good: String,
}

impl FaultServers {
    pub(crate) async fn start(faults: &[Fault]) -> Self {
        let mut script = Script::builder().server(GOOD).answer(Answer::new().body(AD.replace("shoes", GOOD)));
        for fault in faults {
            if let FaultServer::Script(answers) = &fault.server {
                script =
                    answers.iter().cloned().fold(script.server(fault.name), |server, answer| server.answer(answer));
            }
        }
        let mock = Mock::start(script.build().expect("a script")).await.expect("loopback");
        let (authority, stranger) = (Authority::new(), Authority::new());
        let (mut urls, mut http2, mut closed) = (BTreeMap::new(), Vec::new(), Vec::new());
        for fault in faults {
            let url = match &fault.server {
                FaultServer::Script(_) => format!("{}/v", mock.url(fault.name)),
                FaultServer::Url(url) => (*url).to_owned(),
                FaultServer::Refused => {
                    let socket = closed_port();
                    let url = format!("http://{}/v", socket.local_addr().expect("an address"));
                    closed.push(socket);
                    url
                }
                FaultServer::AtConnect { is_tls, bytes, end } => {
                    let (scheme, host) = if *is_tls { ("https", "ads.example") } else { ("http", "127.0.0.1") };
                    format!("{scheme}://{host}:{}/v", at_connect(bytes, *end).await)
                }
                FaultServer::Tls { manner, is_trusted } => {
                    let issuer = if *is_trusted { &authority } else { &stranger };
                    TlsServer::start(issuer, manner.clone()).await.url("ads.example")
                }
                FaultServer::Http2(frames) => {
                    let server = Http2Server::start(&authority, frames.clone()).await;
                    let url = format!("https://ads.example:{}/v", server.address.port());
                    http2.push(server);
                    url
                }
            };
            urls.insert(fault.name, url);
        }
        let good = format!("{}/v", mock.url(GOOD));
        Self { authority, _mock: mock, _http2: http2, _closed: closed, urls, good }
    }

    /// The URL of the source with the fault.
    pub(crate) fn url(&self, fault: &Fault) -> &str {
        &self.urls[fault.name]
    }

    /// The URL of the source whose ad can be used.
    pub(crate) fn good(&self) -> &str {
        &self.good
    }
}

/// The addresses of the names that occur in the matrix.
pub(crate) fn lookup() -> Lookup {
    Arc::new(|name| {
        async move {
            match name.as_str() {
                "gone.example" => Err(io::ErrorKind::NotFound.into()),
                "empty.example" => Ok(Vec::new()),
                "silent.example" => std::future::pending().await,
                "metadata.example" => Ok(vec![IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254))]),
                _ => Ok(vec![IpAddr::V4(Ipv4Addr::LOCALHOST)]),
            }
        }
        .boxed()
    })
}

/// A socket that does not listen. While it is there, no other program can listen on its port.
fn closed_port() -> TcpSocket {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind(([127, 0, 0, 1], 0).into()).expect("a port");
    socket
}

/// The port of a server that sends `bytes` to each connection and then performs `end`.
async fn at_connect(bytes: &'static [u8], end: CutEnd) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(end_after(stream, bytes, end));
        }
    });
    port
}

async fn end_after(mut stream: TcpStream, bytes: &[u8], end: CutEnd) {
    // The client may close the connection at any time.
    let _ = stream.write_all(bytes).await;
    match end {
        CutEnd::Hang => std::future::pending().await,
        CutEnd::Reset => stream.set_zero_linger().expect("a socket"),
        _ => {}
    }
}
