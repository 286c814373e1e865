//! A result and a log of requests as lines of text.

use std::time::Duration;

use vast_client::journal::EndReason;
use vast_client::report::{BreakResult, CandidateReport, ErrorReport, SourceReport};
use vast_client::{ErrorType, Failure, FetchResult, Outcome};

use super::expectation::Expectation;
use super::network::Seen;

/// The observed result in the form of an expectation.
pub fn observed(result: &FetchResult, answer_at: Duration, log: &[Seen]) -> Expectation {
    let (beacons, requests): (Vec<_>, Vec<_>) = log.iter().partition(|seen| seen.is_sink);
    let mut beacons: Vec<_> = beacons.into_iter().map(|seen| (seen.began, seen.target.clone())).collect();
    beacons.sort();
    Expectation {
        config_error: None,
        winner: result.source.as_deref().map(str::to_owned),
        ads: result.ads.iter().map(|ad| ad.ad.id.as_deref().unwrap_or("?").to_owned()).collect(),
        answer_at: milliseconds(answer_at),
        fallback: result.metadata.used_fallback,
        wasted: Some(result.metadata.requests_wasted),
        sources: result.sources.iter().map(|source| (source.name.to_string(), source_line(result, source))).collect(),
        breaks: Some(result.schedule.iter().flat_map(|schedule| &schedule.breaks).map(break_line).collect()),
        candidates: Some(result.candidates.iter().map(candidate_line).collect()),
        errors: Some(result.errors.iter().map(error_line).collect()),
        hops: Some(result.sources.iter().flat_map(hop_lines).collect()),
        requests: Some(requests.into_iter().map(request_line).collect()),
        beacons: beacons.into_iter().map(|(at, target)| format!("{} {target}", milliseconds(at))).collect(),
    }
}

/// Whole milliseconds, like tokio's clock.
fn milliseconds(time: Duration) -> String {
    if time.subsec_nanos().is_multiple_of(1_000_000) { format!("{}ms", time.as_millis()) } else { format!("{time:?}") }
}

/// `OUTCOME [PROBLEM] [N attempts] [ELAPSED] [from BEGAN]`.
fn source_line(result: &FetchResult, source: &SourceReport) -> String {
    let mut words = vec![source.outcome.as_str().to_owned()];
    words.extend(problem(result, source));
    if let (Some(elapsed), Some(began)) = (source.elapsed, source.began) {
        let plural = if source.attempts == 1 { "" } else { "s" };
        words.push(format!("{} attempt{plural} {}", source.attempts, milliseconds(elapsed)));
        words.extend((!began.is_zero()).then(|| format!("from {}", milliseconds(began))));
    }
    words.join(" ")
}

/// The failure that decided the outcome, unless the outcome alone explains it.
fn problem(result: &FetchResult, source: &SourceReport) -> Option<String> {
    match source.outcome {
        Outcome::Failed | Outcome::NoAd | Outcome::Rejected => {
            let is_it = |error: &&ErrorReport| {
                error.source == source.name
                    && matches!(&source.reason, Some(EndReason::Failure(failure)) if is_reason(&failure.message, error))
            };
            let Some(error) = result.errors.iter().rev().find(is_it) else { return Some("?".to_owned()) };
            let plain = error.hop == 0 && error.failure.error_type == ErrorType::NoAd;
            (!plain).then(|| located(error, &reason(result, error)))
        }
        Outcome::Skipped => match source.reason {
            Some(EndReason::Skipped(reason)) => Some(reason.as_str().to_owned()),
            _ => Some("?".to_owned()),
        },
        _ => None,
    }
}

