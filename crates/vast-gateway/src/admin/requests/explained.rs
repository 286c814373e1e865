//! The replay of a kept request, and what would have changed its outcome.

use tokio::sync::Semaphore;
use vast_client::FetchResult;
use vast_client::recording::{Recording, RecordingReader};
use vast_client::replay::Replayer;
use vast_explain::{Alternative, Story, alternatives};

/// A request that was replayed.
pub(in crate::admin) struct ExplainedRequest {
    pub(in crate::admin) result: FetchResult,
    recording: Recording,
    alternatives: Vec<Alternative>,
    /// Why the replay is not exact.
    pub(in crate::admin) difference: Option<String>,
}

impl ExplainedRequest {
    /// The story as `vast explain` shows it.
    pub(in crate::admin) fn story(&self) -> Story<'_> {
        Story::of_recording(&self.result, &self.recording).with_alternatives(self.alternatives.clone())
    }
}

/// Replays the recording that `read` gives, on a thread that may compute for some milliseconds. `permits` bounds how many do so.
///
/// # Errors
/// Why it cannot be replayed.
pub(in crate::admin) async fn explain(
    permits: &Semaphore,
    read: impl FnOnce() -> Result<Recording, String> + Send + 'static,
) -> Result<ExplainedRequest, String> {
    // The semaphore is never closed.
    let _permit = permits.acquire().await;
    let replayed = tokio::task::spawn_blocking(move || replay(read()?)).await;
    replayed.unwrap_or_else(|_| Err("the replay has failed".to_owned()))
}

/// The recording in a file.
///
/// # Errors
/// Why it cannot be read.
pub(in crate::admin) fn recording_of(file: &[u8]) -> Result<Recording, String> {
    let recording = RecordingReader::new(file).next().ok_or("the recording is empty")?;
    recording.map_err(|error| error.to_string())
}

fn replay(recording: Recording) -> Result<ExplainedRequest, String> {
    let mut replayer = Replayer::new().map_err(|error| error.to_string())?;
    let replay = replayer.exact(&recording).map_err(|error| error.to_string())?;
    let alternatives = alternatives(&mut replayer, &recording, &replay.result).map_err(|error| error.to_string())?;
    let difference = replay.differences.first().map(ToString::to_string);
    Ok(ExplainedRequest { result: replay.result, recording, alternatives, difference })
}
