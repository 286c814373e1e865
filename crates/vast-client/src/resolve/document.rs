//! One document of a tree: fetching the document that a wrapper names, and reading it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::{Either, ready};
use vast_xml::model::Vast;
use vast_xml::vmap::{Vmap, VmapDocument};
use vast_xml::{AnyDocument, Document, Text};

use crate::ad::{WrapperLevel, blocked_categories, bytes_added, model_bytes, resolve_ads};
use crate::context::LaneContext;
use crate::error::{ErrorType, Failure};
use crate::fetch::{Fetched, target_of, wrapper_document};
use crate::journal::{DocumentInfo, Fact, Outcome};
use crate::parse;
use crate::transport::Target;

/// A document that was read.
pub(crate) struct ReadDocument {
    pub(crate) info: Arc<DocumentInfo>,
    /// The URL of the document, against which relative URLs in it are resolved.
    pub(crate) base: Option<Target>,
    pub(crate) vast: Vast,
    /// Whether an ad was left out because it has neither an `InLine` nor a `Wrapper`.
    pub(crate) is_damaged: bool,
    /// Whether its bytes mean the same at another URL: it has no relative URL, and its server does not declare a charset other than
    /// UTF-8.
    pub(crate) is_self_contained: bool,
}

/// A playlist that was read.
pub(crate) struct ReadPlaylist {
    pub(crate) info: Arc<DocumentInfo>,
    /// The URL of the document, against which relative URLs in it are resolved.
    pub(crate) base: Option<Target>,
    pub(crate) vmap: Vmap,
}

/// The answer of a source.
pub(crate) enum ReadAnswer {
    /// Ads.
    Vast(ReadDocument),
    /// A playlist of breaks.
    Playlist(ReadPlaylist),
}

/// The parts of a source's own document that are kept beside its ads.
#[derive(Debug, Clone)]
pub(crate) struct OwnDocument {
    pub(crate) info: Arc<DocumentInfo>,
    pub(crate) root_errors: Vec<Text>,
    pub(crate) raw: Option<Bytes>,
    /// [`ReadDocument::is_self_contained`].
    pub(crate) is_self_contained: bool,
}

impl OwnDocument {
    /// The kept parts of `document`, and `raw`, its bytes, if they are kept.
    pub(crate) fn of(document: &ReadDocument, raw: Option<Bytes>) -> Self {
        let is_self_contained = document.is_self_contained;
        Self { info: Arc::clone(&document.info), root_errors: document.vast.errors.clone(), raw, is_self_contained }
    }
}

/// The position of a document in its source tree.
pub(crate) struct DocumentPlace<'a> {
    /// The number of the document; 0 is the source's own.
    pub(crate) hop: u32,
    /// The wrapper that names the document; `None` for the source's own document.
    pub(crate) wrapper: Option<&'a WrapperLevel>,
    /// The URL, path or label that was requested.
    pub(crate) url: Arc<str>,
    /// The time from the start of the request to the start of this document.
    pub(crate) began: Duration,
}

