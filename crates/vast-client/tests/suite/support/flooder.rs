//! A server that sends without pause, as fast as it can. It has separate threads, so that the client's thread does not slow
//! it down.

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

use super::tls_server::{Authority, Manner, server_config};

/// The bytes that are sent to each client.
#[derive(Clone)]
pub struct Flood {
    /// Sent once, after the head of the request or the HTTP/2 preface.
    pub first: Vec<u8>,
    /// Sent repeatedly.
    pub again: Vec<u8>,
}

impl Flood {
    pub fn new(first: impl Into<Vec<u8>>, again: impl Into<Vec<u8>>) -> Self {
        Self { first: first.into(), again: again.into() }
    }
}

/// The server. It stops when it is dropped.
pub struct Flooder {
    pub address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Flooder {
    /// Floods over plain HTTP/1.1.
    pub fn http(flood: Flood) -> Self {
        Self::start(None, flood)
    }

    /// Floods over TLS, as HTTP/2.
    pub fn http2(authority: &Authority, flood: Flood) -> Self {
        let manner = Manner { protocols: &[b"h2"], ..Manner::default() };
        Self::start(Some(TlsAcceptor::from(Arc::new(server_config(authority, &manner)))), flood)
    }

    fn start(tls: Option<TlsAcceptor>, flood: Flood) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.set_nonblocking(true).expect("a socket");
        let address = listener.local_addr().expect("an address");
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
            let runtime = runtime.expect("a runtime");
            runtime.block_on(async {
                let listener = TcpListener::from_std(listener).expect("a socket");
                tokio::select! {
                    () = accept(listener, tls, flood) => {}
                    _ = stopped => {}
                }
            });
            runtime.shutdown_background();
        });
        Self { address, stop: Some(stop), thread: Some(thread) }
    }
}

impl Drop for Flooder {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn accept(listener: TcpListener, tls: Option<TlsAcceptor>, flood: Flood) {
    while let Ok((tcp, _)) = listener.accept().await {
        tokio::spawn(serve(tcp, tls.clone(), flood.clone()));
    }
}

async fn serve(tcp: TcpStream, tls: Option<TlsAcceptor>, flood: Flood) {
    match tls {
        None => pour(tcp, b"\r\n\r\n", flood).await,
        Some(tls) => {
            if let Ok(stream) = tls.accept(tcp).await {
                // The end of the client's preface. The client's SETTINGS and the request follow.
                pour(stream, b"SM\r\n\r\n", flood).await;
            }
        }
    }
}

/// Reads up to `start`, then writes until the client closes the connection. Input is read at the same time, so that the
/// client never has to wait.
async fn pour(mut stream: impl AsyncRead + AsyncWrite + Unpin, start: &[u8], flood: Flood) {
    let mut read = Vec::new();
    while !read.ends_with(start) {
        match stream.read_u8().await {
            Ok(byte) => read.push(byte),
            Err(_) => return,
        }
    }
    let (mut reader, mut writer) = tokio::io::split(stream);
    let drain = async {
        let mut sink = vec![0; 64 * 1024];
        while reader.read(&mut sink).await.is_ok_and(|length| length > 0) {}
    };
    let block = flood.again.repeat((64 * 1024 / flood.again.len().max(1)).max(1));
    let write = async {
        let _ = writer.write_all(&flood.first).await;
        while !block.is_empty() && writer.write_all(&block).await.is_ok() {}
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = drain => {}
        () = write => {}
    }
}
