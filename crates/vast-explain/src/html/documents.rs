//! The documents as received, with the findings of a check at their lines.

use maud::{Markup, html};
use vast_check::{CheckOptions, Finding, Report, Severity, check, checked_text};
use vast_client::recording::ReceivedDocument;
use vast_client::transport::ExchangePlace;

use super::part::PagePart;
use super::shown::shown;
use super::table::rest;
use crate::statement::Tone;
use crate::units;

/// The largest number of documents.
const MOST_DOCUMENTS: usize = 200;
/// The longest text that is shown of all documents together, in bytes.
const MOST_BYTES: usize = 4 << 20;
/// The longest text that is shown of one document, in bytes.
const MOST_BYTES_OF_ONE: usize = 1 << 20;
/// The largest number of lines of all documents together.
const MOST_LINES: usize = 50_000;
/// The largest number of findings of one document.
const MOST_FINDINGS: usize = 200;

/// What the page may still show of documents.
struct Room {
    bytes: usize,
    lines: usize,
}

pub(super) fn section(documents: &[ReceivedDocument]) -> Markup {
    if documents.is_empty() {
        return html! {};
    }
    let mut room = Room { bytes: MOST_BYTES, lines: MOST_LINES };
    let content = html! {
        @for (index, one) in documents.iter().enumerate().take(MOST_DOCUMENTS) { (document(index, one, &mut room)) }
        (rest(documents.len(), MOST_DOCUMENTS))
    };
    PagePart::whole().section("documents", "Documents as received", &content)
}

fn document(index: usize, document: &ReceivedDocument, room: &mut Room) -> Markup {
    let options =
        CheckOptions { charset: document.charset.as_deref(), findings: MOST_FINDINGS, ..CheckOptions::default() };
    let report = check(&document.bytes, &options);
    let text = checked_text(&document.bytes, document.charset.as_deref());
    html! {
        details.document {
            summary {
                strong { (shown(&document.place.source)) } (shown(&place(&document.place))) " "
                span.meta { @if let Some(status) = document.status { "status " (status) ", " } (units::bytes(document.bytes.len() as u64)) ", " (counted(&report)) }
            }
            p.url { (shown(&document.url)) }
            ul.statements { @for finding in report.findings.iter().filter(|finding| finding.span.is_none()) { li class=(tone(finding.severity).as_str()) { (described(finding)) } } }
            (lines(index, &text.decoded.text, &report.findings, room))
        }
    }
}

/// Which document of its source it is.
fn place(place: &ExchangePlace) -> String {
    let ad_break = place.ad_break.map_or_else(String::new, |number| format!(", break {}", number + 1));
    let document = if place.hop == 0 { "own document".to_owned() } else { format!("document {}", place.hop) };
    let attempt = if place.attempt > 1 { format!(", attempt {}", place.attempt) } else { String::new() };
    let redirect = if place.redirect > 0 { format!(", redirect {}", place.redirect) } else { String::new() };
    format!("{ad_break} {document}{attempt}{redirect}")
}

/// The lines of a document, each with its findings below it.
fn lines(index: usize, text: &str, findings: &[Finding], room: &mut Room) -> Markup {
    let most = room.bytes.min(MOST_BYTES_OF_ONE);
    let end = (0..=most.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
    let kept: Vec<&str> = text[..end].lines().take(room.lines).collect();
    room.bytes -= kept.iter().map(|line| line.len()).sum::<usize>().min(room.bytes);
    room.lines -= kept.len();
    let is_cut = kept.iter().map(|line| line.len() + 1).sum::<usize>() < text.len();
    let at = |line: usize| {
        findings.iter().filter(move |finding| finding.span.is_some_and(|span| span.start.line as usize == line + 1))
    };
    html! {
        div.code tabindex="0" role="group" aria-label={ "Text of document " (index + 1) } {
            @for (number, line) in kept.iter().enumerate() {
                div.line { span.n { (number + 1) } code { (shown(&line.replace('\t', "  "))) } }
                @for finding in at(number) { div class={ "finding " (tone(finding.severity).as_str()) } { (described(finding)) } }
            }
        }
        @if is_cut { p.note { "Cut: the document has " (units::bytes(text.len() as u64)) "." } }
    }
}

fn described(finding: &Finding) -> Markup {
    let column = finding.span.map_or_else(String::new, |span| format!("column {}: ", span.start.column));
    html! {
        strong { (finding.severity.as_str()) } " " (column) (shown(&finding.message)) " "
        span.meta { (finding.rule) @if !finding.section.is_empty() { ", " (finding.section) } }
    }
}

fn counted(report: &Report) -> String {
    let counts = Severity::ALL.map(|severity| (report.count(severity), severity.as_str()));
    let counts: Vec<String> =
        counts.iter().filter(|(number, _)| *number > 0).map(|(number, word)| units::count(*number, word)).collect();
    if counts.is_empty() { "no finding".to_owned() } else { counts.join(", ") }
}

fn tone(severity: Severity) -> Tone {
    match severity {
        Severity::Error => Tone::Bad,
        Severity::Warning => Tone::Warning,
        _ => Tone::Quiet,
    }
}
