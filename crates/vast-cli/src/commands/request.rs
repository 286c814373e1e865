//! `vast request`.

use std::time::Duration;

use vast_client::track::outbox::DiskOutbox;
use vast_client::{AdRequest, ConfigFile, FetchResult, VastClient};

use super::configuration;
use super::progress;
use super::runtime;
use super::stdin::Stdin;
use crate::args::{Format, RequestArgs};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::{hints, render, stdio};

/// Printed with `--insecure`.
pub(super) const INSECURE: &str = "WARNING: --insecure: any certificate is accepted, and whoever stands between reads and \
                                   changes everything";

pub(super) fn run(arguments: &RequestArgs) -> Result<Exit, CommandError> {
    arguments.xml.check(&arguments.output)?;
    runtime::run_single_threaded(Box::pin(ask(arguments)))
}

async fn ask(arguments: &RequestArgs) -> Result<Exit, CommandError> {
    let stdin = Stdin::default();
    let file = configuration::request(arguments, &stdin)?;
    let tracks = file.fetch.auto_track || file.fetch.report_errors || file.fetch.report_not_used;
    let request = file.request.clone();
    let outbox = outbox(arguments, tracks)?;
    let client = client(file, arguments, outbox.as_ref())?;
    stdin.fill()?;
    let result = answer(&client, &request, arguments).await;
    let page = render::request(&result, &arguments.output, &arguments.xml)?;
    stdio::print(&page.bytes)?;
    page.messages.iter().for_each(|line| stdio::message(line));
    if let Some(hint) = hints::of_result(&result) {
        stdio::message(&format!("hint: {hint}"));
    }
    if tracks {
        call(&client, arguments.drain(), outbox).await;
    }
    Ok(Exit::of_request(&result))
}

/// Opens the outbox of `--outbox`. This happens before any request, so that a failure costs no ad.
fn outbox(arguments: &RequestArgs, tracks: bool) -> Result<Option<DiskOutbox>, CommandError> {
    match arguments.outbox() {
        Some(_) if !tracks => {
            Err(CommandError::usage("--outbox: nothing is called without --track or --report-errors"))
        }
        Some(path) => super::outbox::open(path).map(Some),
        None => Ok(None),
    }
}

fn client(file: ConfigFile, arguments: &RequestArgs, outbox: Option<&DiskOutbox>) -> Result<VastClient, CommandError> {
    let insecure = arguments.network.insecure;
    let builder = VastClient::builder().insecure(insecure);
    let builder = match outbox {
        Some(outbox) => builder.outbox(outbox.clone()),
        None => builder,
    };
    let client = builder.build(file);
    let client = client.map_err(|error| configuration::config_error(&error, arguments))?;
    if insecure {
        stdio::message(INSECURE);
    }
    Ok(client)
}

/// Runs the request, with the tracking that the configuration says.
async fn answer(client: &VastClient, request: &AdRequest, arguments: &RequestArgs) -> FetchResult {
    let answer = client.multi_source().run(client.plan(), request, client.run_options());
    if arguments.output.format != Format::Human || !progress::is_visible() {
        return answer.await;
    }
    let names: Vec<_> = client.plan().source_names().collect();
    progress::with_progress(answer, &names.join(", ")).await
}

/// Delivers beacons for at most `limit` and prints the outcome. Beacons that are left are lost unless there is an `outbox`, which
/// is closed at the end.
pub(super) async fn call(client: &VastClient, limit: Duration, outbox: Option<DiskOutbox>) {
    let Some(outbox) = outbox else { return drain(client, limit, false).await };
    // From now on this process also answers `vast outbox`.
    client.start();
    drain(client, limit, true).await;
    client.shutdown(Duration::ZERO).await;
    outbox.close();
}

async fn drain(client: &VastClient, limit: Duration, is_kept: bool) {
    let vast_client::track::DrainReport { delivered, failed, left, .. } = client.drain(limit).await;
    let all = delivered + failed + left as u64;
    stdio::message(&match (all, left) {
        (0, _) => "trackers: none to call".to_owned(),
        (_, 0) => format!("trackers: {delivered} of {all} called, {failed} failed"),
        _ if is_kept => {
            format!("trackers: {delivered} of {all} called, {failed} failed, {left} kept for the next process")
        }
        _ => format!("trackers: {delivered} of {all} called, {failed} failed, {left} not settled within {limit:?}"),
    });
}
