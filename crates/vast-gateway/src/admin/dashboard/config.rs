//! The page `/config`: the configuration in use, and what a reload would change.

use std::time::SystemTime;

use maud::{Markup, html};

use super::figures::safe;
use super::frame::{PageFrame, action, table};
use super::health_text::since_when;
use crate::admin::config_report::{ConfigReport, FileState};

/// The longest value that is shown, in bytes.
const LONGEST: usize = 400;

pub(super) fn content(frame: &PageFrame<'_>, report: &ConfigReport, now: SystemTime) -> Markup {
    let mut groups: Vec<(&str, Vec<(&str, &str)>)> = Vec::new();
    for row in &report.settings {
        let (group, key) = group_of(&row.key);
        match groups.last_mut().filter(|(last, _)| *last == group) {
            Some((_, rows)) => rows.push((key, &row.value)),
            None => groups.push((group, vec![(key, &row.value)])),
        }
    }
    html! {
        section {
            h2 { "In use" }
            p { "Configuration " strong { (report.generation) } ", " (since_when(frame.generation.since, now)) "." }
            @if !report.needs_restart.is_empty() { p { "Need a restart: " (report.needs_restart.join(", ")) "." } }
            p.note {
                "The number grows with each reload and with each change that operators make by hand. The page \"Blocked\" has those."
            }
        }
        section {
            h2 { "What a reload would change now" }
            @match &report.file {
                FileState::None => p.note { "The gateway was started without a configuration file." },
                FileState::Wrong(problem) => p { span data-tone="bad" { "Nothing: the file cannot be used: " (safe(problem, LONGEST)) } },
                FileState::Right if report.changes.is_empty() => p.note { "Nothing. The file is read every two seconds." },
                FileState::Right => {
                    (table("Changes", &[("Setting", "wide"), ("In use", "wide"), ("In the file", "wide")], &html! {
                        @for change in &report.changes {
                            tr {
                                th scope="row" { bdi { (safe(&change.key, LONGEST)) } }
                                td.wide { (value(change.running.as_deref())) }
                                td.wide { (value(change.file.as_deref())) }
                            }
                        }
                    }))
                }
            }
            @if let Some(problem) = &report.problem { p { span data-tone="bad" { "The last reload failed: " (safe(problem, LONGEST)) } } }
            @if report.file != FileState::None { (action("/api/config/reload", "Read the configuration file again")) }
        }
        section {
            h2 { "Settings" }
            @for (group, rows) in &groups {
                details open[groups.len() < 4] {
                    summary { bdi { (safe(group, LONGEST)) } " (" (rows.len()) ")" }
                    (table(&safe(group, LONGEST), &[("Key", "name"), ("Value", "wide")], &html! {
                        @for (key, text) in rows {
                            tr { th scope="row" { bdi { (safe(key, LONGEST)) } } td.wide { (value(Some(text))) } }
                        }
                    }))
                }
            }
            p.note {
                "Secrets are shown by the beginning of their hash. Headers, users in URLs, and values in queries that are no macros are \
                 hidden: \"...\"."
            }
        }
    }
}

/// The table of a setting: `server` or `placement.preroll`, and the rest of its place.
fn group_of(key: &str) -> (&str, &str) {
    let dots: Vec<usize> = key.match_indices('.').map(|(at, _)| at).take(2).collect();
    let has_name = ["placement.", "tenant."].iter().any(|kind| key.starts_with(kind));
    let at = if has_name { dots.get(1).or(dots.first()) } else { dots.first() };
    at.and_then(|at| Some((key.get(..*at)?, key.get(at + 1..)?))).unwrap_or((key, ""))
}

fn value(text: Option<&str>) -> Markup {
    html! { @match text { Some(text) => bdi { (safe(text, LONGEST)) }, None => span data-tone="quiet" { "not set" } } }
}
