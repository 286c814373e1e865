//! One document of a tree: fetching the document that a wrapper names, and reading it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;
use vast_xml::model::Vast;
use vast_xml::{Document, Text};

use crate::ad::{WrapperLevel, blocked_categories, bytes_added, model_bytes};
use crate::context::LaneContext;
use crate::error::{ErrorType, Failure};
use crate::fetch::{Attempts, Fetched};
use crate::journal::{DocumentInfo, Fact, Outcome};
use crate::parse;
use crate::transport::Target;

/// From this size on, in bytes, a body is parsed on another thread: parsing it takes about a millisecond.
const LARGE_BODY: usize = 256 * 1024;

/// A document that was read.
pub(crate) struct ReadDocument {
    pub(crate) info: Arc<DocumentInfo>,
    /// The URL of the document, against which relative URLs in it are resolved.
    pub(crate) base: Option<Target>,
    pub(crate) vast: Vast,
    /// Whether an ad was left out because it has neither an `InLine` nor a `Wrapper`.
    pub(crate) is_damaged: bool,
}

/// The position of a document in its source tree.
pub(crate) struct DocumentPlace<'a> {
    /// The number of the document; 0 is the source's own.
    pub(crate) hop: u32,
    /// The wrapper that names the document; `None` for the source's own document.
    pub(crate) wrapper: Option<&'a WrapperLevel>,
    /// The URL, path or label that was requested.
    pub(crate) url: &'a str,
    /// The time from the start of the request to the start of this document.
    pub(crate) began: Duration,
}

impl ReadDocument {
    /// PARSE: reads a document of the lane and records it.
    ///
    /// # Errors
    /// A [`Failure`] if the body is not a VAST document. An empty document below a wrapper gives "no ad after
    /// wrappers".
    pub(crate) async fn read(
        lane: &LaneContext,
        place: &DocumentPlace<'_>,
        mut fetched: Fetched,
    ) -> Result<Self, Failure> {
        if lane.deadline().remaining(Instant::now()).is_zero() {
            return Err(Failure::timeout(lane.deadline().limit()));
        }
        let parsed = parsed(lane, std::mem::take(&mut fetched.body), fetched.charset.take()).await;
        // The permit to parse is held until the parts of the document are counted.
        let (parsed, _permit) = parsed?;
        let parsed = parsed.map_err(|failure| if place.wrapper.is_some() { in_chain(failure) } else { failure })?;
        let (mut vast, warnings) = (parsed.vast, parsed.warnings);
        let is_damaged = parse::has_unusable_ads(&warnings);
        let url: Arc<str> = fetched.base.as_ref().map_or(place.url, |base| base.as_str()).into();
        lane.take_bytes(place.hop, model_bytes(&vast) + bytes_added(&mut vast, &url))?;
        let document = Arc::new(DocumentInfo {
            ad_system: place.wrapper.and_then(ad_system),
            version: vast.version.clone(),
            status: fetched.status,
            bytes: fetched.wire_bytes,
            redirects: std::mem::take(&mut fetched.redirects),
            began: place.began,
            elapsed: lane.log().since_request().saturating_sub(place.began),
            outcome: Outcome::Filled,
            ..DocumentInfo::new(place.hop, place.wrapper.map(|level| level.document.hop), url)
        });
        lane.log().record(Fact::Parsed { document: Arc::clone(&document), ads: vast.ads.len(), warnings });
        Ok(Self { info: document, base: fetched.base, vast, is_damaged })
    }
}

/// Parses a body. A large one is parsed on another thread, because the other lanes and the deadline must not wait for it. Then
/// the result comes with the permit to parse large documents of the request.
async fn parsed(
    lane: &LaneContext,
    body: Bytes,
    charset: Option<String>,
) -> Result<(Result<Document, Failure>, Option<OwnedSemaphorePermit>), Failure> {
    if body.len() < LARGE_BODY {
        return Ok((parse::document(&body, charset.as_deref()), None));
    }
    let permit = Arc::clone(&lane.of_request().parsing).acquire_owned();
    let permit = lane.deadline().within(permit).await.map_err(Failure::timeout)?.ok();
    let parse = move || (parse::document(&body, charset.as_deref()), permit);
    let parsed = tokio::task::spawn_blocking(parse).await;
    parsed.map_err(|_| Failure::new(ErrorType::Internal, "a bug: the parser panicked"))
}

/// Fetches and reads the document with the number `hop`, which the last wrapper of `path` names, under the time limit of a
/// hop. `base` is the location of the wrapper's own document.
pub(super) async fn follow(
    lane: &LaneContext,
    hop: u32,
    path: &[Arc<WrapperLevel>],
    base: Option<&Target>,
) -> Result<ReadDocument, Failure> {
    let Some(level) = path.last() else { return Err(Failure::new(ErrorType::Internal, "an empty path")) };
    let began = lane.log().since_request();
    let uri = &level.wrapper.vast_ad_tag_uri;
    let parent = level.document.hop;
    lane.log().record(Fact::Followed { hop, parent, uri: uri.clone(), ad_system: ad_system(level) });
    let tree = lane.tree();
    // Macros are filled in before the text is parsed as a URL.
    let expanded = lane.values().expand_hop(uri, &tree.transaction_id, &tree.disclosure, || blocked_categories(path));
    let unusable = |error: &dyn std::fmt::Display| {
        Failure::new(ErrorType::WrapperUri, format!("the VASTAdTagURI cannot be asked: {error}"))
    };
    let expanded = expanded.map_err(|error| unusable(&error))?;
    let target = Target::parse(&expanded, base).map_err(|error| unusable(&error))?;
    let fetched = Attempts::of_hop(lane, hop).get(&target).await?;
    let place = DocumentPlace { hop, wrapper: Some(level), url: target.as_str(), began };
    ReadDocument::read(lane, &place, fetched).await
}

pub(super) fn ad_system(level: &WrapperLevel) -> Option<Text> {
    level.wrapper.ad_system.as_ref().map(|system| system.name.clone())
}

/// Converts the failure of a document below a wrapper: "no ad" becomes "no ad after wrappers".
fn in_chain(mut failure: Failure) -> Failure {
    if failure.error_type == ErrorType::NoAd {
        failure.error_type = ErrorType::WrapperNoAd;
    }
    failure
}
