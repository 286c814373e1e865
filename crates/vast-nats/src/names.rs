//! The names of streams and subjects, and the delays of the streams in which beacons wait.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest;
use vast_client::track::outbox::Record;

/// The length of a hash in bytes. Half of a SHA-256 hash is enough: nobody gains from two keys with the same hash.
const HASH_BYTES: usize = 16;
/// The number of subjects over which the beacons of a ledger are spread. A query for one request reads one of them.
const BUCKETS: u16 = 4096;
/// The longest prefix, in bytes.
const MAX_PREFIX_BYTES: usize = 32;

/// The time that a beacon waits in a stream for its next attempt. Each stream has one delay, so its messages are due in their
/// order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum RetryDelay {
    Second,
    TenSeconds,
    Minute,
    FiveMinutes,
}

impl RetryDelay {
    pub(crate) const ALL: [Self; 4] = [Self::Second, Self::TenSeconds, Self::Minute, Self::FiveMinutes];

    /// The delay in units of `second`.
    pub(crate) fn length(self, second: Duration) -> Duration {
        second * self.seconds()
    }

    fn seconds(self) -> u32 {
        match self {
            Self::Second => 1,
            Self::TenSeconds => 10,
            Self::Minute => 60,
            Self::FiveMinutes => 300,
        }
    }

    /// The part of stream names and subjects.
    fn label(self) -> String {
        format!("{}s", self.seconds())
    }

    /// The stream for a beacon that has to wait this long; `None` if it is due. A beacon waits at most about twice as long as it has
    /// to, never less, and may pass through several streams.
    pub(crate) fn for_wait(wait: Duration, second: Duration) -> Option<Self> {
        // A wait below a twentieth of the shortest delay is not worth another message.
        if wait <= second / 20 {
            return None;
        }
        let enough = Self::ALL.into_iter().find(|delay| wait <= delay.length(second));
        let Some(enough) = enough else { return Some(Self::FiveMinutes) };
        if wait * 2 >= enough.length(second) {
            return Some(enough);
        }
        let shorter = Self::ALL.into_iter().rev().find(|delay| delay.length(second) <= wait);
        Some(shorter.unwrap_or(Self::Second))
    }

    /// The stream for a beacon whose host has no room, after this many earlier waits for room. The waits grow, so that the queue of a
    /// host that does not answer costs little.
    pub(crate) fn for_room(waits: u32) -> Self {
        match waits {
            0..5 => Self::Second,
            5..10 => Self::TenSeconds,
            _ => Self::Minute,
        }
    }
}

/// The names of the streams and subjects of one installation. Several installations on one server differ in their prefixes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamNames {
    prefix: String,
}

impl StreamNames {
    /// The names with this prefix: `vast` gives the stream `VAST_BEACONS` and the subject `vast.beacons`.
    ///
    /// # Errors
    /// A message if the prefix is empty, longer than 32 bytes, or has other characters than letters, digits and `_`.
    pub fn new(prefix: impl Into<String>) -> Result<Self, String> {
        let prefix = prefix.into();
        let is_valid = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        if prefix.is_empty() || prefix.len() > MAX_PREFIX_BYTES || !prefix.bytes().all(is_valid) {
            let rule = format!("use 1 to {MAX_PREFIX_BYTES} letters, digits or `_`");
            return Err(format!("`{prefix}` cannot be a prefix of streams: {rule}"));
        }
        Ok(Self { prefix: prefix.to_ascii_lowercase() })
    }

