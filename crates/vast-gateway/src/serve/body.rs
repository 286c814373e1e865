//! The body of a request, with a limit for its bytes and its time.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::body::{Body as _, Incoming};
use tokio::time::timeout;

/// A body that has not been read. Nothing of it is in memory except what the connection has buffered, so a handler should
/// check the caller's rights first.
#[derive(Debug)]
pub(crate) struct LimitedBody {
    incoming: Incoming,
    max_bytes: usize,
    time: Duration,
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
    pub(crate) fn new(incoming: Incoming, max_bytes: usize, time: Duration) -> Self {
        Self { incoming, max_bytes, time }
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
