//! `vast track`.

use vast_client::env::Env;
use vast_client::report::ErrorReport;
use vast_client::select::Candidate;
use vast_client::track::{
    AdEvent, Beacon, BeaconBatch, BeaconEvent, Moment, TrackedBeacon, TrackerRef, ad_count, beacons, trackers,
    tracking_events,
};
use vast_client::wire::{DueTracker, TrackResult};
use vast_client::{ClientBuilder, ClientConfig, ErrorType, FetchResult, VastClient};

use super::delivery::BeaconStore;
use super::request::INSECURE;
use super::stdin::Stdin;
use super::{configuration, delivery, input, runtime};
use crate::args::{ListFormat, TrackArgs};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::flag_names::FlagNames;
use crate::{hints, render, stdio};

/// The flags of `vast track`.
const FLAGS: FlagNames = FlagNames::of("track");

pub(super) fn run(arguments: &TrackArgs) -> Result<Exit, CommandError> {
    runtime::run_single_threaded(Box::pin(ask_and_show(arguments)))
}

async fn ask_and_show(arguments: &TrackArgs) -> Result<Exit, CommandError> {
    configuration::check_ca_file(arguments.network.ca_file.as_deref(), configuration::CA_FILE)?;
    let stdin = Stdin::default();
    let mut file = ClientConfig::default();
    arguments.apply(&mut file)?;
    let mut source = arguments.input.config(|| stdin.source());
    source.allow_private = arguments.allow_private;
    file.fetch.sources = vec![source];
    // The command is about the ads of one document. The breaks of a playlist are not requested for nothing.
    file.fetch.strategy.cost.max_breaks = 0;
    let request = file.request.clone();
    let outbox = delivery::open(arguments.outbox.as_deref())?;
    let builder = VastClient::builder().insecure(arguments.network.insecure);
    let builder = outbox.iter().cloned().fold(builder, ClientBuilder::outbox);
    let client = builder.build(file);
    let client = client.map_err(|error| input::config_error(&error, &arguments.input.text))?;
    if arguments.network.insecure {
        stdio::message(INSECURE);
    }
    stdin.fill()?;
    let run = client.orchestrator().run(client.plan(), &request, client.run_options());
    let exit = match runtime::or_signal(Box::pin(async { Ok(run.await) })).await {
        Ok(result) => show(&client, &result, arguments).await,
        Err(signal) => Err(signal),
    };
    delivery::close(outbox.as_ref(), arguments.outbox.as_deref()).await;
    exit
}

/// A tracker of an ad of the answer and its beacon.
struct DueBeacon<'a> {
    ad: usize,
    listed: TrackerRef<'a>,
    beacon: Beacon,
}

async fn show(client: &VastClient, result: &FetchResult, arguments: &TrackArgs) -> Result<Exit, CommandError> {
    let due = due(result, arguments);
    delivery::report_cut(result);
    if due.is_empty() {
        if arguments.output.format == ListFormat::Json {
            print(result, &due, &[], arguments)?;
        }
        return Err(no_tracker_error(result, arguments));
    }
    if !arguments.fire {
        print(result, &due, &[], arguments)?;
        return Ok(Exit::Done);
    }
    let mut tracked = put(client, result, &due).await;
    let store = BeaconStore::of(arguments.outbox.as_deref());
    let request_id = &result.metadata.request_id;
    let delivery = delivery::deliver(client, arguments.drain(), store, request_id, &mut tracked).await;
    print(result, &due, &tracked, arguments)?;
    delivery.print(&tracked, 0, "");
    match delivery.signal {
        Some(signal) => Err(CommandError::Signal(signal)),
        None if tracked.iter().any(|beacon| store.has_lost(beacon)) => Ok(Exit::NotDelivered),
        None => Ok(Exit::Done),
    }
}

