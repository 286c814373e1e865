//! The walk over a tree of documents: every ad is followed to its `InLine` and checked. Failures are reported to the
//! `<Error>` URLs of their path.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Either, Ready, ready};
use tokio::sync::{Semaphore, SemaphorePermit};
use tracing::Instrument;
use vast_xml::Text;
use vast_xml::model::{Ad, AdKind, Vast, Wrapper};

use super::document::{self, ReadDocument};
use super::eligible::{EligibleAds, WrapperRules};
use super::error_reports::ErrorReports;
use super::order::{AdOrder, Resolution};
use crate::ad::{ErrorUrl, ResolvedAd, TrackersDropped, WrapperLevel, limit_wrapper, wrapper_errors};
use crate::context::{LaneContext, TREE_ADS};
use crate::error::{ErrorType, Failure, Rejection, RejectionReason};
use crate::journal::{DocumentInfo, Fact, TreeWarning, WrapperInfo};
use crate::policy::TierKind;
use crate::select::{Candidate, TierProgress, TierStep, Verdict, is_enough, verdict};
use crate::transport::{Target, cut_url, redacted_url};

/// The number of documents of one tree that are fetched at the same time.
const AT_ONCE: usize = 8;
/// The wrappers of a chain that every client must follow (VAST 4.3 section 3.19.1): the room for those of a chain.
const CHAIN: usize = 5;
/// The largest part of a URL in a message, in bytes.
const SHOWN_URL: usize = 1_000;

/// The walk over one source's tree.
pub(crate) struct WrapperWalk<'a> {
    lane: &'a LaneContext,
    /// The tier of the source.
    tier: TierKind,
    /// The usable ads of the earlier tiers. In a break, this tier fills only the time that they leave.
    earlier: &'a [&'a Candidate],
    /// Which ads of the first document count.
    first: WrapperRules,
    reports: ErrorReports<'a>,
    turns: Semaphore,
    /// Whether a document had several ads. Only then may several documents be fetched at the same time.
    has_branched: AtomicBool,
    /// How many trackers all wrappers of the tree have together.
    trackers: AtomicUsize,
}

/// The place at which an ad was found.
#[derive(Clone, Copy)]
struct AdLocation<'w> {
    document: &'w Arc<DocumentInfo>,
    /// The URL of the document, against which relative URLs in it are resolved.
    base: Option<&'w Target>,
    /// The wrappers on the way to the ad, outermost first.
    above: &'w [Arc<WrapperLevel>],
}

/// A document that was looked into.
enum SeenDocument {
    /// It leads to no other document.
    Resolved(Resolution),
    Open(OpenDocument),
}

/// A document whose ads lead to other documents.
struct OpenDocument {
    info: Arc<DocumentInfo>,
    /// Its root error URLs.
    errors: Vec<Text>,
    /// The URL of the document.
    base: Option<Target>,
    ads: EligibleAds,
}

/// A document whose only ad is a wrapper.
struct PassedDocument {
    info: Arc<DocumentInfo>,
    /// Its root error URLs.
    errors: Vec<Text>,
}

impl<'a> WrapperWalk<'a> {
    pub(crate) fn new(lane: &'a LaneContext, tier: TierKind, earlier: &'a [&'a Candidate]) -> Self {
        let (first, reports) = (WrapperRules::ALL, ErrorReports::new(lane));
        Self {
            lane,
            tier,
            earlier,
            first,
            reports,
            turns: Semaphore::new(AT_ONCE),
            has_branched: AtomicBool::new(false),
            trackers: AtomicUsize::new(0),
        }
    }

    /// The same walk, where only those ads of the first document count that a break allows.
    pub(crate) fn with_rules(self, first: WrapperRules) -> Self {
        Self { first, ..self }
    }

    /// Resolves the source's own document.
    pub(crate) fn run(&self, document: ReadDocument) -> impl Future<Output = Resolution> {
        self.document(document, Vec::new()).map(|mut resolution| {
            for Candidate { ad, .. } in resolution.split_off(TREE_ADS) {
                let message = format!("more than {TREE_ADS} ads of one source");
                self.reject(&ad, &Rejection::new(RejectionReason::SlotFull, message));
            }
            resolution
        })
    }

    /// Resolves a document below `path`, the wrappers on the way to it, outermost first. Most documents lead to no other document. For these
    /// the large future of [`chain`](Self::chain) is not made, because there is nothing to wait for.
    fn document(
        &self,
        document: ReadDocument,
        path: Vec<Arc<WrapperLevel>>,
    ) -> Either<Ready<Resolution>, BoxFuture<'_, Resolution>> {
        match self.look_into(document, &path) {
            SeenDocument::Resolved(resolution) => Either::Left(ready(resolution)),
            SeenDocument::Open(open) => Either::Right(self.chain(open, path).boxed()),
        }
    }

