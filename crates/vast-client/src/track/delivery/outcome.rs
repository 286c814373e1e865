//! What the end of a try means: pure, one table.

use crate::error::{ErrorType, Failure};
use crate::policy::TimeLimit;
use crate::track::outbox::DeadReason;

/// What the end of a try means for the beacon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeliveryOutcome {
    /// The tracker took it: 2xx, at the end of redirects where there were any.
    Accepted,
    /// Not a byte of it was written. Repeated until its age limit.
    NotSent,
    /// The tracker wants it later: 408, 429, 5xx but 501. Repeated until its age limit.
    RetryLater,
    /// It was written, and no status came: the tracker may have counted it. Repeated as often as
    /// [`max_in_doubt`](super::DeliverySettings::max_in_doubt) allows.
    InDoubt,
    /// It will never be taken. Not repeated.
    Rejected(DeadReason),
}

impl DeliveryOutcome {
    /// The fate of a try that ended like this.
    pub fn of(ended: &Result<u16, Failure>) -> Self {
        match ended {
            Ok(_) => Self::Accepted,
            Err(failure) => of_failure(failure),
        }
    }

    /// Whether the tracker's host is well: what its breaker goes by. That it refuses a beacon does not make it unwell.
    pub fn is_well(self) -> bool {
        matches!(self, Self::Accepted | Self::Rejected(_))
    }
}

fn of_failure(failure: &Failure) -> DeliveryOutcome {
    match (failure.error_type, failure.status) {
        (ErrorType::HttpStatus, Some(408 | 429 | 500 | 502..=599)) => DeliveryOutcome::RetryLater,
        (ErrorType::HttpStatus | ErrorType::Redirect, _) => DeliveryOutcome::Rejected(DeadReason::Refused),
        (ErrorType::BlockedAddress | ErrorType::Internal, _) => DeliveryOutcome::Rejected(DeadReason::Uncallable),
        // A redirect came first: what sent it may have counted.
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
    fn r173_the_fate_of_every_end() {
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
