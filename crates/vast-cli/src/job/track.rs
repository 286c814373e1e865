//! `vast track`.

use vast_client::env::Env;
use vast_client::report::ErrorReport;
use vast_client::select::Candidate;
use vast_client::track::outbox::DiskOutbox;
use vast_client::track::{
    AdEvent, Beacon, BeaconBatch, BeaconEvent, BeaconState, Moment, TrackerRef, beacons, trackers, tracking_events,
};
use vast_client::wire::{DueTracker, TrackResult};
use vast_client::{ClientBuilder, ConfigFile, ErrorType, FetchResult, VastClient};

use super::request::{INSECURE, call};
use super::stdin::Stdin;
use super::{input, runtime};
use crate::args::{Format, TrackArgs};
use crate::exit::Exit;
use crate::problem::Problem;
use crate::{hint, output, render, talk};

pub(super) fn run(arguments: &TrackArgs) -> Result<Exit, Problem> {
    if arguments.output.format == Format::Xml {
        return Err(Problem::usage("--format xml: trackers are no document: write human or json"));
    }
    runtime::single(Box::pin(ask_and_show(arguments)))
}

async fn ask_and_show(arguments: &TrackArgs) -> Result<Exit, Problem> {
    let stdin = Stdin::default();
    let mut file = ConfigFile::default();
    arguments.apply(&mut file);
    let mut source = arguments.input.config(|| stdin.source());
    source.allow_private = arguments.allow_private;
    file.fetch.sources = vec![source];
    let request = file.request.clone();
    // It is ours before anything is requested.
    let outbox = arguments.outbox.as_deref().map(super::outbox::open).transpose()?;
    let builder = VastClient::builder().insecure(arguments.network.insecure);
    let builder = outbox.iter().cloned().fold(builder, ClientBuilder::outbox);
    let client = builder.build(file);
    let client = client.map_err(|error| input::complaint(&error, &arguments.input.text))?;
    if arguments.network.insecure {
        talk::line(INSECURE);
    }
    stdin.fill()?;
    let result = client.multi_source().run(client.plan(), &request, client.run_options()).await;
    show(&client, &result, arguments, outbox).await
}

/// A tracker of an ad of the answer, and what came of it.
struct Due<'a> {
    ad: usize,
    listed: TrackerRef<'a>,
    beacon: Beacon,
    state: Option<BeaconState>,
}

async fn show(
    client: &VastClient,
    result: &FetchResult,
    arguments: &TrackArgs,
    outbox: Option<DiskOutbox>,
) -> Result<Exit, Problem> {
    let mut due = due(result, arguments);
    if arguments.fire {
        put(client, result, &mut due).await;
    }
    let shown = due.iter().map(|due| DueTracker::new(due.ad, &due.listed, &due.beacon, due.state)).collect();
    let shown = TrackResult::new(result, shown);
    if !due.is_empty() || arguments.output.format == Format::Json {
        output::print(&render::trackers(&shown, &arguments.output)?)?;
    }
    if arguments.fire && !due.is_empty() {
        call(client, arguments.drain(), outbox).await;
    }
    if due.is_empty() { Err(nothing(result, arguments)) } else { Ok(Exit::Done) }
}

/// Puts the trackers into the outbox.
async fn put(client: &VastClient, result: &FetchResult, due: &mut [Due<'_>]) {
    let beacons = due.iter().map(|due| due.beacon.clone()).collect();
    let (group, consent) = (&*result.metadata.request_id, &result.request.consent);
    // Every run of the command says it anew, also one whose request is seeded and has the id of another.
    let moment = format!("track.{:016x}", Env::system().seed());
    let called = client.tracker().put(BeaconBatch { group, occurrence: &moment, consent, beacons }).await;
    due.iter_mut().zip(called).for_each(|(due, called)| due.state = Some(called.state));
}

/// The trackers of all ads of the answer that are due at the events.
fn due<'a>(result: &'a FetchResult, arguments: &TrackArgs) -> Vec<Due<'a>> {
    let env = Env::system();
    let seed = arguments.seed.unwrap_or_else(|| env.seed());
    let mut all = Vec::new();
    for (ad, candidate) in result.ads.iter().enumerate() {
        let moment = Moment {
            creative: Some(candidate.media.creative),
            asset: candidate.media_file().map(|file| file.url.clone()),
            // Each is filled in only where it has a meaning.
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

/// The trackers of one event, or all.
fn of_event<'a>(
    ad: usize,
    candidate: &'a Candidate,
    event: Option<BeaconEvent>,
    moment: &Moment,
) -> impl Iterator<Item = Due<'a>> + use<'a> {
    let called = beacons(&candidate.ad, &event.clone().map_or(AdEvent::Any, AdEvent::Named), moment);
    let is_meant = move |tracker: &TrackerRef<'_>| event.as_ref().is_none_or(|event| event.is(&tracker.event));
    // The same trackers in the same order.
    let listed = trackers(&candidate.ad).into_iter().filter(is_meant);
    listed.zip(called).map(move |(listed, beacon)| Due { ad, listed, beacon, state: None })
}

/// Why there is nothing to show.
fn nothing(result: &FetchResult, arguments: &TrackArgs) -> Problem {
    let input = &arguments.input.text;
    if result.success {
        let mut events: Vec<String> = Vec::new();
        for (event, _) in result.ads.iter().flat_map(|candidate| tracking_events(&candidate.ad)) {
            if !events.iter().any(|known| known == event.as_str()) {
                events.push(event.as_str().to_owned());
            }
        }
        let events = if events.is_empty() { "no tracker at all".to_owned() } else { events.join(", ") };
        return Problem::new(Exit::NoAd, format!("{input}: no such event; the ad has {events}"));
    }
    let reason = result.sources.first().and_then(|source| source.reason.as_deref()).unwrap_or("no ad");
    let is_unreadable = result.errors.iter().any(|error| error.hop == 0 && is_no_vast(error));
    let exit = if is_unreadable { Exit::NotVast } else { Exit::of_request(result) };
    Problem::new(exit, format!("{input}: {reason}")).with_hint(hint::of_result(result))
}

fn is_no_vast(error: &ErrorReport) -> bool {
    let error_type = error.failure.error_type;
    matches!(error_type, ErrorType::NotXml | ErrorType::NotVast | ErrorType::Limit | ErrorType::TooLarge)
}
