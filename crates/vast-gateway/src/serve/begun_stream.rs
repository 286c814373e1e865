//! A byte stream whose first bytes were read before.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf as _, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A stream of which some bytes were read before. Readers get them first.
#[derive(Debug)]
pub(super) struct BegunStream<S> {
    begun: Bytes,
    inner: S,
}

impl<S> BegunStream<S> {
    pub(super) fn new(begun: Bytes, inner: S) -> Self {
        Self { begun, inner }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for BegunStream<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.begun.is_empty() {
            return Pin::new(&mut self.inner).poll_read(cx, buffer);
        }
        let taken = self.begun.len().min(buffer.remaining());
        buffer.put_slice(&self.begun[..taken]);
        self.begun.advance(taken);
        if self.begun.is_empty() {
            // Empty `Bytes` still keep their memory, and a connection may stay open for hours.
            self.begun = Bytes::new();
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for BegunStream<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write_vectored(cx, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt as _;

    use super::*;

    #[tokio::test]
    async fn bytes_that_were_read_are_not_kept() {
        let begun = Bytes::from(b"GET / HTTP/1.1".to_vec());
        let mut stream = BegunStream::new(begun.clone(), tokio::io::empty());
        let mut read = [0; 64];
        assert_eq!(stream.read(&mut read).await.expect("it is in memory"), begun.len());
        assert!(begun.is_unique(), "the stream has let them go");
    }
}
