//! A recorded request as an input: a file that `vast request --record` wrote.

use std::path::Path;

use vast_client::FetchResult;
use vast_client::recording::{Recording, RecordingErrorKind, read_file};
use vast_client::replay::{ReplayError, Replayer};

use crate::args::{SourceArgument, SourceLocation};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::stdio;

/// The flag that selects one of several recordings, and its value.
#[derive(Debug, Clone, Copy)]
pub(super) struct RequestFlag<'a> {
    pub(super) name: &'static str,
    /// The id of the request.
    pub(super) id: Option<&'a str>,
}

/// The recording in the file `input`; `None` if the input is not a file of recordings.
///
/// # Errors
/// A [`CommandError`]: the recording is damaged; the file has several recordings and none is selected, or not the selected one; or a
/// request is selected, and the input is not a file of recordings.
pub(super) fn of_input(input: &SourceArgument, request: RequestFlag<'_>) -> Result<Option<Recording>, CommandError> {
    let found = match &input.location {
        SourceLocation::Given(text) if Path::new(text).is_file() => of_file(Path::new(text), request)?,
        _ => None,
    };
    request.check(found.as_ref())?;
    Ok(found)
}

impl RequestFlag<'_> {
    /// Refuses the flag without a recording.
    ///
    /// # Errors
    /// A [`CommandError`] with [`Exit::Usage`].
    pub(super) fn check(self, found: Option<&Recording>) -> Result<(), CommandError> {
        match (self.id, found) {
            (Some(_), None) => {
                let text = format!("{}: selects a recording of a file, and no such file is given", self.name);
                Err(CommandError::usage(text))
            }
            _ => Ok(()),
        }
    }
}

fn of_file(path: &Path, request: RequestFlag<'_>) -> Result<Option<Recording>, CommandError> {
    let message = |text: &str| CommandError::new(Exit::Failed, format!("`{}`: {text}", path.display()));
    let mut found = Vec::new();
    for recording in read_file(path).map_err(|error| message(&error.to_string()))? {
        match recording {
            Ok(recording) => found.push(recording),
            Err(error) if error.number == 1 && matches!(error.kind, RecordingErrorKind::Foreign) => return Ok(None),
            Err(error) if found.is_empty() => return Err(message(&error.to_string())),
            // The recordings before the damage are whole.
            Err(error) => stdio::message(&format!("warning: `{}`: {error}", path.display())),
        }
    }
    let count = found.len();
    let recording = match request.id {
        Some(id) => found.into_iter().find(|recording| recording.request.id == id),
        None if count > 1 => {
            let text = format!("`{}` has {count} recordings: select one with {} ID", path.display(), request.name);
            return Err(CommandError::usage(text));
        }
        None => found.pop(),
    };
    recording.map(Some).ok_or_else(|| message("there is no such recording in it"))
}

/// The answer to a recorded request. A warning says if this version of the program answers in another way.
///
/// # Errors
/// See [`replay_error`].
pub(super) fn replayed(replayer: &mut Replayer, recording: &Recording) -> Result<FetchResult, CommandError> {
    let replay = replayer.exact(recording).map_err(|error| replay_error(&error))?;
    if let Some(difference) = replay.differences.first() {
        stdio::message(&format!("warning: the replay differs from the recording: {difference}"));
    }
    Ok(replay.result)
}

/// The message for a recording that cannot be replayed.
pub(super) fn replay_error(error: &ReplayError) -> CommandError {
    CommandError::new(Exit::Failed, format!("the recording cannot be replayed: {error}"))
}
