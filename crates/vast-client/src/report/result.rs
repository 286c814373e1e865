//! The answer to a request.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use smallvec::SmallVec;
use vast_xml::Text;
use vast_xml::model::Extension;
use vast_xml::model::{MediaFile, Vast};
use vast_xml::vmap::AdBreak;

use super::candidate::CandidateReport;
use super::fold;
use super::order::OrderReport;
use super::source::{ErrorReport, SourceReport, WarningReport};
use crate::ad;
use crate::context::RequestContext;
use crate::journal::{EndReason, Entry, Fact, Outcome, TreeWarning};
use crate::policy::FetchMode;
use crate::policy::TierKind;
use crate::request::{AdRequest, BreakRules, SourceTree};
use crate::resolve::OwnDocument;
use crate::select::{Candidate, Selection};
use crate::track::{AnswerRef, BeaconEvent, BeaconState, TrackedBeacon, TrackerUrls, replace_trackers};

/// The answer to a request. A request always has an answer; the failures are part of it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct FetchResult {
    /// Whether there is a usable ad: in `ads`, or in a break of the `schedule`.
    pub success: bool,
    /// The ads of the answer, in order of play, each with the media file to play. Empty if the answer is a playlist: its ads are in
    /// the breaks of the `schedule`.
    #[doc(alias = "parsed_data")]
    pub ads: Vec<Candidate>,
    /// The breaks of a playlist (VMAP), if the answer is one. If no source has an ad: the breaks of the first source that answered
    /// with a playlist.
    pub schedule: Option<Schedule>,
    /// Usable ads that are not part of the answer.
    pub passed_over: Vec<Candidate>,
    /// The name of the source of the first ad, or of the playlist.
    pub source: Option<Arc<str>>,
    /// The URL of that source's request, after redirects.
    pub source_url: Option<Arc<str>>,
    /// The parts of the winning source's own document that do not belong to an ad.
    pub document: Option<DocumentReport>,
    /// The bytes of that document, when [`keep_raw`](crate::FetchConfig::keep_raw) is set.
    pub raw_response: Option<Bytes>,
    /// Every ad that was checked.
    pub candidates: Vec<CandidateReport>,
    /// The outcome of every source, in configured order.
    pub sources: Vec<SourceReport>,
    /// Every failure in order of time. A failure is listed even if a retry succeeded.
    pub errors: Vec<ErrorReport>,
    /// The warnings about the documents of all sources, in order of time.
    pub warnings: Vec<WarningReport>,
    /// The beacons that are due, and their states at the time of the answer.
    pub tracked: Vec<TrackedBeacon>,
    /// Facts about the request as a whole.
    pub metadata: Metadata,
    /// The request. Beacons that are sent later use its values. It is shared, because most requests of a client are equal.
    pub request: Arc<AdRequest>,
    /// All facts in order of time.
    pub journal: Vec<Entry>,
}

/// The answer to a request whose source gave a playlist: its breaks, each with its own result, like that of a request.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Schedule {
    /// `VMAP@version`.
    pub version: Option<Text>,
    /// The extensions of the playlist.
    pub extensions: Vec<Extension>,
    /// The breaks, in document order. Of breaks that are due at the same time the first one plays first.
    pub breaks: Vec<BreakResult>,
    /// What the trackers of the breaks have in common.
    pub(crate) tree: Arc<SourceTree>,
}

/// A break of a playlist and how it ended.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct BreakResult {
    /// The break: when it is due, its trackers with absolute URLs, where its ads come from. VAST that stood in it is not here; its
    /// ads are in the `answer`.
    pub ad_break: AdBreak,
    /// How the break ended.
    pub outcome: Outcome,
    /// The reason; `None` for `Filled`.
    pub reason: Option<EndReason>,
    /// The result of the break, with the one source that the break names; `None` for a break that was skipped.
    pub answer: Option<FetchResult>,
}

