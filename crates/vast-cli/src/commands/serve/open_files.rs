//! The connections for which the process has open files.

use std::sync::atomic::{AtomicBool, Ordering};

/// The files for everything else: 1,024 idle connections in each of the two pools of the client, those in use, the admin port, the outbox.
const RESERVE: u64 = 4_096;

/// Bounds the connections of clients to a part of the files that the process may open. Without it, clients that only connect could take all
/// of them, and nothing would be left for ad servers and for the admin port.
#[derive(Debug, Default)]
pub(super) struct ConnectionRoom {
    was_said: AtomicBool,
}

impl ConnectionRoom {
    /// Lowers `max_connections` to what the process has room for, and says so once if that is much less.
    pub(super) fn limit(&self, max_connections: &mut usize) {
        let Some(files) = most_files() else { return };
        let room = room_of(files);
        if *max_connections <= room {
            return;
        }
        if room < *max_connections / 2 && !self.was_said.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                max_connections,
                "the process may open {files} files, so {room} connections are accepted: raise the limit (`ulimit -n`, \
                 `LimitNOFILE`), or lower `max_connections`"
            );
        }
        *max_connections = room;
    }
}

/// The connections for which there is room among so many files.
fn room_of(files: u64) -> usize {
    let room = files - RESERVE.min(files / 2);
    usize::try_from(room).unwrap_or(usize::MAX).max(1)
}

/// The number of files that the process may open; `None` without a limit.
#[cfg(unix)]
fn most_files() -> Option<u64> {
    rustix::process::getrlimit(rustix::process::Resource::Nofile).current
}

/// Other systems have no such limit.
#[cfg(not(unix))]
fn most_files() -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_the_files_is_kept_for_ad_servers() {
        for (files, room) in [(0, 1), (64, 32), (1_024, 512), (8_192, 4_096), (20_000, 15_904), (1_048_576, 1_044_480)]
        {
            assert_eq!(room_of(files), room, "{files}");
        }
    }
}
