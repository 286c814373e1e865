//! The answer to a request: the verdict, the ads, what became of every source, and what else is worth knowing.

use vast_client::FetchResult;
use vast_client::report::{CandidateReport, CandidateVerdict, ErrorReport};

use super::page::Page;
use super::style::{Paint, Piece};
use super::table::{Side, Table};
use super::units::{count, elapsed, length};
use super::view::View;
use super::{ad, sources, warnings};

/// The answer as text for people.
pub(crate) fn request(result: &FetchResult, view: View) -> String {
    let mut page = Page::new(view);
    page.line(&verdict(result));
    let is_pod = result.ads.len() > 1;
    for (index, candidate) in result.ads.iter().enumerate() {
        ad::write(&mut page, candidate, is_pod.then_some(index + 1));
    }
    page.section("", sources::table(result, page.width()));
    page.section("errors", errors(result, page.is_verbose()));
    page.section("tracked", tracked(result));
    if page.is_verbose() {
        page.section("ads judged", judged(result));
        page.section("warnings", warnings::of_answer(result));
    }
    footer(&mut page, result);
    page.finish()
}

/// `✓ filled by east in 212 ms`, `✗ no ad: 3 sources asked in 1.20 s`.
fn verdict(result: &FetchResult) -> Piece {
    let time = elapsed(result.metadata.elapsed);
    if !result.success {
        let asked = result.sources.iter().filter(|source| source.began.is_some()).count();
        return Piece::new(&format!("✗ no ad: {} asked in {time}", count(asked, "source")), Paint::Bad);
    }
    let fallback = if result.metadata.used_fallback { " (fallback)" } else { "" };
    let mut text = format!("✓ filled by {}{fallback} in {time}", winners(result));
    if result.ads.len() > 1 {
        let total = result.ads.iter().filter_map(|ad| ad.duration()).sum();
        text.push_str(&format!(": {}, {}", count(result.ads.len(), "ad"), length(total)));
    }
    Piece::new(&text, Paint::Good)
}

/// The sources of the ads, each once, in order of play.
fn winners(result: &FetchResult) -> String {
    let mut names: Vec<&str> = Vec::new();
    for candidate in &result.ads {
        let name = &*candidate.ad.tree.source;
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.join(" and ")
}

/// What went wrong. What a source's row already gives as its reason is left out, unless everything is listed.
fn errors(result: &FetchResult, all: bool) -> Table {
    let columns = [("source", Side::Left), ("stage", Side::Left), ("type", Side::Left), ("VAST", Side::Right)];
    let [source, stage, error_type, code] = columns;
    let mut table = Table::new([source, stage, error_type, code, ("what", Side::Left)]);
    for error in result.errors.iter().filter(|error| all || !is_told(result, error)) {
        let failure = &error.failure;
        let hop = if error.hop > 0 { format!(", hop {}", error.hop) } else { String::new() };
        table.row([
            Piece::plain(&error.source),
            Piece::new(&format!("{}{hop}", error.phase), Paint::Dim),
            Piece::plain(failure.error_type.as_str()),
            Piece::plain(&failure.vast_error_code.map_or_else(String::new, |code| code.to_string())),
            Piece::plain(&what(result, error)),
        ]);
    }
    table
}

/// Whether the source's row says it all: it cannot say which document of a chain is meant.
fn is_told(result: &FetchResult, error: &ErrorReport) -> bool {
    let source = result.source_report(&error.source);
    error.hop == 0 && source.and_then(|source| source.reason.as_deref()) == Some(&*error.failure.message)
}

/// The message, and below a wrapper the URL that it led to.
fn what(result: &FetchResult, error: &ErrorReport) -> String {
    let mut hops = result.source_report(&error.source).into_iter().flat_map(|source| &source.hops);
    let url = hops.find(|hop| hop.hop == error.hop).map(|hop| &hop.url);
    url.map_or_else(|| error.failure.message.to_string(), |url| format!("{}: {url}", error.failure.message))
}

/// The trackers that were called, one per line.
fn tracked(result: &FetchResult) -> Table {
    let mut table =
        Table::new([("event", Side::Left), ("state", Side::Left), ("hop", Side::Right), ("URL", Side::Left)]);
    for beacon in &result.tracked {
        let hop = beacon.hop.to_string();
        let [event, state, hop] = [beacon.event.as_str(), beacon.state.as_str(), &hop].map(Piece::plain);
        table.row([event, state, hop, Piece::plain(&beacon.url)]);
    }
    table
}

fn judged(result: &FetchResult) -> Table {
    let columns = [("source", Side::Left), ("ad", Side::Left), ("verdict", Side::Left), ("reason", Side::Left)];
    let mut table = Table::new(columns);
    for CandidateReport { source, ad_id, verdict, rejection, .. } in &result.candidates {
        let paint = match verdict {
            CandidateVerdict::Kept => Paint::Good,
            CandidateVerdict::PassedOver => Paint::Dim,
            CandidateVerdict::Rejected => Paint::Doubtful,
        };
        table.row([
            Piece::plain(source),
            Piece::plain(ad_id.as_deref().unwrap_or("no id")),
            Piece::new(&verdict.as_str().replace('_', " "), paint),
            Piece::plain(rejection.as_ref().map_or("", |rejection| &rejection.message)),
        ]);
    }
    table
}

/// How the sources were asked, what it cost, and what there is more to see.
fn footer(page: &mut Page, result: &FetchResult) {
    let wasted = result.metadata.requests_wasted;
    let mut text = format!("mode {}", result.metadata.mode);
    if wasted > 0 {
        text.push_str(&format!(", {} wasted", count(usize::try_from(wasted).unwrap_or(usize::MAX), "request")));
    }
    if !page.is_verbose() {
        text.push_str(&hidden(result));
    }
    page.blank();
    page.line(&Piece::new(&text, Paint::Dim));
}

fn hidden(result: &FetchResult) -> String {
    let warnings = result.warnings.len();
    let others = result.candidates.iter().filter(|candidate| candidate.verdict != CandidateVerdict::Kept).count();
    let counts = [(warnings, "warning"), (others, "other ad")];
    let counts: Vec<_> =
        counts.iter().filter(|(number, _)| *number > 0).map(|(number, one)| count(*number, one)).collect();
    if counts.is_empty() { String::new() } else { format!("; -v lists {}", counts.join(" and ")) }
}
