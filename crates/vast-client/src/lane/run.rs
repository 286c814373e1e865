//! A lane: FETCH, PARSE and RESOLVE for one source of a request. The result is the usable ads, or nothing. All other
//! facts are recorded in the journal.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Either};

use super::PlannedSource;
use super::reading_order::ReadingPlace;
use crate::breaks::{self, FinishedPlaylist};
use crate::context::{LaneCache, LaneContext, LaneRules, RequestContext};
use crate::error::Failure;
use crate::fetch::{Fetched, Prepared, document_of_url, own_document};
use crate::journal::{EndReason, Fact, LaneLog, Outcome};
use crate::memory::{SourceMemory, Turn};
use crate::policy::{Deadline, TierKind, TimeLimit};
use crate::request::Privacy;
use crate::resolve::{DocumentPlace, OwnDocument, ReadAnswer, ReadPlaylist, Resolution, WrapperWalk};
use crate::select::Candidate;
use crate::transport::AddressRule;

/// The result of a lane with usable ads, or of a lane whose source answered with a playlist.
#[derive(Debug)]
pub(crate) struct LaneAnswer {
    /// The number of the lane.
    pub(crate) lane: usize,
    pub(crate) content: AnswerContent,
}

/// The content of a source's answer.
#[derive(Debug)]
pub(crate) enum AnswerContent {
    /// The usable ads of a VAST document, in order of play, and the document. There is at least one ad.
    Ads(Vec<Candidate>, OwnDocument),
    /// A playlist. Its breaks have run, each like a separate VAST document; perhaps none of them has an ad.
    Playlist(FinishedPlaylist),
}

impl LaneAnswer {
    /// The usable ads outside of playlists.
    pub(crate) fn candidates(&self) -> &[Candidate] {
        match &self.content {
            AnswerContent::Ads(candidates, _) => candidates,
            AnswerContent::Playlist(_) => &[],
        }
    }

    /// Whether it is a playlist, and a break of it has an ad.
    pub(crate) fn is_filled_playlist(&self) -> bool {
        matches!(&self.content, AnswerContent::Playlist(playlist) if playlist.is_filled())
    }
}

/// The answers of all lanes, taken apart.
pub(crate) struct LaneAnswers {
    /// The usable ads, in the order of the answers.
    pub(crate) candidates: Vec<Candidate>,
    /// The documents of the sources, each with its lane.
    pub(crate) documents: Vec<(usize, OwnDocument)>,
    /// The playlist that is the answer, with its lane. Where no source has an ad, the first playlist, so that its breaks are in
    /// the result.
    pub(crate) playlist: Option<(usize, FinishedPlaylist)>,
}

impl LaneAnswers {
    /// Takes `answers` apart, best placed first. The first one with an ad decides whether the answer is a playlist or ads: the breaks
    /// of a playlist cannot be mixed with ads of other sources.
    pub(crate) fn of(answers: Vec<LaneAnswer>) -> Self {
        let first = answers.iter().find(|answer| answer.is_filled_playlist() || !answer.candidates().is_empty());
        let has_ads = first.is_some_and(|first| !first.candidates().is_empty());
        let wanted = first.map(|first| first.lane);
        let mut all = Self { candidates: Vec::new(), documents: Vec::with_capacity(answers.len()), playlist: None };
        for LaneAnswer { lane, content } in answers {
            match content {
                AnswerContent::Ads(candidates, document) if has_ads => {
                    if all.candidates.is_empty() {
                        all.candidates = candidates;
                    } else {
                        all.candidates.extend(candidates);
                    }
                    all.documents.push((lane, document));
                }
                AnswerContent::Playlist(playlist)
                    if !has_ads && all.playlist.is_none() && wanted.is_none_or(|wanted| wanted == lane) =>
                {
                    all.playlist = Some((lane, playlist));
                }
                _ => {}
            }
        }
        all
    }
}

/// The tier of a lane.
#[derive(Clone, Copy)]
pub(super) struct LaneInTier<'a> {
    pub(super) kind: TierKind,
    /// The usable ads of the earlier tiers.
    pub(super) earlier: &'a [&'a Candidate],
    /// The place in the order of reading, if documents are not read as they arrive.
    pub(super) reading: Option<ReadingPlace<'a>>,
}

