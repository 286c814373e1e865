//! The walk over a tree of documents: every ad is followed to its `InLine` and judged, and what fails owes its error
//! reports to the path it failed on.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use vast_xml::Text;
use vast_xml::model::{Ad, AdKind, Wrapper};

use super::hop::{Hop, ReadDocument};
use crate::ad::{DocumentInfo, Inherited, ResolvedAd, Tree, WrapperLevel, wrapper_errors};
use crate::error::{ErrorType, Failure};
use crate::fetch::{Attempts, FetchContext};
use crate::journal::Fact;
use crate::select::{Candidate, ParseFilter, Rejection, RejectionReason, Slot, Verdict, verdict};
use crate::transport::Target;

/// The most wrapper documents of one source's tree: what an ad sends can cost only bounded work.
const MAX_WRAPPER_DOCUMENTS: u32 = 20;
/// The most documents of one request, over all its sources.
const MAX_REQUEST_DOCUMENTS: u32 = 200;
/// The most error reports that one source's tree can make us owe. Every ad that fails owes one to each error URL of each
/// wrapper above it, so without a bound a hundred ads below five wrappers full of URLs would owe a million.
const MAX_OWED: u32 = 500;

/// What came of a document and all below it.
#[derive(Debug, Default)]
pub(crate) struct Resolution {
    /// The usable ads, in order of play.
    pub(crate) candidates: Vec<Candidate>,
    /// What went wrong, in order.
    pub(crate) failures: Vec<Failure>,
}

impl Resolution {
    fn failed(failure: Failure) -> Self {
        Self { candidates: Vec::new(), failures: vec![failure] }
    }

    fn add(&mut self, other: Self) {
        self.candidates.extend(other.candidates);
        self.failures.extend(other.failures);
    }
}

/// The walk over one source's tree.
pub(crate) struct Walk<'a> {
    pub(crate) tree: Arc<Tree>,
    pub(crate) slot: &'a Slot,
    pub(crate) filter: &'a ParseFilter,
    pub(crate) attempts: Attempts<'a>,
    pub(crate) context: FetchContext<'a>,
    /// Documents of the whole request so far.
    pub(crate) request_documents: &'a AtomicU32,
    /// Wrapper documents of this tree so far; also the number of the last one.
    pub(crate) tree_documents: AtomicU32,
    /// Error reports owed by this tree so far.
    pub(crate) owed: AtomicU32,
}

