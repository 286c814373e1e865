//! Results as text: for people, as JSON, as XML.

pub(crate) mod human;
pub(crate) mod layout;
mod rendered;
mod xml;

use std::time::Duration;

use vast_check::sarif::SarifLog;
use vast_check::wire::{CheckResult, CheckResults};
use vast_check::{KnownRule, Report};
use vast_client::replay::{Comparison, ExactReplay, WhatIf};
use vast_client::stats::ClientStats;
use vast_client::track::outbox::{LedgerRow, OutboxStats, Timestamp};
use vast_client::{ClientConfig, FetchResult, Plan, wire};
use vast_explain::Story;
use vast_explain::wire::DiffResult;
#[cfg(feature = "serve")]
use vast_gateway::config::GatewayConfig;
use vast_xml::{AnyDocument, Decoded};

use crate::args::{CheckArgs, CheckFormat, Format, ListFormat, ListOutputArgs, OutputArgs, ParseArgs, XmlArgs};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::stdio;
use layout::HumanOptions;
pub(crate) use rendered::Rendered;

/// The result of a request.
///
/// # Errors
/// A [`CommandError`] when the text cannot be made.
pub(crate) fn request(result: &FetchResult, output: &OutputArgs, xml: &XmlArgs) -> Result<Rendered, CommandError> {
    match output.format {
        Format::Human => Ok(human::request(result, options(output.verbose)).into_bytes().into()),
        Format::Json => json(&wire::RequestResult::from(result)).map(Rendered::from),
        Format::Xml => Ok(self::xml::request(result, xml, output.verbose)),
    }
}

/// The story of a request for people.
pub(crate) fn story(story: &Story<'_>, verbose: bool) -> Vec<u8> {
    human::story(story, options(verbose)).into_bytes()
}

/// A recorded request that was replayed.
#[derive(Debug)]
pub(crate) enum Replayed {
    /// Exactly.
    Exact(ExactReplay),
    /// With other settings.
    WhatIf(WhatIf),
}

/// The result of a replay.
///
/// # Errors
/// A [`CommandError`] when the text cannot be made.
pub(crate) fn replay(replayed: &Replayed, output: &OutputArgs, xml: &XmlArgs) -> Result<Rendered, CommandError> {
    match (replayed, output.format) {
        (Replayed::Exact(exact), _) => request(&exact.result, output, xml),
        (Replayed::WhatIf(what_if), Format::Json) => json(&wire::ReplayResult::from(what_if)).map(Rendered::from),
        (Replayed::WhatIf(what_if), _) => request(&what_if.result, output, xml),
    }
}

/// Many recorded requests beside their replays, and the recordings that were not replayed.
///
/// # Errors
/// A [`CommandError`] when the text cannot be made.
pub(crate) fn comparison(
    comparison: &Comparison,
    failed: Vec<wire::FailedReplay<'_>>,
    output: &OutputArgs,
) -> Result<Vec<u8>, CommandError> {
    match output.format {
        Format::Json => json(&wire::ReplayComparison::new(comparison, failed)),
        _ => Ok(human::comparison(comparison, &failed, options(output.verbose)).into_bytes()),
    }
}

/// The whole story as text of at most 100 columns, without colours, for programs.
pub(crate) fn story_text(story: &Story<'_>) -> String {
    human::story(story, HumanOptions { width: 100, colour: false, verbose: true })
}

/// One of the results of a run, as JSON in one line.
///
/// # Errors
/// A [`CommandError`] when the text cannot be made.
pub(crate) fn request_line(result: &FetchResult) -> Result<Vec<u8>, CommandError> {
    json_line(&wire::RequestResult::from(result))
}

/// The numbers of a run that took `elapsed`.
///
/// # Errors
/// A [`CommandError`] when the text cannot be made.
pub(crate) fn summary(stats: &ClientStats, elapsed: Duration, output: &OutputArgs) -> Result<Vec<u8>, CommandError> {
    match output.format {
        Format::Json => json_line(&wire::RunSummary::from(wire::Stats::from(stats).over(elapsed))),
        _ => Ok(human::summary(stats, elapsed, options(output.verbose)).into_bytes()),
    }
}

/// The trackers that were called for a request, as text for people: empty without any. `is_kept` says whether a file keeps what
/// was not delivered.
pub(crate) fn tracked(result: &FetchResult, is_kept: bool, output: &OutputArgs) -> Vec<u8> {
    human::tracked(result, is_kept, options(output.verbose)).into_bytes()
}

/// The trackers of an event. `result` is the request that found their ads; `is_kept` says whether a file keeps what was not
/// delivered.
///
/// # Errors
/// A [`CommandError`] when the text cannot be made.
pub(crate) fn trackers(
    trackers: &wire::TrackResult<'_>,
    result: &FetchResult,
    is_kept: bool,
    output: &ListOutputArgs,
) -> Result<Vec<u8>, CommandError> {
    match output.format {
        ListFormat::Human => Ok(human::track(trackers, result, is_kept, options(output.verbose)).into_bytes()),
        ListFormat::Json => json(trackers),
    }
}

/// One document. `text` is its source text, `origin` its URL or path.
///
/// # Errors
/// A [`CommandError`] when the text cannot be made.
pub(crate) fn document(
    document: &AnyDocument,
    text: &str,
    origin: &str,
    arguments: &ParseArgs,
) -> Result<Rendered, CommandError> {
    let shown = options(arguments.output.verbose);
    match (arguments.output.format, document) {
        (Format::Human, AnyDocument::Vast(document)) => {
            Ok(human::document(document, origin, shown).into_bytes().into())
        }
        (Format::Human, AnyDocument::Vmap(document)) => {
            Ok(human::playlist(document, origin, shown).into_bytes().into())
        }
        (Format::Json, AnyDocument::Vast(document)) => json(&wire::ParsedData::from(document)).map(Rendered::from),
        (Format::Json, AnyDocument::Vmap(document)) => json(&wire::ParsedData::from(document)).map(Rendered::from),
        (Format::Xml, document) => Ok(self::xml::document(document, text, arguments)),
    }
}