/// Prints the trackers, with the states in `tracked` if they were called.
fn print(
    result: &FetchResult,
    due: &[DueBeacon<'_>],
    tracked: &[TrackedBeacon],
    arguments: &TrackArgs,
) -> Result<(), CommandError> {
    let trackers = due.iter().enumerate();
    let trackers =
        trackers.map(|(at, due)| DueTracker::new(due.ad, &due.listed, &due.beacon, tracked.get(at))).collect();
    let shown = TrackResult::new(result, trackers);
    stdio::print(&render::trackers(&shown, result, arguments.outbox.is_some(), &arguments.output)?)
}

/// Puts the beacons into the outbox.
async fn put(client: &VastClient, result: &FetchResult, due: &[DueBeacon<'_>]) -> Vec<TrackedBeacon> {
    let beacons = due.iter().map(|due| due.beacon.clone()).collect();
    let (group, consent) = (&*result.metadata.request_id, &result.request.consent);
    // Each run of the command is a new event. The random part keeps two runs with the same --seed apart.
    let moment = format!("track.{:016x}", Env::system().seed());
    client.tracker().put(BeaconBatch { group, occurrence: &moment, consent, beacons }).await
}

/// The trackers of all ads of the answer that are due at the events.
fn due<'a>(result: &'a FetchResult, arguments: &TrackArgs) -> Vec<DueBeacon<'a>> {
    let env = Env::system();
    let seed = arguments.seed.unwrap_or_else(|| env.seed());
    let mut all = Vec::new();
    for (ad, candidate) in result.ads.iter().enumerate() {
        let moment = Moment {
            creative: Some(candidate.media.creative),
            ad_count: Some(ad_count(&result.ads, ad)),
            asset: candidate.media_file().map(|file| file.url.clone()),
            // A macro is filled in only for events for which the standard defines it.
            macros: vec![
                ("ERRORCODE".to_owned(), arguments.error_code.to_string()),
                ("REASON".to_owned(), arguments.reason.to_string()),
            ],
            ..Moment::new(env.wall(), seed.wrapping_add(ad as u64))
        };
        if arguments.events.is_empty() {
            all.extend(of_event(ad, candidate, None, &moment));
        }
        for name in &arguments.events {
            all.extend(of_event(ad, candidate, Some(BeaconEvent::from_name(name)), &moment));
        }
    }
    all
}

/// The trackers of one event, or all trackers.
fn of_event<'a>(
    ad: usize,
    candidate: &'a Candidate,
    event: Option<BeaconEvent>,
    moment: &Moment,
) -> impl Iterator<Item = DueBeacon<'a>> + use<'a> {
    let called = beacons(&candidate.ad, &event.clone().map_or(AdEvent::Any, AdEvent::Named), moment);
    let is_meant = move |tracker: &TrackerRef<'_>| event.as_ref().is_none_or(|event| event.is(&tracker.event));
    // `beacons` gives the same trackers in the same order.
    let listed = trackers(&candidate.ad).into_iter().filter(is_meant);
    listed.zip(called).map(move |(listed, beacon)| DueBeacon { ad, listed, beacon })
}

/// The error if there is no tracker to show.
fn no_tracker_error(result: &FetchResult, arguments: &TrackArgs) -> CommandError {
    let input = &arguments.input.text;
    if result.schedule.is_some() {
        let message = format!("{input}: a playlist (VMAP): name the ad tag of one of its breaks");
        return CommandError::new(Exit::NotVast, message);
    }
    if result.success {
        let mut events: Vec<String> = Vec::new();
        for (event, _) in result.ads.iter().flat_map(|candidate| tracking_events(&candidate.ad)) {
            if !events.iter().any(|known| known == event.as_str()) {
                events.push(event.as_str().to_owned());
            }
        }
        let events = if events.is_empty() { "no tracker".to_owned() } else { events.join(", ") };
        return CommandError::new(Exit::NoAd, format!("{input}: no such event; the ad has {events}"));
    }
    let reason = result.sources.first().and_then(|source| source.reason.as_ref());
    let reason = reason.map_or_else(|| "no ad".to_owned(), |reason| FLAGS.in_text(&reason.to_string()));
    let is_unreadable = result.errors.iter().any(|error| error.hop == 0 && is_no_vast(error));
    let exit = if is_unreadable { Exit::NotVast } else { Exit::of_request(result) };
    let error = CommandError::new(exit, format!("{input}: {reason}"));
    error.with_details(chain(result)).with_hint(hints::of_result(result))
}

/// A line per document of a chain that failed; nothing for a single document.
fn chain(result: &FetchResult) -> Vec<String> {
    let Some(source) = result.sources.first().filter(|source| !source.hops.is_empty()) else { return Vec::new() };
    let line = |hop: u32, url: &str, status: Option<u16>| {
        let status = status.map_or_else(|| "no status".to_owned(), |status| format!("status {status}"));
        format!("  document {hop}: {url}: {status}")
    };
    let first = line(0, &source.url, source.status);
    std::iter::once(first).chain(source.hops.iter().map(|hop| line(hop.hop, &hop.url, hop.status))).collect()
}

fn is_no_vast(error: &ErrorReport) -> bool {
    let error_type = error.failure.error_type;
    matches!(error_type, ErrorType::NotXml | ErrorType::NotVast | ErrorType::Limit | ErrorType::TooLarge)
}
