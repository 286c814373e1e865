//! What is wrong in a document.

use std::collections::BTreeMap;

use vast_check::{DocumentKind, Finding, Report, Severity};
use vast_xml::Decoded;

use super::finding::{Sheet, paint};
use super::page::Page;
use super::style::{Paint, Piece};
use super::table::{Side, Table};
use super::units::count;
use super::view::View;

/// How many findings of one rule are shown with their lines, unless all are asked for.
const SHOWN_OF_A_RULE: usize = 3;
/// How many places are listed of the others.
const MOST_PLACES: usize = 12;

/// The findings about `document`, which came from `origin`, as text for people: each with its line, then how many there are.
pub(crate) fn report(report: &Report, document: &Decoded<'_>, origin: &str, view: View) -> String {
    let (shown, others) = sorted(&report.findings, if view.verbose { usize::MAX } else { SHOWN_OF_A_RULE });
    let lines = shown.iter().filter_map(|finding| finding.span).map(|span| span.start.line);
    let digits = lines.max().unwrap_or(1).to_string().len();
    let sheet = Sheet { document, origin, view, digits };
    let mut text = String::new();
    for finding in shown {
        sheet.finding(finding, &mut text);
    }
    text + &ending(report, &others, origin, view)
}

/// By rule, those that are only counted.
type Others<'a> = BTreeMap<&'a str, Vec<&'a Finding>>;

/// The first `most` findings of each rule, and the others.
fn sorted(findings: &[Finding], most: usize) -> (Vec<&Finding>, Others<'_>) {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let mut others = Others::new();
    let mut shown = Vec::new();
    for finding in findings {
        let number = seen.entry(finding.rule).or_default();
        *number += 1;
        if *number <= most {
            shown.push(finding);
        } else {
            others.entry(finding.rule).or_default().push(finding);
        }
    }
    (shown, others)
}

fn ending(report: &Report, others: &Others<'_>, origin: &str, view: View) -> String {
    let mut page = Page::new(view);
    if !others.is_empty() {
        page.line(&Piece::new("more of the same (--verbose shows them)", Paint::Strong));
        page.rows(more(others));
        page.blank();
    }
    for remark in &report.remarks {
        page.line(&Piece::new(&format!("note: {remark}"), Paint::Dim));
    }
    let omitted: usize = report.omitted.iter().sum();
    if omitted > 0 {
        page.line(&Piece::new(
            &format!("note: {} left out, the least bad ones", count(omitted, "finding")),
            Paint::Dim,
        ));
    }
    page.line(&Piece::new(&format!("{origin}: {}: {}", kind(report), tally(report)), verdict(report)));
    page.finish()
}

/// A row per rule: how many, and where.
fn more(others: &Others<'_>) -> Table {
    let mut table = Table::new([("", Side::Right), ("", Side::Left), ("", Side::Left)]);
    for (rule, findings) in others {
        let severity = findings.first().map_or(Severity::Info, |finding| finding.severity);
        let spans = findings.iter().filter_map(|finding| finding.span).map(|span| span.start);
        let mut places: Vec<_> = spans.take(MOST_PLACES).map(|at| format!("{}:{}", at.line, at.column)).collect();
        if findings.len() > places.len() {
            places.push("...".to_owned());
        }
        table.row([
            Piece::plain(&findings.len().to_string()),
            Piece::new(rule, paint(severity)),
            Piece::plain(&places.join(" ")),
        ]);
    }
    table
}

fn kind(report: &Report) -> String {
    let name = match report.kind {
        DocumentKind::Vast => "VAST",
        DocumentKind::Vmap => "VMAP",
        _ => return "not VAST".to_owned(),
    };
    match &report.version {
        Some(version) => format!("{name} {version}"),
        None => format!("{name} without a version"),
    }
}

/// `1 error, 2 warnings`, the worst first.
fn tally(report: &Report) -> String {
    let counts = Severity::ALL.iter().rev().map(|severity| (report.count(*severity), severity.as_str()));
    let counts: Vec<_> = counts.filter(|(number, _)| *number > 0).map(|(number, name)| count(number, name)).collect();
    if counts.is_empty() { "nothing found".to_owned() } else { counts.join(", ") }
}

fn verdict(report: &Report) -> Paint {
    let found = Severity::ALL.into_iter().rev().find(|severity| report.count(*severity) > 0);
    match found {
        Some(severity) if severity > Severity::Info => paint(severity),
        _ => Paint::Good,
    }
}
