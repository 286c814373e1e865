//! Runs the breaks of a playlist side by side. If one break fails, the other breaks still run.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt, stream};
use tracing::Instrument;
use vast_xml::Text;
use vast_xml::model::Extension;
use vast_xml::vmap::{AdBreak, AdData, BreakEvent};

use super::ad_data::{self, PlaylistPlace};
use super::error_code;
use crate::ad::resolve_urls;
use crate::context::{LaneContext, RequestContext};
use crate::error::{ErrorType, Failure};
use crate::journal::{EndReason, Fact, Journal, LaneLog, Outcome, SkipReason};
use crate::policy::{Deadline, TierKind, TimeLimit};
use crate::request::{Slot, SourceTree};
use crate::resolve::{ErrorReports, OwnDocument, ReadPlaylist, Resolution, WrapperRules, WrapperWalk};
use crate::select::Candidate;
use crate::transport::Target;

/// How many breaks run at once.
const AT_ONCE: usize = 8;

/// A playlist whose breaks have run.
#[derive(Debug)]
pub(crate) struct FinishedPlaylist {
    /// The document of the playlist.
    pub(crate) document: OwnDocument,
    pub(crate) tree: Arc<SourceTree>,
    pub(crate) extensions: Vec<Extension>,
    /// The breaks in document order.
    pub(crate) breaks: Vec<FinishedBreak>,
}

/// A break and how it ended.
#[derive(Debug)]
pub(crate) struct FinishedBreak {
    /// The break without the VAST that it contained. Its tracker URLs are absolute.
    pub(crate) ad_break: AdBreak,
    pub(crate) end: BreakEnd,
}

/// How a break ended.
#[derive(Debug)]
pub(crate) enum BreakEnd {
    /// The break was not run.
    Skipped(SkipReason),
    /// The break was run.
    Run(Box<BreakLane>),
}

/// The source, the ads and the failures of a break that was run, for SELECT and for the result.
pub(crate) struct BreakLane {
    pub(crate) request: Arc<RequestContext>,
    pub(crate) tier: TierKind,
    /// The URL of the ad tag of the break, or the URL of the playlist if the break has no ad tag.
    pub(crate) url: Arc<str>,
    /// The usable ads, in order of play.
    pub(crate) candidates: Vec<Candidate>,
    pub(crate) document: Option<OwnDocument>,
    pub(crate) outcome: Outcome,
    pub(crate) reason: Option<EndReason>,
    pub(crate) elapsed: Duration,
}

impl std::fmt::Debug for BreakLane {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BreakLane").field("url", &self.url).field("outcome", &self.outcome).finish_non_exhaustive()
    }
}

impl FinishedPlaylist {
    /// Whether a break has a usable ad.
    pub(crate) fn is_filled(&self) -> bool {
        self.breaks.iter().any(|one| one.outcome() == Outcome::Filled)
    }

    /// Why breaks that were run have no ad, each with its number. The message names the break.
    pub(crate) fn failures(&self) -> impl Iterator<Item = (usize, Failure)> {
        self.breaks.iter().enumerate().filter_map(|(number, one)| match &one.end {
            BreakEnd::Run(lane) => match &lane.reason {
                Some(EndReason::Failure(failure)) => Some((number, one.named(number, failure.clone()))),
                _ => None,
            },
            BreakEnd::Skipped(_) => None,
        })
    }

    /// Why no break has an ad: the failure that counts most. A break that was skipped because there are too many counts like one that
    /// failed, because it might have had an ad.
    pub(crate) fn failure(&self) -> Failure {
        let skipped = self.breaks.iter().enumerate().find_map(|(number, one)| match &one.end {
            BreakEnd::Skipped(reason @ SkipReason::MaxBreaks) => {
                Some(one.named(number, Failure::new(ErrorType::Limit, reason.to_string()).after_answer()))
            }
            _ => None,
        });
        if self.breaks.is_empty() {
            return Failure::new(ErrorType::NoAd, "a playlist without an ad break").after_answer();
        }
        Resolution::worst(self.failures().map(|(_, failure)| failure).chain(skipped).collect())
    }
}

impl FinishedBreak {
    /// The failure, with the name of the break in the message.
    fn named(&self, number: usize, mut failure: Failure) -> Failure {
        failure.message = match &self.ad_break.break_id {
            Some(id) => format!("break `{id}`: {}", failure.message).into(),
            None => format!("break {}: {}", number + 1, failure.message).into(),
        };
        failure
    }

    fn outcome(&self) -> Outcome {
        match &self.end {
            BreakEnd::Skipped(_) => Outcome::Skipped,
            BreakEnd::Run(lane) => lane.outcome,
        }
    }
}

