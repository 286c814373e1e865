//! Why a request ended as it did.

use vast_client::journal::EndReason;
use vast_client::report::{CandidateVerdict, SourceReport};
use vast_client::select::Candidate;
use vast_client::{FetchMode, FetchResult, Outcome, SourceOrder, TierKind};

use super::names::{listed, winners};
use crate::statement::{Statement, Tone};
use crate::units;

/// The largest number of ads of the answer that have a sentence.
const MOST_WON: usize = 20;

/// The rule that chose the winner, the order of the sources, then a sentence for each source without an ad in the answer.
pub(super) fn of(result: &FetchResult) -> Vec<Statement> {
    let winners = winners(result);
    let rule = rule(result).map(|text| Statement::new(Tone::Plain, text));
    let fallback = result.metadata.used_fallback.then(|| {
        Statement::new(Tone::Plain, "No primary source had a usable ad in time, so the fallbacks were asked.")
    });
    let order = order(result).map(|text| Statement::new(Tone::Plain, text));
    let won = result.ads.iter().map(|ad| Statement::new(Tone::Good, won(ad)));
    let losers = result.sources.iter().filter(|source| !winners.contains(&&*source.name));
    let losers = losers.map(|source| Statement::new(Tone::of(source.outcome), loser(source, result)));
    rule.into_iter().chain(fallback).chain(order).chain(won.take(MOST_WON)).chain(losers).collect()
}

/// What the source of an ad of the answer has given.
fn won(candidate: &Candidate) -> String {
    let ad = &candidate.ad;
    let through = match ad.wrappers.len() {
        0 => String::new(),
        number => format!(" through {}", units::count(number, "wrapper")),
    };
    let age = if ad.is_from_cache() { ", partly from the cache" } else { "" };
    let id = ad.id.as_deref().filter(|id| !id.is_empty()).map_or_else(String::new, |id| format!(" {id}"));
    format!("{} had the usable ad{id}{through}{age}.", ad.tree.source)
}

fn rule(result: &FetchResult) -> Option<String> {
    if let [only] = result.sources.as_slice() {
        return Some(format!("{} is the only source.", only.name));
    }
    if result.metadata.break_number.is_some() {
        return None;
    }
    let rule = match result.metadata.mode {
        FetchMode::Parallel => {
            "All sources are asked at once, and the first one in listed order that has a usable ad wins."
        }
        FetchMode::Race => "All sources are asked at once, and the first usable ad in time wins.",
        FetchMode::Sequential => "The sources are asked one after another, and the first usable ad wins.",
        FetchMode::Staggered => {
            "The sources are asked in order, the next one also when one is slow; the first usable ad in time wins."
        }
        FetchMode::Collect => "All sources are asked, and the best of all usable ads are chosen.",
        _ => return None,
    };
    Some(format!("Mode {}: {rule}", result.metadata.mode))
}

/// The order, if it is not that of the list.
fn order(result: &FetchResult) -> Option<String> {
    let order = result.metadata.order.as_ref().filter(|order| order.strategy != SourceOrder::Listed)?;
    let names: Vec<&str> = order.sources.iter().map(|name| &**name).collect();
    let drawn = if order.is_exploration { "; the first one was drawn to measure its time again" } else { "" };
    Some(format!("The order of this request by `{}` is {}{drawn}.", order.strategy.as_str(), listed(&names)))
}

/// Why a source has no ad in an answer.
fn loser(source: &SourceReport, result: &FetchResult) -> String {
    let tier = if source.tier == TierKind::Fallback { " (fallback)" } else { "" };
    match source.outcome {
        Outcome::Filled => {
            format!("{}{tier} had a usable ad that was not chosen{}.", source.name, passed_over(source, result))
        }
        _ => ended_with(source, tier),
    }
}

/// Why the first ad of a source was not chosen.
fn passed_over(source: &SourceReport, result: &FetchResult) -> String {
    let mut own = result.candidates.iter().filter(|candidate| candidate.source == source.name);
    let not_chosen = own.find(|candidate| candidate.verdict == CandidateVerdict::PassedOver);
    let rejection = not_chosen.and_then(|candidate| candidate.rejection.as_ref());
    rejection.map_or_else(String::new, |rejection| format!(": {}", rejection.message))
}

/// How a source ended, as a sentence.
pub(super) fn ended(source: &SourceReport) -> String {
    ended_with(source, "")
}

fn ended_with(source: &SourceReport, tier: &str) -> String {
    let who = format!("{}{tier}", source.name);
    let reason = source.reason.as_ref().map(ToString::to_string).unwrap_or_default();
    match (source.outcome, &source.reason) {
        (Outcome::Filled, _) => format!("{who} had a usable ad."),
        (Outcome::NoAd, Some(EndReason::Failure(failure))) if failure.message != "no ad" && !source.hops.is_empty() => {
            format!("{who} had no ad: {reason}.")
        }
        (Outcome::NoAd, _) => format!("{who} had no ad."),
        (Outcome::Rejected, _) => format!("{who} had only ads that were rejected: {reason}."),
        (Outcome::Failed, _) => format!("{who} failed: {reason}."),
        (Outcome::Cancelled, Some(EndReason::NotRead)) => {
            format!("{who} had answered too, but another source won before its answer was needed.")
        }
        (Outcome::Cancelled, _) => format!("{who} had not ended: {reason}."),
        (Outcome::Skipped, _) => format!("{who} was not asked: {reason}."),
        (Outcome::NotStarted, _) => format!("{who} was not asked, because the request was settled before its turn."),
    }
}
