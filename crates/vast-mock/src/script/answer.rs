//! One scripted answer, built in code or read from TOML.

use std::time::Duration;

use bytes::Bytes;

use super::delay::Delay;
use super::encoding::Encoding;
use super::error::Problem;

/// What one request gets. The default is `200 OK` with an empty body, at once.
///
/// `{{NAME}}` in the body, in header values and in the redirect becomes the base URL of the server called NAME,
/// `{{self}}` this server's own, `{{request.path}}` and `{{request.query.KEY}}` what was asked, as it was sent.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Answer {
    pub(crate) path: Option<String>,
    pub(crate) status: Option<u16>,
    pub(crate) delay: Delay,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
    pub(crate) encoding: Option<Encoding>,
    pub(crate) raw: bool,
    pub(crate) fault: Option<Fault>,
    pub(crate) cut: Option<Cut>,
    pub(crate) piece: Option<usize>,
    pub(crate) piece_delay: Delay,
    pub(crate) chunked: bool,
    pub(crate) redirect: Option<String>,
    pub(crate) connection_close: bool,
}

/// What happens instead of a response, before any byte of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Fault {
    /// The connection is reset (TCP RST).
    Reset,
    /// Nothing, for ever.
    Hang,
    /// The connection is closed in order.
    Close,
}

/// What happens after the bytes of a body that is cut short.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum CutEnd {
    /// The connection is closed in order.
    #[default]
    Close,
    /// The connection is reset (TCP RST).
    Reset,
    /// Nothing more, for ever.
    Hang,
}

/// A body that stops early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cut {
    pub(crate) after: usize,
    pub(crate) then: CutEnd,
}

impl Answer {
    /// The default answer.
    pub fn new() -> Self {
        Self::default()
    }

    /// Only for this path, compared without query and after percent-decoding. Answers with the same path form one
    /// sequence; those without a path form the sequence for every other path.
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// The status, 200 by default, 302 with a redirect.
    pub fn status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// The silence before the first byte, or before the fault.
    pub fn delay(mut self, delay: impl Into<Delay>) -> Self {
        self.delay = delay.into();
        self
    }

    /// One more header, in order. One that the mock would set itself (`Content-Length`, `Content-Encoding`,
    /// `Transfer-Encoding`, `Location`, `Connection`) takes its place, true or not.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// The body.
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// Compresses the body and says so in `Content-Encoding`. Limits in bytes then count compressed bytes.
    pub fn encoding(mut self, encoding: Encoding) -> Self {
        self.encoding = Some(encoding);
        self
    }

    /// Says `encoding` in `Content-Encoding` but sends the body as it is: already compressed, or broken on purpose.
    pub fn raw(mut self, encoding: Encoding) -> Self {
        self.encoding = Some(encoding);
        self.raw = true;
        self
    }

    /// No response at all but this, after the delay.
    pub fn fault(mut self, fault: Fault) -> Self {
        self.fault = Some(fault);
        self
    }

    /// Announces the whole body, sends at most `bytes` of it, then does `then`.
    pub fn truncate(mut self, bytes: usize, then: CutEnd) -> Self {
        self.cut = Some(Cut { after: bytes, then });
        self
    }

    /// Sends the body in pieces of so many bytes, each after the delay of [`Answer::piece_delay`]. (`chunk` in TOML.)
    pub fn pieces_of(mut self, bytes: usize) -> Self {
        self.piece = Some(bytes);
        self
    }

    /// The silence before every piece of the body, the first one included: head first, body later. The body is one
    /// piece without [`Answer::pieces_of`]. (`chunk_delay` in TOML.)
    pub fn piece_delay(mut self, delay: impl Into<Delay>) -> Self {
        self.piece_delay = delay.into();
        self
    }

    /// `Transfer-Encoding: chunked` in place of `Content-Length`.
    pub fn chunked(mut self) -> Self {
        self.chunked = true;
        self
    }

    /// Sets `Location`, and the status to 302 unless one is given.
    pub fn redirect(mut self, location: impl Into<String>) -> Self {
        self.redirect = Some(location.into());
        self
    }

    /// Says `Connection: close` and closes after the response.
    pub fn connection_close(mut self) -> Self {
        self.connection_close = true;
        self
    }

    /// Whether the body comes in more than one go.
    pub(crate) fn is_paced(&self) -> bool {
        self.piece.is_some() || self.piece_delay != Delay::Fixed(Duration::ZERO)
    }

    /// The key that cannot be what is meant, and why.
    pub(crate) fn check(&self) -> Result<(), (&'static str, Problem)> {
        let rules = [
            (self.path.as_ref().is_none_or(|path| path.starts_with('/')), "path", Problem::PathWithoutSlash),
            (self.status.is_none_or(|status| (100..=999).contains(&status)), "status", Problem::StatusRange),
            (self.delay.is_valid(), "delay", Problem::DelayBounds),
            (self.piece_delay.is_valid(), "chunk_delay", Problem::DelayBounds),
            (self.piece != Some(0), "chunk", Problem::EmptyPieces),
            (!self.raw || self.encoding.is_some(), "raw", Problem::RawWithoutEncoding),
            (self.headers.iter().all(is_header), "headers", Problem::BadHeader),
            (self.redirect.as_deref().is_none_or(is_header_value), "redirect", Problem::BadHeader),
        ];
        match rules.into_iter().find(|(holds, ..)| !holds) {
            Some((_, key, problem)) => Err((key, problem)),
            None => Ok(()),
        }
    }
}

fn is_header((name, value): &(String, String)) -> bool {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty() && name.bytes().all(token) && is_header_value(value)
}

fn is_header_value(value: &str) -> bool {
    !value.contains(['\r', '\n', '\0'])
}
