//! Writes recordings to files, or gives them to code of the host: a thread with a bounded queue.

use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::capture::KeptRequest;
use super::directory::{Directory, DirectoryLimits};
use super::file::RecordingEncoder;
use super::model::{PersonalValues, Recording};
use crate::report::FetchResult;

/// What a recorder has done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecorderStats {
    /// The requests that were kept.
    pub kept: u64,
    /// The recordings that were written to files, or given to the receiver.
    pub written: u64,
    /// The bytes that were written.
    pub bytes: u64,
    /// The recordings that were lost, because more requests were kept than could be written.
    pub overrun: u64,
    /// The recordings that could not be written, for example because the disk is full.
    pub failed: u64,
}

/// How many requests wait to be written at most.
const MAX_WAITING: usize = 1024;
/// How many bytes of bodies wait to be written at most.
const MAX_WAITING_BYTES: usize = 64 << 20;

/// The thread that writes, and its queue.
pub(super) struct RecordingWriter {
    queue: SyncSender<Box<KeptRequest>>,
    shared: Arc<Shared>,
}

/// The numbers that the thread and its callers share.
#[derive(Default)]
struct Shared {
    waiting_bytes: AtomicUsize,
    progress: Mutex<Progress>,
    has_progressed: Condvar,
    written: AtomicU64,
    bytes: AtomicU64,
    overrun: AtomicU64,
    failed: AtomicU64,
}

/// How many requests were queued, and how many of them are done: written or failed.
#[derive(Debug, Clone, Copy, Default)]
struct Progress {
    queued: u64,
    done: u64,
}

impl Shared {
    fn progress(&self) -> MutexGuard<'_, Progress> {
        // A panic cannot leave the numbers in a wrong state, so a poisoned lock is no problem.
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until all requests that are queued by now are done.
    fn wait(&self, limit: Duration) -> bool {
        let progress = self.progress();
        let queued = progress.queued;
        let waited = self.has_progressed.wait_timeout_while(progress, limit, |progress| progress.done < queued);
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }
}

/// Where recordings are written.
pub(super) enum RecordingTarget {
    /// All to one file.
    File(File),
    /// Each to a file of a folder.
    Directory(Directory),
    /// To code of the host.
    Receiver(Arc<dyn RecordingReceiver>),
}

/// Code of the host that gets the recordings of a [`Recorder`](super::Recorder::to_receiver) instead of a file.
pub trait RecordingReceiver: Send + Sync + 'static {
    /// Whether the request with this answer is kept. Called before the request returns, for each request that the settings of the
    /// recorder keep, so it must not wait. Default: yes.
    fn wants(&self, result: &FetchResult) -> bool {
        let _ = result;
        true
    }

    /// Gets a recording and its bytes in a file. Called by the thread of the recorder, one recording after the other.
    fn receive(&self, recording: &Recording, file: &[u8]);
}

impl RecordingTarget {
    pub(super) fn file(path: PathBuf) -> io::Result<Self> {
        Ok(Self::File(File::options().append(true).create(true).open(path)?))
    }

    pub(super) fn directory(path: PathBuf, limits: DirectoryLimits) -> io::Result<Self> {
        Ok(Self::Directory(Directory::open(path, limits)?))
    }

    /// Writes the recording, which is `bytes` in a file.
    fn write(&mut self, recording: &Recording, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::File(file) => file.write_all(bytes),
            Self::Directory(directory) => directory.add(recording, bytes),
            Self::Receiver(receiver) => {
                receiver.receive(recording, bytes);
                Ok(())
            }
        }
    }
}

impl RecordingWriter {
    /// Starts the thread. It ends when the writer is dropped, after it has written what waits.
    pub(super) fn start(target: RecordingTarget, personal_values: PersonalValues) -> io::Result<Self> {
        let (queue, waiting) = sync_channel(MAX_WAITING);
        let shared = Arc::new(Shared::default());
        let of_thread = Arc::clone(&shared);
        let work = move || run(target, &waiting, &of_thread, personal_values);
        std::thread::Builder::new().name("vast-recorder".into()).spawn(work)?;
        Ok(Self { queue, shared })
    }

    /// Queues a request. If too much waits already, it is lost and counted: a request never waits for a disk.
    pub(super) fn put(&self, kept: KeptRequest) {
        let bytes = kept.captured.bytes;
        let is_full = self.shared.waiting_bytes.load(Ordering::Relaxed) + bytes > MAX_WAITING_BYTES;
        if !is_full {
            self.shared.waiting_bytes.fetch_add(bytes, Ordering::Relaxed);
            self.shared.progress().queued += 1;
            if self.queue.try_send(Box::new(kept)).is_ok() {
                return;
            }
            self.shared.progress().queued -= 1;
            self.shared.waiting_bytes.fetch_sub(bytes, Ordering::Relaxed);
        }
        let lost = self.shared.overrun.fetch_add(1, Ordering::Relaxed) + 1;
        if lost.is_power_of_two() {
            tracing::warn!(lost, "recordings are lost: more requests are kept than can be written");
        }
    }

    /// See [`Recorder::flush`](super::Recorder::flush). It waits on another thread, so that the clock of a test stands still.
    pub(super) async fn flush(&self, limit: Duration) -> bool {
        let shared = Arc::clone(&self.shared);
        tokio::task::spawn_blocking(move || shared.wait(limit)).await.unwrap_or(false)
    }

    pub(super) fn stats(&self) -> RecorderStats {
        let Shared { written, bytes, overrun, failed, .. } = &*self.shared;
        let [written, bytes, overrun, failed] =
            [written, bytes, overrun, failed].map(|count| count.load(Ordering::Relaxed));
        RecorderStats { kept: 0, written, bytes, overrun, failed }
    }
}

fn run(
    mut target: RecordingTarget,
    queue: &Receiver<Box<KeptRequest>>,
    shared: &Shared,
    personal_values: PersonalValues,
) {
    let mut encoder = RecordingEncoder::default();
    while let Ok(kept) = queue.recv() {
        let recording = kept.recording(personal_values, None);
        let bytes = encoder.encode(&recording);
        match target.write(&recording, bytes) {
            Ok(()) => {
                shared.written.fetch_add(1, Ordering::Relaxed);
                shared.bytes.fetch_add(bytes.len() as u64, Ordering::Relaxed);
            }
            Err(error) => {
                let failed = shared.failed.fetch_add(1, Ordering::Relaxed) + 1;
                if failed.is_power_of_two() {
                    tracing::warn!(failed, %error, "a recording could not be written");
                }
            }
        }
        shared.waiting_bytes.fetch_sub(kept.captured.bytes, Ordering::Relaxed);
        shared.progress().done += 1;
        shared.has_progressed.notify_all();
    }
}