    /// The prefix.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    pub(crate) fn stream(&self, place: StreamRole) -> String {
        let upper = self.prefix.to_ascii_uppercase();
        match place {
            StreamRole::Beacons => format!("{upper}_BEACONS"),
            StreamRole::Retry(delay) => format!("{upper}_RETRY_{}", delay.label().to_ascii_uppercase()),
            StreamRole::Dead => format!("{upper}_DEAD"),
            StreamRole::Ledger => format!("{upper}_LEDGER"),
        }
    }

    /// The subjects of a stream, as its configuration names them.
    pub(crate) fn subjects(&self, place: StreamRole) -> String {
        match place {
            StreamRole::Beacons | StreamRole::Retry(_) => self.queue(place),
            StreamRole::Dead => format!("{}.dead.>", self.prefix),
            StreamRole::Ledger => format!("{}.ledger.>", self.prefix),
        }
    }

    /// The subject of a stream whose messages are called or wait.
    pub(crate) fn queue(&self, place: StreamRole) -> String {
        match place {
            StreamRole::Retry(delay) => format!("{}.retry.{}", self.prefix, delay.label()),
            _ => format!("{}.beacons", self.prefix),
        }
    }

    /// The subject of a beacon in the ledger or among the dead letters. Each subject keeps only its newest message.
    pub(crate) fn subject_of(&self, place: StreamRole, record: &Record) -> String {
        format!("{}.{:03x}.{}", self.rows(place), bucket(&record.group), hash(&[record.key.as_bytes()]))
    }

    /// The subjects of the rows that a query needs: those of one request or session, of one key, or all.
    pub(crate) fn rows_of(&self, place: StreamRole, group: Option<&str>, key: Option<&str>) -> String {
        let bucket = group.map_or_else(|| "*".to_owned(), |group| format!("{:03x}", bucket(group)));
        let key = key.map_or_else(|| "*".to_owned(), |key| hash(&[key.as_bytes()]));
        format!("{}.{bucket}.{key}", self.rows(place))
    }

    /// The subject on which gateways tell each other what they see. No stream stores it.
    pub(crate) fn news(&self) -> String {
        format!("{}.news", self.prefix)
    }

    /// The subject of a message that cannot be read as a beacon.
    pub(crate) fn unreadable(&self, payload: &[u8]) -> String {
        format!("{}.dead.unreadable.{}", self.prefix, hash(&[payload]))
    }

    fn rows(&self, place: StreamRole) -> String {
        let name = if place == StreamRole::Dead { "dead" } else { "ledger" };
        format!("{}.{name}", self.prefix)
    }
}

/// A stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum StreamRole {
    /// Beacons that are due.
    Beacons,
    /// Beacons that wait for their next attempt.
    Retry(RetryDelay),
    /// Dead letters.
    Dead,
    /// The state of each beacon that was called.
    Ledger,
}

impl StreamRole {
    pub(crate) const ALL: [Self; 7] = [
        Self::Beacons,
        Self::Retry(RetryDelay::Second),
        Self::Retry(RetryDelay::TenSeconds),
        Self::Retry(RetryDelay::Minute),
        Self::Retry(RetryDelay::FiveMinutes),
        Self::Dead,
        Self::Ledger,
    ];
}

/// The name of the consumer that all gateways share.
pub(crate) const CONSUMER: &str = "gateways";

/// The bit that each number of a beacon of this outbox has. Numbers of a local outbox count from 1 and never have it.
pub(crate) const NUMBER_BIT: u64 = 1 << 63;

/// The number of a beacon, made from its key, so that every gateway gives it the same one.
pub(crate) fn number_of(key: &str) -> u64 {
    let digest = digest::digest(&digest::SHA256, key.as_bytes());
    let first = digest.as_ref().first_chunk().copied().unwrap_or_default();
    u64::from_be_bytes(first) | NUMBER_BIT
}

/// The id of a message. NATS stores a message with an id that it knows only once. `moves` differs for each pass of a beacon through a
/// stream: otherwise its second pass would be taken for a repetition of the first one.
pub(crate) fn message_id(key: &str, generation: u32, attempts: u32, moves: u32) -> String {
    hash(&[key.as_bytes(), &generation.to_be_bytes(), &attempts.to_be_bytes(), &moves.to_be_bytes()])
}

