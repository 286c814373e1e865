//! [`Recorder`]: decides which requests are kept as recordings, and where.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::answer_parts::{self, AnswerParts};
use super::capture::{Capture, KeepsRequests, KeptRequest, SharedCapture};
use super::directory::DirectoryLimits;
use super::model::Recording;
use super::recorder_settings::{RecorderSettings, holds};
use super::writer::{RecorderStats, RecordingReceiver, RecordingTarget, RecordingWriter};
use crate::context::{Outside, RequestContext};
use crate::lane::Plan;
use crate::report::FetchResult;
use crate::request::RunOptions;

/// Keeps requests as recordings. Cheap to clone; clones share the recordings. A client records with the recorder that
/// [`ClientBuilder::recorder`](crate::ClientBuilder::recorder) gives it.
///
/// A recording is complete when nothing of its request is read any more: up to a second
/// ([`Linger::time`](crate::transport::Linger::time)) after the answer, because responses of sources that lost are read to their end.
/// [`VastClient::shutdown`](crate::VastClient::shutdown) waits for it. Requests that the caller drops are not recorded.
///
/// Personal values are replaced, and files are written, on a thread of the recorder. The answer of a request never waits for it.
///
/// ```
/// use vast_client::recording::{Recorder, RecorderSettings};
/// use vast_client::{FetchConfig, SourceConfig, VastClient};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), vast_client::ConfigError> {
/// let recorder = Recorder::in_memory(10, RecorderSettings::default());
/// let config = FetchConfig::new([SourceConfig::inline("<VAST version=\"4.2\"/>").named("empty")]);
/// let client = VastClient::builder().recorder(recorder.clone()).build(config)?;
/// let result = client.request_ad().await;
/// let recording = recorder.recording(&result.metadata.request_id).expect("a recording");
/// assert_eq!(recording.documents.len(), 1);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Recorder(Arc<RecorderState>);

struct RecorderState {
    settings: RecorderSettings,
    /// The requests that have begun.
    begun: AtomicU64,
    kept: AtomicU64,
    /// Decides, besides the settings, which requests are kept.
    receiver: Option<Arc<dyn RecordingReceiver>>,
    place: RecordingPlace,
}

impl KeepsRequests for RecorderState {
    fn put(&self, kept: KeptRequest) {
        match &self.place {
            RecordingPlace::Memory { count: 0, .. } => {}
            RecordingPlace::Memory { newest, count } => {
                let kept = Arc::new(KeptRequest { captured: kept.captured.compact(), ..kept });
                let mut newest = lock(newest);
                while newest.len() >= *count {
                    newest.pop_front();
                }
                newest.push_back(kept);
            }
            RecordingPlace::Files(writer) => writer.put(kept),
        }
    }
}

/// Where recordings are kept.
enum RecordingPlace {
    /// The newest ones in memory. Their personal values are replaced when they are read.
    Memory {
        newest: Mutex<VecDeque<Arc<KeptRequest>>>,
        count: usize,
    },
    Files(RecordingWriter),
}

impl Recorder {
    /// Keeps the newest `count` requests in memory.
    pub fn in_memory(count: usize, settings: RecorderSettings) -> Self {
        Self::new(settings, RecordingPlace::Memory { newest: Mutex::default(), count }, None)
    }

    /// Appends the requests to the file at `path`, which is created if it does not exist. Starts a thread, which ends with the last
    /// clone of the recorder.
    ///
    /// # Errors
    /// The error of the operating system if the file cannot be opened.
    pub fn to_file(path: impl Into<PathBuf>, settings: RecorderSettings) -> std::io::Result<Self> {
        Self::to_target(RecordingTarget::file(path.into())?, settings)
    }

    /// Writes each request to a file in the folder `path`, which is created if it does not exist. The oldest recordings in it are
    /// removed when there are more than `limits` permit. Starts a thread, which ends with the last clone of the recorder.
    ///
    /// # Errors
    /// The error of the operating system if the folder cannot be created or read.
    pub fn to_directory(
        path: impl Into<PathBuf>,
        limits: DirectoryLimits,
        settings: RecorderSettings,
    ) -> std::io::Result<Self> {
        Self::to_target(RecordingTarget::directory(path.into(), limits)?, settings)
    }

    /// Gives the requests to code of the host, for example to keep the newest ones in little memory. Starts a thread, which ends with
    /// the last clone of the recorder.
    ///
    /// # Errors
    /// The error of the operating system if the thread cannot be started.
    pub fn to_receiver(receiver: Arc<dyn RecordingReceiver>, settings: RecorderSettings) -> std::io::Result<Self> {
        let target = RecordingTarget::Receiver(Arc::clone(&receiver));
        let writer = RecordingWriter::start(target, settings.personal_values)?;
        Ok(Self::new(settings, RecordingPlace::Files(writer), Some(receiver)))
    }

    fn to_target(target: RecordingTarget, settings: RecorderSettings) -> std::io::Result<Self> {
        let writer = RecordingWriter::start(target, settings.personal_values)?;
        Ok(Self::new(settings, RecordingPlace::Files(writer), None))
    }

    fn new(settings: RecorderSettings, place: RecordingPlace, receiver: Option<Arc<dyn RecordingReceiver>>) -> Self {
        let (begun, kept) = (AtomicU64::new(0), AtomicU64::new(0));
        Self(Arc::new(RecorderState { settings, begun, kept, receiver, place }))
    }

