//! The document of an answer.

use std::time::Duration;

use bytes::Bytes;
use vast_client::journal::EndReason;
use vast_client::report::Schedule;
use vast_client::xml::convert::{self, write_version};
use vast_client::xml::model::Vast;
use vast_client::xml::vmap::{self, AdBreak, AdData, AdSource, BreakType, TimeOffset, Vmap};
use vast_client::xml::{self, Version};
use vast_client::{ErrorType, FetchResult, Outcome};

use crate::beacon::AnswerSealer;
use crate::outcome::AnswerOutcome;

/// How the request ended, for the caller of the gateway.
pub(crate) fn outcome_of(result: &FetchResult) -> AnswerOutcome {
    let failed = result.sources.iter().filter(|source| source.outcome == Outcome::Failed);
    let kind = |reason: &EndReason| match reason {
        EndReason::Failure(failure) => Some(failure.error_type),
        _ => None,
    };
    let types: Vec<_> = failed.map(|source| source.reason.as_ref().and_then(kind)).collect();
    match (result.success, &*types) {
        (true, _) => AnswerOutcome::Filled,
        (false, []) => AnswerOutcome::NoAd,
        (false, types) if types.iter().all(|kind| *kind == Some(ErrorType::Timeout)) => AnswerOutcome::Timeout,
        (false, _) => AnswerOutcome::Failed,
    }
}

/// The result whose ads go into an answer that is no playlist. For a playlist this is the result of its first break with an ad.
pub(crate) fn without_breaks(result: &FetchResult) -> &FetchResult {
    let of_break = result.schedule.as_ref().and_then(|schedule| schedule.answers().find(|answer| answer.success));
    of_break.unwrap_or(result)
}

/// The ads as VAST in `version`, or in that of the ad server's document. Of a playlist it is the first break with an ad. With a
/// `sealer`, sealed URLs stand in place of the trackers.
pub(crate) fn vast<'a>(
    result: &'a FetchResult,
    version: Option<Version>,
    sealer: Option<&mut AnswerSealer<'a>>,
) -> Bytes {
    let result = without_breaks(result);
    let is_version = |read: Option<&str>| version.is_none_or(|version| read == Some(version.as_str()));
    let read = result.document.as_ref().and_then(|document| document.version.as_deref());
    if let Some(sealer) = sealer {
        return Bytes::from(written(&sealed(result, sealer), version));
    }
    // Nothing has to change, so nothing can be lost.
    if let Some(own) = result.own_document().filter(|_| is_version(read)) {
        return own.clone();
    }
    Bytes::from(written(&result.flatten(), version))
}

fn sealed<'a>(result: &'a FetchResult, sealer: &mut AnswerSealer<'a>) -> Vast {
    sealer.with_ads(&result.ads);
    result.flatten_with(sealer)
}

fn written(document: &Vast, version: Option<Version>) -> String {
    match version {
        Some(version) => write_version(&convert::to_version(document, version).vast, version),
        None => xml::write(document),
    }
}

/// The answer as VMAP: the breaks of a playlist, each with its ads, or one break with the ads. In a content of the length `content`,
/// breaks that are never due are left out. `is_postroll`: one break is after the content.
pub(crate) fn vmap<'a>(
    result: &'a FetchResult,
    version: Option<Version>,
    content: Option<Duration>,
    is_postroll: bool,
    mut sealer: Option<&mut AnswerSealer<'a>>,
) -> Bytes {
    let mut write = |result: &'a FetchResult| match &mut sealer {
        Some(sealer) => sealed(result, sealer),
        None => result.flatten(),
    };
    let mut playlist = match &result.schedule {
        Some(schedule) => due_breaks(schedule, content, write),
        None => one_break(result, write(result), is_postroll),
    };
    let sources = playlist.breaks.iter_mut().filter_map(|one| one.source.as_mut());
    for data in sources.filter_map(|source| source.data.as_mut()) {
        if let (AdData::Vast(document), Some(version)) = (data, version) {
            **document = convert::to_version(document, version).vast;
        }
    }
    Bytes::from(vmap::write(&playlist))
}

fn due_breaks<'a>(
    schedule: &'a Schedule,
    content: Option<Duration>,
    write: impl FnMut(&'a FetchResult) -> Vast,
) -> Vmap {
    let mut playlist = schedule.flatten_with(write);
    if content.is_some() {
        let due = schedule.timeline(content);
        let is_due = |number: usize| due.iter().any(|occurrence| occurrence.number == number);
        let mut number = 0;
        playlist.breaks.retain(|_| {
            number += 1;
            is_due(number - 1)
        });
    }
    playlist
}

fn one_break(result: &FetchResult, ads: Vast, is_postroll: bool) -> Vmap {
    let mut source = AdSource::default();
    source.allow_multiple_ads = Some(true);
    source.data = Some(AdData::Vast(Box::new(ads)));
    let mut one = AdBreak::default();
    one.time_offset = Some(if is_postroll { TimeOffset::End } else { TimeOffset::Start });
    one.break_types = vec![BreakType::Linear];
    one.break_id = result.request.break_id.as_deref().map(Into::into);
    one.source = Some(source);
    let mut playlist = Vmap::new();
    playlist.breaks = vec![one];
    playlist
}
