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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r173_every_end_of_an_attempt_has_its_outcome() {
        let status = |status| Err(Failure::http_status(status, None));
        let failed = |error_type| Failure::new(error_type, "x");
        let refused = DeliveryOutcome::Rejected(DeadReason::Refused);
        let cases = [
            (Ok(200), DeliveryOutcome::Accepted),
            (Ok(204), DeliveryOutcome::Accepted),
            (status(408), DeliveryOutcome::RetryLater),
            (status(429), DeliveryOutcome::RetryLater),
            (status(500), DeliveryOutcome::RetryLater),
            (status(503), DeliveryOutcome::RetryLater),
            (status(599), DeliveryOutcome::RetryLater),
            (status(501), refused),
            (status(400), refused),
            (status(404), refused),
            (status(410), refused),
            (status(304), refused),
            (Err(failed(ErrorType::Redirect)), refused),
            (Err(failed(ErrorType::Limit)), DeliveryOutcome::Rejected(DeadReason::TooManyExchanges)),
            (Err(failed(ErrorType::BlockedAddress)), DeliveryOutcome::Rejected(DeadReason::Uncallable)),
            (Err(failed(ErrorType::Dns)), DeliveryOutcome::NotSent),
            (Err(failed(ErrorType::Connect)), DeliveryOutcome::NotSent),
            (Err(failed(ErrorType::Tls)), DeliveryOutcome::NotSent),
            (Err(failed(ErrorType::Connect).after_answer()), DeliveryOutcome::InDoubt),
            (Err(Failure::timeout(TimeLimit::Connect)), DeliveryOutcome::NotSent),
            (Err(Failure::timeout(TimeLimit::Beacon)), DeliveryOutcome::InDoubt),
            (Err(failed(ErrorType::Reset)), DeliveryOutcome::InDoubt),
        ];
        for (ended, expected) in cases {
            assert_eq!(DeliveryOutcome::of(&ended), expected, "{ended:?}");
        }
    }
}
