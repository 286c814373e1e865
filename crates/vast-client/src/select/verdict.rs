//! Decides whether an ad is usable. RESOLVE and SELECT both call this pure function.

use vast_xml::model::{Creative, Linear, MediaFile};
use vast_xml::vmap::BreakType;

use super::categories;
use super::conditions;
use super::filter::ParseFilter;
use super::media::{self, MediaChoice};
use super::mime::{self, MediaKind};
use crate::ad::ResolvedAd;
use crate::error::{Rejection, RejectionReason};
use crate::request::Slot;

/// The result of [`verdict`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The ad can be played. The choice has its files that fit.
    Usable(MediaChoice),
    /// The ad cannot be played or does not pass the filter.
    Rejected(Rejection),
}

/// Whether `ad` fits `slot` and passes `filter`: no wrapper blocks its categories, it has a linear creative whose
/// duration is within the bounds, and at least one media file has an http(s) URL, a type and an API that the player
/// supports, and meets all bounds on media at once. If there are several linear creatives, the first usable one is
/// used. [`Slot::any_creative`] drops the conditions on creatives and files.
pub fn verdict(ad: &ResolvedAd, slot: &Slot, filter: &ParseFilter) -> Verdict {
    match judge(ad, slot, filter) {
        Ok(choice) => Verdict::Usable(choice),
        Err(rejection) => Verdict::Rejected(rejection),
    }
}

fn judge(ad: &ResolvedAd, slot: &Slot, filter: &ParseFilter) -> Result<MediaChoice, Rejection> {
    conditions::check_ad(ad, filter)?;
    categories::check(ad, filter)?;
    let choice = match judge_creatives(ad, slot, filter) {
        Err(_) if slot.any_creative => {
            MediaChoice::new(ad.inline.creatives.iter().position(|one| one.linear.is_some()).unwrap_or_default(), [])
        }
        choice => choice?,
    };
    conditions::check_companions(ad, slot)?;
    Ok(choice)
}

/// The first usable creative of the first type that the slot accepts.
fn judge_creatives(ad: &ResolvedAd, slot: &Slot, filter: &ParseFilter) -> Result<MediaChoice, Rejection> {
    let mut first_problem = None;
    for kind in slot.ad_types() {
        let judged = match kind {
            BreakType::Linear => judge_linears(ad, slot, filter),
            BreakType::NonLinear => judge_non_linears(ad, slot),
            BreakType::Display => judge_display(ad),
            _ => continue,
        };
        match judged {
            Ok(choice) => return Ok(choice),
            Err(rejection) => first_problem = first_problem.or(rejection),
        }
    }
    Err(first_problem.unwrap_or_else(|| unwanted(&ad.inline.creatives, slot)))
}

/// The first usable linear creative, or the problem of the first one.
fn judge_linears(ad: &ResolvedAd, slot: &Slot, filter: &ParseFilter) -> Result<MediaChoice, Option<Rejection>> {
    let mut first_problem = None;
    for (index, creative) in ad.inline.creatives.iter().enumerate() {
        let Some(linear) = &creative.linear else { continue };
        match judge_linear(ad, index, linear, slot, filter) {
            Ok(choice) => return Ok(choice),
            Err(rejection) => drop(first_problem.get_or_insert(rejection)),
        }
    }
    Err(first_problem)
}

/// The first usable nonlinear creative, or the problem of the first one.
fn judge_non_linears(ad: &ResolvedAd, slot: &Slot) -> Result<MediaChoice, Option<Rejection>> {
    let mut first_problem = None;
    let creatives = ad.inline.creatives.iter().enumerate();
    let non_linears = creatives.filter_map(|(index, creative)| Some((index, creative.non_linear_ads.as_ref()?)));
    for (index, non_linear) in non_linears.flat_map(|(index, ads)| ads.non_linears.iter().map(move |ad| (index, ad))) {
        match conditions::check_non_linear(non_linear, slot) {
            Ok(()) => return Ok(MediaChoice::new(index, [])),
            Err(rejection) => drop(first_problem.get_or_insert(rejection)),
        }
    }
    Err(first_problem)
}

/// The first creative with companions. Whether the host can show them is checked for all ads.
fn judge_display(ad: &ResolvedAd) -> Result<MediaChoice, Option<Rejection>> {
    let has_companions =
        |creative: &Creative| creative.companion_ads.as_ref().is_some_and(|ads| !ads.companions.is_empty());
    let display = ad.inline.creatives.iter().position(has_companions);
    display.map(|creative| MediaChoice::new(creative, [])).ok_or(None)
}

