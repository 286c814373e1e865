//! A connection, with or without TLS. It records facts that hyper does not report, and it limits the bytes that a
//! server may send without a document.

use std::error::Error;
use std::io::{self, ErrorKind};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio_rustls::client::TlsStream;

use super::{TransportError, TransportErrorKind};

/// How large the head of a response may be over HTTP/1.1, and how much of a connection is read ahead. Over HTTP/2 a head may
/// have 16 KiB, hyper's default.
pub(super) const MAX_HEAD: usize = 64 * 1024;
/// The length of a reason in an error message, in characters.
const MAX_REASON: usize = 200;

/// How many bytes of one body an HTTP/2 server may send before the client has read them. With hyper's default of 2 MiB,
/// 64 hostile servers could fill 128 MiB.
pub(super) const STREAM_WINDOW: u32 = 128 * 1024;
/// How many bytes of all bodies of a connection together an HTTP/2 server may send before the client has read them. An
/// origin has one HTTP/2 connection, so this limits its throughput: 2 MiB per round trip.
pub(super) const CONNECTION_WINDOW: u32 = 2 * 1024 * 1024;

/// How many bytes a connection may receive without progress: handshakes, heads, chunk sizes, frames without data, data of
/// cancelled HTTP/2 requests. It is four times the largest head. The responses to all requests of an HTTP/2 connection may arrive
/// before the first of them is read, so that it may receive what [`ConnectionState::limit`] adds.
const MAX_WITHOUT_PROGRESS: usize = 256 * 1024;
/// How many bytes a head over HTTP/2 usually needs at most.
const HTTP2_HEAD: usize = 1024;
/// How many received bytes a byte of a body may cost. The most costly form that servers use is a chunk per byte, 6 bytes.
const BYTES_PER_BODY_BYTE: usize = 16;
/// How many pieces are read after a write has failed, to find the reason that the server gave.
const READS_AFTER_FAILURE: usize = 8;
/// After so many bytes a connection lets the other tasks and the timers of the runtime run. A server that sends as fast as
/// it can would keep the thread busy otherwise.
const YIELD_AFTER: usize = 16 * 1024;

/// The observed state of a connection. All clones share one state.
#[derive(Debug, Clone, Default)]
pub(super) struct ConnectionState(Arc<Observed>);

#[derive(Debug, Default)]
struct Observed {
    byte_received: AtomicBool,
    is_broken: AtomicBool,
    without_progress: AtomicUsize,
    /// How many exchanges of an HTTP/2 connection have not ended.
    open_exchanges: AtomicUsize,
    failure: OnceLock<TransportError>,
}

impl ConnectionState {
    /// Whether a byte was received after the last byte was sent. Over HTTP/1.1 this means that the response to the last
    /// request has begun, and that request must not be repeated.
    pub(super) fn response_has_begun(&self) -> bool {
        self.0.byte_received.load(Ordering::Relaxed)
    }

    /// Why the connection failed, if TLS or the limit on bytes without progress is the reason. hyper's HTTP/2 turns the
    /// errors of a connection into text, so they are kept here. A TLS 1.3 server reports a missing client certificate only
    /// after the handshake.
    pub(super) fn failure(&self) -> Option<TransportError> {
        self.0.failure.get().cloned()
    }

    /// Whether an exchange has failed in a way after which no other exchange should begin.
    pub(super) fn is_broken(&self) -> bool {
        self.0.is_broken.load(Ordering::Relaxed)
    }

    pub(super) fn set_broken(&self) {
        self.0.is_broken.store(true, Ordering::Relaxed);
    }

    /// A head has arrived, or a new request was sent.
    pub(super) fn made_progress(&self) {
        self.0.without_progress.store(0, Ordering::Relaxed);
    }

    /// Counts an exchange over HTTP/2 until the returned value is dropped.
    pub(super) fn open_exchange(&self) -> OpenExchange {
        self.0.open_exchanges.fetch_add(1, Ordering::Relaxed);
        OpenExchange(self.clone())
    }

    /// How many bytes the connection may receive without progress now. Each open exchange over HTTP/2 may have a head and a full window
    /// that were not read yet; all together have at most the window of the connection.
    fn limit(&self) -> usize {
        let open = self.0.open_exchanges.load(Ordering::Relaxed);
        let bodies = open.saturating_mul(STREAM_WINDOW as usize).min(CONNECTION_WINDOW as usize);
        MAX_WITHOUT_PROGRESS.saturating_add(bodies).saturating_add(open.saturating_mul(HTTP2_HEAD))
    }

    /// A piece of a body has arrived.
    pub(super) fn received_body(&self, length: usize) {
        let paid = length.saturating_mul(BYTES_PER_BODY_BYTE);
        let counted = self.0.without_progress.load(Ordering::Relaxed);
        self.0.without_progress.store(counted.saturating_sub(paid), Ordering::Relaxed);
    }

