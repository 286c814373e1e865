//! What happened to a request, fact by fact.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use vast_xml::model::Vast;
use vast_xml::{Text, Warning};

use crate::error::{Failure, Rejection};
use crate::request::SourceTree;

/// How a source's part in a request ended, from a closed set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "json", derive(schemars::JsonSchema))]
pub enum Outcome {
    /// It had a usable ad.
    Filled,
    /// It answered that it has no ad.
    NoAd,
    /// It answered with ads, and each of them was rejected.
    Rejected,
    /// It failed, or was still running when its own, its tier's or the request's time ended.
    Failed,
    /// Another source settled the request, or the caller gave up; never for time.
    Cancelled,
    /// A rule kept it from being asked: [`SkipReason`].
    Skipped,
    /// An earlier source settled the request.
    NotStarted,
}

impl Outcome {
    /// The name used in results, for example `no_ad`.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// Which rule kept a source from being asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "json", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum SkipReason {
    /// Less time was left than [`TimeLimits::min_useful`](crate::policy::TimeLimits::min_useful).
    NoTime,
    /// The GDPR applies, no consent is known, and the source is only asked with consent
    /// ([`Privacy::require_consent`](crate::request::Privacy::require_consent)).
    Consent,
}

impl SkipReason {
    /// The name used in results.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// The kind of a warning about a source's tree that no document of it shows alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum TreeWarning {
    /// A wrapper or an ad has more trackers than [`MAX_TRACKERS`](crate::ad::MAX_TRACKERS); some were dropped.
    TrackersCut,
    /// More error reports are due than are sent.
    ReportsCut,
    /// Ads of a document do not count, because the wrapper that names it does not allow them.
    AdsIgnored,
    /// A wrapper has media files or resources, which only an `InLine` may have; they are ignored.
    WrapperMedia,
    /// The ads of the answer inherit more than [`MAX_INHERITED_BYTES`](crate::ad::MAX_INHERITED_BYTES); parts were dropped.
    InheritedCut,
    /// The chosen linear creative has no `Duration`.
    NoDuration,
    /// Neither the `type` nor the URL of the chosen media file says what it is.
    NoMediaType,
    /// The `Content-Encoding` of a response does not say how its body is encoded. The body was read all the same.
    ContentEncoding,
}

impl TreeWarning {
    /// The name used in results.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Fact {
    /// The lane began.
    Asked,
    /// An exchange began. `number` counts the attempts at this document from 1.
    Attempt {
        /// The document asked for; 0 is the source's own.
        hop: u32,
        /// The attempt.
        number: u32,
        /// The URL, macros filled in.
        url: Arc<str>,
    },
    /// A document arrived.
    Answered {
        /// The document.
        hop: u32,
        /// The HTTP status, where there is one.
        status: Option<u16>,
        /// Bytes as sent, before decoding.
        bytes: u64,
        /// The URL after redirects, or the label of a source that has none.
        url: Arc<str>,
    },
    /// Something failed. What can be repeated may be followed by another attempt.
    Failed {
        /// The document concerned.
        hop: u32,
        /// What failed.
        failure: Failure,
    },
    /// A document was read.
    Parsed {
        /// The document.
        document: Arc<DocumentInfo>,
        /// The number of its ads.
        ads: usize,
        /// What the reader warned of.
        warnings: Vec<Warning>,
    },
    /// A wrapper was followed to document `hop`.
    Followed {
        /// The document the wrapper names.
        hop: u32,
        /// The document that holds the wrapper.
        parent: u32,
        /// The wrapper's `VASTAdTagURI`, macros not filled in.
        uri: Text,
        /// The wrapper's ad system.
        ad_system: Option<Text>,
    },
    /// An ad was judged.
    Judged {
        /// The document of its `InLine`.
        hop: u32,
        /// `Ad@id`.
        ad_id: Option<Text>,
        /// Why it was rejected; none when it is usable.
        rejection: Option<Rejection>,
    },
    /// An error report is due: this `<Error>` URL is to be called.
    ReportDue {
        /// The document that holds the URL.
        hop: u32,
        /// The URL of that document: the base of an `<Error>` URL that is relative.
        base: Arc<str>,
        /// The URL, macros not filled in.
        url: Text,
        /// The VAST error code.
        code: u16,
        /// The tree it belongs to.
        tree: Arc<SourceTree>,
        /// `AdServingId` of the `InLine` that failed, where the path reached one (VAST 4.3 section 3.4.3).
        ad_serving_id: Option<Text>,
    },
    /// Something unusual was found that does not end the lane.
    Warned {
        /// The document concerned.
        hop: u32,
        /// What kind of warning.
        kind: TreeWarning,
        /// The warning in words.
        message: Cow<'static, str>,
    },
    /// The lane ended.
    Ended {
        /// How.
        outcome: Outcome,
        /// Text for people; none when filled.
        reason: Option<String>,
    },
}

/// A fact with its time and lane.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Entry {
    /// When, since the request began.
    pub at: Duration,
    /// The lane: the number of the source in the plan, from 0; fallbacks follow the sources.
    pub lane: usize,
    /// What.
    pub fact: Fact,
}

/// A document of a source's tree: the source's own, or one that a wrapper led to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DocumentInfo {
    /// The number of the document in its tree; 0 is the source's own.
    pub hop: u32,
    /// The number of the document that holds the wrapper which led to it.
    pub parent: Option<u32>,
    /// The URL it came from, after redirects; a path or a label where there is none. Of a document that was never asked for
    /// it is the wrapper's text.
    pub url: Arc<str>,
    /// The ad system of the wrapper that led to it.
    pub ad_system: Option<Text>,
    /// `VAST@version` as read.
    pub version: Option<Text>,
    /// The HTTP status it came with, where there is one.
    pub status: Option<u16>,
    /// Its size as sent, before decoding.
    pub bytes: u64,
    /// When it was begun, since the request began.
    pub began: Duration,
    /// How long it took, retries and reading included.
    pub elapsed: Duration,
    /// How it ended. A document that holds an ad of the answer is `Filled`.
    pub outcome: Outcome,
}

impl DocumentInfo {
    /// The document of this number and URL, of which nothing else is known.
    pub fn new(hop: u32, parent: Option<u32>, url: impl Into<Arc<str>>) -> Self {
        Self {
            hop,
            parent,
            url: url.into(),
            ad_system: None,
            version: None,
            status: None,
            bytes: 0,
            began: Duration::ZERO,
            elapsed: Duration::ZERO,
            outcome: Outcome::NotStarted,
        }
    }

    /// The leading `major.minor` of the version; `None` when it has no number.
    pub fn version_number(&self) -> Option<(u16, u16)> {
        Vast { version: self.version.clone(), ..Vast::default() }.version_number()
    }
}
