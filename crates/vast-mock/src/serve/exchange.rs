//! One request and its outcome, as the server saw it.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use crate::script::{Fault, Request};

/// One request and its outcome. Times are since [`crate::Mock::start`].
///
/// Displays as one line: `   1.203s east#4 GET /vast?cb=1 -> 200, 3037 bytes, completed after 12.1ms`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// The server's name in the script.
    pub server: Arc<str>,
    /// The number of the connection to this server, counted from 1.
    pub connection: u64,
    /// The request. If it was not HTTP, the method is empty and the target is the beginning of the input.
    pub request: Request,
    /// The time at which the request was complete.
    pub started: Duration,
    /// The scripted answer.
    pub answered: Answered,
    /// How many bytes of the body were given to the socket, without head and framing.
    pub bytes_sent: u64,
    /// The way in which the exchange ended.
    pub ending: ExchangeEnding,
    /// The time at which the exchange ended; `None` while it is [`ExchangeEnding::Running`].
    pub ended: Option<Duration>,
}

/// The scripted answer to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Answered {
    /// A response with this status. It may be incomplete.
    Status(u16),
    /// No response.
    Fault(Fault),
}

/// The way in which an exchange ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExchangeEnding {
    /// The exchange has not ended: the server waits, sends or hangs.
    Running,
    /// The whole response was sent.
    Completed,
    /// The server closed the connection early, as scripted.
    Closed,
    /// The server reset the connection, as scripted.
    Reset,
    /// The client closed or reset the connection first, while the server waited, hung or sent.
    ClientClosed,
    /// The mock was stopped before the exchange ended.
    Stopped,
    /// The socket failed in another way.
    Failed(io::ErrorKind),
}

impl Exchange {
    /// The duration of the exchange; `None` while it is running.
    pub fn elapsed(&self) -> Option<Duration> {
        self.ended.map(|ended| ended.saturating_sub(self.started))
    }
}

impl fmt::Display for Exchange {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { server, connection, request, started, answered, bytes_sent, ending, .. } = self;
        let Request { method, path_and_query, .. } = request;
        // Text from outside is escaped, so that it cannot end the line or control a terminal.
        let (method, target) = (method.escape_debug(), path_and_query.escape_debug());
        write!(formatter, "{:8.3}s {server}#{connection} {method} {target} -> {answered}", started.as_secs_f64())?;
        write!(formatter, ", {bytes_sent} bytes, {ending}")?;
        match self.elapsed() {
            Some(elapsed) => write!(formatter, " after {:.1}ms", elapsed.as_secs_f64() * 1000.0),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Answered {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(formatter, "{status}"),
            Self::Fault(Fault::Reset) => formatter.write_str("reset"),
            Self::Fault(Fault::Hang) => formatter.write_str("hang"),
            Self::Fault(Fault::Close) => formatter.write_str("close"),
        }
    }
}

impl fmt::Display for ExchangeEnding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Running => formatter.write_str("running"),
            Self::Completed => formatter.write_str("completed"),
            Self::Closed => formatter.write_str("closed early"),
            Self::Reset => formatter.write_str("reset"),
            Self::ClientClosed => formatter.write_str("client went away"),
            Self::Stopped => formatter.write_str("stopped"),
            Self::Failed(kind) => write!(formatter, "failed ({kind})"),
        }
    }
}
