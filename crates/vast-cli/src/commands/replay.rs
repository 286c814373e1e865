//! `vast replay`.

use std::fs;
use std::path::{Path, PathBuf};

use vast_client::recording::{EXTENSION, Recording, RecordingError, read_file};
use vast_client::replay::{Comparison, ReplayError, Replayer, recorded_config};
use vast_client::wire::FailedReplay;
use vast_client::{ClientConfig, ConfigKey, FetchResult};

use super::configuration;
use crate::args::{Format, ReplayArgs};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::render::Replayed;
use crate::{hints, render, stdio};

/// How many differences between a recording and its exact replay are listed.
const SHOWN_DIFFERENCES: usize = 5;

pub(super) fn run(arguments: &ReplayArgs) -> Result<Exit, CommandError> {
    arguments.xml.check(&arguments.output)?;
    let other = arguments.config.as_deref().map(other_settings).transpose()?.flatten();
    let replays = Replays {
        arguments,
        other,
        replayer: Replayer::new().map_err(|error| CommandError::new(Exit::Failed, error.to_string()))?,
    };
    match &arguments.recordings[..] {
        [path] if !path.is_dir() => replays.of_file(path),
        paths => replays.of_all(paths),
    }
}

/// The settings of the file at `path`; `None` if it only says what is recorded. A replay is not recorded.
fn other_settings(path: &Path) -> Result<Option<ClientConfig>, CommandError> {
    let text = configuration::text(path, "--config")?;
    let mut config = configuration::parse(&text, path, "--config")?;
    config.record = None;
    let table: toml::Table = text.parse().unwrap_or_default();
    let is_setting = |key: &String| key != ConfigKey::Record.as_str();
    Ok(table.keys().any(is_setting).then_some(config))
}

/// The replays of a command.
struct Replays<'a> {
    arguments: &'a ReplayArgs,
    /// The file of other settings.
    other: Option<ClientConfig>,
    replayer: Replayer,
}

impl Replays<'_> {
    /// Replays the recordings of one file. A single recording is shown like the answer of a request.
    fn of_file(mut self, path: &Path) -> Result<Exit, CommandError> {
        let mut recordings = open(path)?;
        let first = recordings.next();
        let first = first.unwrap_or_else(|| Err(message(path, "there is no recording in it")))?;
        match recordings.next() {
            None => self.show(path, &first),
            Some(second) => {
                let all = [Ok(first), second].into_iter().chain(recordings);
                self.compare(all.enumerate().map(|(number, one)| (name(path, number), one)))
            }
        }
    }

    /// Replays all recordings of these files and folders.
    fn of_all(self, paths: &[PathBuf]) -> Result<Exit, CommandError> {
        let mut files = Vec::new();
        for path in paths {
            match path.is_dir() {
                true => files.extend(files_of(path)?),
                false => files.push(path.clone()),
            }
        }
        let recordings = files.into_iter().flat_map(|path| match open(&path) {
            Ok(recordings) => {
                let named = recordings.enumerate().map(move |(number, one)| (name(&path, number), one));
                Box::new(named) as Box<dyn Iterator<Item = _>>
            }
            Err(error) => Box::new(std::iter::once((path.display().to_string(), Err(error)))),
        });
        self.compare(recordings)
    }

    fn show(&mut self, path: &Path, recording: &Recording) -> Result<Exit, CommandError> {
        let replayed = self.replay(recording).map_err(|error| self.failed(path, &error))?;
        let page = render::replay(&replayed, &self.arguments.output, &self.arguments.xml)?;
        stdio::print(&page.bytes)?;
        page.messages.iter().for_each(|line| stdio::message(line));
        report(&replayed);
        if let Some(hint) = hints::of_result(replayed.result()) {
            stdio::message(&format!("hint: {hint}"));
        }
        Ok(Exit::of_request(replayed.result()))
    }

    /// Replays recordings and prints how they were answered, and how they are answered now.
    fn compare(
        mut self,
        recordings: impl Iterator<Item = (String, Result<Recording, CommandError>)>,
    ) -> Result<Exit, CommandError> {
        if self.arguments.output.format == Format::Xml {
            return Err(CommandError::usage("--format xml: needs a single recording"));
        }
        let mut comparison = Comparison::default();
        let mut failed: Vec<(String, String)> = Vec::new();
        let mut exit = Exit::Done;
        for (name, recording) in recordings {
            let replayed = recording.map_err(|error| error.text()).and_then(|recording| {
                let replayed = self.replay(&recording).map_err(|error| error.to_string())?;
                comparison.add(&name, &recording, replayed.result(), replayed.is_undecidable());
                Ok(Exit::of_request(replayed.result()))
            });
            match replayed {
                Ok(one) => exit = exit.or_worse(one),
                Err(error) => failed.push((name, error)),
            }
        }
        if !failed.is_empty() {
            exit = exit.or_worse(Exit::Failed);
        }
        let failed: Vec<_> = failed.iter().map(|(name, error)| FailedReplay::new(name, error)).collect();
        stdio::print(&render::comparison(&comparison, failed, &self.arguments.output)?)?;
        Ok(exit)
    }

    /// Replays a recording: exactly, if no setting differs from the recorded one.
    fn replay(&mut self, recording: &Recording) -> Result<Replayed, ReplayFailure> {
        let recorded = recorded_config(recording)?;
        let mut config = recorded.clone();
        if let Some(other) = &self.other {
            config = combined(other.clone(), recorded.clone());
        }
        self.arguments.rules.apply(&mut config).map_err(ReplayFailure::Argument)?;
        if config == recorded {
            return Ok(Replayed::Exact(self.replayer.exact(recording)?));
        }
        Ok(Replayed::WhatIf(self.replayer.what_if(recording, config)?))
    }

    fn failed(&self, path: &Path, failure: &ReplayFailure) -> CommandError {
        match failure {
            ReplayFailure::Argument(error) => CommandError::usage(error.text()),
            ReplayFailure::Replay(ReplayError::Config(error)) if self.other.is_some() => {
                CommandError::usage(format!("--config: {error}"))
            }
            ReplayFailure::Replay(error) => message(path, &error.to_string()),
        }
    }
}

