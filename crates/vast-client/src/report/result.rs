//! The answer to a request.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use vast_xml::Text;
use vast_xml::model::{MediaFile, Vast};

use super::fold;
use super::source::{ErrorReport, SourceReport, WarningReport};
use crate::ad;
use crate::context::RequestContext;
use crate::journal::{Entry, Fact, Outcome, TreeWarning};
use crate::lane::OwnDocument;
use crate::lane::Plan;
use crate::policy::FetchMode;
use crate::policy::TierKind;
use crate::request::AdRequest;
use crate::select::{Candidate, Rejection, RejectionReason, Selection};
use crate::track::{AnswerRef, BeaconEvent, BeaconState, TrackedBeacon};

/// The answer to a request. A request always has an answer; the failures are part of it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct FetchResult {
    /// Whether there is a usable ad.
    pub success: bool,
    /// The ads of the answer, in order of play, each with the media file to play.
    #[doc(alias = "parsed_data")]
    pub ads: Vec<Candidate>,
    /// Usable ads that are not part of the answer.
    pub passed_over: Vec<Candidate>,
    /// The name of the source of the first ad.
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
    /// The request. Beacons that are sent later use its values.
    pub request: AdRequest,
    /// All facts in order of time.
    pub journal: Vec<Entry>,
}

/// The parts of the winning source's own document that do not belong to an ad.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct DocumentReport {
    /// `VAST@version`.
    pub version: Option<Text>,
    /// The root `<Error>` URLs of the document.
    pub root_errors: Vec<Text>,
}

/// An ad that was checked.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct CandidateReport {
    /// The source.
    pub source: Arc<str>,
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

/// Facts about the request as a whole.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Metadata {
    /// Identifies the request in logs and ledgers.
    pub request_id: String,
    /// The mode of the primary sources.
    pub mode: FetchMode,
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

/// The parts that a result is made of.
pub(crate) struct Finished<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) request: &'a RequestContext,
    pub(crate) documents: Vec<(usize, OwnDocument)>,
    pub(crate) selection: Selection,
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

    /// The facts of sources whose error reports may be sent: all except those that were cancelled because another source
    /// won.
    pub(crate) fn reports_due(&self) -> Vec<&Entry> {
        let is_cancelled =
            |lane: usize| self.sources.get(lane).is_none_or(|source| source.outcome == Outcome::Cancelled);
        self.journal.iter().filter(|entry| !is_cancelled(entry.lane)).collect()
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

    pub(crate) fn assemble(finished: Finished<'_>) -> Self {
        let Finished { plan, request, documents, selection } = finished;
        let elapsed = request.journal.elapsed();
        let journal = request.journal.take_entries();
        let folded = fold::fold(plan, &journal);
        let candidates = candidates(&journal, &folded.sources, &selection);
        let is_approximate = selection.is_approximate;
        let mut ads = selection.chosen;
        let passed_over = selection.passed_over.into_iter().map(|(candidate, _)| candidate).collect();
        let mut warnings = folded.warnings;
        warnings.extend(ads.iter().flat_map(warnings_of));
        warnings.extend(inherited_cut(&mut ads));
        let winner = ads.first().map(|ad| ad.lane);
        let document = documents.into_iter().find(|(lane, _)| Some(*lane) == winner).map(|(_, document)| document);
        let report = winner.and_then(|lane| folded.sources.get(lane));
        let metadata = Metadata {
            request_id: request.values.request_id().to_owned(),
            mode: plan.tiers.first().map_or_else(FetchMode::default, |tier| tier.mode),
            elapsed,
            used_fallback: report.is_some_and(|source| source.tier == TierKind::Fallback),
            source_count: folded.sources.len(),
            requests_wasted: wasted(&journal, &ads),
            is_approximate,
            beacons_omitted: 0,
        };
        let source = report.map(|source| Arc::clone(&source.name));
        let source_url = document.as_ref().map(|document| Arc::clone(&document.info.url));
        let raw_response = document.as_ref().and_then(|document| document.raw.clone());
        let document = document.map(|document| {
            let (version, mut root_errors) = (document.info.version.clone(), document.root_errors);
            ad::resolve_urls(&mut root_errors, &document.info.url);
            DocumentReport { version, root_errors }
        });
        Self {
            success: !ads.is_empty(),
            ads,
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
            request: request.request.clone(),
            journal,
        }
    }
}

