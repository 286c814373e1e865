//! The facts of a request: what happened, in order.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use vast_xml::model::Vast;
use vast_xml::{Text, Warning};

use super::outcome::{EndReason, Outcome};
use crate::error::{Failure, Rejection};
use crate::request::SourceTree;
use crate::transport::RedirectStep;

/// The kinds of warnings about a source's tree that do not come from reading a single document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum TreeWarning {
    /// A wrapper or an ad has more than [`MAX_TRACKERS`](crate::ad::MAX_TRACKERS) trackers; the rest was dropped.
    TrackersCut,
    /// More error reports are due than may be sent; the rest was dropped.
    ReportsCut,
    /// Ads of a document are ignored, because the wrapper that names the document does not permit them.
    AdsIgnored,
    /// A wrapper has media files or resources, which only an `InLine` may have; they are ignored.
    WrapperMedia,
    /// The ads of the answer inherit more than [`MAX_INHERITED_BYTES`](crate::ad::MAX_INHERITED_BYTES); parts were dropped.
    InheritedCut,
    /// The chosen linear creative has no `Duration`, or one of zero.
    NoDuration,
    /// Neither the `type` nor the URL of the chosen media file gives its media type.
    NoMediaType,
    /// The `Content-Encoding` of a response does not say how its body is encoded. The body was decoded nevertheless.
    ContentEncoding,
    /// The price of an ad cannot be compared, although ads are ranked by price. The ad counts as one without a price.
    Unpriced,
}

impl TreeWarning {
    /// The name used in results.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// An error where trackers, ads or media were lost, else a warning.
    pub fn severity(self) -> vast_xml::Severity {
        match self {
            Self::TrackersCut | Self::ReportsCut | Self::AdsIgnored | Self::WrapperMedia | Self::InheritedCut => {
                vast_xml::Severity::Error
            }
            Self::NoDuration | Self::NoMediaType | Self::ContentEncoding | Self::Unpriced => {
                vast_xml::Severity::Warning
            }
        }
    }
}

/// A fact: one event in the course of a request. The journal reserves memory for several facts when a request begins, so large fields that
/// few facts have are in boxes.
#[derive(Debug, Clone, PartialEq, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
#[non_exhaustive]
pub enum Fact {
    /// The lane began.
    Asked,
    /// An exchange began. `number` counts the attempts at this document from 1.
    Attempt {
        /// The number of the document that was requested; 0 is the source's own.
        hop: u32,
        /// The attempt.
        number: u32,
        /// The URL with its macros filled in.
        url: Arc<str>,
    },
    /// The document, or the reason why there is none, comes from the cache.
    FromCache {
        /// The number of the document; 0 is the source's own.
        hop: u32,
        /// The URL with its macros filled in.
        url: Arc<str>,
        /// How long ago it was fetched.
        age: Duration,
    },
    /// The response with a document arrived.
    Answered {
        /// The document.
        hop: u32,
        /// The HTTP status, where there is one.
        status: Option<u16>,
        /// Bytes as sent, before decoding.
        bytes: u64,
        /// The URL after redirects, or the label of a source without a URL.
        url: Arc<str>,
    },
    /// The own document of a source has arrived. It is kept as bytes, and read only if no source ahead of this one wins.
    Kept,
    /// An exchange for a document was answered with a redirect, which is followed if the limits permit it.
    Redirected {
        /// The document concerned.
        hop: u32,
        /// The redirect.
        step: RedirectStep,
    },
    /// An attempt or a document failed. Another attempt may follow if the failure permits it.
    Failed {
        /// The document concerned.
        hop: u32,
        /// The failure.
        failure: Failure,
    },
    /// A break of the source's playlist has no ad.
    BreakFailed {
        /// The number of the break, from 0.
        number: usize,
        /// Why. The message names the break.
        failure: Box<Failure>,
    },
    /// A document was read.
    Parsed {
        /// The document.
        document: Arc<DocumentInfo>,
        /// The number of ads in the document.
        ads: usize,
        /// The warnings of the reader.
        warnings: Vec<Warning>,
    },
    /// A wrapper was read.
    WrapperRead(Arc<WrapperInfo>),
    /// A wrapper was followed to document `hop`.
    Followed {
        /// The number of the document that the wrapper names.
        hop: u32,
        /// The number of the document that contains the wrapper.
        parent: u32,
        /// The wrapper's `VASTAdTagURI`, with macros not filled in.
        uri: Text,
        /// The wrapper's ad system.
        ad_system: Option<Text>,
    },
    /// An ad was judged.
    Judged {
        /// The number of the document that contains the ad's `InLine`.
        hop: u32,
        /// `Ad@id`.
        ad_id: Option<Text>,
        /// The reason why the ad was rejected; `None` if the ad is usable.
        rejection: Option<Box<Rejection>>,
    },
    /// An error report is due: this `<Error>` URL will be called.
    ReportDue {
        /// The number of the document that contains the URL.
        hop: u32,
        /// The URL of that document: the base of an `<Error>` URL that is relative.
        base: Arc<str>,
        /// The URL, with macros not filled in.
        url: Text,
        /// The VAST error code.
        code: u16,
        /// The source's tree that the URL belongs to.
        tree: Arc<SourceTree>,
        /// `AdServingId` of the `InLine` that failed, if the chain led to an `InLine` (VAST 4.3 section 3.4.3).
        ad_serving_id: Option<Box<Text>>,
    },
    /// A warning: the lane continues.
    Warned {
        /// The document concerned.
        hop: u32,
        /// The kind of the warning.
        kind: TreeWarning,
        /// The text of the warning.
        message: Cow<'static, str>,
    },
    /// The lane ended.
    Ended {
        /// The outcome.
        outcome: Outcome,
        /// The reason; `None` for `Filled`.
        reason: Option<EndReason>,
    },
}

