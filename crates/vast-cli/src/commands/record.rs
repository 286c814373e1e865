//! `vast request --record`.

use std::fs;
use std::path::Path;
use std::time::Duration;

use vast_client::recording::{DirectoryLimits, PersonalValues, Recorder, RecorderSettings, file_name, to_bytes};
use vast_client::{FetchResult, VastClient};

use super::output_file::OutputFile;
use crate::args::{RecordArgs, RecordPath};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::stdio;

/// Printed with `--record-full`.
const FULL: &str = "WARNING: --record-full: the recording has the personal values of the viewer; do not share it";

/// For how long responses that are still read are waited for, so that the recording has them. The client reads them for one second.
pub(super) const LINGER: Duration = Duration::from_millis(1100);
/// For how long recordings may be written at the end.
const WRITE: Duration = Duration::from_secs(10);

/// The recorder of a command, and where its recordings go.
pub(super) struct CommandRecorder<'a> {
    recorder: Recorder,
    /// `None` if the recorder writes its files itself.
    target: Option<RecordTarget<'a>>,
}

enum RecordTarget<'a> {
    File(OutputFile),
    Folder(&'a Path),
}

impl<'a> CommandRecorder<'a> {
    /// The recorder that the arguments ask for. `is_repeated` says whether there are many requests.
    ///
    /// # Errors
    /// A [`CommandError`] of usage, before any request: the file exists already, or it cannot be written.
    pub(super) fn prepare(arguments: &'a RecordArgs, is_repeated: bool) -> Result<Option<Self>, CommandError> {
        let Some(path) = arguments.path() else { return Ok(None) };
        let personal_values = if arguments.is_full() { PersonalValues::Kept } else { PersonalValues::Replaced };
        let settings = RecorderSettings::default().with_personal_values(personal_values);
        if arguments.is_full() {
            stdio::message(FULL);
        }
        let unusable =
            |path: &Path, problem: &str| CommandError::usage(format!("--record: `{}`: {problem}", path.display()));
        let target = match path {
            RecordPath::Folder(path) if is_repeated => {
                // The number of requests is the limit.
                let limits = DirectoryLimits { max_bytes: u64::MAX, max_files: usize::MAX };
                let recorder = Recorder::to_directory(path, limits, settings);
                let recorder = recorder.map_err(|error| unusable(path, &error.to_string()))?;
                return Ok(Some(Self { recorder, target: None }));
            }
            RecordPath::Folder(path) => {
                fs::create_dir_all(path).map_err(|error| unusable(path, &error.to_string()))?;
                RecordTarget::Folder(path)
            }
            RecordPath::File(path) if is_repeated => {
                return Err(unusable(path, "with --repeat, a folder is needed: write `/` at its end"));
            }
            RecordPath::File(path) if path.exists() && !arguments.is_forced() => {
                return Err(unusable(path, "exists already: choose another name, or use --force to replace it"));
            }
            RecordPath::File(path) => match OutputFile::prepare("--record", Some(path))? {
                Some(file) => RecordTarget::File(file),
                None => return Ok(None),
            },
        };
        Ok(Some(Self { recorder: Recorder::in_memory(1, settings), target: Some(target) }))
    }

    pub(super) fn recorder(&self) -> Recorder {
        self.recorder.clone()
    }

    /// Writes the recording of the request that `result` answers, with the final states of its beacons.
    ///
    /// # Errors
    /// A [`CommandError`]: the file cannot be written.
    pub(super) async fn write(self, client: &VastClient, result: &FetchResult) -> Result<(), CommandError> {
        let Some(target) = self.target else { return Ok(()) };
        client.shutdown(LINGER).await;
        let Some(recording) = self.recorder.recording_of(result) else {
            return Err(CommandError::new(Exit::Failed, "--record: the request was not recorded"));
        };
        let bytes = to_bytes(&recording);
        match target {
            RecordTarget::File(file) => file.write(&bytes),
            RecordTarget::Folder(folder) => {
                let path = folder.join(file_name(&recording));
                let file = OutputFile::prepare("--record", Some(&path))?;
                file.map_or(Ok(()), |file| file.write(&bytes))?;
                stdio::message(&format!("recorded: {}", path.display()));
                Ok(())
            }
        }
    }
}

/// Waits until the recordings of `client` are written, and reports those that are lost. The answers are not affected.
pub(super) async fn finish(client: &VastClient) {
    let Some(recorder) = client.recorder() else { return };
    client.shutdown(LINGER).await;
    let is_written = recorder.flush(WRITE).await;
    let stats = recorder.stats();
    let lost = stats.overrun + stats.failed;
    if lost > 0 {
        let disk =
            if stats.failed > 0 { "could not be written (is the disk full?)" } else { "came faster than the disk" };
        stdio::message(&format!("warning: {lost} of {} recordings are lost: they {disk}", stats.kept));
    } else if !is_written {
        stdio::message("warning: not all recordings could be written in time");
    }
}
