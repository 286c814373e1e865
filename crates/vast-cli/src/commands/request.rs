//! `vast request`.

use vast_client::track::TrackedBeacon;
use vast_client::track::outbox::DiskOutbox;
use vast_client::{AdRequest, ClientConfig, FetchMode, FetchResult, VastClient};

use super::delivery::BeaconStore;
use super::output_file::OutputFile;
use super::record::{self, CommandRecorder};
use super::stdin::Stdin;
use super::{configuration, delivery, progress, repeat, runtime};
use crate::args::{Format, RequestArgs};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::{hints, render, stdio};

/// Printed with `--insecure`.
pub(super) const INSECURE: &str = "WARNING: --insecure: any certificate is accepted; anyone on the network path can read and \
                                   change everything";

/// Appended to the message about trackers in collect mode.
const COLLECT: &str = "; in collect mode the player calls the impressions of each ad when it plays";

pub(super) fn run(arguments: &RequestArgs) -> Result<Exit, CommandError> {
    arguments.xml.check(&arguments.output)?;
    runtime::run_single_threaded(Box::pin(ask(arguments)))
}

async fn ask(arguments: &RequestArgs) -> Result<Exit, CommandError> {
    let stdin = Stdin::default();
    let mut file = configuration::request(&arguments.ask, &stdin)?;
    arguments.apply(&mut file);
    let repetition = arguments.repeat.repetition(&arguments.output, &file)?;
    let tracks = file.fetch.auto_track || file.fetch.report_errors || file.fetch.report_not_used;
    if arguments.outbox().is_some() && !tracks {
        return Err(CommandError::usage("--outbox: nothing is called without --track or --report-errors"));
    }
    let is_collect = file.fetch.auto_track && file.fetch.strategy.mode == FetchMode::Collect;
    let request = file.request.clone();
    let recorder = CommandRecorder::prepare(&arguments.record, repetition.is_some())?;
    let metrics = OutputFile::prepare("--metrics-file", arguments.repeat.metrics_file())?;
    let outbox = delivery::open(arguments.outbox())?;
    let client = client(file, arguments, outbox.as_ref(), recorder.as_ref())?;
    stdin.fill()?;
    let exit = match repetition {
        Some(repetition) => repeat::run(&client, &request, repetition, &arguments.output).await,
        None => match runtime::or_signal(Box::pin(async { Ok(answer(&client, &request, arguments).await) })).await {
            Ok(mut result) => {
                let shown = show(&client, &mut result, arguments, tracks, is_collect).await;
                let recorded = match recorder {
                    Some(recorder) => recorder.write(&client, &result).await,
                    None => Ok(()),
                };
                shown.and_then(|exit| recorded.map(|()| exit))
            }
            Err(signal) => Err(signal),
        },
    };
    record::finish(&client).await;
    delivery::close(outbox.as_ref(), arguments.outbox()).await;
    let written = metrics.map_or(Ok(()), |metrics| metrics.write(client.stats().to_prometheus().as_bytes()));
    let exit = exit?;
    written.map(|()| exit)
}

/// Prints the result and delivers the beacons that were put for it. Text and XML come before the delivery; JSON comes after it, with
/// the final state of each beacon.
async fn show(
    client: &VastClient,
    result: &mut FetchResult,
    arguments: &RequestArgs,
    tracks: bool,
    is_collect: bool,
) -> Result<Exit, CommandError> {
    let is_json = arguments.output.format == Format::Json;
    if !tracks || !is_json {
        print(result, arguments)?;
    }
    if !tracks {
        return Ok(Exit::of_request(result));
    }
    let store = BeaconStore::of(arguments.outbox());
    let request_id = result.metadata.request_id.clone();
    let mut tracked = tracked_of(result);
    let delivery = delivery::deliver(client, arguments.drain(), store, &request_id, &mut tracked).await;
    put_tracked(result, tracked.clone());
    match arguments.output.format {
        Format::Json => print(result, arguments)?,
        Format::Human => stdio::print(&render::tracked(result, store == BeaconStore::File, &arguments.output))?,
        Format::Xml => {}
    }
    delivery::report_cut(result);
    delivery.print(&tracked, result.metadata.beacons_omitted, if is_collect { COLLECT } else { "" });
    match delivery.signal {
        Some(signal) => Err(CommandError::Signal(signal)),
        None => Ok(Exit::of_request(result)),
    }
}

/// The beacons of the answer, and of the breaks of its playlist.
fn tracked_of(result: &mut FetchResult) -> Vec<TrackedBeacon> {
    lists_of_tracked(result).flat_map(|tracked| tracked.iter().cloned()).collect()
}

/// Puts the beacons of [`tracked_of`] back in their places.
fn put_tracked(result: &mut FetchResult, tracked: Vec<TrackedBeacon>) {
    let mut tracked = tracked.into_iter();
    lists_of_tracked(result).for_each(|list| list.iter_mut().zip(&mut tracked).for_each(|(old, new)| *old = new));
}

fn lists_of_tracked(result: &mut FetchResult) -> impl Iterator<Item = &mut Vec<TrackedBeacon>> {
    let breaks = result.schedule.iter_mut().flat_map(|schedule| &mut schedule.breaks);
    let answers = breaks.filter_map(|one| one.answer.as_mut());
    std::iter::once(&mut result.tracked).chain(answers.map(|answer| &mut answer.tracked))
}

fn print(result: &FetchResult, arguments: &RequestArgs) -> Result<(), CommandError> {
    let page = render::request(result, &arguments.output, &arguments.xml)?;
    stdio::print(&page.bytes)?;
    page.messages.iter().for_each(|line| stdio::message(line));
    if let Some(hint) = hints::of_result(result) {
        stdio::message(&format!("hint: {hint}"));
    }
    Ok(())
}

fn client(
    file: ClientConfig,
    arguments: &RequestArgs,
    outbox: Option<&DiskOutbox>,
    recorder: Option<&CommandRecorder<'_>>,
) -> Result<VastClient, CommandError> {
    let insecure = arguments.ask.network.insecure;
    let builder = VastClient::builder().insecure(insecure);
    let builder = match recorder {
        Some(recorder) => builder.recorder(recorder.recorder()),
        None => builder,
    };
    let builder = match outbox {
        Some(outbox) => builder.outbox(outbox.clone()),
        None => builder,
    };
    let client = builder.build(file);
    let client = client.map_err(|error| configuration::config_error(&error, &arguments.ask))?;
    if insecure {
        stdio::message(INSECURE);
    }
    Ok(client)
}

/// Runs the request and calls the trackers that the configuration selects.
async fn answer(client: &VastClient, request: &AdRequest, arguments: &RequestArgs) -> FetchResult {
    let answer = client.orchestrator().run(client.plan(), request, client.run_options());
    if arguments.output.format != Format::Human || !progress::is_visible() {
        return answer.await;
    }
    let names: Vec<_> = client.plan().source_names().collect();
    progress::with_progress(answer, &names.join(", ")).await
}