/// Runs the lane of `source`, a source of this tier, under its deadline. `turn` is the turn of the lane at its source. It is no async function,
/// whose future would have places for its arguments beside the lane.
pub(super) fn run<'a>(
    request: &'a Arc<RequestContext>,
    source: &'a PlannedSource,
    log: LaneLog,
    deadline: Deadline,
    tier: LaneInTier<'a>,
    turn: &'a mut Turn<'_>,
) -> impl Future<Output = Option<LaneAnswer>> + Send {
    let mut context = LaneContext::new(request, &source.rules(), log, deadline);
    context.set_timed_by_caller();
    let mut lane = SourceLane { source, context, tier, turn };
    async move {
        let end = {
            // Pinned here, because a future that is given away is copied.
            let mut stages = pin!(lane.stages());
            // The loop of the tier polls the lane at its deadline, so that it needs no timer.
            poll_fn(|context| match stages.as_mut().poll(context) {
                Poll::Ready(end) => Poll::Ready(Ok(end)),
                Poll::Pending if request.journal.last_tick() >= deadline.at() => Poll::Ready(Err(deadline.limit())),
                Poll::Pending => Poll::Pending,
            })
            .await
        };
        match lane.end(end) {
            Either::Left(answer) => answer,
            Either::Right(breaks) => breaks.await,
        }
    }
}

/// What the stages of a lane need. It is one struct, so that the future of each stage has one pointer instead of several.
struct SourceLane<'a, 't> {
    source: &'a PlannedSource,
    context: LaneContext,
    tier: LaneInTier<'a>,
    turn: &'a mut Turn<'t>,
}

impl SourceLane<'_, '_> {
    /// FETCH, PARSE and RESOLVE of the source. A playlist is only read. Each failure is in the journal already.
    fn stages(&mut self) -> impl Future<Output = Result<SourceAnswer, Vec<Failure>>> + Send {
        async move {
            let (own, read) = match self.read_own_document().await {
                Ok((ReadAnswer::Vast(read), raw)) => (OwnDocument::of(&read, raw), read),
                Ok((ReadAnswer::Playlist(playlist), raw)) => return Ok(SourceAnswer::Playlist(playlist, raw)),
                Err(failure) => {
                    self.context.log().record(Fact::Failed { hop: 0, failure: failure.clone() });
                    return Err(vec![failure]);
                }
            };
            let walk = WrapperWalk::new(&self.context, self.tier.kind, self.tier.earlier);
            let Resolution { candidates, failures } = walk.run(read).await;
            if candidates.is_empty() { Err(failures) } else { Ok(SourceAnswer::Ads(candidates, own)) }
        }
    }

    /// FETCH and PARSE: the source's own document, and its bytes if they are kept.
    fn read_own_document(&mut self) -> impl Future<Output = Result<(ReadAnswer, Option<Bytes>), Failure>> + Send {
        async move {
            let began = self.context.log().since_request();
            let (prepared, fetched) = self.own_document_in_turn().await?;
            let raw = self.context.settings().keep_raw.then(|| fetched.body.clone());
            let place = DocumentPlace { hop: 0, wrapper: None, url: prepared.url, began };
            Ok((ReadAnswer::read(&self.context, place, fetched).await?, raw))
        }
    }

    /// FETCH: the source's own document, when it is its turn to be read. This is a future of its own, so that the memory that the request
    /// needed is used again for the document.
    fn own_document_in_turn(&mut self) -> impl Future<Output = Result<(Prepared, Fetched), Failure>> + Send {
        async move {
            let (prepared, fetched) = own_document(&self.source.source, &mut self.context).await?;
            let lane = &self.context;
            lane.check_time()?;
            if let Some(place) = self.tier.reading.filter(|place| place.must_wait(&fetched.body)) {
                self.turn.responded();
                lane.log().keep();
                place.wait(lane).await;
                lane.log().read();
            }
            Ok((prepared, fetched))
        }
    }

