//! [`Failure`]: one failure of a request.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use super::error_type::ErrorType;
use crate::policy::{TimeLimit, is_retried_status};

/// A failure, with everything that is known about it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Failure {
    /// The kind of the failure.
    pub error_type: ErrorType,
    /// Text for people. It has the relevant numbers and never contains secrets.
    pub message: Cow<'static, str>,
    /// The VAST error code that is reported; `None` if no code applies. For a break of a playlist it may be a VMAP error code
    /// (1000 to 1008).
    pub vast_error_code: Option<u16>,
    /// The time limit that fired, for [`ErrorType::Timeout`].
    pub limit: Option<TimeLimit>,
    /// The HTTP status, if a response arrived.
    pub status: Option<u16>,
    /// The wait that the server requires (`Retry-After`).
    pub retry_after: Option<Duration>,
    /// Whether a byte of the response had arrived. A request is never retried after that.
    pub answered: bool,
}

impl Failure {
    /// A failure of this type, with the VAST error code from the table.
    pub fn new(error_type: ErrorType, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            error_type,
            message: message.into(),
            vast_error_code: error_type.row().vast_error_code,
            limit: None,
            status: None,
            retry_after: None,
            answered: false,
        }
    }

    /// The failure for a time limit that fired.
    pub fn timeout(limit: TimeLimit) -> Self {
        Self { limit: Some(limit), ..Self::new(ErrorType::Timeout, limit.message()) }
    }

    /// The failure for an HTTP status that ends the attempt.
    pub fn http_status(status: u16, retry_after: Option<Duration>) -> Self {
        let message = format!("the server answered with status {status}");
        Self { status: Some(status), retry_after, answered: true, ..Self::new(ErrorType::HttpStatus, message) }
    }

    /// The VAST error code in `<Error>` URLs.
    pub(crate) fn code(&self) -> u16 {
        self.vast_error_code.unwrap_or_else(|| self.error_type.code())
    }

    /// The same failure with [`answered`](Self::answered) set.
    #[must_use]
    pub fn after_answer(mut self) -> Self {
        self.answered = true;
        self
    }

    /// The same failure with this VAST error code.
    #[must_use]
    pub fn with_code(mut self, code: u16) -> Self {
        self.vast_error_code = Some(code);
        self
    }

    /// Whether another attempt may help: a name that cannot be resolved, connect failures, resets before the first byte of a response, and
    /// the statuses 408, 429 and 5xx except 501. All other failures are final, because an ad request is not idempotent for the seller.
    pub fn is_retried(&self) -> bool {
        match (self.error_type, self.status) {
            (ErrorType::HttpStatus, Some(status)) => is_retried_status(status),
            (error_type, _) => error_type.row().retried && !self.answered,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}
