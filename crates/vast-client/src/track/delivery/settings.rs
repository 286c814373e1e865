//! The settings for calling trackers, and the decisions that depend on them.

use std::time::Duration;

use fastrand::Rng;

use super::outcome::DeliveryOutcome;
use crate::error::Failure;
use crate::policy::Backoff;
use crate::track::outbox::{Claimed, DeadReason, Disposition, LastAttempt, Settlement, Timestamp};

/// The settings for calling trackers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeliverySettings {
    /// The largest number of beacons in flight at the same time. Default 256, which most limits of open files allow: each beacon
    /// in flight needs a connection. A server for many viewers may set up to 4,096. A crash of the process can repeat at most this
    /// number of beacons.
    pub max_in_flight: usize,
    /// The largest number of beacons in flight to one host at the same time. Default 256. The limit of a host begins at 8, because
    /// a tracker could take a higher number for an attack. It grows up to this number, and up to a quarter of `max_in_flight`,
    /// while the host accepts beacons, and is halved at a status 429 or 5xx, a time limit or a broken connection.
    pub per_host: u32,
    /// The time limit of one attempt, redirects included. Default 3 s: the value that ad stitching services use.
    pub attempt_timeout: Duration,
    /// The time limit of name resolution, TCP and TLS of one exchange. It is part of `attempt_timeout`. Default 1 s.
    pub connect_timeout: Duration,
    /// The bound of the wait before the second attempt. It doubles with each attempt, and the wait is drawn between zero and
    /// the bound (full jitter). Default 1 s.
    pub delay: Duration,
    /// The longest wait between two attempts. Default 5 minutes. A longer `Retry-After` is obeyed if the beacon does not expire
    /// earlier.
    pub max_delay: Duration,
    /// The largest number of retries of a beacon after attempts in doubt. Default 1. With 0 no beacon is counted twice,
    /// but one that was in flight when a connection broke or the process ended is lost.
    pub max_in_doubt: u32,
    /// The largest number of additional HTTP exchanges of the beacons of one answer: redirects and retries of all its
    /// beacons together, without the first exchange of each beacon. Default 2,000, so that an answer with 1,000 beacons
    /// causes at most 3,000 exchanges. A beacon that needs another one becomes a dead letter with
    /// [`DeadReason::TooManyExchanges`]. An attempt that wrote no byte of a request does not count. The count is in
    /// memory: after a restart, the beacons that still wait are counted from zero again. Beacons belong to one answer
    /// if they have the same group.
    pub max_extra_exchanges: u32,
    /// The age limit of a beacon. Default 24 hours.
    pub max_age: Duration,
    /// The age limit of an error report. Default 1 hour.
    pub max_error_age: Duration,
    /// The time for which a claimed beacon belongs to this dispatcher. Default 60 s, many times the time limit of an
    /// attempt.
    pub lease: Duration,
}

impl Default for DeliverySettings {
    fn default() -> Self {
        Self {
            max_in_flight: 256,
            per_host: 256,
            attempt_timeout: Duration::from_secs(3),
            connect_timeout: Duration::from_secs(1),
            delay: Duration::from_secs(1),
            max_delay: Duration::from_secs(300),
            max_in_doubt: 1,
            max_extra_exchanges: 2_000,
            max_age: Duration::from_secs(24 * 3600),
            max_error_age: Duration::from_secs(3600),
            lease: Duration::from_secs(60),
        }
    }
}

impl DeliverySettings {
    /// The age limit of a beacon that reports this event.
    pub fn age_limit(&self, event: &str) -> Duration {
        if event == "error" { self.max_error_age } else { self.max_age }
    }

    /// The reason why a claimed beacon gets no further attempt; `None` if it gets one.
    pub(super) fn end_of(&self, claimed: &Claimed, now: Timestamp) -> Option<DeadReason> {
        if claimed.progress.in_doubt > self.max_in_doubt {
            return Some(DeadReason::InDoubt);
        }
        (claimed.record.expires <= now).then_some(DeadReason::Expired)
    }

    /// The settlement of a beacon whose attempt ended with this status or failure.
    pub(super) fn settle(
        &self,
        claimed: &Claimed,
        ended: &Result<u16, Failure>,
        now: Timestamp,
        rng: &mut Rng,
    ) -> Settlement {
        let (status, message) = match ended {
            Ok(status) => (Some(*status), "".into()),
            Err(failure) => (failure.status, failure.message.clone()),
        };
        let retry_after = ended.as_ref().err().and_then(|failure| failure.retry_after);
        let disposition = match DeliveryOutcome::of(ended) {
            DeliveryOutcome::Accepted => Disposition::Delivered,
            DeliveryOutcome::Rejected(reason) => Disposition::Dead(reason),
            DeliveryOutcome::InDoubt if claimed.progress.in_doubt >= self.max_in_doubt => {
                Disposition::Dead(DeadReason::InDoubt)
            }
            outcome => {
                let at = now.after(self.wait(claimed.progress.attempts, retry_after, rng));
                let in_doubt = outcome == DeliveryOutcome::InDoubt;
                let is_in_time = at < claimed.record.expires;
                if is_in_time { Disposition::RetryAt { at, in_doubt } } else { Disposition::Dead(DeadReason::Expired) }
            }
        };
        let last = LastAttempt { at: now, status, message };
        Settlement { id: claimed.id, attempts: claimed.progress.attempts, disposition, last }
    }

