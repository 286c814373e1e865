//! One connection from its first byte to its end.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf as _, BytesMut};
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite};
use tokio::time::{Instant, sleep, sleep_until, timeout_at};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::activity::Activity;
use super::begun_stream::BegunStream;
use super::counts::ConnectionEnd;
use super::end_moment::EndMoment;
use super::exchange::RequestService;
use super::guarded_stream::{GuardedStream, HttpVersion, StreamLimits};
use super::handler::{Handler, Peer};
use super::listener::PortStream;
use super::proxy_header::{self, Beginning};
use super::settings::ListenSettings;

/// The first bytes of a connection that speaks HTTP/2.
const HTTP_2_PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// HTTP/2 sends a ping after this time without a frame while requests are open, to find clients that are gone.
const PING_INTERVAL: Duration = Duration::from_secs(20);
/// The time for the answer to a ping.
const PING_TIMEOUT: Duration = Duration::from_secs(10);
/// Streams that the client may reset before the server has begun with them.
const MAX_PENDING_RESETS: usize = 20;
/// Streams that the server may reset because of errors of the client.
const MAX_ERROR_RESETS: usize = 128;
/// A client that sends bodies gets permission for this many bytes of one stream, and of all streams, in advance.
const STREAM_WINDOW: u32 = 64 << 10;
const CONNECTION_WINDOW: u32 = 1 << 20;
/// When the server stops, a new connection gets this time for its first request, and one without a request this time to end by the rules
/// of HTTP/2.
const GOODBYE_TIME: Duration = Duration::from_secs(1);

/// The future of a connection after its beginning. In a box, because without it each future around this one would be larger by its size.
type Speaking<'a> = Pin<Box<dyn Future<Output = ConnectionEnd> + Send + 'a>>;

/// Everything that a connection needs of its server.
pub(super) struct Host<H> {
    pub(super) service: Arc<RequestService<H>>,
    pub(super) tls: Option<TlsAcceptor>,
    /// When connections should end after their requests.
    pub(super) closing: EndMoment,
}

impl<H: Handler> Host<H> {
    /// Serves a connection until it ends.
    pub(super) fn serve(&self, stream: PortStream, address: SocketAddr) -> impl Future<Output = ConnectionEnd> + Send {
        // In a box, because the connection lives much longer than its beginning, and its future would keep the room for it.
        let greeting = Box::pin(self.greet(stream, address));
        async move {
            match greeting.await {
                Ok(speaking) => speaking.await,
                Err(end) => end,
            }
        }
    }

