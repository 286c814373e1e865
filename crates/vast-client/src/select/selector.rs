//! The choice among usable ads, which a program can replace.

use super::candidate::Candidate;
use super::selection::Selection;
use crate::error::{Rejection, RejectionReason};
use crate::policy::TierKind;
use crate::request::Slot;

/// Chooses among usable ads. [`DefaultSelector`](super::DefaultSelector) is the default.
pub trait Selector: Send + Sync + 'static {
    /// Whether `candidates`, which are in the order of the mode, are enough, so that no more ads are requested.
    /// Default: one ad is enough.
    ///
    /// The method is called at these steps, which `progress` names: after a stand-alone ad of a document was resolved
    /// ([`TierStep::Document`]), when a source ends ([`TierStep::Running`]), and when a tier is over
    /// ([`TierStep::Over`]). The step decides the consequences of `true` and `false`: see [`TierStep`]. `candidates`
    /// may be empty. [`FetchMode::Collect`](crate::FetchMode::Collect) ignores the value at `Running`, because it waits
    /// for all sources.
    ///
    /// To compare the ads of all sources return `false` at `Running`; to compare also the alternative ads of one document, or to
    /// fill a break from them, return `false` at `Document` too.
    fn enough(&self, candidates: &[&Candidate], progress: TierProgress, slot: &Slot) -> bool {
        let _ = (progress, slot);
        !candidates.is_empty()
    }

    /// Chooses the answer among `candidates`, which are in the order of the mode.
    fn select(&self, candidates: Vec<Candidate>, slot: &Slot) -> Selection;
}

/// Asks whether these candidates are enough. Most requests have one candidate, which needs no list.
pub(crate) fn is_enough<'c>(
    selector: &dyn Selector,
    mut candidates: impl Iterator<Item = &'c Candidate>,
    progress: TierProgress,
    slot: &Slot,
) -> bool {
    let Some(first) = candidates.next() else { return selector.enough(&[], progress, slot) };
    let Some(second) = candidates.next() else { return selector.enough(&[first], progress, slot) };
    let all: Vec<&Candidate> = [first, second].into_iter().chain(candidates).collect();
    selector.enough(&all, progress, slot)
}

impl Selector for std::sync::Arc<dyn Selector> {
    fn enough(&self, candidates: &[&Candidate], progress: TierProgress, slot: &Slot) -> bool {
        (**self).enough(candidates, progress, slot)
    }

    fn select(&self, candidates: Vec<Candidate>, slot: &Slot) -> Selection {
        (**self).select(candidates, slot)
    }
}

/// The tier that is being asked, and its step, when [`Selector::enough`] is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct TierProgress {
    /// Whether the tier is that of the primary sources or that of the fallbacks.
    pub tier: TierKind,
    /// The step of the tier.
    pub step: TierStep,
}

impl TierProgress {
    /// The progress of this tier at this step.
    pub const fn new(tier: TierKind, step: TierStep) -> Self {
        Self { tier, step }
    }
}

/// The step of a tier. It decides the consequence if the ads are enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TierStep {
    /// A stand-alone ad of a document was resolved, and the document may have more. The candidates are the usable ads of the
    /// earlier tiers and those of this document. `true`: the other ads of the document are not resolved. `false`: the next one
    /// is resolved, which costs the requests for its wrappers, and it becomes a candidate too. A pod is always resolved as a
    /// whole.
    Document,
    /// A source has ended, and other sources of the tier have not. `true`: the others are cancelled or not asked.
    /// `false`: the request continues, at most until its deadline.
    Running,
    /// All sources of the tier have ended, or its time is over. `true`: the next tier is not asked. `false`: it is asked, if there
    /// is one.
    Over,
}

/// A selector that calls a function: see [`select_with`].
#[derive(Debug, Clone, Copy)]
pub struct SelectWith<F>(F);

/// A [`Selector`] that chooses with `select` and has the default of [`Selector::enough`]: one usable ad is enough at
/// every step. `select` therefore sees the ads of more than one source only with
/// [`FetchMode::Collect`](crate::FetchMode::Collect), and of the stand-alone ads of a document only the first usable
/// one, because `enough` is `true` at [`TierStep::Document`]. To compare all of them, or to fill a break, implement
/// [`Selector`] with an `enough` that is `false` at that step.
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
    fn select(&self, candidates: Vec<Candidate>, slot: &Slot) -> Selection {
        (self.0)(candidates, slot)
    }
}

/// SELECT: the choice of `selector` among the candidates of the type that the slot prefers most. In a break of a playlist the answer
/// is read as the first type of the break, and as the next one where it has no such ad (VMAP 1.0.1 section 2.4).
pub(crate) fn of_preferred_type(selector: &dyn Selector, candidates: Vec<Candidate>, slot: &Slot) -> Selection {
    let mut types = slot.break_types.iter();
    let Some(taken) = types.find(|kind| candidates.iter().any(|candidate| candidate.kind() == *kind)) else {
        return selector.select(candidates, slot);
    };
    let (preferred, others) = candidates.into_iter().partition(|candidate| candidate.kind() == taken);
    let mut selection = selector.select(preferred, slot);
    let message = format!("the break prefers {} ads", taken.as_str());
    let pass_over = |other| (other, Rejection::new(RejectionReason::Linearity, message.clone()));
    selection.passed_over.extend(Vec::into_iter(others).map(pass_over));
    selection
}