    /// The recordings in memory, the oldest first. None if the recorder writes files.
    pub fn recordings(&self) -> Vec<Recording> {
        self.kept().iter().map(|kept| kept.recording(self.0.settings.personal_values, None)).collect()
    }

    /// The recording of the request with this id ([`Metadata::request_id`](crate::report::Metadata::request_id)), if it is in memory.
    pub fn recording(&self, request_id: &str) -> Option<Recording> {
        Some(self.kept_request(request_id)?.recording(self.0.settings.personal_values, None))
    }

    /// The recording of the request that `result` answers, if it is in memory, with the present states of its beacons.
    pub fn recording_of(&self, result: &FetchResult) -> Option<Recording> {
        let kept = self.kept_request(&result.metadata.request_id)?;
        Some(kept.recording(self.0.settings.personal_values, Some(answer_parts::deliveries(result))))
    }

    /// `text` with the placeholders of the recording of this request, if it is in memory: for example the JSON of its answer.
    pub fn replaced(&self, request_id: &str, text: impl Into<String>) -> Option<String> {
        Some(self.kept_request(request_id)?.replace(text.into()))
    }

    /// What the recorder has done.
    pub fn stats(&self) -> RecorderStats {
        let kept = self.0.kept.load(Ordering::Relaxed);
        match &self.0.place {
            RecordingPlace::Memory { .. } => RecorderStats { kept, ..RecorderStats::default() },
            RecordingPlace::Files(writer) => RecorderStats { kept, ..writer.stats() },
        }
    }

    /// Waits at most `limit` until all requests that were kept by now are written. Returns whether they are.
    pub async fn flush(&self, limit: Duration) -> bool {
        match &self.0.place {
            RecordingPlace::Memory { .. } => true,
            RecordingPlace::Files(writer) => writer.flush(limit).await,
        }
    }

    /// Begins to capture a request, if it may be kept.
    pub(crate) fn begin(&self, began: Instant) -> Option<Sampled> {
        let number = self.0.begun.fetch_add(1, Ordering::Relaxed);
        let is_sampled = is_sampled(number, self.0.settings.sample);
        let may_be_kept = is_sampled || !self.0.settings.always.is_empty();
        may_be_kept.then(|| {
            let keeper: Arc<dyn KeepsRequests> = Arc::<RecorderState>::clone(&self.0);
            Sampled { recorder: self.clone(), capture: Capture::new(keeper, began), is_sampled }
        })
    }

    fn kept(&self) -> Vec<Arc<KeptRequest>> {
        match &self.0.place {
            RecordingPlace::Memory { newest, .. } => lock(newest).iter().cloned().collect(),
            RecordingPlace::Files(_) => Vec::new(),
        }
    }

    fn kept_request(&self, request_id: &str) -> Option<Arc<KeptRequest>> {
        self.kept().into_iter().rfind(|kept| kept.answer.request_id == request_id)
    }
}

/// A request that is captured, and whether it is in the sample.
pub(crate) struct Sampled {
    recorder: Recorder,
    capture: Arc<Capture>,
    is_sampled: bool,
}

impl Sampled {
    /// Captures what enters the request.
    pub(crate) fn outside(&self) -> Arc<dyn Outside> {
        Arc::new(SharedCapture(Arc::clone(&self.capture)))
    }

    /// The request has its answer. Keeps it if it is in the sample, or if there is another reason.
    pub(crate) fn answered(
        self,
        plan: &Plan,
        context: &RequestContext,
        options: RunOptions,
        has_own_selector: bool,
        result: &FetchResult,
    ) {
        let state = &self.recorder.0;
        let is_kept = self.is_sampled || state.settings.always.iter().any(|reason| holds(*reason, result));
        if is_kept && state.receiver.as_ref().is_none_or(|receiver| receiver.wants(result)) {
            state.kept.fetch_add(1, Ordering::Relaxed);
            let answer = AnswerParts::new(plan, context, options, result);
            self.capture.keep(AnswerParts { has_own_selector, ..answer });
        }
    }
}

/// Whether the request with this number is in the sample. The requests of the sample are spread evenly, so that no random number is
/// drawn, which would change the seeds of requests.
fn is_sampled(number: u64, share: f64) -> bool {
    #[allow(clippy::cast_precision_loss)] // Above 2^53 requests the sample is a little uneven.
    let reached = |number: u64| (number as f64 * share.clamp(0.0, 1.0)).floor();
    reached(number + 1) > reached(number)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic cannot leave the list in a wrong state, so a poisoned lock is no problem.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl std::fmt::Debug for Recorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recorder").field("settings", &self.0.settings).field("stats", &self.stats()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_is_spread_evenly() {
        let kept =
            |share: f64, requests: u64| (0..requests).filter(|number| is_sampled(*number, share)).collect::<Vec<_>>();
        assert_eq!(kept(0.25, 8), [3, 7]);
        assert_eq!(kept(1.0, 3), [0, 1, 2]);
        assert_eq!(kept(0.01, 100_000).len(), 1000);
        for nothing in [0.0, -1.0, f64::NAN] {
            assert!(kept(nothing, 100).is_empty(), "{nothing}");
        }
    }
}
