//! One scripted answer, built in code or read from TOML.

use std::time::Duration;

use bytes::Bytes;

use super::delay::Delay;
use super::encoding::Encoding;
use super::error::Problem;

/// The answer to one request. The default is `200 OK` with an empty body, without delay.
///
/// In the body, in header values and in the redirect, `{{NAME}}` becomes the base URL of the server NAME, and `{{self}}`
/// the base URL of this server. `{{request.path}}` and `{{request.query.KEY}}` become parts of the request, as they were
/// sent.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Answer {
    pub(crate) path: Option<String>,
    pub(crate) status: Option<u16>,
    pub(crate) delay: Delay,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
    pub(crate) encoding: Option<Encoding>,
    pub(crate) raw: bool,
    pub(crate) wire: bool,
    pub(crate) fault: Option<Fault>,
    pub(crate) cut: Option<Cut>,
    pub(crate) piece: Option<usize>,
    pub(crate) piece_delay: Delay,
    pub(crate) chunked: bool,
    pub(crate) redirect: Option<String>,
    pub(crate) connection_close: bool,
}

/// The fault of a server: the action that it performs instead of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Fault {
    /// The connection is reset (TCP RST).
    Reset,
    /// The server sends nothing until the client closes the connection.
    Hang,
    /// The connection is closed normally (TCP FIN).
    Close,
}

/// The action after the bytes of a body that is cut short.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum CutEnd {
    /// The connection is closed normally (TCP FIN).
    #[default]
    Close,
    /// The connection is reset (TCP RST).
    Reset,
    /// The server sends nothing more until the client closes the connection.
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

    /// Use this answer for this path only. Paths are compared without query and after percent-decoding. The answers with
    /// one path form a sequence; those without a path form the sequence for all other paths.
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// The status. Default 200, or 302 with a redirect.
    pub fn status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// The wait before the first byte, or before the fault.
    pub fn delay(mut self, delay: impl Into<Delay>) -> Self {
        self.delay = delay.into();
        self
    }

    /// Adds a header, after those that were added before. A header that the mock would set itself (`Content-Length`,
    /// `Content-Encoding`, `Transfer-Encoding`, `Location`, `Connection`) is replaced by this one, even if the value is
    /// wrong.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// The body.
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// Compresses the body and sets `Content-Encoding`. Limits in bytes then count compressed bytes.
    pub fn encoding(mut self, encoding: Encoding) -> Self {
        self.encoding = Some(encoding);
        self
    }

    /// Sets `Content-Encoding` to `encoding` but sends the body unchanged: the body is already compressed, or it is broken
    /// on purpose.
    pub fn raw(mut self, encoding: Encoding) -> Self {
        self.encoding = Some(encoding);
        self.raw = true;
        self
    }

    /// The whole response as bytes: the mock sends them and nothing else, so that they need not be HTTP. Then it closes the connection,
    /// unless [`Answer::truncate`] says what to do after more bytes than there are. A transport in memory cannot perform this. (`wire =
    /// true` in TOML, where the body has the bytes.)
    pub fn wire(mut self, response: impl Into<Bytes>) -> Self {
        self.wire = true;
        self.body(response)
    }

    /// This fault instead of a response, after the delay.
    pub fn fault(mut self, fault: Fault) -> Self {
        self.fault = Some(fault);
        self
    }

    /// Announces the whole body, sends at most `bytes` of it, and then performs `then`.
    pub fn truncate(mut self, bytes: usize, then: CutEnd) -> Self {
        self.cut = Some(Cut { after: bytes, then });
        self
    }

    /// Sends the body in pieces of this size, each after the delay of [`Answer::piece_delay`]. (`chunk` in TOML.)
    pub fn pieces_of(mut self, bytes: usize) -> Self {
        self.piece = Some(bytes);
        self
    }

    /// The wait before every piece of the body, including the first one; the head is sent before it. Without
    /// [`Answer::pieces_of`] the body is one piece. (`chunk_delay` in TOML.)
    pub fn piece_delay(mut self, delay: impl Into<Delay>) -> Self {
        self.piece_delay = delay.into();
        self
    }

    /// Uses `Transfer-Encoding: chunked` instead of `Content-Length`.
    pub fn chunked(mut self) -> Self {
        self.chunked = true;
        self
    }

    /// Sets `Location`, and the status to 302 if no status is given.
    pub fn redirect(mut self, location: impl Into<String>) -> Self {
        self.redirect = Some(location.into());
        self
    }

    /// Sends `Connection: close` and closes the connection after the response.
    pub fn connection_close(mut self) -> Self {
        self.connection_close = true;
        self
    }

    /// Whether the body is sent in more than one piece.
    pub(crate) fn is_paced(&self) -> bool {
        self.piece.is_some() || self.piece_delay != Delay::Fixed(Duration::ZERO)
    }

    /// Whether a value says what the head of the response is.
    fn has_own_head(&self) -> bool {
        let has_text = self.status.is_some() || self.redirect.is_some() || !self.headers.is_empty();
        has_text || self.encoding.is_some() || self.chunked || self.connection_close
    }

    /// Checks the values. The error is a key with an invalid value, and the problem.
    pub(crate) fn check(&self) -> Result<(), (&'static str, Problem)> {
        let rules = [
            (self.path.as_ref().is_none_or(|path| path.starts_with('/')), "path", Problem::PathWithoutSlash),
            (self.status.is_none_or(|status| (100..=999).contains(&status)), "status", Problem::StatusRange),
            (self.delay.is_valid(), "delay", Problem::DelayBounds),
            (self.piece_delay.is_valid(), "chunk_delay", Problem::DelayBounds),
            (self.piece != Some(0), "chunk", Problem::EmptyPieces),
            (!self.raw || self.encoding.is_some(), "raw", Problem::RawWithoutEncoding),
            (!self.wire || !self.has_own_head(), "wire", Problem::WireWithHead),
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
