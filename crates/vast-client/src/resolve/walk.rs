//! The walk over a tree of documents: every ad is followed to its `InLine` and judged, and what fails owes its error
//! reports to the path it failed on.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::{Semaphore, SemaphorePermit};
use vast_xml::Text;
use vast_xml::model::{Ad, AdKind, Wrapper};

use super::budget::{Budget, TREE_ADS};
use super::hop::{Hop, ReadDocument};
use super::offer::{Allowed, Offer};
use super::order::Order;
use super::owing::Owing;
use super::resolution::Resolution;
use crate::ad::{
    DocumentInfo, ErrorUrl, ResolvedAd, SourceTree, TrackersDropped, WrapperLevel, limit_wrapper, wrapper_errors,
};
use crate::error::{ErrorType, Failure};
use crate::fetch::{Attempts, FetchContext};
use crate::journal::{Fact, Oddity};
use crate::request::Slot;
use crate::select::{Candidate, ParseFilter, Rejection, RejectionReason, Selector, Verdict, verdict};
use crate::transport::Target;

/// How many documents of one tree are on their way at once.
const AT_ONCE: usize = 8;

/// What is resolved, for what, and with what.
#[derive(Clone, Copy)]
pub(crate) struct Surroundings<'a> {
    pub(crate) tree: &'a Arc<SourceTree>,
    pub(crate) slot: &'a Slot,
    pub(crate) filter: &'a ParseFilter,
    pub(crate) selector: &'a dyn Selector,
    /// How many alternatives of a document are resolved at once.
    pub(crate) ahead: usize,
    pub(crate) attempts: Attempts<'a>,
    pub(crate) context: FetchContext<'a>,
}

/// The walk over one source's tree.
pub(crate) struct Walk<'a> {
    around: Surroundings<'a>,
    budget: Budget<'a>,
    owing: Owing<'a>,
    turns: Semaphore,
}

/// Where an ad was found.
#[derive(Clone, Copy)]
struct Found<'w> {
    document: &'w Arc<DocumentInfo>,
    /// Where the document came from, for relative URLs in it.
    base: Option<&'w Target>,
    /// The wrappers on the way to it, outermost first.
    above: &'w [Arc<WrapperLevel>],
}

impl<'a> Walk<'a> {
    /// A walk. `request_documents` counts the wrapper documents of the whole request.
    pub(crate) fn new(around: Surroundings<'a>, request_documents: &'a AtomicU32) -> Self {
        Self {
            around,
            budget: Budget::new(request_documents),
            owing: Owing::new(around.tree, around.attempts.log),
            turns: Semaphore::new(AT_ONCE),
        }
    }

    /// Resolves the source's own document.
    pub(crate) async fn run(&self, document: ReadDocument) -> Resolution {
        let mut resolution = self.document(document, &[]).await;
        for Candidate { ad, .. } in resolution.cut(TREE_ADS) {
            let message = format!("more than {TREE_ADS} ads of one source");
            self.reject(&ad, &Rejection::new(RejectionReason::SlotFull, message));
        }
        resolution
    }

    /// Resolves a document found below `above`, the wrappers on the way to it, outermost first.
    fn document<'w>(&'w self, document: ReadDocument, above: &'w [Arc<WrapperLevel>]) -> BoxFuture<'w, Resolution> {
        async move {
            let ReadDocument { info, base, vast, is_damaged } = document;
            let offer = Offer::of(vast.ads, Allowed::by(above.last().map(|level| &**level)));
            if offer.is_empty() {
                let failure = nothing(above, is_damaged);
                return Resolution::failed(self.empty(&info, &vast.errors, above, failure));
            }
            let found = Found { document: &info, base: base.as_ref(), above };
            let order = Order {
                resolve: |ad| self.ad(ad, found),
                enough: |candidates: &[Candidate]| self.is_enough(candidates),
                ahead: self.around.ahead,
            };
            let resolution = order.run(offer).await;
            if resolution.candidates.is_empty() {
                // The paths that failed have been told why; the document itself only that nothing of it is used.
                self.owing.report(ErrorUrl::all(&info, &vast.errors), ErrorType::WrapperNoAd.code());
            }
            resolution
        }
        .boxed()
    }

    async fn ad(&self, mut ad: Ad, found: Found<'_>) -> Resolution {
        match std::mem::take(&mut ad.kind) {
            AdKind::Wrapper(wrapper) => self.wrapper(ad, *wrapper, found).await,
            inline => self.inline(Ad { kind: inline, ..ad }, found),
        }
    }

    fn inline(&self, ad: Ad, found: Found<'_>) -> Resolution {
        let Surroundings { tree, slot, filter, attempts, .. } = self.around;
        let hop = found.document.hop;
        let document = Arc::clone(found.document);
        let Some(mut ad) = ResolvedAd::new(Arc::clone(tree), found.above.to_vec(), document, ad) else {
            return Resolution::default();
        };
        self.warn_of_cut(hop, "the ad", ad.limit_trackers());
        match verdict(&ad, slot, filter) {
            Verdict::Usable(media) => {
                self.judged(hop, ad.id.clone(), None);
                Resolution::usable(Candidate { lane: attempts.log.lane(), ad, media })
            }
            Verdict::Rejected(rejection) => Resolution::failed(self.reject(&ad, &rejection)),
        }
    }

