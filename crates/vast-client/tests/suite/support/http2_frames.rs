//! HTTP/2 frames (RFC 9113), and a server that sends them in any order.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::tls_server::{Authority, Manner, server_config};

pub const DATA: u8 = 0;
pub const HEADERS: u8 = 1;
pub const PRIORITY: u8 = 2;
pub const RST_STREAM: u8 = 3;
pub const SETTINGS: u8 = 4;
pub const PUSH_PROMISE: u8 = 5;
pub const PING: u8 = 6;
pub const GOAWAY: u8 = 7;
pub const WINDOW_UPDATE: u8 = 8;
pub const CONTINUATION: u8 = 9;

pub const END_STREAM: u8 = 1;
pub const END_HEADERS: u8 = 4;
pub const PADDED: u8 = 8;

/// `:status` 200, entry 8 of the static table (RFC 7541 appendix A).
pub const STATUS_200: &[u8] = &[0x88];
/// `:status` 103.
pub const STATUS_103: &[u8] = &[0x08, 3, b'1', b'0', b'3'];

/// A frame (section 4.1).
pub fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("small").to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// A header as a literal without indexing (RFC 7541 section 6.2.2).
pub fn header(name: &str, value: &str) -> Vec<u8> {
    let length = |text: &str| u8::try_from(text.len()).expect("short");
    [&[0, length(name)], name.as_bytes(), &[length(value)], value.as_bytes()].concat()
}

/// A server that answers every request with the same frames.
pub struct Http2Server {
    pub address: SocketAddr,
    received: Arc<Mutex<Vec<ReceivedFrame>>>,
}

/// A frame of the client.
#[derive(Clone)]
pub struct ReceivedFrame {
    pub kind: u8,
    pub stream: u32,
    pub payload: Vec<u8>,
}

impl Http2Server {
    /// `frames` have the stream number 1. They are sent with the stream number of each request.
    pub async fn start(authority: &Authority, frames: Vec<u8>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let manner = Manner { protocols: &[b"h2"], ..Manner::default() };
        let acceptor = TlsAcceptor::from(Arc::new(server_config(authority, &manner)));
        let received: Arc<Mutex<Vec<ReceivedFrame>>> = Arc::default();
        let log = received.clone();
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                let (acceptor, frames, log) = (acceptor.clone(), frames.clone(), log.clone());
                tokio::spawn(async move {
                    if let Ok(stream) = acceptor.accept(tcp).await {
                        // The client may close the connection at any time.
                        let _ = answer(stream, &frames, &log).await;
                    }
                });
            }
        });
        Self { address, received }
    }

    /// The frames of all connections so far.
    pub fn received(&self) -> Vec<ReceivedFrame> {
        self.received.lock().expect("no panic").clone()
    }
}

async fn answer(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    frames: &[u8],
    log: &Mutex<Vec<ReceivedFrame>>,
) -> std::io::Result<()> {
    let mut preface = [0; 24];
    stream.read_exact(&mut preface).await?;
    stream.write_all(&frame(SETTINGS, 0, 0, &[])).await?;
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).await?;
        let length = usize::from(head[0]) << 16 | usize::from(head[1]) << 8 | usize::from(head[2]);
        let mut payload = vec![0; length];
        stream.read_exact(&mut payload).await?;
        let stream_number = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
        log.lock().expect("no panic").push(ReceivedFrame { kind: head[3], stream: stream_number, payload });
        if head[3] == HEADERS {
            let of_request = [head[5], head[6], head[7], head[8]];
            stream.write_all(&for_stream(frames, of_request)).await?;
        }
    }
}

/// The frames with another stream number than 1.
fn for_stream(frames: &[u8], number: [u8; 4]) -> Vec<u8> {
    let mut frames = frames.to_vec();
    let mut at = 0;
    while let Some(head) = frames.get_mut(at..at + 9) {
        at += 9 + (usize::from(head[0]) << 16 | usize::from(head[1]) << 8 | usize::from(head[2]));
        if head[5..9] == [0, 0, 0, 1] {
            head[5..9].copy_from_slice(&number);
        }
    }
    frames
}
