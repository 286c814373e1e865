//! What enters a request from outside: the answers of servers, documents without an exchange, and decisions that depend on earlier
//! requests or on chance. A recorder notes it, and a replay gives it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;

use crate::error::Failure;
use crate::journal::{FactTimes, SkipReason};
use crate::policy::TierKind;
use crate::transport::{ExchangePlace, Fetched, ObservedExchange, Target};

/// Sees what enters a request from outside. A method that gets a value returns the value that the request uses. By default nothing is
/// noted and nothing is changed.
pub(crate) trait Outside: Send + Sync {
    /// An exchange for `url` begins.
    fn exchange(&self, place: ExchangePlace, url: &Arc<str>) -> Option<ObservedExchange> {
        let _ = (place, url);
        None
    }

    /// The document at `url` is asked for. It comes from a source that is no ad tag, or it may be in the cache. `target` is the URL
    /// that the source requests, if it requests one.
    fn document(&self, place: ExchangePlace, url: &Arc<str>, target: Option<&Target>) -> Option<ObservedDocument> {
        let _ = (place, url, target);
        None
    }

    /// The source, which is no ad tag, could not prepare its request.
    fn not_prepared(&self, source: &Arc<str>, failure: &Failure) {
        let _ = (source, failure);
    }

    /// Another attempt at this place is due. The future ends when it begins, with `true`, or with `false` if too little time is left for it.
    /// `None`: it begins now.
    fn attempt(&self, place: &ExchangePlace) -> Option<BoxFuture<'static, bool>> {
        let _ = place;
        None
    }

    /// The order of the sources of a tier, by their indices, and whether it was drawn to measure a source again.
    fn ranked(&self, tier: TierKind, sources: Vec<usize>, is_exploration: bool) -> (Vec<usize>, bool) {
        let _ = tier;
        (sources, is_exploration)
    }

    /// Whether the source may be asked, or why it is skipped.
    fn turn(&self, source: &Arc<str>, permitted: Result<(), SkipReason>) -> Result<(), SkipReason> {
        let _ = source;
        permitted
    }

    /// The time that the source may run before the next one is asked too.
    fn stagger_after(&self, source: &Arc<str>, wait: Duration) -> Duration {
        let _ = source;
        wait
    }

    /// The name of the arm of the request; `None` if it is drawn.
    fn arm(&self) -> Option<&str> {
        None
    }

    /// The times of the facts of the request, or of the break of its playlist with this number; `None` if the clock gives them.
    fn fact_times(&self, ad_break: Option<usize>) -> Option<FactTimes> {
        let _ = ad_break;
        None
    }

    /// Whether the retry budget of the source permits another request.
    fn extra_request(&self, source: &Arc<str>, is_permitted: bool) -> bool {
        let _ = source;
        is_permitted
    }
}

/// A document that is noted, or given by a recording.
pub(crate) struct ObservedDocument {
    pub(crate) log: Option<Box<dyn DocumentLog>>,
    /// The content. If it is given, neither the cache nor the source is asked.
    pub(crate) content: Option<BoxFuture<'static, DocumentContent>>,
}

/// A document or why there is none, and its age if it comes from the cache.
pub(crate) type DocumentContent = (Result<Fetched, Failure>, Option<Duration>);

/// Gets the end of one document. It is dropped without it if the request does not wait so long.
pub(crate) trait DocumentLog: Send {
    /// The document, or the failure, is there.
    fn arrived(self: Box<Self>, content: &Result<Fetched, Failure>, age: Option<Duration>);

    /// The document comes from exchanges of this request, which are noted.
    fn forget(self: Box<Self>);
}

/// What is outside of a lane, and the places of its documents.
pub(crate) struct LaneOutside {
    outside: Arc<dyn Outside>,
    source: Arc<str>,
    /// Whether the source is an ad tag. The documents of other sources are noted as a whole.
    is_tag: bool,
    ad_break: Option<usize>,
    hops: Mutex<HashMap<u32, HopPath>>,
}

/// The path to a document, and how many of its wrappers were followed.
#[derive(Default)]
struct HopPath {
    path: Vec<u32>,
    followed: u32,
}

impl LaneOutside {
    pub(super) fn new(outside: &Arc<dyn Outside>, source: &Arc<str>, is_tag: bool) -> Self {
        let (outside, source) = (Arc::clone(outside), Arc::clone(source));
        Self { outside, source, is_tag, ad_break: None, hops: Mutex::default() }
    }

    /// The same for the break with this number of the source's playlist. The documents of breaks come from ad tags.
    pub(super) fn of_break(&self, number: usize) -> Self {
        Self { ad_break: Some(number), ..Self::new(&self.outside, &self.source, true) }
    }

    /// Notes that a wrapper in the document `parent` was followed to the document `hop`.
    pub(crate) fn followed(&self, parent: u32, hop: u32) {
        let mut hops = self.hops.lock().unwrap_or_else(PoisonError::into_inner);
        let above = hops.entry(parent).or_default();
        let path = above.path.iter().copied().chain([above.followed]).collect();
        above.followed += 1;
        hops.insert(hop, HopPath { path, followed: 0 });
    }

    pub(crate) fn place(&self, hop: u32, attempt: u32, redirect: u32) -> ExchangePlace {
        let hops = self.hops.lock().unwrap_or_else(PoisonError::into_inner);
        let path = hops.get(&hop).map(|hop| hop.path.clone()).unwrap_or_default();
        ExchangePlace { source: Arc::clone(&self.source), ad_break: self.ad_break, hop, path, attempt, redirect }
    }

    /// A document of a source that is no ad tag is asked for.
    pub(crate) fn own_document(
        &self,
        attempt: u32,
        url: &Arc<str>,
        target: Option<&Target>,
    ) -> Option<ObservedDocument> {
        if self.is_tag {
            return None;
        }
        self.outside.document(self.place(0, attempt, 0), url, target)
    }

    /// The source could not prepare its request. That of an ad tag depends on nothing from outside.
    pub(crate) fn not_prepared(&self, failure: &Failure) {
        if !self.is_tag {
            self.outside.not_prepared(&self.source, failure);
        }
    }

    /// The document `hop` is looked up in the cache. The lookup is before the first attempt, so it has the number 0.
    pub(crate) fn cached(&self, hop: u32, url: &Arc<str>) -> Option<ObservedDocument> {
        self.outside.document(self.place(hop, 0, 0), url, None)
    }

    pub(crate) fn all(&self) -> &dyn Outside {
        &*self.outside
    }
}