fn judge_linear(
    ad: &ResolvedAd,
    creative: usize,
    linear: &Linear,
    slot: &Slot,
    filter: &ParseFilter,
) -> Result<MediaChoice, Rejection> {
    conditions::check_linear(linear, slot, filter)?;
    let mut passing = Vec::with_capacity(linear.media_files.len());
    let mut problems = Vec::new();
    for (index, file) in linear.media_files.iter().enumerate() {
        match judge_file(file, slot).and_then(|()| filter.check_media(file, linear.duration, ad.ad_type.as_ref())) {
            Ok(()) => passing.push(index),
            Err(rejection) => problems.push((index, rejection)),
        }
    }
    if passing.is_empty() {
        return Err(sum_up(problems.into_iter().map(|(_, problem)| problem).collect()));
    }
    Ok(media::choose(creative, linear, passing, problems, slot))
}

fn judge_file(file: &MediaFile, slot: &Slot) -> Result<(), Rejection> {
    if file.url.is_empty() {
        return Err(Rejection::new(RejectionReason::NoMediaFile, "media file without a URL"));
    }
    if !is_http(&file.url) {
        let scheme = file.url.split(':').next().unwrap_or_default();
        return Err(Rejection::new(RejectionReason::Scheme, format!("scheme {scheme} is not http or https")));
    }
    if !slot.supports_api(file.api_framework.as_deref()) {
        let name = file.api_framework.as_deref().unwrap_or_default();
        return Err(Rejection::new(RejectionReason::ApiFramework, format!("needs the API {name}")));
    }
    check_type(file, slot)?;
    media::check_profile(file, slot)
}

/// Checks that the player can play the type of a file: video, audio, manifests, and files with an API or a type that
/// the slot lists. A file is accepted if its type is unknown and its URL does not show it; if such a file is chosen,
/// the result has a warning.
fn check_type(file: &MediaFile, slot: &Slot) -> Result<(), Rejection> {
    let Some(essence) = mime::of_file(file) else { return Ok(()) };
    let is_played = mime::kind(&essence) != MediaKind::Other;
    let runs_on_api = || slot.lists_api(file.api_framework.as_deref());
    let is_listed =
        || slot.mime_types.iter().any(|listed| mime::essence(listed).is_some_and(|listed| listed == essence));
    if is_played || runs_on_api() || is_listed() {
        return Ok(());
    }
    Err(Rejection::new(RejectionReason::MimeType, format!("type {essence} cannot be played")))
}

/// Whether a URL is an absolute http(s) URL, or a URL without a scheme (`//host/path`), which gets the scheme of its
/// document.
fn is_http(url: &str) -> bool {
    if url.starts_with("https://") || url.starts_with("http://") {
        return true;
    }
    let starts = |prefix: &str| url.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    starts("http://") || starts("https://") || url.starts_with("//") || !url.contains(':')
}

/// One rejection for a creative without a usable file: the most frequent reason, and each different message.
fn sum_up(mut problems: Vec<Rejection>) -> Rejection {
    let Some(most_shared) =
        problems.iter().map(|problem| problem.reason).max_by_key(|reason| count(&problems, *reason))
    else {
        return Rejection::new(RejectionReason::NoMediaFile, "no media file");
    };
    if problems.len() == 1 {
        return problems.swap_remove(0);
    }
    let files = problems.len();
    // The renditions of one video often fail for the same reason, so each message appears once.
    let mut words: Vec<&str> = Vec::with_capacity(files);
    for problem in &problems {
        if !words.contains(&&*problem.message) {
            words.push(&problem.message);
        }
    }
    Rejection::new(most_shared, format!("none of {files} media files can be used: {}", words.join("; ")))
}

fn count(problems: &[Rejection], reason: RejectionReason) -> usize {
    problems.iter().filter(|problem| problem.reason == reason).count()
}

/// The rejection of an ad that has no creative of a type that the slot accepts.
fn unwanted(creatives: &[Creative], slot: &Slot) -> Rejection {
    let has_other = creatives.iter().any(|creative| {
        creative.linear.is_some() || creative.non_linear_ads.is_some() || creative.companion_ads.is_some()
    });
    if !slot.break_types.is_empty() && has_other {
        let types: Vec<&str> = slot.break_types.iter().map(BreakType::as_str).collect();
        let message = format!("no creative of the types of the break ({})", types.join(", "));
        return Rejection::new(RejectionReason::Linearity, message);
    }
    if creatives.is_empty() {
        Rejection::new(RejectionReason::NoCreative, "an ad without a creative")
    } else if creatives.iter().any(|creative| creative.non_linear_ads.is_some()) {
        Rejection::new(RejectionReason::Linearity, "nonlinear ad where a linear one is wanted")
    } else {
        Rejection::new(RejectionReason::AdType, "no linear creative")
    }
}

#[cfg(test)]
mod tests;