    /// Resolves a document below `above` if it leads to no other one: its only ad is no wrapper, or no ad of it may be used.
    fn look_into(&self, document: ReadDocument, above: &[Arc<WrapperLevel>]) -> SeenDocument {
        let ReadDocument { info, base, vast: Vast { ads, errors, .. }, is_damaged, .. } = document;
        let mut ads = EligibleAds::of(ads, self.rules(above));
        let ignored = ads.ignored.reason(above.is_empty());
        if ads.is_empty() {
            let failure = no_ad(above, is_damaged, ignored);
            return SeenDocument::Resolved(Resolution::failed(self.empty(&info, &errors, above, failure)));
        }
        if let Some(reason) = ignored {
            self.warn(info.hop, TreeWarning::AdsIgnored, reason);
        }
        let Some(inline) = ads.take_only_inline() else {
            return SeenDocument::Open(OpenDocument { info, errors, base, ads });
        };
        let resolution = self.inline(inline, AdLocation { document: &info, base: base.as_ref(), above });
        self.pass(&info, &errors, &resolution);
        SeenDocument::Resolved(resolution)
    }

    /// Resolves a document that leads to other documents. A chain of wrappers is a loop: while a document has one ad, and this ad is a
    /// wrapper, the loop goes on with the document of that wrapper. If it were futures within futures, each of them would take memory, and
    /// each wake-up would pass through all of them.
    async fn chain(&self, first: OpenDocument, mut path: Vec<Arc<WrapperLevel>>) -> Resolution {
        let mut passed: Vec<PassedDocument> = Vec::new();
        let mut document = first;
        let resolution = loop {
            let OpenDocument { info, errors, base, mut ads } = document;
            let Some(wrapper) = ads.take_only() else {
                let location = AdLocation { document: &info, base: base.as_ref(), above: &path };
                let resolution = self.ads(ads, location).await;
                self.report_unusable(&info, &errors, &resolution);
                break resolution;
            };
            if passed.is_empty() {
                passed.reserve_exact(CHAIN);
                path.reserve_exact(CHAIN);
            }
            passed.push(PassedDocument { info: Arc::clone(&info), errors });
            let next = match self.wrapped(wrapper, &info, base.as_ref(), &mut path).await {
                Ok(next) => next,
                Err(failure) => break Resolution::failed(failure),
            };
            match self.look_into(next, &path) {
                SeenDocument::Open(next) => document = next,
                SeenDocument::Resolved(resolution) => break resolution,
            }
        };
        passed.iter().rev().for_each(|PassedDocument { info, errors }| self.pass(info, errors, &resolution));
        resolution
    }

    /// Ends a document with one ad: that ad, or what it led to, is resolved.
    fn pass(&self, info: &DocumentInfo, errors: &[Text], resolution: &Resolution) {
        // Selectors are asked after each ad, also after the last one of a document.
        self.is_enough(&resolution.candidates);
        self.report_unusable(info, errors, resolution);
    }

    /// Resolves the ads of a document, in order.
    async fn ads(&self, mut ads: EligibleAds, location: AdLocation<'_>) -> Resolution {
        self.has_branched.store(true, Ordering::Relaxed);
        let order = AdOrder {
            hop: location.document.hop,
            resolve: |ad| self.ad(ad, location),
            enough: |candidates: &[Candidate]| self.is_enough(candidates),
            ahead: self.lane.settings().strategy.resolve_ahead,
        };
        let refused = self.refuse_pod(&mut ads, location);
        let mut resolution = order.run(ads).await;
        resolution.failures.extend(refused);
        resolution
    }

