//! The choice among usable ads.

use std::time::Duration;

use vast_xml::model::{Linear, MediaFile};

use super::media::MediaChoice;
use super::mime;
use crate::ad::ResolvedAd;
use crate::error::{Rejection, RejectionReason};
use crate::journal::TreeWarning;
use crate::request::Slot;

/// A usable ad.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The index of its source in the order in which the sources are asked, fallbacks after sources.
    pub lane: usize,
    /// The ad.
    pub ad: ResolvedAd,
    /// Its media files that fit, best first.
    pub media: MediaChoice,
}

impl Candidate {
    /// The linear creative that would be played.
    pub fn linear(&self) -> Option<&Linear> {
        self.ad.inline.creatives.get(self.media.creative)?.linear.as_ref()
    }

    /// The media file that would be played.
    pub fn media_file(&self) -> Option<&MediaFile> {
        self.linear()?.media_files.get(self.media.best())
    }

    /// Warnings about the creative and the media file that would be played: what the document should say about them and does
    /// not.
    pub(crate) fn warnings(&self) -> impl Iterator<Item = (TreeWarning, &'static str)> {
        let no_duration = self.linear().is_some_and(|linear| linear.duration.is_none());
        let no_type = self.media_file().is_some_and(|file| mime::of_file(file).is_none());
        let no_duration = no_duration.then_some((TreeWarning::NoDuration, "the linear creative has no Duration"));
        let message = "the media file has no type, and its URL has no known ending";
        let no_type = no_type.then_some((TreeWarning::NoMediaType, message));
        no_duration.into_iter().chain(no_type)
    }

    /// The running time of the creative that would be played.
    pub fn duration(&self) -> Option<Duration> {
        self.linear()?.duration
    }
}

/// The outcome of SELECT.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Selection {
    /// The answer, in the order of play.
    pub chosen: Vec<Candidate>,
    /// Usable ads that are not part of it, each with the reason.
    pub passed_over: Vec<(Candidate, Rejection)>,
}

impl Selection {
    /// The answer `chosen`, in the order of play, and the usable ads that were passed over, each with the reason.
    pub fn new(chosen: Vec<Candidate>, passed_over: Vec<(Candidate, Rejection)>) -> Self {
        Self { chosen, passed_over }
    }

    /// The VAST error code for the error URLs of an ad that was passed over: 206 when it was cut from the end of a pod of which
    /// other ads play (VAST 4.3 sections 2.3.6.3 and 3.3.1), else `None`.
    pub(crate) fn code_of(&self, candidate: &Candidate, rejection: &Rejection) -> Option<u16> {
        let is_of_pod = |candidate: &Candidate| candidate.ad.sequence.is_some();
        let plays = || self.chosen.iter().any(|chosen| chosen.lane == candidate.lane && is_of_pod(chosen));
        let is_cut = rejection.reason == RejectionReason::SlotFull && is_of_pod(candidate) && plays();
        is_cut.then(|| rejection.reason.vast_error_code())
    }

    /// The ads that were passed over and get an error report, with the code.
    pub(crate) fn reported(&self) -> impl Iterator<Item = (&Candidate, u16)> {
        let code = |(candidate, rejection): &'_ (Candidate, Rejection)| self.code_of(candidate, rejection);
        self.passed_over.iter().filter_map(move |passed_over| Some((&passed_over.0, code(passed_over)?)))
    }
}

/// Chooses among usable ads. [`InOrder`] is the default.
pub trait Selector: Send + Sync + 'static {
    /// Whether `candidates`, in order, are enough. It is called when a source has ended; after `true` no further source is asked.
    fn enough(&self, candidates: &[&Candidate], slot: &Slot) -> bool;

    /// Chooses the answer among `candidates`, which are in the order of the mode.
    fn select(&self, candidates: Vec<Candidate>, slot: &Slot) -> Selection;
}

impl Selector for std::sync::Arc<dyn Selector> {
    fn enough(&self, candidates: &[&Candidate], slot: &Slot) -> bool {
        (**self).enough(candidates, slot)
    }

    fn select(&self, candidates: Vec<Candidate>, slot: &Slot) -> Selection {
        (**self).select(candidates, slot)
    }
}

/// A selector made of a function: see [`select_with`].
#[derive(Debug, Clone, Copy)]
pub struct SelectWith<F>(F);

