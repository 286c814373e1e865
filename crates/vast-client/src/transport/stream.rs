//! A connection, with or without TLS, that records whether a response has begun.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use hyper_util::client::legacy::connect::{Connected, Connection};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use super::{TransportError, TransportErrorKind};

/// A connection. It watches the bytes above TLS, because a TLS session ticket is not a response.
pub(super) struct ConnectionStream {
    layer: Layer,
    state: ConnectionState,
}

enum Layer {
    Plain(TcpStream),
    Encrypted(Box<TlsStream<TcpStream>>),
}

/// What hyper does not say about a connection. All clones share one state.
#[derive(Debug, Clone, Default)]
pub(super) struct ConnectionState(Arc<Observed>);

#[derive(Debug, Default)]
struct Observed {
    byte_received: AtomicBool,
    tls_failure: OnceLock<TransportError>,
}

impl ConnectionState {
    /// Whether a byte was received after the last byte was sent. Over HTTP/1.1 this means that the response to the last
    /// request has begun, and that request must not be repeated.
    pub(super) fn response_has_begun(&self) -> bool {
        self.0.byte_received.load(Ordering::Relaxed)
    }

    /// The TLS error that came after the handshake, for example a missing client certificate: a TLS 1.3 server reports it
    /// only then, and hyper's HTTP/2 turns it into text.
    pub(super) fn tls_failure(&self) -> Option<TransportError> {
        self.0.tls_failure.get().cloned()
    }

    fn note(&self, received: bool) {
        self.0.byte_received.store(received, Ordering::Relaxed);
    }
}

/// The error of TLS itself; `None` if the connection below TLS failed.
pub(super) fn tls_failure(error: &io::Error) -> Option<TransportError> {
    let reason = error.get_ref()?.downcast_ref::<rustls::Error>()?;
    Some(TransportError::new(TransportErrorKind::Tls, format!("TLS failed: {reason}")))
}

impl ConnectionStream {
    pub(super) fn plain(tcp: TcpStream) -> Self {
        Self { layer: Layer::Plain(tcp), state: ConnectionState::default() }
    }

    pub(super) fn encrypted(tls: TlsStream<TcpStream>) -> Self {
        Self { layer: Layer::Encrypted(Box::new(tls)), state: ConnectionState::default() }
    }

    fn speaks_h2(&self) -> bool {
        matches!(&self.layer, Layer::Encrypted(tls) if tls.get_ref().1.alpn_protocol() == Some(b"h2"))
    }
}

impl Connection for ConnectionStream {
    fn connected(&self) -> Connected {
        let connected = Connected::new().extra(self.state.clone());
        if self.speaks_h2() { connected.negotiated_h2() } else { connected }
    }
}

impl AsyncRead for ConnectionStream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let poll = match &mut self.layer {
            Layer::Plain(tcp) => Pin::new(tcp).poll_read(cx, buf),
            Layer::Encrypted(tls) => Pin::new(tls).poll_read(cx, buf),
        };
        match &poll {
            Poll::Ready(Ok(())) if buf.filled().len() > before => self.state.note(true),
            Poll::Ready(Err(error)) => drop(tls_failure(error).map(|failure| self.state.0.tls_failure.set(failure))),
            _ => {}
        }
        poll
    }
}

impl AsyncWrite for ConnectionStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.state.note(false);
        match &mut self.layer {
            Layer::Plain(tcp) => Pin::new(tcp).poll_write(cx, buf),
            Layer::Encrypted(tls) => Pin::new(tls).poll_write(cx, buf),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.state.note(false);
        match &mut self.layer {
            Layer::Plain(tcp) => Pin::new(tcp).poll_write_vectored(cx, bufs),
            Layer::Encrypted(tls) => Pin::new(tls).poll_write_vectored(cx, bufs),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match &self.layer {
            Layer::Plain(tcp) => tcp.is_write_vectored(),
            Layer::Encrypted(tls) => tls.is_write_vectored(),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.layer {
            Layer::Plain(tcp) => Pin::new(tcp).poll_flush(cx),
            Layer::Encrypted(tls) => Pin::new(tls).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.layer {
            Layer::Plain(tcp) => Pin::new(tcp).poll_shutdown(cx),
            Layer::Encrypted(tls) => Pin::new(tls).poll_shutdown(cx),
        }
    }
}
