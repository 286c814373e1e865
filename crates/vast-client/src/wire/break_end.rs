//! How a break of a playlist ended.

use schemars::JsonSchema;
use serde::Serialize;

use super::metadata::Metadata;
use super::source::{Candidate, End, ErrorEntry, Source};
use crate::report::BreakResult;

/// How a break of a playlist ended. A break is run like a request, with the one source that it names.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct BreakEnd<'a> {
    /// Whether the break has an ad.
    pub success: bool,
    /// How the break ended.
    #[serde(flatten)]
    pub end: End<'a>,
    /// The source of the break with its outcome. Empty if the break was not run.
    pub sources: Vec<Source<'a>>,
    /// Every ad of the break that was checked.
    pub candidates: Vec<Candidate<'a>>,
    /// Every failure of the break in order of time. `vast_error_code` may be a code of VMAP (VMAP 1.0.1 section 2.5).
    pub errors: Vec<ErrorEntry<'a>>,
    /// Facts about the break as a whole. Absent if it was not run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Metadata<'a>>,
}

impl<'a> From<&'a BreakResult> for BreakEnd<'a> {
    fn from(one: &'a BreakResult) -> Self {
        let answer = || one.answer.iter();
        Self {
            success: one.success(),
            end: End::new(one.outcome, one.reason.as_ref()),
            sources: answer().flat_map(|answer| &answer.sources).map(Source::from).collect(),
            candidates: answer().flat_map(|answer| &answer.candidates).map(Candidate::from).collect(),
            errors: answer().flat_map(|answer| &answer.errors).map(ErrorEntry::from).collect(),
            metadata: one.answer.as_ref().map(|answer| Metadata::new(&answer.metadata, &answer.tracked)),
        }
    }
}