/// Runs the breaks of a playlist of `lane`, [`AT_ONCE`] at a time, each within the timeout of the request and within
/// `source_timeout` from its own beginning. `raw` are the bytes of the playlist, if they are kept.
///
/// # Errors
/// A [`Failure`] when the request asks for a break that the playlist does not have.
pub(crate) async fn run(
    lane: &LaneContext,
    tier: TierKind,
    playlist: ReadPlaylist,
    raw: Option<Bytes>,
    source_timeout: Duration,
) -> Result<FinishedPlaylist, Failure> {
    let ReadPlaylist { info, base, vmap } = playlist;
    let wanted = lane.ad_request().break_id.as_deref();
    check_wanted(wanted, &vmap.breaks)?;
    let run = BreakRun { lane, tier, playlist: PlaylistPlace { info, base }, source_timeout };
    let most = lane.settings().strategy.cost.max_breaks;
    let mut left = most;
    let mut skip_reason = |one: &AdBreak| match wanted {
        Some(wanted) if one.break_id.as_deref() != Some(wanted) => Some(SkipReason::OtherBreak),
        _ if left == 0 => Some(SkipReason::MaxBreaks),
        _ => {
            left -= 1;
            None
        }
    };
    let breaks: Vec<_> = vmap.breaks.into_iter().map(|one| (skip_reason(&one), one)).collect();
    let rounds = u32::try_from((most - left).div_ceil(AT_ONCE)).unwrap_or(u32::MAX);
    lane.request_context().extend_for_breaks(run.limit().saturating_mul(rounds));
    // Each break is boxed only when it begins, because a playlist may have very many.
    let breaks = breaks.into_iter().enumerate().map(|(number, (skipped, one))| run.one(number, skipped, one));
    let mut breaks: Vec<_> = stream::iter(breaks).buffer_unordered(AT_ONCE).collect().await;
    breaks.sort_by_key(|(number, _)| *number);
    let breaks = breaks.into_iter().map(|(_, one)| one).collect();
    let tree = Arc::clone(lane.tree());
    let document = OwnDocument { info: run.playlist.info, root_errors: Vec::new(), raw, is_self_contained: false };
    Ok(FinishedPlaylist { document, tree, extensions: vmap.extensions, breaks })
}

fn check_wanted(wanted: Option<&str>, breaks: &[AdBreak]) -> Result<(), Failure> {
    let Some(wanted) = wanted else { return Ok(()) };
    let ids: Vec<&str> = breaks.iter().filter_map(|one| one.break_id.as_deref()).collect();
    if ids.contains(&wanted) {
        return Ok(());
    }
    const SHOWN: usize = 20;
    let mut known = ids.iter().take(SHOWN).map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ");
    if ids.len() > SHOWN {
        known.push_str(&format!(" and {} more", ids.len() - SHOWN));
    }
    let known = if ids.is_empty() { "its breaks have no ids".to_owned() } else { format!("it has {known}") };
    Err(Failure::new(ErrorType::UnknownBreak, format!("the playlist has no break `{wanted}`; {known}")).after_answer())
}

/// The values that all breaks of a playlist share.
struct BreakRun<'a> {
    lane: &'a LaneContext,
    tier: TierKind,
    playlist: PlaylistPlace,
    source_timeout: Duration,
}