impl ReadAnswer {
    /// PARSE: reads a document of the lane and records it.
    ///
    /// # Errors
    /// A [`Failure`] when it is neither VAST nor VMAP. An empty document below a wrapper is "no ad after wrappers".
    pub(crate) fn read<'a>(
        lane: &'a LaneContext,
        place: DocumentPlace<'a>,
        fetched: Fetched,
    ) -> impl Future<Output = Result<Self, Failure>> + Send + use<'a> {
        if fetched.body.len() >= parse::LARGE_BODY {
            return Either::Right(Self::read_large(lane, place, fetched).boxed());
        }
        let parsed = parse::any_document(&fetched.body, fetched.charset.as_deref());
        Either::Left(ready(Self::of_parsed(lane, &place, fetched, parsed)))
    }

    /// Reads a large document on another thread, because the other lanes and the deadline must not wait for it.
    async fn read_large(lane: &LaneContext, place: DocumentPlace<'_>, mut fetched: Fetched) -> Result<Self, Failure> {
        let permit = lane.request_context().budget.parsing().acquire_owned();
        let permit = lane.deadline().within(permit).await.map_err(Failure::timeout)?;
        let (body, charset) = (std::mem::take(&mut fetched.body), fetched.charset.clone());
        let parse = move || (parse::any_document(&body, charset.as_deref()), permit);
        let parsed = tokio::task::spawn_blocking(parse).await;
        // The permit to parse is held until the parts of the document are counted.
        let (parsed, _permit) = parsed.map_err(|_| Failure::new(ErrorType::Internal, "a bug: the parser panicked"))?;
        Self::of_parsed(lane, &place, fetched, parsed)
    }

    /// Counts the parts of the document that was parsed, and records it.
    fn of_parsed(
        lane: &LaneContext,
        place: &DocumentPlace<'_>,
        mut fetched: Fetched,
        parsed: Result<AnyDocument, Failure>,
    ) -> Result<Self, Failure> {
        let mut is_self_contained = fetched.charset.as_ref().is_none_or(|name| name.eq_ignore_ascii_case("utf-8"));
        let mut parsed = parsed.map_err(|failure| if place.wrapper.is_some() { in_chain(failure) } else { failure })?;
        let version = match &parsed {
            AnyDocument::Vast(document) => document.vast.version.clone(),
            AnyDocument::Vmap(document) => document.vmap.version.clone(),
        };
        let url: Arc<str> = fetched.base.as_ref().map_or_else(|| Arc::clone(&place.url), Target::text);
        if let AnyDocument::Vast(document) = &mut parsed {
            is_self_contained &= take_parts(lane, place.hop, &mut document.vast, &url)? == 0;
        }
        let document = Arc::new(DocumentInfo {
            ad_system: place.wrapper.and_then(ad_system),
            version,
            status: fetched.status,
            bytes: fetched.wire_bytes,
            redirects: std::mem::take(&mut fetched.redirects),
            from_cache: fetched.age.is_some(),
            began: place.began,
            elapsed: lane.log().since_request().saturating_sub(place.began),
            outcome: Outcome::Filled,
            ..DocumentInfo::new(place.hop, place.wrapper.map(|level| level.document.hop), url)
        });
        let (info, base) = (document, fetched.base);
        let parsed_fact = |ads, warnings| Fact::Parsed { document: Arc::clone(&info), ads, warnings };
        Ok(match parsed {
            AnyDocument::Vast(Document { vast, warnings, .. }) => {
                let is_damaged = parse::has_unusable_ads(&warnings);
                lane.log().record(parsed_fact(vast.ads.len(), warnings));
                Self::Vast(ReadDocument { info, base, vast, is_damaged, is_self_contained })
            }
            AnyDocument::Vmap(VmapDocument { vmap, warnings, .. }) => {
                lane.log().record(parsed_fact(0, warnings));
                Self::Playlist(ReadPlaylist { info, base, vmap })
            }
        })
    }
}

impl ReadDocument {
    /// VAST that stands in the playlist `playlist`, as the first document of the tree of its break. It was read with the playlist.
    ///
    /// # Errors
    /// A [`Failure`] if its relative URLs need more bytes than the source or the request may use.
    pub(crate) fn inside(
        lane: &LaneContext,
        playlist: &DocumentInfo,
        base: Option<&Target>,
        mut vast: Vast,
    ) -> Result<Self, Failure> {
        take_parts(lane, 0, &mut vast, &playlist.url)?;
        let info = Arc::new(DocumentInfo {
            version: vast.version.clone(),
            began: lane.log().since_request(),
            outcome: Outcome::Filled,
            ..DocumentInfo::new(0, None, Arc::clone(&playlist.url))
        });
        lane.log().record(Fact::Parsed { document: Arc::clone(&info), ads: vast.ads.len(), warnings: Vec::new() });
        Ok(Self { info, base: base.cloned(), vast, is_damaged: false, is_self_contained: false })
    }
}

/// Counts the bytes that the parts of the document `hop` need in memory, and makes the URLs of its ads absolute. Returns the number
/// of bytes by which the URLs grow.
///
/// # Errors
/// A [`Failure`] if these are more bytes than the source or the request may use.
fn take_parts(lane: &LaneContext, hop: u32, vast: &mut Vast, url: &str) -> Result<usize, Failure> {
    let added = bytes_added(vast, url);
    lane.take_bytes(hop, model_bytes(vast) + added)?;
    if added > 0 {
        resolve_ads(&mut vast.ads, url);
    }
    Ok(added)
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
    let target = target_of(lane, uri, base, || blocked_categories(path))?;
    let key = lane.wrapper_cache_key(uri, base, || blocked_categories(path));
    let fetched = wrapper_document(lane, hop, key, &target).await?;
    lane.check_time()?;
    let place = DocumentPlace { hop, wrapper: Some(level), url: target.text(), began };
    match ReadAnswer::read(lane, place, fetched).await? {
        ReadAnswer::Vast(document) => Ok(document),
        ReadAnswer::Playlist(_) => {
            let message = "the answer is a playlist (VMAP), which a wrapper cannot lead to";
            Err(Failure::new(ErrorType::WrapperNoAd, message).after_answer())
        }
    }
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
