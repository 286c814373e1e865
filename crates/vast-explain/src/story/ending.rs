//! How a request ended.

use std::fmt;
use std::time::Duration;

use vast_client::select::Candidate;
use vast_client::{FetchResult, Outcome};

use super::names::{listed, winners};
use super::reasons;
use crate::statement::Tone;
use crate::units;

/// With more sources than this, the first sentence counts them instead of naming each.
const MOST_NAMED: usize = 3;

/// How a request ended.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum StoryEnding<'a> {
    /// There are ads.
    Ads(&'a FetchResult),
    /// The answer is a playlist, and at least one of its breaks has an ad.
    Playlist(&'a FetchResult),
    /// There is no ad.
    NoAd(&'a FetchResult),
}

impl<'a> StoryEnding<'a> {
    pub(super) fn of(result: &'a FetchResult) -> Self {
        match (&result.schedule, result.success) {
            (_, false) => Self::NoAd(result),
            (Some(_), true) => Self::Playlist(result),
            (None, true) => Self::Ads(result),
        }
    }

    /// Whether it is good or bad news.
    pub fn tone(&self) -> Tone {
        match self {
            Self::Ads(_) | Self::Playlist(_) => Tone::Good,
            Self::NoAd(result) if result.sources.iter().any(|source| source.outcome == Outcome::Failed) => Tone::Bad,
            Self::NoAd(_) => Tone::Warning,
        }
    }
}

impl fmt::Display for StoryEnding<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ads(result) => ads(result, f),
            Self::Playlist(result) => playlist(result, f),
            Self::NoAd(result) => no_ad(result, f),
        }
    }
}

fn ads(result: &FetchResult, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let after = units::elapsed(result.metadata.elapsed);
    let names = winners(result);
    let who = listed(&names);
    match result.ads.as_slice() {
        [ad] => write!(f, "{who} won after {after} with {}.", described(ad)),
        ads => {
            let total: Duration = ads.iter().filter_map(Candidate::duration).sum();
            let (count, length) = (units::count(ads.len(), "ad"), units::length(total));
            write!(f, "{who} won after {after} with {count} of {length} together.")
        }
    }
}

/// An ad in words: its title and its id, as far as it has them.
fn described(ad: &Candidate) -> String {
    let title = ad.ad.inline.ad_title.as_deref().map(str::trim).filter(|title| !title.is_empty());
    let id = ad.ad.id.as_deref().filter(|id| !id.is_empty());
    match (title, id) {
        (Some(title), Some(id)) => format!("the ad \"{title}\" (id {id})"),
        (Some(title), None) => format!("the ad \"{title}\""),
        (None, Some(id)) => format!("the ad with id {id}"),
        (None, None) => "an ad without a title".to_owned(),
    }
}

fn playlist(result: &FetchResult, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let breaks = result.schedule.as_ref().map_or(&[][..], |schedule| &schedule.breaks);
    let filled = breaks.iter().filter(|one| one.success()).count();
    let (name, after) = (result.source.as_deref().unwrap_or_default(), units::elapsed(result.metadata.elapsed));
    write!(f, "{name} won after {after} with a playlist: {filled} of {} have ads.", units::count(breaks.len(), "break"))
}

fn no_ad(result: &FetchResult, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (after, sources) = (units::elapsed(result.metadata.elapsed), result.sources.len());
    if sources > MOST_NAMED {
        return write!(f, "No ad after {after} from {sources} sources: {}.", counted(result));
    }
    let each: Vec<String> = result.sources.iter().map(reasons::ended).collect();
    let each: Vec<&str> = each.iter().map(|one| one.trim_end_matches('.')).collect();
    write!(f, "No ad after {after}: {}.", if each.is_empty() { "no source".to_owned() } else { each.join("; ") })
}

/// The sources counted by outcome: `5 had no ad, 2 failed`.
fn counted(result: &FetchResult) -> String {
    let outcomes = [
        (Outcome::NoAd, "had no ad"),
        (Outcome::Rejected, "had only rejected ads"),
        (Outcome::Failed, "failed"),
        (Outcome::Filled, "had an ad that was not chosen"),
        (Outcome::Skipped, "skipped by a rule"),
        (Outcome::Cancelled, "cancelled"),
        (Outcome::NotStarted, "not needed"),
    ];
    let count = |outcome| result.sources.iter().filter(|source| source.outcome == outcome).count();
    let parts = outcomes.map(|(outcome, words)| (count(outcome), words));
    let parts: Vec<String> =
        parts.iter().filter(|(number, _)| *number > 0).map(|(number, words)| format!("{number} {words}")).collect();
    parts.join(", ")
}