impl BreakRun<'_> {
    /// How long a break may take.
    fn limit(&self) -> Duration {
        self.lane.request_context().timeout().min(self.source_timeout)
    }

    fn one(
        &self,
        number: usize,
        skipped: Option<SkipReason>,
        mut ad_break: AdBreak,
    ) -> BoxFuture<'_, (usize, FinishedBreak)> {
        let span = tracing::info_span!("break", number, id = ad_break.break_id.as_deref());
        let work = async move {
            self.resolve_trackers(&mut ad_break);
            let end = match skipped {
                Some(reason) => BreakEnd::Skipped(reason),
                None => BreakEnd::Run(Box::new(self.run(number, &mut ad_break).await)),
            };
            take_vast(&mut ad_break);
            (number, FinishedBreak { ad_break, end })
        };
        work.instrument(span).boxed()
    }

    /// Runs a break like a separate request.
    async fn run(&self, number: usize, ad_break: &mut AdBreak) -> BreakLane {
        let of_request = self.lane.request_context();
        let recorded = of_request.outside.as_ref().and_then(|outside| outside.fact_times(Some(number)));
        let journal = Journal::of_break(&of_request.journal).with_recorded_times(recorded);
        let now = journal.started();
        let timeout = self.lane.request_context().timeout();
        let deadline =
            Deadline::after(now, timeout, TimeLimit::Request).cut(now, self.source_timeout, TimeLimit::Source);
        let types = ad_data::ad_types(ad_break);
        let break_types = types.as_ref().cloned().unwrap_or_default();
        let slot = Slot { break_types, ..self.lane.ad_request().slot.clone() };
        let request = Arc::new(self.lane.request_context().of_break(slot, journal, deadline));
        let lane = self.lane.of_break(number, &request, LaneLog::begin(&request.journal, 0), deadline);
        let url = ad_data::label(ad_break, &self.playlist.info);
        let check = types.and_then(|_| ad_data::check_offset(ad_break));
        let stages = AssertUnwindSafe(self.stages(&lane, check, ad_break)).catch_unwind();
        let ads = match deadline.within(stages).await {
            Ok(Ok(ads)) => ads,
            Ok(Err(_)) => BreakAds::failed(&lane, Failure::new(ErrorType::Internal, "a bug: the break panicked")),
            Err(limit) => BreakAds::failed(&lane, Failure::timeout(limit)),
        };
        self.report(&lane, ad_break, &ads.failures);
        let BreakAds { candidates, document, failures } = ads;
        let (outcome, reason) = if candidates.is_empty() {
            let failure = Resolution::worst(failures);
            (Outcome::of_failure(&failure), Some(EndReason::of_failure(failure)))
        } else {
            (Outcome::Filled, None)
        };
        lane.log().end(outcome, reason.clone());
        let elapsed = lane.log().elapsed();
        BreakLane { request, tier: self.tier, url, candidates, document, outcome, reason, elapsed }
    }

    /// FETCH, PARSE and RESOLVE of a break, if the `check` of its attributes found nothing wrong.
    async fn stages(&self, lane: &LaneContext, check: Result<(), Failure>, ad_break: &mut AdBreak) -> BreakAds {
        let rules = ad_break.source.as_ref().map_or(WrapperRules::ALL, WrapperRules::of_break);
        let read = match check {
            Ok(()) => ad_data::document(lane, ad_break, &self.playlist).await,
            Err(failure) => Err(failure),
        };
        match read {
            Ok(read) => {
                let document = Some(OwnDocument::of(&read, None));
                let walk = WrapperWalk::new(lane, self.tier, &[]).with_rules(rules);
                let Resolution { candidates, failures } = walk.run(read).await;
                BreakAds { candidates, document, failures }
            }
            Err(failure) => BreakAds::failed(lane, failure),
        }
    }

    /// Makes the URLs of the break's trackers absolute. The new URLs count as bytes of the source; without bytes left, relative URLs
    /// are removed, because nothing can be sent to them.
    fn resolve_trackers(&self, ad_break: &mut AdBreak) {
        let playlist = &*self.playlist.info.url;
        let trackers = &mut ad_break.tracking_events;
        let relative = trackers.iter().filter(|tracking| !Target::is_absolute(&tracking.url)).count();
        if relative == 0 {
            return;
        }
        if self.lane.take_bytes(0, relative.saturating_mul(playlist.len())).is_err() {
            trackers.retain(|tracking| Target::is_absolute(&tracking.url));
            return;
        }
        let mut urls: Vec<Text> = trackers.iter().map(|tracking| tracking.url.clone()).collect();
        resolve_urls(&mut urls, playlist);
        trackers.iter_mut().zip(urls).for_each(|(tracking, url)| tracking.url = url);
    }

    /// Records the reports to the `error` trackers of the break: one for each failure (VMAP 1.0.1 section 2.5). A break without an
    /// `AdSource` asks for no ad, so "no ad" is not an error of such a break.
    fn report(&self, lane: &LaneContext, ad_break: &AdBreak, failures: &[Failure]) {
        let trackers = || ad_break.tracking_events.iter().filter(|one| one.event == BreakEvent::Error);
        let reports = ErrorReports::new(lane);
        let is_error = |failure: &&Failure| ad_break.source.is_some() || failure.error_type != ErrorType::NoAd;
        for failure in failures.iter().filter(is_error) {
            let urls = trackers().map(|tracking| &tracking.url);
            reports.report_break(&self.playlist.info, urls, failure.code(), &failure.message);
        }
    }
}

/// The ads of a break, and its failures.
struct BreakAds {
    candidates: Vec<Candidate>,
    document: Option<OwnDocument>,
    failures: Vec<Failure>,
}

impl BreakAds {
    /// A break without a document that can be used. The failure gets the code of VMAP and is recorded.
    fn failed(lane: &LaneContext, failure: Failure) -> Self {
        let code = error_code::of_document(&failure);
        let failure = failure.with_code(code);
        lane.log().record(Fact::Failed { hop: 0, failure: failure.clone() });
        Self { candidates: Vec::new(), document: None, failures: vec![failure] }
    }
}

/// Removes the VAST that the break contains, because the ads of the answer already hold this VAST.
fn take_vast(ad_break: &mut AdBreak) {
    if let Some(source) = &mut ad_break.source
        && matches!(source.data, Some(AdData::Vast(_)))
    {
        source.data = None;
    }
}