    /// The beginning of a connection, up to the first bytes of HTTP.
    async fn greet(&self, mut stream: PortStream, address: SocketAddr) -> Result<Speaking<'_>, ConnectionEnd> {
        let settings = &self.service.settings;
        let accepted = Instant::now();
        let mut begun = BytesMut::new();
        let address = self.client_address(&mut stream, &mut begun, address).await?;
        let Some(tls) = &self.tls else {
            let (version, since) = self.http_version(&mut stream, &mut begun, accepted).await?;
            let stream = BegunStream::new(begun.freeze(), stream);
            return Ok(self.speak(stream, version, since, Peer { address, is_tls: false }));
        };
        let limit = (accepted + settings.handshake_timeout, ConnectionEnd::HandshakeTimeout);
        if begun.is_empty() {
            self.first_bytes(&mut stream, &mut begun, accepted, limit).await?;
        }
        let stream = self.shake_hands(tls, BegunStream::new(begun.freeze(), stream), limit).await?;
        let is_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
        let version = if is_http2 { HttpVersion::Http2 } else { HttpVersion::Http1 };
        Ok(self.speak(stream, version, Instant::now(), Peer { address, is_tls: true }))
    }

    /// The handshake of TLS. When the server closes, a client that has begun it has as much time for the rest as one for the rest of a head.
    async fn shake_hands(
        &self,
        tls: &TlsAcceptor,
        stream: BegunStream<PortStream>,
        (deadline, end): (Instant, ConnectionEnd),
    ) -> Result<Box<TlsStream<BegunStream<PortStream>>>, ConnectionEnd> {
        let since = Instant::now();
        // In a box, because the state of a handshake is large, and clients without TLS wait for their first byte in this future too.
        let accepting = Box::pin(tls.accept(stream));
        let closed = async {
            self.closed_to_new(since).await;
            sleep(GOODBYE_TIME).await;
        };
        tokio::select! {
            biased;
            accepted = timeout_at(deadline, accepting) => match accepted {
                Err(_) => Err(end),
                Ok(Err(_)) => Err(ConnectionEnd::HandshakeFailed),
                Ok(Ok(stream)) => Ok(Box::new(stream)),
            },
            () = Box::pin(closed) => Err(ConnectionEnd::Stopped),
        }
    }

    /// Reads the first bytes of a connection that was accepted at `accepted`.
    async fn first_bytes(
        &self,
        stream: &mut PortStream,
        begun: &mut BytesMut,
        accepted: Instant,
        (deadline, end): (Instant, ConnectionEnd),
    ) -> Result<(), ConnectionEnd> {
        tokio::select! {
            // Bytes that have come when the server closes are answered.
            biased;
            read = timeout_at(deadline, read_more(stream, begun)) => read.map_err(|_| end)?,
            () = self.closed_to_new(accepted) => Err(ConnectionEnd::Stopped),
        }
    }

    /// The address of the client: from the PROXY header if a trusted proxy connects, otherwise of the connection.
    async fn client_address(
        &self,
        stream: &mut PortStream,
        begun: &mut BytesMut,
        address: SocketAddr,
    ) -> Result<SocketAddr, ConnectionEnd> {
        let settings = &self.service.settings;
        if !is_proxy(settings, address) {
            return Ok(address);
        }
        let deadline = Instant::now() + settings.header_timeout;
        loop {
            match proxy_header::parse(begun) {
                Beginning::Complete(header) => {
                    begun.advance(header.length);
                    return Ok(header.client.unwrap_or(address));
                }
                Beginning::Invalid => return Err(ConnectionEnd::BadProxyHeader),
                Beginning::Incomplete => {}
            }
            let read = timeout_at(deadline, read_more(stream, begun)).await;
            read.map_err(|_| ConnectionEnd::BadProxyHeader)??;
        }
    }

    /// The version that the first bytes show, and when the first byte arrived.
    async fn http_version(
        &self,
        stream: &mut PortStream,
        begun: &mut BytesMut,
        accepted: Instant,
    ) -> Result<(HttpVersion, Instant), ConnectionEnd> {
        let settings = &self.service.settings;
        if begun.is_empty() {
            // A client may connect long before its first request.
            let limit = (Instant::now() + settings.idle_timeout, ConnectionEnd::IdleTimeout);
            self.first_bytes(stream, begun, accepted, limit).await?;
        }
        let since = Instant::now();
        loop {
            if begun.starts_with(HTTP_2_PREFACE) {
                return Ok((HttpVersion::Http2, since));
            }
            if !HTTP_2_PREFACE.starts_with(begun) {
                return Ok((HttpVersion::Http1, since));
            }
            let read = timeout_at(since + settings.header_timeout, read_more(stream, begun)).await;
            read.map_err(|_| ConnectionEnd::HeaderTimeout)??;
        }
    }

    /// Completes when the server closes, but not before a connection that began at `since` had time for its first request. Its client has
    /// seen that it is connected.
    async fn closed_to_new(&self, since: Instant) {
        self.closing.wait().await;
        // In a box, because only the end of the server needs it.
        Box::pin(sleep_until(since + GOODBYE_TIME)).await;
    }

    /// Completes when a connection should end.
    async fn closing_of(&self, activity: &Activity) {
        self.closing.wait().await;
        if activity.begun() == 0 {
            self.closed_to_new(activity.origin()).await;
        }
    }

    /// Speaks HTTP until the connection ends.
    fn speak<S>(&self, stream: S, version: HttpVersion, since: Instant, peer: Peer) -> Speaking<'_>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let settings = &self.service.settings;
        let limits = StreamLimits {
            header: settings.header_timeout,
            idle: settings.idle_timeout,
            write: settings.write_timeout,
            unread_bytes: settings.max_unread_bytes,
        };
        let activity = Arc::new(Activity::new(since, Arc::clone(&self.service.counts)));
        let stream = GuardedStream::new(stream, version, limits, Arc::clone(&activity), peer.is_tls);
        let (service, active) = (Arc::clone(&self.service), Arc::clone(&activity));
        let answer = service_fn(move |request| service.respond(&active, request, peer));
        let io = TokioIo::new(stream);
        match version {
            HttpVersion::Http1 => {
                let connection = Box::pin(http1_rules(settings).serve_connection(io, answer));
                Box::pin(self.drive(connection, |connection| connection.graceful_shutdown(), activity))
            }
            HttpVersion::Http2 => {
                let connection = Box::pin(http2_rules(settings).serve_connection(io, answer));
                Box::pin(self.drive(connection, |connection| connection.graceful_shutdown(), activity))
            }
        }
    }

    /// Runs a connection to its end. `shut_down` begins the end of the connection by the rules of its HTTP version. The connection is in
    /// a box of its own, because this future would have room for it twice.
    async fn drive<C, F>(&self, mut connection: Pin<Box<C>>, shut_down: F, activity: Arc<Activity>) -> ConnectionEnd
    where
        C: Future<Output = hyper::Result<()>>,
        F: FnOnce(Pin<&mut C>),
    {
        let end = |ended: hyper::Result<()>| {
            let end = match ended {
                Ok(()) => ConnectionEnd::Closed,
                Err(error) if error.is_parse() => ConnectionEnd::BadHead,
                Err(_) => ConnectionEnd::Failed,
            };
            activity.cut_by().unwrap_or(end)
        };
        tokio::select! {
            biased;
            ended = &mut connection => return end(ended),
            () = self.closing_of(&activity) => {}
        }
        shut_down(connection.as_mut());
        loop {
            tokio::select! {
                // A request that has come is answered.
                biased;
                ended = &mut connection => return end(ended),
                // In a box, because only the end of the connection needs it.
                () = Box::pin(sleep(GOODBYE_TIME)) => {}
            }
            if activity.unused_since().is_some_and(|since| since.elapsed() >= GOODBYE_TIME) {
                return activity.cut_by().unwrap_or(ConnectionEnd::Stopped);
            }
        }
    }
}