    /// Reports that no ad of a document is usable. The failures of the single ads were already reported with their codes. The root
    /// error URLs of the document get 303.
    fn report_unusable(&self, info: &DocumentInfo, errors: &[Text], resolution: &Resolution) {
        if resolution.candidates.is_empty() {
            self.reports.report(ErrorUrl::all(info, errors), ErrorType::WrapperNoAd.code());
        }
    }

    /// The rules for the ads of a document below `above`.
    fn rules(&self, above: &[Arc<WrapperLevel>]) -> WrapperRules {
        let allow_multiple = self.lane.settings().strategy.allow_multiple_ads;
        above.last().map_or(self.first, |level| WrapperRules::by(level, allow_multiple))
    }

    /// Resolves an ad. An `InLine` needs no waiting, so it gets no future of its size.
    fn ad<'w>(&'w self, ad: Ad, location: AdLocation<'w>) -> Either<Ready<Resolution>, BoxFuture<'w, Resolution>> {
        match &ad.kind {
            AdKind::Wrapper(_) => Either::Right(self.wrapper(ad, location).boxed()),
            _ => Either::Left(ready(self.inline(ad, location))),
        }
    }

    fn inline(&self, ad: Ad, location: AdLocation<'_>) -> Resolution {
        let lane = self.lane;
        let hop = location.document.hop;
        let document = Arc::clone(location.document);
        let Some(mut ad) = ResolvedAd::of_absolute(Arc::clone(lane.tree()), location.above.to_vec(), document, ad)
        else {
            return Resolution::default();
        };
        if ad.may_exceed_trackers(self.trackers.load(Ordering::Relaxed)) {
            self.warn_of_cut(hop, "the ad", ad.limit_trackers());
        }
        match verdict(&ad, &lane.ad_request().slot, &lane.settings().filter) {
            Verdict::Usable(media) => {
                self.judged(hop, ad.id.clone(), None);
                Resolution::usable(Candidate { lane: lane.log().lane(), ad, media })
            }
            Verdict::Rejected(rejection) => Resolution::failed(self.reject(&ad, &rejection)),
        }
    }

    /// Removes the pod if the slot does not accept pods. A single ad in a document is not a pod, although it may have a
    /// sequence.
    fn refuse_pod(&self, ads: &mut EligibleAds, location: AdLocation<'_>) -> Vec<Failure> {
        let is_pod = ads.pod.len() > 1 || !ads.alone.is_empty();
        if self.lane.ad_request().slot.accept_pods || !is_pod {
            return Vec::new();
        }
        let refused = std::mem::take(&mut ads.pod);
        refused.into_iter().map(|ad| self.refuse(ad, location)).collect()
    }

    /// Refuses an ad of a pod. A wrapper is not followed.
    fn refuse(&self, ad: Ad, location: AdLocation<'_>) -> Failure {
        let rejection = Rejection::new(RejectionReason::Pod, "the ad is one of a pod, and the slot takes no pods");
        match WrapperLevel::of_absolute(Arc::clone(location.document), ad) {
            Ok(level) => {
                let ad_id = level.ad_id.clone();
                let path: Vec<_> = location.above.iter().cloned().chain([Arc::new(level)]).collect();
                self.judged(location.document.hop, ad_id, Some(rejection.clone()));
                let failure = filtered(&rejection);
                self.reports.report(wrapper_errors(&path), failure.code());
                self.fail(location.document.hop, &location.document.url, failure)
            }
            Err(ad) => {
                let (tree, above) = (Arc::clone(self.lane.tree()), location.above.to_vec());
                let document = Arc::clone(location.document);
                match ResolvedAd::of_absolute(tree, above, document, ad) {
                    Some(ad) => self.reject(&ad, &rejection),
                    None => filtered(&rejection),
                }
            }
        }
    }

    fn reject(&self, ad: &ResolvedAd, rejection: &Rejection) -> Failure {
        self.judged(ad.hop(), ad.id.clone(), Some(rejection.clone()));
        let failure = filtered(rejection);
        self.reports.report_ad(ad, failure.code());
        self.fail(ad.hop(), &ad.document.url, failure)
    }

    async fn wrapper(&self, ad: Ad, location: AdLocation<'_>) -> Resolution {
        let mut path = location.above.to_vec();
        match self.wrapped(ad, location.document, location.base, &mut path).await {
            Ok(document) => self.document(document, path).await,
            Err(failure) => Resolution::failed(failure),
        }
    }

