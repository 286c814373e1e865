//! Results as text.

pub(crate) mod human;
mod json;
mod page;
mod xml;

use vast_check::Report;
use vast_check::wire::CheckResult;
use vast_client::track::outbox::{LedgerRow, OutboxStats, Timestamp};
use vast_client::{FetchResult, wire};
use vast_xml::{AnyDocument, Decoded};

use crate::args::{CheckArgs, CheckFormat, Format, LedgerFormat, OutputArgs, ParseArgs, XmlArgs};
use crate::problem::Problem;
use human::View;
pub(crate) use page::Page;

/// The answer to a request.
///
/// # Errors
/// A [`Problem`] when it cannot be made.
pub(crate) fn request(result: &FetchResult, output: &OutputArgs, xml: &XmlArgs) -> Result<Page, Problem> {
    match output.format {
        Format::Human => Ok(human::request(result, view(output.verbose)).into_bytes().into()),
        Format::Json => json::print(&wire::RequestResult::from(result)).map(Page::from),
        Format::Xml => Ok(self::xml::request(result, xml, output.verbose)),
    }
}

/// The trackers that are due.
///
/// # Errors
/// A [`Problem`] when it cannot be made.
pub(crate) fn trackers(result: &wire::TrackResult<'_>, output: &OutputArgs) -> Result<Vec<u8>, Problem> {
    match output.format {
        Format::Human => Ok(human::due(result, view(output.verbose)).into_bytes()),
        Format::Json => json::print(result),
        Format::Xml => Err(Problem::usage("--format xml: trackers are no document: write human or json")),
    }
}

/// One document. `text` is its source text, `origin` says where it is from.
///
/// # Errors
/// A [`Problem`] when it cannot be made.
pub(crate) fn document(
    document: &AnyDocument,
    text: &str,
    origin: &str,
    arguments: &ParseArgs,
) -> Result<Page, Problem> {
    let shown = view(arguments.output.verbose);
    match (arguments.output.format, document) {
        (Format::Human, AnyDocument::Vast(document)) => {
            Ok(human::document(document, origin, shown).into_bytes().into())
        }
        (Format::Human, AnyDocument::Vmap(document)) => {
            Ok(human::playlist(document, origin, shown).into_bytes().into())
        }
        (Format::Json, AnyDocument::Vast(document)) => json::print(&wire::ParsedData::from(document)).map(Page::from),
        (Format::Json, AnyDocument::Vmap(document)) => json::print(&wire::ParsedData::from(document)).map(Page::from),
        (Format::Xml, document) => Ok(self::xml::document(document, text, arguments)),
    }
}

/// What is wrong in a document. `text` is the document, `origin` says where it is from.
///
/// # Errors
/// A [`Problem`] when it cannot be made.
pub(crate) fn report(
    report: &Report,
    text: &Decoded<'_>,
    origin: &str,
    arguments: &CheckArgs,
) -> Result<Vec<u8>, Problem> {
    match arguments.format {
        CheckFormat::Human => Ok(human::report(report, text, origin, view(arguments.verbose)).into_bytes()),
        CheckFormat::Json => json::print(&CheckResult::new(report, origin)),
    }
}

/// Beacons, a line each.
///
/// # Errors
/// A [`Problem`] when it cannot be made.
pub(crate) fn ledger(rows: &[LedgerRow], now: Timestamp, format: LedgerFormat) -> Result<Vec<u8>, Problem> {
    match format {
        LedgerFormat::Human => Ok(human::ledger(rows, now, view(false)).into_bytes()),
        LedgerFormat::Json => json::print(&Beacons { beacons: rows }),
    }
}

/// One beacon.
///
/// # Errors
/// A [`Problem`] when it cannot be made.
pub(crate) fn beacon(row: &LedgerRow, now: Timestamp, format: LedgerFormat) -> Result<Vec<u8>, Problem> {
    match format {
        LedgerFormat::Human => Ok(human::beacon(row, now, view(false)).into_bytes()),
        LedgerFormat::Json => json::print(row),
    }
}

/// How an outbox stands.
///
/// # Errors
/// A [`Problem`] when it cannot be made.
pub(crate) fn stats(stats: &OutboxStats, format: LedgerFormat) -> Result<Vec<u8>, Problem> {
    match format {
        LedgerFormat::Human => Ok(human::stats(stats, view(false)).into_bytes()),
        LedgerFormat::Json => json::print(stats),
    }
}

/// The ledger as JSON.
#[derive(serde::Serialize)]
struct Beacons<'a> {
    beacons: &'a [LedgerRow],
}

/// What stdout shows.
pub(crate) fn view(verbose: bool) -> View {
    let colour = anstream::AutoStream::choice(&std::io::stdout()) != anstream::ColorChoice::Never;
    View { width: human::width(), colour, verbose }
}