    /// The wait before the next attempt, after an attempt that was preceded by `attempts` others.
    fn wait(&self, attempts: u32, retry_after: Option<Duration>, rng: &mut Rng) -> Duration {
        let backoff = Backoff { delay: self.delay, max_delay: self.max_delay };
        backoff.wait(attempts.saturating_add(1), retry_after, rng)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::super::outbox::{DeliveryProgress, Record};
    use super::*;
    use crate::error::ErrorType;
    use crate::policy::TimeLimit;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000);

    fn claimed(attempts: u32, in_doubt: u32, expires_in: Duration) -> Claimed {
        let record = Record {
            key: "k".to_owned(),
            group: "g".into(),
            event: "impression".into(),
            source: "s".into(),
            hop: 0,
            url: "https://t.example/".to_owned(),
            rule: crate::transport::AddressRule::default(),
            headers: Arc::default(),
            consent: "".into(),
            created: NOW,
            expires: NOW.after(expires_in),
        };
        let progress = DeliveryProgress { attempts, in_doubt, ..DeliveryProgress::default() };
        Claimed { id: 1, host: record.host().into(), record: Arc::new(record), progress }
    }

    fn disposition(claimed: &Claimed, ended: &Result<u16, Failure>) -> Disposition {
        DeliverySettings::default().settle(claimed, ended, NOW, &mut Rng::with_seed(3)).disposition
    }

    fn wait_of(disposition: Disposition) -> Duration {
        let Disposition::RetryAt { at, .. } = disposition else { panic!("{disposition:?}") };
        at.since(NOW)
    }

    const DAY: Duration = Duration::from_secs(24 * 3600);

    #[test]
    fn waits_double_up_to_five_minutes_with_full_jitter() {
        let settings = DeliverySettings::default();
        let mut rng = Rng::with_seed(7);
        for (attempts, bound) in [(0, 1.0), (1, 2.0), (2, 4.0), (8, 256.0), (9, 300.0), (4_000_000_000, 300.0)] {
            let waits: Vec<f64> = (0..2000).map(|_| settings.wait(attempts, None, &mut rng).as_secs_f64()).collect();
            let longest = waits.iter().copied().fold(0.0, f64::max);
            let below_half = waits.iter().filter(|wait| **wait < bound / 2.0).count();
            assert!(longest <= bound && longest > bound * 0.98, "{attempts}: {longest}");
            assert!((850..1150).contains(&below_half), "{attempts}: {below_half}");
        }
    }

    #[test]
    fn retry_after_is_kept_to_while_the_beacon_lasts() {
        let ask = |seconds| Err(Failure::http_status(503, Some(Duration::from_secs(seconds))));
        assert_eq!(wait_of(disposition(&claimed(0, 0, DAY), &ask(7200))), Duration::from_secs(7200));
        let soon_over = claimed(0, 0, Duration::from_secs(60));
        assert_eq!(disposition(&soon_over, &ask(7200)), Disposition::Dead(DeadReason::Expired));
        assert!(wait_of(disposition(&soon_over, &ask(2))) >= Duration::from_secs(2));
    }

    #[test]
    fn r173_in_doubt_is_repeated_once_and_with_zero_never() {
        let reset = || Err(Failure::new(ErrorType::Reset, "reset"));
        assert!(matches!(disposition(&claimed(0, 0, DAY), &reset()), Disposition::RetryAt { in_doubt: true, .. }));
        assert_eq!(disposition(&claimed(1, 1, DAY), &reset()), Disposition::Dead(DeadReason::InDoubt));
        let never = DeliverySettings { max_in_doubt: 0, ..DeliverySettings::default() };
        let settled = never.settle(&claimed(0, 0, DAY), &reset(), NOW, &mut Rng::with_seed(1));
        assert_eq!(settled.disposition, Disposition::Dead(DeadReason::InDoubt));
        assert_eq!(never.end_of(&claimed(1, 1, DAY), NOW), Some(DeadReason::InDoubt));
        assert_eq!(DeliverySettings::default().end_of(&claimed(1, 1, DAY), NOW), None);
        assert_eq!(DeliverySettings::default().end_of(&claimed(2, 2, DAY), NOW), Some(DeadReason::InDoubt));
    }

    #[test]
    fn refused_and_answered_tries_are_repeated_until_the_age_limit() {
        for ended in [Err(Failure::http_status(503, None)), Err(Failure::timeout(TimeLimit::Connect))] {
            let again = disposition(&claimed(4000, 0, DAY), &ended);
            assert!(matches!(again, Disposition::RetryAt { in_doubt: false, .. }), "{again:?}");
            let over = disposition(&claimed(3, 0, Duration::ZERO), &ended);
            assert_eq!(over, Disposition::Dead(DeadReason::Expired));
        }
        let settings = DeliverySettings::default();
        assert_eq!(settings.end_of(&claimed(0, 0, Duration::ZERO), NOW), Some(DeadReason::Expired));
        assert_eq!(settings.age_limit("error"), Duration::from_secs(3600));
        assert_eq!(settings.age_limit("firstQuartile"), DAY);
    }
}