    fn reject(&self, ad: &ResolvedAd, rejection: &Rejection) -> Failure {
        self.judged(ad.hop(), ad.id.clone(), Some(rejection.clone()));
        let failure = filtered(rejection);
        self.owing.report_ad(ad, failure.code());
        self.fail(ad.hop(), failure)
    }

    async fn wrapper(&self, ad: Ad, wrapper: Wrapper, found: Found<'_>) -> Resolution {
        let mut level = WrapperLevel::new(Arc::clone(found.document), ad, wrapper);
        let hop = level.document.hop;
        self.warn_of_cut(hop, "the wrapper", limit_wrapper(&mut level));
        if has_media(&level.wrapper) {
            self.warn(hop, Oddity::WrapperMedia, "media files or resources of a wrapper; they count for nothing");
        }
        let mut path = found.above.to_vec();
        path.push(Arc::new(level));
        match self.followed(&path, found.base).await {
            Ok(document) => self.document(document, &path).await,
            Err((hop, failure)) => {
                self.owing.report(wrapper_errors(&path), failure.code());
                Resolution::failed(self.fail(hop, failure))
            }
        }
    }

    /// The document that the last wrapper of `path` names, or the failure and the document it concerns.
    async fn followed(
        &self,
        path: &[Arc<WrapperLevel>],
        base: Option<&Target>,
    ) -> Result<ReadDocument, (u32, Failure)> {
        let Some(level) = path.last() else { return Err((0, Failure::new(ErrorType::Internal, "an empty path"))) };
        let at_wrapper = |failure| (level.document.hop, failure);
        self.check_wrapper(level, path.len()).map_err(at_wrapper)?;
        let number = self.budget.next_document().map_err(at_wrapper)?;
        let _turn = self.turn().await.map_err(at_wrapper)?;
        let Surroundings { tree, attempts, context, .. } = self.around;
        let hop = Hop { number, level, above: path, base, tree, attempts, context };
        hop.follow().await.map_err(|failure| (number, failure))
    }

    /// Waits until fewer than the most documents of the tree are on their way.
    async fn turn(&self) -> Result<SemaphorePermit<'_>, Failure> {
        let turn = self.around.attempts.deadline.within(self.turns.acquire()).await.map_err(Failure::timeout)?;
        turn.map_err(|_| Failure::new(ErrorType::Internal, "nobody's turn"))
    }

    fn check_wrapper(&self, level: &WrapperLevel, depth: usize) -> Result<(), Failure> {
        let filter = self.around.filter;
        if !filter.accept_wrappers {
            let rejection = Rejection::new(RejectionReason::Wrapper, "wrappers are not accepted");
            self.judged(level.document.hop, level.ad_id.clone(), Some(rejection.clone()));
            return Err(filtered(&rejection));
        }
        let most = filter.max_wrapper_depth;
        if depth > most as usize {
            return Err(Failure::new(ErrorType::WrapperLimit, format!("more than {most} wrappers before an InLine")));
        }
        if level.wrapper.vast_ad_tag_uri.is_empty() {
            return Err(Failure::new(ErrorType::WrapperUri, "the wrapper has no VASTAdTagURI"));
        }
        Ok(())
    }

    fn is_enough(&self, candidates: &[Candidate]) -> bool {
        let candidates: Vec<&Candidate> = candidates.iter().collect();
        self.around.selector.enough(&candidates, self.around.slot)
    }

    /// A document without ads that count: the wrappers above it and its own root errors are told (VAST 4.3 section
    /// 2.3.6.4).
    fn empty(&self, info: &DocumentInfo, errors: &[Text], above: &[Arc<WrapperLevel>], failure: Failure) -> Failure {
        self.owing.report_document(wrapper_errors(above), failure.code(), ErrorUrl::all(info, errors));
        self.fail(info.hop, failure)
    }

    fn warn_of_cut(&self, hop: u32, of: &str, cut: Option<TrackersDropped>) {
        if let Some(TrackersDropped { found, kept }) = cut {
            self.warn(hop, Oddity::TrackersCut, format!("{of} has {found} trackers to call; {kept} are kept"));
        }
    }

    fn warn(&self, hop: u32, oddity: Oddity, message: impl Into<Cow<'static, str>>) {
        self.around.attempts.log.record(Fact::Warned { hop, oddity, message: message.into() });
    }

    fn judged(&self, hop: u32, ad_id: Option<Text>, rejection: Option<Rejection>) {
        self.around.attempts.log.record(Fact::Judged { hop, ad_id, rejection });
    }

    fn fail(&self, hop: u32, failure: Failure) -> Failure {
        self.around.attempts.log.record(Fact::Failed { hop, failure: failure.clone() });
        failure
    }
}

/// What it means that a document below `above` has no ad that counts.
fn nothing(above: &[Arc<WrapperLevel>], is_damaged: bool) -> Failure {
    let failure = match above {
        _ if is_damaged => Failure::new(ErrorType::NotVast, "no ad of the document has an InLine or a Wrapper"),
        [] => Failure::new(ErrorType::NoAd, "a valid answer without an ad"),
        _ => Failure::new(ErrorType::WrapperNoAd, "a valid answer without an ad that the wrapper takes"),
    };
    failure.after_answer()
}

/// Whether a wrapper has what only an `InLine` may bring (VAST 4.3 section 3.19).
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
