//! The exchanges of a request with their beginning and end.

use std::time::Duration;

use vast_client::FetchResult;
use vast_client::journal::{Entry, Fact};

use crate::statement::Tone;

/// An attempt to get one document.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExchangeSpan<'a> {
    /// The number of the source in [`FetchResult::sources`].
    pub lane: usize,
    /// The number of the document; 0 is the source's own.
    pub hop: u32,
    /// The attempt, from 1; 0 for a document of the cache.
    pub attempt: u32,
    /// The URL that was requested.
    pub url: &'a str,
    /// When it began, since the request began.
    pub began: Duration,
    /// When it ended: the complete answer arrived, it failed, or its lane was cut.
    pub ended: Duration,
    /// The HTTP status, if an answer arrived.
    pub status: Option<u16>,
    /// The size of the answer as sent, in bytes, if it is complete.
    pub bytes: Option<u64>,
    /// The number of redirects that were followed.
    pub redirects: usize,
    /// Whether it gave a document.
    pub tone: Tone,
}

/// The exchanges of all sources in the order in which they began.
pub(super) fn of(result: &FetchResult) -> Vec<ExchangeSpan<'_>> {
    let mut spans: Vec<ExchangeSpan<'_>> = Vec::new();
    // The exchanges that have not ended, as numbers in `spans`.
    let mut open: Vec<usize> = Vec::new();
    for Entry { at, lane, fact, .. } in &result.journal {
        let of_document = |span: &ExchangeSpan<'_>, hop: u32| span.lane == *lane && span.hop == hop;
        match fact {
            Fact::Attempt { hop, number, url } => {
                open.push(spans.len());
                spans.push(span(*lane, *hop, *number, url, *at));
            }
            Fact::FromCache { hop, url, .. } => {
                spans.push(ExchangeSpan { tone: Tone::Plain, ..span(*lane, *hop, 0, url, *at) });
            }
            Fact::Redirected { hop, .. } => {
                if let Some(index) = open.iter().rev().find(|index| of_document(&spans[**index], *hop)) {
                    spans[*index].redirects += 1;
                }
            }
            Fact::Answered { hop, status, bytes, .. } => {
                if let Some(span) = close(&mut spans, &mut open, *at, |span| of_document(span, *hop)) {
                    (span.status, span.bytes, span.tone) = (*status, Some(*bytes), Tone::Plain);
                }
            }
            Fact::Failed { hop, failure } => {
                if let Some(span) = close(&mut spans, &mut open, *at, |span| of_document(span, *hop)) {
                    (span.status, span.tone) = (failure.status, Tone::Bad);
                }
            }
            Fact::Ended { .. } => while close(&mut spans, &mut open, *at, |span| span.lane == *lane).is_some() {},
            _ => {}
        }
    }
    spans
}

/// An exchange that has begun. Until its end is known, it counts as cut.
fn span(lane: usize, hop: u32, attempt: u32, url: &str, began: Duration) -> ExchangeSpan<'_> {
    let ended = began;
    ExchangeSpan { lane, hop, attempt, url, began, ended, status: None, bytes: None, redirects: 0, tone: Tone::Quiet }
}

/// Ends the first open exchange that matches.
fn close<'s, 'a>(
    spans: &'s mut [ExchangeSpan<'a>],
    open: &mut Vec<usize>,
    at: Duration,
    matches: impl Fn(&ExchangeSpan<'a>) -> bool,
) -> Option<&'s mut ExchangeSpan<'a>> {
    let place = open.iter().position(|index| matches(&spans[*index]))?;
    let span = spans.get_mut(open.remove(place))?;
    span.ended = at;
    Some(span)
}
