//! The documents on the way to an ad, as a tree.

use std::time::Duration;

use vast_client::FetchResult;
use vast_client::ad::DocumentInfo;
use vast_client::journal::Fact;
use vast_client::report::SourceReport;
use vast_client::select::Candidate;

use super::style::{Paint, Piece};
use super::table::{Side, Table};
use super::{media, units};

/// One row per document: its number and ad system, version, status, time, URL.
pub(super) fn table(result: &FetchResult, candidate: &Candidate) -> Table {
    let columns = [("", Side::Left), ("", Side::Left), ("", Side::Left), ("", Side::Right), ("", Side::Left)];
    let mut table = Table::new(columns);
    let Some(source) = result.sources.get(candidate.lane) else { return table };
    let wrappers = candidate.ad.wrappers.iter().map(|level| (&level.document, level.wrapper.ad_system.as_ref()));
    let inline = (&candidate.ad.document, candidate.ad.inline.ad_system.as_ref());
    for (depth, (document, system)) in wrappers.chain([inline]).enumerate() {
        let system = system.and_then(media::system).unwrap_or_else(|| "no ad system".to_owned());
        let answer = Answer::of(result, candidate.lane, source, document);
        table.row([
            Piece::plain(&label(depth, document.hop, &system)),
            Piece::plain(&document.version.as_ref().map_or_else(String::new, |version| format!("VAST {version}"))),
            Piece::plain(&answer.status.map_or_else(String::new, |status| status.to_string())),
            Piece::plain(&answer.elapsed.map_or_else(String::new, units::elapsed)),
            Piece::new(&document.url, Paint::Dim),
        ]);
    }
    table
}

fn label(depth: usize, hop: u32, system: &str) -> String {
    match depth.checked_sub(1) {
        None => format!("{hop} {system}"),
        Some(indent) => format!("{}└ {hop} {system}", "  ".repeat(indent)),
    }
}

/// How a document was answered.
struct Answer {
    status: Option<u16>,
    elapsed: Option<Duration>,
}

impl Answer {
    fn of(result: &FetchResult, lane: usize, source: &SourceReport, document: &DocumentInfo) -> Self {
        match source.hops.iter().find(|hop| hop.hop == document.hop) {
            Some(hop) => Self { status: hop.status, elapsed: Some(hop.elapsed) },
            None => Self { status: source.status, elapsed: own_document(result, lane, source) },
        }
    }
}

/// How long the source's own document took: until it was read, wrappers below it not counted.
fn own_document(result: &FetchResult, lane: usize, source: &SourceReport) -> Option<Duration> {
    let is_own = |fact: &Fact| matches!(fact, Fact::Parsed { hop: 0, .. });
    let read = result.journal.iter().find(|entry| entry.lane == lane && is_own(&entry.fact))?;
    Some(read.at.saturating_sub(source.began?))
}