/// What the configuration of the file `origin` means, for people. `plan` is made of it.
pub(crate) fn configuration(config: &ClientConfig, plan: &Plan, origin: &str) -> Vec<u8> {
    human::configuration(config, plan, origin, options(false)).into_bytes()
}

/// What the configuration of a gateway of the file `origin` means, for people.
#[cfg(feature = "serve")]
pub(crate) fn gateway(config: &GatewayConfig, origin: &str) -> Vec<u8> {
    human::gateway(config, origin, options(false)).into_bytes()
}

/// The findings about one document for people. `text` is its source text, `origin` its URL or path.
pub(crate) fn report(report: &Report, text: &Decoded<'_>, origin: &str, verbose: bool) -> Vec<u8> {
    human::check(report, text, origin, options(verbose)).into_bytes()
}

/// The result of checking all documents. For people, the findings were already printed, so this is only the sum.
///
/// # Errors
/// A [`CommandError`] when the text cannot be made.
pub(crate) fn reports(checked: &CheckedInputs<'_>, arguments: &CheckArgs) -> Result<Vec<u8>, CommandError> {
    let reports = || checked.reports.iter().map(|(report, origin)| (report, origin.as_str()));
    match (arguments.format, checked.reports) {
        (CheckFormat::Sarif, _) => json(&SarifLog::new(reports())),
        (CheckFormat::Json, [(report, origin)]) if checked.is_single => json(&CheckResult::new(report, origin)),
        (CheckFormat::Json, _) => json(&CheckResults::new(reports(), checked.failed)),
        (CheckFormat::Human, _) if checked.is_single => Ok(Vec::new()),
        (CheckFormat::Human, _) => {
            let sum = CheckResults::new(reports(), checked.failed).sum;
            Ok(human::check_sum(&sum, options(arguments.verbose)).into_bytes())
        }
    }
}

/// All rules, one per line.
pub(crate) fn rules() -> Vec<u8> {
    human::rules(options(false)).into_bytes()
}

/// One rule.
pub(crate) fn rule(rule: &KnownRule) -> Vec<u8> {
    human::rule(rule, options(false)).into_bytes()
}

/// The inputs that were checked.
pub(crate) struct CheckedInputs<'a> {
    /// The reports, each with its URL or path.
    pub(crate) reports: &'a [(Report, String)],
    /// The number of inputs that could not be read.
    pub(crate) failed: usize,
    /// Whether the input is a single document. There is no sum then.
    pub(crate) is_single: bool,
}

/// What differs between two documents or two answers.
///
/// # Errors
/// A [`CommandError`] when the text cannot be made.
pub(crate) fn differences(result: &DiffResult<'_>, format: ListFormat) -> Result<Vec<u8>, CommandError> {
    match format {
        ListFormat::Human => Ok(human::differences(result, options(false)).into_bytes()),
        ListFormat::Json => json(result),
    }
}

/// Beacons of an outbox, one per line.
///
/// # Errors
/// A [`CommandError`] when the text cannot be made.
pub(crate) fn beacons(rows: &[LedgerRow], now: Timestamp, format: ListFormat) -> Result<Vec<u8>, CommandError> {
    match format {
        ListFormat::Human => Ok(human::beacons(rows, now, options(false)).into_bytes()),
        ListFormat::Json => json(&BeaconList { beacons: rows }),
    }
}

/// One beacon.
///
/// # Errors
/// A [`CommandError`] when the text cannot be made.
pub(crate) fn beacon(row: &LedgerRow, now: Timestamp, format: ListFormat) -> Result<Vec<u8>, CommandError> {
    match format {
        ListFormat::Human => Ok(human::beacon(row, now, options(false)).into_bytes()),
        ListFormat::Json => json(row),
    }
}

/// The numbers of an outbox.
///
/// # Errors
/// A [`CommandError`] when the text cannot be made.
pub(crate) fn stats(stats: &OutboxStats, format: ListFormat) -> Result<Vec<u8>, CommandError> {
    match format {
        ListFormat::Human => Ok(human::stats(stats, options(false)).into_bytes()),
        ListFormat::Json => json(stats),
    }
}

/// A list of beacons as JSON.
#[derive(serde::Serialize)]
struct BeaconList<'a> {
    beacons: &'a [LedgerRow],
}

/// The options for text on stdout.
pub(crate) fn options(verbose: bool) -> HumanOptions {
    HumanOptions::for_stdout(stdio::has_colours(), verbose)
}

/// `value` as indented JSON with a line feed at the end.
fn json(value: &impl serde::Serialize) -> Result<Vec<u8>, CommandError> {
    ended(serde_json::to_vec_pretty(value))
}

/// `value` as JSON in one line.
fn json_line(value: &impl serde::Serialize) -> Result<Vec<u8>, CommandError> {
    ended(serde_json::to_vec(value))
}

/// `json` with a line feed at the end.
fn ended(json: serde_json::Result<Vec<u8>>) -> Result<Vec<u8>, CommandError> {
    let mut json =
        json.map_err(|error| CommandError::new(Exit::Failed, format!("the output cannot be serialized: {error}")))?;
    json.push(b'\n');
    Ok(json)
}