impl Fact {
    /// The name of the fact without its values, for example `answered`.
    pub fn name(&self) -> &'static str {
        self.into()
    }
}

/// A fact with its time and its lane.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Entry {
    /// The time since the request began.
    pub at: Duration,
    /// The number of the lane: the number of the source in the plan, from 0. The fallbacks follow the primary sources.
    pub lane: usize,
    /// The fact.
    pub fact: Fact,
}

/// A document of a source's tree: the source's own, or one that a wrapper led to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DocumentInfo {
    /// The number of the document in its tree; 0 is the source's own.
    pub hop: u32,
    /// The number of the document with the wrapper that led to this document.
    pub parent: Option<u32>,
    /// The URL after redirects; a path or a label if there is no URL. For a document that was not requested it is the text
    /// of the wrapper.
    pub url: Arc<str>,
    /// The ad system of the wrapper that led to this document.
    pub ad_system: Option<Text>,
    /// `VAST@version` as read.
    pub version: Option<Text>,
    /// The HTTP status, if there is one.
    pub status: Option<u16>,
    /// The size as sent, in bytes.
    pub bytes: u64,
    /// The redirects of the last attempt to fetch the document, in order.
    pub redirects: Vec<RedirectStep>,
    /// Whether the document comes from the cache: it was fetched for another request.
    pub from_cache: bool,
    /// The time from the start of the ad request to the start of the request for this document.
    pub began: Duration,
    /// The time that fetching and reading the document took, including retries.
    pub elapsed: Duration,
    /// The outcome. A document that contains an ad of the answer is `Filled`.
    pub outcome: Outcome,
}

impl DocumentInfo {
    /// The document with this number and URL; nothing else about it is known yet.
    pub fn new(hop: u32, parent: Option<u32>, url: impl Into<Arc<str>>) -> Self {
        Self {
            hop,
            parent,
            url: url.into(),
            ad_system: None,
            version: None,
            status: None,
            bytes: 0,
            redirects: Vec::new(),
            from_cache: false,
            began: Duration::ZERO,
            elapsed: Duration::ZERO,
            outcome: Outcome::NotStarted,
        }
    }

    /// The numbers `major.minor` at the beginning of the version; `None` if the version does not begin with a number.
    pub fn version_number(&self) -> Option<(u16, u16)> {
        Vast::number_of_version(self.version.as_deref()?)
    }
}

/// A wrapper that was read, whether its chain ended in an ad or not.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct WrapperInfo {
    /// The number of the document that contains the wrapper; 0 is the source's own.
    pub hop: u32,
    /// The number of the document that the wrapper led to; `None` if the wrapper was not followed.
    pub leads_to: Option<u32>,
    /// `Ad@id`.
    pub ad_id: Option<Text>,
    /// `AdSystem`.
    pub ad_system: Option<Text>,
    /// The number of `Impression` URLs in the wrapper.
    pub impressions: usize,
    /// The `Error` URLs of the wrapper as absolute URLs. Macros are not filled in.
    pub error_urls: Vec<Text>,
}
