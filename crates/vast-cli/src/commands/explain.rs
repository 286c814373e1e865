//! `vast explain`.

use vast_client::recording::{PersonalValues, Recorder, RecorderSettings, Recording};
use vast_client::replay::{ReplayError, Replayer};
use vast_client::{ClientConfig, FetchResult, VastClient};
use vast_explain::{Alternative, Story, alternatives, html};

use super::output_file::OutputFile;
use super::record::LINGER;
use super::recording::{self, RequestFlag};
use super::request::INSECURE;
use super::stdin::Stdin;
use super::{configuration, runtime};
use crate::args::{AskArgs, ExplainArgs, ExplainFormat};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::{render, stdio};

pub(super) fn run(arguments: &ExplainArgs) -> Result<Exit, CommandError> {
    let file = OutputFile::prepare("--output", arguments.output.as_deref())?;
    let explained = match recorded(arguments)? {
        Some(recording) => replayed(recording)?,
        None => runtime::run_single_threaded(Box::pin(ask(arguments)))?,
    };
    let story = Story::of_recording(&explained.result, &explained.recording).with_alternatives(explained.alternatives);
    let text = match arguments.format {
        ExplainFormat::Human => render::story(&story, arguments.verbose),
        ExplainFormat::Html => html::page(&story).into_bytes(),
    };
    match file {
        Some(file) => file.write(&text)?,
        None => stdio::print(&text)?,
    }
    Ok(Exit::Done)
}

/// A request, its recording and what would have changed its outcome.
struct Explained {
    result: FetchResult,
    recording: Recording,
    alternatives: Vec<Alternative>,
}

/// The recording in the file that is the only source; `None` if the sources are to be asked.
///
/// # Errors
/// A [`CommandError`]: the recording cannot be read or selected, or there are settings for a request that is over.
fn recorded(arguments: &ExplainArgs) -> Result<Option<Recording>, CommandError> {
    let request = RequestFlag { name: "--request", id: arguments.request.as_deref() };
    let [source] = &arguments.ask.sources[..] else {
        request.check(None)?;
        return Ok(None);
    };
    let found = recording::of_input(source, request)?;
    if found.is_some() {
        check_unchanged(&arguments.ask)?;
    }
    Ok(found)
}

/// Refuses settings for a request that is over.
fn check_unchanged(arguments: &AskArgs) -> Result<(), CommandError> {
    let mut changed = ClientConfig::default();
    arguments.apply(&mut changed)?;
    let AskArgs { config, fallbacks, network, allow_private, .. } = arguments;
    let has_network = network.insecure || *allow_private;
    if changed == ClientConfig::default() && config.is_none() && fallbacks.is_empty() && !has_network {
        return Ok(());
    }
    let text = "a recorded request is explained as it was, without other settings";
    Err(CommandError::usage(text).with_hint(Some("`vast replay FILE` shows what other settings would have done")))
}

fn replayed(recording: Recording) -> Result<Explained, CommandError> {
    let mut replayer = Replayer::new().map_err(|error| recording::replay_error(&error))?;
    let result = recording::replayed(&mut replayer, &recording)?;
    let alternatives = alternatives(&mut replayer, &recording, &result);
    let alternatives = alternatives.map_err(|error| recording::replay_error(&error))?;
    Ok(Explained { result, recording, alternatives })
}

/// Requests an ad. No tracker is called, because no viewer sees the ad.
async fn ask(arguments: &ExplainArgs) -> Result<Explained, CommandError> {
    let stdin = Stdin::default();
    let mut file = configuration::request(&arguments.ask, &stdin)?;
    call_nothing(&mut file);
    let insecure = arguments.ask.network.insecure;
    let request = file.request.clone();
    // The recording stays in memory, and the story has the values of the request anyway.
    let settings = RecorderSettings::default().with_personal_values(PersonalValues::Kept);
    let recorder = Recorder::in_memory(1, settings);
    let client = VastClient::builder().insecure(insecure).recorder(recorder.clone()).build(file);
    let client = client.map_err(|error| configuration::config_error(&error, &arguments.ask))?;
    if insecure {
        stdio::message(INSECURE);
    }
    stdin.fill()?;
    let result = runtime::or_signal(Box::pin(async {
        let result = client.orchestrator().run(client.plan(), &request, client.run_options()).await;
        // Answers that came too late show what more time would have changed.
        client.shutdown(LINGER).await;
        Ok(result)
    }))
    .await?;
    let recording = recorder.recording_of(&result);
    let recording = recording.ok_or_else(|| CommandError::new(Exit::Failed, "the request was not recorded"))?;
    let failed =
        |error: ReplayError| CommandError::new(Exit::Failed, format!("the request cannot be replayed: {error}"));
    let mut replayer = Replayer::new().map_err(failed)?;
    let alternatives = alternatives(&mut replayer, &recording, &result).map_err(failed)?;
    Ok(Explained { result, recording, alternatives })
}

/// Switches off everything that calls trackers or writes files.
fn call_nothing(file: &mut ClientConfig) {
    let fetch = &mut file.fetch;
    (fetch.auto_track, fetch.report_errors, fetch.report_not_used) = (false, false, false);
    file.record = None;
}
