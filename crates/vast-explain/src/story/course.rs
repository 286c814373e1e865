//! What happened in a request, in order of time.

use std::time::Duration;

use vast_client::journal::{DocumentInfo, EndReason, Entry, Fact};
use vast_client::{FetchResult, Outcome};

use super::asked::{AskingTime, outcome_words};
use super::names::{document_name, source_of};
use crate::statement::{Statement, Tone};
use crate::units;

/// Something that happened to a source.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Step<'a> {
    /// The time since the request began.
    pub at: Duration,
    /// The name of the source.
    pub source: &'a str,
    /// What happened, without the name of the source.
    pub what: Statement,
}

/// The facts of the journal that a reader wants to know. A fact that only repeats the one before it is left out.
pub(super) fn of<'a>(result: &'a FetchResult, asked: &[Option<AskingTime<'a>>]) -> Vec<Step<'a>> {
    let mut course = Vec::with_capacity(result.journal.len());
    for (index, entry) in result.journal.iter().enumerate() {
        let Some(source) = source_of(result, entry.lane) else { continue };
        let what = match &entry.fact {
            Fact::Asked => asked
                .get(entry.lane)
                .copied()
                .flatten()
                .map(|asked| Statement::new(Tone::Plain, format!("asked: {}", asked.because))),
            fact if is_said(fact, result.journal[..index].iter().rev().find(|other| other.lane == entry.lane)) => None,
            Fact::Ended { outcome, reason } => Some(ended(*outcome, reason.as_ref())),
            other => words(other),
        };
        course.extend(what.map(|what| Step { at: entry.at, source: &source.name, what }));
    }
    course
}

fn words(fact: &Fact) -> Option<Statement> {
    let (tone, text) = match fact {
        Fact::Attempt { hop, number, .. } if *number > 1 => {
            (Tone::Warning, format!("attempt {number} at {}", document_name(*hop)))
        }
        Fact::FromCache { hop, age, .. } => {
            let age = units::away(*age);
            (Tone::Plain, format!("{} comes from the cache: it was fetched {age} earlier", document_name(*hop)))
        }
        Fact::Answered { hop, status, bytes, .. } => {
            let status = status.map_or_else(String::new, |status| format!("status {status}, "));
            (Tone::Plain, format!("{} arrived: {status}{}", document_name(*hop), units::bytes(*bytes)))
        }
        Fact::Kept => (Tone::Quiet, "not read yet, because a source ahead of it may still win".to_owned()),
        Fact::Redirected { hop, step } => (
            Tone::Plain,
            format!("{} is redirected with status {} to {}", document_name(*hop), step.status, step.location),
        ),
        Fact::Failed { hop, failure } => {
            let tone = if failure.error_type.row().origin.is_some() { Tone::Bad } else { Tone::Warning };
            (tone, failed(*hop, &failure.message))
        }
        Fact::BreakFailed { failure, .. } => (Tone::Warning, failure.message.to_string()),
        Fact::Parsed { document, ads, warnings } => (Tone::Plain, parsed(document, *ads, warnings.len())),
        Fact::WrapperRead(wrapper) if wrapper.leads_to.is_none() => {
            let system = wrapper.ad_system.as_deref().unwrap_or("an unnamed ad system");
            (Tone::Warning, format!("the wrapper of {system} in {} is not followed", document_name(wrapper.hop)))
        }
        Fact::Followed { hop, parent, uri, ad_system } => {
            let system = ad_system.as_deref().filter(|system| !system.is_empty()).unwrap_or("an unnamed ad system");
            let parent = document_name(*parent);
            (Tone::Plain, format!("the wrapper of {system} in {parent} leads to document {hop}: {uri}"))
        }
        Fact::Judged { ad_id, rejection: None, .. } => (Tone::Good, format!("{} is usable", ad_name(ad_id.as_deref()))),
        Fact::Judged { ad_id, rejection: Some(rejection), .. } => {
            (Tone::Warning, format!("{} is rejected: {}", ad_name(ad_id.as_deref()), rejection.message))
        }
        Fact::Warned { message, .. } => (Tone::Warning, message.to_string()),
        _ => return None,
    };
    Some(Statement::new(tone, text))
}

fn failed(hop: u32, message: &str) -> String {
    if hop == 0 { message.to_owned() } else { format!("{}: {message}", document_name(hop)) }
}

/// An ad in words.
pub(super) fn ad_name(id: Option<&str>) -> String {
    id.filter(|id| !id.is_empty()).map_or_else(|| "the ad without an id".to_owned(), |id| format!("the ad {id}"))
}

fn parsed(document: &DocumentInfo, ads: usize, warnings: usize) -> String {
    let version =
        document.version.as_deref().map_or_else(|| "no version".to_owned(), |version| format!("version {version}"));
    let warnings = if warnings == 0 { String::new() } else { format!(", {}", units::count(warnings, "warning")) };
    format!("{} is read: {version}, {}{warnings}", document_name(document.hop), units::count(ads, "ad"))
}

/// Whether the fact before it in the same lane says the same.
fn is_said(fact: &Fact, before: Option<&Entry>) -> bool {
    let message = match fact {
        Fact::Failed { failure, .. } => &failure.message,
        Fact::Ended { reason: Some(EndReason::Failure(failure)), .. } => &failure.message,
        Fact::Ended { outcome: Outcome::Filled, .. } => return true,
        _ => return false,
    };
    match before.map(|entry| &entry.fact) {
        // The end of a lane adds the document to the message.
        Some(Fact::Failed { failure, .. }) => message.starts_with(&*failure.message),
        Some(Fact::Judged { rejection: Some(rejection), .. }) => *message == rejection.message,
        _ => false,
    }
}

fn ended(outcome: Outcome, reason: Option<&EndReason>) -> Statement {
    let reason = reason.map(ToString::to_string).unwrap_or_default();
    Statement::new(Tone::of(outcome), format!("{}: {reason}", outcome_words(outcome)))
}