/// The parts of the winning source's own document that do not belong to an ad.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct DocumentReport {
    /// `VAST@version`.
    pub version: Option<Text>,
    /// The root `<Error>` URLs of the document.
    pub root_errors: Vec<Text>,
    /// Whether the bytes of the document mean the same at another URL: it has no relative URL, and its server does not declare a
    /// charset other than UTF-8.
    pub is_self_contained: bool,
}

/// Facts about the request as a whole.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Metadata {
    /// Identifies the request in logs and ledgers. The breaks of a playlist have the id of their request.
    pub request_id: String,
    /// The number of the break in its playlist, from 0; `None` for the result of a whole request.
    pub break_number: Option<usize>,
    /// The time of the call by the wall clock. An ad with `Expires` must not be played later than that many seconds after it (VAST
    /// 4.3 section 3.4.10): give it to [`SessionOptions::requested_at`](crate::track::session::SessionOptions::requested_at).
    pub requested_at: SystemTime,
    /// The mode of the primary sources.
    pub mode: FetchMode,
    /// The arm that the request falls into; `None` without arms.
    pub arm: Option<Arc<str>>,
    /// The order of the sources; `None` for the result of a break, which has one source.
    pub order: Option<OrderReport>,
    /// The time from the call to the answer.
    pub elapsed: Duration,
    /// Whether the first ad came from a fallback.
    pub used_fallback: bool,
    /// How many sources the plan has.
    pub source_count: usize,
    /// The number of exchanges of sources that contributed no ad to the answer.
    pub requests_wasted: u32,
    /// Whether a better answer may exist: there were more ads than can be compared exactly
    /// ([`DefaultSelector`](crate::select::DefaultSelector)).
    pub is_approximate: bool,
    /// The number of due beacons that are not in [`FetchResult::tracked`], because there were more than
    /// [`RunOptions::max_beacons`](crate::request::RunOptions::max_beacons), or more than 8 MiB of URLs. They are not
    /// called.
    pub beacons_omitted: usize,
}

/// The parts that the result of a request, or of a break of a playlist, is made of beside the ads.
pub(crate) struct ResultParts {
    /// The reports of the sources before the first fact.
    pub(crate) sources: Vec<SourceReport>,
    pub(crate) mode: FetchMode,
    pub(crate) arm: Option<Arc<str>>,
    pub(crate) order: Option<OrderReport>,
    /// The documents of the sources with ads, each with its lane.
    pub(crate) documents: Vec<(usize, OwnDocument)>,
    /// The playlist with its lane and its document.
    pub(crate) schedule: Option<(usize, Schedule, OwnDocument)>,
    pub(crate) elapsed: Duration,
    pub(crate) break_number: Option<usize>,
}

impl FetchResult {
    /// The media file to play first: that of the first ad.
    pub fn selected_media(&self) -> Option<&MediaFile> {
        self.ads.first().and_then(Candidate::media_file)
    }

    /// The report of the source with this name.
    pub fn source_report(&self, name: &str) -> Option<&SourceReport> {
        self.sources.iter().find(|source| &*source.name == name)
    }

    /// The error reports that are due, except those of sources that were cancelled because another source won.
    pub fn reports_due(&self) -> Vec<&Entry> {
        let is_cancelled =
            |lane: usize| self.sources.get(lane).is_none_or(|source| source.outcome == Outcome::Cancelled);
        let reports = self.journal.iter().filter(|entry| matches!(entry.fact, Fact::ReportDue { .. }));
        reports.filter(|entry| !is_cancelled(entry.lane)).collect()
    }

