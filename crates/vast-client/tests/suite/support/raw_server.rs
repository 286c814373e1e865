//! A server on loopback whose responses are given byte for byte.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// The next action on the connection after some bytes were sent.
#[derive(Clone)]
pub enum Then {
    /// The next request is read.
    Next,
    /// The connection is closed, and then the client closes it too.
    Close,
    /// The connection is closed with a reset.
    Reset,
    /// Nothing more is sent.
    Hang,
}

/// The response to a request.
#[derive(Clone)]
pub struct Reply {
    /// The response is sent only after this was notified.
    pub gate: Option<Arc<Notify>>,
    pub bytes: Vec<u8>,
    pub then: Then,
}

impl Reply {
    /// A response of exactly these bytes.
    pub fn raw(bytes: &[u8], then: Then) -> Self {
        Self { gate: None, bytes: bytes.to_vec(), then }
    }

    /// A complete response with `Content-Length`.
    pub fn http(status: u16, headers: &str, body: &[u8]) -> Self {
        let head = format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\n{headers}\r\n", body.len());
        Self::raw(&[head.as_bytes(), body].concat(), Then::Next)
    }

    pub fn document() -> Self {
        Self::http(200, "", b"<VAST/>")
    }
}

/// The server and its log.
#[derive(Clone)]
pub struct RawServer {
    pub address: SocketAddr,
    accepted: Arc<AtomicUsize>,
    requests: Arc<Mutex<Vec<String>>>,
    /// Notified with every request that has been read.
    pub asked: Arc<Notify>,
    /// Notified when both sides have closed a connection.
    pub closed: Arc<Notify>,
}

impl RawServer {
    /// Answers request number n (from 0, over all connections) with `reply(n)`.
    pub async fn start(reply: impl Fn(usize) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let server = Self {
            address: listener.local_addr().expect("an address"),
            accepted: Arc::default(),
            requests: Arc::default(),
            asked: Arc::default(),
            closed: Arc::default(),
        };
        let (this, reply) = (server.clone(), Arc::new(reply));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                this.accepted.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(this.clone().serve(stream, reply.clone()));
            }
        });
        server
    }

    async fn serve(self, mut stream: TcpStream, reply: Arc<dyn Fn(usize) -> Reply + Send + Sync>) {
        while let Some(request) = read_head(&mut stream).await {
            let number = {
                let mut requests = self.requests.lock().expect("no panic");
                requests.push(request);
                requests.len() - 1
            };
            self.asked.notify_one();
            let Reply { gate, bytes, then } = reply(number);
            if let Some(gate) = gate {
                tokio::select! {
                    () = gate.notified() => {}
                    _ = stream.read_u8() => return self.closed.notify_one(),
                }
            }
            let _ = stream.write_all(&bytes).await;
            match then {
                Then::Next => {}
                Then::Close => {
                    let _ = stream.shutdown().await;
                    while stream.read_u8().await.is_ok() {}
                    break;
                }
                Then::Reset => return stream.set_zero_linger().expect("a socket"),
                Then::Hang => std::future::pending().await,
            }
        }
        drop(stream);
        self.closed.notify_one();
    }

    pub fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }

    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().expect("no panic").clone()
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

/// The head of a request; `None` when the client has closed the connection.
async fn read_head(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    String::from_utf8(head).ok()
}
