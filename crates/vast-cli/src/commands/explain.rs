//! `vast explain`.

use vast_client::{ClientConfig, FetchResult, VastClient};
use vast_explain::{Story, html};

use super::output_file::OutputFile;
use super::request::INSECURE;
use super::stdin::Stdin;
use super::{configuration, runtime};
use crate::args::{ExplainArgs, ExplainFormat};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::{render, stdio};

pub(super) fn run(arguments: &ExplainArgs) -> Result<Exit, CommandError> {
    let file = OutputFile::prepare("--output", arguments.output.as_deref())?;
    let result = runtime::run_single_threaded(Box::pin(ask(arguments)))?;
    let story = Story::new(&result);
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

/// Requests an ad. No tracker is called, because nobody sees the ad.
async fn ask(arguments: &ExplainArgs) -> Result<FetchResult, CommandError> {
    let stdin = Stdin::default();
    let mut file = configuration::request(&arguments.ask, &stdin)?;
    call_nothing(&mut file);
    let insecure = arguments.ask.network.insecure;
    let request = file.request.clone();
    let client = VastClient::builder().insecure(insecure).build(file);
    let client = client.map_err(|error| configuration::config_error(&error, &arguments.ask))?;
    if insecure {
        stdio::message(INSECURE);
    }
    stdin.fill()?;
    let answer = client.orchestrator().run(client.plan(), &request, client.run_options());
    runtime::or_signal(Box::pin(async { Ok(answer.await) })).await
}

/// Switches off everything that calls trackers, and keeps the document of the winner.
fn call_nothing(file: &mut ClientConfig) {
    let fetch = &mut file.fetch;
    (fetch.auto_track, fetch.report_errors, fetch.report_not_used) = (false, false, false);
    fetch.keep_raw = true;
}
