//! What the end of a try means: pure, one table.

use super::super::outbox::DeadReason;
use crate::error::{ErrorType, Failure};
use crate::policy::TimeLimit;

/// What the end of a try means for the beacon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fate {
    /// The tracker took it: 2xx, at the end of redirects where there were any.
    Taken,
    /// Not a byte of it was written. Repeated until its age limit.
    Refused,
    /// The tracker wants it later: 408, 429, 5xx but 501. Repeated until its age limit.
    Later,
    /// It was written, and no status came: the tracker may have counted it. Repeated as often as
    /// [`max_in_doubt`](super::CourierSettings::max_in_doubt) allows.
    InDoubt,
    /// It will never be taken. Not repeated.
    Never(DeadReason),
}

impl Fate {
    /// The fate of a try that ended like this.
    pub fn of(ended: &Result<u16, Failure>) -> Self {
        match ended {
            Ok(_) => Self::Taken,
            Err(failure) => of_failure(failure),
        }
    }

    /// Whether the tracker's host is well: what its breaker goes by. That it refuses a beacon does not make it unwell.
    pub fn is_well(self) -> bool {
        matches!(self, Self::Taken | Self::Never(_))
    }
}

fn of_failure(failure: &Failure) -> Fate {
    match (failure.error_type, failure.status) {
        (ErrorType::HttpStatus, Some(408 | 429 | 500 | 502..=599)) => Fate::Later,
        (ErrorType::HttpStatus | ErrorType::Redirect, _) => Fate::Never(DeadReason::Refused),
        (ErrorType::BlockedAddress | ErrorType::Internal, _) => Fate::Never(DeadReason::Uncallable),
        // A redirect came first: what sent it may have counted.
        _ if failure.answered => Fate::InDoubt,
        (ErrorType::Dns | ErrorType::Connect | ErrorType::Tls, _) => Fate::Refused,
        (ErrorType::Timeout, _) if failure.limit == Some(TimeLimit::Connect) => Fate::Refused,
        _ => Fate::InDoubt,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r173_the_fate_of_every_end() {
        let status = |status| Err(Failure::http_status(status, None));
        let failed = |error_type| Failure::new(error_type, "x");
        let refused = Fate::Never(DeadReason::Refused);
        let cases = [
            (Ok(200), Fate::Taken),
            (Ok(204), Fate::Taken),
            (status(408), Fate::Later),
            (status(429), Fate::Later),
            (status(500), Fate::Later),
            (status(503), Fate::Later),
            (status(599), Fate::Later),
            (status(501), refused),
            (status(400), refused),
            (status(404), refused),
            (status(410), refused),
            (status(304), refused),
            (Err(failed(ErrorType::Redirect)), refused),
            (Err(failed(ErrorType::BlockedAddress)), Fate::Never(DeadReason::Uncallable)),
            (Err(failed(ErrorType::Dns)), Fate::Refused),
            (Err(failed(ErrorType::Connect)), Fate::Refused),
            (Err(failed(ErrorType::Tls)), Fate::Refused),
            (Err(failed(ErrorType::Connect).after_answer()), Fate::InDoubt),
            (Err(Failure::timeout(TimeLimit::Connect)), Fate::Refused),
            (Err(Failure::timeout(TimeLimit::Beacon)), Fate::InDoubt),
            (Err(failed(ErrorType::Reset)), Fate::InDoubt),
        ];
        for (ended, expected) in cases {
            assert_eq!(Fate::of(&ended), expected, "{ended:?}");
        }
    }
}
