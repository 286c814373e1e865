//! The choice among usable ads, which a program can replace.

use super::candidate::Candidate;
use super::selection::Selection;
use crate::policy::TierKind;
use crate::request::Slot;

/// Chooses among usable ads. [`DefaultSelector`](super::DefaultSelector) is the default.
pub trait Selector: Send + Sync + 'static {
    /// Whether `candidates`, in order, are enough. They are the usable ads of all tiers so far. The consequence of
    /// `true` depends on the step in `progress`: see [`TierStep`].
    fn enough(&self, candidates: &[&Candidate], progress: TierProgress, slot: &Slot) -> bool;

    /// Chooses the answer among `candidates`, which are in the order of the mode.
    fn select(&self, candidates: Vec<Candidate>, slot: &Slot) -> Selection;
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
    /// This step of this tier.
    pub const fn new(tier: TierKind, step: TierStep) -> Self {
        Self { tier, step }
    }
}

/// The step of a tier. It decides the consequence if the ads are enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TierStep {
    /// An ad of a source's document is usable, and the document has more ads. If the ads are enough, the others are not
    /// resolved. The candidates are the ads of the earlier tiers and those of this document.
    Document,
    /// A source has ended, and other sources of the tier have not. When the ads are enough, the others are cancelled or not asked.
    Running,
    /// All sources of the tier have ended, or its time is over. When the ads are enough, the next tier is not asked.
    Over,
}

/// A selector made of a function: see [`select_with`].
#[derive(Debug, Clone, Copy)]
pub struct SelectWith<F>(F);

/// A [`Selector`] that chooses with `select`. One usable ad is enough, except with
/// [`FetchMode::Collect`](crate::FetchMode::Collect), which waits for all sources. Of the stand-alone ads of a document
/// only the first usable one is resolved. To compare all of them, or to fill a break, implement [`Selector`] with an
/// `enough` that is `false` at [`TierStep::Document`].
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
    fn enough(&self, candidates: &[&Candidate], _: TierProgress, _: &Slot) -> bool {
        !candidates.is_empty()
    }

    fn select(&self, candidates: Vec<Candidate>, slot: &Slot) -> Selection {
        (self.0)(candidates, slot)
    }
}