/// A [`Selector`] that chooses with `select`. Usable ads are enough as soon as there is one; with
/// [`FetchMode::Collect`](crate::FetchMode::Collect) all sources are waited for nevertheless.
///
/// ```
/// use vast_client::select::{Selection, select_with};
///
/// // Only the last ad.
/// let last = select_with(|mut candidates, _slot| Selection::new(candidates.pop().into_iter().collect(), Vec::new()));
/// # let _ = vast_client::VastClient::builder().selector(last);
/// ```
pub fn select_with<F>(select: F) -> SelectWith<F>
where
    F: Fn(Vec<Candidate>, &Slot) -> Selection + Send + Sync + 'static,
{
    SelectWith(select)
}

impl<F> Selector for SelectWith<F>
where
    F: Fn(Vec<Candidate>, &Slot) -> Selection + Send + Sync + 'static,
{
    fn enough(&self, candidates: &[&Candidate], _: &Slot) -> bool {
        !candidates.is_empty()
    }

    fn select(&self, candidates: Vec<Candidate>, slot: &Slot) -> Selection {
        (self.0)(candidates, slot)
    }
}

/// The default: the ads of the first source that has usable ones, or, when the slot is a break, ads in order as long as
/// they fit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct InOrder;

impl Selector for InOrder {
    fn enough(&self, candidates: &[&Candidate], slot: &Slot) -> bool {
        let Some(length) = slot.break_duration else { return !candidates.is_empty() };
        let mut filling = Filling::new(length, slot);
        for candidate in candidates {
            drop(filling.offer(candidate));
        }
        filling.is_full()
    }

    fn select(&self, candidates: Vec<Candidate>, slot: &Slot) -> Selection {
        match slot.break_duration {
            Some(length) => fill(candidates, Filling::new(length, slot)),
            None => first_source(candidates, slot.max_ads),
        }
    }
}

/// The ads of the first source, cut from the end when there are too many (VAST 4.3 section 3.3.1).
fn first_source(candidates: Vec<Candidate>, max_ads: Option<usize>) -> Selection {
    let winner = candidates.first().map(|candidate| candidate.lane);
    let most = max_ads.unwrap_or(usize::MAX);
    let mut selection = Selection::default();
    for candidate in candidates {
        if Some(candidate.lane) != winner {
            let rejection = Rejection::new(RejectionReason::SlotFull, "another source's ad was taken");
            selection.passed_over.push((candidate, rejection));
        } else if selection.chosen.len() >= most {
            let rejection = Rejection::new(RejectionReason::SlotFull, format!("the slot takes {most} ads"));
            selection.passed_over.push((candidate, rejection));
        } else {
            selection.chosen.push(candidate);
        }
    }
    selection
}

fn fill(candidates: Vec<Candidate>, mut filling: Filling) -> Selection {
    let mut selection = Selection::default();
    for candidate in candidates {
        match filling.offer(&candidate) {
            Ok(()) => selection.chosen.push(candidate),
            Err(rejection) => selection.passed_over.push((candidate, rejection)),
        }
    }
    selection
}

/// The state of filling a break.
struct Filling {
    left: Duration,
    tolerance: Duration,
    places: usize,
    /// The lanes whose pod has been cut: a pod loses ads from its end only (VAST 4.3 section 3.3.1).
    cut: Vec<usize>,
}

impl Filling {
    fn new(length: Duration, slot: &Slot) -> Self {
        Self {
            left: length,
            tolerance: slot.break_tolerance,
            places: slot.max_ads.unwrap_or(usize::MAX),
            cut: Vec::new(),
        }
    }

    /// Takes an ad, or gives the reason why it does not fit.
    fn offer(&mut self, candidate: &Candidate) -> Result<(), Rejection> {
        let taken = self.takes(candidate);
        match taken {
            Ok(()) => self.take(candidate),
            Err(_) if candidate.ad.sequence.is_some() => self.cut.push(candidate.lane),
            Err(_) => {}
        }
        taken
    }

    fn takes(&self, candidate: &Candidate) -> Result<(), Rejection> {
        let no = |message| Err(Rejection::new(RejectionReason::SlotFull, message));
        match candidate.duration() {
            _ if self.places == 0 => no("the break has all the ads it takes".to_owned()),
            _ if candidate.ad.sequence.is_some() && self.cut.contains(&candidate.lane) => {
                no("an ad before it in its pod did not fit".to_owned())
            }
            None => no("an ad without a duration cannot be fitted into a break".to_owned()),
            Some(duration) if duration > self.left => {
                no(format!("{} s do not fit into the {} s left", duration.as_secs_f64(), self.left.as_secs_f64()))
            }
            Some(_) => Ok(()),
        }
    }

