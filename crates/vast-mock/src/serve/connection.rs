//! One TCP connection: its unread input, its unsent output, and whether the peer has closed it.

use std::future::pending;
use std::io;
use std::time::Duration;

use bytes::{Buf as _, BytesMut};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::head::{self, BadRequest, HEAD_LIMIT, Head};

/// Pieces of a body from this size on are written directly. Smaller ones are collected to save system calls.
const COPY_LIMIT: usize = 64 << 10;
/// The time for which input of a client is still read after it got an error.
const DRAIN_TIME: Duration = Duration::from_millis(500);
const DRAIN_BYTES: u64 = 1 << 20;

pub(super) struct Connection {
    stream: TcpStream,
    inbox: BytesMut,
    outbox: BytesMut,
}

/// The reason why no request was read.
pub(super) enum Unasked {
    /// The client closed, or the socket failed, between two requests or within one.
    Gone,
    /// The request is answered with an error.
    Bad(BadRequest),
}

impl Connection {
    pub(super) fn new(stream: TcpStream) -> Self {
        // Without this option, the second of two small writes waits for the client's acknowledgement of the first. If it
        // cannot be set, the socket is only slower.
        let _ = stream.set_nodelay(true);
        Self { stream, inbox: BytesMut::new(), outbox: BytesMut::new() }
    }

    /// Reads the next request. Its body is read and discarded.
    pub(super) async fn request(&mut self) -> Result<Head, Unasked> {
        let mut seen = 0;
        let length = loop {
            match head::length(&self.inbox, seen) {
                Some(length) if length <= HEAD_LIMIT => break length,
                None if self.inbox.len() < HEAD_LIMIT => {}
                _ => return Err(Unasked::Bad(BadRequest::too_large(&self.inbox))),
            }
            seen = self.inbox.len();
            self.fill().await.map_err(|_| Unasked::Gone)?;
        };
        let head = head::parse(&self.inbox.split_to(length)).map_err(Unasked::Bad)?;
        self.skip(head.body_length).await.map_err(|_| Unasked::Gone)?;
        Ok(head)
    }

    /// Waits. Stops early if the peer closes the connection.
    pub(super) async fn wait(&mut self, duration: Duration) -> io::Result<()> {
        if duration.is_zero() {
            return Ok(());
        }
        tokio::select! {
            () = tokio::time::sleep(duration) => Ok(()),
            error = self.peer_gone() => Err(error),
        }
    }

    /// Returns when the peer closes its side or resets the connection. A client that only closes its sending side looks the
    /// same.
    pub(super) async fn peer_gone(&mut self) -> io::Error {
        loop {
            // Bytes that arrive early are kept for the next request, up to the size limit of one request.
            if self.inbox.len() >= HEAD_LIMIT {
                return pending().await;
            }
            if let Err(error) = self.fill().await {
                return error;
            }
        }
    }

    /// Adds bytes to those that the next [`Connection::flush`] sends.
    pub(super) fn put(&mut self, bytes: &[u8]) {
        self.outbox.extend_from_slice(bytes);
    }

    /// Sends bytes, now or with the next flush.
    pub(super) async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        if bytes.len() < COPY_LIMIT {
            self.put(bytes);
            return Ok(());
        }
        self.flush().await?;
        self.stream.write_all(bytes).await
    }

    /// Writes the collected bytes, if possible in one system call.
    pub(super) async fn flush(&mut self) -> io::Result<()> {
        let result = self.stream.write_all(&self.outbox).await;
        self.outbox.clear();
        result
    }

    /// Ends the connection with a TCP RST.
    pub(super) fn reset(self) {
        // With a linger time of zero, closing discards queued bytes and resets the connection.
        let _ = self.stream.set_zero_linger();
    }

    /// Closes the connection normally. Input is read for a moment before that: if unread bytes are left, the system resets
    /// the connection, and the client may lose the response.
    pub(super) async fn close(mut self) {
        if self.stream.shutdown().await.is_ok() {
            let rest = async {
                let mut left = DRAIN_BYTES;
                while left > 0 {
                    self.inbox.clear();
                    match self.fill().await {
                        Ok(read) => left = left.saturating_sub(read as u64),
                        Err(_) => break,
                    }
                }
            };
            let _ = tokio::time::timeout(DRAIN_TIME, rest).await;
        }
    }

    /// Reads some bytes; the end of the stream is an error.
    async fn fill(&mut self) -> io::Result<usize> {
        self.inbox.reserve(4096);
        match self.stream.read_buf(&mut self.inbox).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            read => Ok(read),
        }
    }

    async fn skip(&mut self, length: u64) -> io::Result<()> {
        let mut left = length;
        loop {
            let here = usize::try_from(left).unwrap_or(usize::MAX).min(self.inbox.len());
            self.inbox.advance(here);
            left -= here as u64;
            if left == 0 {
                return Ok(());
            }
            self.fill().await?;
        }
    }
}
