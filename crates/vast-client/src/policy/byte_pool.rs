//! Limits the memory of the documents of all requests together.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The bytes that each request may have, whatever the others have: enough for nearly every document.
const OWN_BYTES: u64 = 128 << 10;

/// A number of bytes that many requests share. Each request may have [`OWN_BYTES`] more, which do not count here.
#[derive(Debug)]
pub(crate) struct BytePool {
    /// What the bytes are used for, in messages.
    parts: &'static str,
    size: u64,
    free: AtomicU64,
}

/// The bytes of one request. They are free for other requests when it is dropped.
#[derive(Debug)]
pub(crate) struct PooledBytes {
    pool: Arc<BytePool>,
    taken: AtomicU64,
}

impl BytePool {
    /// A pool of this number of bytes.
    pub(crate) fn new(size: u64, parts: &'static str) -> Arc<Self> {
        Arc::new(Self { parts, size, free: AtomicU64::new(size) })
    }

    /// The part of a new request, which has taken no bytes yet.
    pub(crate) fn part(self: &Arc<Self>) -> PooledBytes {
        PooledBytes { pool: Arc::clone(self), taken: AtomicU64::new(0) }
    }

    /// The bytes that the requests have taken of the pool.
    pub(crate) fn taken(&self) -> u64 {
        self.size.saturating_sub(self.free.load(Ordering::Relaxed))
    }

    fn take(&self, bytes: u64) -> bool {
        let free =
            || self.free.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |free| free.checked_sub(bytes)).is_ok();
        bytes == 0 || free()
    }
}

impl PooledBytes {
    /// Counts `more` bytes.
    ///
    /// # Errors
    /// A message for people, when the request has more than [`OWN_BYTES`] and the pool has too few bytes left.
    pub(crate) fn take(&self, more: u64) -> Result<(), String> {
        let before = self.taken.fetch_add(more, Ordering::Relaxed);
        if self.pool.take(beyond(before.saturating_add(more)) - beyond(before)) {
            return Ok(());
        }
        self.taken.fetch_sub(more, Ordering::Relaxed);
        let BytePool { parts, size, .. } = *self.pool;
        Err(format!("the {parts} have more than {size} bytes beyond {OWN_BYTES} bytes each"))
    }
}

impl Drop for PooledBytes {
    fn drop(&mut self) {
        let taken = beyond(*self.taken.get_mut());
        if taken > 0 {
            self.pool.free.fetch_add(taken, Ordering::Relaxed);
        }
    }
}

fn beyond(taken: u64) -> u64 {
    taken.saturating_sub(OWN_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_documents_share_a_limit_and_small_ones_are_never_refused() {
        const LARGE: u64 = 8 << 20;
        let pool = BytePool::new(8 * LARGE, "documents");
        let large: Vec<_> = (0..8).map(|_| pool.part()).collect();
        assert!(large.iter().all(|part| part.take(LARGE).is_ok()), "the pool has the share of each beside it");
        assert_eq!(pool.taken(), 8 * (LARGE - OWN_BYTES));
        // What is left is eight times the bytes that each part may have.
        let (late, small) = (pool.part(), pool.part());
        let refused = "the documents have more than 67108864 bytes beyond 131072 bytes each".to_owned();
        assert_eq!(late.take(LARGE), Err(refused), "the ninth");
        assert_eq!(late.take(9 * OWN_BYTES), Ok(()), "what was refused does not count");
        assert!(small.take(OWN_BYTES).is_ok() && small.take(1).is_err(), "nothing is left beyond the share");
        drop(large);
        assert!(small.take(LARGE).is_ok(), "the bytes of requests that have ended are free");
        drop((late, small));
        assert_eq!(pool.taken(), 0);
    }
}
