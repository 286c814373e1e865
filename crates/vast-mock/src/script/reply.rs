//! What a server does with one request, as a value: all timing is in it.

use std::time::Duration;

use bytes::Bytes;

/// What happens to one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The silence between the whole request and `action`.
    pub after: Duration,
    /// What then happens.
    pub action: Action,
}

/// What happens when the silence is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// A response, whole or broken.
    Respond(Response),
    /// The connection is reset (TCP RST) before any byte of a response.
    Reset,
    /// Nothing, for ever: the client has to give up.
    Hang,
    /// The connection is closed in order before any byte of a response.
    Close,
}

/// A response, in the order in which its pieces are sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The reason phrase, empty for a status that has none.
    pub reason: &'static str,
    /// Everything that the head carries, `Content-Length` or `Transfer-Encoding` included, in order.
    pub headers: Vec<(String, String)>,
    /// How the body is delimited on a wire.
    pub framing: Framing,
    /// The body's bytes without framing. Empty when the request was HEAD and when the status has no body.
    pub parts: Vec<BodyPart>,
    /// What follows the last part.
    pub end: End,
}

impl Response {
    /// Nothing but a status, after which the connection is closed.
    pub(crate) fn refusal(status: u16) -> Self {
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        Self {
            status,
            reason: reason_phrase(status),
            headers: vec![header("Content-Length", "0"), header("Connection", "close")],
            framing: Framing::Length,
            parts: Vec::new(),
            end: End::Complete,
        }
    }

    /// The first header of that name; case does not matter.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// All parts joined: the bytes of the body that the client can receive.
    pub fn body(&self) -> Vec<u8> {
        self.parts.iter().flat_map(|part| part.bytes.iter().copied()).collect()
    }
}

/// How a client sees where the body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// `Content-Length`, or a status without a body.
    Length,
    /// `Transfer-Encoding: chunked`: each part is one chunk, and [`End::Complete`] sends the closing chunk.
    Chunked,
}

/// A piece of the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BodyPart {
    /// The silence before this piece, counted from the one before it, or from the head.
    pub after: Duration,
    /// The piece.
    pub bytes: Bytes,
}

/// What follows the last part of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The response is whole; the connection may be used again, unless the response says `Connection: close`.
    Complete,
    /// The connection is closed in order although more was announced.
    Close,
    /// The connection is reset (TCP RST).
    Reset,
    /// Nothing more, for ever.
    Hang,
}

/// The phrase of RFC 9110 for the codes that ad servers send.
pub(crate) const fn reason_phrase(status: u16) -> &'static str {
    match status {
        200 => "OK",
        204 => "No Content",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        410 => "Gone",
        411 => "Length Required",
        413 => "Content Too Large",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "",
    }
}
