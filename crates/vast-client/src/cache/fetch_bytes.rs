//! Limits the memory of all fetches for the cache together.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::{ErrorType, Failure};

/// The bytes that each fetch may have, whatever the others have: enough for nearly every document.
const PER_FETCH: u64 = 128 << 10;
/// The bytes that all fetches together may have beyond that.
const BEYOND: u64 = 64 << 20;

/// The bytes that fetches for the cache may still take beyond [`PER_FETCH`].
#[derive(Debug)]
pub(crate) struct FetchBytes {
    free: AtomicU64,
}

impl Default for FetchBytes {
    fn default() -> Self {
        Self { free: AtomicU64::new(BEYOND) }
    }
}

/// The bytes of one fetch. They are free for other fetches when it is dropped.
#[derive(Debug)]
pub(crate) struct BytesOfFetch {
    all: Arc<FetchBytes>,
    taken: AtomicU64,
}

impl BytesOfFetch {
    pub(crate) fn new(all: &Arc<FetchBytes>) -> Self {
        Self { all: Arc::clone(all), taken: AtomicU64::new(0) }
    }

    /// Counts `more` bytes of the document.
    ///
    /// # Errors
    /// A [`Failure`] when all fetches together have too many bytes.
    pub(crate) fn take(&self, more: u64) -> Result<(), Failure> {
        let before = self.taken.fetch_add(more, Ordering::Relaxed);
        let wanted = beyond(before.saturating_add(more)) - beyond(before);
        let free = self.all.free.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |free| free.checked_sub(wanted));
        free.map(drop).map_err(|_| {
            self.taken.fetch_sub(more, Ordering::Relaxed);
            let message = format!(
                "the documents that are fetched for the cache at the same time have more than {BEYOND} bytes beyond {PER_FETCH} bytes each"
            );
            Failure::new(ErrorType::Limit, message).after_answer()
        })
    }
}

impl Drop for BytesOfFetch {
    fn drop(&mut self) {
        self.all.free.fetch_add(beyond(*self.taken.get_mut()), Ordering::Relaxed);
    }
}

fn beyond(taken: u64) -> u64 {
    taken.saturating_sub(PER_FETCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_documents_share_a_limit_and_small_ones_are_never_refused() {
        const LARGE: u64 = 8 << 20;
        let all = Arc::default();
        let fetch = || BytesOfFetch::new(&all);
        let large: Vec<_> = (0..8).map(|_| fetch()).collect();
        assert!(large.iter().all(|fetch| fetch.take(LARGE).is_ok()), "64 MiB less the share of each");
        // What is left is eight times the bytes that each fetch may have.
        let (late, small) = (fetch(), fetch());
        assert_eq!(late.take(LARGE).map_err(|failure| failure.error_type), Err(ErrorType::Limit));
        assert_eq!(late.take(9 * PER_FETCH), Ok(()), "what was refused does not count");
        assert!(small.take(PER_FETCH).is_ok() && small.take(1).is_err(), "nothing is left beyond the share");
        drop(large);
        assert!(small.take(LARGE).is_ok(), "the bytes of fetches that have ended are free");
        drop((late, small));
        assert_eq!(all.free.load(Ordering::Relaxed), BEYOND);
    }
}
