//! A client whose bytes are under the control of the test.
#![allow(dead_code, reason = "each test file uses its part")]

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use vast_mock::{Exchange, Mock, Script, ServerBuilder};

/// A test that hangs fails after this time.
const LIMIT: Duration = Duration::from_secs(60);

pub(crate) struct Client {
    stream: TcpStream,
}

/// Starts a script of one server or more.
pub(crate) async fn start(script: ServerBuilder) -> Mock {
    Mock::start(script.build().expect("a valid script")).await.expect("sockets")
}

/// A builder that describes the server `east`.
pub(crate) fn east() -> ServerBuilder {
    Script::builder().server("east")
}

/// Waits until `count` exchanges have ended.
pub(crate) async fn ended(mock: &Mock, count: usize) -> Vec<Exchange> {
    let all = |log: &[Exchange]| log.iter().filter(|exchange| exchange.ended.is_some()).count() >= count;
    mock.wait_for(all).await.expect("the exchanges end")
}

impl Client {
    pub(crate) async fn connect(mock: &Mock) -> Self {
        Self::at(mock.address("east").expect("a server")).await
    }

    pub(crate) async fn at(address: SocketAddr) -> Self {
        Self { stream: TcpStream::connect(address).await.expect("connected") }
    }

    /// Whether this many bytes are accepted within a moment. Use it for bytes that must not be accepted: on a slow machine
    /// the result may be `false` too early.
    pub(crate) async fn can_send(&mut self, bytes: usize) -> bool {
        let bytes = vec![b'x'; bytes];
        tokio::time::timeout(Duration::from_millis(300), self.stream.write_all(&bytes)).await.is_ok()
    }

    /// A new connection on which one GET was sent.
    pub(crate) async fn asking(mock: &Mock, target: &str) -> Self {
        let mut client = Self::connect(mock).await;
        client.get(target).await;
        client
    }

    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).await.expect("sent");
    }

    pub(crate) async fn get(&mut self, target: &str) {
        self.send(format!("GET {target} HTTP/1.1\r\nHost: east.test\r\n\r\n")).await;
    }

    /// Reads exactly this number of bytes.
    pub(crate) async fn read(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        within(self.stream.read_exact(&mut bytes)).await.expect("as many bytes");
        bytes
    }

    /// Reads a head, and then as much body as it announces.
    pub(crate) async fn response(&mut self) -> (String, String) {
        let head = self.head().await;
        let length = header(&head, "content-length").map_or(0, |value| value.parse().expect("a number"));
        let body = self.read(length).await;
        (head, String::from_utf8(body).expect("text"))
    }

    pub(crate) async fn head(&mut self) -> String {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.extend(self.read(1).await);
        }
        String::from_utf8(head).expect("text")
    }

    /// Reads everything up to a normal end, or the error that ends the connection.
    pub(crate) async fn rest(&mut self) -> io::Result<String> {
        let mut rest = Vec::new();
        within(self.stream.read_to_end(&mut rest)).await?;
        Ok(String::from_utf8(rest).expect("text"))
    }

    /// Whether nothing can be read now.
    pub(crate) fn is_silent(&self) -> bool {
        let error = self.stream.try_read(&mut [0]).expect_err("silence");
        error.kind() == io::ErrorKind::WouldBlock
    }
}

pub(crate) fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut pairs = head.lines().filter_map(|line| line.split_once(": "));
    pairs.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(LIMIT, future).await.expect("in time")
}