impl<'a> From<&'a FetchResult> for AnswerRef<'a> {
    fn from(result: &'a FetchResult) -> Self {
        Self {
            passed_over: &result.passed_over,
            tracked: &result.tracked,
            ..Self::new(&result.metadata.request_id, &result.request.consent, &result.ads)
        }
    }
}

/// Limits the parts that the ads inherit. If parts were dropped, the warning names the source of the first ad.
fn inherited_cut(ads: &mut [Candidate]) -> Option<WarningReport> {
    let dropped = ad::limit_inherited(ads.iter_mut().map(|candidate| &mut candidate.ad));
    let first = ads.first().filter(|_| dropped > 0)?;
    let (limit, count) = (ad::MAX_INHERITED_BYTES, ads.len());
    let message = format!("{count} ads inherit more than {limit} bytes from wrappers; {dropped} parts are left out");
    Some(WarningReport {
        source: Arc::clone(&first.ad.tree.source),
        hop: 0,
        code: TreeWarning::InheritedCut.as_str(),
        severity: vast_xml::Severity::Warning,
        message: message.into(),
        position: None,
    })
}

/// The warnings about the chosen creative and media file of `candidate`.
fn warnings_of(candidate: &Candidate) -> impl Iterator<Item = WarningReport> {
    candidate.warnings().map(|(kind, message)| WarningReport {
        source: Arc::clone(&candidate.ad.tree.source),
        hop: candidate.ad.hop(),
        code: kind.as_str(),
        severity: vast_xml::Severity::Warning,
        message: message.into(),
        position: None,
    })
}

fn candidates(journal: &[Entry], sources: &[SourceReport], selection: &Selection) -> Vec<CandidateReport> {
    let usable = |candidate: &Candidate, verdict, rejection: Option<&Rejection>| CandidateReport {
        source: Arc::clone(&candidate.ad.tree.source),
        ad_id: candidate.ad.id.clone(),
        verdict,
        rejection: rejection.cloned(),
        vast_error_code: rejection.and_then(|rejection| selection.code_of(candidate, rejection)),
    };
    let kept = selection.chosen.iter().map(|candidate| usable(candidate, CandidateVerdict::Kept, None));
    let passed_over = selection.passed_over.iter();
    let passed_over = passed_over.map(|(candidate, rejection)| {
        // If the whole break has no ad, no other ad was chosen.
        let is_rejected = rejection.reason == RejectionReason::BreakTooShort;
        let verdict = if is_rejected { CandidateVerdict::Rejected } else { CandidateVerdict::PassedOver };
        usable(candidate, verdict, Some(rejection))
    });
    let rejected = journal.iter().filter_map(|entry| match &entry.fact {
        Fact::Judged { ad_id, rejection: Some(rejection), .. } => Some(CandidateReport {
            source: Arc::clone(&sources.get(entry.lane)?.name),
            ad_id: ad_id.clone(),
            verdict: CandidateVerdict::Rejected,
            rejection: Some(rejection.clone()),
            vast_error_code: Some(rejection.reason.vast_error_code()),
        }),
        _ => None,
    });
    kept.chain(passed_over).chain(rejected).collect()
}

fn wasted(journal: &[Entry], ads: &[Candidate]) -> u32 {
    let is_used = |lane: usize| ads.iter().any(|ad| ad.lane == lane);
    let attempts = journal.iter().filter(|entry| matches!(entry.fact, Fact::Attempt { .. }) && !is_used(entry.lane));
    u32::try_from(attempts.count()).unwrap_or(u32::MAX)
}
