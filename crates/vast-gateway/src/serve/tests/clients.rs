//! Clients that write their bytes themselves.

use std::net::SocketAddr;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Incoming;
use hyper::client::conn::http2::{self, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufStream};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::site::PATIENCE;

/// An answer as a test compares it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Received {
    pub(super) status: u16,
    /// Lower case, one header per line.
    pub(super) headers: String,
    pub(super) body: String,
}

impl Received {
    pub(super) fn closes(&self) -> bool {
        self.headers.contains("connection: close")
    }
}

/// A client of HTTP/1.1.
pub(super) struct Http1Client<S = TcpStream>(BufStream<S>);

impl Http1Client {
    pub(super) async fn connect(address: SocketAddr) -> Self {
        Self::over(TcpStream::connect(address).await.unwrap())
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Http1Client<S> {
    pub(super) fn over(stream: S) -> Self {
        Self(BufStream::new(stream))
    }

    /// Sends bytes. The server may have closed the connection.
    pub(super) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        let sent = async {
            let _ = self.0.write_all(bytes.as_ref()).await;
            let _ = self.0.flush().await;
        };
        timeout(PATIENCE, sent).await.expect("the server reads in time");
    }

    /// Sends a request without a body and reads its answer.
    pub(super) async fn get(&mut self, path: &str) -> Received {
        self.send(format!("GET {path} HTTP/1.1\r\nhost: gateway.example\r\n\r\n")).await;
        self.receive().await
    }

    /// Reads an answer.
    pub(super) async fn receive(&mut self) -> Received {
        self.try_receive().await.expect("the server answers")
    }

    /// Reads an answer; `None` if the connection ends before it.
    pub(super) async fn try_receive(&mut self) -> Option<Received> {
        timeout(PATIENCE, self.read_answer()).await.expect("the server answers or closes the connection in time")
    }

    async fn read_answer(&mut self) -> Option<Received> {
        let mut status = String::new();
        self.0.read_line(&mut status).await.ok().filter(|&read| read > 0)?;
        let mut headers = String::new();
        while self.0.read_line(&mut headers).await.ok()? > 2 {}
        let headers = headers.to_ascii_lowercase();
        let length = headers.lines().find_map(|line| line.strip_prefix("content-length: "));
        let mut body = vec![0; length.map_or(0, |length| length.trim().parse().unwrap())];
        self.0.read_exact(&mut body).await.ok()?;
        let status = status.split(' ').nth(1)?.parse().ok()?;
        Some(Received { status, headers, body: String::from_utf8(body).unwrap() })
    }

    /// Reads until the server closes the connection.
    pub(super) async fn until_closed(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        let read = timeout(PATIENCE, self.0.read_to_end(&mut rest)).await;
        let _ = read.expect("the server closes the connection in time");
        rest
    }
}

/// A client of HTTP/2.
#[derive(Clone)]
pub(super) struct Http2Client(SendRequest<Empty<Bytes>>);

impl Http2Client {
    pub(super) async fn connect(address: SocketAddr) -> Self {
        Self::over(TcpStream::connect(address).await.unwrap()).await
    }

    pub(super) async fn over<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(stream: S) -> Self {
        let (sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        Self(sender)
    }

    /// A client whose streams may receive this many bytes.
    pub(super) async fn connect_with_window(address: SocketAddr, bytes: u32) -> Self {
        let stream = TokioIo::new(TcpStream::connect(address).await.unwrap());
        let mut rules = http2::Builder::new(TokioExecutor::new());
        let (sender, connection) = rules.initial_stream_window_size(bytes).handshake(stream).await.unwrap();
        tokio::spawn(connection);
        Self(sender)
    }

    /// Sends a request and reads its answer.
    pub(super) async fn get(&mut self, path: &str) -> hyper::Result<(StatusCode, String)> {
        self.ask(Method::GET, path).await
    }

    /// Sends a request with this method and reads its answer. A body in the answer to HEAD is an error.
    pub(super) async fn ask(&mut self, method: Method, path: &str) -> hyper::Result<(StatusCode, String)> {
        let answer = async {
            let response = self.answer(method, path).await?;
            let status = response.status();
            let body = response.into_body().collect().await?.to_bytes();
            Ok((status, String::from_utf8(body.to_vec()).unwrap()))
        };
        timeout(PATIENCE, answer).await.expect("the server answers in time")
    }

    /// Sends a request and reads the head of its answer.
    pub(super) async fn begin(&mut self, path: &str) -> Response<Incoming> {
        timeout(PATIENCE, self.answer(Method::GET, path)).await.expect("the server answers in time").unwrap()
    }

    async fn answer(&mut self, method: Method, path: &str) -> hyper::Result<Response<Incoming>> {
        let uri = format!("http://gateway.example{path}");
        self.0.ready().await?;
        self.0.send_request(Request::builder().method(method).uri(uri).body(Empty::new()).unwrap()).await
    }
}