    /// The document that `ad`, a wrapper in `document`, leads to. The wrapper is added to `path`.
    async fn wrapped(
        &self,
        ad: Ad,
        document: &Arc<DocumentInfo>,
        base: Option<&Target>,
        path: &mut Vec<Arc<WrapperLevel>>,
    ) -> Result<ReadDocument, Failure> {
        path.extend(self.level(ad, document));
        self.followed(path, base).await.map_err(|(hop, failure)| {
            self.reports.report(wrapper_errors(path), failure.code());
            let url = path.last().map_or("", |level| match level.document.hop == hop {
                true => &level.document.url,
                false => level.wrapper.vast_ad_tag_uri.as_str(),
            });
            self.fail(hop, url, failure)
        })
    }

    /// The level that `ad` is on the way to other documents; `None` if it is no wrapper.
    fn level(&self, ad: Ad, document: &Arc<DocumentInfo>) -> Option<Arc<WrapperLevel>> {
        let mut level = WrapperLevel::of_absolute(Arc::clone(document), ad).ok()?;
        let (trackers, cut) = limit_wrapper(&mut level);
        self.trackers.fetch_add(trackers, Ordering::Relaxed);
        self.warn_of_cut(document.hop, "the wrapper", cut);
        if has_media(&level.wrapper) {
            let message = "media files or resources of a wrapper are ignored";
            self.warn(document.hop, TreeWarning::WrapperMedia, message);
        }
        Some(Arc::new(level))
    }

    /// The document that the last wrapper of `path` names, or the failure and its document.
    async fn followed(
        &self,
        path: &[Arc<WrapperLevel>],
        base: Option<&Target>,
    ) -> Result<ReadDocument, (u32, Failure)> {
        let Some(level) = path.last() else { return Err((0, Failure::new(ErrorType::Internal, "an empty path"))) };
        let at_wrapper = |failure| (level.document.hop, failure);
        let number = self.check_wrapper(level, path.len()).and_then(|()| self.lane.next_document());
        self.lane.log().record(Fact::WrapperRead(Arc::new(wrapper_info(level, number.as_ref().ok()))));
        let number = number.map_err(at_wrapper)?;
        if let Some(outside) = self.lane.outside() {
            outside.followed(level.document.hop, number);
        }
        let _turn = self.turn().await.map_err(at_wrapper)?;
        let span = tracing::info_span!("hop", number);
        let followed = document::follow(self.lane, number, path, base).instrument(span).await;
        followed.map_err(|failure| (number, failure))
    }

