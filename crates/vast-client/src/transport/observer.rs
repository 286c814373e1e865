//! Observes exchanges: counts them and their bytes, records redirects, and notes what servers answer.

use std::sync::Arc;

use bytes::Bytes;
use tokio::time::Instant;

use super::request::ResponseHead;
use super::{ExchangePlace, HttpResponse, SpareTimer, Target, TransportError, TransportErrorKind};
use crate::error::{ErrorType, Failure};

/// One redirect: a request that was answered with the status 301, 302, 303, 307 or 308. A URL of more than 8 KiB is cut: it
/// ends with `... (N bytes)`. After 4 MiB of such URLs in one result, only the first 100 bytes of a URL are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RedirectStep {
    /// The HTTP status.
    pub status: u16,
    /// The URL that was requested.
    pub url: Arc<str>,
    /// The URL that the answer names, as an absolute URL.
    pub location: Arc<str>,
}

/// Counts exchanges and the bytes of their bodies, ends a request that costs too much, and records redirects.
pub(crate) trait ExchangeObserver: Sync {
    /// Called before each exchange.
    ///
    /// # Errors
    /// A [`Failure`] if the request may not make another exchange.
    fn take_exchange(&self) -> Result<(), Failure>;

    /// Called when a body, or the URL of a redirect, needs `more` additional bytes of memory.
    ///
    /// # Errors
    /// A [`Failure`] if the request may not use these bytes.
    fn take_bytes(&self, more: u64) -> Result<(), Failure>;

    /// `url` as a [`RedirectStep`] records it: a long one may be cut.
    fn recorded_url(&self, url: &str) -> Arc<str> {
        url.into()
    }

    /// The exchange was answered with a redirect.
    fn redirected(&self, _step: &RedirectStep) {}

    /// The time at which the task that makes the exchanges was polled.
    fn now(&self) -> Instant {
        Instant::now()
    }

    /// A timer that the exchanges use one after the other; `None` if each has its own.
    fn spare_timer(&self) -> Option<&SpareTimer> {
        None
    }

    /// An exchange begins, after this number of redirects. `None` if nobody notes what the server answers.
    fn begin(&self, _target: &Target, _redirects: u32) -> Option<ObservedExchange> {
        None
    }
}

/// An exchange whose answer is noted, or given by a recording.
pub(crate) struct ObservedExchange {
    pub(crate) place: Arc<ExchangePlace>,
    /// Gets what the server answers.
    pub(crate) log: Option<Box<dyn ExchangeLog>>,
    /// The response. If it is given, no name is looked up and nothing is sent.
    pub(crate) response: Option<ResponseHead>,
}

impl ObservedExchange {
    /// Notes that the exchange failed before anything was sent.
    pub(super) fn was_not_sent(&mut self, failure: &Failure) {
        let kind = match (failure.error_type, failure.limit) {
            (ErrorType::BlockedAddress, _) => TransportErrorKind::BlockedAddress,
            (_, Some(limit)) => TransportErrorKind::Timeout(limit),
            _ => TransportErrorKind::Dns,
        };
        if let Some(log) = &mut self.log {
            log.ended(Some(&TransportError::new(kind, failure.message.clone())));
        }
    }
}

/// Gets the events of one exchange, in order. It is dropped when nothing more is read.
pub(crate) trait ExchangeLog: Send {
    /// The request is given to the transport now.
    fn sent(&mut self);

    /// The head of the response has arrived.
    fn head(&mut self, response: &HttpResponse);

    /// A piece of the body has arrived.
    fn piece(&mut self, piece: &Bytes);

    /// The exchange has ended: with `error`, or with the last byte of the response.
    fn ended(&mut self, error: Option<&TransportError>);

    /// The request does not wait for the response any more. The rest may still be read.
    fn cut(&mut self);
}
