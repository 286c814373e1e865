//! The choice among usable ads, which a program can replace.

use super::candidate::Candidate;
use super::selection::Selection;
use crate::request::Slot;

/// Chooses among usable ads. [`DefaultSelector`](super::DefaultSelector) is the default.
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
