//! Limits of what one token and one session may cost. Strangers can send a token as often as they like.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use quick_cache::sync::Cache;
use tokio::time::Instant;

use super::seal::SessionId;
use crate::rate::RateLimiter;

/// The number of sessions and of events whose use is known. An older one begins anew.
const MOST_KNOWN: usize = 200_000;
/// The hits of one session per second, and at once.
const SESSION_RATE: f64 = 200.0 / 60.0;
const SESSION_BURST: f64 = 200.0;
/// How often an event that can take place several times, such as `pause`, counts per token.
const MOST_REPEATS: u32 = 32;

/// How much the tokens of each session were used.
pub(crate) struct HitLimits {
    began: Instant,
    sessions: Cache<SessionId, Arc<RateLimiter>>,
    events: Cache<(SessionId, u16), Arc<AtomicU32>>,
}

impl Default for HitLimits {
    fn default() -> Self {
        Self { began: Instant::now(), sessions: Cache::new(MOST_KNOWN), events: Cache::new(MOST_KNOWN) }
    }
}

impl HitLimits {
    /// Whether the session may have one more hit now.
    pub(crate) fn permits(&self, session: SessionId) -> bool {
        let made = self.sessions.get_or_insert_with(&session, || Ok::<_, ()>(Arc::<RateLimiter>::default()));
        made.is_ok_and(|limiter| limiter.take(SESSION_RATE, SESSION_BURST, self.elapsed()))
    }

    /// Whether this is the first hit of an event that only the gateway counts.
    pub(crate) fn is_first(&self, session: SessionId, once: u16) -> bool {
        self.count(session, once) == 0
    }

    /// Whether an event that can take place several times counts once more.
    pub(crate) fn permits_repeat(&self, session: SessionId, once: u16) -> bool {
        self.count(session, once) < MOST_REPEATS
    }

    /// How often this was called before for the event.
    fn count(&self, session: SessionId, once: u16) -> u32 {
        let made = self.events.get_or_insert_with(&(session, once), || Ok::<_, ()>(Arc::<AtomicU32>::default()));
        made.map_or(u32::MAX, |count| count.fetch_add(1, Ordering::Relaxed))
    }

    fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }
}
