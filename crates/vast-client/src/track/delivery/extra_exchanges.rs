//! Limits the HTTP exchanges that the beacons of one answer may cause, in addition to the first exchange of each
//! beacon.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::error::{ErrorType, Failure};
use crate::transport::ExchangeObserver;

/// The number of answers that are remembered at least. Above it, the older half is forgotten.
const REMEMBERED: usize = 10_000;

/// Counts the redirects and retries of each answer, because an ad server decides how many of them its trackers cause.
#[derive(Debug)]
pub(in crate::track) struct ExtraExchanges {
    /// The largest number of extra exchanges per answer.
    limit: u32,
    used: Mutex<UsedExchanges>,
}

/// The number of extra exchanges that each answer has used, by the group of its beacons.
#[derive(Debug, Default)]
struct UsedExchanges {
    young: HashMap<Arc<str>, u32>,
    old: HashMap<Arc<str>, u32>,
}

impl ExtraExchanges {
    pub(in crate::track) fn new(limit: u32) -> Self {
        Self { limit, used: Mutex::default() }
    }

    /// The budget of one attempt of a beacon of this group. Only the first exchange of the first attempt is not counted.
    pub(super) fn attempt<'a>(&'a self, group: &'a Arc<str>, attempts_before: u32) -> AttemptBudget<'a> {
        AttemptBudget {
            extra: self,
            group,
            exchanges: AtomicU32::new(attempts_before.min(1)),
            taken: AtomicU32::new(0),
        }
    }

    fn used(&self) -> MutexGuard<'_, UsedExchanges> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl UsedExchanges {
    /// The number of extra exchanges of a group so far.
    fn of(&mut self, group: &Arc<str>) -> &mut u32 {
        let before = self.old.remove(group).unwrap_or_default();
        if self.young.len() >= REMEMBERED && !self.young.contains_key(group) {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.entry(Arc::clone(group)).or_insert(before)
    }
}

/// The exchanges of one attempt.
#[derive(Debug)]
pub(super) struct AttemptBudget<'a> {
    extra: &'a ExtraExchanges,
    group: &'a Arc<str>,
    exchanges: AtomicU32,
    /// The number of exchanges of this attempt that were counted for the answer.
    taken: AtomicU32,
}

impl AttemptBudget<'_> {
    /// Subtracts the exchanges of this attempt from the count of the answer. It is called when no byte of a request was written.
    pub(super) fn give_back(&self) {
        let taken = self.taken.swap(0, Ordering::Relaxed);
        if taken > 0 {
            let mut used = self.extra.used();
            let used = used.of(self.group);
            *used = used.saturating_sub(taken);
        }
    }
}

impl ExchangeObserver for AttemptBudget<'_> {
    fn take_exchange(&self) -> Result<(), Failure> {
        if self.exchanges.fetch_add(1, Ordering::Relaxed) == 0 {
            return Ok(());
        }
        let limit = self.extra.limit;
        let mut used = self.extra.used();
        let used = used.of(self.group);
        if *used >= limit {
            let message = format!("more than {limit} redirects and retries of the beacons of one answer");
            return Err(Failure::new(ErrorType::Limit, message));
        }
        *used += 1;
        self.taken.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    fn take_bytes(&self, _: u64) -> Result<(), Failure> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many of the `exchanges` of one attempt are allowed, after `attempts_before` earlier attempts.
    fn allowed(extra: &ExtraExchanges, group: &str, attempts_before: u32, exchanges: u32) -> usize {
        let group = Arc::from(group);
        let attempt = extra.attempt(&group, attempts_before);
        (0..exchanges).filter(|_| attempt.take_exchange().is_ok()).count()
    }

    #[test]
    fn redirects_and_retries_of_an_answer_are_counted_together() {
        let extra = ExtraExchanges::new(3);
        let attempts = [("a", 0, 3, 3), ("a", 0, 1, 1), ("b", 0, 6, 4), ("a", 1, 1, 1), ("a", 1, 1, 0), ("a", 0, 2, 1)];
        for (place, (group, before, exchanges, expected)) in attempts.into_iter().enumerate() {
            assert_eq!(allowed(&extra, group, before, exchanges), expected, "attempt {place}");
        }
    }

    #[test]
    fn an_attempt_that_sent_nothing_is_not_counted() {
        let (extra, group) = (ExtraExchanges::new(1), Arc::from("a"));
        for _ in 0..3 {
            let attempt = extra.attempt(&group, 1);
            assert!(attempt.take_exchange().is_ok());
            attempt.give_back();
            attempt.give_back();
        }
        assert_eq!(allowed(&extra, "a", 1, 2), 1);
    }

    #[test]
    fn the_number_of_remembered_answers_is_bounded() {
        let extra = ExtraExchanges::new(1);
        for number in 0..3 * REMEMBERED {
            assert_eq!(allowed(&extra, &number.to_string(), 1, 2), 1);
        }
        let used = extra.used();
        assert!(used.young.len() + used.old.len() <= 2 * REMEMBERED);
        drop(used);
        let youngest = (3 * REMEMBERED - 1).to_string();
        assert_eq!(allowed(&extra, &youngest, 1, 1), 0, "the youngest answers are remembered");
    }
}
