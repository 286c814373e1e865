//! The outcome of SELECT.

use super::candidate::Candidate;
use crate::error::{Rejection, RejectionReason};

/// The outcome of SELECT.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Selection {
    /// The answer, in the order of play.
    pub chosen: Vec<Candidate>,
    /// Usable ads that are not part of the answer, each with the reason.
    pub passed_over: Vec<(Candidate, Rejection)>,
    /// Whether a better answer may exist: there were more ads than can be compared exactly.
    pub is_approximate: bool,
}

impl Selection {
    /// The answer `chosen`, in the order of play, and the usable ads that were passed over, each with the reason.
    pub fn new(chosen: Vec<Candidate>, passed_over: Vec<(Candidate, Rejection)>) -> Self {
        Self { chosen, passed_over, is_approximate: false }
    }

    /// The VAST error code for the error URLs of an ad that was passed over: 206 when it was cut from the end of a pod of which
    /// other ads play (VAST 4.3 sections 2.3.6.3 and 3.3.1), else `None`.
    pub(crate) fn code_of(&self, candidate: &Candidate, rejection: &Rejection) -> Option<u16> {
        let is_cut = self.chosen.iter().any(|chosen| chosen.is_of_same_pod(candidate));
        (is_cut && rejection.reason.is_preference()).then_some(RejectionReason::SlotFull.vast_error_code())
    }

    /// The ads that were passed over and get an error report, with the code.
    pub(crate) fn reported(&self) -> impl Iterator<Item = (&Candidate, u16)> {
        let code = |(candidate, rejection): &'_ (Candidate, Rejection)| self.code_of(candidate, rejection);
        self.passed_over.iter().filter_map(move |passed_over| Some((&passed_over.0, code(passed_over)?)))
    }
}
