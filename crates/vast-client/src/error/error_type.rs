//! The closed set of error types, and the table of their consequences.

use std::fmt;

/// The stage of the pipeline in which a failure occurred.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "json", derive(schemars::JsonSchema))]
pub enum Phase {
    /// FETCH: getting bytes from a source.
    Fetch,
    /// PARSE: reading the bytes as a document.
    Parse,
    /// RESOLVE: following wrappers.
    Resolve,
    /// SELECT: checking and choosing ads.
    Select,
}

impl Phase {
    /// The name used in results: `fetch`, `parse`, `resolve`, `select`.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The kind of a failure, from a closed set. [`ErrorType::row`] gives its consequences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "snake_case")]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "json", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum ErrorType {
    /// The host's name could not be resolved.
    Dns,
    /// No connection could be opened.
    Connect,
    /// The TLS handshake failed: certificate, name or protocol.
    Tls,
    /// A time limit fired; the message and [`Failure::limit`](crate::Failure::limit) name it.
    Timeout,
    /// The other side closed or reset the connection.
    Reset,
    /// An HTTP status that is neither success nor a redirect that can be followed.
    HttpStatus,
    /// A redirect without a usable `Location`, a redirect loop, or more redirects than `max_redirects` (default 5).
    Redirect,
    /// A private, loopback, link-local or metadata address, or a port other than 80 and 443, that this tree may not reach.
    BlockedAddress,
    /// A body, or another part of a response, beyond the byte limits.
    TooLarge,
    /// A `Content-Encoding` that is unknown or does not decode.
    Encoding,
    /// The body is not well-formed XML; an HTML page is the usual case.
    NotXml,
    /// Well-formed XML that is not VAST.
    NotVast,
    /// A limit of the parser or of the request tree: depth, elements, documents.
    Limit,
    /// A valid response without an ad: an empty VAST document, HTTP 204, or an empty body.
    NoAd,
    /// A wrapper without a usable `VASTAdTagURI`.
    WrapperUri,
    /// More wrappers than allowed on the way to an `InLine`.
    WrapperLimit,
    /// The chain ended without an ad after at least one wrapper.
    WrapperNoAd,
    /// The ad was rejected; the VAST error code gives the reason.
    Filtered,
    /// A break of a playlist (VMAP) that cannot be run as it is written: it has no `timeOffset`, its `AdSource` holds nothing, or
    /// nothing handles its `breakType` or `templateType`.
    BreakInvalid,
    /// The ad tag of a break answered with a playlist. Breaks do not nest, so that a break cannot lead to itself.
    NestedPlaylist,
    /// The playlist has no break with the id that was asked for.
    UnknownBreak,
    /// In a replay only: the recording does not have what the server would have answered.
    NotRecorded,
    /// The documents of all requests of this process have too many bytes together.
    Overloaded,
    /// A bug in this library: a lane panicked. The other lanes continue.
    Internal,
}

/// Where a failure came from, as far as it tells something about the health of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "json", derive(schemars::JsonSchema))]
pub enum FailureOrigin {
    /// No complete response: the name, the connection, TLS or a time limit. Envoy calls it a local origin failure.
    Network,
    /// A response that refuses the request: an HTTP status, a redirect that leads nowhere.
    Server,
    /// A document that cannot be used: it cannot be read, or its wrappers are wrong.
    Content,
    /// This program: a bug, too little memory, or a request for something that the document does not have. It says nothing about the source.
    Client,
}

impl FailureOrigin {
    /// The name used in results: `network`, `server`, `content`, `client`.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// The consequences of an [`ErrorType`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ErrorRow {
    /// The name used in results.
    pub name: &'static str,
    /// The stage of the failure if it concerns a source's own document. Below a wrapper it is `resolve`, but [`ErrorType::Filtered`] is
    /// always `select`.
    pub phase: Phase,
    /// The VAST error code (VAST 4.3 section 2.3.6) that is reported; `None` if no code applies. From 1000 on it is a VMAP error code
    /// (VMAP 1.0.1 section 2.5). A [`Failure`](crate::Failure) may have another one: a rejected ad that of its reason, a break that of VMAP.
    pub vast_error_code: Option<u16>,
    /// Whether another attempt is made, if `max_retries` and the remaining time allow it. `Reset` and `HttpStatus` are
    /// retried only in some cases: see [`Failure::is_retried`](crate::Failure::is_retried).
    pub retried: bool,
    /// Where the failure came from; `None` if it is an answer of a source that works: no ad, or an ad that was rejected.
    pub origin: Option<FailureOrigin>,
}

impl ErrorType {
    /// Every error type, in the order of the table.
    pub const ALL: &'static [Self] = <Self as strum::VariantArray>::VARIANTS;

    /// The consequences of this error type: stage, VAST error code, whether it is retried, and where it came from.
    pub fn row(self) -> ErrorRow {
        use FailureOrigin::{Client, Content, Network, Server};
        use Phase::{Fetch, Parse, Resolve, Select};
        let (phase, code, retried, origin) = match self {
            Self::Dns => (Fetch, Some(301), true, Some(Network)),
            Self::Connect => (Fetch, Some(301), true, Some(Network)),
            Self::Tls => (Fetch, Some(301), false, Some(Network)),
            Self::Timeout => (Fetch, Some(301), false, Some(Network)),
            Self::Reset => (Fetch, Some(301), true, Some(Network)),
            Self::HttpStatus => (Fetch, Some(301), true, Some(Server)),
            Self::Redirect => (Fetch, Some(301), false, Some(Server)),
            Self::BlockedAddress => (Fetch, Some(300), false, Some(Content)),
            Self::TooLarge => (Fetch, Some(301), false, Some(Content)),
            Self::Encoding => (Fetch, Some(100), false, Some(Content)),
            Self::NotXml => (Parse, Some(100), false, Some(Content)),
            Self::NotVast => (Parse, Some(101), false, Some(Content)),
            Self::Limit => (Parse, Some(101), false, Some(Content)),
            Self::NoAd => (Parse, Some(303), false, None),
            Self::WrapperUri => (Resolve, Some(300), false, Some(Content)),
            Self::WrapperLimit => (Resolve, Some(302), false, Some(Content)),
            Self::WrapperNoAd => (Resolve, Some(303), false, None),
            Self::Filtered => (Select, Some(200), false, None),
            Self::BreakInvalid => (Parse, Some(1000), false, Some(Content)),
            Self::NestedPlaylist => (Parse, Some(1004), false, Some(Content)),
            Self::UnknownBreak => (Select, None, false, Some(Client)),
            Self::NotRecorded => (Fetch, None, false, Some(Client)),
            Self::Overloaded => (Fetch, Some(900), false, Some(Client)),
            Self::Internal => (Fetch, Some(900), false, Some(Client)),
        };
        ErrorRow { name: self.as_str(), phase, vast_error_code: code, retried, origin }
    }

    /// The name used in results, for example `http_status`.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The VAST error code in `<Error>` URLs. If the table has no code, it is 900 ("undefined").
    pub(crate) fn code(self) -> u16 {
        self.row().vast_error_code.unwrap_or(900)
    }
}

impl fmt::Display for ErrorType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