/// Whether a connection from this address must begin with a PROXY header.
fn is_proxy(settings: &ListenSettings, address: SocketAddr) -> bool {
    let ip = address.ip().to_canonical();
    settings.proxy_protocol_from.iter().any(|network| network.contains(&ip))
}

/// Appends bytes of the client, at least one.
async fn read_more(stream: &mut PortStream, begun: &mut BytesMut) -> Result<(), ConnectionEnd> {
    // On the stack, because a client that connects without a request should not cost a buffer.
    let mut bytes = [0; 256];
    match stream.read(&mut bytes).await {
        Ok(0) => Err(ConnectionEnd::Closed),
        Ok(read) => {
            begun.extend_from_slice(&bytes[..read]);
            Ok(())
        }
        Err(error) if error.kind() == io::ErrorKind::ConnectionReset => Err(ConnectionEnd::Closed),
        Err(_) => Err(ConnectionEnd::Failed),
    }
}

fn http1_rules(settings: &ListenSettings) -> http1::Builder {
    let mut rules = http1::Builder::new();
    rules
        // `GuardedStream` has all time limits.
        .header_read_timeout(None)
        .max_header_size(settings.max_header_bytes)
        .max_buf_size(settings.max_header_bytes.max(8 << 10));
    rules
}

fn http2_rules(settings: &ListenSettings) -> http2::Builder<TokioExecutor> {
    let mut rules = http2::Builder::new(TokioExecutor::new());
    rules
        .timer(TokioTimer::new())
        .keep_alive_interval(PING_INTERVAL)
        .keep_alive_timeout(PING_TIMEOUT)
        .max_concurrent_streams(settings.max_streams)
        .max_pending_accept_reset_streams(MAX_PENDING_RESETS)
        .max_local_error_reset_streams(MAX_ERROR_RESETS)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_header_list_size(u32::try_from(settings.max_header_bytes).unwrap_or(u32::MAX));
    rules
}