    /// Waits until another document of the tree may be fetched. The documents of a chain are fetched one after the other.
    async fn turn(&self) -> Result<Option<SemaphorePermit<'_>>, Failure> {
        if !self.has_branched.load(Ordering::Relaxed) {
            return Ok(None);
        }
        if let Ok(turn) = self.turns.try_acquire() {
            return Ok(Some(turn));
        }
        let turn = self.lane.deadline().within(self.turns.acquire()).await.map_err(Failure::timeout)?;
        turn.map(Some).map_err(|_| Failure::new(ErrorType::Internal, "a closed semaphore"))
    }

    fn check_wrapper(&self, level: &WrapperLevel, depth: usize) -> Result<(), Failure> {
        let filter = &self.lane.settings().filter;
        if !filter.accept_wrappers {
            let rejection = Rejection::new(RejectionReason::Wrapper, "wrappers are not accepted");
            self.judged(level.document.hop, level.ad_id.clone(), Some(rejection.clone()));
            return Err(filtered(&rejection));
        }
        let most = filter.max_wrapper_depth;
        if depth > most as usize {
            let message = format!("more than {most} wrappers before an InLine (`max_wrapper_depth`)");
            return Err(Failure::new(ErrorType::WrapperLimit, message));
        }
        if level.wrapper.vast_ad_tag_uri.is_empty() {
            return Err(Failure::new(ErrorType::WrapperUri, "the wrapper has no VASTAdTagURI"));
        }
        Ok(())
    }

    fn is_enough(&self, candidates: &[Candidate]) -> bool {
        let slot = &self.lane.ad_request().slot;
        // An ad of another type than the preferred one counts only when the document has no better one.
        let preferred = candidates.iter().filter(|candidate| slot.prefers(candidate.kind()));
        let progress = TierProgress::new(self.tier, TierStep::Document);
        let candidates = self.earlier.iter().copied().chain(preferred);
        is_enough(&*self.lane.request_context().selector, candidates, progress, slot)
    }

    /// Handles a document without an ad that may be used: it is reported to the wrappers above it and to its own root
    /// error URLs (VAST 4.3 section 2.3.6.4).
    fn empty(&self, info: &DocumentInfo, errors: &[Text], above: &[Arc<WrapperLevel>], failure: Failure) -> Failure {
        self.reports.report_document(wrapper_errors(above), failure.code(), ErrorUrl::all(info, errors));
        self.fail(info.hop, &info.url, failure)
    }

    fn warn_of_cut(&self, hop: u32, of: &str, cut: Option<TrackersDropped>) {
        if let Some(TrackersDropped { found, kept }) = cut {
            self.warn(hop, TreeWarning::TrackersCut, format!("{of} has {found} trackers to call; {kept} are kept"));
        }
    }

    fn warn(&self, hop: u32, kind: TreeWarning, message: impl Into<Cow<'static, str>>) {
        self.lane.log().record(Fact::Warned { hop, kind, message: message.into() });
    }

    fn judged(&self, hop: u32, ad_id: Option<Text>, rejection: Option<Rejection>) {
        self.lane.log().record(Fact::Judged { hop, ad_id, rejection: rejection.map(Box::new) });
    }

    /// Records a failure of the document `hop`, which `url` names. The message in the reason of the lane names the
    /// document.
    fn fail(&self, hop: u32, url: &str, mut failure: Failure) -> Failure {
        self.lane.log().record(Fact::Failed { hop, failure: failure.clone() });
        if hop > 0 && failure.error_type != ErrorType::Filtered {
            let url = redacted_url(url);
            failure.message = format!("{} (document {hop}: {})", failure.message, cut_url(&url, SHOWN_URL)).into();
        }
        failure
    }
}

/// The failure of a document below `above` without an ad that may be used.
fn no_ad(above: &[Arc<WrapperLevel>], is_damaged: bool, ignored: Option<String>) -> Failure {
    if let Some(reason) = ignored {
        return Failure::new(ErrorType::WrapperNoAd, format!("no ad of the document may be used: {reason}"))
            .after_answer();
    }
    let failure = match above {
        _ if is_damaged => Failure::new(ErrorType::NotVast, "no ad of the document has an InLine or a Wrapper"),
        [] => Failure::new(ErrorType::NoAd, "a valid answer without an ad"),
        _ => Failure::new(ErrorType::WrapperNoAd, "a valid answer without an ad"),
    };
    failure.after_answer()
}

/// The data that the journal stores about a wrapper that led to the document with this number.
fn wrapper_info(level: &WrapperLevel, leads_to: Option<&u32>) -> WrapperInfo {
    WrapperInfo {
        hop: level.document.hop,
        leads_to: leads_to.copied(),
        ad_id: level.ad_id.clone(),
        ad_system: document::ad_system(level),
        impressions: level.wrapper.impressions.len(),
        error_urls: level.wrapper.errors.clone(),
    }
}

/// Whether a wrapper has content that only an `InLine` may have (VAST 4.3 section 3.19).
fn has_media(wrapper: &Wrapper) -> bool {
    wrapper.creatives.iter().any(|creative| {
        let linear = creative.linear.as_ref();
        let non_linears = creative.non_linear_ads.iter().flat_map(|ads| &ads.non_linears);
        linear.is_some_and(|linear| !linear.media_files.is_empty() || linear.ad_parameters.is_some())
            || non_linears.into_iter().any(|ad| !ad.resources.is_empty() || !ad.media_files.is_empty())
    })
}

fn filtered(rejection: &Rejection) -> Failure {
    let code = rejection.reason.vast_error_code();
    Failure::new(ErrorType::Filtered, rejection.message.clone()).after_answer().with_code(code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::room_of_future;

    /// However long the chain is.
    #[test]
    fn a_chain_of_wrappers_takes_little_room() {
        type Begun = (&'static WrapperWalk<'static>, OpenDocument, Vec<Arc<WrapperLevel>>);
        let chain = |(walk, document, path): Begun| walk.chain(document, path);
        assert!(room_of_future(chain) <= 2_500, "{}", room_of_future(chain));
    }
}
