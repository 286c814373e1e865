//! The gateways of a cluster: what each of them tells the others, and the health of sources that follows. Nothing in a request waits
//! for it, and without messages each gateway knows its own numbers.

mod news;
mod peers;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use strum::VariantArray as _;

use crate::config::ClusterConfig;
pub(crate) use news::{EjectionNews, GatewayNews, SourceNews};
pub(crate) use peers::Peers;
#[cfg(feature = "nats")]
pub(crate) use peers::{HealthStep, MOST_GATEWAYS, Unused};

/// How the reading of a message ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum NewsEnd {
    /// It is the newest message of its gateway.
    Used,
    /// It is not newer than the last one, or its time is wrong.
    Old,
    /// There are too many gateways, or too many messages.
    TooMany,
    NotSigned,
    TooLong,
    /// A newer version wrote it.
    Newer,
    Damaged,
}

/// What this gateway is for the others, and what it knows of them.
#[derive(Debug)]
pub(crate) struct Fleet {
    /// The name of this gateway.
    pub(crate) name: String,
    /// Identifies this process.
    pub(crate) id: u64,
    /// Whether the gateway belongs to a cluster.
    pub(crate) is_cluster: bool,
    pub(crate) started: SystemTime,
    peers: Mutex<Peers>,
    #[cfg(feature = "nats")]
    sequence: AtomicU64,
    is_connected: AtomicBool,
    counts: [AtomicU64; NewsEnd::VARIANTS.len()],
    adopted: AtomicU64,
    lifted: AtomicU64,
}

impl Fleet {
    /// A gateway that knows no other one.
    pub(crate) fn new(cluster: Option<&ClusterConfig>, id: u64, started: SystemTime) -> Self {
        Self {
            name: cluster.and_then(|cluster| cluster.name.clone()).unwrap_or_else(host_name),
            id,
            is_cluster: cluster.is_some(),
            started,
            peers: Mutex::default(),
            #[cfg(feature = "nats")]
            sequence: AtomicU64::new(1),
            is_connected: AtomicBool::new(false),
            counts: Default::default(),
            adopted: AtomicU64::new(0),
            lifted: AtomicU64::new(0),
        }
    }

    /// The other gateways.
    pub(crate) fn peers(&self) -> MutexGuard<'_, Peers> {
        self.peers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The name of the gateway with this process.
    pub(crate) fn name_of(&self, origin: u64) -> String {
        self.peers().name_of(origin).unwrap_or("a gateway that is gone").to_owned()
    }

    /// The number of the next message.
    #[cfg(feature = "nats")]
    pub(crate) fn next_sequence(&self) -> u64 {
        self.sequence.fetch_add(1, Ordering::Relaxed)
    }

    /// Whether a server passes messages on now.
    pub(crate) fn is_connected(&self) -> bool {
        self.is_connected.load(Ordering::Relaxed)
    }

    #[cfg(feature = "nats")]
    pub(crate) fn set_connected(&self, is_connected: bool) {
        self.is_connected.store(is_connected, Ordering::Relaxed);
    }

    /// Counts a message.
    #[cfg(feature = "nats")]
    pub(crate) fn count(&self, end: NewsEnd) {
        if let Some(count) = self.counts.get(end as usize) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Counts a step that has changed the health of a source.
    #[cfg(feature = "nats")]
    pub(crate) fn has_followed(&self, step: &HealthStep) {
        let count = if step.left.is_some() { &self.adopted } else { &self.lifted };
        count.fetch_add(1, Ordering::Relaxed);
    }

    /// The messages that came, by how their reading ended.
    pub(crate) fn counts(&self) -> impl Iterator<Item = (NewsEnd, u64)> {
        NewsEnd::VARIANTS.iter().zip(&self.counts).map(|(end, count)| (*end, count.load(Ordering::Relaxed)))
    }

    /// The ejections that other gateways began and this one has followed, and those of them that they ended.
    pub(crate) fn followed(&self) -> (u64, u64) {
        (self.adopted.load(Ordering::Relaxed), self.lifted.load(Ordering::Relaxed))
    }
}

/// Milliseconds since 1970.
pub(crate) fn millis(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// The name of the machine; `gateway` where it is not known.
fn host_name() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").or_else(|_| std::env::var("HOSTNAME"));
    let name: String = name.map(|name| name.trim().chars().take(64).collect()).unwrap_or_default();
    if name.is_empty() { "gateway".to_owned() } else { name }
}