    fn set_response_begun(&self, begun: bool) {
        self.0.byte_received.store(begun, Ordering::Relaxed);
    }

    fn count(&self, received: usize) -> io::Result<()> {
        let counted = self.0.without_progress.fetch_add(received, Ordering::Relaxed);
        let counted = counted.saturating_add(received);
        // The limit is only computed where it can matter.
        if counted <= MAX_WITHOUT_PROGRESS || counted <= self.limit() {
            return Ok(());
        }
        let limit = self.limit();
        let message = format!("the server sent more than {limit} bytes that belong to no body");
        let failure = TransportError::new(TransportErrorKind::TooLarge, message).after_answer();
        Err(io::Error::other(self.keep(failure)))
    }

    fn keep(&self, failure: TransportError) -> TransportError {
        self.0.failure.get_or_init(|| failure).clone()
    }
}

/// An exchange over HTTP/2 that has not ended.
pub(super) struct OpenExchange(ConnectionState);

impl Drop for OpenExchange {
    fn drop(&mut self) {
        self.0.0.open_exchanges.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The error of TLS, or of the limit on bytes without progress; `None` for all other errors of a connection.
pub(super) fn stream_failure(error: &io::Error) -> Option<TransportError> {
    let inner = error.get_ref()?;
    if let Some(own) = inner.downcast_ref::<TransportError>() {
        return Some(own.clone());
    }
    let reason = inner.downcast_ref::<rustls::Error>()?;
    Some(TransportError::new(TransportErrorKind::Tls, format!("TLS failed: {reason}")))
}

/// Finds out what failed by the types of the error's sources, never by their text.
pub(super) fn transport_error(error: &(dyn Error + 'static)) -> TransportError {
    let mut innermost = error;
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(own) = error.downcast_ref::<TransportError>() {
            return own.clone();
        }
        if let Some(failure) = error.downcast_ref::<io::Error>().and_then(stream_failure) {
            return failure;
        }
        if error.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_parse_too_large) {
            let message = format!("the head of the response has more than {MAX_HEAD} bytes or 100 headers");
            return TransportError::new(TransportErrorKind::TooLarge, message);
        }
        innermost = error;
        next = error.source();
    }
    // hyper quotes the text of a GOAWAY frame, which may be long.
    let reason: String = innermost.to_string().chars().take(MAX_REASON).collect();
    TransportError::new(TransportErrorKind::Reset, format!("the connection failed: {reason}"))
}

/// A TCP connection that counts the received bytes, and that lets the other tasks of the runtime run.
pub(super) struct MeteredTcp {
    tcp: TcpStream,
    state: ConnectionState,
    since_yield: usize,
    /// Counts the connection among those to its host until it is closed.
    _permit: OwnedSemaphorePermit,
}

impl MeteredTcp {
    pub(super) fn new(tcp: TcpStream, permit: OwnedSemaphorePermit) -> Self {
        Self { tcp, state: ConnectionState::default(), since_yield: 0, _permit: permit }
    }
}

impl AsyncRead for MeteredTcp {
    #[inline]
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.since_yield >= YIELD_AFTER {
            self.since_yield = 0;
            // Unlike a wake-up from here, `yield_now` lets the runtime look at its sockets and timers first.
            ready!(pin!(tokio::task::yield_now()).poll(cx));
        }
        let before = buf.filled().len();
        let Poll::Ready(result) = Pin::new(&mut self.tcp).poll_read(cx, buf) else {
            self.since_yield = 0;
            return Poll::Pending;
        };
        let received = buf.filled().len() - before;
        self.since_yield += received;
        Poll::Ready(result.and_then(|()| self.state.count(received)))
    }
}

impl AsyncWrite for MeteredTcp {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.tcp).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.tcp).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.tcp.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_shutdown(cx)
    }
}

/// A connection. It watches the bytes above TLS, because a TLS session ticket is not a response.
pub(super) struct ConnectionStream {
    layer: StreamLayer,
    state: ConnectionState,
    is_http2: bool,
}

enum StreamLayer {
    Plain(MeteredTcp),
    Encrypted(Box<TlsStream<MeteredTcp>>),
}

impl ConnectionStream {
    pub(super) fn plain(tcp: MeteredTcp) -> Self {
        let state = tcp.state.clone();
        Self { layer: StreamLayer::Plain(tcp), state, is_http2: false }
    }

    pub(super) fn encrypted(tls: TlsStream<MeteredTcp>) -> Self {
        let (tcp, session) = tls.get_ref();
        let (state, is_http2) = (tcp.state.clone(), session.alpn_protocol() == Some(b"h2"));
        Self { layer: StreamLayer::Encrypted(Box::new(tls)), state, is_http2 }
    }

    /// The observed state of the connection.
    pub(super) fn state(&self) -> ConnectionState {
        self.state.clone()
    }

    /// Whether HTTP/2 was negotiated.
    pub(super) fn is_http2(&self) -> bool {
        self.is_http2
    }

