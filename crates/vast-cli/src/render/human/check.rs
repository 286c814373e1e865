//! The findings about a document.

use std::collections::BTreeMap;

use vast_check::wire::CheckSum;
use vast_check::{DocumentKind, Finding, KnownRule, Report, Severity, known_rules};
use vast_xml::Decoded;

use super::finding::{FindingPrinter, style};
use super::units::count;
use crate::render::layout::{Align, HumanOptions, Page, StyledText, TextStyle, TextTable};

/// The number of findings of one rule that are printed with their lines if `--verbose` is not set.
const SHOWN_OF_A_RULE: usize = 3;
/// The number of positions of the other findings that are listed.
const MOST_PLACES: usize = 12;

/// The findings about `document` as text for people: each with its line, then the totals. `origin` is its URL or path.
pub(crate) fn check(report: &Report, document: &Decoded<'_>, origin: &str, options: HumanOptions) -> String {
    let (shown, others) = sorted(&report.findings, if options.verbose { usize::MAX } else { SHOWN_OF_A_RULE });
    let lines = shown.iter().filter_map(|finding| finding.span).map(|span| span.start.line);
    let digits = lines.max().unwrap_or(1).to_string().len();
    let printer = FindingPrinter { document, origin, options, digits };
    let mut text = String::new();
    for finding in shown {
        printer.finding(finding, &mut text);
    }
    text + &ending(report, &others, origin, options)
}

/// The sum of several inputs.
pub(crate) fn check_sum(sum: &CheckSum, options: HumanOptions) -> String {
    let mut page = Page::new(options);
    let parts = [(sum.errors, "error"), (sum.warnings, "warning"), (sum.infos, "info")];
    let mut found: Vec<_> =
        parts.iter().filter(|(number, _)| *number > 0).map(|(number, name)| count(*number, name)).collect();
    found.extend((sum.unreadable > 0).then(|| format!("{} not VAST", sum.unreadable)));
    found.extend((sum.failed > 0).then(|| format!("{} not readable", sum.failed)));
    let found = if found.is_empty() { "nothing found".to_owned() } else { found.join(", ") };
    let is_bad = sum.errors + sum.unreadable + sum.failed > 0;
    let style = if is_bad { TextStyle::Failure } else { TextStyle::Success };
    page.line(&StyledText::new(&format!("{} checked: {found}", count(sum.files, "document")), style));
    page.finish()
}

/// All rules: id, severity, description.
pub(crate) fn rules(options: HumanOptions) -> String {
    let mut page = Page::new(options);
    let mut table = TextTable::new([("rule", Align::Left), ("severity", Align::Left), ("what breaks it", Align::Left)]);
    for rule in known_rules() {
        table.row([
            StyledText::plain(rule.id),
            StyledText::new(rule.severity.as_str(), style(rule.severity)),
            StyledText::plain(rule.description),
        ]);
    }
    page.rows(table);
    page.finish()
}

/// One rule: description, section of the standard, advice.
pub(crate) fn rule(rule: &KnownRule, options: HumanOptions) -> String {
    let mut page = Page::new(options);
    page.line(&StyledText::new(&format!("{} ({})", rule.id, rule.severity), style(rule.severity)));
    page.field("broken by", rule.description);
    if let Some(section) = rule.section {
        page.field("section", section);
    }
    if let Some(help) = rule.help {
        page.field("help", help);
    }
    page.finish()
}

/// The findings that are only counted, by rule.
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

fn ending(report: &Report, others: &Others<'_>, origin: &str, options: HumanOptions) -> String {
    let mut page = Page::new(options);
    if !others.is_empty() {
        page.line(&StyledText::new("more of the same (--verbose shows them)", TextStyle::Heading));
        page.rows(more(others));
        page.blank();
    }
    for remark in &report.remarks {
        page.line(&StyledText::new(&format!("note: {remark}"), TextStyle::Secondary));
    }
    let omitted: usize = report.omitted.iter().sum();
    if omitted > 0 {
        page.line(&StyledText::new(
            &format!("note: {} left out, those with the lowest severity", count(omitted, "finding")),
            TextStyle::Secondary,
        ));
    }
    page.line(&StyledText::new(&format!("{origin}: {}: {}", kind(report), tally(report)), verdict(report)));
    page.finish()
}

/// A row per rule: the number of findings and their positions.
fn more(others: &Others<'_>) -> TextTable {
    let mut table = TextTable::new([("", Align::Right), ("", Align::Left), ("", Align::Left)]);
    for (rule, findings) in others {
        let severity = findings.first().map_or(Severity::Info, |finding| finding.severity);
        let spans = findings.iter().filter_map(|finding| finding.span).map(|span| span.start);
        let mut places: Vec<_> = spans.take(MOST_PLACES).map(|at| format!("{}:{}", at.line, at.column)).collect();
        if findings.len() > places.len() {
            places.push("...".to_owned());
        }
        table.row([
            StyledText::plain(&findings.len().to_string()),
            StyledText::new(rule, style(severity)),
            StyledText::plain(&places.join(" ")),
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

/// The numbers of findings, the most severe first, for example `1 error, 2 warnings`.
fn tally(report: &Report) -> String {
    let counts = Severity::ALL.iter().rev().map(|severity| (report.count(*severity), severity.as_str()));
    let counts: Vec<_> = counts.filter(|(number, _)| *number > 0).map(|(number, name)| count(number, name)).collect();
    if counts.is_empty() { "nothing found".to_owned() } else { counts.join(", ") }
}

fn verdict(report: &Report) -> TextStyle {
    let found = Severity::ALL.into_iter().rev().find(|severity| report.count(*severity) > 0);
    match found {
        Some(severity) if severity > Severity::Info => style(severity),
        _ => TextStyle::Success,
    }
}
