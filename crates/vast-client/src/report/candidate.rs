//! The ads that were checked.

use std::sync::Arc;

use vast_xml::Text;

use crate::select::{Candidate, Rejection, RejectionReason, Selection};

/// An ad that was checked.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct CandidateReport {
    /// The source.
    pub source: Arc<str>,
    /// The number of the document that the ad is in; 0 is the source's own document.
    pub hop: u32,
    /// `Ad@id`.
    pub ad_id: Option<Text>,
    /// The judgement.
    pub verdict: CandidateVerdict,
    /// The reason, if the ad is not in the answer.
    pub rejection: Option<Rejection>,
    /// The VAST error code that is reported: the ad was rejected, or removed from the end of a pod whose other ads are
    /// played.
    pub vast_error_code: Option<u16>,
}

/// The verdict on an ad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "json", derive(schemars::JsonSchema))]
pub enum CandidateVerdict {
    /// The ad is in the answer.
    Kept,
    /// The ad is usable, but other ads were chosen.
    PassedOver,
    /// The ad is not usable.
    Rejected,
}

impl CandidateVerdict {
    /// The name used in results.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

impl CandidateReport {
    /// All ads that were checked: those of `selection`, then those that were `rejected`.
    pub(super) fn all(selection: &Selection, mut rejected: Vec<Self>) -> Vec<Self> {
        let usable = |candidate: &Candidate, verdict, rejection: Option<&Rejection>| Self {
            source: Arc::clone(&candidate.ad.tree.source),
            hop: candidate.ad.hop(),
            ad_id: candidate.ad.id.clone(),
            verdict,
            rejection: rejection.cloned(),
            vast_error_code: rejection.and_then(|rejection| selection.code_of(candidate, rejection)),
        };
        let mut all = Vec::with_capacity(selection.chosen.len() + selection.passed_over.len() + rejected.len());
        all.extend(selection.chosen.iter().map(|candidate| usable(candidate, CandidateVerdict::Kept, None)));
        all.extend(selection.passed_over.iter().map(|(candidate, rejection)| {
            // If the whole break has no ad, no other ad was chosen.
            let is_rejected = rejection.reason == RejectionReason::BreakTooShort;
            let verdict = if is_rejected { CandidateVerdict::Rejected } else { CandidateVerdict::PassedOver };
            usable(candidate, verdict, Some(rejection))
        }));
        all.append(&mut rejected);
        all
    }
}