/// The hash of these parts in letters that a subject may have. No two lists of parts with a different number of bytes per part are
/// mixed by the callers.
fn hash(parts: &[&[u8]]) -> String {
    let mut context = digest::Context::new(&digest::SHA256);
    parts.iter().for_each(|part| context.update(part));
    URL_SAFE_NO_PAD.encode(&context.finish().as_ref()[..HASH_BYTES])
}

fn bucket(group: &str) -> u16 {
    let digest = digest::digest(&digest::SHA256, group.as_bytes());
    let first = digest.as_ref().first_chunk().copied().unwrap_or_default();
    u16::from_be_bytes(first) % BUCKETS
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_wait_passes_through_the_stream_that_fits_best() {
        let cases = [
            (0.0, None),
            (0.05, None),
            (0.06, Some(RetryDelay::Second)),
            (1.0, Some(RetryDelay::Second)),
            (1.7, Some(RetryDelay::Second)),
            (4.9, Some(RetryDelay::Second)),
            (5.0, Some(RetryDelay::TenSeconds)),
            (10.0, Some(RetryDelay::TenSeconds)),
            (29.0, Some(RetryDelay::TenSeconds)),
            (30.0, Some(RetryDelay::Minute)),
            (149.0, Some(RetryDelay::Minute)),
            (150.0, Some(RetryDelay::FiveMinutes)),
            (7200.0, Some(RetryDelay::FiveMinutes)),
        ];
        for (wait, delay) in cases {
            assert_eq!(RetryDelay::for_wait(Duration::try_from_secs_f64(wait).unwrap(), SECOND), delay, "{wait} s");
        }
    }

    #[test]
    fn a_wait_is_never_shorter_than_asked_and_needs_few_passes() {
        for millis in (0..700_000_u64).step_by(97) {
            let wait = Duration::from_millis(millis);
            let (mut waited, mut passes) = (Duration::ZERO, 0);
            while let Some(delay) = RetryDelay::for_wait(wait.saturating_sub(waited), SECOND) {
                waited += delay.length(SECOND);
                passes += 1;
            }
            assert!(waited + SECOND / 20 >= wait && waited <= wait * 2 + SECOND, "{wait:?}: {waited:?}");
            assert!(passes <= 12, "{wait:?}: {passes}");
        }
    }

    #[test]
    fn prefixes_keep_installations_apart() {
        let names = StreamNames::new("Stage").expect("a prefix");
        let shown: Vec<_> =
            StreamRole::ALL.iter().map(|place| (names.stream(*place), names.subjects(*place))).collect();
        let expected = [
            ("STAGE_BEACONS", "stage.beacons"),
            ("STAGE_RETRY_1S", "stage.retry.1s"),
            ("STAGE_RETRY_10S", "stage.retry.10s"),
            ("STAGE_RETRY_60S", "stage.retry.60s"),
            ("STAGE_RETRY_300S", "stage.retry.300s"),
            ("STAGE_DEAD", "stage.dead.>"),
            ("STAGE_LEDGER", "stage.ledger.>"),
        ];
        assert_eq!(shown, expected.map(|(stream, subject)| (stream.to_owned(), subject.to_owned())));
        for wrong in ["", "a.b", "a b", "a*", &"a".repeat(33)] {
            assert!(StreamNames::new(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn each_move_has_an_id() {
        let ids = [("a", 0, 0, 0), ("a", 0, 0, 1), ("a", 0, 1, 0), ("a", 1, 0, 0), ("b", 0, 0, 0)]
            .map(|(key, generation, attempts, moves)| message_id(key, generation, attempts, moves));
        for (index, id) in ids.iter().enumerate() {
            assert!(ids[index + 1..].iter().all(|other| other != id));
            assert!(id.len() == 22 && !id.contains(['.', '*', '>', ' ']));
        }
        assert_eq!(message_id("a", 0, 0, 0), ids[0]);
    }
}