    /// What a write ends with. A server with TLS 1.3 that refuses the client's certificate says so after its handshake, and closes the
    /// connection, when the client may be writing its request already. So after a write has failed, the connection is read to its end:
    /// the reason that the server gave is the error, if there is one.
    fn write_result<T>(&mut self, written: Poll<io::Result<T>>, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
        let error = match ready!(written) {
            Err(error) if matches!(error.kind(), ErrorKind::BrokenPipe | ErrorKind::ConnectionReset) => error,
            written => return Poll::Ready(written),
        };
        let StreamLayer::Encrypted(tls) = &mut self.layer else { return Poll::Ready(Err(error)) };
        let mut space = [0; 512];
        for _ in 0..READS_AFTER_FAILURE {
            let mut piece = ReadBuf::new(&mut space);
            // A closed connection becomes readable, so this wakes the task.
            match ready!(Pin::new(&mut *tls).poll_read(cx, &mut piece)) {
                Ok(()) if !piece.filled().is_empty() => {}
                Ok(()) => break,
                Err(reason) => {
                    drop(stream_failure(&reason).map(|failure| self.state.keep(failure)));
                    break;
                }
            }
        }
        Poll::Ready(Err(self.state.failure().map_or(error, io::Error::other)))
    }

    fn note_write(&self) {
        self.state.set_response_begun(false);
        // Over HTTP/1.1, written bytes are a new request. Over HTTP/2, they may be the answer to a PING.
        if !self.is_http2 {
            self.state.made_progress();
        }
    }
}

impl AsyncRead for ConnectionStream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let result = ready!(match &mut self.layer {
            StreamLayer::Plain(tcp) => Pin::new(tcp).poll_read(cx, buf),
            StreamLayer::Encrypted(tls) => Pin::new(tls).poll_read(cx, buf),
        });
        match &result {
            Ok(()) if buf.filled().len() > before => self.state.set_response_begun(true),
            Ok(()) => {}
            Err(error) => drop(stream_failure(error).map(|failure| self.state.keep(failure))),
        }
        Poll::Ready(result)
    }
}

impl AsyncWrite for ConnectionStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.note_write();
        let written = match &mut self.layer {
            StreamLayer::Plain(tcp) => Pin::new(tcp).poll_write(cx, buf),
            StreamLayer::Encrypted(tls) => Pin::new(tls).poll_write(cx, buf),
        };
        self.write_result(written, cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.note_write();
        let written = match &mut self.layer {
            StreamLayer::Plain(tcp) => Pin::new(tcp).poll_write_vectored(cx, bufs),
            StreamLayer::Encrypted(tls) => Pin::new(tls).poll_write_vectored(cx, bufs),
        };
        self.write_result(written, cx)
    }

    fn is_write_vectored(&self) -> bool {
        match &self.layer {
            StreamLayer::Plain(tcp) => tcp.is_write_vectored(),
            StreamLayer::Encrypted(tls) => tls.is_write_vectored(),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = match &mut self.layer {
            StreamLayer::Plain(tcp) => Pin::new(tcp).poll_flush(cx),
            StreamLayer::Encrypted(tls) => Pin::new(tls).poll_flush(cx),
        };
        self.write_result(flushed, cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.layer {
            StreamLayer::Plain(tcp) => Pin::new(tcp).poll_shutdown(cx),
            StreamLayer::Encrypted(tls) => Pin::new(tls).poll_shutdown(cx),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use tokio::io::AsyncWriteExt;
    use tokio::net::TcpListener;
    use tokio::sync::Semaphore;

    use super::*;

    /// All bytes have arrived before they are read, so only the connection itself lets other tasks run.
    #[tokio::test]
    async fn a_connection_with_much_to_read_lets_other_tasks_run() {
        const SENT: usize = 3 * YIELD_AFTER;
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (tcp, accepted) = tokio::join!(TcpStream::connect(address), listener.accept());
        let (tcp, (mut peer, _)) = (tcp.expect("a connection"), accepted.expect("a connection"));
        peer.write_all(&[0; SENT]).await.expect("it is sent");
        let mut arrived = vec![0; SENT];
        while tcp.peek(&mut arrived).await.expect("it is open") < SENT {
            tokio::task::yield_now().await;
        }
        let permit = Arc::new(Semaphore::new(1)).acquire_owned().await.expect("a permit");
        let mut metered = MeteredTcp::new(tcp, permit);
        let (mut received, mut yields) = (0, 0);
        poll_fn(|context| {
            while received < SENT {
                let mut space = [0; 4096];
                let mut piece = ReadBuf::new(&mut space);
                if Pin::new(&mut metered).poll_read(context, &mut piece).is_pending() {
                    yields += 1;
                    return Poll::Pending;
                }
                received += piece.filled().len();
            }
            Poll::Ready(())
        })
        .await;
        assert_eq!(yields, 2, "after each {YIELD_AFTER} bytes");
    }
}