    /// The answer as one document without wrappers: every ad is an `InLine` that contains the parts that its wrappers
    /// add. The chain of wrappers is listed in an extension (`type="WrapperChain"`). Impressions that are already in an
    /// outbox are left out, because the player of the document would call them a second time. Macros are not filled in;
    /// the player does that. Several ads become a pod in order of play; a single ad has no `sequence`. Without an ad
    /// the document is empty, which is a valid response (VAST 4.3 section 3.2.1).
    ///
    /// The version is that of the first ad's own document. [`vast_xml::convert::to_version`] converts it to another
    /// version.
    pub fn flatten(&self) -> Vast {
        let impressions = self.tracked.iter().filter(|tracked| tracked.event == BeaconEvent::Impression);
        let called = impressions.map(|impression| impression.state != BeaconState::Refused);
        ad::flatten(self.ads.iter().map(|candidate| &candidate.ad), called)
    }

    /// [`flatten`](Self::flatten) with other URLs in place of the trackers: `urls` decides for each group of trackers that a player
    /// calls at the same moment. If impressions are already in an outbox, the list of impressions stays as `flatten` writes it.
    pub fn flatten_with(&self, urls: &mut dyn TrackerUrls) -> Vast {
        let mut document = self.flatten();
        let is_called = |one: &TrackedBeacon| one.event == BeaconEvent::Impression && one.state != BeaconState::Refused;
        replace_trackers(&mut document, &self.ads, self.tracked.iter().any(is_called), urls);
        document
    }

    /// The document of an answer without an ad.
    pub(super) fn empty_document() -> Vast {
        ad::flatten(std::iter::empty::<&ad::ResolvedAd>(), std::iter::empty())
    }

    /// What the tracker needs: the answer, followed by those of the breaks that were run.
    pub(crate) fn answers(&self) -> impl Iterator<Item = AnswerRef<'_>> {
        let breaks = self.schedule.iter().flat_map(Schedule::answers);
        std::iter::once(AnswerRef::from(self)).chain(breaks.map(AnswerRef::from))
    }

    /// Takes the beacons of these answers, in the same order.
    pub(crate) fn set_tracked(&mut self, tracked: Vec<Vec<TrackedBeacon>>, omitted: usize) {
        let mut tracked = tracked.into_iter();
        self.tracked = tracked.next().unwrap_or_default();
        self.metadata.beacons_omitted = omitted;
        let breaks = self.schedule.iter_mut().flat_map(|schedule| &mut schedule.breaks);
        let answers = breaks.filter_map(|one| one.answer.as_mut());
        answers.zip(tracked).for_each(|(answer, tracked)| answer.tracked = tracked);
    }

    pub(crate) fn assemble(request: &RequestContext, selection: Selection, parts: ResultParts) -> Self {
        let ResultParts { sources, mode, arm, order, mut documents, schedule, elapsed, break_number } = parts;
        let journal = request.journal.take_entries();
        let folded = fold::fold(sources, &journal);
        let candidates = CandidateReport::all(&selection, folded.rejected);
        let is_approximate = selection.is_approximate;
        let price_warnings = price_warnings(&selection, &request.ad_request.slot.break_rules);
        let mut ads = selection.chosen;
        let passed_over = selection.passed_over.into_iter().map(|(candidate, _)| candidate).collect();
        let mut warnings = folded.warnings;
        warnings.extend(ads.iter().flat_map(warnings_of));
        warnings.extend(price_warnings);
        let (playlist, mut schedule) = match schedule {
            Some((lane, schedule, document)) => {
                documents.push((lane, document));
                (Some(lane).filter(|_| schedule.is_filled()), Some(schedule))
            }
            None => (None, None),
        };
        let in_breaks = schedule.iter_mut().flat_map(Schedule::ads_mut);
        warnings.extend(inherited_cut(&mut ads.iter_mut().chain(in_breaks).collect::<SmallVec<[_; 1]>>()));
        let winner = playlist.or_else(|| ads.first().map(|ad| ad.lane));
        let document = documents.into_iter().find(|(lane, _)| Some(*lane) == winner).map(|(_, document)| document);
        let report = winner.and_then(|lane| folded.sources.get(lane));
        let metadata = Metadata {
            request_id: request.values.request_id().to_owned(),
            break_number,
            requested_at: request.values.wall_at(request.began),
            mode,
            arm,
            order,
            elapsed,
            used_fallback: report.is_some_and(|source| source.tier == TierKind::Fallback),
            source_count: folded.sources.len(),
            requests_wasted: wasted(&journal, &ads, playlist),
            is_approximate,
            beacons_omitted: 0,
        };
        let source = report.map(|source| Arc::clone(&source.name));
        let source_url = document.as_ref().map(|document| Arc::clone(&document.info.url));
        let raw_response = document.as_ref().and_then(|document| document.raw.clone());
        let document = document.map(|document| {
            let (version, mut root_errors) = (document.info.version.clone(), document.root_errors);
            ad::resolve_urls(&mut root_errors, &document.info.url);
            DocumentReport { version, root_errors, is_self_contained: document.is_self_contained }
        });
        Self {
            success: !ads.is_empty() || playlist.is_some(),
            ads,
            schedule,
            passed_over,
            source,
            source_url,
            document,
            raw_response,
            candidates,
            sources: folded.sources,
            errors: folded.errors,
            warnings,
            tracked: Vec::new(),
            metadata,
            request: Arc::clone(&request.ad_request),
            journal,
        }
    }
}

