//! Times in a recording.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The time of an event of a recorded request, and its rank among all events of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RecordedTime {
    /// The rank: the first event has 0. Events at the same time have different ranks.
    pub rank: u32,
    /// The time since the request began.
    #[serde(with = "nanoseconds")]
    pub at: Duration,
}

impl RecordedTime {
    /// The event with this rank, this long after the beginning of the request.
    pub fn new(rank: u32, at: Duration) -> Self {
        Self { rank, at }
    }
}

/// A duration as whole nanoseconds.
pub(super) mod nanoseconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(in crate::recording) fn serialize<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX))
    }

    pub(in crate::recording) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        u64::deserialize(deserializer).map(Duration::from_nanos)
    }
}

/// A duration as whole nanoseconds, or nothing.
pub(super) mod optional_nanoseconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(in crate::recording) fn serialize<S: Serializer>(
        time: &Option<Duration>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match time {
            Some(time) => super::nanoseconds::serialize(time, serializer),
            None => serializer.serialize_none(),
        }
    }

    pub(in crate::recording) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Duration>, D::Error> {
        Ok(Option::<u64>::deserialize(deserializer)?.map(Duration::from_nanos))
    }
}

/// A time on the wall clock as whole nanoseconds since 1970 (UTC).
pub(super) mod unix_nanoseconds {
    use std::time::{Duration, SystemTime, UNIX_EPOCH};

    use serde::{Deserialize, Deserializer, Serializer};

    pub(in crate::recording) fn serialize<S: Serializer>(time: &SystemTime, serializer: S) -> Result<S::Ok, S::Error> {
        let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        super::nanoseconds::serialize(&since, serializer)
    }

    pub(in crate::recording) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<SystemTime, D::Error> {
        u64::deserialize(deserializer).map(|nanos| UNIX_EPOCH + Duration::from_nanos(nanos))
    }
}
