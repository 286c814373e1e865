//! The closed set of what can go wrong, and the one table of what follows from each.

use std::fmt;

/// The stage of the pipeline in which something went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "json", derive(schemars::JsonSchema))]
pub enum Phase {
    /// Getting bytes from a source.
    Fetch,
    /// Turning bytes into a document.
    Parse,
    /// Following wrappers.
    Resolve,
    /// Judging ads.
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

/// What went wrong, from a closed set. [`ErrorType::row`] is the one table of what follows from it.
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
    /// A redirect without a usable `Location`, a redirect loop, or more than five redirects.
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
    /// A valid answer without an ad: an empty VAST, HTTP 204, an empty body.
    NoAd,
    /// A wrapper without a usable `VASTAdTagURI`.
    WrapperUri,
    /// More wrappers than allowed on the way to an `InLine`.
    WrapperLimit,
    /// The chain ended without an ad after at least one wrapper.
    WrapperNoAd,
    /// The verdict on the ad was no; the code says why.
    Filtered,
    /// A break of a playlist (VMAP) that cannot be run as it is written: it has no `timeOffset`, its `AdSource` holds nothing, or
    /// nothing handles its `breakType` or `templateType`.
    BreakInvalid,
    /// The ad tag of a break answered with a playlist. Breaks do not nest, so that a break cannot lead to itself.
    NestedPlaylist,
    /// The playlist has no break with the id that was asked for.
    UnknownBreak,
    /// A bug on our side, caught at the edge of the lane.
    Internal,
}

/// What follows from an [`ErrorType`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ErrorRow {
    /// The name used in results.
    pub name: &'static str,
    /// The stage it belongs to when it concerns a source's own document; inside a wrapper chain it is `resolve`.
    pub phase: Phase,
    /// The VAST error code (VAST 4.3 section 2.3.6) it is reported with, where one applies; for the errors of a break the code of
    /// VMAP (VMAP 1.0.1 section 2.5).
    pub vast_error_code: Option<u16>,
    /// Whether another attempt is made, as far as `max_retries` and the time left allow. `Reset` and `HttpStatus` are
    /// repeated only in part: see [`Failure::is_retried`](crate::Failure::is_retried).
    pub retried: bool,
}

impl ErrorType {
    /// Every error type, in the order of the table.
    pub const ALL: &'static [Self] = <Self as strum::VariantArray>::VARIANTS;

    /// The one table: stage, VAST error code, repeated or not.
    pub fn row(self) -> ErrorRow {
        use Phase::{Fetch, Parse, Resolve, Select};
        let (phase, code, retried) = match self {
            Self::Dns => (Fetch, Some(301), true),
            Self::Connect => (Fetch, Some(301), true),
            Self::Tls => (Fetch, Some(301), false),
            Self::Timeout => (Fetch, Some(301), false),
            Self::Reset => (Fetch, Some(301), true),
            Self::HttpStatus => (Fetch, Some(301), true),
            Self::Redirect => (Fetch, Some(301), false),
            Self::BlockedAddress => (Fetch, Some(300), false),
            Self::TooLarge => (Fetch, Some(301), false),
            Self::Encoding => (Fetch, Some(100), false),
            Self::NotXml => (Parse, Some(100), false),
            Self::NotVast => (Parse, Some(101), false),
            Self::Limit => (Parse, Some(101), false),
            Self::NoAd => (Parse, Some(303), false),
            Self::WrapperUri => (Resolve, Some(300), false),
            Self::WrapperLimit => (Resolve, Some(302), false),
            Self::WrapperNoAd => (Resolve, Some(303), false),
            Self::Filtered => (Select, Some(200), false),
            Self::BreakInvalid => (Parse, Some(1000), false),
            Self::NestedPlaylist => (Parse, Some(1004), false),
            Self::UnknownBreak => (Select, None, false),
            Self::Internal => (Fetch, Some(900), false),
        };
        ErrorRow { name: self.as_str(), phase, vast_error_code: code, retried }
    }

    /// The name used in results, for example `http_status`.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The VAST error code in `<Error>` URLs: 900, "undefined", where the table has none.
    pub(crate) fn code(self) -> u16 {
        self.row().vast_error_code.unwrap_or(900)
    }
}

impl fmt::Display for ErrorType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        let mut names: Vec<_> = ErrorType::ALL.iter().map(|error_type| error_type.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ErrorType::ALL.len());
    }
}