impl Walk<'_> {
    /// Resolves a document found below `above`, the wrappers on the way to it, outermost first.
    pub(crate) fn document<'w>(
        &'w self,
        document: ReadDocument,
        above: &'w [Arc<WrapperLevel>],
    ) -> BoxFuture<'w, Resolution> {
        async move {
            if document.vast.ads.is_empty() {
                return Resolution::failed(self.empty(&document, above));
            }
            let ReadDocument { info, base, vast } = document;
            let (mut pod, alone): (Vec<Ad>, Vec<Ad>) = vast.ads.into_iter().partition(|ad| ad.sequence.is_some());
            pod.sort_by_key(|ad| ad.sequence);
            let mut resolution = Resolution::default();
            for ad in pod {
                resolution.add(self.ad(ad, &info, base.as_ref(), above).await);
            }
            // Ads without a sequence are alternatives: the next one only when nothing before it was usable.
            for ad in alone {
                if !resolution.candidates.is_empty() {
                    break;
                }
                resolution.add(self.ad(ad, &info, base.as_ref(), above).await);
            }
            resolution
        }
        .boxed()
    }

    async fn ad(
        &self,
        mut ad: Ad,
        info: &Arc<DocumentInfo>,
        base: Option<&Target>,
        above: &[Arc<WrapperLevel>],
    ) -> Resolution {
        match std::mem::take(&mut ad.kind) {
            AdKind::Wrapper(wrapper) => self.wrapper(ad, *wrapper, info, base, above).await,
            inline => self.inline(Ad { kind: inline, ..ad }, info, above),
        }
    }

    fn inline(&self, ad: Ad, info: &Arc<DocumentInfo>, above: &[Arc<WrapperLevel>]) -> Resolution {
        let Some(ad) = ResolvedAd::new(Arc::clone(&self.tree), above.to_vec(), Arc::clone(info), ad) else {
            return Resolution::default();
        };
        match verdict(&ad, self.slot, self.filter) {
            Verdict::Usable(media) => {
                self.judged(info.hop, ad.id.clone(), None);
                let lane = self.attempts.log.lane();
                Resolution { candidates: vec![Candidate { lane, ad, media }], failures: Vec::new() }
            }
            Verdict::Rejected(rejection) => {
                self.judged(info.hop, ad.id.clone(), Some(rejection.clone()));
                let code = rejection.reason.vast_error_code();
                self.owe(ad.errors(), code);
                Resolution::failed(self.fail(info.hop, filtered(&rejection)))
            }
        }
    }

    async fn wrapper(
        &self,
        ad: Ad,
        wrapper: Wrapper,
        info: &Arc<DocumentInfo>,
        base: Option<&Target>,
        above: &[Arc<WrapperLevel>],
    ) -> Resolution {
        let level = WrapperLevel { document: Arc::clone(info), ad_id: ad.id, sequence: ad.sequence, wrapper };
        let mut path = above.to_vec();
        path.push(Arc::new(level));
        match self.followed(&path, base).await {
            Ok(document) => self.document(document, &path).await,
            Err((hop, failure)) => {
                self.owe(wrapper_errors(&path), failure.vast_error_code.unwrap_or(300));
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
        let number = self.next_document().map_err(at_wrapper)?;
        let hop = Hop { number, level, base, tree: &self.tree, attempts: self.attempts, context: self.context };
        hop.follow().await.map_err(|failure| (number, failure))
    }

    fn check_wrapper(&self, level: &WrapperLevel, depth: usize) -> Result<(), Failure> {
        if !self.filter.accept_wrappers {
            let rejection = Rejection::new(RejectionReason::Wrapper, "wrappers are not accepted");
            self.judged(level.document.hop, level.ad_id.clone(), Some(rejection.clone()));
            return Err(filtered(&rejection));
        }
        let most = self.filter.max_wrapper_depth;
        if depth > most as usize {
            return Err(Failure::new(ErrorType::WrapperLimit, format!("more than {most} wrappers before an InLine")));
        }
        if level.wrapper.vast_ad_tag_uri.is_empty() {
            return Err(Failure::new(ErrorType::WrapperUri, "the wrapper has no VASTAdTagURI"));
        }
        Ok(())
    }

    fn next_document(&self) -> Result<u32, Failure> {
        let number = self.tree_documents.fetch_add(1, Ordering::Relaxed) + 1;
        let of_request = self.request_documents.fetch_add(1, Ordering::Relaxed) + 1;
        let over =
            |most: u32, of: &str| Failure::new(ErrorType::WrapperLimit, format!("more than {most} documents of {of}"));
        if number > MAX_WRAPPER_DOCUMENTS {
            return Err(over(MAX_WRAPPER_DOCUMENTS, "one source"));
        }
        if of_request > MAX_REQUEST_DOCUMENTS {
            return Err(over(MAX_REQUEST_DOCUMENTS, "one request"));
        }
        Ok(number)
    }

    /// A document without ads: its own root errors and the wrappers above it are told (VAST 4.3 section 2.3.6.4).
    fn empty(&self, document: &ReadDocument, above: &[Arc<WrapperLevel>]) -> Failure {
        let error_type = if above.is_empty() { ErrorType::NoAd } else { ErrorType::WrapperNoAd };
        let failure = Failure::new(error_type, "a valid answer without an ad").after_answer();
        let code = failure.vast_error_code.unwrap_or(303);
        let hop = document.info.hop;
        self.owe(wrapper_errors(above), code);
        self.owe(document.vast.errors.iter().map(|item| Inherited { hop, item }), code);
        self.fail(hop, failure)
    }

    fn owe<'u>(&self, urls: impl Iterator<Item = Inherited<'u, Text>>, code: u16) {
        for Inherited { hop, item } in urls {
            if self.owed.fetch_add(1, Ordering::Relaxed) >= MAX_OWED {
                break;
            }
            let tree = Arc::clone(&self.tree);
            self.attempts.log.record(Fact::Owed { hop, url: item.clone(), code, tree });
        }
    }

    fn judged(&self, hop: u32, ad_id: Option<Text>, rejection: Option<Rejection>) {
        self.attempts.log.record(Fact::Judged { hop, ad_id, rejection });
    }

    fn fail(&self, hop: u32, failure: Failure) -> Failure {
        self.attempts.log.record(Fact::Failed { hop, failure: failure.clone() });
        failure
    }
}

fn filtered(rejection: &Rejection) -> Failure {
    let code = rejection.reason.vast_error_code();
    Failure::new(ErrorType::Filtered, rejection.message.clone()).after_answer().with_code(code)
}