/// `ID OUTCOME [PROBLEM CODE] [ADS] [ELAPSED]`.
fn break_line(one: &BreakResult) -> String {
    let id = one.ad_break.break_id.as_deref().unwrap_or("?");
    let mut words = vec![id.to_owned(), one.outcome.as_str().to_owned()];
    match &one.reason {
        Some(EndReason::Failure(failure)) if failure.error_type == ErrorType::NoAd => {}
        Some(EndReason::Failure(failure)) => {
            let code = failure.vast_error_code.map_or_else(|| "-".to_owned(), |code| code.to_string());
            words.push(format!("{} {code}", detailed(failure)));
        }
        Some(EndReason::Skipped(reason)) => words.push(reason.as_str().to_owned()),
        _ => {}
    }
    words.extend(one.ads().iter().map(|ad| ad.ad.id.as_deref().unwrap_or("?").to_owned()));
    words.extend(one.answer.as_ref().map(|answer| milliseconds(answer.metadata.elapsed)));
    words.join(" ")
}

/// Whether `reason` is the message of `error`. After a wrapper it also names the document that failed.
fn is_reason(reason: &str, error: &ErrorReport) -> bool {
    let ErrorReport { hop, failure, .. } = error;
    let of_hop = reason.strip_prefix(&*failure.message);
    let names_hop = of_hop.is_some_and(|rest| rest.starts_with(&format!(" (document {hop}: ")));
    let is_below = *hop > 0 && failure.error_type != ErrorType::Filtered;
    if is_below { names_hop } else { reason == failure.message }
}

/// The type of the error, or the reason of the rejection.
fn reason(result: &FetchResult, error: &ErrorReport) -> String {
    let is_it = |candidate: &&CandidateReport| {
        let message = candidate.rejection.as_ref().map(|rejection| &rejection.message);
        candidate.source == error.source && message == Some(&error.failure.message)
    };
    let rejection = result.candidates.iter().find(is_it).and_then(|candidate| candidate.rejection.as_ref());
    match rejection {
        Some(rejection) if error.failure.error_type == ErrorType::Filtered => rejection.reason.as_str().to_owned(),
        _ => detailed(&error.failure),
    }
}

fn located(error: &ErrorReport, words: &str) -> String {
    if error.hop == 0 { words.to_owned() } else { format!("hop {} {words}", error.hop) }
}

/// `timeout(hop_timeout)`, `http_status(404)`, `not_xml`.
fn detailed(failure: &Failure) -> String {
    match (failure.error_type, failure.limit, failure.status) {
        (kind, Some(limit), _) => format!("{kind}({limit})"),
        (ErrorType::HttpStatus, _, Some(status)) => format!("http_status({status})"),
        (kind, ..) => kind.to_string(),
    }
}

/// `SOURCE PHASE [hop N] TYPE CODE`.
fn error_line(error: &ErrorReport) -> String {
    let code = error.failure.vast_error_code.map_or_else(|| "-".to_owned(), |code| code.to_string());
    format!("{} {} {} {code}", error.source, error.phase, located(error, &detailed(&error.failure)))
}

/// `SOURCE hop N of PARENT OUTCOME ELAPSED`.
fn hop_lines(source: &SourceReport) -> impl Iterator<Item = String> {
    source.hops.iter().map(|hop| {
        let (outcome, elapsed) = (hop.outcome.as_str(), milliseconds(hop.elapsed));
        format!("{} hop {} of {} {outcome} {elapsed}", source.name, hop.hop, hop.parent.unwrap_or_default())
    })
}

/// `SOURCE AD VERDICT [REASON]`.
fn candidate_line(candidate: &CandidateReport) -> String {
    let reason = candidate.rejection.as_ref().map_or_else(String::new, |no| format!(" {}", no.reason.as_str()));
    let ad = candidate.ad_id.as_deref().unwrap_or("?");
    format!("{} {ad} {}{reason}", candidate.source, candidate.verdict.as_str())
}

/// `BEGAN..ENDED SERVER TARGET ENDING`.
fn request_line(seen: &Seen) -> String {
    let ended = seen.ended.map_or_else(|| "?".to_owned(), milliseconds);
    format!("{}..{ended} {} {} {}", milliseconds(seen.began), seen.server, seen.target, seen.ending)
}
