//! A connection, plain or encrypted, that knows whether an answer has begun.

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

/// A connection. Looks above TLS, so that a session ticket is not taken for an answer.
pub(super) struct Stream {
    kind: Kind,
    signs: Signs,
}

enum Kind {
    Plain(TcpStream),
    Encrypted(Box<TlsStream<TcpStream>>),
}

/// What was seen on a connection that hyper does not tell.
#[derive(Debug, Clone, Default)]
pub(super) struct Signs(Arc<Seen>);

#[derive(Debug, Default)]
struct Seen {
    byte_came_in: AtomicBool,
    tls_failure: OnceLock<TransportError>,
}

impl Signs {
    /// Whether a byte has come in since the last one went out: over HTTP/1.1, whether the answer to the last request
    /// has begun. A request is only repeated when it has not.
    pub(super) fn answer_has_begun(&self) -> bool {
        self.0.byte_came_in.load(Ordering::Relaxed)
    }

    /// What TLS complained about after the handshake, a missing client certificate for example: TLS 1.3 servers say so
    /// only then, and HTTP/2 makes text of it.
    pub(super) fn tls_failure(&self) -> Option<TransportError> {
        self.0.tls_failure.get().cloned()
    }

    fn note(&self, byte_came_in: bool) {
        self.0.byte_came_in.store(byte_came_in, Ordering::Relaxed);
    }
}

/// What TLS itself complained about; `None` when the connection failed under it.
pub(super) fn tls_failure(error: &io::Error) -> Option<TransportError> {
    let reason = error.get_ref()?.downcast_ref::<rustls::Error>()?;
    Some(TransportError::new(TransportErrorKind::Tls, format!("TLS failed: {reason}")))
}

impl Stream {
    pub(super) fn plain(tcp: TcpStream) -> Self {
        Self { kind: Kind::Plain(tcp), signs: Signs::default() }
    }

    pub(super) fn encrypted(tls: TlsStream<TcpStream>) -> Self {
        Self { kind: Kind::Encrypted(Box::new(tls)), signs: Signs::default() }
    }

    fn speaks_h2(&self) -> bool {
        matches!(&self.kind, Kind::Encrypted(tls) if tls.get_ref().1.alpn_protocol() == Some(b"h2"))
    }
}

impl Connection for Stream {
    fn connected(&self) -> Connected {
        let connected = Connected::new().extra(self.signs.clone());
        if self.speaks_h2() { connected.negotiated_h2() } else { connected }
    }
}

impl AsyncRead for Stream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let poll = match &mut self.kind {
            Kind::Plain(tcp) => Pin::new(tcp).poll_read(cx, buf),
            Kind::Encrypted(tls) => Pin::new(tls).poll_read(cx, buf),
        };
        match &poll {
            Poll::Ready(Ok(())) if buf.filled().len() > before => self.signs.note(true),
            Poll::Ready(Err(error)) => drop(tls_failure(error).map(|failure| self.signs.0.tls_failure.set(failure))),
            _ => {}
        }
        poll
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.signs.note(false);
        match &mut self.kind {
            Kind::Plain(tcp) => Pin::new(tcp).poll_write(cx, buf),
            Kind::Encrypted(tls) => Pin::new(tls).poll_write(cx, buf),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.signs.note(false);
        match &mut self.kind {
            Kind::Plain(tcp) => Pin::new(tcp).poll_write_vectored(cx, bufs),
            Kind::Encrypted(tls) => Pin::new(tls).poll_write_vectored(cx, bufs),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match &self.kind {
            Kind::Plain(tcp) => tcp.is_write_vectored(),
            Kind::Encrypted(tls) => tls.is_write_vectored(),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.kind {
            Kind::Plain(tcp) => Pin::new(tcp).poll_flush(cx),
            Kind::Encrypted(tls) => Pin::new(tls).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.kind {
            Kind::Plain(tcp) => Pin::new(tcp).poll_shutdown(cx),
            Kind::Encrypted(tls) => Pin::new(tls).poll_shutdown(cx),
        }
    }
}