    fn take(&mut self, candidate: &Candidate) {
        self.left = self.left.saturating_sub(candidate.duration().unwrap_or_default());
        self.places -= 1;
    }

    fn is_full(&self) -> bool {
        self.places == 0 || self.left <= self.tolerance
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(lane: usize, seconds: u32) -> Candidate {
        let linear = format!("<Creative><Linear><Duration>00:00:{seconds:02}</Duration></Linear></Creative>");
        Candidate { lane, ad: ResolvedAd::of_creatives(&linear), media: MediaChoice { creative: 0, files: vec![0] } }
    }

    /// The seconds of the ads that play, and of those that get an error report, of pods given as lane and seconds.
    fn of_pods(slot: &Slot, ads: &[(usize, u32)]) -> (Vec<u64>, Vec<u64>) {
        let of_pod = |(place, (lane, seconds)): (usize, &(usize, u32))| {
            let mut candidate = candidate(*lane, *seconds);
            candidate.ad.sequence = u32::try_from(place + 1).ok();
            candidate
        };
        let selection = InOrder.select(ads.iter().enumerate().map(of_pod).collect(), slot);
        let seconds = |candidate: &Candidate| candidate.duration().map_or(0, |duration| duration.as_secs());
        (
            selection.chosen.iter().map(seconds).collect(),
            selection.reported().map(|(candidate, _)| seconds(candidate)).collect(),
        )
    }

    #[test]
    fn r110_a_pod_is_cut_from_its_end_only_and_the_ads_cut_off_get_an_error_report() {
        let one = Slot { max_ads: Some(1), ..Slot::linear() };
        assert_eq!(
            of_pods(&one, &[(0, 10), (0, 11), (1, 12)]),
            (vec![10], vec![11]),
            "the pod of another source gets no error report"
        );
        let half_a_minute = Slot { break_duration: Some(Duration::from_secs(30)), ..Slot::linear() };
        assert_eq!(of_pods(&half_a_minute, &[(0, 10), (0, 25), (0, 5)]), (vec![10], vec![25, 5]));
        assert_eq!(of_pods(&half_a_minute, &[(0, 10), (0, 25), (1, 5)]), (vec![10, 5], vec![25]));
        assert_eq!(of_pods(&half_a_minute, &[(0, 40), (1, 30)]), (vec![30], vec![]), "nothing of the first pod plays");
    }

    fn chosen(slot: &Slot, lanes: &[(usize, u32)]) -> (bool, Vec<(usize, u64)>) {
        let candidates: Vec<_> = lanes.iter().map(|(lane, seconds)| candidate(*lane, *seconds)).collect();
        let enough = InOrder.enough(&candidates.iter().collect::<Vec<_>>(), slot);
        let selection = InOrder.select(candidates, slot);
        assert_eq!(selection.chosen.len() + selection.passed_over.len(), lanes.len(), "no ad is lost");
        let shown = |candidate: &Candidate| (candidate.lane, candidate.duration().unwrap_or_default().as_secs());
        (enough, selection.chosen.iter().map(shown).collect())
    }

    #[test]
    fn without_a_break_the_first_sources_ads_are_the_answer() {
        let slot = Slot::linear();
        assert_eq!(chosen(&slot, &[]), (false, vec![]));
        assert_eq!(chosen(&slot, &[(1, 15), (1, 20), (0, 30)]), (true, vec![(1, 15), (1, 20)]));
        let one = Slot { max_ads: Some(1), ..slot };
        assert_eq!(chosen(&one, &[(1, 15), (1, 20)]), (true, vec![(1, 15)]));
    }

    #[test]
    fn a_break_is_filled_in_order_and_is_full_within_its_tolerance() {
        let slot = Slot { break_duration: Some(Duration::from_secs(45)), ..Slot::linear() };
        assert_eq!(chosen(&slot, &[(0, 30)]), (false, vec![(0, 30)]));
        assert_eq!(chosen(&slot, &[(0, 30), (1, 20), (2, 14)]), (true, vec![(0, 30), (2, 14)]));
        assert_eq!(chosen(&slot, &[(0, 50), (1, 13)]), (false, vec![(1, 13)]));
        let two = Slot { max_ads: Some(2), ..slot };
        assert_eq!(chosen(&two, &[(0, 5), (1, 5), (2, 5)]), (true, vec![(0, 5), (1, 5)]));
    }
}
