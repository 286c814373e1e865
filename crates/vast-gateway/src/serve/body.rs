//! The body of a request, with a limit for its bytes and its time.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::runtime::Handle;
use tokio::time::timeout;

use super::guarded_stream::{LINGER_BYTES, LINGER_TIME};

/// A body that has not been read. Nothing of it is in memory except what the connection has buffered, so a handler should
/// check the caller's rights first.
#[derive(Debug)]
pub(crate) struct LimitedBody {
    incoming: ReadToEnd,
    max_bytes: usize,
    time: Duration,
}

/// The body of a request of HTTP/2 that is read to its end in the background when nobody wants the rest, within limits. Otherwise the server
/// would reset the stream after its answer, and some clients that still send then lose the answer. In HTTP/1.1 the connection does this.
#[derive(Debug)]
struct ReadToEnd {
    /// `None` when the rest is read in the background.
    incoming: Option<Incoming>,
    is_http2: bool,
}

/// Why a body could not be read. The texts continue a sentence that begins with the body.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BodyReadError {
    #[error("has more than {max_bytes} bytes")]
    TooLarge { max_bytes: usize },
    #[error("did not arrive within {time:?}")]
    TimedOut { time: Duration },
    #[error("could not be read to its end")]
    Incomplete,
}

impl LimitedBody {
    pub(crate) fn new(incoming: Incoming, is_http2: bool, max_bytes: usize, time: Duration) -> Self {
        Self { incoming: ReadToEnd { incoming: Some(incoming), is_http2 }, max_bytes, time }
    }

    /// The whole body.
    ///
    /// # Errors
    /// If it is too large, too slow or incomplete.
    pub(crate) async fn read(self) -> Result<Bytes, BodyReadError> {
        let Self { incoming, max_bytes, time } = self;
        // The size that the client announces: nothing is read of a body that is too large.
        if incoming.size_hint().lower() > max_bytes as u64 {
            return Err(BodyReadError::TooLarge { max_bytes });
        }
        match timeout(time, Limited::new(incoming, max_bytes).collect()).await {
            Err(_) => Err(BodyReadError::TimedOut { time }),
            Ok(Ok(body)) => Ok(body.to_bytes()),
            Ok(Err(error)) if error.is::<LengthLimitError>() => Err(BodyReadError::TooLarge { max_bytes }),
            Ok(Err(_)) => Err(BodyReadError::Incomplete),
        }
    }
}

impl Body for ReadToEnd {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<hyper::Result<Frame<Bytes>>>> {
        match &mut self.incoming {
            Some(incoming) => Pin::new(incoming).poll_frame(cx),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.as_ref().is_none_or(Incoming::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.as_ref().map(Incoming::size_hint).unwrap_or_default()
    }
}

impl Drop for ReadToEnd {
    fn drop(&mut self) {
        if !self.is_http2 || self.is_end_stream() {
            return;
        }
        if let (Some(incoming), Ok(runtime)) = (self.incoming.take(), Handle::try_current()) {
            runtime.spawn(timeout(LINGER_TIME, read_to_end(incoming)));
        }
    }
}

/// Reads the rest of a body.
async fn read_to_end(mut incoming: Incoming) {
    let mut left = LINGER_BYTES;
    while let Some(Ok(frame)) = incoming.frame().await {
        left = left.saturating_sub(frame.data_ref().map_or(0, Bytes::len));
        if left == 0 {
            break;
        }
    }
}