    /// Ends the lane, unless its source answered with a playlist. Its breaks are run in a box, because few sources answer so, and the future
    /// of every lane would be as large as this one.
    fn end(
        &mut self,
        end: Result<Result<SourceAnswer, Vec<Failure>>, TimeLimit>,
    ) -> Either<Option<LaneAnswer>, BoxFuture<'_, Option<LaneAnswer>>> {
        let Self { source, context: lane, tier, turn } = self;
        if lane.is_from_cache() {
            turn.forget();
        }
        let log = lane.log();
        Either::Left(match end {
            Ok(Ok(SourceAnswer::Ads(candidates, document))) => {
                log.end(Outcome::Filled, None);
                Some(LaneAnswer { lane: log.lane(), content: AnswerContent::Ads(candidates, document) })
            }
            Ok(Ok(SourceAnswer::Playlist(playlist, raw))) => {
                turn.responded();
                // The deadline of the lane is that of the playlist itself: each break has its own.
                let source_timeout = source.source_timeout.unwrap_or(lane.limits().source_limit());
                return Either::Right(run_breaks(lane, tier.kind, playlist, raw, source_timeout).boxed());
            }
            Ok(Err(failures)) => {
                let failure = Resolution::worst(failures);
                let outcome = Outcome::of_failure(&failure);
                log.end(outcome, Some(EndReason::of_failure(failure)));
                None
            }
            Err(limit) => {
                log.fail(0, Failure::timeout(limit));
                None
            }
        })
    }
}

/// Runs the breaks of a playlist and ends the lane. The source is filled when one of its breaks is.
async fn run_breaks(
    lane: &LaneContext,
    tier: TierKind,
    playlist: ReadPlaylist,
    raw: Option<Bytes>,
    source_timeout: Duration,
) -> Option<LaneAnswer> {
    let log = lane.log();
    match breaks::run(lane, tier, playlist, raw, source_timeout).await {
        Ok(playlist) => {
            playlist
                .failures()
                .for_each(|(number, failure)| log.record(Fact::BreakFailed { number, failure: Box::new(failure) }));
            if playlist.is_filled() {
                log.end(Outcome::Filled, None);
            } else {
                let failure = playlist.failure();
                log.end(Outcome::of_failure(&failure), Some(EndReason::of_failure(failure)));
            }
            Some(LaneAnswer { lane: log.lane(), content: AnswerContent::Playlist(playlist) })
        }
        Err(failure) => {
            log.fail(0, failure);
            None
        }
    }
}

/// Only FETCH: gets the source's own document without parsing it.
pub(crate) async fn fetch(
    request: &Arc<RequestContext>,
    source: &PlannedSource,
    log: LaneLog,
    deadline: Deadline,
) -> Result<Fetched, Failure> {
    let mut lane = LaneContext::new(request, &source.rules(), log, deadline);
    let fetched = deadline.within(own_document(&source.source, &mut lane)).await;
    fetched.unwrap_or_else(|limit| Err(Failure::timeout(limit))).map(|(_, fetched)| fetched)
}

/// Only FETCH: gets the document at `url`, a URL that another document contains. The request and its redirects may
/// connect to the addresses that `rule` permits.
pub(crate) async fn get(
    request: &Arc<RequestContext>,
    url: &str,
    rule: &AddressRule,
    deadline: Deadline,
) -> Result<Fetched, Failure> {
    let (source, privacy, cache) = (Arc::from(url), Privacy::default(), LaneCache::default());
    let memory = Arc::new(SourceMemory::new(&source));
    let allow_private = rule.allow_private;
    let rules = LaneRules { source: &source, privacy: &privacy, allow_private, cache, memory: &memory, is_tag: true };
    let log = LaneLog::begin(&request.journal, 0);
    let mut lane = LaneContext::new(request, &rules, log, deadline);
    lane.set_origin(rule.named.clone());
    let fetched = deadline.within(document_of_url(&lane, url, None)).await;
    fetched.unwrap_or_else(|limit| Err(Failure::timeout(limit)))
}

/// The result of FETCH, PARSE and RESOLVE for a source.
enum SourceAnswer {
    /// The usable ads of its VAST document, at least one.
    Ads(Vec<Candidate>, OwnDocument),
    /// A playlist, whose breaks have not run, and its bytes if they are kept.
    Playlist(ReadPlaylist, Option<Bytes>),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::room_of_future;

    #[test]
    fn a_lane_takes_little_room() {
        type Asked = (&'static Arc<RequestContext>, &'static PlannedSource, LaneLog, Deadline);
        type Place = (LaneInTier<'static>, &'static mut Turn<'static>);
        let lane = |((request, source, log, deadline), (tier, turn)): (Asked, Place)| {
            run(request, source, log, deadline, tier, turn)
        };
        assert!(room_of_future(lane) <= 800, "{}", room_of_future(lane));
    }
}
