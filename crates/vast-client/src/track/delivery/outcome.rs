//! The outcome of an attempt to deliver a beacon: a pure function of its status or failure.

use crate::error::{ErrorType, Failure};
use crate::policy::{TimeLimit, is_retried_status};
use crate::track::outbox::DeadReason;

/// The outcome of an attempt to deliver a beacon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeliveryOutcome {
    /// The tracker accepted the beacon: status 2xx, after redirects if there were any.
    Accepted,
    /// No byte of the request was written. Retried until the age limit.
    NotSent,
    /// The tracker requires a retry: status 408, 429 or 5xx except 501. Retried until the age limit.
    RetryLater,
    /// The request was written and no status came: the tracker may have counted it. Retried at most
    /// [`max_in_doubt`](super::DeliverySettings::max_in_doubt) times.
    InDoubt,
    /// The tracker will never accept the beacon. Not retried.
    Rejected(DeadReason),
}

impl DeliveryOutcome {
    /// The outcome of an attempt that ended with this status or failure.
    pub fn of(ended: &Result<u16, Failure>) -> Self {
        match ended {
            Ok(_) => Self::Accepted,
            Err(failure) => of_failure(failure),
        }
    }

    /// Whether the host of the tracker works, for its circuit breaker. A host that rejects a beacon works.
    pub fn is_well(self) -> bool {
        matches!(self, Self::Accepted | Self::Rejected(_))
    }
}

fn of_failure(failure: &Failure) -> DeliveryOutcome {
    match (failure.error_type, failure.status) {
        (ErrorType::HttpStatus, Some(status)) if is_retried_status(status) => DeliveryOutcome::RetryLater,
        (ErrorType::HttpStatus | ErrorType::Redirect, _) => DeliveryOutcome::Rejected(DeadReason::Refused),
        (ErrorType::Limit, _) => DeliveryOutcome::Rejected(DeadReason::TooManyExchanges),
        (ErrorType::BlockedAddress | ErrorType::Internal, _) => DeliveryOutcome::Rejected(DeadReason::Uncallable),
        // A redirect came before the failure: the server that sent it may have counted the beacon.
        _ if failure.answered => DeliveryOutcome::InDoubt,
        (ErrorType::Dns | ErrorType::Connect | ErrorType::Tls, _) => DeliveryOutcome::NotSent,
        (ErrorType::Timeout, _) if failure.limit == Some(TimeLimit::Connect) => DeliveryOutcome::NotSent,
        _ => DeliveryOutcome::InDoubt,
    }
}
