//! [`Story`]: the whole story of a request.

use vast_client::FetchResult;
use vast_client::recording::{ReceivedDocument, Recording};
use vast_client::report::BreakResult;
use vast_client::transport::ExchangePlace;

use super::asked::{self, AskingTime};
use super::course::{self, Step};
use super::due::Due;
use super::ending::StoryEnding;
use super::exchanges::{self, ExchangeSpan};
use super::limits::{self, LimitHit};
use super::reasons;
use crate::change::Alternative;
use crate::statement::Statement;

/// The story of a request. Every part borrows from the result.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Story<'a> {
    /// The result that is explained.
    pub result: &'a FetchResult,
    /// How the request ended. Its [`Display`](std::fmt::Display) is the first sentence.
    pub ending: StoryEnding<'a>,
    /// Why it ended so: first the rule that chose the winner, then one sentence for each source without an ad in the answer.
    pub reasons: Vec<Statement>,
    /// When each source was asked, and why then: in the order of [`FetchResult::sources`]; `None` for a source that was not asked.
    pub asked: Vec<Option<AskingTime<'a>>>,
    /// What happened, in order of time.
    pub course: Vec<Step<'a>>,
    /// The exchanges and documents of all sources with their beginning and end.
    pub exchanges: Vec<ExchangeSpan<'a>>,
    /// The limits that fired, in order of time.
    pub limits: Vec<LimitHit<'a>>,
    /// The trackers that were called, the error reports that are due, and the trackers that the player calls later.
    pub due: Due<'a>,
    /// What would have changed the outcome. Empty unless [`with_alternatives`](Self::with_alternatives) adds it.
    pub alternatives: Vec<Alternative>,
    /// The breaks of a playlist, each with its own story. Empty if the answer is no playlist.
    pub breaks: Vec<BreakStory<'a>>,
    /// The documents as received, as far as they are known.
    pub documents: Vec<ReceivedDocument>,
}

/// A break of a playlist.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct BreakStory<'a> {
    /// The break and its outcome.
    pub result: &'a BreakResult,
    /// The story of the request for its ads; `None` for a break that was not run.
    pub story: Option<Box<Story<'a>>>,
}

impl<'a> Story<'a> {
    /// The story of this result. It has the own document of the winning source only, if the request keeps it
    /// ([`keep_raw`](vast_client::FetchConfig::keep_raw)); [`with_documents`](Self::with_documents) replaces the documents.
    pub fn new(result: &'a FetchResult) -> Self {
        let asked = asked::of(result);
        let schedule = result.schedule.iter().flat_map(|schedule| &schedule.breaks);
        let breaks = schedule.map(|one| BreakStory {
            result: one,
            story: one.answer.as_ref().map(|answer| Box::new(Self::new(answer))),
        });
        let own = result.raw_response.iter().filter_map(|raw| {
            let place = ExchangePlace::of_source(&**result.source.as_ref()?);
            Some(ReceivedDocument::new(place, result.source_url.as_deref()?, raw.clone()))
        });
        Self {
            result,
            ending: StoryEnding::of(result),
            reasons: reasons::of(result),
            course: course::of(result, &asked),
            asked,
            exchanges: exchanges::of(result),
            limits: limits::of(result),
            due: Due::of(result),
            alternatives: Vec::new(),
            breaks: breaks.collect(),
            documents: own.collect(),
        }
    }

    /// The story of this result of a recorded request, with the documents of the recording.
    pub fn of_recording(result: &'a FetchResult, recording: &Recording) -> Self {
        Self::new(result).with_documents(recording.received())
    }

    /// The same story with these documents.
    #[must_use]
    pub fn with_documents(mut self, documents: Vec<ReceivedDocument>) -> Self {
        self.documents = documents;
        self
    }

    /// The same story with what would have changed the outcome: [`alternatives`](crate::alternatives).
    #[must_use]
    pub fn with_alternatives(mut self, alternatives: Vec<Alternative>) -> Self {
        self.alternatives = alternatives;
        self
    }
}
