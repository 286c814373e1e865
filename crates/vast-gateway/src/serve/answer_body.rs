//! The body of an answer, which knows whether it was taken whole.

use std::convert::Infallible;
use std::io::IoSlice;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use hyper::body::{Body, Frame, SizeHint};

use super::open_request::OpenRequest;

/// The body of an answer. Its request is open until the last piece was written, also if hyper has buffered that piece before.
#[derive(Debug)]
pub(super) struct AnswerBody<B> {
    inner: B,
    /// `None` when it was given to the last piece.
    request: Option<OpenRequest>,
}

/// A piece of an answer. It is dropped when it was written, or when it will never be written.
#[derive(Debug)]
pub(super) struct AnswerPiece {
    bytes: Bytes,
    /// Only the last piece has one.
    request: Option<OpenRequest>,
}

impl<B: Body> AnswerBody<B> {
    /// The body of the answer to `request`. An answer without a body is small, so it counts as taken.
    pub(super) fn new(inner: B, request: OpenRequest) -> Self {
        let request = if inner.is_end_stream() {
            request.finish();
            None
        } else {
            Some(request)
        };
        Self { inner, request }
    }
}

impl<B: Body<Data = Bytes, Error = Infallible> + Unpin> Body for AnswerBody<B> {
    type Data = AnswerPiece;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<AnswerPiece>, Infallible>>> {
        let this = &mut *self;
        let Some(Ok(frame)) = ready!(Pin::new(&mut this.inner).poll_frame(cx)) else {
            this.request.take().into_iter().for_each(OpenRequest::finish);
            return Poll::Ready(None);
        };
        let request = if this.inner.is_end_stream() { this.request.take() } else { None };
        Poll::Ready(Some(Ok(frame.map_data(|bytes| AnswerPiece { bytes, request }))))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl Buf for AnswerPiece {
    fn remaining(&self) -> usize {
        self.bytes.remaining()
    }

    fn chunk(&self) -> &[u8] {
        self.bytes.chunk()
    }

    fn chunks_vectored<'a>(&'a self, parts: &mut [IoSlice<'a>]) -> usize {
        self.bytes.chunks_vectored(parts)
    }

    fn advance(&mut self, count: usize) {
        self.bytes.advance(count);
    }

    fn copy_to_bytes(&mut self, length: usize) -> Bytes {
        self.bytes.copy_to_bytes(length)
    }
}

impl Drop for AnswerPiece {
    fn drop(&mut self) {
        if let Some(request) = self.request.take().filter(|_| self.bytes.is_empty()) {
            request.finish();
        }
    }
}
