//! `vast request`.

use std::time::Duration;

use vast_client::track::outbox::DiskOutbox;
use vast_client::{AdRequest, ConfigFile, FetchResult, VastClient};

use super::configure;
use super::progress;
use super::runtime;
use super::stdin::Stdin;
use crate::args::{Format, RequestArgs};
use crate::exit::Exit;
use crate::problem::Problem;
use crate::{hint, output, render, talk};

/// What `--insecure` means.
pub(super) const INSECURE: &str = "WARNING: --insecure: any certificate is accepted, and whoever stands between reads and \
                                   changes everything";

pub(super) fn run(arguments: &RequestArgs) -> Result<Exit, Problem> {
    arguments.xml.check(&arguments.output)?;
    runtime::single(Box::pin(ask(arguments)))
}

async fn ask(arguments: &RequestArgs) -> Result<Exit, Problem> {
    let stdin = Stdin::default();
    let file = configure::request(arguments, &stdin)?;
    let tracks = file.fetch.auto_track || file.fetch.report_errors || file.fetch.report_not_used;
    let request = file.request.clone();
    let outbox = outbox(arguments, tracks)?;
    let client = client(file, arguments, outbox.as_ref())?;
    stdin.fill()?;
    let result = answer(&client, &request, arguments).await;
    let page = render::request(&result, &arguments.output, &arguments.xml)?;
    output::print(&page.bytes)?;
    page.said.iter().for_each(|line| talk::line(line));
    if let Some(hint) = hint::of_result(&result) {
        talk::line(&format!("hint: {hint}"));
    }
    if tracks {
        call(&client, arguments.drain(), outbox).await;
    }
    Ok(Exit::of_request(&result))
}

/// The outbox that was named. It is ours before anything is requested.
fn outbox(arguments: &RequestArgs, tracks: bool) -> Result<Option<DiskOutbox>, Problem> {
    match arguments.outbox() {
        Some(_) if !tracks => Err(Problem::usage("--outbox: nothing is called without --track or --report-errors")),
        Some(path) => super::outbox::open(path).map(Some),
        None => Ok(None),
    }
}

fn client(file: ConfigFile, arguments: &RequestArgs, outbox: Option<&DiskOutbox>) -> Result<VastClient, Problem> {
    let insecure = arguments.network.insecure;
    let builder = VastClient::builder().insecure(insecure);
    let builder = match outbox {
        Some(outbox) => builder.outbox(outbox.clone()),
        None => builder,
    };
    let client = builder.build(file);
    let client = client.map_err(|error| configure::complaint(&error, arguments))?;
    if insecure {
        talk::line(INSECURE);
    }
    Ok(client)
}

/// The answer. What the configuration tracks is tracked.
async fn answer(client: &VastClient, request: &AdRequest, arguments: &RequestArgs) -> FetchResult {
    let answer = client.multi_source().run(client.plan(), request, client.run_options());
    if arguments.output.format != Format::Human || !progress::is_seen() {
        return answer.await;
    }
    let names: Vec<_> = client.plan().source_names().collect();
    progress::beside(answer, &names.join(", ")).await
}

/// Calls what waits for at most `limit` and says what became of it. What is left then is lost unless there is an `outbox`, which
/// this is the last to use.
pub(super) async fn call(client: &VastClient, limit: Duration, outbox: Option<DiskOutbox>) {
    let Some(outbox) = outbox else { return drain(client, limit, false).await };
    // Also answers `vast outbox` from now on.
    client.start();
    drain(client, limit, true).await;
    client.shutdown(Duration::ZERO).await;
    outbox.close();
}

async fn drain(client: &VastClient, limit: Duration, is_kept: bool) {
    let vast_client::track::DrainReport { delivered, failed, left, .. } = client.drain(limit).await;
    let all = delivered + failed + left as u64;
    talk::line(&match (all, left) {
        (0, _) => "trackers: none to call".to_owned(),
        (_, 0) => format!("trackers: {delivered} of {all} called, {failed} failed"),
        _ if is_kept => {
            format!("trackers: {delivered} of {all} called, {failed} failed, {left} kept for the next process")
        }
        _ => format!("trackers: {delivered} of {all} called, {failed} failed, {left} not settled within {limit:?}"),
    });
}
