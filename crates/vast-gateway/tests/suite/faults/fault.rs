//! One fault of an ad server, and the outcome that it must have.

use vast_client::ErrorType;
use vast_mock::{Answer, CutEnd};

use super::tls_server::Manner;

/// A row of the matrix.
pub(crate) struct Fault {
    pub(crate) group: Group,
    /// The name, also of its server.
    pub(crate) name: &'static str,
    /// What the ad server does.
    pub(crate) what: &'static str,
    pub(crate) server: FaultServer,
    pub(crate) outcome: SourceEnd,
}

/// Where a fault occurs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::VariantArray)]
pub(crate) enum Group {
    Connection,
    Tls,
    Head,
    Length,
    Status,
    Redirect,
    Encoding,
    Http2,
    Document,
    Ad,
    Wrapper,
}

impl Group {
    /// The heading in the documentation.
    pub(crate) const fn heading(self) -> &'static str {
        match self {
            Self::Connection => "Names and connections",
            Self::Tls => "TLS",
            Self::Head => "The head of the response",
            Self::Length => "The length of the body",
            Self::Status => "Statuses",
            Self::Redirect => "Redirects",
            Self::Encoding => "Content encodings",
            Self::Http2 => "HTTP/2",
            Self::Document => "Documents",
            Self::Ad => "Ads",
            Self::Wrapper => "Wrappers",
        }
    }
}

/// The server of a fault.
pub(crate) enum FaultServer {
    /// A scripted server. Its answers are given in order, the last one again and again.
    Script(Vec<Answer>),
    /// A URL that leads to no server.
    Url(&'static str),
    /// A port on which no server listens.
    Refused,
    /// A server that reads nothing: it sends these bytes to each new connection, and then performs the end. With `is_tls` its URL begins
    /// with `https`.
    AtConnect { is_tls: bool, bytes: &'static [u8], end: CutEnd },
    /// A server with TLS. `is_trusted` says whether the client trusts the authority of its certificate.
    Tls { manner: Manner<'static>, is_trusted: bool },
    /// A server that answers each HTTP/2 request with these frames, which have the stream number 1.
    Http2(Vec<u8>),
}

/// How the source with the fault ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SourceEnd {
    /// It has a usable ad in spite of the fault.
    Filled,
    /// It has no ad, for this reason.
    Error(ErrorType),
}

impl SourceEnd {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Filled => "filled",
            Self::Error(error) => error.as_str(),
        }
    }

    /// The value of `X-Vast-Outcome` if no other source has an ad.
    pub(crate) const fn gateway_outcome(self) -> &'static str {
        match self {
            Self::Filled => "filled",
            Self::Error(ErrorType::NoAd | ErrorType::WrapperNoAd | ErrorType::Filtered) => "no_ad",
            Self::Error(ErrorType::Timeout) => "timeout",
            Self::Error(_) => "failed",
        }
    }
}
