//! The only file that reads the wall clock and draws randomness. All other code gets both from here, so that a request can
//! be repeated and a test can run on a paused clock.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use fastrand::Rng;
use tokio::time::Instant;

/// The clock and the source of randomness of a client. Cheap to clone; clones share one generator.
#[derive(Debug, Clone)]
pub struct Env {
    wall_origin: SystemTime,
    origin: Instant,
    seeds: Arc<Mutex<Rng>>,
}

impl Env {
    /// The clock of the machine, and a random generator with a seed from the operating system.
    #[allow(clippy::disallowed_methods)] // Only this file may call it.
    pub fn system() -> Self {
        Self::with(SystemTime::now(), Rng::new())
    }

    /// A wall clock that starts at `wall` and moves with tokio's clock, and a seeded generator: the same calls give the
    /// same values.
    pub fn fixed(wall: SystemTime, seed: u64) -> Self {
        Self::with(wall, Rng::with_seed(seed))
    }

    fn with(wall_origin: SystemTime, rng: Rng) -> Self {
        Self { wall_origin, origin: Instant::now(), seeds: Arc::new(Mutex::new(rng)) }
    }

    /// The monotonic clock.
    pub fn now(&self) -> Instant {
        Instant::now()
    }

    /// The wall clock: the time at which this value was created, plus the time that the monotonic clock has measured
    /// since. Within a process it therefore never runs backwards.
    pub fn wall(&self) -> SystemTime {
        self.wall_origin + self.origin.elapsed()
    }

    /// The [`wall`](Self::wall) clock at the time `at`, without reading a clock.
    pub(crate) fn wall_at(&self, at: Instant) -> SystemTime {
        match at.checked_duration_since(self.origin) {
            Some(later) => self.wall_origin + later,
            None => self.wall_origin.checked_sub(self.origin - at).unwrap_or(UNIX_EPOCH),
        }
    }

    /// A seed for one request.
    pub fn seed(&self) -> u64 {
        self.seeds.lock().unwrap_or_else(PoisonError::into_inner).u64(..)
    }

    /// A generator for one request.
    pub fn draws(seed: u64) -> Draws {
        Draws(Mutex::new(Rng::with_seed(seed)))
    }
}

/// The randomness of one request. The seed determines everything that is drawn.
#[derive(Debug)]
pub struct Draws(Mutex<Rng>);

impl Draws {
    /// Derives a seed from `seed`. Each `number` gives another seed, for another part of the request.
    pub fn nth(seed: u64, number: u64) -> u64 {
        // The generator mixes the bits, so that seeds which are derived from derived seeds differ too.
        Rng::with_seed(seed ^ number.wrapping_mul(0x9E37_79B9_7F4A_7C15)).u64(..)
    }

    /// Calls `draw` with the generator.
    pub fn with<T>(&self, draw: impl FnOnce(&mut Rng) -> T) -> T {
        draw(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A random UUID (RFC 9562, version 4) in its text form.
    pub fn uuid<T: for<'u> From<&'u str>>(&self) -> T {
        let bytes = self.with(|rng| rng.u128(..)).to_be_bytes();
        let uuid = uuid::Builder::from_random_bytes(bytes).into_uuid();
        T::from(uuid.hyphenated().encode_lower(&mut uuid::Uuid::encode_buffer()))
    }

    /// A number for `[CACHEBUSTING]`: eight random digits. The caller prints leading zeros.
    pub fn cachebusting(&self) -> u32 {
        self.with(|rng| rng.u32(0..100_000_000))
    }
}

/// `wall` in the format of `[TIMESTAMP]`: `2026-11-22T08:15:07.127+00:00` (ISO 8601, milliseconds, numeric zone).
pub fn timestamp(wall: SystemTime) -> String {
    let since_epoch = wall.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    let time = jiff::Timestamp::from_millisecond(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
        .unwrap_or(jiff::Timestamp::MAX);
    time.strftime("%Y-%m-%dT%H:%M:%S%.3f+00:00").to_string()
}

/// A hash (FNV-1a) that is the same in every process and version; the standard hasher does not promise that. It is stored
/// in files and decides traffic splits.
pub(crate) fn stable_hash(text: &str) -> u64 {
    let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    text.bytes().fold(0xcbf2_9ce4_8422_2325, mix)
}