impl<'a> From<&'a FetchResult> for AnswerRef<'a> {
    fn from(result: &'a FetchResult) -> Self {
        Self {
            passed_over: &result.passed_over,
            tracked: &result.tracked,
            break_number: result.metadata.break_number,
            ..Self::new(&result.metadata.request_id, &result.request.consent, &result.ads)
        }
    }
}

/// Limits the parts that the ads inherit. If parts were dropped, the warning names the source of the first ad.
fn inherited_cut(ads: &mut [&mut Candidate]) -> Option<WarningReport> {
    if ads.iter().all(|candidate| candidate.ad.wrappers.is_empty()) {
        return None;
    }
    let dropped = ad::limit_inherited(ads.iter_mut().map(|candidate| &mut candidate.ad));
    let first = ads.first().filter(|_| dropped > 0)?;
    let (limit, count) = (ad::MAX_INHERITED_BYTES, ads.len());
    let message = format!("{count} ads inherit more than {limit} bytes from wrappers; {dropped} parts are left out");
    Some(WarningReport {
        source: Arc::clone(&first.ad.tree.source),
        hop: 0,
        code: TreeWarning::InheritedCut.as_str(),
        severity: TreeWarning::InheritedCut.severity(),
        message: message.into(),
        position: None,
    })
}

/// The warnings about the chosen creative and media file of `candidate`.
fn warnings_of(candidate: &Candidate) -> impl Iterator<Item = WarningReport> {
    candidate.warnings().map(|(kind, message)| warning(candidate, kind, message.into()))
}

/// The warnings about prices that cannot be compared, of the ads of the answer and of the others.
fn price_warnings(selection: &Selection, rules: &BreakRules) -> Vec<WarningReport> {
    let others = selection.passed_over.iter().map(|(candidate, _)| candidate);
    let all = selection.chosen.iter().chain(others);
    let problem =
        |candidate: &Candidate| Some(warning(candidate, TreeWarning::Unpriced, candidate.unpriced(rules)?.into()));
    all.filter_map(problem).collect()
}

fn warning(candidate: &Candidate, kind: TreeWarning, message: Cow<'static, str>) -> WarningReport {
    WarningReport {
        source: Arc::clone(&candidate.ad.tree.source),
        hop: candidate.ad.hop(),
        code: kind.as_str(),
        severity: kind.severity(),
        message,
        position: None,
    }
}

fn wasted(journal: &[Entry], ads: &[Candidate], playlist: Option<usize>) -> u32 {
    let is_used = |lane: usize| playlist == Some(lane) || ads.iter().any(|ad| ad.lane == lane);
    let attempts = journal.iter().filter(|entry| matches!(entry.fact, Fact::Attempt { .. }) && !is_used(entry.lane));
    u32::try_from(attempts.count()).unwrap_or(u32::MAX)
}