/// Why a recording was not replayed.
enum ReplayFailure {
    /// An argument does not fit the configuration.
    Argument(CommandError),
    Replay(ReplayError),
}

impl From<ReplayError> for ReplayFailure {
    fn from(error: ReplayError) -> Self {
        Self::Replay(error)
    }
}

impl std::fmt::Display for ReplayFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Argument(error) => f.write_str(&error.text()),
            Self::Replay(error) => error.fmt(f),
        }
    }
}

/// The configuration `other` for the viewer of the recorded request, and for its sources if `other` has none.
fn combined(mut other: ClientConfig, recorded: ClientConfig) -> ClientConfig {
    if other.fetch.sources.is_empty() {
        other.fetch.sources = recorded.fetch.sources;
        if other.fetch.fallbacks.is_empty() {
            other.fetch.fallbacks = recorded.fetch.fallbacks;
        }
    }
    other.request.device = recorded.request.device.clone();
    other.request.consent = recorded.request.consent.clone();
    other.request = other.request.or(&recorded.request).into_owned();
    other
}

/// Says what an exact replay and its recording do not have in common, and whether a what-if is certain.
fn report(replayed: &Replayed) {
    match replayed {
        Replayed::Exact(exact) => {
            let differences = &exact.differences;
            if !differences.is_empty() {
                let others = differences.len().saturating_sub(SHOWN_DIFFERENCES);
                stdio::message("warning: the replay differs from the recording, which another version may have made:");
                differences.iter().take(SHOWN_DIFFERENCES).for_each(|one| stdio::message(&format!("  {one}")));
                if others > 0 {
                    stdio::message(&format!("  and {others} more differences"));
                }
            }
        }
        Replayed::WhatIf(what_if) if what_if.is_undecidable => {
            stdio::message(
                "undecidable: the recording does not have every answer that these settings need (`not_recorded`)",
            );
        }
        Replayed::WhatIf(_) => {}
    }
}

/// The recordings of a file.
fn open(path: &Path) -> Result<impl Iterator<Item = Result<Recording, CommandError>> + use<>, CommandError> {
    let shown = path.to_owned();
    let recordings = read_file(path).map_err(|error| message(path, &error.to_string()))?;
    Ok(recordings.map(move |one| one.map_err(|error: RecordingError| message(&shown, &error.to_string()))))
}

/// The recordings in a folder, by their names, which begin with the time.
fn files_of(folder: &Path) -> Result<Vec<PathBuf>, CommandError> {
    let unreadable = |error: std::io::Error| message(folder, &error.to_string());
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|extension| extension == EXTENSION) {
            files.push(path);
        }
    }
    files.sort();
    match files.is_empty() {
        true => Err(message(folder, &format!("there is no recording (`*.{EXTENSION}`) in it"))),
        false => Ok(files),
    }
}

/// The name of a recording: its file, and its number if it is not the first one.
fn name(path: &Path, number: usize) -> String {
    let shown = path.display();
    if number == 0 { shown.to_string() } else { format!("{shown}#{}", number + 1) }
}

fn message(path: &Path, problem: &str) -> CommandError {
    CommandError::new(Exit::Failed, format!("`{}`: {problem}", path.display()))
}

impl Replayed {
    /// The result of the replay.
    fn result(&self) -> &FetchResult {
        match self {
            Self::Exact(exact) => &exact.result,
            Self::WhatIf(what_if) => &what_if.result,
        }
    }

    fn is_undecidable(&self) -> bool {
        matches!(self, Self::WhatIf(what_if) if what_if.is_undecidable)
    }
}
