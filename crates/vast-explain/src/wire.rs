//! The JSON of `vast diff --format json`. Its JSON Schema is docs/schema/diff.json.
//!
//! A list without entries is present and empty. Any other value that is absent is left out; it is never `null`.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde::Serialize;
use vast_client::FetchResult;

use crate::diff::DiffRow;

/// What differs between two documents, or between the answers to two recorded requests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct DiffResult<'a> {
    /// The version of this format.
    pub schema: u32,
    /// Whether nothing differs.
    pub equal: bool,
    /// The first input: a URL, a path or `stdin`.
    pub a: &'a str,
    /// The second input.
    pub b: &'a str,
    /// How the first request was answered; absent for a document.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "AnswerSummary")]
    pub a_answer: Option<AnswerSummary>,
    /// How the second request was answered; absent for a document.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "AnswerSummary")]
    pub b_answer: Option<AnswerSummary>,
    /// A row for each difference: those of the request or document as a whole first, then by ad.
    pub differences: Vec<DiffRow>,
}

/// How a request was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct AnswerSummary {
    /// The id of the request.
    pub request_id: String,
    /// The source that won; absent without an ad.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub winner: Option<String>,
    /// Each source, in the order of the configuration.
    pub sources: Vec<SourceOutcome>,
}

/// How a source ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct SourceOutcome {
    /// The name of the source.
    pub name: String,
    /// The outcome, with the names that the result of a request has, for example `filled` or `no_ad`.
    pub outcome: &'static str,
}

impl<'a> DiffResult<'a> {
    /// The value of [`schema`](Self::schema).
    pub const SCHEMA: u32 = 1;

    /// The differences between the inputs `a` and `b`.
    pub fn new(a: &'a str, b: &'a str, differences: Vec<DiffRow>) -> Self {
        let equal = differences.is_empty();
        Self { schema: Self::SCHEMA, equal, a, b, a_answer: None, b_answer: None, differences }
    }

    /// Says how the two requests were answered.
    #[must_use]
    pub fn with_answers(mut self, a: &FetchResult, b: &FetchResult) -> Self {
        (self.a_answer, self.b_answer) = (Some(AnswerSummary::from(a)), Some(AnswerSummary::from(b)));
        self
    }
}

impl From<&FetchResult> for AnswerSummary {
    fn from(answer: &FetchResult) -> Self {
        let outcome = |name: &str, outcome| SourceOutcome { name: name.to_owned(), outcome };
        Self {
            request_id: answer.metadata.request_id.clone(),
            winner: answer.source.as_deref().map(str::to_owned),
            sources: answer.sources.iter().map(|source| outcome(&source.name, source.outcome.as_str())).collect(),
        }
    }
}

/// The JSON Schema (draft 2020-12) of [`DiffResult`]. The file docs/schema/diff.json is made from it.
pub fn schema() -> Schema {
    SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<DiffResult<'static>>()
}
