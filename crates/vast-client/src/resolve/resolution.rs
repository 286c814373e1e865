//! What came of a document, or of one of its ads, and all below it.

use crate::error::Failure;
use crate::select::Candidate;

/// What came of a document, or of one of its ads, and all below it.
#[derive(Debug, Default)]
pub(crate) struct Resolution {
    /// The usable ads, in order of play.
    pub(crate) candidates: Vec<Candidate>,
    /// What went wrong, in order of play.
    pub(crate) failures: Vec<Failure>,
}

impl Resolution {
    pub(super) fn usable(candidate: Candidate) -> Self {
        Self { candidates: vec![candidate], failures: Vec::new() }
    }

    pub(super) fn failed(failure: Failure) -> Self {
        Self { candidates: Vec::new(), failures: vec![failure] }
    }

    pub(super) fn add(&mut self, other: Self) {
        self.candidates.extend(other.candidates);
        self.failures.extend(other.failures);
    }

    /// Gives ads without a position in a pod that of the ad whose place they take.
    pub(super) fn stand_at(&mut self, sequence: Option<u32>) {
        for candidate in &mut self.candidates {
            candidate.ad.sequence = candidate.ad.sequence.or(sequence);
        }
    }

    /// The ads beyond the first `most`.
    pub(super) fn cut(&mut self, most: usize) -> Vec<Candidate> {
        self.candidates.split_off(most.min(self.candidates.len()))
    }
}
