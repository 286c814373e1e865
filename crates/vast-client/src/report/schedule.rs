//! The breaks of a playlist (VMAP), each with its result.

use std::time::Duration;

use vast_xml::model::Vast;
use vast_xml::vmap::{AdBreak, AdData, AdSource, Vmap};

use super::result::{BreakResult, FetchResult, Schedule};
use crate::breaks::{self, Occurrence, ScheduledBreak};
use crate::error::{ErrorType, Failure};
use crate::journal::{EndReason, Outcome, SkipReason};
use crate::select::Candidate;
use crate::track::BreakRef;

impl Schedule {
    /// Whether at least one break has an ad.
    pub fn is_filled(&self) -> bool {
        self.breaks.iter().any(BreakResult::success)
    }

    /// The results of the breaks that were run.
    pub fn answers(&self) -> impl Iterator<Item = &FetchResult> {
        self.breaks.iter().filter_map(|one| one.answer.as_ref())
    }

    /// When the breaks play in a content of this length: see [`breaks::timeline`].
    pub fn timeline(&self, content: Option<Duration>) -> Vec<Occurrence> {
        let breaks: Vec<_> = self.breaks.iter().map(BreakResult::scheduled).collect();
        breaks::timeline(&breaks, content)
    }

    /// The playlist with the ads of the answer: every break holds its resolved ads as VAST, without wrappers
    /// ([`FetchResult::flatten`]), and no ad tag. A break without an ad keeps its offset and its trackers and holds an empty VAST.
    pub fn flatten(&self) -> Vmap {
        self.flatten_with(FetchResult::flatten)
    }

    /// [`flatten`](Self::flatten) with the ads of each break as `write` writes them, for example with [`FetchResult::flatten_with`].
    /// The trackers of the breaks themselves stay as they are.
    pub fn flatten_with<'a>(&'a self, mut write: impl FnMut(&'a FetchResult) -> Vast) -> Vmap {
        let mut playlist = Vmap::new();
        playlist.version = self.version.clone().or(playlist.version);
        playlist.extensions.clone_from(&self.extensions);
        playlist.breaks = self.breaks.iter().map(|one| one.written(&mut write)).collect();
        playlist
    }

    pub(crate) fn ads_mut(&mut self) -> impl Iterator<Item = &mut Candidate> {
        self.breaks.iter_mut().filter_map(|one| one.answer.as_mut()).flat_map(|answer| &mut answer.ads)
    }
}

impl BreakResult {
    pub(crate) fn new(ad_break: AdBreak, outcome: Outcome, reason: Option<EndReason>, answer: FetchResult) -> Self {
        // SELECT may take none of the usable ads, for example where they are too short for the break.
        let is_refused = outcome == Outcome::Filled && !answer.success;
        let (outcome, reason) = if is_refused {
            let mut rejections = answer.candidates.iter().filter_map(|candidate| candidate.rejection.as_ref());
            let message = rejections.next().map_or("no ad was chosen".into(), |rejection| rejection.message.clone());
            (Outcome::Rejected, Some(EndReason::Failure(Failure::new(ErrorType::Filtered, message))))
        } else {
            (outcome, reason)
        };
        Self { ad_break, outcome, reason, answer: Some(answer) }
    }

    pub(crate) fn skipped(ad_break: AdBreak, reason: SkipReason) -> Self {
        Self { ad_break, outcome: Outcome::Skipped, reason: Some(EndReason::Skipped(reason)), answer: None }
    }

    /// Whether the break has an ad.
    pub fn success(&self) -> bool {
        self.answer.as_ref().is_some_and(|answer| answer.success)
    }

    /// The ads of the break, in order of play.
    pub fn ads(&self) -> &[Candidate] {
        self.answer.as_ref().map_or(&[], |answer| &answer.ads)
    }

    /// The total duration of the ads of the break.
    pub fn duration(&self) -> Duration {
        self.ads().iter().filter_map(Candidate::duration).sum()
    }

    fn scheduled(&self) -> ScheduledBreak {
        let is_over_content = self.ads().first().is_some_and(|ad| ad.linear().is_none());
        let running = if is_over_content { self.duration() } else { Duration::ZERO };
        ScheduledBreak { offset: self.ad_break.time_offset, repeat_after: self.ad_break.repeat_after, running }
    }

    /// The break with its ads as `write` writes them.
    fn written<'a>(&'a self, write: &mut dyn FnMut(&'a FetchResult) -> Vast) -> AdBreak {
        let mut one = self.ad_break.clone();
        let vast = self.answer.as_ref().map_or_else(FetchResult::empty_document, write);
        let source = one.source.get_or_insert_with(AdSource::default);
        source.data = Some(AdData::Vast(Box::new(vast)));
        one
    }
}

impl FetchResult {
    /// The trackers of the break with this number and the data to call them, for
    /// [`Tracker::track_break`](crate::track::Tracker::track_break). `None` if the answer has no such break.
    pub fn break_ref(&self, number: usize) -> Option<BreakRef<'_>> {
        let schedule = self.schedule.as_ref()?;
        let one = schedule.breaks.get(number)?;
        Some(BreakRef {
            request_id: &self.metadata.request_id,
            consent: &self.request.consent,
            number,
            trackers: &one.ad_break.tracking_events,
            tree: &schedule.tree,
        })
    }
}
