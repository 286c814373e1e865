//! A reply: what a server does with one request, as a value with all its timing.

use std::time::Duration;

use bytes::Bytes;

/// What a server does with one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The wait between the end of the request and `action`.
    pub after: Duration,
    /// The action of the server after the wait.
    pub action: Action,
}

/// The action of a server after the wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Sends a response, complete or broken.
    Respond(Response),
    /// Resets the connection (TCP RST) and sends no byte of a response.
    Reset,
    /// Sends nothing. The client has to give up.
    Hang,
    /// Closes the connection normally and sends no byte of a response.
    Close,
}

/// A response. Its pieces are in the order in which they are sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The reason phrase; empty if the status has none.
    pub reason: &'static str,
    /// All headers in order, including `Content-Length` or `Transfer-Encoding`.
    pub headers: Vec<(String, String)>,
    /// How the body is delimited on a wire.
    pub framing: Framing,
    /// The bytes of the body without framing. Empty if the request was HEAD or the status has no body.
    pub parts: Vec<BodyPart>,
    /// The end of the response, after the last part.
    pub end: End,
}

impl Response {
    /// A response with a status only. The connection is closed after it.
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

    /// The first header with this name, compared without regard to case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// All parts joined: the bytes of the body that the client can receive.
    pub fn body(&self) -> Vec<u8> {
        self.parts.iter().flat_map(|part| part.bytes.iter().copied()).collect()
    }
}

/// How the end of the body is marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// `Content-Length`, or a status without a body.
    Length,
    /// `Transfer-Encoding: chunked`: each part is one chunk, and [`End::Complete`] sends the closing chunk.
    Chunked,
    /// The parts are the whole response, its head included, and the other fields are not sent.
    Wire,
}

/// A piece of the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BodyPart {
    /// The wait before this piece, after the one before it or after the head.
    pub after: Duration,
    /// The piece.
    pub bytes: Bytes,
}

/// The end of a response, after the last part of its body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The response is complete. The connection may be used again, unless the response says `Connection: close`.
    Complete,
    /// The connection is closed normally, although more bytes were announced.
    Close,
    /// The connection is reset (TCP RST).
    Reset,
    /// Nothing more is sent.
    Hang,
}

/// The reason phrase of RFC 9110 for the statuses that ad servers send.
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
