//! The body of a request.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

/// The body of a request, which few requests have. It is as small as a pointer, because the queue of each HTTP/1.1 connection has room for 32
/// requests: a block of it takes 8,224 bytes, and with `Full` of 32 bytes it would take 8,992.
#[derive(Debug, Default)]
pub(in crate::transport) struct OutgoingBody(Option<Box<Bytes>>);

impl OutgoingBody {
    pub(in crate::transport) fn new(bytes: Option<Bytes>) -> Self {
        Self(bytes.filter(|bytes| !bytes.is_empty()).map(Box::new))
    }
}

impl Body for OutgoingBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.take().map(|bytes| Ok(Frame::data(*bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.as_ref().map_or(0, |bytes| bytes.len() as u64))
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn a_body_is_one_piece_of_known_length_or_nothing() {
        for (bytes, length) in [(None, 0), (Some(Bytes::new()), 0), (Some(Bytes::from_static(b"abc")), 3)] {
            let mut body = OutgoingBody::new(bytes.clone());
            assert_eq!((body.size_hint().exact(), body.is_end_stream()), (Some(length), length == 0), "{bytes:?}");
            let mut piece =
                || std::future::poll_fn(|context| Pin::new(&mut body).poll_frame(context)).now_or_never().flatten();
            let pieces = [piece(), piece()].map(|piece| piece.and_then(Result::ok)?.into_data().ok());
            assert_eq!(pieces, [bytes.filter(|bytes| !bytes.is_empty()), None]);
        }
    }

    #[test]
    fn a_body_is_as_small_as_a_pointer() {
        assert_eq!(size_of::<OutgoingBody>(), size_of::<usize>());
    }
}
